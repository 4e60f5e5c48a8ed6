"""Every defect of a catalog in one run: ``check(path)`` returns findings and never raises.

>>> from diffatlas.catalog.check import check
>>> for finding in check("catalog"):
...     print(finding)      # file:line:column CODE what is wrong; how to mend it
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from diffatlas.catalog.findings import Finding, printable
from diffatlas.catalog.loading import entity_files, validate
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.reading import Node, Problem, read
from diffatlas.catalog.rules import RULES, Catalog, File
from diffatlas.catalog.shapes import shape_problems

__all__ = ["check", "find_root"]


def check(path: str | os.PathLike[str] = "catalog", today: date | None = None) -> list[Finding]:
    """All findings in a catalog, sorted by file, line and column.

    ``path`` is the catalog's folder, or a folder or file in one; then the whole catalog is read,
    as references need it, and the findings below ``path`` are returned. ``today`` is the last day
    that is not in the future.
    """
    given = Path(path)
    root, complaint = find_root(given)
    if root is None:
        return [Finding(printable(str(given)), 1, 1, "Y001", "error", *complaint)]
    catalog = Catalog(root, _shown_root(root), today=today or date.today())
    findings = list(_read_all(catalog))
    for rule in RULES.values():
        findings += rule.run(catalog)
    lines = {file.shown: file.document.text.count("\n") + 1 for file in catalog.files}
    kept = (_clamped(f, lines.get(f.file, 1)) for f in findings)
    below = given.absolute().relative_to(root.absolute()).as_posix()
    if below != ".":
        prefix = printable(f"{catalog.shown}/{below}")
        kept = (f for f in kept if f.file == prefix or f.file.startswith(f"{prefix}/"))
    return sorted(set(kept))


def find_root(given: Path) -> tuple[Path | None, tuple[str, str]]:
    """The catalog's folder for a path in it; without one, what to say about the path."""
    try:
        if not given.exists():
            return None, ("there is no such file or folder", "give the path of a catalog")
        for folder in (given, *given.parents, *given.absolute().parents):
            if folder.is_dir() and _is_root(folder):
                below = given.absolute().relative_to(folder.absolute()).parts
                # A file beside the kinds is no part of the catalog, nor is a sibling project.
                if not below or below[0] in KINDS:
                    return folder, ("", "")
    except (OSError, ValueError) as error:
        return None, (f"cannot be read: {getattr(error, 'strerror', None) or error}", "")
    return None, ("no catalog is here", f"a catalog has folders such as {', '.join(KINDS)}")


def _is_root(folder: Path) -> bool:
    # `catalog` in the source of the library has no such folders, but `baselines/` exists elsewhere.
    return any((folder / kind).is_dir() for kind in KINDS if kind not in ("baselines", "results"))


def _shown_root(root: Path) -> str:
    return printable(root.as_posix()).rstrip("/")


def _read_all(catalog: Catalog) -> Iterator[Finding]:
    for kind, path in entity_files(catalog.root):
        relative = path.relative_to(catalog.root)
        shown = printable(f"{catalog.shown}/{relative.as_posix()}")
        file = File(kind, shown, relative, read(path))
        document = file.document
        problems = list(document.problems)
        if document.root is not None:
            errors = validate(kind, document)
            if errors:
                problems += shape_problems(kind, document, errors)
                _hide(document.root, [error["loc"] for error in errors])
                document.data = document.root.plain()
        catalog.files.append(file)
        yield from (_finding(file, problem) for problem in problems)
    entries, unreadable = _entries(catalog.root)
    catalog.entries.extend(entries)
    for error in unreadable:
        shown = printable(str(error.filename))
        yield Finding(shown, 1, 1, "Y001", "error", f"cannot be read: {error.strerror}")


def _finding(file: File, problem: Problem) -> Finding:
    return file.at_line(
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


def _entries(root: Path) -> tuple[list[Path], list[OSError]]:
    """What lies in the catalog's folder beside the files that are read; folders that refuse."""
    found: list[Path] = []
    unreadable: list[OSError] = []
    try:
        listed = sorted(root.iterdir())
    except OSError as error:
        return [], [error]
    for entry in listed:
        if entry.name.startswith("."):
            continue
        found.append(entry.relative_to(root))
        if entry.name in KINDS and entry.is_dir():
            for folder, folders, files in os.walk(entry, onerror=unreadable.append):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                found += [
                    Path(folder, name).relative_to(root)
                    for name in sorted(files)
                    if not name.endswith(".yaml") and not name.startswith(".")
                ]
    return found, unreadable


def _clamped(finding: Finding, lines: int) -> Finding:
    """The parser may complain one line behind the end."""
    line, column = min(max(finding.line, 1), lines), max(finding.column, 1)
    if (line, column) == (finding.line, finding.column):
        return finding
    return replace(finding, line=line, column=column)
