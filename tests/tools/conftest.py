"""A small catalog whose every text is hostile, and the site that is built from it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(Path(__file__).parent)]


@pytest.fixture
def empty_root(tmp_path: Path) -> Path:
    """A copy of what the generator and MkDocs need, without any generated page."""
    root = tmp_path / "root"
    for name in ("prose", "theme", "assets"):
        shutil.copytree(
            REPOSITORY / "docs" / name,
            root / "docs" / name,
            ignore=shutil.ignore_patterns("generated", "vendor"),
        )
    shutil.copy(REPOSITORY / "mkdocs.yml", root / "mkdocs.yml")
    return root


@pytest.fixture(scope="session")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The real catalog, read from its YAML: no test depends on an earlier compilation."""
    import diffatlas
    from diffatlas.catalog import compiled

    target = tmp_path_factory.mktemp("compiled")
    compiled.write(compiled.compile_catalog(REPOSITORY / "catalog"), target)
    return diffatlas.load(target)
