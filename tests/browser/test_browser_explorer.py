"""The explorer as a visitor uses it: filter, facets, address bar, exports, without scripts."""

from __future__ import annotations

import ast
import csv
import io
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import bibtexparser
import pytest
from playwright.sync_api import Browser, Page, expect

import diffatlas

ATLAS = diffatlas.load()
SHOWN = 50  # papers of the table before one asks for more


def ids(page: Page) -> list[str]:
    """The papers of the table, in its order."""
    links = page.locator("table.found-papers tbody tr[data-row] a")
    hrefs = links.evaluate_all("all => all.map((a) => new URL(a.href).pathname)")
    return [href.rstrip("/").rpartition("/")[2] for href in hrefs]


def ordered(text: str) -> list[str]:
    """What the library finds, as the table orders it at first: newest first."""
    found = ATLAS.find(text)
    days = found["submitted"].dt.strftime("%Y%m%d").fillna("")
    keys = [int(d) if d else y * 10000 for d, y in zip(days, found["year"], strict=True)]
    rows = sorted(zip(keys, range(len(found)), found["id"], strict=True), reverse=True)
    return [own for _, _, own in rows]


@pytest.fixture
def explore(page: Page, base: str) -> Callable[[str], Page]:
    """Open the explorer with a filter in the address."""

    def go(text: str = "") -> Page:
        query = f"?{urlencode({'filter': text})}" if text else ""
        page.goto(f"{base}explore/{query}")
        expect(page.get_by_role("status")).to_contain_text("of")
        return page

    return go


def found(page: Page, count: int) -> None:
    shown = "1 paper of" if count == 1 else f"{count:,} papers of"
    expect(page.get_by_role("status")).to_contain_text(shown)


@pytest.mark.parametrize(
    "text",
    [
        "framework:sde task:inpainting",
        "framework:ncsn,sde -condition:text year:2021..",
        '"score matching" has:code',
        "task:medical submitted:2022-01..2022-06",
        "origin:survey author:song",
    ],
)
def test_a_link_shows_what_the_library_finds(explore: Callable[[str], Page], text: str) -> None:
    page = explore(text)
    wanted = ordered(text)
    found(page, len(wanted))
    assert ids(page) == wanted[:SHOWN]


def test_typing_filters_and_the_address_follows(explore: Callable[[str], Page]) -> None:
    page = explore()
    page.get_by_label("Filter").fill("framework:sde has:code")
    found(page, len(ATLAS.find("framework:sde has:code")))
    assert parse_qs(urlsplit(page.url).query)["filter"] == ["framework:sde has:code"]


def test_facets_edit_the_filter_and_back_undoes(explore: Callable[[str], Page]) -> None:
    page = explore()
    everything = len(ATLAS.papers)
    found(page, everything)
    name = ATLAS.records("frameworks")["ncsn"]["name"]
    page.get_by_role("checkbox", name=name).check()
    found(page, len(ATLAS.find("framework:ncsn")))
    expect(page.get_by_label("Filter")).to_have_value("framework:ncsn")
    page.get_by_role(
        "button", name=f"Exclude {ATLAS.records('tasks')['restoration']['name']}"
    ).click()
    found(page, len(ATLAS.find("framework:ncsn -task:restoration")))
    page.go_back()
    found(page, len(ATLAS.find("framework:ncsn")))
    page.go_back()
    found(page, everything)
    page.go_forward()
    found(page, len(ATLAS.find("framework:ncsn")))


def test_counts_of_options_are_what_choosing_them_finds(explore: Callable[[str], Page]) -> None:
    page = explore()
    page.get_by_label("Filter").fill("year:2021")
    found(page, len(ATLAS.find("year:2021")))
    for own in ("ddpm", "sde"):
        record = ATLAS.records("frameworks")[own]
        option = page.locator("li label").filter(has_text=record["name"]).first
        count = len(ATLAS.find(f"framework:{own} year:2021"))
        expect(option.locator(".count")).to_have_text(str(count))


def test_an_error_says_how_to_mend_and_keeps_the_last_answer(
    explore: Callable[[str], Page],
) -> None:
    page = explore()
    page.get_by_label("Filter").fill("framework:sde")
    count = len(ATLAS.find("framework:sde"))
    found(page, count)
    page.get_by_label("Filter").fill("framework:sde task:inpaintin")
    expect(page.get_by_role("alert")).to_contain_text("did you mean inpainting")
    found(page, count)


def test_sorting_by_title(explore: Callable[[str], Page]) -> None:
    page = explore()
    page.get_by_label("Filter").fill("framework:sde")
    found(page, len(ATLAS.find("framework:sde")))
    page.locator("th[data-key=title] button").click()
    titles = [ATLAS.records("papers")[own]["title"].lower() for own in ids(page)]
    assert titles == sorted(titles)
    assert "sort=title" in page.url


def test_a_row_opens(explore: Callable[[str], Page]) -> None:
    page = explore()
    page.get_by_label("Filter").fill("id:song2020score")
    found(page, 1)
    record = ATLAS.records("papers")["song2020score"]
    page.get_by_role("button", name=f"What {record['title']} is about").click()
    expect(page.locator("tr.opened")).to_contain_text(record["summary"])


def test_cards_show_the_same_papers(page: Page, base: str) -> None:
    text = "framework:sde task:inpainting"
    page.goto(f"{base}explore/?{urlencode({'filter': text, 'view': 'cards'})}")
    titles = [ATLAS.records("papers")[own]["title"] for own in ordered(text)]
    expect(page.locator(".explorer .cards h2")).to_have_text(titles)


def test_a_cell_of_the_matrix_leads_to_its_papers(page: Page, base: str) -> None:
    query = {"filter": "year:2021..", "view": "matrix", "rows": "framework", "columns": "condition"}
    page.goto(f"{base}explore/?{urlencode(query)}")
    cell = page.locator("table.matrix td a").first
    count = int(cell.inner_text())
    assert page.locator("table.matrix td.empty").count()
    cell.click()
    found(page, count)
    assert len(ids(page)) == min(count, SHOWN)
    page.go_back()
    expect(page.locator("table.matrix td a").first).to_have_text(str(count))


@pytest.mark.parametrize("form", ["csv", "json", "bibtex", "markdown", "latex"])
def test_exports_are_read_again(explore: Callable[[str], Page], form: str) -> None:
    page = explore()
    text = "framework:sde task:inpainting"
    page.get_by_label("Filter").fill(text)
    wanted = ordered(text)
    found(page, len(wanted))
    with page.expect_download() as waiting:
        page.get_by_label("Export").select_option(form)
    content = Path(waiting.value.path()).read_text(encoding="utf-8")
    records = ATLAS.records("papers")
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(content)))
        assert [row["id"] for row in rows] == wanted
        assert rows[0]["authors"].split(";") == records[wanted[0]]["authors"]
    elif form == "json":
        assert [row["id"] for row in json.loads(content)] == wanted
    elif form == "bibtex":
        assert content == ATLAS.bibtex(wanted)
        assert len(bibtexparser.loads(content).entries) == len(wanted)
    elif form == "markdown":
        assert len(content.splitlines()) == 2 + len(wanted)
    else:
        assert content.count("\\cite{") == len(wanted)
        assert "\\toprule" in content and "\\bottomrule" in content


def test_a_selection_is_exported_alone(explore: Callable[[str], Page]) -> None:
    page = explore()
    page.get_by_label("Filter").fill("framework:sde task:inpainting")
    found(page, len(ATLAS.find("framework:sde task:inpainting")))
    first = ids(page)[0]
    page.get_by_role("checkbox", name=f"Choose {ATLAS.records('papers')[first]['title']}").check()
    with page.expect_download() as waiting:
        page.get_by_label("Export").select_option("json")
    chosen = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert [row["id"] for row in chosen] == [first]


def test_without_scripts_there_is_a_table(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}explore/")
    assert page.locator("#explorer table.papers tbody tr").count() >= 50
    context.close()


def test_a_phone_shows_papers_first(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780})
    page = context.new_page()
    page.goto(f"{base}explore/")
    expect(page.get_by_role("status")).to_contain_text("papers of")
    assert page.locator(".facets details[open]").count() == 0
    context.close()


def test_columns_are_chosen_and_sort(explore: Callable[[str], Page]) -> None:
    page = explore("framework:sde year:2021")
    page.locator(".columns-shown summary").click()
    page.locator(".columns-shown").get_by_label("Venue").check()
    page.locator(".columns-shown").get_by_label("Tasks").uncheck()
    assert parse_qs(urlsplit(page.url).query)["show"] == ["frameworks,venue"]
    page.locator("th[data-key=venue] button").click()
    shown = page.locator("table.found-papers tbody td:last-child").all_inner_texts()
    wanted = list(ATLAS.find("framework:sde year:2021")["venue"].fillna(""))
    assert shown == sorted(wanted, key=str.lower)
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.locator("th[data-key=venue]")).to_have_count(0)


def test_the_facet_of_venues_finds_all_years_of_one(explore: Callable[[str], Page]) -> None:
    page = explore("framework:sde")
    page.locator(".facets summary").filter(has_text="Venue").click()
    page.get_by_role("checkbox", name="NeurIPS", exact=False).first.check()
    found(page, len(ATLAS.find("framework:sde venue:NeurIPS")))


@pytest.mark.parametrize("view", ["table", "graph"])
def test_nothing_found_says_what_to_drop(page: Page, base: str, view: str) -> None:
    terms = ["framework:ncsn", "task:inpainting", "year:2023"]
    assert not len(ATLAS.find(" ".join(terms)))
    page.goto(f"{base}explore/?{urlencode({'filter': ' '.join(terms), 'view': view})}")
    found(page, 0)
    counts = {t: len(ATLAS.find(" ".join(o for o in terms if o != t))) for t in terms}
    wanted = sorted(((n, t) for t, n in counts.items() if n), reverse=True)
    assert wanted
    links = page.locator("ul.nothing a")
    shown = [f"{n} {'paper' if n == 1 else 'papers'} without {t}" for n, t in wanted]
    expect(links).to_have_count(len(shown))
    assert sorted(links.all_inner_texts()) == sorted(shown)
    links.first.click()
    found(page, wanted[0][0])
    rest = " ".join(t for t in terms if t != wanted[0][1])
    assert parse_qs(urlsplit(page.url).query)["filter"] == [rest]
    page.go_back()
    expect(links).to_have_count(len(shown))


def test_where_no_term_alone_is_too_much_two_are(explore: Callable[[str], Page]) -> None:
    page = explore("year:1950 author:nobodyatall framework:sde")
    found(page, 0)
    expect(page.locator("ul.nothing a")).to_have_text(
        [f"{len(ATLAS.find('framework:sde'))} papers without year:1950 and author:nobodyatall"]
    )
    page = explore("zzzzzzz")
    expect(page.locator("ul.nothing a")).to_have_text(
        [f"{len(ATLAS.papers)} papers without zzzzzzz"]
    )


def test_the_relations_around_a_selected_paper(explore: Callable[[str], Page]) -> None:
    page = explore("id:song2020score")
    title = ATLAS.records("papers")["song2020score"]["title"]
    page.get_by_role("checkbox", name=f"Choose {title}").check()
    page.get_by_role("link", name="Relations", exact=True).click()
    links = ATLAS.edges
    around = links[
        (links.source_kind == "papers")
        & (links.target_kind == "papers")
        & ((links.source == "song2020score") | (links.target == "song2020score"))
    ]
    near = (set(around.source) | set(around.target)) - {"song2020score"}
    expect(page.locator(".relations svg a.chosen")).to_have_count(1)
    assert near
    if len(near) < 90:
        expect(page.locator(".relations svg a")).to_have_count(len(near) + 1)


def test_what_is_copied_finds_the_same_papers(explore: Callable[[str], Page]) -> None:
    text = 'framework:sde "score matching"'
    page = explore(text)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name, asks in (("Python", ".find("), ("shell command", "diffatlas find ")):
        page.get_by_role("button", name=f"Copy as {name}").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        expect(page.get_by_role("button", name="Copied")).to_have_count(0)
        assert asks in copied
        line = next(line for line in copied.splitlines() if asks in line)
        if name == "Python":
            given = ast.literal_eval(line[line.index(asks) + len(asks) : line.rindex(")")])
        else:
            given = shlex.split(line)[-1]
        assert given == text


def test_the_latest_papers_need_no_names_of_others(page: Page, base: str) -> None:
    page.route("**/explorer-names.json", lambda route: route.abort())
    page.goto(f"{base}explore/")
    found(page, len(ATLAS.papers))
    assert ids(page) == ordered("")[:SHOWN]
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("sign", ["hover", "focus"])
def test_a_visit_asks_for_names_once_somebody_is_at_work(page: Page, base: str, sign: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1]))
    page.goto(f"{base}explore/", wait_until="networkidle")
    found(page, len(ATLAS.papers))
    assert "explorer.json" in asked
    assert not [name for name in asked if name.startswith("explorer-")]
    with page.expect_response("**/explorer-names.json"):
        getattr(page.get_by_label("Filter", exact=True), sign)()


def test_what_cannot_be_fetched_is_said_and_asked_for_again(page: Page, base: str) -> None:
    page.route("**/explorer-*.json", lambda route: route.abort())
    page.goto(f"{base}explore/")
    found(page, len(ATLAS.papers))
    page.get_by_label("Filter").fill("inpainting")
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    found(page, len(ATLAS.papers))  # the last answer stays
    page.unroute("**/explorer-*.json")
    page.get_by_role("button", name="Apply").click()
    found(page, len(ATLAS.find("inpainting")))
    expect(page.get_by_role("alert")).to_be_hidden()
    assert ids(page) == ordered("inpainting")[:SHOWN]
