"""What a training step and a run cost: ``python -m bench.training --out FILE``, on one thread.

The update of Muon is timed beside that of torch on the same gradients, one after the other; a
figure is the best of all rounds, which is what a busy machine disturbs least. Memory is the largest
that the installed command held, as the system counted it.
"""

from __future__ import annotations

import copy
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import torch

from bench._report import options, report, row
from diffatlas.diffusion import runner
from diffatlas.diffusion.data import load
from diffatlas.diffusion.networks import unet_for
from diffatlas.diffusion.optim import Muon, MuonAdamW

ROUNDS, BATCH = 20, 32
MEMORY = 700  # MB of a run on the digits
SETTINGS = {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.0}


def best(run: Callable[[], object]) -> float:
    """Milliseconds of processor time, the smallest of all rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        times.append((time.process_time() - start) * 1e3)
    return min(times)


def updates() -> tuple[float, float]:
    """Milliseconds of one update of all inner kernels: by ours and by that of torch."""
    kernels = MuonAdamW(unet_for((1, 28, 28))).matrices
    figures = []
    for optimizer in (Muon, torch.optim.Muon):
        own = [torch.nn.Parameter(k.detach().clone()) for k in kernels]
        for kernel in own:
            kernel.grad = torch.randn_like(kernel)
        figures.append(best(optimizer(own, **SETTINGS).step))
    return figures[0], figures[1]


def step() -> float:
    """Milliseconds of a whole training step of the DDPM baseline."""
    data, module = load("fashion-mnist"), runner.find("ddpm")
    model = module.build(data.shape).train()
    optimizer, generator = MuonAdamW(model), torch.Generator().manual_seed(0)
    average, images = copy.deepcopy(model), data.train[:BATCH]

    def run() -> None:
        module.loss(model, images, generator).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        optimizer.step(1e-3)
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1e-3)

    return best(run)


def memory() -> float:
    """Megabytes at most that a short run on the digits held."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [sys.executable, "-m", "diffatlas", "run", "ddpm", "--data", "digits"]
        subprocess.run(
            [*command, "--budget", "15s", "--out", f"{folder}/run", "--no-measure"],
            check=True,
            capture_output=True,
        )
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024) / 1e6  # macOS counts bytes


def main() -> int:
    out = options(__doc__).parse_args().out
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ours, theirs = updates()
    whole = step()
    rows = [
        row(
            "Muon: one update of the U-Net's kernels",
            ours,
            "ms",
            peer=theirs,
            peer_name="torch.optim.Muon",
        ),
        row(f"DDPM, Fashion-MNIST: one training step at batch {BATCH}", whole, "ms"),
        row("the same, images a second of one core", BATCH / whole * 1e3, "images/s"),
        row("DDPM, digits: peak memory of a run", memory(), "MB", most=MEMORY),
    ]
    report("A training step and a run's memory", rows, out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
