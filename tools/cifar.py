"""CIFAR-10 with and without classes: ``python -m tools.cifar --data-dir DIR``.

The DDPM baseline with a wider network, on whatever device there is. What the site shows was trained
on a GPU. What was stopped goes on by the same command: trainings and measurements are kept in
``runs/``; remove them there to start over. With ``--rate`` nothing is trained: only the speed of
training steps is told, as they come and, on CUDA, compiled; that of a CPU is added to the stored
record, to stand beside the GPU's.
"""

from __future__ import annotations

import argparse
import io
import json
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from diffatlas.diffusion import device as devices
from diffatlas.diffusion import runner
from diffatlas.diffusion.checkpoints import write_bytes
from diffatlas.diffusion.data import SHAPES, Dataset, load
from diffatlas.diffusion.draw import draw
from diffatlas.diffusion.evaluation import measure
from diffatlas.diffusion.images import grid
from diffatlas.diffusion.networks import parameter_count
from diffatlas.diffusion.problems import DiffusionError
from diffatlas.diffusion.training import train
from tools.jobs import prepare
from tools.sources import measured_hash

RUNS = Path("runs")
NAME, CLASSES, STEM = "ddpm", 10, "cifar-10"
WAYS = (
    ("multistep", 50),
    ("multistep", 20),
    ("multistep", 10),
    ("ancestral", 50),
    ("ddim", 50),
    ("ddim", 20),
)
GUIDED = 1.5
MILESTONES = (0.05, 0.1, 0.25, 0.5, 1.0)
ON_THE_WAY = 2000  # images for each point of the curve


def built(width: int, classes: int) -> nn.Module:
    """The untrained model."""
    torch.manual_seed(0)
    model: nn.Module = runner.find(NAME).build(SHAPES["cifar-10"], width=width, classes=classes)
    return model


def rate(width: int, batch: int, compiled: bool, steps: int) -> dict[str, float]:
    """Images a second over ``steps`` steps after as many to warm up, and how long those took."""
    images = torch.rand(4 * batch, *SHAPES["cifar-10"]) * 2 - 1
    moments: list[float] = []

    def mark(*_: object) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        moments.append(time.perf_counter())

    mark()
    train(
        built(width, CLASSES),
        runner.find(NAME).loss,
        images,
        f"{2 * steps}steps",
        batch=batch,
        labels=torch.arange(len(images)) % CLASSES,
        mirror=True,
        compiled=compiled,
        milestones=(0.5, 1.0),
        on_milestone=mark,
        quiet=True,
    )
    start, warm, end = moments
    return {
        "images_per_second": round(steps * batch / (end - warm), 1),
        "warm_up_seconds": round(warm - start, 1),
    }


class Measured:
    """Scores of one training that outlive a stop, in ``file``: of the same ``n`` images each."""

    def __init__(self, file: Path, n: int) -> None:
        self.file, self.of = file, {"sources": measured_hash(NAME), "n": n}
        stored = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        self.scores: dict[str, Any] = stored["scores"] if stored.get("of") == self.of else {}

    def get(self, key: str, score: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What is stored under ``key``; else what ``score()`` gives, stored from now on."""
        if key not in self.scores:
            self.scores[key] = score()
            _store(self.file, {"of": self.of, "scores": self.scores})
        found: dict[str, Any] = self.scores[key]
        return found


def trained(data: Dataset, seconds: int, width: int, batch: int, classes: int, compiled: bool,
            n: int, pictures: Path) -> dict[str, Any]:  # fmt: skip
    """Train one model and measure it, or go on with either; the record of both."""
    module, model = runner.find(NAME), built(width, classes)
    labels = data.test_labels[:n] if classes else None
    out = RUNS / f"cifar-10-{classes}classes-{seconds}s-width{width}-batch{batch}"
    resume = prepare(out, NAME)
    measured = Measured(out / "measured.json", n)

    def drawn(model: nn.Module, n: int, sampler: str, nfe: int, guidance: float = 1.0) -> Any:
        told = None if labels is None else labels[:n]
        options = {"sampler": sampler, "nfe": nfe}
        return draw(module.sample, model, n, 1, 1000, labels=told, guidance=guidance, **options)

    def point(model: nn.Module, step: int, fraction: float) -> dict[str, Any]:
        few = min(n, ON_THE_WAY)
        told = None if labels is None else labels[:few]
        fd = measure(drawn(model, few, "ddim", 20), data, labels=told).fd
        print(f"step {step}, {seconds * fraction:.0f} s: FD {fd:.2f}", flush=True)
        return {"step": step, "seconds": seconds * fraction, "fd": round(fd, 3)}

    def scored(sampler: str, nfe: int, guidance: float) -> dict[str, Any]:
        start = time.perf_counter()
        images = drawn(run.model, n, sampler, nfe, guidance)
        took = time.perf_counter() - start
        result = measure(images, data, labels=labels)
        print(f"{sampler} {nfe}, guidance {guidance}: {result}", flush=True)
        drawing = {"sampler": sampler, "nfe": nfe, "guidance": guidance}
        return {**drawing, "seconds": round(took, 1), **result.as_dict()}

    def milestone(model: nn.Module, step: int, fraction: float) -> None:
        measured.get(f"after {fraction:g}", lambda: point(model, step, fraction))

    run = train(
        model,
        module.loss,
        data.train,
        f"{seconds}s",
        batch=batch,
        out=out,
        resume=resume,
        labels=data.train_labels if classes else None,
        mirror=data.mirror,
        compiled=compiled,
        milestones=MILESTONES,
        on_milestone=milestone,
    )
    ways = [(*way, 1.0) for way in WAYS] + [("multistep", 50, GUIDED)] * bool(classes)
    metrics = [
        measured.get(f"{sampler} {nfe} {guidance}", partial(scored, sampler, nfe, guidance))
        for sampler, nfe, guidance in ways
    ]
    shown = torch.arange(100) % CLASSES if classes else None
    picture = draw(module.sample, run.model, 100, 0, labels=shown)
    buffer = io.BytesIO()
    grid(picture, columns=10).save(buffer, "WEBP", quality=90, method=6)
    write_bytes(pictures / f"{STEM}{'-classes' * bool(classes)}.webp", buffer.getvalue())
    every = max(1, len(run.curve) // 100)
    return {
        "classes": classes,
        "parameters": parameter_count(run.model),
        "steps": run.step,
        "seconds": round(run.seconds, 1),
        "images_per_second": round(run.step * batch / run.seconds, 1),
        "loss": [[step, at, round(value, 5)] for step, at, value in run.curve[::every]],
        "fd": [score for key, score in measured.scores.items() if key.startswith("after")],
        "metrics": metrics,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=runner.results(NAME), help="folder to write to")
    parser.add_argument("--data-dir", help="where CIFAR-10 is")
    parser.add_argument("--rate", action="store_true", help="only how fast training is")
    parser.add_argument("--steps", type=int, default=100, help="of that")
    parser.add_argument("--seconds", type=int, default=240, help="of training, for each model")
    parser.add_argument("--width", type=int, default=4)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("-n", type=int, default=10_000, help="images to measure")
    parser.add_argument("--compile", action="store_true")
    try:
        return _run(parser.parse_args())
    except DiffusionError as error:
        print(f"tools.cifar: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ntools.cifar: stopped; the same command goes on", file=sys.stderr)
        return 130


def _run(chosen: argparse.Namespace) -> int:
    file = chosen.out / f"{STEM}.json"
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    device = devices.pick()
    protocol: dict[str, Any] = {
        "hardware": devices.describe(device),
        "width": chosen.width,
        "batch": chosen.batch,
        "compiled": chosen.compile,
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    if chosen.rate:
        ways = [False, True] if device.type == "cuda" else [False]
        rates = {str(c): rate(chosen.width, chosen.batch, c, chosen.steps) for c in ways}
        print(protocol["hardware"], rates, flush=True)
        if device.type == "cpu" and before.get("width") == chosen.width:
            core = {"hardware": protocol["hardware"], "batch": chosen.batch}
            core["images_per_second"] = rates["False"]["images_per_second"]
            _store(file, {**before, "one_core": core})
        return 0
    data = load("cifar-10", chosen.data_dir)
    models: list[dict[str, Any]] = []
    chosen.out.mkdir(parents=True, exist_ok=True)
    for classes in (CLASSES, 0):
        size = chosen.seconds, chosen.width, chosen.batch, classes
        models.append(trained(data, *size, chosen.compile, chosen.n, chosen.out))
        # After each: whoever stops the second keeps the first.
        record = {"date": f"{datetime.now(UTC):%Y-%m-%d}", **protocol, "models": models}
        if before.get("one_core") and before.get("width") == chosen.width:
            record["one_core"] = before["one_core"]
        _store(file, record)
    return 0


def _store(file: Path, record: dict[str, Any]) -> None:
    write_bytes(file, json.dumps(record, indent=1).encode() + b"\n")


if __name__ == "__main__":
    raise SystemExit(main())
