"""Tables on a phone: words stay whole, sources have room, and what is too wide scrolls."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from pages import PAGES

# Words of cells that stand on two lines; addresses and code may break anywhere.
BROKEN = """() => {
  const SKIPPED = "math, svg, code, [rel~=noopener], .visually-hidden", broken = new Set();
  for (const cell of document.querySelectorAll(".md-content :is(td, th)")) {
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const text = walk.currentNode, range = document.createRange();
      if (text.parentElement.closest(SKIPPED)) continue;
      for (const found of text.data.matchAll(/\\p{L}+/gu)) {
        range.setStart(text, found.index);
        range.setEnd(text, found.index + found[0].length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (lines.size > 1) broken.add(found[0]);
      }
    }
  }
  return [...broken];
}"""


@pytest.mark.parametrize(
    "name",
    [
        "data set",
        "paper",
        "results",
        "speed",
        "matrix",
        "explorer",
        "coverage",
        "about",
        "compared",
    ],
)
def test_words_of_tables_stay_whole(visit: Callable[[str], Page], page: Page, name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    visit(PAGES[name])
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    assert page.evaluate(BROKEN) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(
    "path", ["papers/yin2023one/", "papers/wyatt2022anoddpm/", "frameworks/latent-diffusion/"]
)
def test_a_long_name_in_the_table_of_sources_breaks(
    visit: Callable[[str], Page], page: Page, path: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    visit(path)  # a DOI or a file without a space is wider than its column
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    expect(page.locator("table.facts-by-source")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_sources_of_results_have_room(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(PAGES["data set"])
    sources = page.locator("table.results td:has(a[rel~=noopener])")
    widths = sources.evaluate_all("all => all.map((cell) => cell.clientWidth)")
    assert len(widths) > 10 and min(widths) >= 140


@pytest.mark.parametrize("path", ["timeline/", "explore/?view=timeline"])
def test_a_timeline_starts_at_its_newest_end(
    visit: Callable[[str], Page], page: Page, path: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(path)
    place = page.locator("figure.timeline > .scroll")
    expect(place).to_have_class(re.compile("lanes-stay"))
    left = "e => e.scrollWidth - e.clientWidth - e.scrollLeft"
    assert place.evaluate(left) <= 1 < place.evaluate("e => e.scrollLeft")
    # The lanes' names are in sight, here and after scrolling back.
    name = place.locator("text.lane").first
    frame = place.bounding_box()
    assert frame
    for scrolled in (None, 0, 150):
        if scrolled is not None:
            place.evaluate("(e, to) => (e.scrollLeft = to)", scrolled)
            page.wait_for_timeout(100)
        box = name.bounding_box()
        assert box and abs(box["x"] - frame["x"]) < 10  # a halo is round it


def test_what_scrolls_shades_the_edge_with_more(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit("results/")
    place = page.locator(".front .scroll").first
    assert place.evaluate("e => e.scrollWidth > e.clientWidth")
    assert place.evaluate("e => getComputedStyle(e).backgroundAttachment") == (
        "local, local, scroll, scroll"
    )


def test_without_scripts_a_timeline_stands_as_it_is(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{base}timeline/")
    expect(page.locator("figure.timeline text.lane").first).to_be_visible()
    context.close()
