"""What others' implementations reach in the same time, from docs/measurements/peers.json."""

from __future__ import annotations

import json
from typing import Any

from tools.pages.escape import text
from tools.pages.parts import Page, scroll, thead

__all__ = ["section"]

ENDING = "-our-network"
OURS = "ours-"
# How each loop of bench/_peer_loops.py trains and draws, in a line.
RECIPES = {
    "ours": "batches of 32, a learning rate that falls to zero at the end, 50 evaluations a sample",
    "smalldiffusion": "its example of clothes, batches of 1024 (32 with our network), AdamW at "
    "7e-4, 20 evaluations a sample",
    "denoising-diffusion-pytorch": "its trainer, two batches of 32 a step, Adam at 8e-5, the "
    "network predicts v, DDIM in 50 evaluations instead of its 250",
}


def section(page: Page) -> str:
    """A table of every mark that was measured; nothing while nothing is stored."""
    file = page.site.folder / "docs" / "measurements" / "peers.json"
    if not file.is_file():
        return ""
    runs: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["runs"]
    rows = [
        f'<tr><td class="keep">{_who(page, name)}</td>'
        f'<td class="num">{mark["cpu_seconds"]:,.0f}</td>'
        f'<td class="num wide">{mark["steps"]:,}</td>'
        f'<td class="num">{mark["fd"]:.2f}</td><td class="num">{mark["coverage"]:.3f}</td></tr>'
        for name, run in sorted(runs.items(), key=lambda item: item[1]["reached"][-1]["fd"])
        for mark in run["reached"]
    ]
    if not rows:
        return ""
    head = thead("Loop", "num:CPU s", "num wide:Steps", "num:Fréchet distance ↓", "num:Coverage ↑")
    table = f'<table class="plain">{head}<tbody>{"".join(rows)}</tbody></table>'
    samples = next(iter(runs.values()))["samples"]
    recipes = "".join(f"<li>{text(name)}: {recipe}</li>" for name, recipe in RECIPES.items())
    return (
        "<h3>Beside other implementations</h3>"
        "<p>Two public libraries on the same images, measure and processor: as their examples "
        "train their own network, made for GPUs and slow here, and as they train ours. "
        f"{_times(runs)}</p><ul>{recipes}</ul>{scroll(table, 'Beside other implementations')}"
        f'<p class="note">N = {samples:,}, so distances are a little higher than above. '
        f"<code>make peers</code>; {page.to('speed/', 'the goals')}.</p>"
    )


def _times(runs: dict[str, dict[str, Any]]) -> str:
    """How long ours and theirs were trained."""
    own = {
        m["cpu_seconds"] for n, run in runs.items() if n.startswith(OURS) for m in run["reached"]
    }
    budget = max(run["budget"] for run in runs.values())
    ours = " or ".join(f"{seconds:,.0f}" for seconds in sorted(own))
    told = f"Ours had {ours} CPU seconds, theirs up to {budget:,.0f}" if own else ""
    return f"{told}; each was trained once." if told else "Each was trained once."


def _who(page: Page, name: str) -> str:
    if name.startswith(OURS):
        return page.a("baselines", name.removeprefix(OURS).rpartition("-")[0])
    return text(name.removesuffix(ENDING)) + (
        "<br><small>our network</small>" if name.endswith(ENDING) else ""
    )
