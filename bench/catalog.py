"""Import time, loading and filtering of the catalog, beside bioregistry in the same run.

``python -m bench.catalog [--out FILE]``. The catalogs are made up (``bench/_synthetic.py``): 1,000
papers for loading, 10,000 for filtering. Every figure is the best of several runs, ours and the
peer's alike: whatever else the machine does can only add to a run. Imports use fresh processes.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEATS = 7
FILTERS = (
    "framework:framework-0 task:task-2,task-3 -condition:condition-4 year:2018..2020",
    '"score matching" author:song has:code',
    "diffusion -image dataset:dataset-1",
    "-has:code submitted:2019-06..",
)

_OURS = """
import sys, time
start = time.perf_counter()
import diffatlas
took = time.perf_counter() - start
assert not {"pandas", "torch"} & set(sys.modules)
print(took)
"""
_PEER = """
import time
start = time.perf_counter()
import bioregistry
imported = time.perf_counter()
entries = len(bioregistry.read_registry())
print(imported - start, (time.perf_counter() - imported) / entries)
"""


def in_fresh_process(code: str, repeats: int = REPEATS) -> list[float]:
    """The least of each number that ``code`` prints, over fresh interpreters."""
    runs = []
    for _ in range(repeats):
        out = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        runs.append([float(word) for word in out.split()])
    return [min(column) for column in zip(*runs, strict=True)]


def seconds(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The least wall time of ``work``."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def row(
    what: str, ours: float, unit: str, goal: float, peer: float | None = None, name: str = ""
) -> dict[str, Any]:
    """One line of the report; below ``goal`` is met."""
    return {
        "what": what,
        "ours": float(f"{ours:.4g}"),
        "peer": None if peer is None else float(f"{peer:.4g}"),
        "peer_name": name or None,
        "unit": unit,
        "ratio": None if peer is None else float(f"{peer / ours:.3g}"),
        "goal": goal,
        "met": ours < goal,
    }


def measure() -> list[dict[str, Any]]:
    import pandas  # noqa: F401  (loading is timed without the import of pandas)

    import diffatlas
    from bench import _synthetic
    from diffatlas.catalog import compiled

    (imported,) = in_fresh_process(_OURS)
    peer_import, peer_load = in_fresh_process(_PEER, 3)
    rows = [row("import diffatlas", imported, "s", 0.15, peer_import, "import bioregistry")]
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        compiled.write(_synthetic.tables(1_000), small)
        compiled.write(_synthetic.tables(10_000), large)

        def load() -> None:
            atlas = diffatlas.load(small)
            for kind in atlas.kinds:
                atlas.frame(kind)

        rows.append(
            row(
                "load() to DataFrames of all kinds, a paper (1,000 papers)",
                seconds(load) / 1_000 * 1e6,
                "us",
                30,
                peer_load * 1e6,
                "bioregistry.read_registry(), an entry",
            )
        )
        atlas = diffatlas.load(large)
        for text in FILTERS:
            start = time.perf_counter()
            atlas.find(text)
            first = time.perf_counter() - start
            what = f"find in 10,000 papers: {text}"
            line = row(what, seconds(lambda text=text: atlas.find(text)) * 1e3, "ms", 5)
            line["first_call_ms"] = float(f"{first * 1e3:.3g}")  # builds what later calls reuse
            rows.append(line)
        # A question never asked before, with the columns' indices in place.
        fresh = iter(f"author:song word{at} year:2016.." for at in range(REPEATS))
        new = seconds(lambda: atlas.find(next(fresh)))
        rows.append(row("find in 10,000 papers, a new phrase each time", new * 1e3, "ms", 5))
    return rows


def report() -> dict[str, Any]:
    return {
        "bench": "catalog",
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
        mark = "met" if line["met"] else "MISSED"
        print(f"{line['what']}: {line['ours']} {line['unit']}{told}, goal {line['goal']}, {mark}")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = out.with_name(f".{out.name}.tmp")
        temporary.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
