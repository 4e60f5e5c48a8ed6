"""The one place where catalog text becomes HTML or front matter.

Three kinds of text arrive: plain fields (`text`), Markdown fields (`markdown`) and addresses
(`address`). All of them may be hostile: a catalog takes contributions from anybody.

The pages are Markdown files whose catalog parts are HTML blocks, so escaped text passes through
Python-Markdown too. Its one preprocessor that looks inside HTML blocks is the fence, which starts
with backticks or tildes: both leave here as character references.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape as html_escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from tools.pages import formulas

__all__ = ["address", "front_matter", "heading", "markdown", "math", "text"]

# Controls (Markdown's own placeholders are made of them), line separators, and the marks that
# reverse the direction of what follows.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# Most texts need nothing done to them, and one match is quicker than the replacements.
_HARMLESS = re.compile(r"[A-Za-z0-9 ,.;:!?()/_+-]*").fullmatch
_FENCES = {"`": "&#96;", "~": "&#126;"}


def _printable(value: object) -> str:
    return _CONTROLS.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def _unfenced(html: str) -> str:
    return html.replace("`", _FENCES["`"]).replace("~", _FENCES["~"])


def text(value: object) -> str:
    """Plain text for an HTML element or a quoted attribute; it shows exactly as it was written."""
    if isinstance(value, str) and _HARMLESS(value):
        return value
    return _unfenced(html_escape(_printable(value), quote=True))


def address(value: object) -> str | None:
    """An http(s) address for an ``href``, escaped, or None for anything else."""
    raw = _printable(value).strip()
    try:
        parts = urlsplit(raw)
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc or re.search(r"\s", raw):
        return None
    return text(raw)


def math(latex: str, block: bool = False) -> str:
    """LaTeX as MathML; what cannot be read as LaTeX shows as it was written."""
    latex = _printable(latex).strip()
    made = formulas.mathml(latex, block)
    if made is None:
        shown = f"<code>{text(f'$${latex}$$' if block else f'${latex}$')}</code>"
    else:
        # Letters by themselves find nothing.
        shown = _unfenced(made).replace("<math", "<math data-search-exclude", 1)
    return f'<div class="formula">{shown}</div>' if block else shown


@cache
def _parser() -> MarkdownIt:
    # CommonMark without raw HTML and pictures: a picture would ask another host for a file.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.use(dollarmath_plugin, double_inline=True, allow_digits=False)
    rules = {
        "math_inline": False,
        "math_inline_double": True,
        "math_block": True,
        "math_block_label": True,
    }
    for rule, block in rules.items():
        parser.add_render_rule(
            rule, lambda _, tokens, i, *rest, block=block: math(tokens[i].content, block)
        )
    parser.validateLink = lambda url: address(url) is not None  # type: ignore[method-assign]
    return parser


def markdown(value: object, inline: bool = False) -> str:
    """A Markdown field as HTML: no raw HTML, no pictures, links to http(s) only, math as MathML."""
    source = _printable(value).strip()
    html = _parser().renderInline(source) if inline else _parser().render(source)
    # Headings of a field would break the page's outline.
    html = re.sub(r"<(/?)h[1-6]>", r"<\1p>", html)
    return _unfenced(html).strip()


def front_matter(values: dict[str, object]) -> str:
    """YAML front matter; every value is JSON, which YAML reads and no text can break out of."""
    lines = [f"{key}: {_quoted(value)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "---", ""])


def _quoted(value: object) -> str:
    return json.dumps(_flat(value), ensure_ascii=False)


def _flat(value: object) -> object:
    """Every text within ``value`` on one line, without controls."""
    if isinstance(value, str):
        return " ".join(_printable(value).split())
    if isinstance(value, dict):
        return {key: _flat(inner) for key, inner in value.items()}
    return [_flat(inner) for inner in value] if isinstance(value, list) else value


def heading(value: object) -> str:
    """Text for a Markdown heading: every sign that Markdown might read is a character reference."""
    flat = " ".join(_printable(value).split())
    return re.sub(r"[^\w\s,;]|_", lambda m: f"&#{ord(m[0])};", flat)
