"""Smaller scripts and style sheets say the same as those that were written."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.slim import slim

ASSETS = Path(__file__).resolve().parents[2] / "docs" / "assets"


def test_what_leaves_is_smaller_and_still_a_script(tmp_path: Path) -> None:
    for folder in ("js", "css"):
        shutil.copytree(ASSETS / folder, tmp_path / "assets" / folder)
    before = {f: f.stat().st_size for f in tmp_path.rglob("*.*")}
    slim(tmp_path)
    assert all(file.stat().st_size < size for file, size in before.items())
    scripts = [str(file) for file in tmp_path.rglob("*.js")]
    assert scripts
    for script in scripts:
        done = subprocess.run(["node", "--check", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_spaces_of_templates_within_templates_stay(tmp_path: Path) -> None:
    script = tmp_path / "assets" / "js" / "own.js"
    script.parent.mkdir(parents=True)
    script.write_text(
        "// a comment\nconst who = process.argv[2];\n"
        'console.log(`${who === "" ? "nobody" : `called: ${who}`}; and  more`);\n'
    )
    slim(tmp_path)
    assert "comment" not in script.read_text()
    done = subprocess.run(["node", str(script), "x"], capture_output=True, text=True, check=True)
    assert done.stdout == "called: x; and  more\n"
