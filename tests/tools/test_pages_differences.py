"""The comparison of two baselines' code: nothing is lost, nothing is made up."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from tools.pages import differences
from tools.pages.differences import stages
from tools.pages.parts import Page
from tools.pages.site import Site

ROOT = Path(__file__).parents[2]
PAIRS = [("ddpm", "ncsn"), ("ddpm", "score_sde"), ("ncsn", "score_sde")]


def sides(page: str) -> tuple[list[str], list[str]]:
    """The code of both files as the page shows it, without blank lines."""
    left: list[str] = []
    right: list[str] = []
    for row in re.findall(r'<div class="row (?:same|changed)">.*?</div>', page, re.DOTALL):
        row = re.sub(r'<i aria-hidden="true">.</i>', "", row)
        for tag, both in (("del", [left]), ("ins", [right])):
            for line in re.findall(rf"<{tag}>(.*?)\n</{tag}>", row, re.DOTALL):
                both[0].append(line)
        if 'class="row same"' in row:
            code = re.search(r"<code>(.*?)</code>", row, re.DOTALL)
            assert code is not None
            left += code[1].split("\n")
            right += code[1].split("\n")
    return _plain(left), _plain(right)


def _plain(lines: list[str]) -> list[str]:
    plain = (html.unescape(re.sub(r"<[^>]+>", "", line)).rstrip() for line in lines)
    return [line for line in plain if line]


def code(baseline: str) -> list[str]:
    found = stages((ROOT / "baselines" / f"{baseline}.py").read_text())
    return [line.rstrip() for lines in found.values() for line in lines if line.strip()]


@pytest.fixture(scope="module")
def site(atlas: Any) -> Site:
    site = Site(atlas, ROOT)
    differences.write(site)
    return site


def page_of(site: Site, a: str, b: str) -> str:
    return site.tree.files[f"compare/{a}-{b}.md"].decode()


@pytest.mark.parametrize("a, b", PAIRS)
def test_both_files_can_be_read_off_the_page(a: str, b: str, site: Site) -> None:
    left, right = sides(page_of(site, a, b))
    assert sorted(left) == sorted(code(a))
    assert sorted(right) == sorted(code(b))


@pytest.mark.parametrize("a, b", PAIRS)
def test_the_page_says_what_changes(a: str, b: str, site: Site) -> None:
    page = page_of(site, a, b)
    assert re.search(r"\d+ lines of code are the same, \d+ go, \d+ come", page)
    assert "<math" in page  # the prose, with its formulas


def test_every_baseline_links_to_its_comparisons(site: Site) -> None:
    page = Page(site, "baselines/ddpm/", "DDPM")
    assert len(differences.links(page)) == len(PAIRS)
    found = re.findall(r'href="../../(compare/[^"]+)"', "".join(differences.links(page, "ddpm")))
    assert found == ["compare/ddpm-ncsn/", "compare/ddpm-score_sde/"]


def test_the_stages_of_all_baselines_correspond() -> None:
    names = {a: set(stages((ROOT / f"baselines/{a}.py").read_text())) for a in ("ddpm", "ncsn")}
    assert names["ddpm"] == names["ncsn"]
    sde = set(stages((ROOT / "baselines/score_sde.py").read_text()))
    assert sde - names["ddpm"] == {"The likelihood"}
