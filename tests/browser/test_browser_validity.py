"""The pages are valid HTML, by html-validate; tests/node/htmlvalidate.mjs says what is off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from pages import PAGES

NODE = Path(__file__).resolve().parents[1] / "node"
EVERY = 12  # one page of so many, besides one of each sort; all of them take minutes


def validator() -> list[str]:
    program = NODE / "node_modules" / ".bin" / "html-validate"
    if shutil.which("node") and program.is_file():
        return [
            "node",
            str(program),
            "--config",
            str(NODE / "htmlvalidate.mjs"),
            "--formatter",
            "json",
        ]
    why = (
        "html-validate is not installed: install Node.js 18.19 or newer, then npm ci in tests/node"
    )
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def complaints(files: list[Path]) -> list[str]:
    # Into a file: node ends before all of a long answer has gone through a pipe.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        command = [*validator(), *map(str, files)]
        done = subprocess.run(command, stdout=answer, stderr=subprocess.PIPE, text=True)
        answer.seek(0)
        told = answer.read()
    assert told.startswith("["), told + done.stderr
    return [
        f"{file['filePath']}:{m['line']}: {m['ruleId']}: {m['message']}"
        for file in json.loads(told)
        for m in file["messages"]
    ]


def test_the_pages_are_valid(site_dir: Path) -> None:
    one_each = [site_dir / path.split("?")[0] / "index.html" for path in PAGES.values()]
    others = sorted(site_dir.rglob("index.html"))[::EVERY]
    found = complaints([*one_each, site_dir / "404.html", *others])
    assert not found, "\n".join(found[:20])


def test_the_validator_sees_what_is_wrong(tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!doctype html><html><body><p><div id=1 id=2></p></body></html>")
    assert complaints([page])
