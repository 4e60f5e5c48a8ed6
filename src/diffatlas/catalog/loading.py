"""The files of a catalog folder, each read once and held against the model of its kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.reading import Document, read
from diffatlas.catalog.shapes import shape_problems

__all__ = ["entity_files", "identity", "load_entities", "validate"]


def entity_files(root: Path) -> Iterator[tuple[str, Path]]:
    """(kind, path) of each YAML file under a catalog's kinds, in the kinds' order."""
    for kind in KINDS:
        yield from ((kind, path) for path in sorted(_walk(root / kind)))


def _walk(folder: Path) -> Iterator[Path]:
    # os.walk follows no links to folders, so a loop of links ends.
    for directory, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            if name.endswith(".yaml") and not name.startswith("."):
                yield Path(directory, name)


def identity(kind: str, data: dict[str, Any]) -> Any:
    """What names an entity: its id, or a result list's data set."""
    return data.get("dataset" if kind == "results" else "id")


def validate(kind: str, document: Document) -> list[Any]:
    """The defects of an entity's shape as pydantic tells them; empty if there are none."""
    try:
        KINDS[kind].__pydantic_validator__.validate_python(document.data)
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)
    return []


def load_entities(root: Path) -> tuple[dict[str, dict[str, Any]], list[Finding]]:
    """All entities by kind and id, and what keeps files from being used."""
    entities: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    findings: list[Finding] = []
    if not root.is_dir():
        findings.append(Finding(str(root), 1, 1, "Y001", "error", "there is no such folder"))
    for kind, path in entity_files(root):
        document = read(path)
        problems = list(document.problems)
        if document.root is not None:
            problems += shape_problems(kind, document, validate(kind, document))
        name = identity(kind, document.data)
        findings += [
            Finding(str(path), p.line, p.column, p.code, "error", p.message, p.suggestion)
            for p in problems
        ]
        if not problems:
            entities[kind][name] = document.data
    return entities, findings
