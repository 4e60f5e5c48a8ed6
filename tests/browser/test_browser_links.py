"""Every link and anchor of every built page leads somewhere, and nothing comes from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from html_reading import Read, read


@pytest.fixture(scope="session")
def pages(site_dir: Path) -> dict[Path, Read]:
    return {f: read(f.read_text(encoding="utf-8")) for f in sorted(site_dir.rglob("*.html"))}


def target(site: Path, page: Path, link: str) -> Path:
    path = (page.parent / unquote(urlsplit(link).path)) if urlsplit(link).path else page
    resolved = path.resolve()
    assert resolved.is_relative_to(site.resolve()), f"{page}: {link} leaves the site"
    return resolved / "index.html" if resolved.is_dir() else resolved


def test_links_and_anchors(site_dir: Path, pages: dict[Path, Read]) -> None:
    broken = []
    by_place = {file.resolve(): page for file, page in pages.items()}
    for file, page in pages.items():
        if file.name == "404.html":  # served at any depth: its links start at the root
            continue
        for link in set(page.links):
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                continue
            assert not parts.scheme and not link.startswith("/"), f"{file}: {link}"
            place = target(site_dir, file, link)
            if not place.is_file():
                broken.append(f"{file.relative_to(site_dir)}: {link}")
            elif parts.fragment and place.suffix == ".html":
                known = by_place[place].ids
                if unquote(parts.fragment) not in known and parts.fragment != "__skip":
                    broken.append(f"{file.relative_to(site_dir)}: {link} has no such anchor")
    assert not broken, "\n".join(broken[:20])


def test_nothing_is_fetched_from_another_host(pages: dict[Path, Read], site_dir: Path) -> None:
    for file, page in pages.items():
        for tag, attributes in page.elements:
            for name in ("src", "srcset", "poster", "data"):
                assert "//" not in (attributes.get(name) or ""), (file, tag, attributes)
            if tag == "link" and attributes.get("rel") != "canonical":  # an address, not a request
                assert "//" not in (attributes.get("href") or ""), (file, attributes)
    for sheet in site_dir.rglob("assets/css/*.css"):
        for url in re.findall(r"url\(([^)]*)\)", sheet.read_text(encoding="utf-8")):
            bare = url.strip("\"'")
            assert bare.startswith("data:") or (sheet.parent / bare).is_file(), (sheet, url)


def test_pages_have_one_title_a_lead_and_a_way_on(pages: dict[Path, Read], site_dir: Path) -> None:
    for file, page in pages.items():
        tags = [tag for tag, _ in page.elements]
        assert tags.count("h1") == 1, file
        if file.name == "404.html":
            continue
        classes = " ".join(a.get("class") or "" for _, a in page.elements).split()
        assert "lead" in classes and "doors" in classes, file
        ids = [a["id"] for _, a in page.elements if a.get("id")]
        assert len(ids) == len(set(ids)), (file, sorted(i for i in ids if ids.count(i) > 1))


def test_pages_are_light(site_dir: Path) -> None:
    import gzip

    sizes = {
        f.relative_to(site_dir).as_posix(): len(gzip.compress(f.read_bytes(), 6))
        for f in site_dir.rglob("*.html")
    }
    papers = [
        size for path, size in sizes.items() if path.startswith("papers/") and "/" in path[7:]
    ]
    assert max(s for p, s in sizes.items() if re.match(r"papers/[^/]+/index", p)) <= 8 * 1024
    assert sorted(sizes.values())[len(sizes) // 2] <= 6 * 1024
    assert papers
    index = gzip.compress((site_dir / "search/search_index.json").read_bytes(), 6)
    assert len(index) < 60_000  # asked for on the page of a paper, which loads 91 kB before
