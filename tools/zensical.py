"""Build the same pages with Zensical and compare: ``python -m tools.zensical``.

Zensical is the successor of mkdocs-material and reads the same mkdocs.yml. It gets an environment
and a copy of the sources of its own under ``.cache/zensical``, so that nothing it does reaches
``site/``, which ``tools.build`` has made before. The pages and our own files must be the same, and
each page must have the same title and heading. What comes with a theme is left out: the two bring
other scripts and another search index.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import slim, twins

REPOSITORY = Path(__file__).resolve().parent.parent
# 0.1.2 asks for a version of zensical-ui that cannot be installed (November 2026).
VERSION = "0.0.73"
# What either theme brings, what MkDocs alone writes, and what tools.build adds afterwards.
THEIRS = (
    "assets/javascripts/",
    "assets/stylesheets/",
    "assets/images/",
    "assets/external/",
    "assets/cards/",
    "search",
    "objects.inv",
    "sitemap.xml",
    ".",
)


def environment(folder: Path) -> Path:
    """The program ``zensical`` in an environment under ``folder``, installed if it is not there."""
    program = folder / f"venv-{VERSION}" / "bin" / "zensical"
    if not program.is_file():
        home = program.parent.parent
        shutil.rmtree(home, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(home)], folder)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        run([*pip, f"zensical=={VERSION}"], folder)
    return program


def run(command: list[str], folder: Path) -> None:
    """Run a command; raises ``SystemExit`` with what it said if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise SystemExit(f"tools.zensical: {' '.join(command)} failed:\n{said}")


def files(site: Path) -> set[str]:
    """The pages and our own files of a built site, by path."""
    found = {f.relative_to(site).as_posix() for f in site.rglob("*") if f.is_file()}
    return {path for path in found if not path.startswith(THEIRS) and not path.endswith(twins.NAME)}


def names(page: Path) -> list[str]:
    """Title and heading of a page, as text."""
    source = page.read_text(encoding="utf-8")
    found = [re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", source, re.S) for tag in ("title", "h1")]
    texts = [re.sub(r"<[^>]*>", "", match[1]) if match else "" for match in found]
    return [" ".join(html.unescape(text).split()) for text in texts]


def differences(ours: Path, theirs: Path) -> list[str]:
    """How two built sites differ, one line each."""
    first, second = files(ours), files(theirs)
    found = [f"only MkDocs writes {path}" for path in sorted(first - second)]
    found += [f"only Zensical writes {path}" for path in sorted(second - first)]
    for path in sorted(first & second):
        if path.endswith(".html") and (a := names(ours / path)) != (b := names(theirs / path)):
            found.append(f"{path} is called {a} by MkDocs and {b} by Zensical")
    return found


def main() -> int:
    site = REPOSITORY / "site"
    if not (site / "index.html").is_file():
        print("There is no built site to compare with. Build it first: make site", file=sys.stderr)
        return 1
    folder = REPOSITORY / ".cache" / "zensical"
    folder.mkdir(parents=True, exist_ok=True)
    program = environment(folder)
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    shutil.copytree(REPOSITORY / "docs", root / "docs")
    shutil.copy(REPOSITORY / "mkdocs.yml", root)
    run([str(program), "build"], root)
    slim.join(root / "site")
    found = differences(site, root / "site")
    pages = sum(path.endswith(".html") for path in files(site))
    if found:
        print(f"MkDocs and Zensical differ in {len(found)} places:", *found[:30], sep="\n  ")
        return 1
    print(f"Zensical {VERSION} builds the same {pages:,} pages as MkDocs")
    shutil.rmtree(root)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    sys.exit(main())
