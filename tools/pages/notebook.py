"""A notebook with its outputs as parts of a page: a small writer of our own.

Markdown cells go through the same filter as catalog text, code cells are highlighted, pictures
become files. Nothing in a notebook can add a script or call another host.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

from tools.pages.escape import heading, markdown, text

__all__ = ["cells", "highlight", "highlighted_lines"]

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_HEADING = re.compile(r"^(#{1,3})\s+(.+?)\s*#*$")


def cells(notebook: dict[str, Any], pictures: dict[str, bytes], prefix: str) -> Iterator[str]:
    """The cells in order: HTML, or Markdown that starts with ``\\0`` (headings).

    Pictures are added to ``pictures`` by file name; the HTML refers to them as ``{prefix}name``.
    The first heading of level 1 is left out, because the page has a title of its own.
    """
    ids: set[str] = set()
    number = 0
    for cell in notebook.get("cells", []):
        source = _joined(cell.get("source"))
        if cell.get("cell_type") == "markdown":
            yield from _prose(source, ids)
        elif cell.get("cell_type") == "code" and source.strip():
            yield highlight(source)
            for output in cell.get("outputs", []):
                number += 1
                html = _output(output, pictures, prefix, number)
                if html:
                    yield html


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value or "")


def _prose(source: str, ids: set[str]) -> Iterator[str]:
    lines: list[str] = []
    fenced = False
    for line in source.splitlines():
        fenced ^= line.lstrip().startswith("```")
        found = None if fenced else _HEADING.match(line)
        if found is None:
            lines.append(line)
            continue
        if "".join(lines).strip():
            yield f'<div class="prose">{markdown(chr(10).join(lines))}</div>'
        lines = []
        if len(found[1]) > 1:
            key = re.sub(r"[^a-z0-9]+", "-", found[2].lower()).strip("-") or "part"
            while key in ids:
                key += "-2"
            ids.add(key)
            yield f"\0{found[1]} {heading(found[2])} {{ #{key} data-search-exclude }}"
    if "".join(lines).strip():
        yield f'<div class="prose">{markdown(chr(10).join(lines))}</div>'


def highlight(source: str) -> str:
    """Python code as HTML. Only what carries a colour gets an element, so the page stays light."""
    html = "".join(_coloured(css, value) for css, value in _tokens(source))
    return f'<div class="highlight"><pre tabindex="0"><code>{html.rstrip()}</code></pre></div>'


def highlighted_lines(source: str) -> list[str]:
    """The lines of Python code as HTML, each complete in itself."""
    lines = [""]
    for css, value in _tokens(source):
        first, *rest = value.split("\n")
        lines[-1] += _coloured(css, first)
        lines += [_coloured(css, part) for part in rest]
    return lines[: len(source.split("\n"))]


def _coloured(css: str, value: str) -> str:
    return f'<span class="{css}">{text(value)}</span>' if css and value else text(value)


def _tokens(source: str) -> list[tuple[str, str]]:
    """(class, text) of the parts of Python code; neighbors of one class are one part."""
    from pygments.lexers import PythonLexer
    from pygments.token import Comment, Keyword, Name, Number, Operator, String

    classes = {
        Keyword: "k",
        Operator.Word: "k",
        String: "s",
        Comment: "c1",
        Number: "mi",
        Name.Function: "nf",
        Name.Class: "nf",
        Name.Decorator: "nf",
    }
    parts: list[tuple[str, str]] = []
    for token, value in PythonLexer(stripnl=False).get_tokens(source.rstrip()):
        css = next((c for kind, c in classes.items() if token in kind), "")
        if parts and parts[-1][0] == css:
            parts[-1] = (css, parts[-1][1] + value)
        else:
            parts.append((css, value))
    return parts


def _output(output: dict[str, Any], pictures: dict[str, bytes], prefix: str, number: int) -> str:
    data = output.get("data", {})
    for kind, suffix in (("image/png", "png"), ("image/webp", "webp"), ("image/jpeg", "jpg")):
        if kind in data:
            name = f"output-{number}.{suffix}"
            pictures[name] = base64.b64decode(_joined(data[kind]))
            width, height = _size(pictures[name])
            return (
                f'<figure class="output"><img src="{prefix}{name}" alt="Output of the cell above" '
                f'width="{width}" height="{height}" loading="lazy"></figure>'
            )
    if "text" in output:
        shown = _joined(output["text"])
    elif output.get("output_type") == "error":
        shown = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    else:
        shown = _joined(data.get("text/plain"))
    shown = _terminal(shown)
    if not shown.strip():
        return ""
    return f'<pre class="output" tabindex="0"><samp>{text(shown)}</samp></pre>'


def _terminal(shown: str) -> str:
    """What a terminal would show in the end: no colours, no overwritten progress bars."""
    lines = _ANSI.sub("", shown).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1].rstrip() for line in lines).strip("\n")


def _size(content: bytes) -> tuple[int, int]:
    from io import BytesIO

    from PIL import Image

    with Image.open(BytesIO(content)) as image:
        return image.size
