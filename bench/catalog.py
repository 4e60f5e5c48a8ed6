"""Import time, loading and filtering of the catalog, beside bioregistry in the same run.

``python -m bench.catalog [--out FILE]``. The catalogs are made up (``bench/_synthetic.py``): 1,000
papers for loading, 10,000 for filtering. Every figure is the best of several runs, ours and the
peer's alike: whatever else the machine does can only add to a run. Imports use fresh processes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench._report import Row, options, report, row

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


def measure() -> list[Row]:
    import pandas  # noqa: F401  (loading is timed without the import of pandas)

    import diffatlas
    from bench import _synthetic
    from diffatlas.catalog import compiled

    (imported,) = in_fresh_process(_OURS)
    peer_import, peer_load = in_fresh_process(_PEER, 3)
    rows = [
        row(
            "import diffatlas",
            imported,
            "s",
            most=0.15,
            peer=peer_import,
            peer_name="import bioregistry",
        )
    ]
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
                most=30,
                peer=peer_load * 1e6,
                peer_name="bioregistry.read_registry(), an entry",
            )
        )
        atlas = diffatlas.load(large)
        for text in FILTERS:
            start = time.perf_counter()
            atlas.find(text)
            first = time.perf_counter() - start
            what = f"find in 10,000 papers: {text}"
            line = row(what, seconds(lambda text=text: atlas.find(text)) * 1e3, "ms", most=5)
            line["first_call_ms"] = float(f"{first * 1e3:.3g}")  # builds what later calls reuse
            rows.append(line)
        # A question never asked before, with the columns' indices in place.
        fresh = iter(f"author:song word{at} year:2016.." for at in range(REPEATS))
        new = seconds(lambda: atlas.find(next(fresh)))
        rows.append(row("find in 10,000 papers, a new phrase each time", new * 1e3, "ms", most=5))
    return rows


def main() -> int:
    out = options(__doc__).parse_args().out
    report("Importing, loading and filtering the catalog", measure(), out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
