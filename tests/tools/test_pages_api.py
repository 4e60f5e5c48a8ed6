"""The feed, of a few papers made up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

from tools.pages import api

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(papers: dict[str, Any]) -> list[tuple[str, str]]:
    """(id, summary) of each entry."""
    put: dict[str, str] = {}
    tree = SimpleNamespace(put=lambda name, content: put.update({name: content}))
    api._feed(SimpleNamespace(address="https://example.org", papers=papers, tree=tree))  # type: ignore[arg-type]
    entries = ElementTree.fromstring(put["feed.xml"]).findall(f"{ATOM}entry")
    return [(str(e.findtext(f"{ATOM}id")), str(e.findtext(f"{ATOM}summary"))) for e in entries]


def corrected(day: str, what: str) -> dict[str, str]:
    return {"date": day, "what": what}


def test_changes_of_one_day_have_ids_of_their_own_that_stay() -> None:
    day = "2026-11-25"
    told = [corrected(day, "Year."), corrected(day, "A.")]
    paper = {"title": "T", "authors": ["A B"], "added": day, "corrected": told}
    entries = feed({"a2020b": paper})
    assert [what for _, what in entries] == ["Corrected: Year.", "Corrected: A.", "New entry."]
    ids = {own for own, _ in entries}
    assert len(ids) == 3
    paper["corrected"] = [*told, corrected(day, "B."), corrected("2026-11-26", "A.")]
    later = [own for own, _ in feed({"a2020b": paper})]
    assert ids < set(later) and len(set(later)) == len(later) == 5


def test_a_correction_that_stands_twice_is_one_change() -> None:
    twice = [corrected("2026-11-25", "The year.")] * 2
    assert len(feed({"a2020b": {"title": "T", "authors": [], "corrected": twice}})) == 1
