"""A paper's page: its citations, what machines read of it, and the way to its neighbors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import bibtexparser
from playwright.sync_api import Page, Route, expect

import diffatlas
from diffatlas.catalog import citations

ATLAS = diffatlas.load()
PAPER = "papers/ho2020denoising/"
RECORD = ATLAS.entity("papers/ho2020denoising")


def test_citations_are_copied_as_the_library_writes_them(
    visit: Callable[[str], Page], page: Page
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(PAPER)
    page.locator("#cite > summary").click()
    wanted = (ATLAS.bibtex(["ho2020denoising"]), citations.apa(RECORD), citations.markdown(RECORD))
    buttons = page.locator("#cite button.copy")
    expect(buttons).to_have_count(3)
    for at, text in enumerate(wanted):
        buttons.nth(at).focus()
        page.keyboard.press("Enter")
        expect(buttons.nth(at)).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.strip() == text.strip()
        if at == 0:
            (entry,) = bibtexparser.loads(copied).entries
            assert entry["ID"] == "ho2020denoising"


def test_without_a_clipboard_a_citation_is_selected(
    visit: Callable[[str], Page], page: Page
) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    visit(PAPER)
    page.locator("#cite > summary").click()
    button = page.locator("#cite button.copy").first
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Selected: copy it by keys")
    selected = page.evaluate("getSelection().toString()")
    assert selected.strip() == ATLAS.bibtex(["ho2020denoising"]).strip()


def test_machines_read_what_the_page_is_about(visit: Callable[[str], Page], page: Page) -> None:
    visit(PAPER)
    metas = page.locator('meta[name^="citation_"]').evaluate_all(
        "l => l.map(m => [m.name, m.content])"
    )
    assert ["citation_title", RECORD["title"]] in metas
    assert [content for name, content in metas if name == "citation_author"] == RECORD["authors"]
    assert ["citation_publication_date", "2020/06/19"] in metas
    data = json.loads(page.locator('script[type="application/ld+json"]').inner_text())
    assert (data["@type"], data["name"]) == ("ScholarlyArticle", RECORD["title"])
    for path, kind in (("tasks/inpainting/", "DefinedTerm"), ("frameworks/ddpm/", "DefinedTerm"),
                       ("data/", "Dataset")):  # fmt: skip
        visit(path)
        data = json.loads(page.locator('script[type="application/ld+json"]').inner_text())
        assert data["@type"] == kind


def test_the_paper_after_has_this_one_before_it(visit: Callable[[str], Page], page: Page) -> None:
    visit(PAPER)
    steps = page.get_by_role("navigation", name="Before and after")
    steps.locator("li", has_text="After:").get_by_role("link").click()
    expect(page.locator("h1")).not_to_have_text(RECORD["title"])
    back = steps.locator("li", has_text="Before:").get_by_role("link")
    expect(back).to_have_text(RECORD["title"])
    back.click()
    expect(page.locator("h1")).to_have_text(RECORD["title"])


def test_a_mark_beside_a_fact_opens_its_sources(visit: Callable[[str], Page]) -> None:
    page = visit(PAPER)
    row = page.locator("dl.facts > div", has=page.locator("dt", has_text="Authors"))
    mark = row.get_by_role("button", name=re.compile("^Sources of Authors"))
    expect(mark).to_have_attribute("aria-expanded", "false")
    mark.click()
    expect(mark).to_have_attribute("aria-expanded", "true")
    shown = row.locator("ul.sources > li")
    own = ATLAS.provenance.query("entity == 'ho2020denoising' and field == 'authors'")
    assert len(own)
    expect(shown).to_have_count(len(own))
    assert sorted(shown.locator(".status").all_inner_texts()) == sorted(own["status"])
    expect(shown.first.get_by_role("link")).to_have_attribute("href", re.compile("^https://"))
    mark.click()
    expect(shown).to_have_count(0)


def test_what_only_memory_holds_is_marked_as_such(visit: Callable[[str], Page], page: Page) -> None:
    """All statuses of the page are replaced: one day the catalog may hold nothing from memory."""
    status = re.compile(r'(<span class="status )\w+">\w+<')

    def forget(route: Route) -> None:
        answer = route.fetch()
        body, count = status.subn(r'\1recall">recall<', answer.text())
        assert count
        route.fulfill(response=answer, body=body)

    page.route(f"**/{PAPER}", forget)
    mark = visit(PAPER).get_by_role("button", name=re.compile("^Sources of Authors"))
    expect(mark).to_have_text("○")
    expect(mark).to_have_class(re.compile("recall"))


def test_a_fact_that_a_source_denies_says_so(visit: Callable[[str], Page]) -> None:
    denied = [
        (key, field)
        for key, record in ATLAS.records("papers").items()
        for entry in record.get("provenance") or ()
        for field in entry.get("contradicts") or ()
        if field == "venue"
    ]
    assert denied
    page = visit(f"papers/{denied[0][0]}/")
    mark = page.locator("[data-f~=venue]").get_by_role("button", name=re.compile("^Sources of "))
    expect(mark).to_contain_text("≠")
    mark.click()
    expect(page.locator("ul.sources li", has_text="says otherwise on venue")).not_to_have_count(0)
