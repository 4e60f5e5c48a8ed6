"""What others' implementations reach in the same time, from docs/measurements/peers.json."""

from __future__ import annotations

import json
from typing import Any

from tools.pages.escape import text
from tools.pages.parts import Page, scroll, thead

__all__ = ["section"]

ENDING = "-our-network"


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
    return (
        "<h3>Beside other implementations</h3>"
        "<p>Two public libraries on the same images, measure and processor: as their examples "
        "train their own network, made for GPUs and slow here, and as they train ours. Ours had a "
        f"twentieth and a quarter of the time.</p>{scroll(table, 'Beside other implementations')}"
        f'<p class="note">N = {samples:,}, so distances are a little higher than above. '
        f"<code>make peers</code>; {page.to('speed/', 'the goals')}.</p>"
    )


def _who(page: Page, name: str) -> str:
    if name.startswith("ours-"):
        return page.a("baselines", name.removeprefix("ours-").rpartition("-")[0])
    return text(name.removesuffix(ENDING)) + (
        "<br><small>our network</small>" if name.endswith(ENDING) else ""
    )
