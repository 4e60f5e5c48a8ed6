"""Comparison tables and counts: plain functions over records and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from diffatlas.catalog import writers
from diffatlas.catalog.writers import rows_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cell_text", "compare", "counts", "marked", "to_latex", "to_markdown"]

# What identifies or documents an entity instead of describing it.
_NOT_COMPARED = frozenset({"id", "kind", "provenance", "aliases"})


def cell_text(value: Any) -> str:
    """A field's value as one text: lists parted by ``", "``, mappings as ``key: value``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        # {to, how} and {paper, how} read as "ddpm: in the limit of ..."
        target = value.get("to") or value.get("paper")
        if target and set(value) <= {"to", "paper", "how"}:
            return f"{target}: {value.get('how', '')}".strip().removesuffix(":")
        return "; ".join(f"{key}: {cell_text(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        nested = any(isinstance(item, Mapping) for item in value)
        return ("; " if nested else ", ").join(cell_text(item) for item in value)
    return str(value).strip()


def compare(records: Sequence[Mapping[str, Any]], order: Sequence[str] = ()) -> pd.DataFrame:
    """Fields as rows, entities as columns, and a boolean column ``differs``.

    ``order`` gives the order of the fields; mappings such as ``properties`` and ``relations``
    spread over rows ``properties.time``, .... A field that no entity has is left out; one that an
    entity lacks is an empty string there. Lists count as equal whatever their order.
    """
    import pandas as pd

    flat = [_flatten(record) for record in records]
    seen = dict.fromkeys(key for row in flat for key in row)
    place = {field: at for at, field in enumerate(order)}
    fields = sorted(seen, key=lambda f: place.get(f.partition(".")[0], len(place)))
    columns = {
        str(record["id"]): [cell_text(row.get(field)) for field in fields]
        for record, row in zip(records, flat, strict=True)
    }
    differs = [len({_comparable(row.get(field)) for row in flat}) > 1 for field in fields]
    index = pd.Index(fields, name="field", dtype="str")
    frame = pd.DataFrame(columns, index=index, dtype="str")
    frame["differs"] = np.array(differs, dtype=bool)
    return frame


def marked(frame: pd.DataFrame) -> tuple[list[str], list[list[Any]]]:
    """Names and rows of any frame; a column ``differs`` becomes a ``*`` right after the index."""
    if "differs" not in frame.columns:
        return rows_of(frame)
    names, rows = rows_of(frame.drop(columns="differs"))
    flags = ["*" if flag else "" for flag in frame["differs"]]
    names.insert(1, "")
    return names, [[row[0], flag, *row[1:]] for row, flag in zip(rows, flags, strict=True)]


def to_markdown(frame: pd.DataFrame) -> str:
    """Any frame of the atlas (a comparison, a crosstab, a selection) as a Markdown table."""
    return writers.to_markdown(*marked(frame), markdown="differs" in frame.columns)


def to_latex(frame: pd.DataFrame) -> str:
    """Any frame of the atlas as a LaTeX ``tabular`` with booktabs rules."""
    return writers.to_latex(*marked(frame), markdown="differs" in frame.columns)


def _flatten(record: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if key in _NOT_COMPARED or value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping):
            flat |= {f"{key}.{inner}": item for inner, item in value.items()}
        else:
            flat[key] = value
    return flat


def _comparable(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "\n".join(sorted(cell_text(item) for item in value))
    return cell_text(value)


def counts(
    first: tuple[Sequence[str], Sequence[Sequence[int]]],
    second: tuple[Sequence[str], Sequence[Sequence[int]]],
    size: int,
) -> np.ndarray:
    """How many papers stand under each pair of labels: an integer array, labels x labels.

    Each side is its labels and, a label, the rows of the papers under it (of ``size`` papers).
    """
    sides = []
    for labels, rows in (first, second):
        # float32 counts exactly up to 2**24 papers and multiplies through BLAS.
        flags = np.zeros((len(labels), size), dtype=np.float32)
        for at, own in enumerate(rows):
            flags[at, list(own)] = 1.0
        sides.append(flags)
    return np.rint(sides[0] @ sides[1].T).astype(np.int64)
