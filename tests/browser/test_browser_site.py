"""The site as a visitor meets it, in a real browser, under a sub-path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pages import PAGES

# The name of what has the focus, and whether one can see that it has it.
FOCUSED = """(() => {
  const e = document.activeElement, s = getComputedStyle(e);
  return [e.innerText || e.getAttribute('aria-label') || e.name,
          s.outlineStyle !== 'none' || s.boxShadow !== 'none' || e.matches('input')];
})()"""


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_home_says_what_this_is_on_one_screen(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    visit("")
    expect(page).to_have_title("Diffusion Atlas")
    for door in ("Read", "Query", "Run"):
        heading = page.get_by_role("heading", name=door)
        expect(heading).to_be_in_viewport()
    assert page.locator(".counts b").count() == 6
    page.get_by_role("heading", name="Run").get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("Run the frameworks")


def test_one_way_through_the_site(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    visit("")
    page.locator(".da-tabs").get_by_text("Matrix").click()
    page.locator("table.matrix td a").first.click()
    expect(page.locator("tbody:target tr.group")).to_be_visible()
    page.locator("tbody:target td a").first.click()
    expect(page.locator("dl.facts")).to_contain_text("Authors")
    page.locator("#provenance > summary").click()
    link = page.locator("#provenance table a[href^=http]").first
    expect(link).to_be_visible()
    page.locator(".chip.fw").first.click()
    page.get_by_text("Runs as").locator("..").get_by_role("link").first.click()
    expect(page.locator(".crumbs")).to_contain_text("Run")


def test_what_a_framework_is_used_for_takes_the_width_of_the_page(
    visit: Callable[[str], Page], page: Page
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    visit("frameworks/ddpm/")
    heading = page.locator("#used-for")
    box = heading.locator("xpath=following-sibling::*[1]")
    tasks = box.locator("ul").first.bounding_box()
    after = box.locator("p").first.bounding_box()
    wide = heading.bounding_box()
    assert tasks and after and wide
    assert tasks["width"] > 0.9 * wide["width"]
    assert after["y"] >= tasks["y"] + tasks["height"]


def test_the_table_of_papers_sorts(visit: Callable[[str], Page], page: Page) -> None:
    visit("papers/")
    dates = "[...document.querySelectorAll('table.papers tbody tr')].map(r => r.cells[1].innerText)"
    first = page.evaluate(dates)
    assert first == sorted(first, reverse=True)
    head = page.locator("th").nth(1)
    head.get_by_role("button").click()
    assert page.evaluate(dates) == sorted(first)
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Enter")
    assert page.evaluate(dates) == sorted(first, reverse=True)
    assert len(page.evaluate(dates)) == len(first)


def test_reported_results_sort_by_value_and_keep_their_groups(
    visit: Callable[[str], Page], page: Page
) -> None:
    visit("datasets/cifar-10/")
    table = page.locator("table.results")
    head = table.locator("thead th").nth(2)
    groups = table.locator("tr.group").count()
    for way in ("ascending", "descending"):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", way)
        told = page.evaluate(
            "[...document.querySelector('table.results').tBodies].map("
            "b => b.rows[1].cells[2].textContent.trim().replace(/^[≤≥] */, ''))"
        )
        values = [float(value) for value in told if value]
        assert len(values) > 5 and values == sorted(values, reverse=way == "descending")
        # What is not told comes last.
        assert not any(told[len(values) :])
    assert table.locator("tr.group").count() == groups


def test_everything_is_there_without_scripts(browser, base: str) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + "papers/")
    assert page.locator("table.papers tbody tr").count() > 100
    page.goto(base + "frameworks/ddpm/")
    assert page.locator("div.formula math mfrac, div.formula math msqrt").first.is_visible()
    page.goto(base + "timeline/")
    assert page.locator("svg a").count() > 100
    context.close()


def test_dark_and_light(visit: Callable[[str], Page], page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    visit("frameworks/ddpm/")
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)
    assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 150
    page.get_by_role("button", name="Switch to the light scheme").click()
    light = page.evaluate(colour)
    assert sum(map(int, re.findall(r"\d+", light)[:3])) > 600
    page.reload()
    assert page.evaluate(colour) == light


@pytest.mark.parametrize("width", [390, 360])
def test_no_page_scrolls_sideways_on_a_phone(
    visit: Callable[[str], Page], page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    wide = {name: overflow(visit(path)) for name, path in PAGES.items()}
    assert not {name: by for name, by in wide.items() if by > 0}


def test_no_formula_widens_the_page_of_a_phone(
    visit: Callable[[str], Page], page: Page, site_dir: Path
) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    found = (file for file in site_dir.rglob("index.html") if "<math" in file.read_text("utf-8"))
    paths = [f"{file.parent.relative_to(site_dir).as_posix()}/" for file in sorted(found)]
    assert len(paths) > 50
    wide = {}
    for path in paths:
        visit(path)
        page.evaluate("document.fonts.ready.then(() => null)")
        wide[path] = overflow(page)
    assert not {path: by for path, by in wide.items() if by > 0}


def test_the_menu_of_a_phone_works_by_keys(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    visit("")
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("navigation", name="Sections of the atlas").get_by_text("Explore")
    expect(link).to_be_in_viewport()
    link.click()
    expect(page.locator("h1")).to_have_text("Explore the papers")


def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    visit: Callable[[str], Page], page: Page
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    visit("frameworks/ddpm/")
    seen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
    names = [str(name) for name, _ in seen]
    assert "skip" in names[0].lower()
    assert "Frameworks" in names and "Switch to the dark scheme" in names
    assert all(visible for _, visible in seen), seen


def test_formulas_are_drawn_in_their_own_font(visit: Callable[[str], Page], page: Page) -> None:
    for path in ("frameworks/ddpm/", "frameworks/ncsn/", "frameworks/sde/", "compare/"):
        visit(path)
        assert page.locator("math").count() > 10
    visit("frameworks/ddpm/")
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('1em STIX Two Math'))"
    )
    # A root is as high as what stands under it: the browser does not show the signs in a row.
    root, under = page.locator("msqrt").first, page.locator("msqrt > *").first
    assert root.bounding_box()["height"] > under.bounding_box()["height"]  # type: ignore[index]
    # The LaTeX is there to be copied, and not to be seen.
    assert "\\" in (page.locator("div.formula annotation").first.text_content() or "")
    assert not page.locator("annotation").first.is_visible()


def test_every_formula_of_the_site_can_be_read(site_dir: Path) -> None:
    drawn = json.loads((site_dir / "assets/generated/formulas.json").read_text(encoding="utf-8"))
    assert len(drawn["block"]) > 100 and len(drawn["inline"]) > 300
    for file in site_dir.rglob("*.html"):
        shown = re.findall(r"<code>\$[^<]*\$</code>", file.read_text(encoding="utf-8"))
        assert not shown, f"{file}: {shown} is no LaTeX"


def test_the_notebook_is_shown_and_can_be_downloaded(
    visit: Callable[[str], Page], page: Page
) -> None:
    visit("baselines/ddpm/")
    assert page.locator("pre code").count() > 5
    with page.expect_download() as download:
        page.get_by_role("link", name="Download ddpm.ipynb").click()
    notebook = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4 and len(notebook["cells"]) > 10


def test_search_finds_a_paper(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    visit("")
    page.locator(".md-search__input").click()
    page.keyboard.type("consistency models", delay=20)
    result = page.locator(".md-search-result__item a").first
    expect(result).to_contain_text("Consistency", timeout=10_000)


@pytest.mark.parametrize("width", [1280, 1000, 390])
def test_what_the_search_finds_lies_on_the_screen(
    visit: Callable[[str], Page], page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    visit("")
    if width < 960:
        page.locator(".md-header").get_by_role("button", name="Search").click()
    else:
        page.locator(".md-search__input").click()
    page.keyboard.type("denoising diffusion probabilistic models", delay=20)
    result = page.locator(".md-search-result__item a", has_text="Ho et al., 2020").first
    expect(result).to_be_visible(timeout=10_000)
    page.wait_for_timeout(400)  # it slides
    box = result.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert result.evaluate(
        "a => [...a.querySelectorAll('*')].every(e => e.scrollWidth <= a.clientWidth)"
    )


def test_the_search_leads_on_into_the_explorer(visit: Callable[[str], Page], page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    visit("papers/ho2020denoising/")
    page.locator(".md-search__input").click()
    page.keyboard.type("Abbeel", delay=20)
    page.get_by_role("link", name="Look for it in all authors").click()
    filters = page.get_by_label("Filter", exact=True)
    expect(filters).to_have_value("Abbeel")
    expect(page.locator("table.found-papers")).to_contain_text("Denoising Diffusion Probabilistic")


def test_reduced_motion_shows_still_pictures(visit: Callable[[str], Page], page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    visit("")
    # They are asked for late.
    page.wait_for_function(
        "[...document.querySelectorAll('.forming img')].every((i) => i.naturalWidth > 0)"
    )
    shown = page.evaluate(
        "[...document.querySelectorAll('.forming img')].map(i => [i.currentSrc, i.naturalWidth])"
    )
    assert all("still" in source and width > 0 for source, width in shown)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Callable[[str], Page], page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 900})
    axe, found = Axe(), []
    # The dark scheme differs by its colours alone.
    options = {"runOnly": ["color-contrast"]} if scheme == "dark" else None
    for name, path in PAGES.items():
        visit(path)
        for violation in axe.run(page, options=options).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found.append(f"{name}: {violation['id']} {nodes}")
    assert not found, "\n".join(found)
