"""One training on two processes (gloo, on the CPU) is the training on one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import accelerate.utils
import pytest
import torch
from torch import Tensor, nn

from diffatlas.diffusion import training
from diffatlas.diffusion.budget import Budget
from diffatlas.diffusion.checkpoints import Checkpoints, load_weights
from diffatlas.diffusion.noise import SharedGenerator, noise_like, stratified
from diffatlas.diffusion.parallel import Team
from diffatlas.diffusion.problems import DiffusionError
from diffatlas.diffusion.stopping import StopSignal

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


class Threads:
    """Two threads that stand for two processes; a step takes ``lengths`` (seconds) on each.

    They exchange as processes do, and whoever waits for one that is gone fails after a while.
    """

    def __init__(self, lengths: tuple[float, float]) -> None:
        self.lengths, self.clocks = lengths, [0.0, 0.0]
        self._told = [torch.empty(0), torch.empty(0)]
        self._barrier, self._own = threading.Barrier(2, timeout=5), threading.local()

    @property
    def rank(self) -> int:
        return int(self._own.rank)

    def both(self, function: Callable[[], Any]) -> list[Any]:
        """What ``function`` returns in each."""

        def call(rank: int) -> Any:
            self._own.rank = rank
            return function()

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(call, range(2)))

    def reduce(self, flat: Tensor, reduction: str) -> Tensor:
        """In the place of accelerate's."""
        self._told[self.rank] = flat
        self._barrier.wait()
        total = self._told[0] + self._told[1]
        self._barrier.wait()
        return total

    def loss(self, model: nn.Module, x0: Tensor, generator: torch.Generator) -> Tensor:
        """A loss that takes as long as a step is to take."""
        self.clocks[self.rank] += self.lengths[self.rank]
        return model(x0).square().mean()


@pytest.fixture(params=[(0.010, 0.008), (0.008, 0.010)], ids=["first slower", "first faster"])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Threads:
    found = Threads(request.param)
    monkeypatch.setattr(accelerate.utils, "reduce", found.reduce)
    monkeypatch.setattr(training.devices, "cpu_seconds", lambda: found.clocks[found.rank])
    monkeypatch.setattr(training, "join", lambda device: Team(device, found.rank, 2))
    return found


def test_all_processes_stop_after_the_same_step_when_time_is_up(threads: Threads) -> None:
    def run() -> training.Run:
        net, images = nn.Conv2d(1, 1, 1), torch.ones(8, 1, 4, 4)
        return training.train(net, threads.loss, images, "0.099s", device="cpu", quiet=True)

    first, second = threads.both(run)
    assert first.step == second.step == (10 if threads.lengths[0] == 0.010 else 13)
    assert first.seconds == second.seconds >= 0.099


def test_the_clock_goes_on_after_days(threads: Threads) -> None:
    """At 36 hours, neighbouring numbers of single precision are 16 milliseconds apart."""

    def seconds() -> float:
        net, images = nn.Conv2d(1, 1, 1), torch.ones(8, 1, 4, 4)
        team, budget = Team(torch.device("cpu"), threads.rank, 2), Budget.parse("72h")
        trainer = training._Trainer(net, threads.loss, images, budget, 0, 8, team)
        trainer.seconds = 131072.0
        for _ in range(5):
            trainer.one_step(StopSignal())
        return trainer.seconds

    first, second = threads.both(seconds)
    assert first == second == pytest.approx(131072.0 + 5 * threads.lengths[0], abs=1e-5)


def test_two_real_processes_end_a_run_of_seconds(tmp_path: Path) -> None:
    done = launch(2, tmp_path / "two", "--budget", "1s")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("steps in 1 s") == 1
