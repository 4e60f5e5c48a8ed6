"""The content-security policy: every page carries it, and nothing that a visitor does breaks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from html_reading import read
from playwright.sync_api import Page, expect

from pages import PAGES

REPOSITORY = Path(__file__).resolve().parents[2]
COLLECT = """addEventListener("securitypolicyviolation", (event) =>
  (window.violations ??= []).push(`${event.violatedDirective} ${event.blockedURI}`))"""


def test_no_page_needs_what_the_policy_forbids(site_dir: Path) -> None:
    policy = (REPOSITORY / "docs/theme/partials/policy.html").read_text(encoding="utf-8").strip()
    assert "unsafe" not in policy
    for file in site_dir.rglob("*.html"):
        elements = read(file.read_text(encoding="utf-8")).elements
        metas = [a for tag, a in elements if tag == "meta"]
        policies = [a for a in metas if a.get("http-equiv") == "Content-Security-Policy"]
        assert [a["content"] for a in policies] == [policy], file
        for tag, attributes in elements:
            handlers = [name for name in attributes if name.startswith("on")]
            assert not handlers and "style" not in attributes and tag != "style", (file, tag)
            data = (attributes.get("type") or "").endswith(("json", "plain"))
            assert tag != "script" or "src" in attributes or data, (file, attributes)


def test_nothing_that_a_visitor_does_breaks_it(visit: Callable[[str], Page], page: Page) -> None:
    page.add_init_script(COLLECT)
    page.set_viewport_size({"width": 1280, "height": 900})
    found = {}

    def note(name: str) -> None:
        if broken := page.evaluate("window.violations ?? []"):
            found[name] = broken

    for name, path in PAGES.items():
        visit(path)
        note(name)
    visit("explore/")
    page.locator(".facets input[type=checkbox]").first.check()
    page.locator("#explorer-filter").fill("diffusion task:inpainting")
    expect(page.locator("mark").first).to_be_visible()
    page.locator(".explorer tbody button").first.click()
    note("explorer, used")
    page.get_by_role("button", name="Switch to the dark scheme").click()
    note("dark scheme")
    page.locator(".md-search__input").click()
    page.keyboard.type("score", delay=20)
    expect(page.locator(".md-search-result__item a").first).to_be_visible(timeout=10_000)
    note("search, used")
    visit("papers/ho2020denoising/")
    page.locator("#cite > summary").click()
    page.locator("#cite button.copy").first.focus()
    note("cite")
    assert not found


def test_the_policy_holds(page: Page, base: str) -> None:
    """What the tests above rely on: an inline script does not run, and the event is seen."""
    page.add_init_script(COLLECT)
    page.goto(base)
    page.evaluate(
        """() => { const script = document.createElement("script");
                   script.textContent = "window.ran = true"; document.body.append(script); }"""
    )
    assert page.evaluate("[window.ran ?? false, window.violations.length]") == [False, 1]
