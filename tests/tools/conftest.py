"""A small catalog whose every text is hostile, and the site that is built from it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(Path(__file__).parent)]


@pytest.fixture
def empty_root(tmp_path: Path) -> Path:
    """A copy of what the generator and MkDocs need, without any generated page."""
    from roots import bare_root

    return bare_root(tmp_path / "root")


@pytest.fixture(scope="session")
def compiled_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real catalog, compiled from its YAML: no test depends on an earlier compilation."""
    from diffatlas.catalog import compiled

    target = tmp_path_factory.mktemp("compiled")
    compiled.write(compiled.compile_catalog(REPOSITORY / "catalog"), target)
    return target


@pytest.fixture(scope="session")
def atlas(compiled_catalog: Path) -> Any:
    """The real catalog, loaded."""
    import diffatlas

    return diffatlas.load(compiled_catalog)
