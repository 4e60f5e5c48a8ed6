"""Finds the baselines and runs them: what ``diffatlas run``, ``sample`` and ``list`` do.

A baseline is a Python file ``baselines/<id>.py`` that defines

    ID        its id
    VARIANTS  {name: one line of text}, the default first
    SAMPLERS  {name: network evaluations by default}, the default first
    build(shape, variant, **network) -> torch.nn.Module       untrained, for images (C, H, W)
    loss(model, x0, generator) -> scalar tensor               for a batch (N, C, H, W) in [-1, 1]
    sample(model, n, sampler, nfe, generator)                 yields states, the image last

Weights that were trained for the repository lie in ``baselines/results/<id>/``.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from diffatlas.diffusion import device as devices
from diffatlas.diffusion.budget import Budget
from diffatlas.diffusion.checkpoints import load_weights, save_weights, write_bytes
from diffatlas.diffusion.conditioning import classes_of
from diffatlas.diffusion.data import CLASSES, Dataset, load
from diffatlas.diffusion.draw import draw
from diffatlas.diffusion.images import grid, save_png
from diffatlas.diffusion.networks import parameter_count
from diffatlas.diffusion.problems import CheckpointError, TrainingFailed, UnknownName, choose
from diffatlas.diffusion.training import Run, train
from diffatlas.errors import did_you_mean

__all__ = [
    "Trained",
    "find",
    "folder",
    "names",
    "results",
    "run",
    "stored_weights",
    "title",
    "trained",
    "weights_name",
]

STORED_DATA = "fashion-mnist"  # what the weights in the repository were trained on
BUDGETS = {"digits": "15s"}  # by default; five minutes for all others
SIZE = {"width": 1, "classes": 0}  # of a network, where nothing else is asked for


def folder() -> Path:
    """Where the baselines are: beside ``src`` in a clone, inside the package when installed."""
    package = Path(__file__).resolve().parents[1]
    clone = package.parents[1] / "baselines"
    return clone if clone.is_dir() and package.parent.name == "src" else package / "_baselines"


def names() -> list[str]:
    """The ids of all baselines."""
    return sorted(path.stem for path in folder().glob("*.py"))


def find(name: str) -> ModuleType:
    """The baseline ``name`` as a module.

    Raises:
        UnknownName: there is none of that name.
    """
    known = names()
    if name not in known:
        listed = ", ".join(known) or f"none in {folder()}"
        raise UnknownName(f"no baseline {name!r}{did_you_mean(name, known)}; there are: {listed}")
    spec = importlib.util.spec_from_file_location(
        f"diffatlas_baseline_{name}", folder() / f"{name}.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def title(name: str) -> str:
    """The first heading of the baseline's file."""
    for line in (folder() / f"{name}.py").read_text(encoding="utf-8").splitlines():
        if line.startswith("# # "):
            return line[4:]
    return name


def results(name: str) -> Path:
    """The folder of what was measured for baseline ``name``."""
    return folder() / "results" / name


def weights_name(module: ModuleType, variant: str) -> str:
    """``weights.safetensors``, with ``-<variant>`` before the dot unless it is the default."""
    default = next(iter(module.VARIANTS))
    return "weights.safetensors" if variant == default else f"weights-{variant}.safetensors"


def run(
    name: str,
    *,
    data: str = "digits",
    budget: str | None = None,
    variant: str | None = None,
    device: str = "auto",
    seed: int = 0,
    batch: int = 32,
    width: int = 1,
    classes: bool = False,
    compiled: bool | None = None,
    out: Path | None = None,
    resume: bool = False,
    fresh: bool = False,
    data_dir: str | None = None,
    checkpoint_every: str = "30s",
    quiet: bool = False,
) -> tuple[Path, Run, Dataset]:
    """Train baseline ``name``; the folder with its weights and pictures, the run, the data.

    ``width`` times as many channels as ``unet_for`` gives by default; with ``classes``, a network
    that is told the class of each image. What else is asked is as in :func:`train`.

    The folder (by default ``runs/<name>-<variant>-<data>``) holds the checkpoints, ``samples/``
    with pictures drawn on the way, ``samples.png``, ``weights.safetensors`` and ``run.json``.

    Raises:
        DiffusionError: in one of its kinds, with a message for the person who asked.
    """
    module = find(name)
    variant = choose("variant", variant, module.VARIANTS)
    spent = Budget.parse(budget or BUDGETS.get(data, "5m"))
    images = load(data, data_dir)
    where = out or Path("runs") / f"{name}-{variant}-{data}"
    _make(where / "samples")
    torch.manual_seed(seed)

    def picture(model: nn.Module, step: int, fraction: float) -> None:
        shown = grid(draw(module.sample, model, 16, seed), columns=16)
        save_png(shown, where / "samples" / f"step-{step:06d}.png")

    network = {"width": width, "classes": len(images.classes) if classes else 0}
    network = {key: value for key, value in network.items() if value != SIZE[key]}
    model = module.build(images.shape, variant, **network)
    outcome = train(
        model,
        module.loss,
        images.train,
        spent,
        seed=seed,
        batch=batch,
        device=device,
        out=where,
        resume=resume,
        fresh=fresh,
        notes={"baseline": name, "data_set": data, "variant": variant, **network},
        checkpoint_every=checkpoint_every,
        on_milestone=picture,
        quiet=quiet,
        labels=images.train_labels if classes else None,
        mirror=images.mirror,
        compiled=compiled,
    )
    if not outcome.main:
        return where, outcome, images
    notes = {"baseline": name, "variant": variant, "data": data, "seed": str(seed)}
    notes |= {"shape": json.dumps(images.shape), "network": json.dumps(network)}
    save_weights(where / "weights.safetensors", outcome.model.state_dict(), notes)
    shown = torch.arange(60) % len(images.classes) if classes else None
    n = 64 if shown is None else len(shown)
    pictures = draw(module.sample, outcome.model, n, seed, labels=shown)
    save_png(grid(pictures, columns=8 if shown is None else 10), where / "samples.png")
    record: dict[str, Any] = {**notes, "step": outcome.step, "batch": batch}
    record |= {
        "seconds": round(outcome.seconds, 1),
        "hardware": devices.describe(devices.of(outcome.model)),
    }
    record["parameters"] = parameter_count(outcome.model)
    record["images_per_second"] = round(outcome.step * batch / max(outcome.seconds, 1e-9), 1)
    record["curve"] = outcome.curve
    write_bytes(where / "run.json", json.dumps(record, indent=1).encode())
    return where, outcome, images


def _make(where: Path) -> None:
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingFailed(f"cannot write to {where}: {error.strerror or error}") from None


@dataclass
class Trained:
    """A model with trained weights, ready to draw from."""

    module: ModuleType
    model: nn.Module
    variant: str
    data: str

    def labels(self, wanted: str, n: int) -> Tensor:
        """The labels (n,) of the class ``wanted``, a name or a number; ``all``: each in turn.

        Raises:
            UnknownName: the data set has no such class.
        """
        classes = CLASSES[self.data]
        if wanted == "all":
            return torch.arange(n) % len(classes)
        if wanted.isdecimal() and int(wanted) < len(classes) and wanted not in classes:
            return torch.full((n,), int(wanted))
        return torch.full((n,), classes.index(choose("class", wanted, classes)))

    def draw(
        self,
        n: int,
        seed: int = 0,
        sampler: str | None = None,
        nfe: int | None = None,
        on_batch: Callable[[int], None] | None = None,
        labels: Tensor | None = None,
        guidance: float = 1.0,
    ) -> Tensor:
        """``n`` images (n, C, H, W) in about [-1, 1]; one seed, one kind of device, one result.

        Args:
            labels: the classes (n,) to draw, where the model was trained with classes.
            guidance: how much they are exaggerated (:func:`given`); 1 is the model as it is.

        Raises:
            UnknownName: the baseline has no such sampler.
            DiffusionError: the model was trained without classes, or has fewer.
        """
        sampler = choose("sampler", sampler, self.module.SAMPLERS)
        if labels is not None:
            known = classes_of(self.model)
            if known and not all(0 <= label < known for label in labels.tolist()):
                raise UnknownName(f"the model knows the classes 0 to {known - 1} only")
        return draw(
            self.module.sample,
            self.model,
            n,
            seed,
            on_batch=on_batch,
            labels=labels,
            guidance=guidance,
            sampler=sampler,
            nfe=nfe,
        )


def stored_weights(name: str) -> dict[str, Path]:
    """The variants of baseline ``name`` for which weights are stored, and their files."""
    module = find(name)
    files = {v: results(name) / weights_name(module, v) for v in module.VARIANTS}
    return {variant: path for variant, path in files.items() if path.is_file()}


def trained(
    name: str, variant: str | None = None, weights: Path | None = None, device: str = "auto"
) -> Trained:
    """Baseline ``name`` with its stored weights, or with those of the file ``weights``.

    Raises:
        UnknownName, CheckpointError, DeviceMissing: as their names say.
    """
    module = find(name)
    target = devices.pick(device)
    wanted = choose("variant", variant, module.VARIANTS)
    if weights is None:
        weights = results(name) / weights_name(module, wanted)
        if not weights.is_file():
            raise CheckpointError(
                f"no weights are stored for {name} ({wanted}). Train it: `diffatlas run {name} "
                f"--variant {wanted} --data {STORED_DATA}`, then `diffatlas sample {name} "
                f"--weights runs/{name}-{wanted}-{STORED_DATA}/weights.safetensors`."
            )
    state, notes = load_weights(weights)
    if notes.get("baseline") != name:
        whose = notes.get("baseline") or "something else"
        raise CheckpointError(f"{weights} holds the weights of {whose}, not of {name}")
    if variant is not None and notes.get("variant", variant) != variant:
        raise CheckpointError(f"{weights} is of the variant {notes['variant']}, not {variant}")
    model = _fitted(module, state, notes, weights)
    model = model.to(target).eval().requires_grad_(False)
    return Trained(module, model, notes["variant"], notes["data"])


def _fitted(
    module: ModuleType, state: dict[str, Tensor], notes: dict[str, str], weights: Path
) -> nn.Module:
    """The model that the ``notes`` of the file ``weights`` describe, with the tensors ``state``.

    Raises:
        CheckpointError: notes are missing or not of this baseline, or the tensors do not fit.
    """
    try:
        if missing := [note for note in ("variant", "shape", "data") if note not in notes]:
            raise ValueError(f"it has no note of {', '.join(missing)}")
        variant = choose("variant", notes["variant"], module.VARIANTS)
        network = json.loads(notes.get("network", "{}"))
        model: nn.Module = module.build(tuple(json.loads(notes["shape"])), variant, **network)
        model.load_state_dict(state)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise CheckpointError(
            f"the weights in {weights} do not fit the baseline {module.ID} ({reason}). They are "
            f"of another version or damaged: train them again (`diffatlas run {module.ID}`), or "
            "name others with --weights."
        ) from None
    return model
