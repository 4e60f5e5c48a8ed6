"""On paper: the text without the frame, dark on white, and where its links lead."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

AFTER = "e => getComputedStyle(e, '::after').content"


@pytest.mark.parametrize("path", ["papers/ho2020denoising/", "frameworks/ddpm/"])
def test_a_page_on_paper(visit: Callable[[str], Page], page: Page, path: str) -> None:
    page.emulate_media(color_scheme="dark")
    visit(path)
    page.emulate_media(media="print", color_scheme="dark")
    for frame in (".md-header", ".md-sidebar", ".md-footer", ".doors", ".suggest", ".crumbs"):
        for part in page.locator(frame).all():
            expect(part).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    ink = page.locator("h1").evaluate("e => getComputedStyle(e).color")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ink, ground) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    for link in page.locator("a[rel=noopener]:visible").all():
        assert link.get_attribute("href") in link.evaluate(AFTER)
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 1 <= len(sheets) <= 12
    # Nothing is wider than an A4 sheet with its margins.
    page.set_viewport_size({"width": 718, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
