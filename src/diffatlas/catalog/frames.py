"""Columns (lists of plain values) to DataFrames with the dtypes that people expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["LISTS", "PAPER_COLUMNS", "frame"]

# The columns of ``atlas.papers``, in this order.
PAPER_COLUMNS = (
    "id",
    "title",
    "authors",
    "year",
    "submitted",
    "venue",
    "arxiv",
    "doi",
    "code",
    "frameworks",
    "tasks",
    "conditions",
    "datasets",
    "architectures",
    "survey_heading",
    "in_table1",
    "url",
    "origin",
    "summary",
    "aliases",
    "relations",
    "added",
    "corrected",
)

# Fields whose cells are always lists, also where no entity fills them.
_LIST_NAMES = """
authors code frameworks tasks conditions datasets architectures survey_heading aliases papers
broader links bridges addressed_by headings variants samplers changes corrected
"""
LISTS = frozenset(_LIST_NAMES.split())
_MAPPINGS = frozenset(("relations", "properties"))
_DATES = frozenset(("submitted", "added"))
_DEFAULTS = {"origin": "survey"}
_FLAGS = frozenset(("in_table1", "recited"))

# pandas 3 has a text dtype whose missing value is NaN; before it, texts were objects.
_TEXT: Any = "str" if int(pd.__version__.partition(".")[0]) >= 3 else "object"


def frame(columns: Mapping[str, Sequence[Any]], names: Sequence[str]) -> pd.DataFrame:
    """The columns called ``names``; a missing list cell is ``[]``, another missing cell NaN/NaT."""
    size = len(next(iter(columns.values()), ()))
    empty = [None] * size
    data = {name: _column(name, columns.get(name, empty)) for name in names}
    return pd.DataFrame(data, copy=False)


def _column(name: str, values: Sequence[Any]) -> Any:
    if name in _DATES:
        days = np.array([value or "NaT" for value in values], dtype="datetime64[D]")
        return days.astype("datetime64[s]")
    if name in LISTS:
        return _objects(([] if value is None else value for value in values), len(values))
    if name in _MAPPINGS:
        return _objects(({} if value is None else value for value in values), len(values))
    if name in _FLAGS:
        return np.fromiter((bool(value) for value in values), dtype=bool, count=len(values))
    if name == "year":
        return np.array(values, dtype="int64")
    if name in _DEFAULTS:
        values = [value or _DEFAULTS[name] for value in values]
    kinds = set(map(type, values))
    present = kinds - {type(None)}
    if present <= {str}:
        return pd.array(list(values), dtype=_TEXT)
    if present == {bool}:
        return pd.array(list(values), dtype="boolean") if type(None) in kinds else np.array(values)
    if present == {int}:
        return pd.array(list(values), dtype="Int64" if type(None) in kinds else "int64")
    if present <= {int, float}:
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return _objects(values, len(values))


def _objects(values: Iterable[Any], size: int) -> np.ndarray:
    # np.array would make a matrix of lists of equal length.
    return np.fromiter(values, dtype=object, count=size)
