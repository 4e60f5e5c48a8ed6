"""``python -m tools.pages [--catalog DIR] [--root DIR]``: write the generated pages."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import diffatlas
from diffatlas.errors import CatalogError
from tools.pages import generate

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.pages", description="Write the pages.")
    parser.add_argument("--catalog", help="a folder of YAML instead of the compiled catalog")
    parser.add_argument(
        "--root", type=Path, default=REPOSITORY, help="where docs/ and baselines/ lie"
    )
    args = parser.parse_args()
    start = time.perf_counter()
    try:
        total, written, removed = generate(diffatlas.load(args.catalog), args.root)
    except CatalogError as error:
        print(f"tools.pages: {error}", file=sys.stderr)
        return 1
    took = time.perf_counter() - start
    print(f"{total} files in {took:.1f} s: {written} written, {removed} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
