"""A ruler for the Fréchet distance of the baselines: what noise, a Gaussian and real images score.

A distance has the scale of its feature network; the record of that network, stored with the runs,
holds the landmarks.
"""

from __future__ import annotations

import math
from typing import Any

from tools.pages.escape import text
from tools.pages.parts import Page

__all__ = ["ruler"]

WIDTH, LEFT, RIGHT, ROW, TOP = 430, 72, 52, 22, 16


def ruler(page: Page, runs: dict[str, dict[str, Any]]) -> str:
    """A figure with a row for each run that was measured in the features of its scale."""
    rows = {
        name: [m for m in run["metrics"] if m.get("features") == run["scale"]["features"]]
        for name, run in runs.items()
        if run.get("scale")
    }
    rows = {name: metrics for name, metrics in rows.items() if metrics}
    if not rows:
        return ""
    scale = runs[next(iter(rows))]["scale"]
    rows = {
        name: metrics
        for name, metrics in rows.items()
        if runs[name]["scale"]["features"] == scale["features"]
    }
    points = {name: float(point["fd"]) for name, point in scale["points"].items()}
    spelled = ", ".join(
        f"{text(name)} {point['fd']:.4g} (coverage {point['coverage']:.3f})"
        for name, point in scale["points"].items()
    )
    caption = (
        f"Where the distances stand, on a logarithmic scale. Landmarks at N = {scale['n']:,}: "
        f"{spelled}. Feature network: {scale['parameters']:,} parameters, test accuracy "
        f"{100 * scale['accuracy']:.1f} %, {text(scale['features'][:8])}."
    )
    drawn = _svg(page, runs, rows, points)
    return f'<figure class="front ruler">{drawn}<figcaption>{caption}</figcaption></figure>'


def _svg(
    page: Page,
    runs: dict[str, dict[str, Any]],
    rows: dict[str, list[dict[str, Any]]],
    points: dict[str, float],
) -> str:
    values = [*points.values(), *(metric["fd"] for row in rows.values() for metric in row)]
    low, high = max(min(values), 1e-3), max(max(values), 2e-3)
    bottom = TOP + ROW * len(rows)

    def x(value: float) -> float:
        share = math.log(max(value, low) / low) / math.log(high / low)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    parts = []
    for at, (name, value) in enumerate(sorted(points.items(), key=lambda point: point[1])):
        # Neighbours' labels stand one below the other.
        y = bottom + 14 + 15 * (at % 2)
        parts.append(
            f'<path class="rule" d="M{x(value)} {TOP - 8}V{y - 10}"/>'
            f'<text class="axis mid" x="{x(value)}" y="{y}">{text(name)} {value:.3g}</text>'
        )
    for at, (name, metrics) in enumerate(rows.items()):
        y = TOP + ROW * at + 8
        parts.append(f'<text class="axis" x="0" y="{y + 4}">{text(name)}</text>')
        parts.append(f'<path class="rule" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        root = page.site.root(str(runs[name].get("framework", "")))
        for metric in metrics:
            title = f"{name}, {metric['sampler']}: {metric['fd']:.2f}, N = {metric['n']:,}"
            parts.append(
                f'<g class="best fw-{text(root)}"><title>{text(title)}</title>'
                f'<circle cx="{x(metric["fd"])}" cy="{y}" r="5"/></g>'
            )
    height = bottom + 36
    label = "; ".join(f"{name} {value:.3g}" for name, value in points.items())
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="Landmarks: {text(label)}">{"".join(parts)}</svg>'
    )
