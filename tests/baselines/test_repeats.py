"""What is stored beside the main run of a baseline: only what came from the same training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tools.jobs import JOBS

from diffatlas.diffusion import runner
from tools import baselines

JOB = JOBS[0]


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runner, "results", lambda name: tmp_path)
    return tmp_path / "results.json"


def repeats(stored: Path) -> list[tuple[str, int]]:
    runs: dict[str, Any] = json.loads(stored.read_text())["runs"]
    return [(entry["budget"], entry["seed"]) for entry in runs[JOB.variant]["repeats"]]


def test_repeats_of_another_training_go(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = "first"
    monkeypatch.setattr(baselines, "training_hash", lambda name: now)
    baselines._put(JOB, {"sources": {"training": now, "measurement": "m"}})
    baselines._put_repeat(JOB, {"budget": "900s", "seed": 0})
    baselines._put_repeat(JOB, {"budget": "300s", "seed": 1})
    assert repeats(stored) == [("300s", 1), ("900s", 0)]
    baselines._put(JOB, {"sources": {"training": now, "measurement": "another"}})
    assert repeats(stored) == [("300s", 1), ("900s", 0)]
    now = "second"
    baselines._put(JOB, {"sources": {"training": now, "measurement": "another"}})
    assert repeats(stored) == []
    baselines._put_repeat(JOB, {"budget": "900s", "seed": 1})
    assert repeats(stored) == [("900s", 1)]
