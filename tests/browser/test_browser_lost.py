"""The page for an address that names nothing, at any depth; what is there for machines alone."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("path", ["nothing", "papers/nobody2020nothing/", "a/b/c/d/"])
def test_a_lost_visitor_can_search(page: Page, base: str, path: str) -> None:
    answer = page.goto(base + path)
    assert answer is not None and answer.status == 404
    expect(page.locator("h1")).to_have_text("No such page")
    expect(page.locator(".lead")).to_contain_text(
        "it may be mistyped, or lead to what this version"
    )
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgba(0, 0, 0, 0)"
    page.get_by_label("Search the papers").fill("latent diffusion")
    page.get_by_label("Search the papers").press("Enter")
    expect(page.locator(".explorer .found")).to_contain_text("paper")
    assert page.url.startswith(f"{base}explore/?filter=latent")


def test_the_sitemap_names_every_page(site_dir: Path, base: str) -> None:
    sitemap = (site_dir / "sitemap.xml").read_text(encoding="utf-8")
    named = re.findall(r"<loc>(.*?)</loc>", sitemap)
    built = [f.parent.relative_to(site_dir).as_posix() for f in site_dir.rglob("index.html")]
    assert sorted(named) == sorted(base if at == "." else f"{base}{at}/" for at in built)
    robots = (site_dir / "robots.txt").read_text(encoding="utf-8")
    assert f"Sitemap: {base}sitemap.xml" in robots and "Disallow" not in robots


def test_every_page_names_its_markdown_which_leads_where_the_page_leads(site_dir: Path) -> None:
    reader = MarkdownIt("commonmark").enable("table")
    broken = []
    for page in sorted(site_dir.rglob("index.html")):
        source = page.read_text(encoding="utf-8")
        assert '<link rel="alternate " type="text/markdown" href="index.html.md">' in source, page
        twin = (page.parent / "index.html.md").read_text(encoding="utf-8")
        assert twin.startswith("# "), page
        for token in reader.parse(twin):
            for child in token.children or []:
                link = str(child.attrs.get("href") or child.attrs.get("src") or "")
                if link and not urlsplit(link).scheme:
                    place = page.parent / unquote(urlsplit(link).path)
                    if not (place / "index.html" if place.is_dir() else place).is_file():
                        broken.append(f"{page.parent.relative_to(site_dir)}: {link}")
    assert not broken, "\n".join(broken[:20])


def test_what_llms_txt_names_is_there(site_dir: Path) -> None:
    told = (site_dir / "llms.txt").read_text(encoding="utf-8")
    assert told.startswith("# Diffusion Atlas\n\n> ")
    links = re.findall(r"\]\(([^)]+)\)", told)
    assert len(links) > 15
    for link in links:
        target = site_dir / link
        assert (target / "index.html" if link.endswith("/") else target).is_file(), link
