"""Keep the outputs in README.md true: ``python -m tools.readme`` runs its examples again.

They run in an empty folder, with the installed ``diffatlas``. The picture is put together from the
strips that the baselines left.

An example is a fence ``python`` or ``bash`` followed by a fence ``text``, which holds what it
printed. Bash examples that install, serve or train have no ``text`` fence and are left alone.
``--check`` writes nothing and exits with 1 where an output is not what the example prints now.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from diffatlas.catalog.schema import replace_file
from diffatlas.errors import CatalogError
from tools.pictures import side_by_side

REPOSITORY = Path(__file__).resolve().parent.parent
PICTURE = REPOSITORY / "docs" / "assets" / "readme-strip.png"
BASELINES = ("ddpm", "ncsn", "score_sde")
_EXAMPLE = re.compile(
    r"^```(?P<language>python|bash)\n(?P<code>[^`]*?)^```\n\n^```text\n(?P<shown>.*?)^```$",
    re.M | re.S,
)


def refreshed(readme: str) -> str:
    """The text with every output as its example prints it now, run in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:

        def again(found: re.Match[str]) -> str:
            printed = _run(found["language"], found["code"], Path(folder))
            return found[0].replace(f"```text\n{found['shown']}", f"```text\n{printed}")

        return _EXAMPLE.sub(again, readme)


def picture() -> bytes:
    """The baselines' strips from noise to image in one row, as a PNG."""
    strips = [REPOSITORY / "baselines" / "results" / name / "strip.png" for name in BASELINES]
    buffer = io.BytesIO()
    side_by_side(strips).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _run(language: str, code: str, cwd: Path) -> str:
    if language == "python":
        command = [
            sys.executable,
            "-c",
            f"import pandas\npandas.options.display.width = 100\n{code}",
        ]
    else:
        command = ["bash", "-ec", code]
    folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CatalogError(f"README.md: this example fails:\n{code}\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.readme", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    path = REPOSITORY / "README.md"
    stored = path.read_text(encoding="utf-8")
    only_check = parser.parse_args().check
    try:
        wanted = {path: refreshed(stored).encode(), PICTURE: picture()}
    except CatalogError as error:
        print(f"tools.readme: {error}", file=sys.stderr)
        return 2
    stale = [file for file, content in wanted.items() if _content(file) != content]
    for file in stale:
        print(f"{file.relative_to(REPOSITORY)}: {'stale' if only_check else 'written again'}")
        if not only_check:
            replace_file(file, wanted[file])
    if not stale:
        print("README.md is up to date")
    return int(only_check and bool(stale))


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


if __name__ == "__main__":
    sys.exit(main())
