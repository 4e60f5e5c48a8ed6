"""Pages that replace each other without a reload: what scripts do, they do once a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

# Counts what is listened to on the window and the document, less what a signal ended.
COUNT = """(() => {
  const own = EventTarget.prototype.addEventListener;
  window.loads = (window.loads ?? 0) + 1;
  window.listening = 0;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    if (this === window && type === "popstate") {
      window.listening++;
      options?.signal?.addEventListener("abort", () => window.listening--);
    }
    return own.call(this, type, listener, options);
  };
})()"""


def state(page: Page) -> list[int]:
    """How many explorers there are, and popstate listeners."""
    return page.evaluate("[document.querySelectorAll('.explorer').length, window.listening]")


def test_home_framework_explorer_back_forward(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.add_init_script(COUNT)
    visit("")
    page.evaluate("window.same = true")  # gone after a reload
    tabs = page.locator(".da-tabs")
    page.wait_for_load_state("networkidle")  # the sitemap is there
    at_rest = state(page)[1]

    page.locator(".doors .fw.ddpm").click()
    expect(page.locator("h1")).to_contain_text("Denoising diffusion probabilistic")
    expect(page.locator("div.formula math").first).to_be_visible()
    expect(tabs.locator("[aria-current]")).to_have_text("Frameworks")
    assert page.title().startswith("Denoising diffusion probabilistic")

    tabs.get_by_text("Explore").click()
    expect(page.locator(".explorer tbody tr").first).to_be_visible()
    expect(tabs.locator("[aria-current=page]")).to_have_text("Explore")
    assert state(page) == [1, at_rest]
    everything = page.locator(".found").inner_text()
    page.locator("#explorer-filter").fill("framework:sde")
    page.keyboard.press("Enter")
    expect(page.locator(".found")).not_to_have_text(everything)
    shown = page.locator(".found").inner_text()

    tabs.get_by_text("Query").click()
    expect(page.locator("h1")).to_have_text("Query the catalog")
    assert state(page) == [0, at_rest]
    assert page.locator("button.copy").count() == page.locator(".highlight pre").count()

    page.go_back()
    expect(page.locator(".found")).to_have_text(shown)
    assert page.locator("#explorer-filter").input_value() == "framework:sde"
    assert state(page) == [1, at_rest]
    for _ in range(3):
        page.go_forward()
        expect(page.locator("h1")).to_have_text("Query the catalog")
        page.go_back()
        expect(page.locator(".found")).to_have_text(shown)
    assert state(page) == [1, at_rest]
    assert page.evaluate("[window.same, window.loads]") == [True, 1]


def test_tables_sort_once_a_click_after_coming_back(
    visit: Callable[[str], Page], page: Page
) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    visit("papers/")
    page.wait_for_load_state("networkidle")
    page.locator(".da-tabs").get_by_text("Matrix").click()
    expect(page.locator("h1")).to_have_text("Matrix")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Papers")
    head = page.locator("table.papers th").nth(1)
    expect(head.get_by_role("button")).to_have_count(1)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")


@pytest.mark.parametrize(
    ("first", "second", "shows"),
    [
        ("choose/?nfe=one", "likelihood", "ol.ranked > li"),
        ("compare/?ids=ddpm,ncsn", "only", "table.side tr[data-field]"),
        ("explore/?filter=framework:sde", "filter", ".explorer tbody tr"),
    ],
)
def test_back_within_a_page_does_not_fetch_it_again(
    visit: Callable[[str], Page], page: Page, first: str, second: str, shows: str
) -> None:
    """The theme would: its first popstate is a page that it does not know yet."""
    visit(first)
    expect(page.locator(shows).first).to_be_attached()
    before = page.locator(shows).count()
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    if second == "likelihood":
        page.get_by_label("Is a likelihood needed?").select_option("exact")
    elif second == "only":
        page.get_by_role("button", name=re.compile("^Remove ")).first.click()
    else:
        page.locator("#explorer-filter").fill("framework:sde year:2021")
        page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile(re.escape(first) + "$"))
    page.go_back()
    expect(page).to_have_url(re.compile(re.escape(first) + "$"))
    expect(page.locator(shows)).to_have_count(before)
    page.wait_for_load_state("networkidle")
    pages = {urlsplit(page.url).path, urlsplit(page.url).path + "index.html"}
    assert not [url for url in asked if urlsplit(url).path in pages]
