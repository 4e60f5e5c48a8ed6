"""What a baseline's full runs measured, from ``baselines/results/<id>/results.json``."""

from __future__ import annotations

import json
from typing import Any

from tools.pages import figures
from tools.pages.escape import text
from tools.pages.parts import Page, scroll, thead

__all__ = ["section"]


def section(page: Page, baseline: str) -> str:
    """Every stored measurement with its protocol, beside what real images score, and samples."""
    file = figures.results_folder(page.site, baseline) / "results.json"
    if not file.is_file():
        return ""
    stored = json.loads(file.read_text(encoding="utf-8"))
    runs: dict[str, dict[str, Any]] = stored.get("runs") or {}
    rows = [_row(name, run, metric) for name, run in runs.items() for metric in run["metrics"]]
    if not rows:
        return ""
    head = thead(
        "Variant", "Sampler", "num:NFE", "num:N", "num:Fréchet distance ↓", "num:Coverage ↑"
    )
    table = scroll(
        f'<table class="plain">{head}<tbody>' + "".join(rows) + "</tbody></table>", "Measurements"
    )
    bits = "; ".join(
        f"{text(name)}: {run['bits_per_dim']['mean']:.3f} ± "
        f"{run['bits_per_dim']['standard_error']:.3f} bits/dim "
        f"({run['bits_per_dim']['n']} test images)"
        for name, run in runs.items()
        if run.get("bits_per_dim")
    )
    likelihood = f'<p class="note">Likelihood. {bits}.</p>' if bits else ""
    data = text(stored.get("data", ""))
    note = (
        '<p class="note">In grey what training images score at the same N: the floor and the '
        "ceiling. Distance and coverage are those of the features of a small classifier, against "
        f"the test images of {data}.</p>"
    )
    return f"{_samples(page, baseline)}{table}{likelihood}{note}{_protocol(runs)}"


def _row(name: str, run: dict[str, Any], metric: dict[str, Any]) -> str:
    return (
        f"<tr><td>{text(name)}</td><td>{text(metric['sampler'])}</td>"
        f'<td class="num">{metric["nfe"]}</td><td class="num">{metric["n"]:,}</td>'
        f'<td class="num">{metric["fd"]:.2f} <small>{metric["floor"]:.2f}</small></td>'
        f'<td class="num">{metric["coverage"]:.3f} '
        f"<small>{metric['real_coverage']:.3f}</small></td></tr>"
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
