"""What a baseline's full runs measured, from ``baselines/results/<id>/results.json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.pages import curves, figures
from tools.pages.escape import text
from tools.pages.parts import Page, details, scroll, thead
from tools.pages.scale import ruler

__all__ = ["ASKED", "overview", "section"]


# key -> the metric's page, column head, arrow to where it gets better, decimals
MEASURES = {
    "fd": ("frechet-distance", "Fréchet distance", "↓", 2),
    "coverage": ("coverage", "Coverage", "↑", 3),
    "kid": ("kid", "Kernel distance", "↓", 3),
    "precision": ("precision", "Precision", "↑", 3),
    "recall": ("recall", "Recall", "↑", 3),
    "density": ("density", "Density", "↑", 3),
    "class_distance": ("class-distance", "Classes", "↓", 3),
    "accuracy": ("class-accuracy", "Class asked for", "↑", 3),
}
ASKED = "Class asked for: the share of samples that the classifier puts into the class asked for."
FIRST = ("fd", "coverage")  # the others fold away


def stored_results(page: Page, baseline: str) -> dict[str, Any]:
    """What is stored of a baseline; empty while nothing is."""
    return figures.measurements(page.site, baseline)


def overview(page: Page) -> str:
    """All variants of all baselines by their default sampler, side by side."""
    rows, real, drawn, longer = [], "", set(), []
    for baseline in page.site.records["baselines"]:
        for name, run in (stored_results(page, baseline).get("runs") or {}).items():
            metric = run["metrics"][0]
            drawn.add(metric["n"])
            longer += [
                f"{page.site.name('baselines', baseline)} {name} {m['fd']:.2f} in {m['nfe']}"
                for m in run["metrics"]
                if m["sampler"] == metric["sampler"] and m["nfe"] > metric["nfe"]
            ]
            if "real" in metric:
                floor = (f"{metric['real'][key]:.{MEASURES[key][3]}f}" for key in FIRST)
                real = f"training images score {' and '.join(floor)}. "
            seeds = [e for e in curves.trainings(run) if e["budget"] == run["budget"]]
            cells = "".join(
                f'<td class="num">{curves.spread(seeds, key, MEASURES[key][3])}</td>'
                for key in FIRST
            )
            rows.append(
                f'<tr><td class="keep">{page.a("baselines", baseline)} {text(name)}<br><small>'
                f"{text(metric['sampler'])}, {metric['nfe']} NFE</small></td>"
                f'<td class="num wide">{run["cpu_seconds"]:,.0f}</td>'
                f'<td class="num wide">{len(seeds)}</td>{cells}</tr>'
            )
    if not rows:
        return ""
    numbers = " or ".join(f"{n:,}" for n in sorted(drawn, reverse=True))
    heads = [f"num:{page.a('metrics', *MEASURES[key][:2])} {MEASURES[key][2]}" for key in FIRST]
    head = thead("Baseline, variant", "num wide:CPU s", "num wide:Seeds", *heads)
    table = f'<table class="plain">{head}<tbody>{"".join(rows)}</tbody></table>'
    note = (
        '<p class="note">Trained on Fashion-MNIST on one processor core, the same network in all; '
        f"N = {numbers}. Median over the seeds, in grey the smallest and the largest; "
        f"{real}{_longer(longer)}These are measurements at toy scale, not to be compared with "
        f"{page.to('results/', 'what papers report')}.</p>"
    )
    return scroll(table, "All baselines, measured") + note


def _longer(longer: list[str]) -> str:
    """What the papers' own samplers, which need more steps, reach in them."""
    if not longer:
        return ""
    return f"The papers’ own samplers want more evaluations: {text(' and '.join(longer))}. "


def section(page: Page, baseline: str) -> str:
    """Every stored measurement with its protocol, beside what real images score, and samples."""
    stored = stored_results(page, baseline)
    runs: dict[str, dict[str, Any]] = stored.get("runs") or {}
    measured = [(name, metric) for name, run in runs.items() for metric in run["metrics"]]
    if not measured:
        return ""
    more = [k for k in MEASURES if k not in FIRST and any(k in metric for _, metric in measured)]
    return (
        f"{_samples(page, baseline)}{_table(page, measured, FIRST)}"
        f"{_note(text(stored.get('data', '')))}{ruler(page, runs)}{curves.section(page, runs)}"
        f"{_more(page, measured, more)}{_likelihood(runs, stored.get('data', ''))}{_protocol(runs)}"
    )


def _table(
    page: Page,
    measured: list[tuple[str, dict[str, Any]]],
    shown: Sequence[str],
    label: str = "Measurements",
) -> str:
    heads = [f"num:{page.a('metrics', *MEASURES[key][:2])} {MEASURES[key][2]}" for key in shown]
    head = thead("Variant", "Sampler", *heads)
    rows = "".join(_row(name, metric, shown) for name, metric in measured)
    return scroll(f'<table class="plain">{head}<tbody>{rows}</tbody></table>', label)


def _more(page: Page, measured: list[tuple[str, dict[str, Any]]], shown: Sequence[str]) -> str:
    if not shown:
        return ""
    return details(
        "More measures",
        f"{_table(page, measured, shown, 'More measures')}"
        '<p class="note">Kernel distance: of standardised features, with its standard error; around'
        " zero for equal distributions. Classes: total variation between the predicted "
        f"classes, the share of samples that would have to change theirs."
        f"{f' {ASKED}' if 'accuracy' in shown else ''}</p>",
    )


def _row(name: str, metric: dict[str, Any], shown: Sequence[str]) -> str:
    cells = "".join(f'<td class="num">{_cell(metric, key)}</td>' for key in shown)
    return (
        f'<tr><td class="keep">{text(name)}</td><td class="keep">{text(metric["sampler"])}<br>'
        f"<small>{metric['nfe']} NFE, N = {metric['n']:,}</small></td>{cells}</tr>"
    )


def _cell(metric: dict[str, Any], key: str) -> str:
    """The samples' score, in grey that of real images at the same N."""
    if key not in metric:
        return "–"
    digits = MEASURES[key][3]
    value = f"{metric[key]:.{digits}f}"
    if f"{key}_error" in metric:
        value += f" ± {metric[f'{key}_error']:.{digits}f}"
    # Results of before there were more measures than two name these one by one.
    old = {"fd": metric.get("floor"), "coverage": metric.get("real_coverage")}
    real = metric.get("real", old).get(key)
    return value if real is None else f"{value} <small>{real:.{digits}f}</small>"


def _likelihood(runs: dict[str, dict[str, Any]], data: str) -> str:
    lines = []
    for name, run in runs.items():
        bits = run.get("bits_per_dim")
        if not bits:
            continue
        how = f", {text(bits['dequantization'])} dequantisation" if "dequantization" in bits else ""
        lines.append(
            f"{text(name)} {bits['mean']:.3f} ± {bits['standard_error']:.3f} bits/dim "
            f"({bits['n']} images{how})"
        )
    if not lines:
        return ""
    return (
        f'<p class="note">Likelihood of test images of {text(data)}, lower is better, mean ± its '
        f"standard error over the images: {'; '.join(lines)}.</p>"
    )


def _note(data: str) -> str:
    return (
        '<p class="note">In grey what training images score at the same N: the floor and the '
        "ceiling. Distance and coverage are those of the features of a small classifier, against "
        f"the test images of {data}.</p>"
    )


def _protocol(runs: dict[str, dict[str, Any]]) -> str:
    """How each run was trained: steps, time, size, seed, machine, versions."""
    lines = []
    for name, run in runs.items():
        versions = ", ".join(f"{text(k)} {text(v)}" for k, v in run.get("versions", {}).items())
        lines.append(
            f"<li>{text(name)}: {run['steps']:,} steps in {run['cpu_seconds']:,.0f} CPU s, "
            f"{run['parameters']:,} parameters, seed {run['seed']}; "
            f"{text(run.get('hardware', ''))}; {versions}</li>"
        )
    return f"<details><summary>How it was trained</summary><ul>{''.join(lines)}</ul></details>"


def _samples(page: Page, baseline: str) -> str:
    file = figures.stored(page.site, baseline, "samples")
    if file is None:
        return ""
    alt = "A grid of samples from the stored weights"
    first = next(iter((stored_results(page, baseline).get("runs") or {}).values()), {})
    image = figures.picture(page, baseline, file, alt)
    return (
        f'<figure class="output samples">{image}<figcaption>64 samples from the stored weights, '
        f"not chosen, drawn{figures.by_what(first)}.</figcaption></figure>"
    )
