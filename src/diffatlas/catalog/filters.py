r"""The filter language: one line of text that selects papers.

    framework:ddpm,ncsn task:inpainting -condition:text year:2020..2022 has:code "free text"

Grammar::

    filter  = { space } { term { space } } ;                 terms are joined by AND
    term    = [ "-" ] ( field ":" values | values ) ;        "-" takes the complement
    values  = value { "," value } ;                          values are joined by OR
    value   = bare | quoted ;
    bare    = one or more characters other than space, comma and quote ;
    quoted  = '"' { any character, with \" for a quote and \\ for a backslash } '"' ;

No space stands inside a term except between quotes. A value without a field is free text, looked
for in title, summary, authors and aliases. The empty filter selects every paper. Fields, singular
or plural, in any case:

- ``framework task condition dataset architecture``: a term by id, name or alias; a term also
  finds what is narrower than it;
- ``year`` and ``submitted`` (also ``date``): ``2020``, ``2020..2022``, ``2021..``, ``..2020``, both
  ends included; a date may be a year, a month (``2020-06``) or a day (``2020-06-19``);
- ``has``: ``code baseline results arxiv doi url venue submitted summary table1`` or a facet;
- ``origin``: ``survey`` or ``beyond``;
- ``provenance``: a paper with a fact that rests on such a source: ``paper repository survey list
  inferred recall``;
- ``author venue heading title``: a phrase that begins at the beginning of a word;
- ``id`` (also ``paper``): a paper; ``arxiv`` and ``doi``: the beginning of the identifier.

What cannot be understood raises ``FilterError``, which points at the offending part. Text is
compared as ``diffatlas.catalog.text`` tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from diffatlas.errors import FilterError, did_you_mean

__all__ = ["FACETS", "FIELDS", "HAS", "Term", "Value", "day_range", "parse", "quote", "year_range"]

FACETS = ("frameworks", "tasks", "conditions", "datasets", "architectures")

# Every spelling of a field -> its canonical name.
FIELDS: dict[str, str] = {
    **{facet: facet for facet in FACETS},
    **{facet.removesuffix("s"): facet for facet in FACETS},
    "year": "year",
    "years": "year",
    "submitted": "submitted",
    "date": "submitted",
    "has": "has",
    "origin": "origin",
    "provenance": "provenance",
    "author": "author",
    "authors": "author",
    "venue": "venue",
    "venues": "venue",
    "heading": "heading",
    "headings": "heading",
    "survey_heading": "heading",
    "title": "title",
    "id": "id",
    "paper": "id",
    "papers": "id",
    "arxiv": "arxiv",
    "doi": "doi",
}

# The spellings shown in messages: one a field.
SHOWN_FIELDS = (
    "framework",
    "task",
    "condition",
    "dataset",
    "architecture",
    "year",
    "submitted",
    "has",
    "origin",
    "provenance",
    "author",
    "venue",
    "heading",
    "title",
    "id",
    "arxiv",
    "doi",
)

HAS: tuple[str, ...] = ("code", "baseline", "results", "arxiv", "doi", "url", "venue")
HAS += ("submitted", "summary", "table1", *FACETS)

# Longer than any question a person asks, short enough to stay instant.
MAX_LENGTH = 4000

_FIELD = re.compile(r'([^\s",:]*):')
_BARE = re.compile(r'[^\s",]*')
_YEAR = re.compile(r"[0-9]{4}")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class Value:
    """One alternative of a term; ``start:end`` is where it stands in the filter."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; ``field`` is canonical, or None for free text."""

    field: str | None
    values: tuple[Value, ...]
    negated: bool
    start: int
    end: int


def quote(value: str) -> str:
    """``value`` as it may stand in a filter, in quotes if it needs them."""
    if re.fullmatch(r'[^\s",:\\-][^\s",:\\]*', value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a filter, unresolved. Raises ``FilterError`` and nothing else."""
    if not isinstance(text, str):
        raise FilterError(f"a filter is a string, not {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise FilterError(f"a filter has at most {MAX_LENGTH:,} characters, not {len(text):,}")
    terms: list[Term] = []
    at = _skip_space(text, 0)
    while at < len(text):
        term = _parse_term(text, at)
        terms.append(term)
        at = _skip_space(text, term.end)
    return tuple(terms)


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _parse_term(text: str, start: int) -> Term:
    at = start
    negated = text[at] == "-"
    if negated:
        at += 1
        if at == len(text) or text[at].isspace() or text[at] == "-":
            raise FilterError(
                "a minus sign stands right before what it excludes, as in -condition:text",
                text,
                start,
                at,
            )
    field = None
    head = _FIELD.match(text, at)
    if head is not None:
        name = head[1].lower()
        field = FIELDS.get(name)
        if field is None:
            guess = did_you_mean(name, SHOWN_FIELDS)
            known = "" if guess else f"; the fields are {' '.join(SHOWN_FIELDS)}"
            raise FilterError(
                f"there is no field {head[1]!r}{guess}{known}"
                " (text that holds a colon goes in quotes)",
                text,
                at,
                head.end(),
            )
        at = head.end()
    values: list[Value] = []
    while True:
        value = _parse_value(text, at, field)
        values.append(value)
        at = value.end
        if at < len(text) and text[at] == ",":
            at += 1
            continue
        return Term(field, tuple(values), negated, start, at)


def _parse_value(text: str, at: int, field: str | None) -> Value:
    if at < len(text) and text[at] == '"':
        return _parse_quoted(text, at)
    match = _BARE.match(text, at)
    end = match.end() if match else at
    if end < len(text) and text[end] == '"':
        raise FilterError(
            "a quote in the middle of a word; put the whole value in quotes", text, at, end + 1
        )
    if end == at:
        what = f"a value is missing after {field!r}" if field else "a value is missing"
        raise FilterError(
            f"{what}; commas part alternatives, and text that holds a comma goes in quotes",
            text,
            max(0, at - 1),
            at + 1,
        )
    if field and text[at] == "-":
        mended = f"-{field.removesuffix('s')}:{text[at + 1 : end]}"
        raise FilterError(f"the minus sign goes before the field: {mended}", text, at, end)
    return Value(text[at:end], at, end)


def _parse_quoted(text: str, start: int) -> Value:
    letters: list[str] = []
    at = start + 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and text[at + 1 : at + 2] in ('"', "\\"):
            at += 1
        letters.append(text[at])
        at += 1
    if at >= len(text):
        raise FilterError("a quote is opened and never closed", text, start, len(text))
    at += 1
    if at < len(text) and text[at] != "," and not text[at].isspace():
        raise FilterError("a space or comma is missing after a closing quote", text, start, at + 1)
    return Value("".join(letters), start, at)


def year_range(value: Value, text: str) -> tuple[int, int]:
    """``2020..2022`` -> (2020, 2022); an open end is 0 or 9999."""

    def one(part: str) -> tuple[int, int]:
        if not _YEAR.fullmatch(part):
            raise FilterError(
                f"{part!r} is not a year; write 2020, 2020..2022, 2021.. or ..2020",
                text,
                value.start,
                value.end,
            )
        return int(part), int(part)

    return _range(value, text, one, 9999)


def day_range(value: Value, text: str) -> tuple[int, int]:
    """``2020-06..2021`` -> (20200601, 20211231): days as integers yyyymmdd, both included."""

    def one(part: str) -> tuple[int, int]:
        match = _DAY.fullmatch(part)
        try:
            if match is None:
                raise ValueError
            year, month, day = (int(g) if g else None for g in match.groups())
            date(year or 1, month or 1, day or 1)
        except ValueError:
            raise FilterError(
                f"{part!r} is not a date; write 2020, 2020-06 or 2020-06-19,"
                " and ranges as 2020-06..2021",
                text,
                value.start,
                value.end,
            ) from None
        base = (year or 0) * 10000
        first = base + (month or 1) * 100 + (day or 1)
        return first, base + (month or 12) * 100 + (day or 31)

    return _range(value, text, one, 99991231)


def _range(
    value: Value, text: str, one: Callable[[str], tuple[int, int]], top: int
) -> tuple[int, int]:
    low, dots, high = value.text.strip().partition("..")
    if dots and not (low or high):
        raise FilterError("a range needs at least one end", text, value.start, value.end)
    first = one(low)[0] if low else 0
    last = (one(high)[1] if high else top) if dots else one(low)[1]
    if first > last:
        raise FilterError(
            f"the range ends before it begins; did you mean {high}..{low}?",
            text,
            value.start,
            value.end,
        )
    return first, last
