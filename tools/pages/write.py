"""Writes the generated tree: a file that did not change keeps its time stamp, a stale one goes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["FOLDERS", "Tree"]

# Everything in these folders of docs/ is generated; docs/.gitignore lists the same.
FOLDERS = [
    "frameworks",
    "families",
    "tasks",
    "conditions",
    "datasets",
    "architectures",
    "metrics",
    "limitations",
    "directions",
    "vocabulary",
    "papers",
    "matrix",
    "timeline",
    "choose",
    "compare",
    "baselines",
    "query",
    "speed",
    "about",
    "coverage",
    "explore",
    "results",
    "data",
    "api",
    "assets/generated",
]


class Tree:
    """Files to be, by their path under ``root``; nothing is touched before ``flush``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, bytes] = {}

    def put(self, path: str, content: str | bytes) -> None:
        """Add a file. Raises ``ValueError`` for a path outside the root or one added before."""
        parts = Path(path).parts
        if Path(path).is_absolute() or ".." in parts or not parts:
            raise ValueError(f"{path!r} leaves the folder of the pages")
        if path in self.files:
            raise ValueError(f"two pages want the path {path!r}")
        self.files[path] = content.encode("utf-8") if isinstance(content, str) else content

    def flush(self) -> tuple[int, int]:
        """Bring the disk up to date; returns how many files were written and removed."""
        written = 0
        for folder in {os.path.dirname(path) for path in self.files}:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        for path, content in self.files.items():
            target = self.root / path
            if _holds(target, content):
                continue
            _replace(target, content)
            written += 1
        return written, self._remove_stale()

    def _remove_stale(self) -> int:
        removed = 0
        for folder in FOLDERS:
            for old in sorted((self.root / folder).rglob("*"), reverse=True):
                if old.is_dir():
                    if not any(old.iterdir()):
                        old.rmdir()
                elif old.relative_to(self.root).as_posix() not in self.files:
                    old.unlink()
                    removed += 1
        return removed


def _holds(target: Path, content: bytes) -> bool:
    try:
        with open(target, "rb") as stream:
            return stream.read() == content
    except OSError:
        return False


def _replace(target: Path, content: bytes) -> None:
    """Write beside ``target`` and rename, so that no reader ever sees half a file."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
