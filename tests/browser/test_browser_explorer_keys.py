"""The explorer by keyboard, on a bad line, and what is taken away of a selection."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route, expect

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


def test_the_timeline_is_few_stops_and_a_list(explore: Callable[..., Page]) -> None:
    text = "framework:sde task:inpainting"
    page = explore(view="timeline", filter=text)
    drawn = page.get_by_role("group", name="Papers by framework and quarter")
    count = len(ATLAS.find(text))
    expect(drawn.locator("a")).to_have_count(count)
    expect(drawn.locator("a[tabindex='-1']")).to_have_count(count)
    page.get_by_role("region", name="Timeline").focus()
    page.keyboard.press("Tab")
    focused(page, ".explorer .main details summary")
    page.keyboard.press("Enter")
    listed = page.locator(".explorer .main details li li a")
    expect(listed).to_have_count(count)
    page.keyboard.press("Tab")
    expect(listed.first).to_be_focused()
    hrefs = listed.evaluate_all("all => all.map((a) => a.href.split('/').at(-2))")
    assert sorted(hrefs) == sorted(ATLAS.find(text)["id"])


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


def test_a_failure_of_a_filter_that_was_given_up_is_not_told(explore: Callable[..., Page]) -> None:
    page = explore()
    late: list[Route] = []
    page.route("**/explorer-texts.json", lambda route: late.append(route))
    page.get_by_label("Filter").fill("inpainting")
    expect(page).to_have_url(re.compile("inpainting"))
    page.get_by_label("Filter").fill("framework:sde")
    count = f"{len(ATLAS.find('framework:sde'))} papers of"
    expect(page.locator(".found")).to_contain_text(count)
    with page.expect_event("requestfailed"):
        late[0].abort()
    page.wait_for_timeout(200)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator(".found")).to_contain_text(count)


def test_a_failure_of_a_view_that_was_left_is_not_told(explore: Callable[..., Page]) -> None:
    page = explore()
    late: list[Route] = []
    page.route("**/explorer-texts.json", lambda route: late.append(route))
    page.locator(".views").get_by_text("Cards").click()
    expect(page.locator(".views [aria-current]")).to_have_text("Cards")
    page.locator(".views").get_by_text("Matrix").click()
    expect(page.locator("table.matrix")).to_be_visible()
    with page.expect_event("requestfailed"):
        late[0].abort()
    page.wait_for_timeout(200)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_count_is_that_of_what_is_shown(page: Page, base: str) -> None:
    page.route("**/explorer-names.json", lambda route: route.abort())
    page.goto(f"{base}explore/")
    expect(page.locator(".found")).to_contain_text(EVERYTHING)
    page.get_by_label("Filter").fill("year:..2016")  # papers whose titles are in the names
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    expect(page.locator(".found")).to_contain_text(EVERYTHING)
    expect(page.locator("tr[data-row]")).to_have_count(50)


def test_a_row_or_an_export_that_fails_says_so_and_can_be_tried_again(
    explore: Callable[..., Page],
) -> None:
    page = explore(filter="framework:sde year:2021")
    page.route("**/explorer-texts.json", lambda route: route.abort())
    alert = page.get_by_role("alert")
    fold = page.locator("tr[data-row] .fold").first
    fold.click()
    expect(alert).to_contain_text("could not be loaded")
    page.unroute("**/explorer-texts.json")
    fold.click()
    expect(page.locator("tr.opened")).to_be_visible()
    expect(alert).to_be_hidden()

    page.reload()
    expect(page.locator(".found")).to_contain_text("of")
    page.route("**/explorer-texts.json", lambda route: route.abort())
    page.get_by_label("Export").select_option("bibtex")
    expect(alert).to_contain_text("could not be loaded")
    page.unroute("**/explorer-texts.json")
    with page.expect_download():
        page.get_by_label("Export").select_option("bibtex")
    expect(alert).to_be_hidden()


def test_without_a_clipboard_the_text_is_shown(page: Page, explore: Callable[..., Page]) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    explore(filter="framework:sde")
    for name, text in (
        ("Python", 'diffatlas.load().find("framework:sde")'),
        ("shell command", "diffatlas find -- 'framework:sde'"),
    ):
        page.get_by_role("button", name=f"Copy as {name}").click()
        shown = page.get_by_role("textbox", name=f"Copy as {name}")
        expect(shown).to_have_value(text)
        expect(shown).to_be_focused()
        assert page.evaluate("getSelection().toString()") == text
    expect(page.get_by_role("textbox", name="Copy as")).to_have_count(1)
    expect(page.get_by_role("button", name="Copied")).to_have_count(0)


# Storage that is blocked: naming it is an error. Storage that holds what is no JSON.
BLOCKED = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
})"""
FOREIGN = "localStorage.setItem(`/kb/.__palette`, 'no JSON')"


@pytest.mark.parametrize("script", [BLOCKED, FOREIGN], ids=["blocked", "foreign"])
def test_what_the_theme_needs_works_without_storage(
    page: Page, visit: Callable[[str], Page], script: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(script)
    visit("timeline/")  # no error in the console
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.classList.contains('js')")
    assert not [url for url in asked if url.endswith("search_index.json")]  # it waits
    page.locator(".md-header button[title*='dark' i]").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.locator(".timeline svg a").first.click()  # which lets its address only be read
    expect(page).to_have_url(re.compile("/papers/"))


# -- what is selected and taken away -------------------------------------------------------------


def exported(page: Page) -> list[str]:
    """The ids of what an export holds, in its order."""
    with page.expect_download() as waiting:
        page.get_by_label("Export").select_option("json")
    return [row["id"] for row in json.loads(Path(waiting.value.path()).read_text("utf-8"))]


def choose(page: Page, own: str) -> None:
    title = ATLAS.records("papers")[own]["title"]
    page.get_by_role("checkbox", name=f"Choose {title}", exact=True).check()


def test_a_view_is_exported_in_its_order(explore: Callable[..., Page]) -> None:
    page = explore(filter="framework:sde task:inpainting", sort="title")
    found = ATLAS.find("framework:sde task:inpainting")
    titles = dict(zip(found["id"], found["title"].str.lower(), strict=True))
    assert exported(page) == sorted(titles, key=lambda own: titles[own])


def test_all_that_is_selected_is_exported_and_can_be_cleared(explore: Callable[..., Page]) -> None:
    page = explore(filter="year:2021")
    later, earlier = "song2020score", "ho2020denoising"
    clear = page.get_by_role("button", name="Clear the selection")
    expect(clear).to_be_hidden()
    for own in (earlier, later):  # chosen in one view each, exported from a third one
        page.get_by_label("Filter").fill(f"id:{own}")
        expect(page.locator(".found")).to_contain_text("1 paper of")
        choose(page, own)
    page.get_by_label("Filter").fill("year:2022")
    expect(page.locator(".found")).to_contain_text(f"{len(ATLAS.find('year:2022'))} papers of")
    expect(page.locator(".actions")).to_contain_text("2 selected")
    assert exported(page) == [later, earlier]  # the newest first, as the table has them
    page.locator(".views").get_by_text("Relations").click()
    expect(page.locator(".relations svg a.chosen")).to_have_count(2)
    clear.focus()
    page.keyboard.press("Enter")
    expect(clear).to_be_hidden()
    expect(page.locator(".actions [aria-live]")).to_be_empty()
    expect(page.get_by_role("link", name="Compare the selected")).to_be_hidden()
    expect(page.locator("svg a.chosen")).to_have_count(0)
    focused(page, ".views [aria-current]")
    page.locator(".views").get_by_text("Table").click()
    expect(page.locator("tr[data-row] input").first).not_to_be_checked()
    assert set(exported(page)) == set(ATLAS.find("year:2022")["id"])


# -- the address ---------------------------------------------------------------------------------


def test_typing_and_leaving_does_not_change_the_next_address(
    page: Page, visit: Callable[[str], Page]
) -> None:
    visit("explore/")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.same = true")
    page.get_by_label("Filter").fill("framework:sde")
    page.evaluate("document.querySelector('.da-tabs a[href*=query]').click()")
    expect(page.locator("h1")).to_have_text("Query the catalog")
    page.wait_for_timeout(300)
    assert page.evaluate("window.same")  # the page was replaced, not loaded
    assert page.url.endswith("/query/")


def test_the_address_holds_the_filter_in_older_browsers(
    page: Page, explore: Callable[..., Page]
) -> None:
    page.add_init_script("delete URLSearchParams.prototype.size")
    explore()
    page.get_by_label("Filter").fill("framework:sde")
    expect(page).to_have_url(re.compile(r"/explore/\?filter=framework%3Asde$"))
    page.get_by_label("Filter").fill("")
    expect(page).to_have_url(re.compile("/explore/$"))


# -- the comparison ------------------------------------------------------------------------------


def test_a_comparison_that_was_left_does_not_come_back(page: Page, base: str) -> None:
    late: list[Route] = []
    page.route("**/compare-numbers.json", lambda route: late.append(route))
    page.goto(f"{base}compare/?ids=ddpm,ncsn")
    expect(page.locator("#compare").get_by_role("status")).to_contain_text("rows differ")
    page.evaluate(
        "history.pushState(null, '', '?ids=vae,gan'); dispatchEvent(new Event('popstate'))"
    )
    heads = page.locator("table.side thead a")
    for _ in range(100):
        if len(late) > 1:
            break
        page.wait_for_timeout(50)
    late[1].continue_()
    expect(heads.first).to_have_attribute("href", re.compile("families/vae/"))
    late[0].continue_()
    page.wait_for_timeout(300)
    expect(heads.first).to_have_attribute("href", re.compile("families/vae/"))


def test_a_comparison_stands_without_its_numbers(page: Page, base: str) -> None:
    page.route("**/compare-numbers.json", lambda route: route.abort())
    page.goto(f"{base}compare/?ids=ddpm,ncsn")
    expect(page.locator("#compare tr[data-field]").first).to_be_visible()
    expect(page.locator("#compare").get_by_role("alert")).to_contain_text("could not be loaded")
