"""A grid of times as steps, with the numbers of the schedule at both ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from operator import gt
from typing import NamedTuple, ParamSpec

import torch
from torch import Tensor

from diffatlas.diffusion.schedules import Schedule, kernel

__all__ = ["Step", "blend", "float_times", "no_gradients", "steps"]

P = ParamSpec("P")


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


def float_times(times: Sequence[float]) -> Tensor:
    """Return the times as a float64 tensor on the CPU.

    Raises:
        ValueError: there are fewer than two times, or they do not decrease.
    """
    ts = [float(t) for t in times]
    if len(ts) < 2 or not all(map(gt, ts, ts[1:])):
        raise ValueError("times must be two or more strictly decreasing numbers, noisy to clean")
    return torch.tensor(ts, dtype=torch.float64)


def steps(schedule: Schedule, times: Sequence[float]) -> list[Step]:
    """Return the steps between neighbouring times; the schedule is asked once, for all of them."""
    grid = float_times(times)
    t, (alpha, sigma) = grid.tolist(), (c.tolist() for c in schedule(grid))
    return list(map(Step, t, t[1:], alpha, sigma, alpha[1:], sigma[1:]))


def blend(x: Tensor, d: Tensor, c_x: float, c_d: float) -> Tensor:
    """Return ``c_x x + c_d d``, a new tensor.

    One operation where the weights sum to one, as they do for alpha = 1 and for straight paths.
    """
    if abs(c_x + c_d - 1) < 1e-14 and x.dtype == d.dtype:
        return torch.lerp(x, d, c_d)
    return (x * c_x).add_(d, alpha=c_d)


def no_gradients(sampler: Callable[P, Iterator[Tensor]]) -> Callable[P, Iterator[Tensor]]:
    """Return ``sampler`` with no gradients recorded inside, and the caller's mode outside.

    What ``torch.no_grad()`` does for generators, at a fifth of its cost a step: it calls the same
    function without the objects around it.
    """

    switch = torch._C._set_grad_enabled

    @wraps(sampler)
    def run(*args: P.args, **kwargs: P.kwargs) -> Iterator[Tensor]:
        states = sampler(*args, **kwargs)
        while True:
            outside = torch.is_grad_enabled()
            switch(False)
            try:
                x = next(states, None)
            finally:
                switch(outside)
            if x is None:
                return
            yield x

    return run
