"""A grid of times as steps, with the numbers of the schedule at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch

from diffatlas.diffusion.schedules import Schedule, kernel

__all__ = ["Step", "float_times", "steps"]


class Step(NamedTuple):
    """One step from ``t`` down to ``s``; all float64 Python floats."""

    t: float
    s: float
    alpha_t: float
    sigma_t: float
    alpha_s: float
    sigma_s: float

    def transition(self) -> tuple[float, float]:
        """Return ``a, v`` of the forward kernel ``q(x_t | x_s) = N(a x_s, v I)`` over this step."""
        return kernel(self.alpha_t, self.sigma_t, self.alpha_s, self.sigma_s)


def float_times(times: Sequence[float]) -> torch.Tensor:
    """Return the times as a float64 tensor on the CPU.

    Raises:
        ValueError: there are fewer than two times, or they do not decrease.
    """
    ts = [float(t) for t in times]
    if len(ts) < 2 or any(t <= s for t, s in pairwise(ts)):
        raise ValueError("times must be two or more strictly decreasing numbers, noisy to clean")
    return torch.tensor(ts, dtype=torch.float64)


def steps(schedule: Schedule, times: Sequence[float]) -> list[Step]:
    """Return the steps between neighbouring times; the schedule is asked once, for all of them."""
    ts = float_times(times)
    alphas, sigmas = schedule(ts)
    rows = zip(ts.tolist(), alphas.tolist(), sigmas.tolist(), strict=True)
    return [Step(t, s, a_t, s_t, a_s, s_s) for (t, a_t, s_t), (s, a_s, s_s) in pairwise(rows)]
