"""What leads from the site to its data and its makers: corrections, JSON, feed, downloads."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

import diffatlas

ATOM = "{http://www.w3.org/2005/Atom}"


def asked(href: str | None) -> tuple[str, dict[str, list[str]]]:
    """Address and query of a link."""
    parts = urlsplit(href or "")
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qs(parts.query)


@pytest.mark.parametrize("path", ["papers/ho2020denoising", "tasks/inpainting", "baselines/ddpm"])
def test_a_correction_names_the_entry(page: Page, base: str, path: str) -> None:
    page.goto(f"{base}{path}/")
    link = page.get_by_role("link", name="Suggest a correction", exact=True)
    address, query = asked(link.get_attribute("href"))
    assert address == "https://example.org/atlas/issues/new"
    assert query["title"] == [f"Correction: {path}"]
    assert f"Entry: {path}" in query["body"][0]


def test_a_correction_beside_a_value_names_field_and_value(page: Page, base: str) -> None:
    page.goto(f"{base}papers/ho2020denoising/")
    row = page.locator("dl.facts > div").filter(has_text="Authors")
    link = row.get_by_role("link", name="Suggest a correction of this value: Authors")
    expect(link).to_be_attached()
    _, query = asked(link.get_attribute("href"))
    assert query["title"] == ["Correction: papers/ho2020denoising, Authors"]
    assert "Value: Jonathan Ho, Ajay Jain, Pieter Abbeel" in query["body"][0]


def test_every_entity_has_its_json(site_dir: Path) -> None:
    folder = site_dir / "api" / "v1"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert index["api"] == 1
    atlas = diffatlas.load()
    for kind, about in index["kinds"].items():
        listed = json.loads((folder / about["list"]).read_text(encoding="utf-8"))
        assert len(listed) == about["count"] == len(atlas.records(kind))
        for item in listed:
            entity = json.loads((folder / item["url"]).read_text(encoding="utf-8"))
            assert entity == {"kind": kind, **atlas.records(kind)[item["id"]]}
            if "page" in item:
                assert (folder / item["page"] / "index.html").is_file()


def test_the_feed_is_valid_atom_and_its_links_resolve(site_dir: Path, address: str) -> None:
    feed = ElementTree.parse(site_dir / "feed.xml").getroot()
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    days = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert days == sorted(days, reverse=True)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        assert entry.findtext(f"{ATOM}title")
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert (site_dir / link.attrib["href"].removeprefix(address) / "index.html").is_file()


def test_downloads_are_what_the_library_exports(page: Page, base: str, site_dir: Path) -> None:
    page.goto(f"{base}data/")
    with page.expect_download() as waiting:
        page.get_by_role("row", name="papers").get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8"))))
    assert [row["id"] for row in rows] == list(diffatlas.load().papers["id"])
    package = json.loads((site_dir / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        assert (site_dir / "data" / resource["path"]).is_file()
