"""The build replaces the site only when it has a whole one, and only when something changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tools.build import build

CONFIG = "site_name: x\ntheme: {name: mkdocs}\nplugins: []\nnav: [index.md]\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(CONFIG)
    (tmp_path / "docs/index.md").write_text("# One\n")
    return tmp_path


def test_an_unchanged_site_is_left_alone(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = small / "site"
    assert build(small, target)
    before = (target / "index.html").stat().st_mtime_ns
    assert build(small, target)
    assert "up to date" in capsys.readouterr().out
    assert (target / "index.html").stat().st_mtime_ns == before
    (small / "docs/index.md").write_text("# Two\n")
    assert build(small, target)
    assert "Two" in (target / "index.html").read_text()


def test_a_broken_link_is_shown_and_keeps_the_old_site(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = small / "site"
    assert build(small, target)
    (small / "docs/index.md").write_text("# Two\n\n[gone](missing.md)\n")
    assert not build(small, target)
    assert "missing.md" in capsys.readouterr().err
    assert "One" in (target / "index.html").read_text()
    assert not [name for name in os.listdir(small / ".cache")]


@pytest.mark.parametrize("name", ["docs", "precious", ".", ".."])
def test_a_folder_that_is_no_site_is_never_deleted(
    small: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = small / "root"
    root.mkdir()
    for part in ("docs", "mkdocs.yml"):
        (small / part).rename(root / part)
    (root / "precious").mkdir()
    (root / "precious/work.txt").write_text("years")
    before = sorted(small.rglob("*"))
    assert not build(root, (root / name).resolve())
    assert "--site-dir" in capsys.readouterr().err
    assert sorted(small.rglob("*")) == before


def test_an_empty_folder_may_become_the_site(small: Path) -> None:
    target = small / "site"
    target.mkdir()
    assert build(small, target)
    assert (target / "index.html").is_file()
    assert not (small / ".cache").exists()
