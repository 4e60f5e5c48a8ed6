"""The guided choice as a visitor uses it: answers, reasons, links, the address, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

import diffatlas

ATLAS = diffatlas.load()


def names(page: Page) -> list[str]:
    """The frameworks that are listed as fitting, best first, by their ids."""
    expect(page.get_by_role("status")).not_to_be_empty()
    links = page.locator("ol.ranked > li > h2 a")
    hrefs = links.evaluate_all("all => all.map((a) => new URL(a.href).pathname)")
    return [href.rstrip("/").rpartition("/")[2] for href in hrefs]


def fitting(**answers: str) -> list[str]:
    found = ATLAS.choose(**answers)
    return list(found[found["rank"].notna()]["id"])


def test_answers_rank_the_frameworks(visit: Callable[[str], Page]) -> None:
    page = visit("choose/")
    expect(page.get_by_role("status")).to_contain_text("Answer one question or more")
    page.get_by_label("What is the model for?").select_option("restoration")
    page.get_by_label("How many network evaluations").select_option("tens")
    expect(page).to_have_url(re.compile(r"choose/\?task=restoration&nfe=tens$"))
    expected = fitting(task="restoration", nfe="tens")
    expect(page.get_by_role("status")).to_contain_text(f"{len(expected)} of ")
    assert names(page) == expected
    first = page.locator("ol.ranked > li").first
    for reason in ATLAS.choose(task="restoration", nfe="tens")["reasons"][0]:
        expect(first).to_contain_text(reason)
    expect(page.locator(".same")).to_contain_text("diffatlas choose --task restoration --nfe tens")
    expect(page.locator(".same")).to_contain_text('atlas.choose(task="restoration", nfe="tens")')
    expect(first.locator("code")).to_have_text(re.compile(r"^diffatlas run \w+$"))


def test_an_address_is_a_choice_and_back_undoes_an_answer(visit: Callable[[str], Page]) -> None:
    page = visit("choose/?nfe=one")
    assert names(page) == fitting(nfe="one")
    expect(page.get_by_label("How many network evaluations")).to_have_value("one")
    page.get_by_label("Is a likelihood needed?").select_option("exact")
    assert names(page) == fitting(nfe="one", likelihood="exact")
    page.go_back()
    expect(page.get_by_label("Is a likelihood needed?")).to_have_value("")
    assert names(page) == fitting(nfe="one")
    page.get_by_role("button", name="Start again").click()
    expect(page).to_have_url(re.compile(r"choose/$"))
    assert names(page) == []


def test_what_is_left_out_says_why(visit: Callable[[str], Page]) -> None:
    page = visit("choose/?likelihood=exact")
    page.get_by_text("left out, and why").click()
    found = ATLAS.choose(likelihood="exact").set_index("id")
    expect(page.locator("ul.notes li", has_text=found.loc["ddpm", "name"]).first).to_contain_text(
        found.loc["ddpm", "reasons"][0]
    )


def test_a_wrong_link_is_explained(visit: Callable[[str], Page]) -> None:
    page = visit("choose/?task=<img src=x onerror=alert(1)>&nfe=few")
    expect(page.get_by_role("alert")).to_contain_text("task: no option is called “<img src=x")
    assert names(page) == fitting(nfe="few")
    assert page.locator("#choose img").count() == 0


def test_the_reasons_lead_to_pages(visit: Callable[[str], Page]) -> None:
    page = visit("choose/?task=restoration&nfe=few&compute=cpu")
    for summary in page.locator("#choice details > summary").all():
        summary.click()
    links = page.locator("#choice a").evaluate_all("all => [...new Set(all.map((a) => a.href))]")
    assert len(links) > 15
    for link in links:
        assert page.request.get(link).status == 200, link


def test_without_scripts_the_candidates_and_their_rules_stand_there(
    browser: Browser, base: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}choose/")
    count = len(ATLAS.choose(nfe="few"))
    assert page.locator("#choose section h2 a").count() == count
    page.locator("#choose summary").first.click()
    expect(page.locator("#choose details[open] li").first).to_be_visible()
    context.close()
