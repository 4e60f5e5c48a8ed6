"""Smaller scripts and style sheets say the same as those that were written."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.slim import slim

ASSETS = Path(__file__).resolve().parents[2] / "docs" / "assets"


def test_what_leaves_is_smaller_and_still_a_script(node: str, tmp_path: Path) -> None:
    for folder in ("js", "css"):
        shutil.copytree(ASSETS / folder, tmp_path / "assets" / folder)
    before = {f: f.stat().st_size for f in tmp_path.rglob("*.*")}
    slim(tmp_path)
    # What works in a page holds the modules that it imports (tools/works.py).
    assert all(f.stat().st_size < size for f, size in before.items() if f.name != "main.js")
    scripts = [str(file) for file in tmp_path.rglob("*.js")]
    assert scripts
    for script in scripts:
        done = subprocess.run([node, "--check", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_spaces_of_templates_within_templates_stay(node: str, tmp_path: Path) -> None:
    script = tmp_path / "assets" / "js" / "own.js"
    script.parent.mkdir(parents=True)
    script.write_text(
        "// a comment\nconst who = process.argv[2];\n"
        'console.log(`${who === "" ? "nobody" : `called: ${who}`}; and  more`);\n'
    )
    slim(tmp_path)
    assert "comment" not in script.read_text()
    done = subprocess.run([node, str(script), "x"], capture_output=True, text=True, check=True)
    assert done.stdout == "called: x; and  more\n"


def test_the_style_sheets_of_the_pages_become_one(tmp_path: Path) -> None:
    folder = tmp_path / "assets" / "css"
    folder.mkdir(parents=True)
    (folder / "b.css").write_text("p { color: red; }\n")
    (folder / "a.css").write_text("p { color: blue; }\n")
    (tmp_path / "assets" / "css" / "other.css").write_text("i { top: 0; }\n")
    link = '<link rel="stylesheet" href="{0}assets/css/'
    links = f'{link}b.css">\n  {link}a.css">\n<p>x</p>'
    (tmp_path / "index.html").write_text(links.format(""))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "index.html").write_text("<i>y</i>" + links.format("../"))
    slim(tmp_path)
    assert (folder / "atlas.css").read_text() == "p{color:red}p{color:blue}"
    assert sorted(f.name for f in folder.iterdir()) == ["atlas.css", "other.css"]
    top, deep = (tmp_path / p / "index.html" for p in ("", "deep"))
    assert top.read_text() == '<link rel="stylesheet" href="assets/css/atlas.css">\n<p>x</p>'
    assert '<link rel="stylesheet" href="../assets/css/atlas.css">' in deep.read_text()
    assert deep.read_text().count("stylesheet") == 1
