"""LaTeX as MathML, which browsers draw by themselves: no page loads a script for its formulas.

Temml (tools/vendor/temml/) parses LaTeX as KaTeX does, in a JavaScript engine that lives as long as
this process. Its element tree is written out anew with known elements and attributes alone, so that
no formula can bring a link, a picture or a style of its own; the policy of the pages forbids inline
styles anyway. The LaTeX stays within, for what copies and reads formulas.
"""

from __future__ import annotations

import atexit
import xml.etree.ElementTree as ET
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

__all__ = ["TAGS", "drawn", "forget", "mathml"]

TEMML = Path(__file__).parents[1] / "vendor" / "temml" / "temml.min.js"
LONGEST = 4000  # signs of LaTeX; the longest here has 321

TAGS = frozenset(
    ("math", "semantics", "annotation", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mpadded")
    + ("mphantom", "mstyle", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder")
    + ("mover", "munderover", "mtable", "mtr", "mtd")
)
_KEPT = frozenset(
    ("display", "encoding", "stretchy", "form", "fence", "separator", "symmetric", "lspace")
    + ("rspace", "width", "height", "depth", "minsize", "maxsize", "mathvariant")
    + ("movablelimits", "largeop", "linethickness", "scriptlevel", "displaystyle", "accent")
    + ("accentunder",)
)
# What the style sheet knows instead of Temml's inline styles.
_CLASSES = {"tml-left", "tml-right", "tml-jot", "tml-parts"}
_FULL = "math-depth:0"  # an accent as large as it would be over a whole letter
_QUAD = "2em"  # the width of \qquad, which stands between statements that may go on a new line

_SETUP = """
const draw = (latex, block) => temml.renderToString(latex, {
  displayMode: block, annotate: true, throwOnError: true, trust: false, maxExpand: 200,
  maxSize: [20, 20] });
"""

_made: dict[tuple[str, bool], str] = {}


@cache
def _engine() -> Any:
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    atexit.register(engine.close)  # left open, its threads keep the process from ending
    engine.eval(TEMML.read_text(encoding="utf-8"))
    engine.eval(_SETUP)
    return engine


def mathml(latex: str, block: bool = False) -> str | None:
    """``latex`` as a ``<math>`` element, or None if it cannot be read as LaTeX."""
    latex = latex.strip()
    key = latex, block
    if key not in _made:
        made = _draw(latex, block)
        if made is None:
            return None
        _made[key] = made
    return _made[key]


def drawn() -> dict[str, dict[str, str]]:
    """Every formula that was drawn so far, by its LaTeX: ``inline`` and ``block``."""
    return {
        name: {latex: made for (latex, kind), made in sorted(_made.items()) if kind is block}
        for name, block in (("inline", False), ("block", True))
    }


def forget() -> None:
    """Start anew: what was drawn before belongs to another catalog."""
    _made.clear()


def _draw(latex: str, block: bool) -> str | None:
    from py_mini_racer import JSEvalException

    if not latex or len(latex) > LONGEST:
        return None
    try:
        tree = ET.fromstring(_engine().call("draw", latex, block))
    except (JSEvalException, ET.ParseError):
        return None
    if block:
        _part(tree)
    parts: list[str] = []
    _write(tree, parts)
    return "".join(parts)


def _part(math: ET.Element) -> None:
    """Statements side by side become rows of their own, which may go below each other."""
    row = math.find("semantics/mrow")
    if row is None:
        return
    rows, children = [ET.Element("mrow")], list(row)
    for at, child in enumerate(children):
        rows[-1].append(child)
        if child.tag == "mspace" and child.get("width") == _QUAD and 0 < at < len(children) - 1:
            rows.append(ET.Element("mrow"))
    if len(rows) > 1:
        row.set("class", "tml-parts")
        row[:] = rows


def _write(element: ET.Element, parts: list[str]) -> None:
    tag = element.tag if element.tag in TAGS else "mrow"
    attributes = {name: value for name, value in element.items() if name in _KEPT}
    classes = _CLASSES & set(element.get("class", "").split())
    if _FULL in element.get("style", ""):
        classes.add("tml-full")
    if classes:
        attributes["class"] = " ".join(sorted(classes))
    opened = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    parts.append(f"<{tag}{opened}>{escape(element.text or '', quote=False)}")
    for child in element:
        _write(child, parts)
    parts.append(f"</{tag}>")
