"""What a baseline's full runs measured, from ``baselines/results/<id>/results.json``."""

from __future__ import annotations

import json
from typing import Any

from tools.pages import figures
from tools.pages.escape import text
from tools.pages.parts import Page, scroll, thead

__all__ = ["section"]


# key -> column head, with the direction in which it gets better, and decimals
MEASURES = {
    "fd": ("Fréchet distance ↓", 2),
    "kid": ("Kernel distance ↓", 3),
    "precision": ("Precision ↑", 3),
    "recall": ("Recall ↑", 3),
    "density": ("Density ↑", 3),
    "coverage": ("Coverage ↑", 3),
    "class_distance": ("Class distance ↓", 3),
    "accuracy": ("Of the class asked for ↑", 3),
}


def section(page: Page, baseline: str) -> str:
    """Every stored measurement with its protocol, beside what real images score, and samples."""
    file = figures.results_folder(page.site, baseline) / "results.json"
    if not file.is_file():
        return ""
    stored = json.loads(file.read_text(encoding="utf-8"))
    runs: dict[str, dict[str, Any]] = stored.get("runs") or {}
    measured = [(name, metric) for name, run in runs.items() for metric in run["metrics"]]
    if not measured:
        return ""
    shown = [key for key in MEASURES if any(key in metric for _, metric in measured)]
    head = thead(
        "Variant", "Sampler", "num:NFE", "num:N", *(f"num:{MEASURES[key][0]}" for key in shown)
    )
    rows = "".join(_row(name, metric, shown) for name, metric in measured)
    table = scroll(f'<table class="plain">{head}<tbody>{rows}</tbody></table>', "Measurements")
    return (
        f"{_samples(page, baseline)}{table}{_scale(runs)}{_likelihood(runs)}"
        f"{_note(text(stored.get('data', '')), shown)}{_protocol(runs)}"
    )


def _row(name: str, metric: dict[str, Any], shown: list[str]) -> str:
    cells = "".join(f'<td class="num">{_cell(metric, key)}</td>' for key in shown)
    return (
        f"<tr><td>{text(name)}</td><td>{text(metric['sampler'])}</td>"
        f'<td class="num">{metric["nfe"]}</td><td class="num">{metric["n"]:,}</td>{cells}</tr>'
    )


def _cell(metric: dict[str, Any], key: str) -> str:
    """The samples' score, in grey that of real images at the same N."""
    if key not in metric:
        return "–"
    digits = MEASURES[key][1]
    value = f"{metric[key]:.{digits}f}"
    if f"{key}_error" in metric:
        value += f" ± {metric[f'{key}_error']:.{digits}f}"
    # Results of before there were more measures than two name these one by one.
    old = {"fd": metric.get("floor"), "coverage": metric.get("real_coverage")}
    real = metric.get("real", old).get(key)
    return value if real is None else f"{value} <small>{real:.{digits}f}</small>"


def _scale(runs: dict[str, dict[str, Any]]) -> str:
    """What known images score in the features of the runs, once for each feature network."""
    lines = []
    for run in runs.values():
        scale = run.get("scale") or {}
        if scale.get("features") not in {metric.get("features") for metric in run["metrics"]}:
            continue
        points = ", ".join(
            f"{text(name)} {point['fd']:.4g} (coverage {point['coverage']:.3f})"
            for name, point in scale["points"].items()
        )
        line = (
            f"Scale of the Fréchet distance at N = {scale['n']:,}: {points}. Feature network: "
            f"{scale['parameters']:,} parameters, test accuracy {100 * scale['accuracy']:.1f} %, "
            f"{text(scale['features'][:8])}."
        )
        if line not in lines:
            lines.append(line)
    return "".join(f'<p class="note scale">{line}</p>' for line in lines)


def _likelihood(runs: dict[str, dict[str, Any]]) -> str:
    lines = []
    for name, run in runs.items():
        bits = run.get("bits_per_dim")
        if not bits:
            continue
        how = f", {text(bits['dequantization'])} dequantisation" if "dequantization" in bits else ""
        lines.append(
            f"{text(name)}: {bits['mean']:.3f} ± {bits['standard_error']:.3f} bits/dim "
            f"({bits['n']} test images{how})"
        )
    return f'<p class="note">Likelihood. {"; ".join(lines)}.</p>' if lines else ""


def _note(data: str, shown: list[str]) -> str:
    more = (
        " Kernel distance: of standardised features, with its standard error. Class distance: total"
        " variation between the predicted classes."
        if "kid" in shown
        else ""
    )
    return (
        '<p class="note">In grey what training images score at the same N: the floor, or the '
        "ceiling. All measures compare the features of a small classifier with those of the test "
        f"images of {data}.{more}</p>"
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
    image = figures.picture(page, baseline, file, alt)
    return (
        f'<figure class="output samples">{image}<figcaption>64 samples from the stored weights, '
        "not chosen.</figcaption></figure>"
    )
