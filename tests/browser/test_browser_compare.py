"""The comparison as a visitor uses it: a link, adding and removing, what differs, exports."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

import diffatlas

ATLAS = diffatlas.load()
MAIN = "table.side >> nth=0"
# Pixels between the end of a cell's name and its text.
ROOM = """(cells) => cells.map((cell) => {
  const name = getComputedStyle(cell, "::before"), text = document.createRange();
  const above = parseFloat(getComputedStyle(cell).paddingTop) + parseFloat(name.height);
  text.selectNodeContents(cell);
  return text.getBoundingClientRect().top - cell.getBoundingClientRect().top - above;
})"""


def fields(page: Page) -> dict[str, bool]:
    """The rows of the comparison and whether they are marked as different."""
    rows = page.locator("#compare [data-field]")
    pairs = rows.evaluate_all(
        "all => all.map((r) => [r.dataset.field, !!r.querySelector('.mark')])"
    )
    return {field: marked for field, marked in pairs}


def heads(page: Page) -> list[str]:
    expect(page.locator(MAIN)).to_be_visible()
    links = page.locator(MAIN).locator("thead a").evaluate_all("all => all.map((a) => a.href)")
    return [href.rstrip("/").rpartition("/")[2] for href in links]


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (["ddpm", "ncsn", "sde"], "frameworks"),
        (["vae", "gan"], "families"),
        (["ho2020denoising", "song2020score"], "papers"),
        (["ddpm", "ncsn", "score_sde"], "baselines"),
        (["cifar-10", "imagenet"], "datasets"),
    ],
)
def test_a_link_shows_what_the_library_compares(
    visit: Callable[[str], Page], ids: list[str], kind: str
) -> None:
    page = visit(f"compare/?ids={','.join(ids)}&kind={kind}")
    frame = ATLAS.compare(*ids, kind=kind)
    frame = frame[~frame.index.isin(["name", "title"])]  # they head the columns
    expect(page.get_by_role("status")).to_contain_text(
        f"{int(frame['differs'].sum())} of {len(frame)} rows differ"
    )
    assert heads(page) == ids
    assert fields(page) == dict(frame["differs"])
    expect(page.get_by_label("Kind")).to_have_value(kind)


def test_an_id_finds_its_kind(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ho2020denoising,song2020score")
    expect(page.get_by_label("Kind")).to_have_value("papers")
    page = visit("compare/?ids=baselines/ddpm,baselines/ncsn")
    expect(page.get_by_label("Kind")).to_have_value("baselines")


def test_adding_removing_and_back(visit: Callable[[str], Page]) -> None:
    page = visit("compare/")
    expect(page.locator("table.compare th a").first).to_be_visible()  # what stands without scripts
    box = page.get_by_label("Add to the comparison")
    box.fill("ddim")
    box.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Add one more")
    box.fill(ATLAS.records("frameworks")["edm"]["name"])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?ids=ddim,edm$"))
    expect(page.locator(MAIN)).to_be_visible()
    assert heads(page) == ["ddim", "edm"]
    box.fill("no such thing")
    box.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("No entry of this kind is called")
    box.fill("vdm")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"\?ids=ddim,edm,vdm$"))
    page.get_by_role("button", name=re.compile("^Remove .*implicit")).click()
    expect(page).to_have_url(re.compile(r"\?ids=edm,vdm$"))
    expect(page.get_by_role("button", name=re.compile("^Remove "))).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("button", name=re.compile("^Remove "))).to_have_count(3)
    assert heads(page) == ["ddim", "edm", "vdm"]


def test_only_rows_that_differ(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ho2020denoising,song2020score")
    year = page.locator("tr[data-field=year]")
    expect(year).to_be_visible()
    page.get_by_label("Only rows that differ").check()
    expect(year).to_be_hidden()
    expect(page.locator("tr[data-field=authors]")).to_be_visible()


def test_formulas_are_drawn_and_numbers_stand_apart(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ddpm,ncsn,sde")
    page.locator("details[data-field=objective] summary").click()
    expect(page.locator("details[data-field=objective] math").first).to_be_visible()
    assert page.locator("#compare math").first.evaluate("m => m.namespaceURI").endswith("MathML")
    # Every formula is known: none shows as LaTeX.
    expect(page.locator("#compare code", has_text="$")).to_have_count(0)
    measured = page.get_by_role("region", name="Measured here")
    expect(measured).to_contain_text("Fréchet distance")
    expect(measured.get_by_role("link").first).to_have_attribute("href", re.compile("baselines/"))
    reported = page.get_by_role("region", name="Reported by papers")
    expect(reported).to_contain_text("NFE")
    expect(reported).not_to_contain_text("CPU s")


def test_long_texts_fold_below_what_one_looks_up(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ddpm,ncsn,sde")
    expect(page.locator("tr[data-field='properties.prior']")).to_be_visible()
    full = page.locator("#compare details.long")
    assert full.evaluate_all("all => all.map((e) => e.dataset.field)") == [
        *("definition", "not", "forward", "objective", "reverse", "links")
    ]
    assert full.evaluate_all("all => all.every((e) => !e.open)")
    for summary in full.locator("summary").all():
        summary.click()
    # No formula of a wide screen is cut: texts with wide ones stand below each other.
    cut = "all => all.filter((e) => e.scrollWidth > e.clientWidth).length"
    expect(page.locator("details[data-field=objective] .stacked")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    assert full.locator(".formula, .scroll").evaluate_all(cut) == 0


def test_a_table_of_the_catalog_is_a_table(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ddpm,sde")
    forward = page.locator("details[data-field=forward]")
    forward.locator("summary").click()
    table = forward.get_by_role("table")
    expect(table.get_by_role("columnheader").first).to_have_text("SDE")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("row").nth(1).get_by_role("cell")).to_have_count(5)
    expect(table.locator("math").first).to_be_visible()
    assert "---" not in forward.inner_text()


def test_links_are_called_by_their_names(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ddpm,ncsn")
    title = ATLAS.records("papers")["ho2020denoising"]["title"]
    expect(page.locator("tr[data-field=papers]").get_by_role("link", name=title)).to_be_visible()
    links = page.locator("details[data-field=links]")
    links.locator("summary").click()
    name = ATLAS.records("frameworks")["sde"]["name"]
    expect(links.get_by_role("link", name=name).first).to_have_attribute(
        "href", "../frameworks/sde/"
    )


def test_what_is_chosen_stands_above_the_table(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ddpm,ncsn,sde")
    chosen = page.get_by_role("list", name="Compared").bounding_box()
    table = page.get_by_role("region", name="Comparison").bounding_box()
    assert chosen and table
    assert chosen["y"] + chosen["height"] <= table["y"] and abs(chosen["x"] - table["x"]) < 2


def test_a_paper_shows_the_best_value_that_it_reports(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ho2020denoising,song2020score")
    table = ATLAS.results
    own = table[
        (table["paper"] == "song2020score")
        & (table["metric"] == "fid")
        & (table["dataset"] == "cifar-10")
        & (table["conditional"] == "unconditional")
    ]
    row = page.get_by_role("region", name="Reported by papers").locator(
        "tr", has_text="Fréchet Inception distance on CIFAR-10, 32 pixels, unconditional"
    )
    expect(row.locator("td").nth(1).locator("b")).to_have_text(f"{own['value'].min():g}")


def test_a_value_of_several_frameworks_counts_for_none(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ddpm,ncsn,sde")
    expect(page.locator("#reported + .note")).to_contain_text("only where all frameworks of its")
    reported = page.get_by_role("region", name="Reported by papers")
    expect(reported).to_contain_text("NCSN")
    expect(page.locator("#compare a[href*=karras2022elucidating]")).to_have_count(0)
    ncsn = page.locator("#compare td[data-label^='Noise-conditioned'] small a")
    hrefs = set(ncsn.evaluate_all("all => all.map((a) => a.href.split('/').at(-2))"))
    assert hrefs == {"song2019generative", "song2020improved"}
    # Of a task a best value says nothing.
    page = visit("compare/?ids=cifar-10,imagenet&kind=datasets")
    expect(page.locator("#reported")).to_have_count(0)


def test_baselines_lead_to_their_difference_in_code(visit: Callable[[str], Page]) -> None:
    page = visit("compare/?ids=ddpm,ncsn&kind=baselines")
    page.get_by_role("link", name="From ddpm to ncsn").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("line by line")


@pytest.mark.parametrize("form", ["csv", "json", "markdown", "latex"])
def test_exports(visit: Callable[[str], Page], form: str) -> None:
    ids = ["ho2020denoising", "song2020score"]
    page = visit(f"compare/?ids={','.join(ids)}")
    with page.expect_download() as download:
        page.get_by_label("Export").select_option(form)
    content = download.value.path().read_text(encoding="utf-8")
    frame = ATLAS.compare(*ids)
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(content)))
        assert [row["field"] for row in rows] == list(frame.index)
        assert [row["song2020score"] for row in rows] == list(frame["song2020score"])
        assert [row["differs"] == "true" for row in rows] == list(frame["differs"])
    elif form == "json":
        rows = json.loads(content)
        assert [row["ho2020denoising"] for row in rows] == list(frame["ho2020denoising"])
    elif form == "markdown":
        assert len(content.strip().splitlines()) == 2 + len(frame)
        assert {line.count(" | ") for line in content.strip().splitlines()[2:]} == {3}
    else:
        assert content.count("\\\\\n") == 1 + len(frame)
        assert "\\toprule" in content and "sohl-dickstein2015deep" in content


def test_the_same_in_python_and_in_the_shell(visit: Callable[[str], Page], page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit("compare/?ids=vae,gan")
    page.get_by_role("button", name="Copy as Python").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == 'diffatlas.load().compare("vae", "gan", kind="families")'
    page.get_by_role("button", name="Copy as shell command").click()
    expect(page.get_by_role("button", name="Copy as Python")).to_be_visible()
    assert (
        page.evaluate("navigator.clipboard.readText()")
        == "diffatlas compare vae gan --kind families"
    )


def test_without_a_clipboard_the_line_is_shown(visit: Callable[[str], Page], page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    visit("compare/?ids=vae,gan")
    page.get_by_role("button", name="Copy as shell command").click()
    shown = page.get_by_role("textbox", name="Copy as shell command")
    expect(shown).to_have_value("diffatlas compare vae gan --kind families")
    expect(shown).to_be_focused()
    expect(page.get_by_role("button", name="Copied")).to_have_count(0)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ids=ddpm,<img src=x onerror=alert(1)>", "there is no framework “<img src=x"),
        ("ids=ddpm,ncsn,sde,ddim,edm", "only the first 4 of 5 are shown"),
        ("ids=ddpm,ncsn&kind=papers", "there is no paper “ddpm”; there is no paper “ncsn”"),
    ],
)
def test_a_wrong_link_is_explained(visit: Callable[[str], Page], query: str, message: str) -> None:
    page = visit(f"compare/?{query}")
    expect(page.get_by_role("alert")).to_contain_text(message)
    expect(page.get_by_label("Add to the comparison")).to_be_visible()
    assert page.locator("#compare img").count() == 0


def test_the_explorer_sends_its_selection(visit: Callable[[str], Page]) -> None:
    page = visit("explore/?filter=framework:ncsn")
    link = page.get_by_role("link", name="Compare the selected")
    boxes = page.locator("table.found-papers tbody input[type=checkbox]")
    boxes.nth(0).check()
    expect(link).to_be_hidden()
    boxes.nth(1).check()
    link.click()
    expect(page.get_by_role("status")).to_contain_text("rows differ")
    assert len(heads(page)) == 2


def test_without_scripts_the_three_frameworks_stand_there(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}compare/")
    expect(page.locator("table.compare thead th")).to_have_count(3)
    assert page.get_by_role("link", name="DDPM to NCSN").count() == 1
    context.close()


def test_on_a_phone_names_stand_above_the_text(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit("compare/?ids=ddpm,ncsn")
    cells = page.locator("table.side td[data-label]")
    room = cells.evaluate_all(ROOM)
    assert len(room) > 10
    assert min(room) > -8  # a formula may reach a little above its line
