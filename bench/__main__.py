"""Run every benchmark and store its figures: ``python -m bench [name ...]``.

Each module of this folder is a benchmark of its own with the flag ``--out FILE``. They run one
after another in fresh processes, so that no measurement inherits another one's imports or memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STORE = HERE.parent / "docs" / "measurements"
LONG = {"peers"}  # hours: only where it is named


def benchmarks() -> list[str]:
    """Return the names of the benchmarks in this folder, sorted."""
    return sorted(p.stem for p in HERE.glob("[a-z]*.py"))


def missed(path: Path) -> list[str]:
    """Return the goals that a stored benchmark missed, one line each."""
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return [
        f"{row['what']}: {row['ours']} {row['unit']}, goal {row['goal']}"
        for row in rows
        if row.get("met") is False
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    usual = f"all but {', '.join(sorted(LONG))} if none is given"
    parser.add_argument("names", nargs="*", help=f"of {', '.join(benchmarks())}; {usual}")
    chosen = parser.parse_args().names or sorted(set(benchmarks()) - LONG)
    unknown = sorted(set(chosen) - set(benchmarks()))
    if unknown:
        parser.error(f"unknown benchmark {', '.join(unknown)}; there are {', '.join(benchmarks())}")
    STORE.mkdir(parents=True, exist_ok=True)
    failed, goals = [], []
    for name in chosen:
        print(f"== {name}", flush=True)
        out = STORE / f"{name}.json"
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", "--out", str(out)], check=False
        )
        if done.returncode != 0:
            failed.append(name)
        else:
            goals += missed(out)
    if goals:
        print("Goals missed:", *goals, sep="\n  ")
    if failed:
        print(f"These benchmarks stopped with an error: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
