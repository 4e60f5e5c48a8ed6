"""Pictures of a page: the strips from noise to image, and small charts as inline SVG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.pages.escape import text
from tools.pages.parts import Page
from tools.pages.site import Site

__all__ = [
    "ASSETS",
    "by_what",
    "copy_pictures",
    "drawn_all",
    "measurements",
    "picture",
    "results_folder",
    "stored",
    "strip",
    "strips_note",
    "year_bars",
]

ASSETS = "assets/generated"
SHARED = "multistep"  # the sampler that all baselines have, and no paper of theirs
_SUFFIXES = (".png", ".webp", ".gif", ".jpg")


def results_folder(site: Site, baseline: str) -> Path:
    return site.folder / "baselines" / "results" / baseline


def measurements(site: Site, baseline: str) -> dict[str, Any]:
    """What is stored of a baseline; empty while nothing is."""
    file = results_folder(site, baseline) / "results.json"
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return loaded


def stored(site: Site, baseline: str, *stems: str) -> Path | None:
    """The picture of the baseline's results that has the first of these names, if any."""
    folder = results_folder(site, baseline)
    if not folder.is_dir():
        return None
    files = sorted(f for f in folder.iterdir() if f.suffix in _SUFFIXES)
    return next((f for stem in stems for f in files if f.stem == stem), None)


def copy_pictures(site: Site) -> None:
    """Add each baseline's pictures to the tree, under ``assets/generated/<baseline>/``."""
    for baseline in site.records["baselines"]:
        folder = results_folder(site, baseline)
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.suffix in _SUFFIXES:
                site.tree.put(f"{ASSETS}/{baseline}/{file.name}", file.read_bytes())


def size(file: Path) -> tuple[int, int]:
    """Width and height in pixels, so that a page does not jump when the picture comes."""
    from PIL import Image

    with Image.open(file) as image:
        return image.size


def picture(page: Page, baseline: str, file: Path, alt: str, *, eager: bool = False) -> str:
    width, height = size(file)
    lazy = "" if eager else ' loading="lazy"'
    return (
        f'<img src="{page.rel(f"{ASSETS}/{baseline}/{text(file.name)}")}" alt="{text(alt)}" '
        f'width="{width}" height="{height}"{lazy}>'
    )


def by_what(run: Mapping[str, Any]) -> str:
    """What drew the pictures of a run: its default sampler, the first that was measured."""
    metric = next(iter(run.get("metrics") or ()), None)
    if metric is None:
        return ""
    own = ", not the paper’s own" if metric["sampler"] == SHARED else ""
    return f" by its default {text(metric['sampler'])} sampler, {metric['nfe']} evaluations{own}"


def drawn_all(site: Site) -> str:
    """The same of all baselines together: what drew their default pictures."""
    found = (measurements(site, key).get("runs") or {} for key in site.records["baselines"])
    return "; ".join(dict.fromkeys(by_what(next(iter(runs.values()))) for runs in found if runs))


def strips_note(site: Site) -> str:
    """What strips without captions show; nothing while nothing is measured."""
    how = drawn_all(site)
    said = "The rows start from the same noise, and each baseline draws"
    return f'<p class="note">{said}{how}.</p>' if how else ""


def _strip(site: Site, baseline: str, framework: str) -> tuple[Path | None, Mapping[str, Any]]:
    """The strip that the baseline drew as ``framework`` itself, and the run that drew it."""
    runs = list((measurements(site, baseline).get("runs") or {}).values())
    first: Mapping[str, Any] = next(iter(runs), {})
    if framework in site.records["baselines"][baseline]["frameworks"]:
        return stored(site, baseline, "strip"), first
    own = next((run for run in runs if run.get("framework") == framework), {})
    if own is first:
        return stored(site, baseline, "strip"), first
    return (stored(site, baseline, f"strip-{framework}") if own else None), own


def strip(page: Page, framework: str, *, caption: bool = True) -> str:
    """From noise to image by the baseline that trains this framework; nothing where a baseline
    trains another one, or while none is stored."""
    site = page.site
    for baseline in site.runs(framework):
        file, run = _strip(site, baseline, framework)
        if file is not None:
            name = site.name("baselines", baseline)
            alt = f"Noise on the left turns into images of clothes on the right, by {name}"
            image = picture(page, baseline, file, alt, eager=True)
            if not caption:
                return f'<figure class="strip">{image}</figure>'
            return (
                f'<figure class="strip">{image}<figcaption data-search-exclude>Each row is one '
                "sample on its way from noise to image, drawn with the weights of "
                f"{page.a('baselines', baseline)}{by_what(run)}. All baselines start from the same "
                "noise.</figcaption></figure>"
            )
    return ""


def year_bars(years: Mapping[int, int], root: str) -> str:
    """Papers a year as bars with their numbers: a small multiple for a framework page."""
    if not years:
        return ""
    span = range(min(years), max(years) + 1)
    top = max(years.values())
    step, height = 34, 46
    bars = []
    for at, year in enumerate(span):
        number = years.get(year, 0)
        tall = round(height * number / top, 1)
        x = at * step
        bars.append(
            f'<rect x="{x + 4}" y="{14 + height - tall}" width="{step - 8}" '
            f'height="{max(tall, 0.5)}"/>'
            f'<text x="{x + step / 2}" y="{10 + height - tall}">{number or ""}</text>'
            f'<text x="{x + step / 2}" y="{height + 28}" class="axis">{year}</text>'
        )
    width = step * len(span)
    label = "Papers a year: " + ", ".join(f"{year} {years.get(year, 0)}" for year in span)
    return (
        f'<svg class="bars fw-{text(root)}" viewBox="0 0 {width} {height + 32}" width="{width}" '
        f'height="{height + 32}" role="img" aria-label="{label}">{"".join(bars)}</svg>'
    )
