"""The files of a catalog folder, each read once and held against the model of its kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from diffatlas.catalog.findings import Finding, printable
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.reading import Document, Node, read
from diffatlas.catalog.rules import RULES, Catalog, File
from diffatlas.catalog.shapes import shape_problems

__all__ = ["add_file", "entity_files", "load_entities", "read_files", "shown_root", "validate"]

# One id, one entity; every id that is referred to exists; no term is broader than itself.
_NEEDED = ("I301", "R201", "R202")


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


def validate(kind: str, document: Document) -> list[Any]:
    """The defects of an entity's shape as pydantic tells them; empty if there are none."""
    try:
        KINDS[kind].__pydantic_validator__.validate_python(document.data)
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)
    return []


def read_files(catalog: Catalog) -> Iterator[Finding]:
    """Read every file into ``catalog.files``, and tell what is wrong with each by itself."""
    for kind, path in entity_files(catalog.root):
        yield from add_file(catalog, kind, read(path), path.relative_to(catalog.root))


def add_file(catalog: Catalog, kind: str, document: Document, relative: Path) -> Iterator[Finding]:
    """Take one file up, without what has a wrong shape, and tell what is wrong with it."""
    shown = printable(f"{catalog.shown}/{relative.as_posix()}")
    file = File(kind, shown, relative, document)
    problems = list(document.problems)
    if document.root is not None:
        errors = validate(kind, document)
        if errors:
            problems += shape_problems(kind, document, errors)
            _hide(document.root, [error["loc"] for error in errors])
            document.data = document.root.plain()
    catalog.files.append(file)
    for problem in problems:
        yield file.at_line(
            problem.code, problem.line, problem.column, problem.message, problem.suggestion
        )


def _hide(root: Node, places: list[tuple[str | int, ...]]) -> None:
    """Take what has a wrong shape out of the tree, so that rules may rely on types."""
    doomed: list[tuple[Node, Node]] = []
    for place in places:
        parent, node = root, root
        for step in place:
            child = node.get(step)
            if child is None:
                break
            parent, node = node, child
        else:
            doomed.append((parent, node))
            continue
        if node is not root and node.kind == "scalar":
            doomed.append((parent, node))  # the location went on with a branch of a union
    for parent, node in doomed:
        if parent.kind == "list":
            parent.value = [item for item in parent.value if item is not node]
        elif parent.kind == "map":
            parent.value = [pair for pair in parent.value if pair[1] is not node]


def load_entities(root: Path) -> tuple[dict[str, dict[str, Any]], list[Finding]]:
    """All entities by kind and id, and what keeps the catalog from being used.

    That is what cannot be read, has not the shape of its kind, hides another entity or refers to
    none; whatever else ``diffatlas check`` asks for, an atlas can do without.
    """
    catalog = Catalog(root, shown_root(root))
    findings = list(read_files(catalog))
    if not root.is_dir():
        findings.append(Finding(catalog.shown, 1, 1, "Y001", "error", "there is no such folder"))
    for code in _NEEDED:
        findings += RULES[code].run(catalog)
    entities = {
        kind: {name: file.data for name, file in catalog.entities(kind).items()} for kind in KINDS
    }
    return entities, sorted(set(findings))


def shown_root(root: Path) -> str:
    """A catalog's folder as findings name it."""
    return printable(root.as_posix()).rstrip("/")
