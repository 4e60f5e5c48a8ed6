"""YAML to plain data with the line and column of every node. Never raises on what a file holds.

The catalog uses a small part of YAML: mappings, lists and scalars in UTF-8, one document a file.
Anchors, aliases, merge keys and tags are refused: they hide what a file says from a reader and let
a few lines expand to gigabytes. Parsing works on libyaml's events rather than on ``compose``,
whose recursion overflows the C stack on deep nesting.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from diffatlas.catalog.nodes import Document, Node, Problem
from diffatlas.catalog.scalars import resolve

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_SCALAR", "Document", "Node", "Problem", "parse", "read"]

MAX_BYTES = 2_000_000  # a file; the largest honest one lists a data set's results
MAX_SCALAR = 50_000  # characters of one value
MAX_DEPTH = 12  # the deepest model needs five
MAX_KEYS = 200  # of one mapping; a paper has two dozen
MAX_ITEMS = 5_000  # of one list

# CSafeLoader is missing where PyYAML was built without libyaml; its pure twin gives equal events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Line breaks for YAML, invisible to editors: they would shift every later line number.
_HIDDEN_BREAKS = ("\x85", "\u2028", "\u2029")


class _Refused(Exception):
    def __init__(self, mark: Any, code: str, message: str, suggestion: str = "") -> None:
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        self.problem = Problem(line, column, code, message, suggestion)


def read(path: str | os.PathLike[str]) -> Document:
    """Read one file. Whatever is wrong with it stands in ``problems``."""
    path = Path(path)
    document = Document(path)
    try:
        # A pipe or a device would block or never end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise OSError("it is not a regular file")
        with open(path, "rb") as handle:
            raw = handle.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        document.problems.append(Problem(1, 1, "Y001", f"cannot be read: {reason}"))
        return document
    return parse(raw, document)


def parse(raw: bytes, document: Document | None = None) -> Document:
    """Understand the bytes of one file."""
    document = Document(Path("-")) if document is None else document
    try:
        document.marked = raw.startswith(b"\xef\xbb\xbf")
        document.text = _decode(raw)
        document.root = root = _build(document.text, document.problems)
        if root is None:
            raise _Refused(None, "Y010", "the file holds no entity", "fill it in or delete it")
        if root.kind != "map":
            raise _Refused(root, "Y010", "the file is not a mapping", "write `key: value` lines")
        document.data = root.plain()
    except _Refused as refused:
        document.root = None
        document.text = document.text or raw.decode("utf-8", "replace")
        document.problems.append(refused.problem)
    return document


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise _Refused(
            None,
            "Y008",
            f"the file is larger than {MAX_BYTES:,} bytes",
            "split it, or keep out what is no fact",
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n")
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace"))
        raise _Refused(
            yaml.Mark("", error.start, line, column, None, 0),
            "Y002",
            f"the file is not UTF-8 (byte 0x{raw[error.start]:02x})",
            "save it as UTF-8",
        ) from None
    text = text.removeprefix("\ufeff")
    for character in _HIDDEN_BREAKS:
        if character in text:
            raise _Refused(
                _mark(text, text.index(character)),
                "Y009",
                f"a hidden line break (U+{ord(character):04X})",
                "delete it",
            )
    return text


def _mark(text: str, index: int) -> Any:
    before = text[:index]
    return yaml.Mark("", index, before.count("\n"), index - before.rfind("\n") - 1, None, 0)


def _events(text: str) -> Iterator[Any]:
    loader = None
    try:
        loader = _Loader(text.encode("utf-8") if hasattr(yaml, "CSafeLoader") else text)
        while True:
            event = loader.get_event()
            if event is None:
                return
            yield event
    except yaml.MarkedYAMLError as error:
        reason = error.problem or "it cannot be parsed"
        if error.context:
            reason = f"{reason} ({error.context})"
        raise _Refused(
            error.problem_mark or error.context_mark,
            "Y003",
            f"broken YAML: {reason}",
            "check quotes, colons and indentation here and above",
        ) from None
    except yaml.reader.ReaderError as error:
        index = min(
            text.find(chr(error.character)) if isinstance(error.character, int) else 0, len(text)
        )
        raise _Refused(
            _mark(text, max(index, 0)),
            "Y009",
            f"broken YAML: {error.reason}",
            "delete the invisible character",
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _Refused(None, "Y003", f"broken YAML: {error}") from None
    finally:
        if loader is not None:
            loader.dispose()


def _build(text: str, problems: list[Problem]) -> Node | None:
    """The tree of a text's only document. Raises ``_Refused``; what can be read on is noted."""
    top: Node | None = None
    stack: list[Node] = []
    pending: list[Node | None] = []  # beside each open mapping: the key that waits for its value
    seen: list[set[str]] = []
    documents = 0
    for event in _events(text):
        name = type(event).__name__
        start, end = event.start_mark, event.end_mark
        if name == "ScalarEvent":
            node = _scalar(event, start, end)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            _refuse_indirection(event)
            if len(stack) >= MAX_DEPTH:
                raise _Refused(
                    start,
                    "Y007",
                    f"nested deeper than {MAX_DEPTH} levels",
                    "no entity needs that; look for a stray bracket or indentation",
                )
            kind = "map" if name == "MappingStartEvent" else "list"
            style = "flow" if event.flow_style else "block"
            node = Node(kind, [], start.line, start.column, style=style)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            node = stack.pop()
            pending.pop()
            seen.pop()
            node.end_line, node.end_column = end.line, end.column
            continue
        elif name == "AliasEvent":
            raise _Refused(start, "Y005", f"an alias (*{event.anchor[:40]})", "write the value out")
        elif name == "DocumentStartEvent":
            documents += 1
            if documents > 1:
                raise _Refused(
                    start,
                    "Y011",
                    "a second document begins",
                    "one file holds one entity; remove the `---`",
                )
            continue
        else:
            continue
        if stack and len(stack[-1].value) >= (MAX_KEYS if stack[-1].kind == "map" else MAX_ITEMS):
            what = "mapping" if stack[-1].kind == "map" else "list"
            message = f"a {what} of more than {len(stack[-1].value):,} entries"
            raise _Refused(start, "Y008", message, "no entity needs that")
        if not stack:
            top = node
        elif stack[-1].kind == "list":
            stack[-1].value.append(node)
        elif pending[-1] is None:
            pending[-1] = _key(node, seen[-1], problems)
        else:
            # Of keys that stand twice the first counts; the second is reported and left out.
            if pending[-1].style != "duplicate":
                stack[-1].value.append((pending[-1], node))
            pending[-1] = None
        if node.kind != "scalar":
            stack.append(node)
            pending.append(None)
            seen.append(set())
    if top is not None and top.kind == "scalar" and top.value is None:
        return None
    return top


def _scalar(event: Any, start: Any, end: Any) -> Node:
    if event.anchor or event.tag:
        _refuse_indirection(event)
    text, style = event.value, event.style or None
    if len(text) > MAX_SCALAR:
        raise _Refused(
            start,
            "Y008",
            f"a value of {len(text):,} characters",
            f"at most {MAX_SCALAR:,} are allowed; shorten it",
        )
    value = text if style else resolve(text)
    return Node("scalar", value, start.line, start.column, end.line, end.column, style)


def _key(node: Node, seen: set[str], problems: list[Problem]) -> Node:
    if node.kind != "scalar":
        raise _Refused(node, "Y003", "a list or mapping stands where a key should", "quote it")
    if not isinstance(node.value, str):
        node.value = "null" if node.value is None else str(node.value)
    if node.value == "<<" and node.style is None:
        raise _Refused(node, "Y005", "a merge key (<<)", "write the keys out")
    if len(problems) > MAX_KEYS:
        raise _Refused(node, "Y008", "hundreds of keys that stand twice", "keep one of each")
    if node.value in seen:
        message = f"the key {node.value[:60]!r} stands here a second time"
        problems.append(
            Problem(node.line + 1, node.column + 1, "Y004", message, "keep one of the two")
        )
        node.style = "duplicate"
    seen.add(node.value)
    return node


def _refuse_indirection(event: Any) -> None:
    if event.anchor:
        raise _Refused(
            event.start_mark,
            "Y005",
            f"an anchor (&{event.anchor[:40]})",
            "write the value out wherever it is needed",
        )
    # "!" alone and implicit tags mean nothing; an explicit tag would change a type unseen.
    if event.tag and event.tag != "!":
        raise _Refused(event.start_mark, "Y006", f"a tag ({event.tag[:60]})", "remove it")
