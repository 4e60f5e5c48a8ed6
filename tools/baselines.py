"""Train, measure and execute again what is stale: ``python -m tools.baselines [ID ...]``.

Every stored result names the sources that it came from by a hash: of the baseline's code and of the
modules that it imports, without comments, docstrings and the cells that only run things. Where the
hash is still the same nothing is done. ``--status`` only says what is stale.

In ``baselines/results/<id>/``: results.json, weights*.safetensors, notebook.ipynb and the pictures
samples*.png, strip*.png, training*.png, forming*.webp (one of each a variant).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from diffatlas.diffusion import device, runner
from diffatlas.diffusion.checkpoints import load_weights, save_weights, write_bytes
from diffatlas.diffusion.data import Dataset, load
from diffatlas.diffusion.draw import trajectory
from diffatlas.diffusion.evaluation import measure, stored_points, summarize_bits
from diffatlas.diffusion.images import grid, save_png, strip
from diffatlas.diffusion.networks import parameter_count
from diffatlas.diffusion.problems import DiffusionError
from tools.execute import execute
from tools.pictures import forming, stacked
from tools.sources import measured_hash, notebook_hash, training_hash

__all__ = ["main"]

RUNS = Path("runs") / "results"
SEED, BUDGET, DATA, N = 0, "300s", runner.STORED_DATA, 2000


@dataclass(frozen=True)
class Job:
    """One training and the ways in which its model is measured: (sampler, evaluations, samples)."""

    baseline: str
    variant: str
    measurements: tuple[tuple[str, int, int], ...]
    framework: str  # the catalog's id of the variant, for the names of pictures


_SDE = (
    ("probability-flow", 50, N),
    ("reverse-sde", 100, N // 2),
    ("predictor-corrector", 100, N // 2),
)
JOBS = (
    Job("ddpm", "cosine-v", (("ancestral", 50, N), ("ddim", 25, N // 2)), "ddpm"),
    Job("ncsn", "conditional", (("consistent", 50, N), ("langevin", 200, N // 2)), "ncsn"),
    Job("score_sde", "vp", _SDE, "vp-sde"),
    Job("score_sde", "ve", _SDE, "ve-sde"),
    Job("score_sde", "sub-vp", _SDE, "sub-vp-sde"),
)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.baselines", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these baselines")
    parser.add_argument(
        "--status", action="store_true", help="only say what is stale; exit 1 if any"
    )
    args = parser.parse_args(argv)
    known = sorted({job.baseline for job in JOBS})
    wrong = [name for name in args.ids if name not in known]
    if wrong:
        parser.error(f"no baseline {wrong[0]!r}; there are {', '.join(known)}")
    wanted = args.ids or known
    jobs = [job for job in JOBS if job.baseline in wanted]
    stale = 0
    try:
        for job in jobs:
            stale += _bring_up_to_date(job, args.status)
        for name in wanted:
            stale += _execute(name, args.status)
    except DiffusionError as error:
        print(f"tools.baselines: {error}", file=sys.stderr)
        return 2
    return int(args.status and stale > 0)


def _bring_up_to_date(job: Job, only_say: bool) -> bool:
    folder = runner.results(job.baseline)
    record = _read(folder).get("runs", {}).get(job.variant, {})
    module = runner.find(job.baseline)
    weights = folder / runner.weights_name(module, job.variant)
    trained, measured = training_hash(job.baseline), measured_hash(job.baseline)
    sources = record.get("sources", {})
    must_train = sources.get("training") != trained or not weights.is_file()
    must_measure = must_train or sources.get("measurement") != measured
    state = "stale" if must_train else "to be measured again" if must_measure else "current"
    print(f"{job.baseline} {job.variant}: {state}", flush=True)
    if only_say or not must_measure:
        return must_measure
    folder.mkdir(parents=True, exist_ok=True)
    data = load(DATA)
    if must_train:
        record = _train(job, trained, weights)
    record.update(_measure(job, data, folder))
    record["sources"] = {"training": trained, "measurement": measured}
    _write(job, folder, record)
    return True


def _train(job: Job, sources: str, weights: Path) -> dict[str, Any]:
    out = RUNS / f"{job.baseline}-{job.variant}"
    mark = out / "sources"
    resume = mark.is_file() and mark.read_text() == sources and any(out.glob("checkpoint-*.pt"))
    out.mkdir(parents=True, exist_ok=True)
    mark.write_text(sources)
    _, run, data = runner.run(
        job.baseline,
        data=DATA,
        budget=BUDGET,
        variant=job.variant,
        device="cpu",
        seed=SEED,
        out=out,
        resume=resume,
        fresh=not resume,
    )
    state, notes = load_weights(out / "weights.safetensors")
    save_weights(weights, state, {**notes, "sources": sources})
    pictures = sorted((out / "samples").glob("step-*.png"))
    suffix = _suffix(job)
    save_png(stacked(pictures), weights.parent / f"training{suffix}.png")
    return {
        "budget": BUDGET,
        "seed": SEED,
        "steps": run.step,
        "cpu_seconds": round(run.seconds, 1),
        "parameters": parameter_count(run.model),
        "images": len(data.train),
        "hardware": device.describe(device.pick("cpu")),
        "versions": {
            "python": platform.python_version(),
            **{p: version(p) for p in ("torch", "numpy", "scikit-learn")},
        },
        "curve": _thinned(run.curve),
    }


def _thinned(curve: list[tuple[int, float, float]], points: int = 100) -> list[dict[str, float]]:
    """About ``points`` means of the loss curve, as steps, seconds, loss."""
    width = max(1, len(curve) // points)
    parts = [curve[i : i + width] for i in range(0, len(curve), width)]
    return [
        {"step": p[-1][0], "seconds": p[-1][1], "loss": round(sum(c[2] for c in p) / len(p), 5)}
        for p in parts
    ]


def _measure(job: Job, data: Dataset, folder: Path) -> dict[str, Any]:
    """Measure the stored half-precision weights, which are what everybody draws from."""
    ready = runner.trained(job.baseline, job.variant, device="cpu")
    suffix, metrics = _suffix(job), []
    for sampler, nfe, n in job.measurements:
        start = device.cpu_seconds()
        images = ready.draw(n, 1, sampler, nfe)
        seconds = device.cpu_seconds() - start
        result = measure(images, data)
        print(f"  {sampler}, {nfe} evaluations: {result}", flush=True)
        entry = {"sampler": sampler, "nfe": nfe, **result.as_dict()}
        metrics.append({**entry, "seed": 1, "cpu_seconds": round(seconds, 1)})
    out: dict[str, Any] = {"metrics": metrics, "scale": stored_points(data.name)}
    if hasattr(ready.module, "bits_per_dim"):
        bits = ready.module.bits_per_dim(ready.model, data.test[:100], data.levels)
        summary = summarize_bits(bits, data.levels)
        out["bits_per_dim"] = summary.as_dict()
        print(f"  likelihood: {summary}", flush=True)
    states = trajectory(ready.module.sample, ready.model, 8, SEED)
    save_png(strip(states, rows=4), folder / f"strip{suffix}.png")
    write_bytes(folder / f"forming{suffix}.webp", forming(states))
    save_png(grid(ready.draw(64, SEED)), folder / f"samples{suffix}.png")
    return out


def _suffix(job: Job) -> str:
    default = next(iter(runner.find(job.baseline).VARIANTS))
    return "" if job.variant == default else f"-{job.framework}"


def _read(folder: Path) -> dict[str, Any]:
    path = folder / "results.json"
    loaded: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return loaded


def _write(job: Job, folder: Path, record: dict[str, Any]) -> None:
    whole = _read(folder)
    runs = {**whole.get("runs", {}), job.variant: {"framework": job.framework, **record}}
    whole = {**whole, "baseline": job.baseline, "data": DATA, "runs": runs}
    write_bytes(folder / "results.json", (json.dumps(whole, indent=1) + "\n").encode())


def _execute(name: str, only_say: bool) -> bool:
    folder = runner.results(name)
    whole, sources = _read(folder), notebook_hash(name)
    path = folder / "notebook.ipynb"
    current = path.is_file() and whole.get("notebook") == sources
    print(f"{name} notebook: {'current' if current else 'stale'}", flush=True)
    if only_say or current:
        return not current
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(path, execute(runner.folder() / f"{name}.py"))
    whole = {"baseline": name, "data": DATA, **_read(folder), "notebook": sources}
    write_bytes(folder / "results.json", (json.dumps(whole, indent=1) + "\n").encode())
    return True


if __name__ == "__main__":
    raise SystemExit(main())
