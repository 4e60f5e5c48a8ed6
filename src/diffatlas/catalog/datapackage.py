"""``datapackage.json``: what the exported CSV files hold, in the Frictionless format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffatlas.catalog import writers

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["DESCRIPTOR", "datapackage", "is_ours"]

DESCRIPTOR = "datapackage.json"
_NAME = "diffusion-atlas"

_TITLES = {
    "papers": "One row a paper; lists are joined by semicolons.",
    "results": "One row a reported value with its protocol. Not ranked: protocols differ.",
    "terms": "One row a term of a vocabulary, with its kind.",
    "edges": "One row a typed link between two entities.",
    "provenance": "One row a fact and source.",
}
_KEYS = {"papers": ["id"], "terms": ["kind", "id"]}
_DATES = frozenset(("submitted", "added"))


def datapackage(atlas: Atlas, tables: Sequence[str]) -> str:
    """The descriptor of ``<table>.csv`` for each of ``tables``."""
    import diffatlas

    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": _NAME,
        "title": "Diffusion Atlas: diffusion models in vision",
        "version": diffatlas.__version__,
        "keywords": ["diffusion models", "score-based generative models", "taxonomy"],
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0",
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
        "sources": [
            {
                "title": "Diffusion Models in Vision: A Survey",
                "path": "https://arxiv.org/abs/2209.04747",
            }
        ],
        "resources": [_resource(atlas, table) for table in tables],
    }
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def is_ours(path: Path) -> bool:
    """Whether a file is a descriptor that an export wrote."""
    try:
        package = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(package, dict) and package.get("name") == _NAME


def _resource(atlas: Atlas, table: str) -> Mapping[str, Any]:
    names, rows = writers.rows_of(getattr(atlas, table))
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    fields = [
        {"name": name, "type": _type(name, values)}
        for name, values in zip(names, columns, strict=True)
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if table in _KEYS:
        schema["primaryKey"] = _KEYS[table]
    return {
        "name": table,
        "type": "table",
        "path": f"{table}.csv",
        "title": _TITLES[table],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _type(name: str, values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if name in _DATES:
        return "date"
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    if kinds and kinds <= {int, float}:
        return "number"
    return "string"
