"""The tree of generated files: unchanged files are left alone, stale ones go, others stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.pages.write import FOLDERS, Tree

REPOSITORY = Path(__file__).resolve().parents[2]


def tree(root: Path, **files: str) -> Tree:
    made = Tree(root)
    for path, content in files.items():
        made.put(path.replace("__", "/"), content)
    return made


def test_unchanged_files_keep_their_time(tmp_path: Path) -> None:
    assert tree(tmp_path, papers__a="1", papers__b="2").flush() == (2, 0)
    before = (tmp_path / "papers/a").stat().st_mtime_ns
    assert tree(tmp_path, papers__a="1", papers__b="3").flush() == (1, 0)
    assert (tmp_path / "papers/a").stat().st_mtime_ns == before
    assert (tmp_path / "papers/b").read_text() == "3"


def test_stale_pages_go_and_hand_written_ones_stay(tmp_path: Path) -> None:
    (tmp_path / "prose").mkdir()
    (tmp_path / "prose/about.md").write_text("mine")
    tree(tmp_path, papers__a="1", tasks__x__y="2").flush()
    assert tree(tmp_path, papers__a="1").flush() == (0, 1)
    assert not (tmp_path / "tasks/x").exists()
    assert (tmp_path / "prose/about.md").read_text() == "mine"


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", ""])
def test_nothing_is_written_outside(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError):
        Tree(tmp_path).put(path, "x")


def test_two_pages_of_one_path_are_an_error(tmp_path: Path) -> None:
    made = tree(tmp_path, papers__a="1")
    with pytest.raises(ValueError, match="papers/a"):
        made.put("papers/a", "2")


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path, papers__a="old").flush()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        tree(tmp_path, papers__a="new").flush()
    assert [f.name for f in (tmp_path / "papers").iterdir()] == ["a"]
    assert (tmp_path / "papers/a").read_text() == "old"


def test_git_ignores_just_what_is_generated() -> None:
    ignored = (REPOSITORY / "docs/.gitignore").read_text().split("\n")
    folders = {line.strip("/") for line in ignored if line.endswith("/")}
    assert folders == set(FOLDERS)
