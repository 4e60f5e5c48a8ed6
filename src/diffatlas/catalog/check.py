"""Every defect of a catalog in one run: ``check(path)`` returns findings and never raises.

>>> from diffatlas.catalog.check import check
>>> for finding in check("catalog"):
...     print(finding)      # file:line:column CODE what is wrong; how to mend it
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

from diffatlas.catalog.findings import Finding, printable
from diffatlas.catalog.loading import add_file, read_files, shown_root
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.reading import Document, parse
from diffatlas.catalog.rules import RULES, Catalog

__all__ = ["check", "check_draft", "find_root"]


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
    catalog = Catalog(root, shown_root(root), today=today or date.today())
    findings = list(read_files(catalog))
    catalog.entries, unreadable = _entries(catalog.root)
    for error in unreadable:
        shown, message = printable(str(error.filename)), f"cannot be read: {error.strerror}"
        findings.append(Finding(shown, 1, 1, "Y001", "error", message))
    for rule in RULES.values():
        findings += rule.run(catalog)
    lines = {file.shown: file.document.text.count("\n") + 1 for file in catalog.files}
    kept = (_clamped(f, lines.get(f.file, 1)) for f in findings)
    below = given.absolute().relative_to(root.absolute()).as_posix()
    if below != ".":
        prefix = printable(f"{catalog.shown}/{below}")
        kept = (f for f in kept if f.file == prefix or f.file.startswith(f"{prefix}/"))
    return sorted(set(kept))


def check_draft(root: Path, kind: str, relative: Path, raw: bytes, today: date) -> list[Finding]:
    """What the check would find in a file of these bytes if it stood at ``relative``."""
    catalog = Catalog(root, shown_root(root), today=today)
    for _ in read_files(catalog):
        pass  # the defects of others are no reason to refuse a new file
    findings = list(add_file(catalog, kind, parse(raw, Document(root / relative)), relative))
    for rule in RULES.values():
        findings += rule.run(catalog)
    shown = catalog.files[-1].shown
    return sorted({finding for finding in findings if finding.file == shown})


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
