"""Build the site: ``python -m tools.build``. Pages are generated, then MkDocs builds them strictly.

The finished site replaces the old one in one move, and nothing is built while no source of it
changed. MkDocs' warnings end the run with status 1 and are shown; its chatter is not.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from tools import cards, slim, twins, works

REPOSITORY = Path(__file__).resolve().parent.parent
STAMP = ".inputs"
# What makes the site of its sources: another version may make another one.
PACKAGES = (
    "mkdocs",
    "mkdocs-material",
    "pymdown-extensions",
    "Markdown",
    "tdewolff-minify",
    "html-to-markdown",
)


def inputs(root: Path) -> str:
    """A hash over everything that the build reads: names, sizes and times are enough."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        digest.update(f"{package} {version(package)}\n".encode())
    for name in ("SITE_URL", "REPOSITORY_URL"):
        digest.update(f"{name}={os.environ.get(name, '')}\n".encode())
    for module in (cards, slim, twins, works):
        digest.update(Path(module.__file__).read_bytes())
    for file in [root / "mkdocs.yml", *sorted((root / "docs").rglob("*"))]:
        if file.is_file():
            status = file.stat()
            name = file.relative_to(root).as_posix()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def refusal(root: Path, target: Path) -> str:
    """Why ``target`` must not be replaced by a site, and the mend; empty if it may be.

    What stands there is deleted, so it has to be a site that was built here, or nothing.
    """
    if target == root or target in root.parents:
        reason = "holds the repository"
    elif target.is_file() or target.is_symlink():
        reason = "is no folder"
    elif target.is_dir() and any(target.iterdir()) and not (target / STAMP).is_file():
        reason = f"holds files that are no built site (it has no {STAMP})"
    else:
        return ""
    return f"{target} {reason}: it would be deleted; give a new or an empty folder as --site-dir"


def finish(site: Path) -> None:
    """What MkDocs leaves to do: small scripts, and each page's Markdown."""
    slim.slim(site)
    twins.write(site)


def build(root: Path, target: Path) -> bool:
    """Build ``root`` into ``target`` if its sources changed; False after a warning or an error."""
    if reason := refusal(root, target):
        print(f"tools.build: {reason}", file=sys.stderr)
        return False
    key = inputs(root)
    stamp = target / STAMP
    if stamp.is_file() and stamp.read_text() == key:
        print("the site is up to date")
        return True
    start = time.perf_counter()
    fresh = target.parent / ".cache" / f"{target.name}-new"
    shutil.rmtree(fresh, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(fresh)],
        cwd=root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout + done.stderr, file=sys.stderr)
        shutil.rmtree(fresh, ignore_errors=True)
        return False
    finish(fresh)
    if os.environ.get("SITE_URL"):
        made, drawn = cards.write(root, fresh)
        print(f"{made} pictures for link previews, {drawn} of them drawn anew")
    (fresh / STAMP).write_text(key)
    old = fresh.with_name(f"{target.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if target.is_dir():
        os.replace(target, old)
    os.replace(fresh, target)
    shutil.rmtree(old, ignore_errors=True)
    with contextlib.suppress(OSError):
        fresh.parent.rmdir()
    print(f"built the site in {time.perf_counter() - start:.1f} s")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.build", description=__doc__)
    parser.add_argument("--site-dir", type=Path, default=REPOSITORY / "site")
    target = parser.parse_args().site_dir.resolve()
    pages = subprocess.run([sys.executable, "-m", "tools.pages"], cwd=REPOSITORY, check=False)
    if pages.returncode != 0:
        return pages.returncode
    return 0 if build(REPOSITORY, target) else 1


if __name__ == "__main__":
    sys.exit(main())
