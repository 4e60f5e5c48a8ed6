"""What one entity says about others: every reference, with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diffatlas.catalog.models import FACETS, KINDS
from diffatlas.catalog.rules.base import File
from diffatlas.catalog.rules.pointers import source_id

__all__ = ["Reference", "references"]

# (kind that is referred to, id, path of keys)
Reference = tuple[str, str, tuple[str | int, ...]]

_LISTS = {
    "links": ("to", "frameworks"),
    "bridges": ("paper", "papers"),
    "addressed_by": ("paper", "papers"),
    "changes": ("against", "baselines"),
}


def references(file: File) -> Iterator[Reference]:
    """Every id in a file that names another entity."""
    kind, data = file.kind, file.data
    if kind == "results":
        yield from _of_results(data)
        return
    if kind == "questions":
        for i, option in enumerate(data.get("options", ())):
            for j, item in enumerate(option.get("terms", ())):
                if "vocabulary" in data:
                    yield data["vocabulary"], item, ("options", i, "terms", j)
        return
    if kind == "candidates":
        yield "frameworks", file.id, ("id",)
        yield from _of_rules(data)
        return
    if kind in ("papers", "baselines"):
        for facet in FACETS:
            yield from _ids(facet, data, facet)
        yield from _ids("frameworks", data, "variants")
        for name, ids in data.get("relations", {}).items():
            yield from (("papers", item, ("relations", name, i)) for i, item in enumerate(ids))
    if kind != "papers":
        yield from _ids("papers", data, "papers")
        yield from _ids(kind, data, "broader")
    for key, (inner, target) in _LISTS.items():
        for i, link in enumerate(data.get(key, ())):
            if inner in link:
                yield target, link[inner], (key, i, inner)
    for i, record in enumerate(data.get("provenance", ())):
        yield from _source(record, ("provenance", i, "source"))


def _ids(target: str, data: dict[str, Any], key: str) -> Iterator[Reference]:
    for i, item in enumerate(data.get(key, ())):
        yield target, item, (key, i)


def _source(record: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Reference]:
    name = source_id(record.get("source", ""))
    if name is not None:
        yield "sources", name, path


def _of_results(data: dict[str, Any]) -> Iterator[Reference]:
    if "dataset" in data:
        yield "datasets", data["dataset"], ("dataset",)
    for i, row in enumerate(data.get("results", ())):
        for key, target in (("paper", "papers"), ("metric", "metrics")):
            if key in row:
                yield target, row[key], ("results", i, key)
        yield from _source(row, ("results", i, "source"))


def _of_rules(data: dict[str, Any]) -> Iterator[Reference]:
    for i, rule in enumerate(data.get("rules", ())):
        for j, source in enumerate(rule.get("sources", ())):
            kind, slash, name = source.partition("/")
            if slash and kind in KINDS:
                yield kind, name, ("rules", i, "sources", j)
