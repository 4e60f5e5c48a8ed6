"""One training loop for all baselines: budgeted, resumable to the bit, safe against a kill.

What a run does depends on its seed and budget alone. The order of the data is a function of (seed,
step); everything random inside a loss comes from one generator whose state is in the checkpoint.
Several processes share a run as ``parallel`` tells.
"""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from diffatlas.diffusion import device as devices
from diffatlas.diffusion.budget import Budget
from diffatlas.diffusion.checkpoints import Checkpoints
from diffatlas.diffusion.conditioning import check_labels, classes_of, drop, told
from diffatlas.diffusion.networks import UNet
from diffatlas.diffusion.noise import SharedGenerator, noise_like
from diffatlas.diffusion.optim import MuonAdamW
from diffatlas.diffusion.parallel import Team, join
from diffatlas.diffusion.problems import CheckpointError, DiffusionError, TrainingFailed
from diffatlas.diffusion.progress import Progress
from diffatlas.diffusion.stopping import StopSignal

__all__ = ["LossFunction", "Run", "train"]

LossFunction = Callable[[Any, Tensor, torch.Generator], Tensor]
MILESTONES = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
WARM_UP, CHECK_EVERY, CLIP, EMA = 50, 20, 1.0, 0.9995


@dataclass
class Run:
    """What a training left: ``model`` with averaged weights, ``curve`` of (step, seconds, loss)."""

    model: nn.Module
    step: int = 0
    seconds: float = 0.0
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    main: bool = True  # False in all but the first of several processes


def train(
    model: nn.Module,
    loss: LossFunction,
    images: Tensor,
    budget: str | Budget,
    *,
    seed: int = 0,
    batch: int = 32,
    device: str = "auto",
    out: Path | None = None,
    resume: bool = False,
    fresh: bool = False,
    notes: Mapping[str, Any] | None = None,
    checkpoint_every: str = "30s",
    on_milestone: Callable[[nn.Module, int, float], None] | None = None,
    milestones: Sequence[float] = MILESTONES,
    quiet: bool = False,
    labels: Tensor | None = None,
    mirror: bool = False,
    compiled: bool | None = None,
) -> Run:
    """Train ``model`` on ``images`` (N, C, H, W) until ``budget`` is spent.

    Gradients are clipped to norm 1; both learning rates climb for 50 steps, then fall linearly to
    zero at the end of the budget. ``out`` is where checkpoints go (None: none are written);
    ``notes`` is stored in them and must be equal on resuming. ``on_milestone(model, step,
    fraction)`` is called with the averaged model; its time is not counted. ``batch`` is that of all
    processes together; only the first of them writes, prints and calls ``on_milestone``.

    Args:
        resume: go on from the newest checkpoint in ``out``.
        fresh: start over, also where ``out`` holds an unfinished run.
        labels: classes (N,) to tell a network that knows classes, whole numbers from 0; a tenth of
            a batch is not told.
        mirror: turn a random half of each batch left to right.
        compiled: whether to compile the network; None: where that pays, see ``device``.

    Raises:
        BadBudget, DeviceMissing, CheckpointError: as their names say.
        DiffusionError: there are no images, or the labels do not suit them or the network.
        TrainingFailed: the loss is not finite, or ``out`` cannot be written.
        KeyboardInterrupt: the run was asked to stop, and has written a checkpoint.
    """
    budget = Budget.parse(budget) if isinstance(budget, str) else budget
    team = join(devices.pick(device))
    if compiled is None:
        compiled = devices.compiled(team.device, budget)
    trainer = _Trainer(model, loss, images, budget, seed, batch, team, labels, mirror, compiled)
    trainer.notes = json.dumps(
        {**(notes or {}), "seed": seed, "batch": batch, "data": len(images)}, sort_keys=True
    )
    every = Budget.parse(checkpoint_every)
    if out is None and resume:
        raise CheckpointError("cannot resume: this run has no folder for checkpoints")
    store = Checkpoints(out) if out is not None and team.main else None
    if resume:
        trainer.restore(team.agree(_stored(store)))
    elif store is not None:
        _prepare(store, trainer, fresh)
    with StopSignal() as stop:
        return _loop(trainer, store, every, on_milestone, milestones, quiet, stop)


def _stored(store: Checkpoints | None) -> dict[str, Any] | None:
    if store is None:
        return None
    state, messages = store.load()
    for message in messages:
        print(f"note: {message}", flush=True)
    return state


def _prepare(store: Checkpoints, trainer: _Trainer, fresh: bool) -> None:
    if store.exists() and not fresh:
        try:
            state, _ = store.load()
        except CheckpointError:
            state = {"done": True}
        if not state["done"]:
            raise CheckpointError(
                f"{store.folder} holds an unfinished run (step {state['step']}). Go on with it by "
                "--resume, or start over by --fresh, or name another folder with --out."
            )
    store.clear()
    # Written before the first step: an unwritable folder or a full disk shows up at once.
    store.save(trainer.state(done=False))


def _loop(
    trainer: _Trainer,
    store: Checkpoints | None,
    every: Budget,
    on_milestone: Callable[[nn.Module, int, float], None] | None,
    milestones: Sequence[float],
    quiet: bool,
    stop: StopSignal,
) -> Run:
    main = trainer.team.main
    progress = Progress(trainer.budget, trainer.step, trainer.seconds, quiet or not main)
    saved_step, saved_time = trainer.step, time.monotonic()
    try:
        while trainer.fraction < 1:
            stopped = trainer.one_step(stop)
            due = every.fraction(trainer.step - saved_step, time.monotonic() - saved_time) >= 1
            end = trainer.fraction >= 1
            # On the curve every so many steps, whenever checkpoints are written; but no checkpoint
            # may hold a number that is not finite.
            if trainer.step % CHECK_EVERY == 0 or end:
                trainer.check()
                progress.show(trainer.step, trainer.seconds, trainer.last_loss)
            elif due:
                trainer.must_be_finite()
            while trainer.milestone < len(milestones) and (
                trainer.fraction >= milestones[trainer.milestone]
            ):
                trainer.milestone += 1
                if on_milestone is not None and main:
                    reached = milestones[trainer.milestone - 1]
                    on_milestone(trainer.average, trainer.step, reached)
                trainer.restart_clock()
            if store is not None and (due or end):
                store.save(trainer.state(done=end))
                saved_step, saved_time = trainer.step, time.monotonic()
                trainer.restart_clock()
            if stopped and not end:
                trainer.must_be_finite()
                if store is not None:
                    store.save(trainer.state(done=False))
                raise KeyboardInterrupt
    finally:
        progress.close()
    return Run(trainer.average, trainer.step, trainer.seconds, trainer.curve, main)


class _Trainer:
    """The state of a run, and one step of it."""

    def __init__(
        self,
        model: nn.Module,
        loss: LossFunction,
        images: Tensor,
        budget: Budget,
        seed: int,
        batch: int,
        team: Team,
        labels: Tensor | None = None,
        mirror: bool = False,
        compiled: bool = False,
    ) -> None:
        if len(images) == 0 or batch < 1:
            raise DiffusionError("nothing to train on: no images, or a batch below one")
        device = team.device
        self.model = model.to(device).train()
        self.average = copy.deepcopy(model).eval().requires_grad_(False)
        if compiled:
            for network in self.model.modules():
                if isinstance(network, UNet):
                    network.compile()
        self.loss, self.budget, self.seed = loss, budget, seed
        self.images, self.mirror = images.to(device), mirror
        self.classes = classes_of(model)
        if labels is not None:
            check_labels(labels, model, len(images))
        self.labels = None if labels is None else labels.to(device)
        self.batch = min(batch, len(images))
        self.team, self._own = team, team.part(self.batch)
        self.optimizer = MuonAdamW(self.model)
        self.generator = SharedGenerator(device)
        self.generator.manual_seed(seed)
        self.generator.rank, self.generator.size = team.rank, team.size
        self.device = device
        self.step, self.seconds, self.milestone = 0, 0.0, 0
        self.curve: list[tuple[int, float, float]] = []
        self.notes = ""
        self.last_loss = math.nan
        self._sum, self._count = torch.zeros((), device=device), 0
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.long)
        self._untold = 0.0  # seconds that the other processes have not been told of
        self.restart_clock()

    @property
    def fraction(self) -> float:
        """How much of the budget is used, 0 to 1."""
        return self.budget.fraction(self.step, self.seconds)

    def _now(self) -> float:
        return devices.cpu_seconds() if self.device.type == "cpu" else time.monotonic()

    def restart_clock(self) -> None:
        """Do not count what happened since the last step."""
        self._clock = self._now()

    def _spent(self) -> float:
        """Seconds since the last call, or since the clock was restarted."""
        before, self._clock = self._clock, self._now()
        return self._clock - before

    def _batch(self) -> tuple[Tensor, Tensor | None]:
        """The step's images (N, C, H, W) and their classes (N,), if the network is told them."""
        epoch, position = divmod(self.step, len(self.images) // self.batch)
        if epoch != self._epoch:
            order = torch.Generator().manual_seed((self.seed << 20) + epoch)
            self._order = torch.randperm(len(self.images), generator=order)
            self._epoch = epoch
        chosen = self._order[position * self.batch : (position + 1) * self.batch][self._own]
        chosen = chosen.to(self.device)
        images, labels = self.images[chosen], None
        if self.mirror:
            turned = noise_like(images[:, 0, 0, 0], self.generator) < 0
            images = torch.where(turned[:, None, None, None], images.flip(3), images)
        if self.labels is not None:
            labels = drop(self.labels[chosen], self.classes, self.generator)
        return images, labels

    def one_step(self, stop: StopSignal) -> bool:
        """One gradient step; the average follows; the clock runs on.

        Returns whether any process was asked to ``stop``.
        """
        scale = min(1.0, (self.step + 1) / WARM_UP) * (1 - self.fraction)
        images, labels = self._batch()
        with devices.precision(self.device), told(self.model, labels):
            value = self.loss(self.model, images, self.generator)
        value.backward()
        value, stopped = self._agree(value.detach(), stop.asked)
        # All parameters at once, where torch can: elsewhere (mps) it refuses to be asked.
        at_once = True if self.device.type in ("cpu", "cuda") else None
        nn.utils.clip_grad_norm_(self.model.parameters(), CLIP, foreach=at_once)
        self.optimizer.step(scale)
        # Parameters only: averaging a buffer (a schedule, frequencies) would spoil it.
        decay = min(EMA, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()), list(self.model.parameters()), 1 - decay
            )
        self._sum += value
        self._count += 1
        self.step += 1
        if self.team.size == 1:
            self.seconds += self._spent()
        else:  # only what all have been told counts, so that all stop after the same step
            self._untold += self._spent()
        return stopped

    def _agree(self, value: Tensor, stop: bool) -> tuple[Tensor, bool]:
        """Average the gradients and the loss; the first process's clock counts.

        The time told is that since the last exchange, not the sum: single precision holds that of
        a step to the nanosecond, and after days not even whole steps.
        """
        if self.team.size == 1:
            return value, stop
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        spent = self._untold + self._spent() if self.team.main else 0.0
        total, spent, stops = self.team.add_up(gradients, [value, spent, float(stop)])
        self.seconds, self._untold = self.seconds + spent, 0.0
        return torch.full_like(value, total / self.team.size), stops > 0

    def check(self) -> None:
        """Add the mean loss since the last call to the curve (TrainingFailed: it is not finite)."""
        if self._count == 0:
            return
        self.must_be_finite()
        self.last_loss = float(self._sum) / self._count
        self._sum.zero_()
        self._count = 0
        self.curve.append((self.step, round(self.seconds, 2), self.last_loss))

    def must_be_finite(self) -> None:
        """Raise TrainingFailed where the loss or a weight is not a finite number."""
        if not self.finite():
            raise TrainingFailed(
                f"the loss is no longer finite at step {self.step}. The last checkpoint is from "
                "before; try another seed, and check the data for NaN."
            )

    def finite(self) -> bool:
        """Whether all weights, and the losses since the last point of the curve, are finite."""
        sums = [p.detach().abs().sum() for p in self.model.parameters()]
        return bool(torch.isfinite(torch.stack([*sums, self._sum]).sum()))

    def state(self, done: bool) -> dict[str, Any]:
        """All that the next step depends on."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "milestone": self.milestone,
            "done": done,
            "budget": str(self.budget),
            "notes": self.notes,
            "curve": [list(point) for point in self.curve],
            "sum": self._sum,
            "count": self._count,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Become what ``state`` describes.

        Raises:
            CheckpointError: it is of another run, of another budget or of another network.
        """
        if state["notes"] != self.notes:
            raise CheckpointError(
                f"cannot resume: the checkpoint is of another run ({state['notes']}), "
                f"this one is {self.notes}. Give the same options, or another --out."
            )
        # The rates fall with the budget: with another one they would jump, or rise from zero again.
        if state["budget"] != str(self.budget):
            raise CheckpointError(
                f"cannot resume: the run was begun with a budget of {state['budget']}, now it is "
                f"{self.budget}, and its rates depend on that. Go on by --budget "
                f"{state['budget']}, or start over by --fresh or in another --out."
            )
        try:
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])
        except (RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())[:300]
            raise CheckpointError(
                f"cannot resume: the checkpoint is of another network ({reason}). Build the one "
                "that it was begun with, or start over by --fresh or in another --out."
            ) from None
        self.generator.set_state(state["generator"])
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.milestone = int(state["milestone"])
        self.curve = [(int(a), float(b), float(c)) for a, b, c in state["curve"]]
        self._sum, self._count = state["sum"].to(self.device), int(state["count"])
        self.restart_clock()
