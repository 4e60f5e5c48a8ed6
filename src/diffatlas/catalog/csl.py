"""Papers as CSL-JSON, which Zotero, pandoc and citeproc read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from diffatlas.catalog.bibtex import venue_of
from diffatlas.catalog.people import person

__all__ = ["entries", "entry"]

_TYPES = {"misc": "article", "inproceedings": "paper-conference", "article": "article-journal"}


def entries(records: Iterable[Mapping[str, Any]]) -> str:
    """The items of paper records in their order, as one JSON list."""
    return json.dumps([entry(record) for record in records], ensure_ascii=False, indent=1) + "\n"


def entry(record: Mapping[str, Any]) -> dict[str, Any]:
    """One item whose id is the paper's; the date is the venue's year, or that of version 1."""
    kind, venue = venue_of(record.get("venue") or "")
    year = venue.get("year")
    submitted = str(record.get("submitted") or record["year"])
    parts = [int(year)] if year else [int(part) for part in submitted.split("-")]
    item = {
        "id": record["id"],
        "type": _TYPES[kind],
        "title": record["title"],
        "author": [_person(name) for name in record.get("authors") or ()],
        "issued": {"date-parts": [parts]},
        "container-title": venue.get("booktitle") or venue.get("journal"),
        "volume": venue.get("volume"),
        "issue": venue.get("number"),
        "page": (venue.get("pages") or "").replace("--", "-"),
        "DOI": record.get("doi"),
        "URL": record.get("url") or _arxiv(record),
        "number": f"arXiv:{record['arxiv']}" if record.get("arxiv") else None,
        "publisher": "arXiv" if kind == "misc" and record.get("arxiv") else None,
    }
    return {key: value for key, value in item.items() if value}


def _arxiv(record: Mapping[str, Any]) -> str | None:
    return f"https://arxiv.org/abs/{record['arxiv']}" if record.get("arxiv") else None


def _person(name: str) -> dict[str, str]:
    family, given, junior = person(name)
    if not given:
        return {"literal": family}
    return {"family": family, "given": given} | ({"suffix": junior} if junior else {})
