"""Notebooks become parts of a page: prose filtered, code fenced, pictures as files."""

from __future__ import annotations

import base64
import io
from typing import Any

import markdown as python_markdown
from html_reading import read
from PIL import Image
from tools.pages import notebook


def png() -> bytes:
    out = io.BytesIO()
    Image.new("L", (3, 2), 128).save(out, "PNG")
    return out.getvalue()


def parts(*cells: dict[str, Any]) -> tuple[list[str], dict[str, bytes]]:
    pictures: dict[str, bytes] = {}
    return list(notebook.cells({"cells": list(cells)}, pictures, "../x/")), pictures


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def test_headings_make_the_outline_and_the_title_is_left_out() -> None:
    cell = {"cell_type": "markdown", "source": "# T\n\nIntro $x$\n\n## A *b*\n\nMore\n\n## A *b*"}
    found, _ = parts(cell)
    assert "Intro" in found[0] and "<math" in found[0]
    assert [f for f in found if f.startswith("\0")] == [
        "\0## A &#42;b&#42; { #a-b data-search-exclude }",
        "\0## A &#42;b&#42; { #a-b-2 data-search-exclude }",
    ]


def test_code_shows_as_it_is() -> None:
    source = 'def f(x):  # <b>\n    """\n````\n\n~~~\n    """\n    return x < 1 and "a&b"'
    found, _ = parts(code(source))
    page = read(rendered(found[0]))
    assert page.text.strip() == source
    assert {t for t, _ in page.elements} == {"div", "pre", "code", "span"}


def rendered(html: str) -> str:
    return python_markdown.markdown(
        f"<div>\n{html}\n</div>", extensions=["md_in_html", "pymdownx.superfences"]
    )


def test_outputs_are_escaped_and_the_progress_bar_is_at_its_end() -> None:
    stream = {"output_type": "stream", "text": ["10%\r50%\r100%\n", "\x1b[31m<b>done</b>\x1b[0m\n"]}
    found, _ = parts(code("1", stream))
    shown = read(found[1])
    assert shown.text == "100%\n<b>done</b>"
    assert [tag for tag, _ in shown.elements] == ["pre", "samp"]


def test_a_picture_becomes_a_file_with_its_size() -> None:
    data = {"data": {"image/png": base64.b64encode(png()).decode(), "text/plain": "<Figure>"}}
    found, pictures = parts(code("1", data))
    assert pictures == {"output-1.png": png()}
    image = dict(read(found[1]).elements)["img"]
    assert (image["src"], image["width"], image["height"]) == ("../x/output-1.png", "3", "2")


def test_html_outputs_are_never_used() -> None:
    data = {"data": {"text/html": "<script>alert(1)</script>", "text/plain": "a frame"}}
    found, _ = parts(code("1", data))
    assert "script" not in found[1] and "a frame" in found[1]
