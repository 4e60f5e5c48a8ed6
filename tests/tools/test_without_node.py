"""A machine without Node.js runs the other tests; CI tells what it could not run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
NEEDING = ("explorer_engine", "choose_ranking", "comparison_rows", "slim", "works")


@pytest.mark.parametrize(("ci", "passed"), [("", True), ("1", False)])
def test_what_needs_node_is_skipped_and_fails_in_ci(tmp_path: Path, ci: str, passed: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", "--basetemp",
         str(tmp_path / "base"), *(f"tests/tools/test_{name}.py" for name in NEEDING)],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": str(tmp_path), "CI": ci},
    )  # fmt: skip
    assert (done.returncode == 0) is passed, done.stdout
    assert "Node.js is not installed" in done.stdout
    assert "FileNotFoundError" not in done.stdout
