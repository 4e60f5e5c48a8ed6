"""Reading, checking, mending and compiling YAML at 1,000 papers, beside PyYAML alone.

``python -m bench.catalog_check [--out FILE]``. The catalog is made up by
``bench/_synthetic_yaml.py``. Every figure is the best of several runs, ours and the peer's taken in
turn: whatever else the machine does can only add to a run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bench import _synthetic_yaml
from bench._report import Row, options, report, row
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


def measure() -> list[Row]:
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
        row(
            what,
            ours * per,
            "ms",
            most=2,
            peer=c_loader * per,
            peer_name="PyYAML's C loader, nothing validated",
        ),
        row(
            what,
            ours * per,
            "ms",
            most=2,
            peer=slow * 20 * per,
            peer_name="PyYAML's own loader, nothing validated",
        ),
        row("check of 1,000 papers and 250 terms", checked, "s", most=3),
        row("check --fix of 1,000 papers and 250 terms, all in order", mended, "s"),
        row("check and compile of 1,000 papers", compiled, "s"),
        row("compile of 1,000 papers when nothing changed", unchanged, "s"),
    ]


def main() -> int:
    out = options(__doc__).parse_args().out
    report("Reading and checking the catalog's YAML", measure(), out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
