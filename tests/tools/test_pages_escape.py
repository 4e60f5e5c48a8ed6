"""Catalog text can do nothing on a page but be read."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import markdown as python_markdown
import pytest
import yaml
from html_reading import read
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.pages import escape, formulas

EXTENSIONS = [
    "attr_list",
    "md_in_html",
    "tables",
    "toc",
    "pymdownx.highlight",
    "pymdownx.superfences",
]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</div></article><h1>mine</h1>",
    "```\n</div>\n```",
    "~~~ {.x onclick=alert(1)}\nx\n~~~",
    "{: onclick=alert(1) }",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "--8<-- '/etc/passwd'",
    "{{ config }} {% raw %}",
    "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x02wzxhzdk:0\x03 klzzwxh:0001",
    "$\\href{javascript:alert(1)}{x}$ $$</script>$$",
    "$\\text{<script>alert(1)</script>}$ $\\color{red}{x} ` ~ \\class{a}{b}$",
    "$$\\includegraphics{https://evil.example/x.png}$$ $\\def\\a{\\a\\a}\\a$",
    "$\\text{</annotation><a href='javascript:alert(1)'>}$",
    "[a]: javascript:alert(1)\n\n[a]",
    "| a | b |\n|---|---|\n| <b>x</b> | y |",
    "\u202egnp.exe",
]
text = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))


def rendered(html: str) -> str:
    """An HTML block as it leaves MkDocs' Markdown."""
    page = f"before\n\n<div>\n<p>{html}</p>\n</div>\n\nafter\n"
    return python_markdown.markdown(page, extensions=EXTENSIONS)


@settings(max_examples=150, deadline=None)
@given(text)
def test_plain_text_shows_as_it_was_written(value: str) -> None:
    found = read(rendered(escape.text(value)))
    assert [tag for tag, _ in found.elements] == ["p", "div", "p", "p"]
    shown = "".join(found.words).split("before", 1)[1].rsplit("after", 1)[0].strip()
    kept = escape._printable(value).strip()
    assert " ".join(shown.split()) == " ".join(kept.split())


@settings(max_examples=150, deadline=None)
@given(text)
def test_an_attribute_holds_its_text(value: str) -> None:
    found = read(f'<i title="{escape.text(value)}">')
    assert found.elements == [("i", {"title": escape._printable(value)})]


TAGS = {
    "p", "em", "strong", "a", "ul", "ol", "li", "code", "pre", "blockquote", "br", "hr", "div",
    "span", "table", "thead", "tbody", "tr", "th", "td", *formulas.TAGS,
}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(text, min_size=1, max_size=3).map("\n\n".join))
def test_markdown_fields_hold_only_harmless_elements(value: str) -> None:
    for inline in (False, True):
        found = read(rendered(escape.markdown(value, inline=inline)))
        for tag, attributes in found.elements:
            assert tag in TAGS, (tag, value)
            for name, content in attributes.items():
                if tag not in formulas.TAGS:
                    assert name in {"href", "title", "class", "style", "start"}, (name, value)
                assert tag not in formulas.TAGS or name not in {"href", "style", "src", "id"}
                if name == "href":
                    assert str(content).lower().startswith(("http://", "https://"))


def test_markdown_says_what_it_should() -> None:
    html = escape.markdown("*a* `b` $x<y$ [c](https://example.org/?a=1&b=2)\n\n$$\nE\n$$\n\n# d")
    found = read(html)
    assert [t for t, _ in found.elements if t not in formulas.TAGS] == [
        "p", "em", "code", "a", "div", "p",
    ]  # fmt: skip
    assert [a.get("display") for t, a in found.elements if t == "math"] == [None, "block"]
    assert "x<y" in found.text
    assert found.links == ["https://example.org/?a=1&b=2"]


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        (r"\tfrac12", '<mstyle displaystyle="false" scriptlevel="0"><mfrac>'),
        (r"\mathbb E \mathcal{N}", "<mi>\U0001d53c</mi><mi>\U0001d4a9</mi>"),
        (r"z \sim p", "<mo>\u223c</mo>"),
        (r"\left\| x \right\|", '<mo fence="true" form="prefix" stretchy="true">\u2016</mo>'),
        (r"\begin{aligned}a&=b\\c&=d\end{aligned}", '<mtd class="tml-right"><mi>a</mi></mtd>'),
        (r"\text{a<b}", "<mtext>a&lt;b</mtext>"),
    ],
)  # fmt: skip
def test_latex_becomes_mathml(latex: str, part: str) -> None:
    assert part in (formulas.mathml(latex, True) or "")


@pytest.mark.parametrize("latex", ["", r"\frac{1", r"\unknown x", "x" * 5000, r"\def\a{\a\a}\a"])
def test_what_is_no_latex_shows_as_it_was_written(latex: str) -> None:
    assert formulas.mathml(latex) is None
    assert escape.math(latex) == f"<code>${escape.text(latex)}$</code>"


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", " JaVaScRiPt:x", "data:text/html,x", "//host/x", "/x", "http:", "x",
     "http://[bad", "https://a b", "vbscript:x", ""],
)  # fmt: skip
def test_addresses_of_other_schemes_are_refused(value: str) -> None:
    assert escape.address(value) is None


def test_an_address_cannot_leave_its_attribute() -> None:
    found = read(f'<a href="{escape.address("https://a.example/?x=<y>&quot;")}">')
    assert found.elements[0][1] == {"href": "https://a.example/?x=<y>&quot;"}


@settings(max_examples=100, deadline=None)
@given(text, text)
def test_front_matter_is_read_back(title: str, other: str) -> None:
    block = escape.front_matter({"title": title, "description": other, "hide": ["toc"]})
    assert block.startswith("---\n") and block.endswith("---\n")
    values = yaml.safe_load(block[4:-4])
    assert values["title"] == " ".join(escape._printable(title).split())
    assert values["hide"] == ["toc"]
    assert block.count("\n") == 5


@settings(max_examples=100, deadline=None)
@given(text)
def test_a_heading_stays_a_heading(value: str) -> None:
    html = python_markdown.markdown(f"## {escape.heading(value)} {{ #key }}", extensions=EXTENSIONS)
    found = read(html)
    assert [(t, a.get("id")) for t, a in found.elements] == [("h2", "key")]


def test_json_in_front_matter_is_yaml() -> None:
    odd = 'a"b\\c: {x} [y] # z \U0001f600 \u2028'
    assert (
        yaml.safe_load(escape.front_matter({"t": odd})[4:-4])["t"]
        == json.loads(json.dumps(odd)).replace("\u2028", "").strip()
    )


@pytest.mark.parametrize(
    ("latex", "rows"),
    [
        (r"a = 1, \qquad b = 2 \qquad\text{or}\qquad b = 3", 4),
        (r"a = 1, \quad b = 2", 0),
        (r"\qquad a = 1 \qquad", 0),
        (r"\sqrt{a \qquad b} = 1", 0),
        (r"\begin{aligned} a &= 1 \qquad b = 2 \\\\ c &= 3 \end{aligned}", 0),
    ],
)
def test_statements_side_by_side_are_rows(latex: str, rows: int) -> None:
    made = formulas.mathml(latex, True)
    assert made is not None
    parts = ET.fromstring(made).find("semantics/mrow[@class='tml-parts']")
    assert len([] if parts is None else parts) == rows
    assert "tml-parts" not in (formulas.mathml(latex) or "")
