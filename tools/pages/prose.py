"""Hand-written pages of ``docs/prose/`` with generated parts put in place of ``{{ name }}``."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Callable
from typing import Any

from diffatlas.errors import CatalogError
from tools.pages.escape import text
from tools.pages.site import Site

__all__ = ["execute", "fill", "save"]

_SLOT = re.compile(r"\{\{ *([a-z_]+) *\}\}")
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


def fill(site: Site, name: str, slots: dict[str, Callable[[], str]]) -> str:
    """The prose ``name`` with every slot filled. Raises ``KeyError`` for an unknown slot."""
    source = (site.folder / "docs" / "prose" / f"{name}.md").read_text(encoding="utf-8")
    return _SLOT.sub(lambda found: slots[found[1]](), source)


def save(site: Site, name: str, content: str) -> None:
    site.tree.put("index.md" if name == "index" else f"{name}/index.md", content)


def execute(source: str, names: dict[str, Any], atlas: Any) -> str:
    """Run every ``python`` fence of ``source`` in turn and put what it printed below it.

    As in a notebook, the value of a last expression is shown. ``diffatlas.load()`` gives ``atlas``,
    so that a page of another catalog shows that one. What that catalog lacks is shown as the
    library's message; any other error of the code is raised.
    """
    import pandas as pd

    import diffatlas

    def run(found: re.Match[str]) -> str:
        shown = _run(found[1], names)
        if not shown:
            return found[0]
        return f'{found[0]}\n\n<pre class="output" tabindex="0"><samp>{text(shown)}</samp></pre>'

    options = (
        "display.width",
        96,
        "display.max_columns",
        12,
        "display.max_colwidth",
        38,
        "display.max_rows",
        12,
    )
    own, diffatlas.load = diffatlas.load, lambda *_: atlas
    try:
        with pd.option_context(*options):
            return _PYTHON.sub(run, source)
    finally:
        diffatlas.load = own


def _run(code: str, names: dict[str, Any]) -> str:
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(tree, "<page>", "exec"), names)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), "<page>", "eval"), names)
                if value is not None:
                    print(value if not isinstance(value, str) else repr(value))
        except CatalogError as error:
            print(f"{type(error).__name__}: {error}")
    return out.getvalue().rstrip()
