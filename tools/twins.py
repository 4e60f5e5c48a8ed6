"""Each page of the built site as Markdown beside it, for language models and for the shell.

The Markdown of ``tasks/style/`` is ``tasks/style/index.html.md``, as llmstxt.org proposes. It is
made of the page itself, so that the two never disagree: what stands in the article, without what
only a browser can use. Links stay as they are, seen from the same folder.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from html_to_markdown import ConversionOptions, convert

__all__ = ["NAME", "markdown", "write"]

NAME = "index.html.md"
# What only a browser can use, and where the reader came from.
LEFT_OUT = ["nav.crumbs", "p.suggest", "button", "svg", "a.headerlink", "a.fix", "form", "noscript"]
OPTIONS = ConversionOptions(
    compact_tables=True,
    exclude_selectors=LEFT_OUT,
    extract_metadata=False,
    sup_symbol="^",
)
ARTICLE = re.compile(r"<article\b[^>]*>(.*?)</article>", re.S)
FORMULA = re.compile(
    r'<math\b([^>]*)>(?:(?!</math>).)*<annotation encoding="application/x-tex">'
    r"(.*?)</annotation></semantics></math>",
    re.S,
)
# What the style sheet tells apart has no Markdown: lists of facts become lists with bold names,
# what is small stands in parentheses, and a space divides marks.
SHOWN = [
    (re.compile(r"<dl\b[^>]*>"), "<ul>"),
    (re.compile(r"</dl>"), "</ul>"),
    (re.compile(r"(?:<div\b[^>]*>)?<dt\b[^>]*>"), "<li><b>"),
    (re.compile(r"</dt>\s*<dd\b[^>]*>"), ":</b> "),
    (re.compile(r"</dd>(?:</div>)?"), "</li>"),
    (re.compile(r"<small\b[^>]*>([^(].*?)</small>", re.S), r"<small>(\1)</small>"),
    (re.compile("</b><b"), "</b> <b"),
]
# Elements whose text is no Markdown, then tags; what stands between them is text.
PIECES = re.compile(r"(<pre\b.*?</pre>|<code\b.*?</code>|<[^>]*>)", re.S)
# Signs that would become markup if they stood in Markdown as they stand in text.
MARKED = {"&lt;": "\ue000", "[": "\ue001", "]": "\ue002"}
WRITTEN = {"\ue000": "\\<", "\ue001": "\\[", "\ue002": "\\]"}


def markdown(page: str) -> str | None:
    """The article of a page (HTML) as Markdown; None if there is no article."""
    article = ARTICLE.search(page)
    if not article:
        return None
    formulas: list[str] = []

    def keep(match: re.Match[str]) -> str:
        source, block = html.unescape(match[2]).strip(), 'display="block"' in match[1]
        formulas.append(f"$${source}$$" if block else f"${' '.join(source.split())}$")
        return f"\ue003{len(formulas) - 1}\ue004"

    source = FORMULA.sub(keep, article[1])
    for pattern, instead in SHOWN:
        source = pattern.sub(instead, source)
    pieces = PIECES.split(source)
    for at in range(0, len(pieces), 2):
        for sign, mark in MARKED.items():
            pieces[at] = pieces[at].replace(sign, mark)
    made = convert("".join(pieces), OPTIONS).content or ""
    for mark, sign in WRITTEN.items():
        made = made.replace(mark, sign)
    return re.sub("\ue003(\\d+)\ue004", lambda match: formulas[int(match[1])], made)


def write(site: Path) -> int:
    """Write the Markdown of every page below ``site``; returns how many pages have one."""
    count = 0
    for page in sorted(site.rglob("index.html")):
        made = markdown(page.read_text(encoding="utf-8"))
        if made is not None:
            page.with_name(NAME).write_text(made, encoding="utf-8")
            count += 1
    return count
