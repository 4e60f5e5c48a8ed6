"""The Markdown of a page says what the page says, and text of the catalog stays text in it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hostile import EVIL, FIELD
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tools.pages import escape

from tools import twins

READER = MarkdownIt("commonmark").enable("table")


def made(article: str) -> str:
    found = twins.markdown(f"<body><article class='x'>{article}</article></body>")
    assert found is not None
    return found


def test_a_page_without_an_article_has_none() -> None:
    assert twins.markdown("<body><h1>Not found</h1></body>") is None


def test_what_only_a_browser_can_use_is_left_out() -> None:
    found = made(
        '<h1 id="start">A title</h1><nav class="crumbs"><a href="../">Up</a></nav>'
        '<p class="lead">What it is.</p><button>Copy</button><svg><text>axis</text></svg>'
        '<dl class="facts"><div data-f="venue"><dt>Venue</dt><dd>NeurIPS</dd></div></dl>'
        '<p><a href="../b/">B</a> <small>Ho, 2020</small></p>'
        '<p class="suggest"><a href="x">Suggest</a></p>'
    )
    assert found == ("# A title\n\nWhat it is.\n\n- **Venue:** NeurIPS\n\n[B](../b/) (Ho, 2020)\n")


def test_formulas_keep_their_source() -> None:
    found = made(
        f"<p>Let {escape.math('x_1 < x_2')}:</p>"
        f"{escape.math(chr(92) + 'alpha[t]' + chr(10) + ' = 1', block=True)}"
        f"{escape.math(chr(92) + 'beta', block=True)}"
    )
    assert found == "Let $x_1 < x_2$:\n\n$$\\alpha[t]\n = 1$$\n\n$$\\beta$$\n"


def elements(source: str) -> set[str]:
    """The kinds of what a reader of Markdown sees in it, and where its links lead."""
    found = set()
    for token in READER.parse(source):
        for child in [token, *(token.children or [])]:
            found.add(child.type)
            if child.type == "link_open":
                found.add(str(child.attrs["href"]))
    return found


@pytest.mark.parametrize("text", [EVIL, FIELD])
@pytest.mark.parametrize("place", ["<p>{}</p>", "<ul><li>{}</li></ul>", "<h2>{}</h2>"])
def test_hostile_text_stays_text(place: str, text: str) -> None:
    found = elements(made(place.format(html.escape(text))))
    assert not found & {"html_inline", "html_block", "link_open", "image"}


@given(st.text(alphabet="<>[]()!&;/abx:\\`\" '", max_size=40))
def test_no_text_becomes_an_element(text: str) -> None:
    found = elements(made(f"<p>before {html.escape(text)} after</p>"))
    assert not found & {"html_inline", "html_block", "link_open", "image"}, text


def test_signs_of_code_stay_as_they_are() -> None:
    assert made("<p><code>a[0] &lt; b</code></p>") == "`a[0] < b`\n"
    found = made("<pre><code>if a[0] &lt; b:\n    pass\n</code></pre>")
    assert found == "```\nif a[0] < b:\n    pass\n```\n"


def test_every_page_gets_one_beside_it(tmp_path: Path) -> None:
    for name in ("", "papers/a/"):
        page = tmp_path / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<article><h1>Page {name}</h1></article>", encoding="utf-8")
    (tmp_path / "404.html").write_text("<article><h1>Lost</h1></article>", encoding="utf-8")
    assert twins.write(tmp_path) == 2
    made = sorted(str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*.md"))
    assert made == ["index.html.md", "papers/a/index.html.md"]
    assert re.search("^# Page papers/a/$", (tmp_path / made[1]).read_text(), re.M)
