"""I: arXiv ids and DOIs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.rules.base import Catalog, File, file_rule, short

__all__ = ["arxiv_month", "arxiv_problem", "doi_problem"]

_NEW = re.compile(r"([0-9]{2})([0-9]{2})\.([0-9]{4,5})")
_OLD = re.compile(r"[a-z-]+(?:\.[A-Z]{2})?/([0-9]{2})([0-9]{2})([0-9]{3})")
_INSIDE = re.compile(r"([0-9]{4}\.[0-9]{4,5})(?:v[0-9]+)?(?:\.pdf)?")
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"<>\\]+")
_DOI_INSIDE = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>\\?#]+")


def arxiv_month(arxiv: str) -> tuple[int, int, int] | None:
    """Year, month and running number in an arXiv id; None if it is no arXiv id."""
    match = _NEW.fullmatch(arxiv) or _OLD.fullmatch(arxiv)
    if match is None or not 1 <= int(match[2]) <= 12:
        return None
    century = 1900 if int(match[1]) >= 91 else 2000
    return century + int(match[1]), int(match[2]), int(match[3])


def arxiv_problem(arxiv: str) -> tuple[str, str] | None:
    """What is wrong with an arXiv id, and the mend; None if nothing is."""
    month = arxiv_month(arxiv)
    if month is None:
        inside = _INSIDE.search(arxiv) if len(arxiv) <= 200 else None
        mend = "write it as '2006.11239'"
        if inside and inside[1] != arxiv and arxiv_month(inside[1]):
            mend = f"write '{inside[1]}'"
        return f"{short(arxiv)!r} is not an arXiv id", mend
    if "." in arxiv and "/" not in arxiv:
        digits = len(arxiv.partition(".")[2])
        expected = 5 if month[0] >= 2015 else 4
        if month[:2] < (2007, 4) or digits != expected:
            mend = f"ids of {month[0]} have {expected} digits after the point; check it"
            return f"{short(arxiv)!r} is not an arXiv id", mend
    return None


def doi_problem(doi: str) -> tuple[str, str] | None:
    """What is wrong with a DOI, and the mend; None if nothing is."""
    if _DOI.fullmatch(doi):
        return None
    inside = _DOI_INSIDE.search(doi) if len(doi) <= 500 else None
    mend = f"write {inside[0]}" if inside else "a DOI looks like 10.1109/TPAMI.2023.3261988"
    return f"{short(doi)!r} is not a DOI", mend


@file_rule("I308", "papers")
def bad_arxiv_id(file: File, catalog: Catalog) -> Iterator[Finding]:
    """An arXiv id of a form that arXiv never gave."""
    problem = arxiv_problem(file.data["arxiv"]) if "arxiv" in file.data else None
    if problem:
        yield file.finding("I308", *problem, "arxiv")


@file_rule("I309", "papers")
def bad_doi(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A DOI that is none."""
    problem = doi_problem(file.data["doi"]) if "doi" in file.data else None
    if problem:
        yield file.finding("I309", *problem, "doi")
