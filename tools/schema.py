"""Write the JSON Schemas of the catalog: ``python -m tools.schema [--catalog catalog]``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from diffatlas.catalog.schema import write_schemas


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.schema", description=__doc__)
    parser.add_argument("--catalog", type=Path, default=Path("catalog"), metavar="DIR")
    folder = parser.parse_args(argv).catalog
    if not folder.is_dir():
        parser.error(f"there is no folder {folder}")
    for path in write_schemas(folder):
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
