"""What has to be trained and measured for the site, and how one such job is done.

A job is one variant of a baseline. Its main run (five minutes of processor, seed 0) leaves weights
and pictures; repeats with other seeds and budgets leave only numbers.
"""

from __future__ import annotations

import math
import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from diffatlas.diffusion import device, runner
from diffatlas.diffusion.checkpoints import load_weights, save_weights, write_bytes
from diffatlas.diffusion.data import Dataset, load
from diffatlas.diffusion.draw import trajectory
from diffatlas.diffusion.evaluation import measure, stored_points, summarize_bits
from diffatlas.diffusion.images import grid, save_png, strip
from diffatlas.diffusion.networks import parameter_count
from diffatlas.diffusion.training import Run, train
from tools.pictures import forming, stacked
from tools.sources import training_hash

__all__ = [
    "BUDGET",
    "DATA",
    "JOBS",
    "REPEATS",
    "SEED",
    "Job",
    "alike",
    "drawn",
    "fingerprint",
    "main_run",
    "prepare",
    "repeat",
]

RUNS = Path("runs") / "results"
SEED, BUDGET, DATA, N = 0, "300s", runner.STORED_DATA, 2000
# (budget, seed), the most telling first, for every variant that is not a paper's original choice.
REPEATS = (
    ("300s", 1),
    ("300s", 2),
    ("900s", 0),
    ("60s", 0),
    ("150s", 0),
    ("900s", 1),
    ("900s", 2),
)


@dataclass(frozen=True)
class Job:
    """One variant and the ways in which it is measured: (sampler, evaluations, samples)."""

    baseline: str
    variant: str
    framework: str  # the catalog's id of the variant
    measurements: tuple[tuple[str, int, int], ...]
    ending: str = ""  # of the names of its pictures
    original: bool = False  # the paper's own choice, to be seen beside ours


def _few(sampler: str) -> tuple[tuple[str, int, int], ...]:
    """The default sampler in 50, 20 and 10 evaluations."""
    return ((sampler, 50, N), (sampler, 20, N // 2), (sampler, 10, N // 2))


_SDE = (
    *_few("multistep"),
    *_few("ancestral"),
    ("probability-flow", 50, N),
    ("reverse-sde", 100, N // 2),
    ("predictor-corrector", 100, N // 2),
)
_DDPM = (*_few("multistep"), *_few("ancestral"), ("ddim", 50, N), ("ddim", 20, N // 2))
_NCSN = (*_few("multistep"), *_few("consistent"), ("langevin", 200, N // 2))
JOBS = (
    Job("ddpm", "cosine-v", "ddpm", _DDPM),
    Job("ncsn", "conditional", "ncsn", _NCSN),
    Job("score_sde", "vp", "vp-sde", _SDE),
    Job("score_sde", "ve", "ve-sde", _SDE, "-ve-sde"),
    Job("score_sde", "sub-vp", "sub-vp-sde", _SDE, "-sub-vp-sde"),
    Job(
        "ddpm",
        "linear-eps",
        "ddpm",
        (("ancestral", 50, N), ("ancestral", 250, N // 4)),
        "-linear-eps",
        original=True,
    ),
    Job(
        "ncsn",
        "unconditional",
        "ncsn-v2",
        (("langevin", 50, N), ("langevin", 250, N // 4)),
        "-unconditional",
        original=True,
    ),
)


def main_run(job: Job, must_train: bool, record: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """Train ``job`` where it must be, measure its weights and draw its pictures; its new record."""
    folder = runner.results(job.baseline)
    weights = folder / runner.weights_name(runner.find(job.baseline), job.variant)
    folder.mkdir(parents=True, exist_ok=True)
    data = load(DATA)
    if must_train:
        run, out = _trained(job, BUDGET, SEED, quiet)
        state, notes = load_weights(out / "weights.safetensors")
        save_weights(weights, state, {**notes, "sources": training_hash(job.baseline)})
        pictures = sorted((out / "samples").glob("step-*.png"))
        save_png(stacked(pictures), folder / f"training{job.ending}.png")
        record = {
            **_protocol(run, BUDGET, SEED),
            "parameters": parameter_count(run.model),
            "images": len(data.train),
            "fingerprint": fingerprint(job),
            "curve": _thinned(run.curve),
        }
    return {**record, **_measured(job, data, folder)}


def repeat(job: Job, budget: str, seed: int, quiet: bool) -> dict[str, Any]:
    """Train ``job`` once more and measure it by its default sampler; the record of that."""
    run, out = _trained(job, budget, seed, quiet)
    ready = runner.trained(job.baseline, job.variant, out / "weights.safetensors", "cpu")
    sampler, nfe, n = job.measurements[0]
    result = measure(ready.draw(n, 1, sampler, nfe), load(DATA))
    protocol = _protocol(run, budget, seed)
    return {**protocol, "sampler": sampler, "nfe": nfe, **result.as_dict()}


def _trained(job: Job, budget: str, seed: int, quiet: bool) -> tuple[Run, Path]:
    """Run ``job``, or go on with it where it was stopped and its sources are still the same."""
    out = RUNS / f"{job.baseline}-{job.variant}-{budget}-{seed}"
    resume = prepare(out, job.baseline)
    _, run, _ = runner.run(
        job.baseline,
        data=DATA,
        budget=budget,
        variant=job.variant,
        device="cpu",
        seed=seed,
        out=out,
        resume=resume,
        fresh=not resume,
        quiet=quiet,
    )
    return run, out


def prepare(out: Path, baseline: str) -> bool:
    """Make ``out`` ready for a training of ``baseline``; returns whether one there can go on.

    What was trained there by other sources than today's is removed.
    """
    sources, mark = training_hash(baseline), out / "sources"
    if not mark.is_file() or mark.read_text() != sources:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        mark.write_text(sources)
    return any(out.glob("checkpoint-*"))


def fingerprint(job: Job) -> list[float]:
    """Losses of forty steps and the size of the weights after them: what a training does.

    Where the sources changed but these did not, the code was only rearranged.
    """
    module, data = runner.find(job.baseline), load(DATA)
    torch.manual_seed(SEED)
    model = module.build(data.shape, job.variant)
    run = train(
        model, module.loss, data.train[:640], "40steps", seed=SEED, device="cpu", quiet=True
    )
    size = math.sqrt(sum(float(p.square().sum()) for p in run.model.parameters()))
    return [round(value, 5) for value in (*(loss for _, _, loss in run.curve), size)]


def drawn(job: Job) -> list[float]:
    """Scores of few images by each sampler from the stored weights: what a measurement does."""
    ready, data = runner.trained(job.baseline, job.variant, device="cpu"), load(DATA)
    scores: list[float] = []
    for sampler in dict.fromkeys(sampler for sampler, _, _ in job.measurements):
        images = ready.draw(40, 1, sampler, 10)
        result = measure(images, data)
        scores += [float(images.mean()), result.fd, result.samples.precision, result.samples.kid]
    return [round(value, 4) for value in scores]


def alike(a: list[float], b: list[float]) -> bool:
    """Whether two fingerprints are equal up to the rounding of single precision."""
    return len(a) == len(b) and all(
        math.isclose(x, y, rel_tol=1e-3) for x, y in zip(a, b, strict=True)
    )


def _protocol(run: Run, budget: str, seed: int) -> dict[str, Any]:
    packages = ("torch", "numpy", "scikit-learn")
    return {
        "budget": budget,
        "seed": seed,
        "steps": run.step,
        "cpu_seconds": round(run.seconds, 1),
        "hardware": device.describe(device.pick("cpu")),
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in packages},
        },
    }


def _thinned(curve: list[tuple[int, float, float]], points: int = 100) -> list[dict[str, float]]:
    """About ``points`` means of the loss curve, as steps, seconds, loss."""
    width = max(1, len(curve) // points)
    parts = [curve[i : i + width] for i in range(0, len(curve), width)]
    return [
        {"step": p[-1][0], "seconds": p[-1][1], "loss": round(sum(c[2] for c in p) / len(p), 5)}
        for p in parts
    ]


def _measured(job: Job, data: Dataset, folder: Path) -> dict[str, Any]:
    """Measure the stored half-precision weights, which are what everybody draws from."""
    ready = runner.trained(job.baseline, job.variant, device="cpu")
    metrics = []
    for sampler, nfe, n in job.measurements:
        start = device.cpu_seconds()
        images = ready.draw(n, 1, sampler, nfe)
        seconds = device.cpu_seconds() - start
        result = measure(images, data)
        entry = {"sampler": sampler, "nfe": nfe, **result.as_dict()}
        metrics.append({**entry, "seed": 1, "cpu_seconds": round(seconds, 1)})
    out: dict[str, Any] = {"metrics": metrics, "scale": stored_points(data.name)}
    out["drawn"] = drawn(job)
    if hasattr(ready.module, "bits_per_dim"):
        bits = ready.module.bits_per_dim(ready.model, data.test[:100], data.levels)
        out["bits_per_dim"] = summarize_bits(bits, data.levels).as_dict()
    states = trajectory(ready.module.sample, ready.model, 8, SEED)
    save_png(strip(states, rows=4), folder / f"strip{job.ending}.png")
    write_bytes(folder / f"forming{job.ending}.webp", forming(states))
    save_png(grid(ready.draw(64, SEED)), folder / f"samples{job.ending}.png")
    return out
