"""``diffatlas check --fix``: mends order and formatting, and nothing that a person must decide.

Edits work on lines and columns taken from the YAML nodes, so all that they do not touch, comments
first of all, stays as it was written. A file is written only if what it says is unchanged (but for
values listed twice, white space at line ends, and quotes around what should be text) and no comment
is lost. What cannot be parsed is left alone.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diffatlas.catalog.check import find_root
from diffatlas.catalog.edits import (
    comments,
    dedent_lists,
    drop_second_values,
    order_keys,
    quote_texts,
)
from diffatlas.catalog.loading import entity_files
from diffatlas.catalog.reading import Document, parse, read
from diffatlas.catalog.rules.formatting import lines_of, schema_line
from diffatlas.catalog.schema import replace_file, write_schemas

__all__ = ["fix", "mended"]


def fix(path: str | os.PathLike[str] = "catalog") -> list[Path]:
    """Mend the files of a catalog, or those below ``path`` in one; return the paths changed.

    Never raises on what files hold. A file that cannot be written is left as it is.
    """
    given = Path(path)
    root, _ = find_root(given)
    if root is None:
        return []
    inside = os.path.abspath(given) + os.sep
    changed = []
    for kind, file in entity_files(root):
        if not (os.path.abspath(file) + os.sep).startswith(inside):
            continue
        document = read(file)
        if document.root is None or document.problems:
            continue
        try:
            before = file.read_bytes()
            after = mended(kind, before).encode()
            if after != before:
                # Through a link, the file that it points to is replaced, not the link.
                replace_file(Path(os.path.realpath(file)), after)
                changed.append(file)
        except OSError:
            continue
    if given == root and (root / "schema").is_dir():
        try:
            changed += write_schemas(root)
        except OSError:
            return changed
    return changed


def mended(kind: str, raw: bytes) -> str:
    """The canonical form of a file's bytes; the same text if a mend would not be safe."""
    original = parse(raw)
    if original.root is None or original.problems:
        return raw.decode("utf-8", "replace")
    text = original.text
    # One edit can make room for another (a comment that comes to stand on top), so go on until all
    # is still. Each edit is kept only if it proves harmless: one that fails undoes no other.
    for _ in range(8):
        before = text
        for edit in _EDITS:
            document = parse(text.encode())
            candidate = edit(document, kind)
            if candidate != text and _harmless(document, candidate, quoting=edit is quote_texts):
                text = candidate
        if text == before:
            break
    return text


def _plain_lines(document: Document, kind: str) -> str:
    """Without tabs, foreign line breaks, white space at line ends, document markers."""
    root = document.root
    kept = []
    for number, line in enumerate(lines_of(document.text)):
        bare = line.replace("\t", " ").rstrip()
        outside = root is None or number < root.line or number >= root.end_line
        if not (outside and bare in ("---", "...")):
            kept.append(bare)
    return "\n".join(kept).rstrip("\n") + "\n"


def _with_schema_line(document: Document, kind: str) -> str:
    """With the line that names the schema on top, and nowhere else."""
    lines = [
        line for line in document.text.split("\n") if not line.startswith("# yaml-language-server:")
    ]
    while not lines[0]:
        lines.pop(0)
    return "\n".join([schema_line(kind), *lines])


Edit = Callable[[Document, str], str]
_EDITS: tuple[Edit, ...] = (
    _plain_lines,
    _with_schema_line,
    quote_texts,
    dedent_lists,
    drop_second_values,
    order_keys,
)


def _harmless(before: Document, text: str, quoting: bool) -> bool:
    after = parse(text.encode())
    if after.root is None or after.problems:
        return False
    if _comments(before) != _comments(after):
        return False
    same = _essence(before.data, quoting) == _essence(after.data, quoting)
    return bool(same)


def _comments(document: Document) -> Counter[str]:
    texts = (comment.rstrip().replace("\t", " ") for comment in comments(document))
    return Counter(text for text in texts if not text.startswith("# yaml-language-server:"))


def _essence(value: Any, quoting: bool) -> Any:
    """A value without what an edit may change."""
    if isinstance(value, dict):
        return {key: _essence(item, quoting) for key, item in value.items()}
    if isinstance(value, list):
        items = [_essence(item, quoting) for item in value]
        return [item for i, item in enumerate(items) if item not in items[:i]]
    if isinstance(value, str):
        lines = (line.rstrip() for line in lines_of(value.replace("\t", " ")))
        value = "\n".join(lines).rstrip("\n")
    elif not quoting:
        return (type(value).__name__, value)
    return _unquoted(value) if quoting else value


def _unquoted(value: Any) -> Any:
    """Text and the number, date or word that it reads as without quotes are one."""
    from diffatlas.catalog.scalars import resolve

    return resolve(value) if isinstance(value, str) and len(value) < 90 else value
