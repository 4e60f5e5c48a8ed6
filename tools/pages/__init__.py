"""Write every generated page: ``python -m tools.pages``.

Layout only; facts and rules come from diffatlas.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.pages.figures import ASSETS
from tools.pages.site import Site

__all__ = ["generate"]


def generate(atlas: Any, root: Path) -> tuple[int, int, int]:
    """Bring ``root/docs`` up to date with ``atlas``: files in all, written, removed."""
    from tools.pages import (
        api,
        baselines,
        choose,
        comparison,
        coverage,
        differences,
        explorer,
        formulas,
        frameworks,
        fronts,
        llms,
        matrices,
        papers,
        robots,
        speed,
        static,
        terms,
        timeline,
    )

    formulas.forget()
    site = Site(atlas, root)
    kinds = (frameworks, terms, papers, baselines)
    views = (
        choose,
        comparison,
        differences,
        explorer,
        matrices,
        timeline,
        fronts,
        static,
        speed,
        coverage,
        api,
        robots,
        llms,
    )
    for part in (*kinds, *views):
        part.write(site)
    math = json.dumps(formulas.drawn(), ensure_ascii=False, separators=(",", ":"))
    site.tree.put(f"{ASSETS}/formulas.json", math)
    written, removed = site.tree.flush()
    return len(site.tree.files), written, removed
