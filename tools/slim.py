"""Our scripts and style sheets leave without comments and indentation, with short local names, and
the style sheets as one file: nothing is painted before the last of them is there.

The explorer's scripts are smaller by three tenths; the sources stay as they are written. Vendored
files come minified.
"""

from __future__ import annotations

import re
from pathlib import Path

import minify

from tools import works

__all__ = ["join", "slim"]

# By a parser: what only knows tokens (rjsmin) drops spaces of templates within templates.
KINDS = {".js": "application/javascript", ".css": "text/css"}
SHEETS = "assets/css/"
ONE = "atlas.css"  # what the sheets of a page become, in their order
LINK = re.compile(r'<link rel="stylesheet" href="([./]*assets/css/)([\w-]+\.css)">\s*')


def slim(site: Path) -> None:
    """Rewrite the scripts and style sheets below ``assets/js`` and ``assets/css`` of a site."""
    works.join(site / "assets" / "js")
    for folder in ("js", "css"):
        for file in sorted((site / "assets" / folder).rglob("*")):
            if file.suffix in KINDS:
                written = file.read_text(encoding="utf-8")
                file.write_text(minify.string(KINDS[file.suffix], written), encoding="utf-8")
    join(site)


def join(site: Path) -> None:
    """Put the style sheets that the pages name into one, and name that instead."""
    order: list[str] = []
    for page in sorted(site.rglob("*.html")):
        written = page.read_text(encoding="utf-8")
        named = [name for _, name in LINK.findall(written)]
        if not named:
            continue
        order = order or named
        if named != order:
            raise ValueError(f"{page}: names {named}, other pages {order}")
        first = LINK.search(written)
        assert first is not None
        rest = LINK.sub("", written[first.end() :])
        one = f'<link rel="stylesheet" href="{first[1]}{ONE}">\n'
        page.write_text(f"{written[: first.start()]}{one}{rest}", encoding="utf-8")
    if order:
        folder = site / SHEETS
        sheets = [(folder / name).read_text(encoding="utf-8") for name in order]
        (folder / ONE).write_text("".join(sheets), encoding="utf-8")
        for name in order:
            (folder / name).unlink()
