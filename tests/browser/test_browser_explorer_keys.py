"""The explorer by keyboard, on a bad line, and what is taken away of a selection."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

import diffatlas

ATLAS = diffatlas.load()
EVERYTHING = f"{len(ATLAS.papers)} papers of"


@pytest.fixture
def explore(page: Page, base: str) -> Callable[..., Page]:
    """Open the explorer with a query, once it has told how many papers there are."""

    def go(**query: str) -> Page:
        page.goto(f"{base}explore/?{urlencode(query)}")
        expect(page.locator(".found")).to_contain_text("of")
        return page

    return go


def focused(page: Page, locator: str) -> None:
    """What has the focus is a live element, the one that is meant."""
    expect(page.locator(locator)).to_be_focused()
    assert page.evaluate("document.activeElement.isConnected && document.activeElement.tagName")


# -- the focus -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["title", "date", "frameworks"])
def test_sorting_keeps_the_focus(explore: Callable[..., Page], key: str) -> None:
    page = explore(filter="framework:sde")
    head = f"th[data-key={key}]"
    before = page.locator(head).get_attribute("aria-sort")
    page.locator(f"{head} button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{head}[aria-sort]")).not_to_have_attribute("aria-sort", before or "")
    focused(page, f"{head} button")


def test_choosing_a_column_keeps_the_focus(explore: Callable[..., Page]) -> None:
    page = explore(filter="framework:sde")
    page.locator(".columns-shown summary").click()
    page.locator(".columns-shown").get_by_label("Venue").focus()
    page.keyboard.press("Space")
    expect(page.locator("th[data-key=venue]")).to_be_visible()
    box = page.locator(".columns-shown").get_by_label("Venue")
    expect(box).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("th[data-key=venue]")).to_have_count(0)
    expect(box).to_be_focused()


@pytest.mark.parametrize("name", ["Cards", "Matrix", "Timeline", "Relations"])
def test_switching_the_view_keeps_the_focus(explore: Callable[..., Page], name: str) -> None:
    page = explore(filter="framework:sde year:2021")
    page.locator(".views").get_by_text(name).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".views [aria-current]")).to_have_text(name)
    expect(page.locator("table.found-papers")).to_have_count(0)
    focused(page, ".views [aria-current]")


@pytest.mark.parametrize(
    ("view", "paper"),
    [("table", "tr[data-row] td:nth-child(2) a"), ("cards", ".main .cards h2 a")],
)
def test_more_leads_to_the_first_new_paper(
    explore: Callable[..., Page], view: str, paper: str
) -> None:
    page = explore(view=view)
    expect(page.locator(paper)).to_have_count(50)
    page.locator(".more button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(paper)).to_have_count(300)
    expect(page.locator(paper).nth(50)).to_be_focused()


def test_the_matrix_keeps_the_focus(explore: Callable[..., Page]) -> None:
    page = explore(view="matrix", filter="year:2021..")
    axis = page.locator(".axes select").first
    axis.focus()
    for head in ("task", "condition"):  # an arrow key, then another: the list goes on from there
        page.keyboard.press("ArrowDown")
        expect(page).to_have_url(
            f"{page.url.partition('?')[0]}?filter=year%3A2021..&view=matrix&rows={head}"
        )
        expect(page.locator(".axes select").first).to_have_value(head)
        expect(page.locator(".axes select").first).to_be_focused()
    every = page.locator(".axes button", has_text="columns")
    every.focus()
    page.keyboard.press("Enter")
    expect(every).to_have_attribute("aria-pressed", "true")
    expect(every).to_be_focused()


def test_a_cell_of_the_matrix_leads_to_the_table(explore: Callable[..., Page]) -> None:
    page = explore(view="matrix")
    page.locator("table.matrix td a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.found-papers")).to_be_visible()
    focused(page, ".views [aria-current]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.views') !== null")


def test_an_opened_row_keeps_the_focus(explore: Callable[..., Page]) -> None:
    page = explore()
    fold = page.locator("tr[data-row] .fold").nth(3)
    for state in ("true", "false"):
        fold.focus()
        page.keyboard.press("Enter")
        expect(fold).to_have_attribute("aria-expanded", state)
        expect(fold).to_be_focused()


# -- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["foo:bar", "framework:nothing-of-this-name"])
def test_a_link_that_is_not_understood_shows_all_papers(
    explore: Callable[..., Page], text: str
) -> None:
    page = explore(filter=text)
    expect(page.get_by_role("alert")).to_contain_text("There is no")
    expect(page.locator(".found")).to_contain_text(EVERYTHING)
    expect(page.locator("tr[data-row]")).to_have_count(50)
    expect(page.locator("#explorer-filter")).to_have_value(text)
    # It can be looked at otherwise, taken away, and narrowed by a facet, which mends the filter.
    page.locator(".views").get_by_text("Matrix").click()
    expect(page.locator("table.matrix")).to_be_visible()
    with page.expect_download():
        page.get_by_label("Export").select_option("json")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("checkbox", name=ATLAS.records("frameworks")["ncsn"]["name"]).check()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator(".found")).to_contain_text(f"{len(ATLAS.find('framework:ncsn'))} papers of")
