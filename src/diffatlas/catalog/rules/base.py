"""What rules share: the catalog as they see it, and the list that they are registered in.

A rule is a small named function that yields findings about a whole catalog (``@rule``) or about one
file of it (``@file_rule``). Values that have not the shape of their kind are reported once and then
hidden from the rules, so a rule may rely on types; any key may be missing, though.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.reading import Document
from diffatlas.errors import nearest

__all__ = ["RULES", "Catalog", "File", "Rule", "file_rule", "hint", "rule", "short"]


@dataclass(slots=True, eq=False)
class File:
    """One YAML file of the catalog. ``shown`` is its path as findings name it."""

    kind: str
    shown: str
    relative: Path
    document: Document

    @property
    def data(self) -> dict[str, Any]:
        """The entity, without what has a wrong shape; empty if the file cannot be read."""
        return self.document.data

    @property
    def stem(self) -> str:
        return self.relative.stem

    @property
    def id(self) -> str:
        """What others may refer to: the id that is written, else the file's stem."""
        name = self.data.get("dataset" if self.kind == "results" else "id")
        return name if isinstance(name, str) else self.stem

    def finding(
        self, code: str, message: str, suggestion: str = "", *path: str | int, key: bool = False
    ) -> Finding:
        """A finding at the value (or with ``key``, the name) at a path of keys."""
        line, column = self.document.place(*path, key=key)
        return Finding(self.shown, line, column, code, "error", message, suggestion)

    def at_line(self, code: str, line: int, column: int, message: str, mend: str = "") -> Finding:
        """A finding at a line and column, both from 1."""
        return Finding(self.shown, line, column, code, "error", message, mend)


@dataclass(slots=True)
class Catalog:
    """All files of a catalog. ``root`` is its folder, ``today`` the last day that is no future."""

    root: Path
    shown: str
    files: list[File] = field(default_factory=list)
    entries: list[Path] = field(default_factory=list)  # whatever else lies in the folder
    today: date = field(default_factory=date.today)
    _entities: dict[str, dict[str, File]] | None = None

    def entities(self, kind: str) -> dict[str, File]:
        """The files of a kind by id; of two with one id, the first."""
        if self._entities is None:
            self._entities = {}
            for file in self.files:
                self._entities.setdefault(file.kind, {}).setdefault(file.id, file)
        return self._entities.get(kind, {})

    @staticmethod
    def kinds() -> tuple[str, ...]:
        return tuple(KINDS)

    def of(self, kind: str) -> list[File]:
        """The files of a kind, those that cannot be read included."""
        return [file for file in self.files if file.kind == kind]


CatalogRule = Callable[[Catalog], Iterator[Finding]]
FileRule = Callable[[File, Catalog], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's code, its name (the function's), what it finds (the docstring), and the function."""

    code: str
    name: str
    finds: str
    run: CatalogRule


RULES: dict[str, Rule] = {}


def rule(code: str) -> Callable[[CatalogRule], CatalogRule]:
    """Register a function that looks at the whole catalog."""

    def register(function: CatalogRule) -> CatalogRule:
        if code in RULES:
            raise ValueError(f"two rules have the code {code}")
        finds = " ".join((function.__doc__ or "").split())
        RULES[code] = Rule(code, function.__name__, finds, function)
        return function

    return register


def file_rule(code: str, *kinds: str) -> Callable[[FileRule], FileRule]:
    """Register a function that looks at one file at a time (of some kinds, if named)."""

    def register(function: FileRule) -> FileRule:
        def run(catalog: Catalog) -> Iterator[Finding]:
            for file in catalog.files:
                if file.document.root is not None and (not kinds or file.kind in kinds):
                    yield from function(file, catalog)

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        rule(code)(run)
        return function

    return register


def hint(word: str, known: Iterable[str]) -> str:
    """``did you mean a or b?`` for the nearest of ``known``, or an empty string."""
    # A word far longer than any id is no slip of the pen, and comparing it would take long.
    names = nearest(word, known, n=2) if len(word) <= 80 else []
    return f"did you mean {' or '.join(names)}?" if names else ""


def short(text: object, limit: int = 80) -> str:
    """A value fit for one line of a message."""
    shown = str(text)
    if not shown.isprintable():
        shown = repr(shown)[1:-1]
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."
