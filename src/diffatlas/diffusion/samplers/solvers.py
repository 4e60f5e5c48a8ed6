"""The solvers of the probability-flow ODE by name: one call for any of them at equal cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from torch import Tensor

from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers.deis import deis
from diffatlas.diffusion.samplers.dpm_solver import dpm_solver_2m
from diffatlas.diffusion.samplers.edm import heun
from diffatlas.diffusion.samplers.implicit import ddim
from diffatlas.diffusion.samplers.pndm import plms
from diffatlas.diffusion.samplers.unipc import unipc
from diffatlas.diffusion.schedules import DiscreteSchedule, Schedule
from diffatlas.diffusion.times import log_snr_times, trailing_times

__all__ = ["SOLVERS", "solve"]

SOLVERS: dict[str, Callable[..., Iterator[Tensor]]] = {
    "ddim": ddim,
    "heun": heun,
    "plms": plms,
    "dpm-solver-2m": dpm_solver_2m,
    "unipc-2": unipc,
    "unipc-3": partial(unipc, order=3),
    "deis-3": partial(deis, order=2, variable="log_rho"),
}
"""Solvers of one signature, ``(denoiser, schedule, times, x)``; a number is the order."""


def solve(
    name: str,
    denoiser: Denoiser,
    schedule: Schedule,
    x: Tensor,
    nfe: int,
    start: float = 1.0,
    stop: float = 1e-3,
) -> Iterator[Tensor]:
    """Yield the states of solver ``name`` with at most ``nfe`` evaluations; the last is the sample.

    Times are equally spaced in log-SNR and end with a step to the clean image; under a table they
    are spread evenly over its own, from T. So the same noise can be led through several solvers and
    numbers of steps, and only these differ.

    Args:
        x: (N, ...) at ``start`` (a table: at T); is not changed.
        nfe: evaluations of the denoiser, 3 or more; Heun's method takes two a step.
        start, stop: first and last time but the clean one, both of finite log-SNR; not for tables.

    Raises:
        ValueError: there is no such solver, too few evaluations, or more than a table has times.
    """
    if name not in SOLVERS:
        raise ValueError(f"there is no solver {name!r}; there are {', '.join(SOLVERS)}")
    if nfe < 3:
        raise ValueError(f"{nfe} evaluations are too few for all solvers: take 3 or more")
    clean = [0.0] if schedule(0.0)[1] == 0 else []  # a VE process ends at its least noise
    # Heun's step to the clean image takes one evaluation; PLMS's first one takes two.
    n = {"heun": (nfe + len(clean)) // 2, "plms": nfe - 1}.get(name, nfe)
    if isinstance(schedule, DiscreteSchedule):
        times = trailing_times(n, schedule.T)
    else:
        times = log_snr_times(schedule, n - len(clean), start, stop) + clean
    return SOLVERS[name](denoiser, schedule, times, x)
