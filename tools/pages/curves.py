"""What quality costs: a baseline's loss and distance against training time and evaluations.

Small charts on logarithmic axes and a table of the seeds, from what the runs of a baseline stored
in its results.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from statistics import median
from typing import Any

from tools.pages.escape import text
from tools.pages.parts import Page, scroll, thead

__all__ = ["section", "settings", "spread", "trainings"]

# Where a point stands, and of how many samples its distance is (0 for what is no distance). Few
# samples make a distance larger, so that a line joins points of one number only.
Point = tuple[float, float, int]
LEAST = 3  # points that make a chart
FD = "Fréchet distance"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 230, 40, 122, 10, 40


def section(page: Page, runs: Mapping[str, dict[str, Any]]) -> str:
    """The charts and the table; nothing where there is too little to draw."""
    charts = [_figure(page, runs, *chart) for chart in _CHARTS]
    # A variant has several samplers: each has a chart of its own.
    charts += [_figure(page, {name: run}, *_EACH) for name, run in runs.items()]
    drawn = "".join(chart for chart in charts if chart)
    return f'<div class="curves">{drawn}</div>{_table(runs)}' if drawn else _table(runs)


def trainings(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Every training of a variant that was measured by its default sampler, the main one too."""
    main = run["metrics"][0]
    own = {key: run[key] for key in ("budget", "cpu_seconds", "seed", "steps")}
    return [{**main, **own}, *run.get("repeats", ())]


def _losses(name: str, run: dict[str, Any]) -> dict[str, list[Point]]:
    points = [(float(p["seconds"]), float(p["loss"]), 0) for p in run.get("curve", ())]
    return {name: points} if len(points) >= LEAST else {}


def _by_time(name: str, run: dict[str, Any]) -> dict[str, list[Point]]:
    points = [(float(e["cpu_seconds"]), float(e["fd"]), _n(e)) for e in trainings(run)]
    return {name: points} if len({_budget(entry) for entry in trainings(run)}) > 1 else {}


def _by_evaluations(name: str, run: dict[str, Any]) -> dict[str, list[Point]]:
    series: dict[str, list[Point]] = {}
    for metric in run["metrics"]:
        label = f"{name}, {metric['sampler']}"
        point = (float(metric["nfe"]), float(metric["fd"]), _n(metric))
        series.setdefault(label, []).append(point)
    return series if any(len(points) >= LEAST for points in series.values()) else {}


def _n(entry: dict[str, Any]) -> int:
    return int(entry.get("n") or 0)


def _budget(entry: dict[str, Any]) -> float:
    return float(str(entry["budget"]).rstrip("s"))


def _figure(
    page: Page, runs: Mapping[str, dict[str, Any]], series: Any, what: str, axis: str, said: str
) -> str:
    drawn = {
        label: (str(run.get("framework", "")), points)
        for name, run in runs.items()
        for label, points in series(name, run).items()
    }
    if not drawn:
        return ""
    of = f" of {text(*runs)}" if len(runs) == 1 and series is _by_evaluations else ""
    return (
        f'<figure class="front curve">{_svg(page, drawn, what, axis)}'
        f"<figcaption>{what}{of} against {axis}. {said}{_numbers(drawn)}</figcaption></figure>"
    )


def _numbers(drawn: Mapping[str, tuple[str, Sequence[Point]]]) -> str:
    """Of how many samples the distances are; the first number is that of the filled dots."""
    most, *fewer = sorted({n for _, points in drawn.values() for *_, n in points}, reverse=True)
    if not most:
        return ""
    if not fewer:
        return f" N = {most:,}."
    rings = " or ".join(f"{n:,}" for n in fewer)
    return (
        f" Filled dots: N = {most:,}; rings: N = {rings}, of which a distance comes out larger, so "
        "that no line joins the two."
    )


def _svg(page: Page, drawn: Mapping[str, tuple[str, Sequence[Point]]], what: str, axis: str) -> str:
    xs = [x for _, points in drawn.values() for x, _, _ in points]
    ys = [y for _, points in drawn.values() for _, y, _ in points]
    most = max(n for _, points in drawn.values() for *_, n in points)
    x = _scale(min(xs) / 1.15, max(xs) * 1.1, LEFT, WIDTH - RIGHT)
    y = _scale(min(ys) / 1.15, max(ys) * 1.15, HEIGHT - BOTTOM, TOP)
    parts = []
    for tick in _ticks(min(ys) / 1.15, max(ys) * 1.15):
        parts.append(
            f'<path class="rule" d="M{LEFT} {y(tick)}H{WIDTH - RIGHT}"/>'
            f'<text class="axis end" x="{LEFT - 6}" y="{y(tick) + 4}">{tick:g}</text>'
        )
    for tick in _x_ticks(xs):
        parts.append(f'<text class="axis mid" x="{x(tick)}" y="{HEIGHT - 24}">{tick:g}</text>')
    parts.append(
        f'<text class="axis mid" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}">{axis}</text>'
    )
    taken: list[float] = []
    for at, (label, (framework, points)) in enumerate(sorted(drawn.items(), key=_last)):
        line = _medians(points)
        path = "M".join("L".join(f"{x(a)} {y(b)}" for a, b, _ in part) for part in _parts(line))
        # A curve of many points is a line; few are measurements, each a dot.
        dots = "".join(
            f'<circle{" class=few" * (n < most)} cx="{x(a)}" cy="{y(b)}" r="3.5">'
            f"<title>{text(label)}: {b:.2f}{f', N = {n:,}' * bool(n)}</title></circle>"
            for a, b, n in (points if len(points) < 20 else ())
        )
        # Labels at the end of each line, pushed down where they would meet.
        at_y = max([y(line[-1][1]) + 4, *(other + 12 for other in taken)])
        taken.append(at_y)
        dash = ("", " dashed", " dotted")[at % 3]
        parts.append(
            f'<g class="best fw-{text(page.site.root(framework))}"><path class="line{dash}" '
            f'd="M{path}"/>{dots}<text class="label" x="{x(line[-1][0]) + 8}" y="{at_y}">'
            f"{text(label.rpartition(', ')[2])}</text></g>"
        )
    told = "; ".join(f"{label} {_medians(p)[-1][1]:.2f}" for label, (_, p) in drawn.items())
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{what}: {text(told)}">{"".join(parts)}</svg>'
    )


def _last(item: tuple[str, tuple[str, Sequence[Point]]]) -> float:
    return -_medians(item[1][1])[-1][1]


def _parts(line: Sequence[Point]) -> list[list[Point]]:
    """The stretches of a line of which all points have the same number of samples."""
    return [list(part) for _, part in groupby(line, key=lambda point: point[2])]


def _medians(points: Iterable[Point]) -> list[Point]:
    """One point for each x (up to a tenth), in order: the median of its y."""
    groups: list[list[Point]] = []
    for point in sorted(points):
        if groups and point[0] < groups[-1][0][0] * 1.1 and point[2] == groups[-1][0][2]:
            groups[-1].append(point)
        else:
            groups.append([point])
    return [
        (median(a for a, *_ in group), median(b for _, b, _ in group), group[0][2])
        for group in groups
    ]


def _scale(low: float, high: float, start: float, end: float) -> Any:
    def place(value: float) -> float:
        return round(start + math.log(value / low) / math.log(high / low) * (end - start), 1)

    return place


def _ticks(low: float, high: float) -> list[float]:
    return [m * 10.0**e for e in range(-1, 4) for m in (1, 2, 5) if low <= m * 10.0**e <= high]


def _x_ticks(values: Sequence[float]) -> list[float]:
    """The values themselves where they are few, else round numbers within them."""
    few = sorted({round(value, -1) if value > 40 else value for value in values})
    return (
        few if len(few) < 8 else [t for t in (3, 10, 30, 100, 300, 900) if few[0] <= t <= few[-1]]
    )


def _table(runs: Mapping[str, dict[str, Any]]) -> str:
    """Distance and coverage of each budget over its seeds: median, smallest, largest."""
    rows, repeated = [], []
    for name, run in runs.items():
        budgets: dict[float, list[dict[str, Any]]] = {}
        for entry in trainings(run):
            budgets.setdefault(_budget(entry), []).append(entry)
        if len(run.get("repeats", ())) == 0:
            continue
        repeated += trainings(run)
        for budget, entries in sorted(budgets.items()):
            seeds = ", ".join(str(entry["seed"]) for entry in entries)
            steps = median(entry["steps"] for entry in entries)
            rows.append(
                f'<tr><td class="keep">{text(name)}</td><td class="num">{budget:g}</td>'
                f'<td class="num">{steps:,.0f}</td>'
                f'<td class="num">{spread(entries, "fd", 2)}</td>'
                f'<td class="num">{spread(entries, "coverage", 3)}</td>'
                f'<td class="wide">{seeds}</td></tr>'
            )
    if not rows:
        return ""
    head = thead(
        "Variant",
        "num:CPU s",
        "num:Steps",
        "num:Fréchet distance ↓",
        "num:Coverage ↑",
        "wide:Seeds",
    )
    note = (
        '<p class="note">Median over the seeds, in grey the smallest and the largest; '
        f"{settings(repeated)}.</p>"
    )
    table = f'<table class="plain">{head}<tbody>{"".join(rows)}</tbody></table>'
    return f"{scroll(table, 'Quality for the budget')}{note}"


def settings(entries: Sequence[dict[str, Any]]) -> str:
    """How the entries were drawn: ``multistep, 50 evaluations, N = 2,000``."""
    told = [
        f"{text(entry['sampler'])}, {entry['nfe']} evaluations"
        + f", N = {_n(entry):,}" * bool(_n(entry))
        for entry in entries
        if "sampler" in entry
    ]
    return " or ".join(dict.fromkeys(told))


def spread(entries: Sequence[dict[str, Any]], key: str, digits: int) -> str:
    """The median of the entries, in grey the smallest and the largest."""
    values = [float(entry[key]) for entry in entries]
    shown = f"{median(values):.{digits}f}"
    if len(values) == 1:
        return shown
    return f"{shown} <small>{min(values):.{digits}f} – {max(values):.{digits}f}</small>"


_CHARTS = (
    (
        _losses,
        "Loss",
        "CPU seconds of training",
        "The main run of each variant; losses with different weights cannot be compared.",
    ),
    (
        _by_time,
        FD,
        "CPU seconds of training",
        "Each dot is a training of its own whose learning rate ends at zero, drawn from by "
        "the default sampler; a line joins the medians over seeds.",
    ),
)
_EACH = (
    _by_evaluations,
    FD,
    "network evaluations a sample",
    "The same weights, drawn from with more and fewer evaluations; a line or a dot a sampler.",
)
