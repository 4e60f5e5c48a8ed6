"""A root with what the generator and MkDocs need, and without any generated page."""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def bare_root(root: Path) -> Path:
    """Copy it to ``root``, which need not exist yet."""
    for name in ("prose", "theme", "assets"):
        shutil.copytree(
            REPOSITORY / "docs" / name,
            root / "docs" / name,
            ignore=shutil.ignore_patterns("generated", "vendor"),
        )
    shutil.copy(REPOSITORY / "mkdocs.yml", root / "mkdocs.yml")
    return root
