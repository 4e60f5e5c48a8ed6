"""Edits of a file's text by the places of its YAML nodes. Each returns the new text."""

from __future__ import annotations

from collections.abc import Iterator

from diffatlas.catalog.loading import validate
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.reading import Document, Node
from diffatlas.catalog.rules.formatting import mappings, misplaced, second_values, sequences

__all__ = ["comments", "dedent_lists", "drop_second_values", "order_keys", "quote_texts"]


def _scalars(node: Node) -> Iterator[Node]:
    if node.kind == "scalar":
        yield node
    elif node.kind == "list":
        for item in node.value:
            yield from _scalars(item)
    else:
        for key, item in node.value:
            yield key
            yield from _scalars(item)


def comments(document: Document) -> Iterator[str]:
    """Every comment of a file, from its # to the end of the line."""
    lines = document.text.split("\n")
    covered: dict[int, list[tuple[int, int]]] = {}
    for node in _scalars(document.root) if document.root else ():
        if node.style in ("|", ">"):
            # The header line (`|2-  # comment`) may carry a comment; the lines below are content.
            start, end = node.line + 1, max(node.end_line, node.line + 1)
            for number in range(start, end):
                covered.setdefault(number, []).append((0, len(lines[number])))
            continue
        for number in range(node.line, min(node.end_line + 1, len(lines))):
            left = node.column if number == node.line else 0
            right = node.end_column if number == node.end_line else len(lines[number])
            covered.setdefault(number, []).append((left, right))
    for number, line in enumerate(lines):
        at = line.find("#")
        while at >= 0:
            inside = any(left <= at < right for left, right in covered.get(number, ()))
            if not inside and (at == 0 or line[at - 1] in " \t"):
                yield line[at:]
                break
            at = line.find("#", at + 1)


def quote_texts(document: Document, kind: str) -> str:
    """Quotes around numbers, dates and words such as true that stand where text is wanted."""
    lines = document.text.split("\n")
    places = []
    for error in validate(kind, document):
        node = document.root
        for step in error["loc"]:
            node = node.get(step) if node is not None else None
        if error["type"] != "string_type" or node is None or node.kind != "scalar":
            continue
        if node.style is None and node.value is not None and node.line == node.end_line:
            places.append((node.line, node.column, node.end_column))
    for line, start, end in sorted(places, reverse=True):
        text = lines[line]
        lines[line] = f"{text[:start]}'{text[start:end]}'{text[end:]}"
    return "\n".join(lines)


def dedent_lists(document: Document, kind: str) -> str:
    """Dashes below the first letter of the key that the list belongs to."""
    lines = document.text.split("\n")
    shifts = [0] * len(lines)
    for node, column in sequences(document.root) if document.root else ():
        shift = node.column - column
        if shift > 0:
            for number in range(node.line, _last_line(lines, node, column) + 1):
                shifts[number] += shift
    moved = []
    for line, shift in zip(lines, shifts, strict=True):
        indent = len(line) - len(line.lstrip(" "))
        moved.append(line[min(shift, indent) :])
    return "\n".join(moved)


def _last_line(lines: list[str], node: Node, column: int) -> int:
    """The last line of a block list: the parser ends it only where the next thing begins."""
    last = min(node.end_line, len(lines)) - 1
    while last > node.line and (
        not lines[last].strip() or len(lines[last]) - len(lines[last].lstrip()) <= column
    ):
        last -= 1
    return max(last, node.line)


def drop_second_values(document: Document, kind: str) -> str:
    """Lists without the values that stand in them a second time."""
    lines = document.text.split("\n")
    for node in reversed(list(second_values(document.root) if document.root else ())):
        if node.line != node.end_line:
            continue
        line = lines[node.line]
        left, right = line[: node.column], line[node.end_column :]
        if left.strip() == "-":
            rest = right.strip()
            if rest:  # a comment stays, on a line of its own
                lines[node.line] = left[: left.index("-")] + rest
            else:
                del lines[node.line]
        elif left.rstrip().endswith(","):
            lines[node.line] = left.rstrip()[:-1] + right
    return "\n".join(lines)


def order_keys(document: Document, kind: str) -> str:
    """Keys in the order of the model, each with its value and the comments above it."""
    from diffatlas.catalog.reading import parse

    text = document.text
    # Moving one mapping's lines shifts all positions, so read again after each.
    for _ in range(200):
        document = parse(text.encode())
        if document.root is None:
            return text
        for node, order in mappings(document.root, KINDS[kind]):
            if misplaced(node, order):
                moved = _ordered(text, node, order)
                if moved != text:
                    text = moved
                    break
        else:
            return text
    return text


def _rank(order: list[str], key: str) -> int:
    return order.index(key) if key in order else len(order)


def _ordered(text: str, node: Node, order: list[str]) -> str:
    pairs = node.value
    ranked = sorted(range(len(pairs)), key=lambda i: (_rank(order, pairs[i][0].value), i))
    if node.style == "flow":
        return _ordered_flow(text, node, ranked)
    lines = text.split("\n")
    starts = [key.line for key, _ in pairs]
    if len(set(starts)) != len(starts):
        return text
    indent = node.column
    # A comment of the keys' own indentation right above a key belongs to that key.
    begins = [starts[0]]
    for start in starts[1:]:
        while lines[start - 1].startswith(" " * indent + "#"):
            start -= 1
        begins.append(start)
    end = _end_of_block(lines, node)
    chunks = [lines[a:b] for a, b in zip(begins, [*begins[1:], end], strict=True)]
    lead = lines[starts[0]][:indent]  # "- " where the mapping is an item of a list
    chunks[0][0] = " " * indent + chunks[0][0][indent:]
    if not lead.strip() and begins[0] > 0:
        above = begins[0]
        while above > 1 and lines[above - 1].startswith(" " * indent + "#"):
            above -= 1
        chunks[0] = lines[above : begins[0]] + chunks[0]
        begins[0] = above
    body = [line for i in ranked for line in chunks[i]]
    if lead.strip():
        comments_above = 0
        while body[comments_above].lstrip().startswith("#"):
            comments_above += 1
        first = body[comments_above]
        column = len(lead) - len(lead.lstrip())
        above_dash = [" " * column + line.lstrip() for line in body[:comments_above]]
        body = [*above_dash, lead + first[indent:], *body[comments_above + 1 :]]
    return "\n".join([*lines[: begins[0]], *body, *lines[end:]])


def _end_of_block(lines: list[str], node: Node) -> int:
    """The line behind a block mapping's last; what is indented less does not belong to it."""
    end = min(node.end_line, len(lines))
    if node.end_column > node.column and end < len(lines):
        end += 1
    while end > node.line + 1:
        line = lines[end - 1]
        outer = len(line) - len(line.lstrip()) < node.column
        if line.strip() and not (outer and line.lstrip().startswith("#")):
            break
        end -= 1
    return end


def _ordered_flow(text: str, node: Node, ranked: list[int]) -> str:
    lines = text.split("\n")
    pairs = node.value
    if node.line != node.end_line:
        return text
    line = lines[node.line]
    parts = [line[key.column : item.end_column] for key, item in pairs]
    inner = ", ".join(parts[i] for i in ranked)
    last = pairs[-1][1].end_column
    lines[node.line] = line[: pairs[0][0].column] + inner + line[last:]
    return "\n".join(lines)
