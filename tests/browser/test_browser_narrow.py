"""Tables on a phone: words stay whole, sources have room, and what is too wide scrolls by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

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


def test_sources_of_results_have_room(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(PAGES["data set"])
    sources = page.locator("table.results td:has(a[rel~=noopener])")
    widths = sources.evaluate_all("all => all.map((cell) => cell.clientWidth)")
    assert len(widths) > 10 and min(widths) >= 140
