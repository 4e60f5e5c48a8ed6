"""The pages are valid HTML, by html-validate; tests/node/htmlvalidate.mjs says what is off."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from pages import PAGES

NODE = Path(__file__).resolve().parents[1] / "node"
EVERY = 12  # one page of so many, besides one of each sort; all of them take minutes


Complaints = Callable[[list[Path]], list[str]]


@pytest.fixture(scope="session")
def complaints(node: str, leave_out: Callable[[str], NoReturn]) -> Complaints:
    """What html-validate says about files, a line each."""
    program = NODE / "node_modules" / ".bin" / "html-validate"
    if not program.is_file():
        leave_out("html-validate is not installed: run npm ci in tests/node")
    config = NODE / "htmlvalidate.mjs"
    command = [node, str(program), "--config", str(config), "--formatter", "json"]

    def told(files: list[Path]) -> list[str]:
        # Into a file: node ends before all of a long answer has gone through a pipe.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
            asked = [*command, *map(str, files)]
            done = subprocess.run(asked, stdout=answer, stderr=subprocess.PIPE, text=True)
            answer.seek(0)
            said = answer.read()
        assert said.startswith("["), said + done.stderr
        return [
            f"{file['filePath']}:{m['line']}: {m['ruleId']}: {m['message']}"
            for file in json.loads(said)
            for m in file["messages"]
        ]

    return told


def test_the_pages_are_valid(site_dir: Path, complaints: Complaints) -> None:
    one_each = {site_dir / path.split("?")[0] / "index.html" for path in PAGES.values()}
    others = sorted(site_dir.rglob("index.html"))[::EVERY]
    found = complaints([*sorted(one_each), site_dir / "404.html", *others])
    assert not found, "\n".join(found[:20])


def test_the_validator_sees_what_is_wrong(tmp_path: Path, complaints: Complaints) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!doctype html><html><body><p><div id=1 id=2></p></body></html>")
    assert complaints([page])
