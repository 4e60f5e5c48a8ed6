"""Keep the outputs in README.md true: ``python -m tools.readme`` runs its examples again.

They run in an empty folder, with the installed ``diffatlas``.

An example is a fence ``python`` or ``bash`` followed by a fence ``text``, which holds what it
printed. Bash examples that install, serve or train have no ``text`` fence and are left alone.
``--check`` writes nothing and exits with 1 where an output is not what the example prints now.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from diffatlas.errors import CatalogError

REPOSITORY = Path(__file__).resolve().parent.parent
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
        fresh = refreshed(stored)
    except CatalogError as error:
        print(f"tools.readme: {error}", file=sys.stderr)
        return 2
    if fresh == stored:
        print("README.md is up to date")
        return 0
    if only_check:
        print("README.md shows outputs of another catalog; run `python -m tools.readme`")
        return 1
    temporary = path.with_suffix(".md.new")
    temporary.write_text(fresh, encoding="utf-8")
    temporary.replace(path)
    print("README.md: outputs written again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
