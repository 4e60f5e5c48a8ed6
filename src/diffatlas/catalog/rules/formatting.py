"""F: how a file is written. ``diffatlas check --fix`` mends all of these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.models import KINDS, keys, singular
from diffatlas.catalog.reading import Node
from diffatlas.catalog.rules.base import Catalog, File, file_rule, rule, short
from diffatlas.catalog.shapes import inner_model

FIX = "run diffatlas check --fix"
_HEAD = "# yaml-language-server: $schema="

__all__ = ["lines_of", "mappings", "misplaced", "schema_line", "second_values", "sequences"]


def schema_line(kind: str) -> str:
    """The first line of every file of a kind, which tells editors its schema."""
    up = "../../" if kind == "papers" else "../"
    return f"{_HEAD}{up}schema/{singular(kind)}.json"


def lines_of(text: str) -> list[str]:
    """The lines of a text; only the breaks that editors know part them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def mappings(node: Node, model: type[BaseModel] | None) -> Iterator[tuple[Node, list[str]]]:
    """Every mapping below a node whose keys have an order, with that order."""
    if node.kind == "list":
        for item in node.value:
            yield from mappings(item, model)
    elif node.kind == "map" and model is not None:
        yield node, keys(model)
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        for key, item in node.value:
            if item.kind != "scalar" and key.value in fields:
                yield from mappings(item, inner_model(fields[key.value].annotation))


def misplaced(node: Node, order: list[str]) -> tuple[Node, str] | None:
    """The first key of a mapping that stands too late, and the key it belongs before."""
    ranks = {key: rank for rank, key in enumerate(order)}
    highest, holder = -1, ""
    for key, _ in node.value:
        rank = ranks.get(key.value)
        if rank is None:
            continue
        if rank < highest:
            return key, holder
        highest, holder = rank, key.value
    return None


def sequences(node: Node, column: int = 0) -> Iterator[tuple[Node, int]]:
    """Every block list, with the column of the key that it belongs to."""
    if node.kind == "map":
        for key, item in node.value:
            yield from sequences(item, key.column)
    elif node.kind == "list":
        if node.style == "block" and node.value:
            yield node, column
        for item in node.value:
            yield from sequences(item, item.column)


def second_values(node: Node) -> Iterator[Node]:
    """Scalars that stand in a list a second time."""
    if node.kind == "map":
        for _, item in node.value:
            yield from second_values(item)
    elif node.kind == "list":
        seen: set[Any] = set()
        for item in node.value:
            if item.kind != "scalar":
                yield from second_values(item)
            elif (type(item.value), item.value) in seen:
                yield item
            else:
                seen.add((type(item.value), item.value))


@file_rule("F601")
def key_order(file: File, catalog: Catalog) -> Iterator[Finding]:
    """Keys in another order than that of the model."""
    root = file.document.root
    for node, order in mappings(root, KINDS[file.kind]) if root else ():
        wrong = misplaced(node, order)
        if wrong:
            key, later = wrong
            message = f"the key {key.value} belongs before {later}"
            yield file.at_line("F601", key.line + 1, key.column + 1, message, FIX)


@file_rule("F602")
def trailing_space(file: File, catalog: Catalog) -> Iterator[Finding]:
    """White space at the end of a line."""
    for number, line in enumerate(lines_of(file.document.text), 1):
        bare = line.rstrip()
        if bare != line:
            yield file.at_line("F602", number, len(bare) + 1, "white space ends the line", FIX)


@file_rule("F603")
def foreign_line_break(file: File, catalog: Catalog) -> Iterator[Finding]:
    """Line breaks of Windows or old Macs, or a byte order mark."""
    text = file.document.text
    if file.document.marked:
        yield file.at_line("F603", 1, 1, "the file begins with a byte order mark", FIX)
    if "\r" in text:
        before = text[: text.index("\r")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        yield file.at_line("F603", line, column, "the line ends with CR, not LF", FIX)


@file_rule("F604")
def tab(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A tab."""
    for number, line in enumerate(lines_of(file.document.text), 1):
        if "\t" in line:
            yield file.at_line("F604", number, line.index("\t") + 1, "a tab", FIX)


@file_rule("F605")
def ending(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A last line without a line break, or empty lines after it."""
    text = file.document.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not text.endswith("\n"):
        message = "no line break ends the file"
        yield file.at_line("F605", len(lines), len(lines[-1]) + 1, message, FIX)
    elif text.endswith("\n\n"):
        yield file.at_line("F605", len(lines) - 1, 1, "empty lines end the file", FIX)


@file_rule("F606")
def first_line(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A first line that does not name the schema of the kind."""
    expected = schema_line(file.kind)
    if lines_of(file.document.text)[0].rstrip() != expected:
        message = f"the first line should be `{expected}`"
        yield file.at_line("F606", 1, 1, message, FIX)


@file_rule("F607")
def value_twice(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A value that stands in a list twice."""
    root = file.document.root
    for node in second_values(root) if root else ():
        message = f"{short(node.value)!r} stands in the list twice"
        yield file.at_line("F607", node.line + 1, node.column + 1, message, FIX)


@file_rule("F608")
def list_indentation(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A list whose dashes do not stand below the first letter of its key."""
    root = file.document.root
    for node, column in sequences(root) if root else ():
        if node.column != column:
            message = "the dash belongs below the first letter of the key"
            yield file.at_line("F608", node.line + 1, node.column + 1, message, FIX)


@file_rule("F609")
def document_marker(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A ``---`` or ``...`` line, which one entity a file does not need."""
    root = file.document.root
    for number, line in enumerate(lines_of(file.document.text)):
        outside = root is not None and (number < root.line or number >= root.end_line)
        if outside and line.rstrip() in ("---", "..."):
            yield file.at_line("F609", number + 1, 1, f"a line {line.rstrip()}", FIX)


@rule("F610")
def stale_schema(catalog: Catalog) -> Iterator[Finding]:
    """A generated JSON Schema that is missing or not what the models and terms give."""
    from diffatlas.catalog.schema import stale

    for name, state in stale(catalog.root):
        shown = f"{catalog.shown}/schema/{name}"
        yield Finding(shown, 1, 1, "F610", "error", f"the generated schema is {state}", FIX)
