"""What a baseline reaches on CIFAR-10 on a GPU, from ``baselines/results/<id>/cifar-10.json``."""

from __future__ import annotations

import json
from typing import Any

from tools.pages import figures
from tools.pages.escape import text
from tools.pages.measured import ASKED
from tools.pages.parts import Page, scroll, thead

__all__ = ["section"]

COLUMNS = (
    ("fd", "frechet-distance", "Fréchet distance", "↓", 2),
    ("coverage", "coverage", "Coverage", "↑", 3),
    ("accuracy", "class-accuracy", "Class asked for", "↑", 3),
)


def section(page: Page, baseline: str) -> str:
    """Samples, figures and protocol of both models; nothing where none is stored."""
    file = figures.results_folder(page.site, baseline) / "cifar-10.json"
    if not file.is_file():
        return ""
    record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    models: list[dict[str, Any]] = record["models"]
    guidance = page.a("frameworks", "classifier-free-guidance", "guidance")
    lead = (
        "<p>The code of this page with a wider network, on photographs. A model that is told the "
        f"class draws what is asked for; {guidance} exaggerates it.</p>"
    )
    return (
        f'{lead}<div class="cards two">{"".join(_samples(page, baseline, m) for m in models)}</div>'
        f"{_table(page, models)}{_curve(models)}{_protocol(record)}"
    )


def _name(model: dict[str, Any]) -> str:
    return "told the class" if model["classes"] else "not told the class"


def _samples(page: Page, baseline: str, model: dict[str, Any]) -> str:
    ending = "-classes" if model["classes"] else ""
    file = figures.stored(page.site, baseline, f"cifar-10{ending}")
    if file is None:
        return ""
    told = "One class a column." if model["classes"] else "As they come."
    # The grid is drawn the first way that was measured.
    how = next((_way(metric) for metric in model["metrics"]), "")
    if how:
        told += f" Drawn by {how}{', no guidance' * ('guidance' not in how)}."
    image = figures.picture(page, baseline, file, f"A hundred samples by a model {_name(model)}")
    return f"<figure>{image}<figcaption>A model {_name(model)}. {told}</figcaption></figure>"


def _table(page: Page, models: list[dict[str, Any]]) -> str:
    heads = [f"num:{page.a('metrics', link, name)} {arrow}" for _, link, name, arrow, _ in COLUMNS]
    rows = []
    for model in models:
        for metric in model["metrics"]:
            cells = "".join(_cell(metric, key, digits) for key, *_, digits in COLUMNS)
            rows.append(
                f'<tr><td class="keep">{_name(model)}</td><td class="keep">'
                f"{_way(metric)}</td>"
                f"{cells}</tr>"
            )
    head = thead("Model", "Sampler", *heads)
    table = f'<table class="plain">{head}<tbody>{"".join(rows)}</tbody></table>'
    return scroll(table, "CIFAR-10, measured")


def _way(metric: dict[str, Any]) -> str:
    guided = f", guidance {metric['guidance']:g}" if metric["guidance"] != 1 else ""
    return f"{text(metric['sampler'])}{guided}, {metric['nfe']} NFE"


def _cell(metric: dict[str, Any], key: str, digits: int) -> str:
    if key not in metric:
        return '<td class="num"></td>'
    real = metric["real"][key]
    return f'<td class="num">{metric[key]:.{digits}f} <small>{real:.{digits}f}</small></td>'


def _curve(models: list[dict[str, Any]]) -> str:
    parts = []
    for model in models:
        points = [p for p in model["fd"] if p["step"] > 1]  # before: the network was compiled
        told = ", ".join(f"{p['fd']:.1f} after {p['seconds']:.0f} s" for p in points)
        parts.append(f"{_name(model)} {told}")
    return (
        f'<p class="note">On the way, DDIM in 20 evaluations, 2,000 images: {"; ".join(parts)}.</p>'
    )


def _protocol(record: dict[str, Any]) -> str:
    first = record["models"][0]
    rates = " and ".join(f"{m['images_per_second']:,.0f} ({_name(m)})" for m in record["models"])
    core = record.get("one_core")
    beside = ""
    if core:
        times = min(m["images_per_second"] for m in record["models"]) / core["images_per_second"]
        beside = (
            f" One core ({text(core['hardware'])}) does {core['images_per_second']:.0f} images a "
            f"second of the same network, a {times:,.0f}th."
        )
    return (
        '<p class="note">In grey what as many training images score; N = '
        f"{first['metrics'][0]['n']:,} against the test images, in the features of a small "
        "classifier: not to be compared with distances that papers report. Trained on one "
        f"{text(record['hardware'])} for {first['seconds']:.0f} s each, compilation included, in "
        f"batches of {record['batch']}, {first['parameters'] / 1e6:.1f} million parameters, "
        f"half of all images mirrored. Images a second: {rates}.{beside} {ASKED} "
        f"<code>python -m tools.cifar --width {record['width']} "
        f"--seconds {first['seconds']:.0f}{' --compile' * record['compiled']}</code> with torch "
        f"{text(record['versions']['torch'])}, {text(record['date'])}. One training each.</p>"
    )
