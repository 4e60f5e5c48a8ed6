"""What the page of a baseline tells of its training on a GPU."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from html_reading import read
from PIL import Image
from tools.pages import generate

REAL = {"fd": 0.25, "coverage": 0.971, "accuracy": 0.878}


def _record() -> dict[str, Any]:
    told = {"sampler": "ddim", "nfe": 50, "guidance": 1.0, "n": 10_000, "fd": 2.561}
    metrics = [
        {**told, "coverage": 0.9642, "accuracy": 0.6271, "real": REAL},
        {**told, "guidance": 1.5, "fd": 4.851, "coverage": 0.942, "accuracy": 0.8417, "real": REAL},
    ]
    point = {"step": 7000, "seconds": 200.0, "fd": 7.1}
    size = {"parameters": 8_371_084, "steps": 7227, "seconds": 205.0, "loss": []}
    models = [
        {"classes": 10, **size, "images_per_second": 18_048.7, "fd": [point], "metrics": metrics},
        {"classes": 0, **size, "images_per_second": 9_000.0, "metrics": [],
         "fd": [{"step": 1, "seconds": 10.0, "fd": 694.0}, {**point, "fd": 9.3}]},
    ]  # fmt: skip
    return {
        "date": "2026-11-27",
        "hardware": "A <b>bold</b> GPU",
        "width": 4,
        "batch": 512,
        "compiled": True,
        "versions": {"python": "3.12.3", "torch": "2.11.0"},
        "one_core": {"hardware": "one core", "batch": 32, "images_per_second": 30.0},
        "models": models,
    }


def _page(root: Path, atlas: Any) -> str:
    generate(atlas, root)
    return (root / "docs" / "baselines" / "ddpm.md").read_text(encoding="utf-8")


def test_the_page_tells_what_was_stored(atlas: Any, empty_root: Path) -> None:
    folder = empty_root / "baselines" / "results" / "ddpm"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cifar-10.json").write_text(json.dumps(_record()))
    Image.new("RGB", (34, 34)).save(folder / "cifar-10-classes.webp")
    page = _page(empty_root, atlas)
    told = " ".join(read(page).text.split())
    for said in (
        "2.56 0.25",
        "4.85 0.25",
        "0.842 0.878",
        "guidance 1.5",
        "Images a second: 18,049 (told the class) and 9,000 (not told the class).",
        "One class a column. Drawn by ddim, 50 NFE, no guidance.",
        "Class asked for: the share of samples",
        "a 300th",
        "8.4 million parameters",
        "told the class 7.1 after 200 s; not told the class 9.3 after 200 s",
        "--width 4 --seconds 205 --compile",
        "A <b>bold</b> GPU",
    ):
        assert said in told, said
    assert "<b>bold" not in page
    assert "cifar-10-classes.webp" in page
    assert "694" not in told  # drawn before the first step had ended


def test_nothing_stands_there_while_nothing_is_stored(atlas: Any, empty_root: Path) -> None:
    stored = empty_root / "baselines" / "results" / "ddpm" / "cifar-10.json"
    stored.unlink(missing_ok=True)
    assert "CIFAR-10 on a GPU" not in _page(empty_root, atlas)
