"""The moving picture of the home page: samples forming out of noise, looped, still on request."""

from __future__ import annotations

import io
from pathlib import Path

from tools.pages import figures
from tools.pages.escape import text
from tools.pages.parts import Page
from tools.pages.site import Site

__all__ = ["figure"]


def figure(page: Page) -> str:
    """The loop of every baseline that has one, and its last frame under reduced motion."""
    rows = []
    for baseline in page.site.records["baselines"]:
        moving = figures.stored(page.site, baseline, "forming")
        if moving is None or moving.suffix not in (".webp", ".gif"):
            continue
        still = _still(page.site, baseline, moving)
        name = page.site.name("baselines", baseline)
        width, height = figures.size(moving)
        root = page.site.root(page.site.records["baselines"][baseline]["frameworks"][0])
        folder = page.rel(f"{figures.ASSETS}/{baseline}/")
        rows.append(
            f'<a class="fw-{root}" href="{page.href("baselines", baseline)}"><picture>'
            f'<source media="(prefers-reduced-motion: reduce)" srcset="{folder}{still}">'
            # The text and what styles it come first.
            f'<img loading="lazy" fetchpriority="low" src="{folder}{moving.name}" '
            f'width="{width}" height="{height}" '
            f'alt="Images of clothes forming out of noise, drawn by {text(name)}"></picture>'
            f"<span>{text(page.site.short(root))}</span></a>"
        )
    if not rows:
        return ""
    return (
        f'<figure class="forming">{"".join(rows)}<figcaption>Samples forming out of the same '
        f"noise, one row a baseline, each drawn{figures.drawn_all(page.site)}: the rows differ "
        "in what was trained. Choose one to see its code.</figcaption></figure>"
    )


def _still(site: Site, baseline: str, moving: Path) -> str:
    """Store the last frame beside the loop and return its name."""
    from PIL import Image

    name = f"{moving.stem}-still.webp"
    path = f"{figures.ASSETS}/{baseline}/{name}"
    if path not in site.tree.files:
        with Image.open(moving) as image:
            image.seek(getattr(image, "n_frames", 1) - 1)
            out = io.BytesIO()
            image.convert("RGB").save(out, "WEBP", lossless=True)
        site.tree.put(path, out.getvalue())
    return name
