"""The tool that trains on CIFAR-10: whatever is stopped goes on, and nothing is done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PARTS = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sixty photographs a part, of noise, in the layout of CIFAR-10's binary version."""
    folder, rng = tmp_path / "data", np.random.default_rng(0)
    folder.mkdir()
    for name in PARTS:
        pixels = rng.integers(0, 256, (60, 3072), dtype=np.uint8)
        labels = (np.arange(60, dtype=np.uint8) % 10)[:, None]
        np.concatenate([labels, pixels], 1).tofile(folder / f"{name}.bin")
    return folder


def _start(folder: Path, data: Path) -> subprocess.Popen[str]:
    size = ["--seconds", "2", "--width", "1", "--batch", "8", "-n", "20"]
    return subprocess.Popen(
        [sys.executable, "-m", "tools.cifar", "--data-dir", data, "--out", folder / "out", *size],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _stopped(folder: Path, data: Path, at: str) -> str:
    """What was printed until a line began with ``at``, where the command was interrupted."""
    process, told = _start(folder, data), ""
    assert process.stdout is not None
    for line in process.stdout:
        told += line
        if line.startswith(at):
            process.send_signal(signal.SIGINT)
            break
    rest, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "the same command goes on" in errors and "Traceback" not in errors
    return told + rest


def test_a_stopped_training_goes_on_and_measures_nothing_twice(tmp_path: Path, data: Path) -> None:
    told = _stopped(tmp_path, data, "step ")  # in a training
    told += _stopped(tmp_path, data, "ancestral 50, guidance 1.0")  # between two measurements
    last = _start(tmp_path, data)
    rest, errors = last.communicate(timeout=240)
    assert last.returncode == 0, errors
    record = json.loads((tmp_path / "out" / "cifar-10.json").read_text())
    assert [model["classes"] for model in record["models"]] == [10, 0]
    for model, ways in zip(record["models"], (7, 6), strict=True):
        assert len(model["metrics"]) == ways and len(model["fd"]) == 5
        assert model["seconds"] == pytest.approx(2, abs=0.5)
    lines = [line for line in (told + rest).splitlines() if " guidance " in line]
    assert len([line for line in lines if line.startswith("multistep 50, guidance 1.0")]) == 2
    assert len(lines) <= 14  # that in which the second stop fell may have been measured again
