"""Reading, checking, mending and compiling YAML at 1,000 papers, beside PyYAML alone.

``python -m bench.catalog_check [--out FILE]``. The catalog is made up by
``bench/_synthetic_yaml.py``. Every figure is the best of several runs, ours and the peer's taken in
turn: whatever else the machine does can only add to a run.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bench import _synthetic_yaml
from diffatlas.catalog.build import build
from diffatlas.catalog.check import check
from diffatlas.catalog.fix import fix
from diffatlas.catalog.loading import validate
from diffatlas.catalog.reading import read

PAPERS = 1_000
REPEATS = 5


def best(*works: Callable[[], Any]) -> list[float]:
    """The least wall time of each work in seconds; they take turns."""
    times = [[] for _ in works]  # type: list[list[float]]
    for _ in range(REPEATS):
        for kept, work in zip(times, works, strict=True):
            start = time.perf_counter()
            work()
            kept.append(time.perf_counter() - start)
    return [min(kept) for kept in times]


def row(
    what: str, ours: float, unit: str, goal: float | None, peer: float | None = None, name: str = ""
) -> dict[str, Any]:
    return {
        "what": what,
        "ours": float(f"{ours:.3g}"),
        "peer": None if peer is None else float(f"{peer:.3g}"),
        "peer_name": name or None,
        "unit": unit,
        "ratio": None if peer is None else float(f"{peer / ours:.3g}"),
        "goal": goal,
        "met": None if goal is None else ours < goal,
    }


def measure() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        root, out = Path(folder, "catalog"), Path(folder, "out")
        _synthetic_yaml.write(root, PAPERS)
        found = check(root)
        if found:
            raise SystemExit(f"the made-up catalog should have no findings: {found[0]}")
        files = sorted((root / "papers").rglob("*.yaml"))

        def load() -> None:
            for file in files:
                validate("papers", read(file))

        def fast() -> None:
            for file in files:
                with open(file, "rb") as stream:
                    yaml.load(stream, Loader=yaml.CSafeLoader)

        def pure() -> None:
            for file in files[: PAPERS // 20]:
                with open(file, "rb") as stream:
                    yaml.load(stream, Loader=yaml.SafeLoader)

        ours, c_loader, slow = best(load, fast, pure)
        checked, mended, compiled, unchanged = best(
            lambda: check(root),
            lambda: fix(root),
            lambda: build(root, out, force=True),
            lambda: build(root, out),
        )
    what = "load of a paper from YAML, validated, with positions"
    per = 1e3 / PAPERS
    return [
        row(what, ours * per, "ms", 2, c_loader * per, "PyYAML's C loader, nothing validated"),
        row(what, ours * per, "ms", 2, slow * 20 * per, "PyYAML's own loader, nothing validated"),
        row("check of 1,000 papers and 250 terms", checked, "s", 3),
        row("check --fix of 1,000 papers and 250 terms, all in order", mended, "s", None),
        row("check and compile of 1,000 papers", compiled, "s", None),
        row("compile of 1,000 papers when nothing changed", unchanged, "s", None),
    ]


def report() -> dict[str, Any]:
    return {
        "bench": "check",
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.machine(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
        "date": datetime.date.today().isoformat(),
        "rows": measure(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="write the report there as JSON")
    out = parser.parse_args().out
    found = report()
    for line in found["rows"]:
        told = f" ({line['peer_name']}: {line['peer']})" if line["peer"] else ""
        goal = "" if line["goal"] is None else f", goal {line['goal']}"
        mark = {True: ", met", False: ", MISSED", None: ""}[line["met"]]
        print(f"{line['what']}: {line['ours']} {line['unit']}{told}{goal}{mark}")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = out.with_name(f".{out.name}.tmp")
        temporary.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
