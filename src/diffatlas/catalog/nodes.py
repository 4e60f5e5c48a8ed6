"""A file as read: its values with the line and column of each, and its defects."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Document", "Node", "Problem"]


@dataclass(slots=True)
class Node:
    """One value of a file. Lines and columns count from 0 here; the end is exclusive.

    ``value`` is a plain scalar, a list of nodes, or a list of (key node, value node).
    """

    kind: str  # "scalar", "list" or "map"
    value: Any
    line: int
    column: int
    end_line: int = 0
    end_column: int = 0
    style: str | None = None  # scalars: ' " | > or None for plain; others: "flow" or "block"

    def plain(self) -> Any:
        """The value as str, int, float, bool, None, date, list and dict."""
        if self.kind == "scalar":
            return self.value
        if self.kind == "list":
            return [item.plain() for item in self.value]
        return {key.value: item.plain() for key, item in self.value}

    def get(self, key: str | int) -> Node | None:
        """The child under ``key`` (of a mapping) or at index ``key`` (of a list)."""
        if self.kind == "map":
            for name, item in self.value:
                if name.value == key:
                    return item
        elif self.kind == "list" and isinstance(key, int) and 0 <= key < len(self.value):
            return self.value[key]
        return None

    def key(self, key: str | int) -> Node | None:
        """The node of the key itself."""
        if self.kind == "map":
            for name, _ in self.value:
                if name.value == key:
                    return name
        return None


@dataclass(frozen=True, slots=True)
class Problem:
    """A defect of one file; ``line`` and ``column`` count from 1."""

    line: int
    column: int
    code: str
    message: str
    suggestion: str = ""


@dataclass(slots=True)
class Document:
    """One file as read. ``root`` is None and ``data`` empty where the file cannot be understood."""

    path: Path
    text: str = ""
    marked: bool = False  # whether the file began with a byte order mark
    root: Node | None = None
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, *keys: str | int, key: bool = False) -> tuple[int, int]:
        """Line and column (from 1) of the node at a path of keys, or of the last key's name.

        A path that leads nowhere gives the place of its deepest part that exists.
        """
        node = self.root
        if node is None:
            return 1, 1
        at = node
        for step in keys:
            child = node.get(step)
            if child is None:
                return at.line + 1, at.column + 1
            at = (node.key(step) or child) if key else child
            node = child
        return at.line + 1, at.column + 1
