"""Tables that run over several kinds: all terms, all links between entities, cross tabulations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from diffatlas.catalog.filters import FACETS, FIELDS
from diffatlas.catalog.frames import frame
from diffatlas.catalog.tables import counts
from diffatlas.errors import UnknownField, did_you_mean

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["crosstab", "edges", "terms"]

TERM_KINDS = (
    "frameworks",
    "families",
    "tasks",
    "conditions",
    "datasets",
    "architectures",
    "metrics",
    "limitations",
    "directions",
)
TERM_COLUMNS: tuple[str, ...] = (
    "kind",
    "id",
    "name",
    "aliases",
    "origin",
    "summary",
    "definition",
    "not",
)
TERM_COLUMNS += ("broader", "papers")
EDGE_COLUMNS = ("source_kind", "source", "relation", "target_kind", "target")

# The fields by which a crosstab may count, beside the facets.
_COUNTED = ("year", "origin", "venue", "heading", "author")


def terms(atlas: Atlas) -> pd.DataFrame:
    """One row a term of any vocabulary: what all kinds of terms have in common."""
    rows = [
        {"kind": kind, "origin": "survey", **record}
        for kind in TERM_KINDS
        for record in atlas.records(kind).values()
    ]
    return frame({name: [row.get(name) for row in rows] for name in TERM_COLUMNS}, TERM_COLUMNS)


def edges(atlas: Atlas) -> pd.DataFrame:
    """One row a link. The relation is the field that holds it: ``tasks``, ``broader``, ...."""
    rows = list(_edges(atlas))
    return frame(
        {name: [row[at] for row in rows] for at, name in enumerate(EDGE_COLUMNS)}, EDGE_COLUMNS
    )


def _edges(atlas: Atlas) -> Iterator[tuple[str, str, str, str, str]]:
    for kind in (*TERM_KINDS, "papers", "baselines"):
        for own, record in atlas.records(kind).items():
            for field in (*FACETS, "papers"):
                for target in record.get(field) or ():
                    yield kind, own, field, field, target
            for field, target_kind in (("broader", kind), ("variants", "frameworks")):
                for target in record.get(field) or ():
                    yield kind, own, field, target_kind, target
            for link in record.get("links") or ():
                yield kind, own, "links", kind, link["to"]
            for field in ("bridges", "addressed_by"):
                for note in record.get(field) or ():
                    yield kind, own, field, "papers", note["paper"]
            for relation, targets in (record.get("relations") or {}).items():
                for target in targets or ():
                    yield kind, own, relation, "papers", target


def crosstab(
    atlas: Atlas, a: str, b: str, filter: str = "", rollup: bool = False, top: bool = False
) -> pd.DataFrame:
    """See ``Atlas.crosstab``."""
    papers = atlas.find(filter)
    first, second = (_labels(atlas, papers, field, rollup, top) for field in (a, b))
    table = counts(first[1:], second[1:], len(papers))
    return pd.DataFrame(
        table,
        index=pd.Index(first[1], name=first[0], dtype=_label_type(first[1])),
        columns=pd.Index(second[1], name=second[0], dtype=_label_type(second[1])),
    )


def _label_type(labels: list[Any]) -> Any:
    return "int64" if labels and isinstance(labels[0], int) else object


def _labels(
    atlas: Atlas, papers: pd.DataFrame, field: str, rollup: bool, top: bool
) -> tuple[str, list[Any], list[list[int]]]:
    """The singular name of a field, its labels and, a label, the rows of the papers under it."""
    name = FIELDS.get(field.strip().lower(), "")
    if name not in (*FACETS, *_COUNTED):
        known = (*(facet.removesuffix("s") for facet in FACETS), *_COUNTED)
        guess = did_you_mean(field, known) or f"; it may be {', '.join(known)}"
        raise UnknownField(f"papers cannot be counted by {field!r}{guess}")
    column = {"heading": "survey_heading", "author": "authors"}.get(name, name)
    rows: dict[Any, list[int]] = {}
    for row, cell in enumerate(papers[column].tolist()):
        for label in cell if isinstance(cell, list) else [cell]:
            if label == label and label is not None:
                rows.setdefault(label, []).append(row)
    if name in FACETS:
        vocabulary = atlas.vocabulary(name)
        labels: list[Any] = vocabulary.roots() if top else list(vocabulary.ids)
        if rollup:
            for label in labels:
                below = [rows.get(term, []) for term in (label, *vocabulary.narrower(label))]
                rows[label] = sorted({row for own in below for row in own})
    elif name == "year":
        # Years without papers are rows too, within the catalog's span.
        years = atlas.papers["year"]
        labels = list(range(int(years.min()), int(years.max()) + 1)) if len(years) else []
    else:
        labels = sorted(rows, key=str)
    # While rolling up, a term reads rows of its children that were rolled up already: the union
    # is the same.
    return name.removesuffix("s"), labels, [rows.get(label, []) for label in labels]
