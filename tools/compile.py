"""Compile the catalog for the library: ``python -m tools.compile [--catalog catalog] [--out DIR]``.

Checks first and compiles nothing that has errors. Does nothing where the tables are up to date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from diffatlas.catalog.build import Refused, build

DATA = Path(__file__).resolve().parent.parent / "src" / "diffatlas" / "_data"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.compile", description=__doc__)
    parser.add_argument("--catalog", type=Path, default=Path("catalog"), metavar="DIR")
    parser.add_argument("--out", type=Path, default=DATA, metavar="DIR")
    parser.add_argument("--force", action="store_true", help="compile even if nothing changed")
    args = parser.parse_args(argv)
    try:
        counts = build(args.catalog, args.out, force=args.force)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    if counts is not None:
        listed = ", ".join(f"{number} {kind}" for kind, number in counts.items())
        print(f"compiled {args.catalog}: {listed}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
