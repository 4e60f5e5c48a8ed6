"""What a training reaches in so many processor seconds, beside smalldiffusion and
denoising-diffusion-pytorch.

``python -m bench.peers --out FILE [--budget 600] [--only NAME ...]``. The same images, measure and
thread for all: the peers' own examples and their loops training our network, for the whole budget;
and our baselines for a twentieth and for a quarter of it, which should do as well as the former and
the latter. Measuring is not counted, sampling neither. What is finished is stored at once and not
done again: stop it and start it as you like. All of it takes hours, so `python -m bench` leaves it
out unless it is named.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bench import _peer_loops as loops
from bench._report import Row, options, row, store
from diffatlas.diffusion import runner
from diffatlas.diffusion.data import Dataset, load
from diffatlas.diffusion.device import cpu_seconds
from diffatlas.diffusion.draw import draw
from diffatlas.diffusion.evaluation import measure
from diffatlas.diffusion.networks import unet_for
from diffatlas.diffusion.training import train

TITLE = "Trainings beside other implementations"
MARKS = (0.1, 0.25, 0.5, 1.0)
LAST = (1.0,)  # a thousand images from a peer's own network take as long as its training
# Of the budget: what ours may take to do as well as a peer's example, as its loop with our network.
TWENTIETH, QUARTER = 1 / 20, 1 / 4
SAMPLES, SEED = 1000, 0

Report = Callable[[float, int, loops.Draw], None]
"""``(seconds, step, draw)``, at each mark."""
Contestant = Callable[[Dataset, float, Report], None]
Result = dict[str, Any]


def ours(name: str, share: float, data: Dataset, budget: float, report: Report) -> None:
    """One of the baselines for a share of the budget, at whose end its rate falls to zero."""
    module, budget = runner.find(name), budget * share

    def mark(model: torch.nn.Module, step: int, fraction: float) -> None:
        report(fraction * budget, step, partial(draw, module.sample, model))

    train(
        module.build(data.shape),
        module.loss,
        data.train,
        f"{budget:g}s",
        seed=SEED,
        device="cpu",
        on_milestone=mark,
        milestones=LAST,
    )


def theirs(
    make: Callable[[Tensor], Iterator[loops.Draw]],
    marks: Sequence[float],
    data: Dataset,
    budget: float,
    report: Report,
) -> None:
    """Step by step, until each mark is reached; only the time between two values is counted."""
    spent, left, start = 0.0, [share * budget for share in marks], cpu_seconds()
    shown = time.monotonic()
    for step, sample in enumerate(make(data.train), start=1):
        spent += cpu_seconds() - start
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            print(f"  step {step}, {spent:.0f} of {budget:.0f} CPU s", flush=True)
        if spent >= left[0]:
            while left and spent >= left[0]:
                left.pop(0)
            report(spent, step, sample)
        if not left:
            return
        start = cpu_seconds()


def with_our_network(
    make: Callable[..., Iterator[loops.Draw]], images: Tensor
) -> Iterator[loops.Draw]:
    return make(images, unet_for((1, 28, 28)))


def contestants() -> dict[str, Contestant]:
    """Return who takes part, by name."""
    peers = {
        "smalldiffusion": loops.small_diffusion,
        "denoising-diffusion-pytorch": loops.denoising_diffusion,
    }
    found: dict[str, Contestant] = {
        f"ours-{name}-{word}": partial(ours, name, share)
        for word, share in (("twentieth", TWENTIETH), ("quarter", QUARTER))
        for name in runner.names()
    }
    for name, make in peers.items():
        found[f"{name}-our-network"] = partial(theirs, partial(with_our_network, make), MARKS)
    for name, make in peers.items():
        found[name] = partial(theirs, make, LAST)
    return found


def contest(name: str, data: Dataset, budget: float, samples: int) -> list[Result]:
    """Train one contestant and return what it reached at each mark."""
    reached: list[Result] = []

    def report(seconds: float, step: int, sample: loops.Draw) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(SEED)
            start = cpu_seconds()
            images = sample(samples)
            cost = cpu_seconds() - start
        found = measure(images.clamp(-1, 1), data)
        print(f"  {seconds:.0f} CPU s, {step} steps: {found}", flush=True)
        reached.append(
            {
                "cpu_seconds": round(seconds, 1),
                "steps": step,
                "sampling_cpu_seconds": round(cost, 1),
                **found.as_dict(),
            }
        )

    torch.manual_seed(SEED)
    contestants()[name](data, budget, report)
    return reached


def rows(runs: dict[str, Result]) -> list[Row]:
    """Return one row a peer after its budget, beside the best of ours after a share of it."""
    found: list[Row] = []
    for name, run in runs.items():
        word, share = ("quarter", QUARTER) if "our-network" in name else ("twentieth", TWENTIETH)
        rivals = {
            who: other["reached"][-1]["fd"]
            for who, other in runs.items()
            if who.startswith("ours-") and who.endswith(word) and other["budget"] == run["budget"]
        }
        if name.startswith("ours-") or not rivals:
            continue
        best, peer = min(rivals, key=lambda who: rivals[who]), run["reached"][-1]["fd"]
        found.append(
            row(
                f"Frechet distance after {run['budget'] * share:g} CPU s ({best}), "
                f"beside {name} after {run['budget']:g}",
                rivals[best],
                "",
                peer=peer,
                peer_name=f"{name}, N = {run['samples']}",
                goal="no higher than theirs",
                met=rivals[best] <= peer,
            )
        )
    return found


def main() -> None:
    names = list(contestants())
    parser = options(__doc__)
    parser.add_argument("--budget", type=float, default=600.0, help="CPU seconds each (600)")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="images a measurement (1000)")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--data", default="fashion-mnist", help="the data set (28 x 28 pixels)")
    given = parser.parse_args()
    if given.budget <= 0 or given.samples < 10:
        parser.error("--budget must be positive and --samples at least 10")
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    data, runs = load(given.data), stored(given.out)
    for name in given.only or names:
        wanted = {"budget": given.budget, "samples": given.samples, "data": given.data}
        if name in runs and all(runs[name].get(k) == v for k, v in wanted.items()):
            print(f"{name}: stored")
            continue
        print(f"{name}:", flush=True)
        runs[name] = wanted | {"reached": contest(name, data, given.budget, given.samples)}
        if given.out:
            store(given.out, TITLE, rows(runs), runs=runs)


def stored(out: Path | None) -> dict[str, Result]:
    """Return the finished runs of an earlier call."""
    if out is None or not out.is_file():
        return {}
    runs: dict[str, Result] = json.loads(out.read_text(encoding="utf-8")).get("runs", {})
    return runs


if __name__ == "__main__":
    main()
