"""One training on two processes (gloo, on the CPU) is the training on one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from diffatlas.diffusion.checkpoints import Checkpoints, load_weights
from diffatlas.diffusion.noise import SharedGenerator, noise_like, stratified
from diffatlas.diffusion.parallel import Team
from diffatlas.diffusion.problems import DiffusionError

# Sums of gradients are taken in another order; over sixty steps that grows to about 1e-4.
TOLERANCE = 2e-3


def launch(processes: int, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """``diffatlas run ddpm`` on the digits, by torchrun where there are several processes."""
    several = ["-m", "torch.distributed.run", "--nproc-per-node", str(processes), "--standalone"]
    command = [
        *(sys.executable, *(several if processes > 1 else ()), "-m", "diffatlas", "run", "ddpm"),
        *("--data", "digits", "--no-measure", "--device", "cpu", "--out", str(out), *options),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def curve(out: Path) -> list[tuple[int, float]]:
    return [(step, loss) for step, _, loss in json.loads((out / "run.json").read_text())["curve"]]


def weights(out: Path) -> torch.Tensor:
    state, _ = load_weights(out / "weights.safetensors")
    return torch.cat([value.flatten() for value in state.values()])


def check_same(a: Path, b: Path) -> None:
    assert [step for step, _ in curve(a)] == [step for step, _ in curve(b)]
    for (_, x), (_, y) in zip(curve(a), curve(b), strict=True):
        assert x == pytest.approx(y, rel=TOLERANCE)
    difference = (weights(a) - weights(b)).norm() / weights(a).norm()
    assert difference < 10 * TOLERANCE


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "alone"
    done = launch(1, out, "--budget", "60steps")
    assert done.returncode == 0, done.stderr
    return out


def test_two_processes_learn_what_one_does_and_one_of_them_speaks(
    alone: Path, tmp_path: Path
) -> None:
    done = launch(2, tmp_path / "two", "--budget", "60steps")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("60 steps in") == 1
    check_same(alone, tmp_path / "two")


@pytest.mark.parametrize("first, second", [(2, 1), (1, 2)])
def test_a_run_goes_on_with_another_number_of_processes(
    first: int, second: int, alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = launch(first, out, "--budget", "60steps", "--checkpoint-every", "25steps")
    assert done.returncode == 0, done.stderr
    # What a kill after step 50 would have left: the slot of the end is taken away.
    newest = max(Checkpoints(out).slots, key=lambda slot: slot.stat().st_mtime_ns)
    newest.unlink()
    (out / "run.json").unlink()
    done = launch(second, out, "--budget", "60steps", "--resume")
    assert done.returncode == 0, done.stderr
    check_same(alone, out)


def test_a_batch_that_cannot_be_shared_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match="a batch of 33 cannot be shared equally by 2"):
        Team(torch.device("cpu"), 1, 2).part(33)
    done = launch(2, tmp_path / "odd", "--budget", "5steps", "--batch", "33")
    assert done.returncode != 0
    # torchrun adds a report of its own; ours stands above it, without a traceback.
    assert done.stderr.startswith("diffatlas: a batch of 33"), done.stderr


@pytest.mark.parametrize("size", [2, 4])
def test_the_parts_of_the_noise_make_up_the_whole(size: int) -> None:
    def drawn(rank: int, of: int) -> tuple[torch.Tensor, torch.Tensor]:
        generator = SharedGenerator("cpu")
        generator.manual_seed(7)
        generator.rank, generator.size = rank, of
        own = 8 // of
        return noise_like(torch.empty(own, 3), generator), stratified(own, generator)

    for whole, *parts in zip(
        drawn(0, 1), *(drawn(rank, size) for rank in range(size)), strict=True
    ):
        assert torch.equal(torch.cat(parts), whole)
