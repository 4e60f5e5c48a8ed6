"""Text of the catalog stays text where scripts write it: the explorer, the comparison, the choice.

The site is the real one; its data are replaced by those of a catalog whose every text is hostile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hostile import ENTITIES, PAPER, write_entity, write_hostile_catalog
from playwright.sync_api import Page, Route, expect
from roots import bare_root


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``docs`` folder that the generator makes of the hostile catalog."""
    from tools.pages import generate

    import diffatlas
    from diffatlas.catalog import compiled

    root = bare_root(tmp_path_factory.mktemp("hostile"))
    write_hostile_catalog(root / "catalog")
    (record,) = ENTITIES["papers"]
    second = {**record, "id": "evil2021again", "year": 2021, "relations": {"builds_on": [PAPER]}}
    for key in ("arxiv", "doi", "aliases"):
        second.pop(key)
    write_entity(root / "catalog", "papers", second)
    compiled.write(compiled.compile_catalog(root / "catalog"), root / "compiled")
    generate(diffatlas.load(root / "compiled"), root)
    return root / "docs"


@pytest.fixture
def attacked(page: Page, base: str, planted: Path) -> Iterator[Callable[[str], Page]]:
    """Open a page of the real site that gets the hostile catalog's data; nothing may come of it."""
    ran: list[str] = []
    asked: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(base).split("?")[0]
        own = planted / path
        if own.is_file():
            route.fulfill(path=own)
        else:
            route.fulfill(status=404)

    page.route("**/*.json", answer)

    def go(path: str) -> Page:
        page.goto(base + path)
        return page

    yield go
    page.wait_for_timeout(200)
    assert not ran
    assert not [url for url in asked if not url.startswith(base)]
    for selector in ("img[src*=evil]", "[onerror]", "[onmouseover]", "[onclick]"):
        assert page.locator(selector).count() == 0, selector
    hrefs = page.locator("a").evaluate_all("all => all.map((a) => a.getAttribute('href') ?? '')")
    assert not [href for href in hrefs if re.match(r"\s*(javascript|data):", href, re.I)]


@pytest.mark.parametrize("view", ["table", "cards", "matrix", "timeline", "graph"])
def test_the_explorer(attacked: Callable[[str], Page], view: str) -> None:
    page = attacked(f"explore/?view={view}&show=frameworks,tasks,conditions,datasets,venue")
    expect(page.get_by_role("status")).to_contain_text("2 papers of 2")
    place = page.locator(".explorer .main")
    expect(place).to_contain_text("<script>alert(1)</script>")
    for summary in page.locator(".facets summary").all():
        summary.click()
    expect(page.locator(".facets")).to_contain_text("<script>")
    if view == "table":
        page.locator("tr[data-row] .fold").first.click()
        expect(page.locator("tr.opened")).to_contain_text("<script>alert(1)</script>")


def test_a_filter_from_the_address(attacked: Callable[[str], Page]) -> None:
    page = attacked("explore/?filter=task:%3Cimg%20src=x%20onerror=alert(1)%3E")
    expect(page.get_by_role("alert")).to_contain_text("<img")


def test_the_comparison(attacked: Callable[[str], Page]) -> None:
    page = attacked(f"compare/?kind=papers&ids={PAPER},evil2021again")
    expect(page.locator("#compare")).to_contain_text("<script>alert(1)</script>")
    page.goto(page.url.split("?")[0] + "?kind=frameworks&ids=ddpm,ncsn")
    expect(page.locator("#compare")).to_contain_text("<script>alert(1)</script>")


def test_the_choice(attacked: Callable[[str], Page]) -> None:
    page = attacked("choose/?task=paint")
    place = page.locator("#choose")
    for part in ("form", "ol.ranked"):
        expect(place.locator(part)).to_contain_text("<script>alert(1)</script>")
