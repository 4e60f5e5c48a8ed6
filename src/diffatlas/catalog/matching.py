"""Answers a parsed filter with the rows of the papers, through masks that are built once.

Every atomic question (a facet's term, a phrase, a flag) is one boolean numpy array with an entry
a paper, cached; AND, OR and negation are then operations on arrays of a few thousand bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from diffatlas.catalog import filters
from diffatlas.catalog.coverage import STANDINGS
from diffatlas.catalog.filters import FACETS, HAS, Term, Value
from diffatlas.catalog.text import TextIndex, normalize
from diffatlas.catalog.vocabulary import Vocabulary
from diffatlas.errors import FilterError, alternatives, did_you_mean

__all__ = ["PaperIndex"]

# The first one is meant where a paper does not say.
ORIGINS = ("survey", "beyond")

# Where a phrase is looked for; "" is free text.
_SEARCHED = {
    "": ("title", "summary", "authors", "aliases"),
    "title": ("title", "aliases"),
    "author": ("authors",),
    "venue": ("venue",),
    "heading": ("survey_heading",),
}

# How many phrase masks are kept; beyond it the cache starts afresh.
_CACHE_LIMIT = 4096


class PaperIndex:
    """The papers as columns, ready to be filtered.

    ``columns`` maps a field to a list with one entry a paper (None or empty where it is missing).
    ``with_baseline`` and ``with_results`` hold the ids of papers that have them; ``with_status`` is
    asked once, by the first filter that needs it, for the ids of the papers that have a fact of a
    status of provenance.
    """

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        vocabularies: Mapping[str, Vocabulary],
        with_baseline: Collection[str] = (),
        with_results: Collection[str] = (),
        with_status: Callable[[], Mapping[str, Collection[str]]] = dict,
    ) -> None:
        self._columns = columns
        self._vocabularies = vocabularies
        self._with = {"baseline": with_baseline, "results": with_results}
        self._with_status = with_status
        self._size = len(columns["id"])
        self._masks: dict[tuple[str, str], np.ndarray] = {}
        self._text_indices: dict[str, TextIndex] = {}

    def rows(self, text: str) -> np.ndarray:
        """Positions of the papers that match ``text``, ascending. Raises ``FilterError``."""
        return np.flatnonzero(self.mask(text))

    def mask(self, text: str) -> np.ndarray:
        """One boolean a paper. Raises ``FilterError``."""
        chosen = np.ones(self._size, dtype=bool)
        for term in filters.parse(text):
            chosen &= self._term(term, text)
        return chosen

    def _term(self, term: Term, text: str) -> np.ndarray:
        answer = _ANSWERS.get(term.field or "", PaperIndex._facet)
        found = np.zeros(self._size, dtype=bool)
        for value in term.values:
            found |= answer(self, term.field or "", value, text)
        return ~found if term.negated else found

    # One method a sort of field; each gets the field, the value and the whole filter.

    def _facet(self, field: str, value: Value, text: str) -> np.ndarray:
        vocabulary = self._vocabularies[field]
        targets = vocabulary.resolve(value.text)
        if len(targets) == 1:
            return self._cached(field, targets[0], self._facet_mask)
        if targets:
            reason = f"{value.text!r} may be {' or '.join(targets)}; use one of these ids"
        else:
            guess = alternatives(vocabulary.suggestions(value.text))
            reason = f"there is no {field.removesuffix('s')} {value.text!r}{guess}"
        raise FilterError(reason, text, value.start, value.end)

    def _facet_mask(self, field: str, target: str) -> np.ndarray:
        mask = np.zeros(self._size, dtype=bool)
        postings = self._postings[field]
        for term in (target, *self._vocabularies[field].narrower(target)):
            rows = postings.get(term)
            if rows:
                mask[rows] = True
        return mask

    def _phrase(self, field: str, value: Value, text: str) -> np.ndarray:
        phrase = normalize(value.text)
        if not phrase:
            raise FilterError(
                "there is no letter or digit to look for", text, value.start, value.end
            )
        mask = self._cached(field, phrase, lambda f, p: self._texts(f).mask(p))
        if field == "heading" and not mask.any():
            known = sorted({h for row in self._columns["survey_heading"] for h in row or ()})
            raise FilterError(
                f"there is no heading {value.text!r}{did_you_mean(value.text, known)}",
                text,
                value.start,
                value.end,
            )
        return mask

    def _year(self, _field: str, value: Value, text: str) -> np.ndarray:
        low, high = filters.year_range(value, text)
        return (self._years >= low) & (self._years <= high)

    def _submitted(self, _field: str, value: Value, text: str) -> np.ndarray:
        low, high = filters.day_range(value, text)
        return (self._days >= low) & (self._days <= high)

    def _has(self, _field: str, value: Value, text: str) -> np.ndarray:
        name = value.text.lower()
        plural = name + "s"
        if name not in HAS:
            name = plural if plural in HAS else filters.FIELDS.get(name, name)
        if name not in HAS:
            guess = did_you_mean(value.text, HAS) or f"; it may be {' '.join(HAS)}"
            raise FilterError(f"has: does not know {value.text!r}{guess}", text, *_span(value))
        return self._cached("has", name, self._has_mask)

    def _has_mask(self, _field: str, name: str) -> np.ndarray:
        if name in self._with:
            owners = self._with[name]
            return self._where(paper in owners for paper in self._columns["id"])
        return self._where(self._columns["in_table1" if name == "table1" else name])

    def _origin(self, _field: str, value: Value, text: str) -> np.ndarray:
        name = value.text.lower()
        if name not in ORIGINS:
            raise FilterError(
                f"origin is survey or beyond, not {value.text!r}", text, *_span(value)
            )
        return self._cached(
            "origin",
            name,
            lambda _, n: self._where((o or ORIGINS[0]) == n for o in self._columns["origin"]),
        )

    def _provenance(self, _field: str, value: Value, text: str) -> np.ndarray:
        name = value.text.lower()
        if name not in STANDINGS:
            guess = did_you_mean(value.text, STANDINGS) or f"; it may be {' '.join(STANDINGS)}"
            reason = f"provenance: does not know {value.text!r}{guess}"
            raise FilterError(reason, text, *_span(value))
        return self._cached("provenance", name, self._provenance_mask)

    def _provenance_mask(self, _field: str, name: str) -> np.ndarray:
        owners = self._statuses.get(name, ())
        return self._where(paper in owners for paper in self._columns["id"])

    def _identifier(self, field: str, value: Value, text: str) -> np.ndarray:
        wanted = _bare_identifier(value.text)
        if not wanted:
            raise FilterError(f"{field}: needs an identifier", text, value.start, value.end)
        column = self._columns[field]
        return self._cached(
            field,
            wanted,
            lambda _, w: self._where(bool(own) and own.lower().startswith(w) for own in column),
        )

    def _paper(self, _field: str, value: Value, text: str) -> np.ndarray:
        row = self._row_of.get(value.text)
        if row is None:
            named = self._paper_names.get(normalize(value.text), ())
            if len(named) != 1:
                guess = did_you_mean(value.text, self._row_of)
                reason = f"there is no paper {value.text!r}{guess}"
                raise FilterError(reason, text, value.start, value.end)
            row = named[0]
        mask = np.zeros(self._size, dtype=bool)
        mask[row] = True
        return mask

    # What the answers are built from, each made at the first question that needs it.

    def _cached(self, field: str, key: str, make: Callable[[str, str], np.ndarray]) -> np.ndarray:
        mask = self._masks.get((field, key))
        if mask is None:
            if len(self._masks) >= _CACHE_LIMIT:
                self._masks.clear()
            mask = self._masks[field, key] = make(field, key)
        return mask

    def _where(self, flags: Any) -> np.ndarray:
        return np.fromiter((bool(flag) for flag in flags), dtype=bool, count=self._size)

    @cached_property
    def _postings(self) -> dict[str, dict[str, list[int]]]:
        every: dict[str, dict[str, list[int]]] = {}
        for facet in FACETS:
            own: dict[str, list[int]] = {}
            for row, terms in enumerate(self._columns[facet]):
                for term in terms or ():
                    own.setdefault(term, []).append(row)
            every[facet] = own
        return every

    def _texts(self, field: str) -> TextIndex:
        index = self._text_indices.get(field)
        if index is None:
            rows: list[list[str]] = [[] for _ in range(self._size)]
            for column in _SEARCHED[field]:
                for texts, cell in zip(rows, self._columns[column], strict=True):
                    texts += [cell] if isinstance(cell, str) else cell or ()
            index = self._text_indices[field] = TextIndex(rows)
        return index

    @cached_property
    def _years(self) -> np.ndarray:
        return np.array([-1 if y is None else y for y in self._columns["year"]], dtype=np.int64)

    @cached_property
    def _days(self) -> np.ndarray:
        days = [int(str(d).replace("-", "")) if d else -1 for d in self._columns["submitted"]]
        return np.array(days, dtype=np.int64)

    @cached_property
    def _statuses(self) -> Mapping[str, Collection[str]]:
        return self._with_status()

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {paper: row for row, paper in enumerate(self._columns["id"])}

    @cached_property
    def _paper_names(self) -> dict[str, list[int]]:
        names: dict[str, list[int]] = {}
        columns = zip(self._columns["id"], self._columns["aliases"], strict=True)
        for row, (own, aliases) in enumerate(columns):
            for key in dict.fromkeys(normalize(n) for n in (own, *(aliases or ()))):
                names.setdefault(key, []).append(row)
        return names


def _span(value: Value) -> tuple[int, int]:
    return value.start, value.end


def _bare_identifier(text: str) -> str:
    """``arXiv:2006.11239v2`` -> ``2006.11239``; ``https://doi.org/10.1/X`` -> ``10.1/x``."""
    lowered = text.strip().lower()
    for prefix in ("https://doi.org/", "https://arxiv.org/abs/", "arxiv:", "doi:"):
        lowered = lowered.removeprefix(prefix)
    head, v, version = lowered.rpartition("v")
    return head if v and version.isdecimal() and "." in head and "/" not in head else lowered


_ANSWERS: dict[str, Callable[[PaperIndex, str, Value, str], np.ndarray]] = {
    "": PaperIndex._phrase,
    "author": PaperIndex._phrase,
    "venue": PaperIndex._phrase,
    "heading": PaperIndex._phrase,
    "title": PaperIndex._phrase,
    "year": PaperIndex._year,
    "submitted": PaperIndex._submitted,
    "has": PaperIndex._has,
    "origin": PaperIndex._origin,
    "provenance": PaperIndex._provenance,
    "arxiv": PaperIndex._identifier,
    "doi": PaperIndex._identifier,
    "id": PaperIndex._paper,
}
