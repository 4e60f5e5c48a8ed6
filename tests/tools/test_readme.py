"""The README's examples are run, and show what they print."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.readme import PICTURE, picture, refreshed

from diffatlas.errors import CatalogError

README = Path(__file__).resolve().parents[2] / "README.md"


def test_readme_shows_what_its_examples_print() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.count("```text") == 3
    assert refreshed(text) == text, "run `python -m tools.readme`"


def test_the_picture_is_made_of_the_stored_strips() -> None:
    assert PICTURE.read_bytes() == picture(), "run `python -m tools.readme`"


def test_outputs_of_python_and_bash_are_replaced() -> None:
    old = "```python\nprint(6 * 7)\n```\n\n```text\nold\n```\n\n"
    old += "```bash\nexpr 1 + 1\n```\n\n```text\n```\n"
    assert "```text\n42\n```" in refreshed(old)
    assert "```text\n2\n```" in refreshed(old)


def test_an_example_without_output_is_left_alone() -> None:
    text = "```bash\nexit 1\n```\n\nand then\n\n```text\nelsewhere\n```\n"
    assert refreshed(text) == text


def test_a_failing_example_is_named() -> None:
    with pytest.raises(CatalogError, match="this example fails:\n1 / 0"):
        refreshed("```python\n1 / 0\n```\n\n```text\n```\n")
