"""What every benchmark tells: rows of one form, printed, and stored with the machine they hold for.

The site shows what is stored (``tools/pages/speed.py``).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["Row", "machine", "options", "report", "row", "store"]

Row = dict[str, Any]


def options(doc: str | None) -> argparse.ArgumentParser:
    """The command line of a benchmark: its first line of documentation, and ``--out``."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0].split(":")[0])
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSON file to write")
    return parser


def row(
    what: str,
    ours: float,
    unit: str,
    *,
    most: float | None = None,
    least: float | None = None,
    peer: float | None = None,
    peer_name: str | None = None,
    goal: str | None = None,
    met: bool | None = None,
) -> Row:
    """One figure. Its goal is ``most`` or ``least`` in the same unit, or told with ``met``."""
    if most is not None:
        goal, met = f"<= {most:g} {unit}".strip(), ours <= most
    if least is not None:
        goal, met = f">= {least:g} {unit}".strip(), ours >= least
    return {
        "what": what,
        "ours": _short(ours),
        "peer": None if peer is None else _short(peer),
        "peer_name": peer_name,
        "unit": unit,
        "ratio": None if peer is None else float(f"{peer / max(ours, 1e-9):.3g}"),
        "goal": goal,
        "met": met,
    }


def _short(figure: float) -> float:
    """Four digits say enough; counts stay as they are."""
    return figure if isinstance(figure, int) else float(f"{figure:.4g}")


def report(bench: str, rows: list[Row], out: Path | None, **more: object) -> None:
    """Print the rows, and store them if ``out`` is given. ``bench`` is their heading."""
    for line in rows:
        verdict = {True: "met", False: "MISSED", None: ""}[line["met"]]
        peer = f"{line['peer']} {line['peer_name']}, {line['ratio']}x" if line["peer"] else ""
        print(
            f"{line['what']:66} {line['ours']:>9} {line['unit']:8} {peer:32} "
            f"{line['goal'] or ''}  {verdict}".rstrip()
        )
    if out is not None:
        store(out, bench, rows, **more)


def store(out: Path, bench: str, rows: list[Row], **more: object) -> None:
    """Write the rows under a temporary name and move them into their place."""
    found = {
        "bench": bench,
        "machine": machine(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        **more,
        "rows": rows,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    part.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(part, out)


def machine() -> dict[str, object]:
    """What the figures depend on; torch only where the benchmark uses it."""
    found: dict[str, object] = {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    if torch := sys.modules.get("torch"):
        found |= {"torch": torch.__version__, "threads": torch.get_num_threads()}
    return found


def _cpu() -> str:
    """The processor's name, or its kind where the system does not tell."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
