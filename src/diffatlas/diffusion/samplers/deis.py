"""DEIS, an exponential integrator with Adams and Bashforth's weights: Zhang & Chen 2023,
arXiv 2204.13902."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._multistep import (
    Array,
    combine,
    half_log_snr,
    history,
    integrate_lagrange,
)
from diffatlas.diffusion.samplers._steps import Step, no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["deis"]


@no_gradients
def deis(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    order: int = 3,
    variable: Literal["t", "rho", "log_rho"] = "t",
    lower_order_final: bool = False,
) -> Iterator[Tensor]:
    """Yield ``x_s = alpha_s (x_t / alpha_t + sum_j C_j eps_j)`` for each step t -> s (eq. 14).

    ``C_j = int L_j d(sigma / alpha)`` over the step, with ``L_j`` the Lagrange polynomials of t and
    up to ``order`` earlier times (eq. 13, 15 after the change of variables of proposition 3): the
    linear part of the probability-flow ODE is solved exactly and eps extrapolated by a polynomial.
    One evaluation a step. ``order = 0`` is DDIM.

    ``variable="t"`` is the paper's tAB-DEIS, for schedules with an inverse, and depends on how time
    is measured; ``"rho"``, for ``rho = sigma / alpha``, is its rhoAB-DEIS. ``"log_rho"`` takes
    ``log rho``, as the first author does in diffusers. The last two serve tables as well.

    Args:
        times: decreasing. Steps at infinite log-SNR (alpha = 0 at the start, sigma = 0 at the end)
            are DDIM's.
        x: (N, ...) at ``times[0]``; is not changed.
        order: degree r of the polynomial, 0 to 3 in the paper; the first steps have less.
        variable: what the polynomial is in.
        lower_order_final: whether the degree falls to 0 in the last steps.

    Raises:
        TypeError: "t" under a table, which has no time between its entries.
        ValueError: the order is negative or the variable unknown.
    """
    if order < 0 or variable not in ("t", "rho", "log_rho"):
        raise ValueError(
            f"DEIS has orders from 0 and variables t, rho, log_rho; not {order}, {variable}"
        )
    grid = steps(schedule, times)
    counts = history(grid, order + 1, lower_order_final)
    weights = _weights(schedule, grid, counts, variable)
    past: deque[Tensor] = deque(maxlen=max(counts))
    for step, c in zip(grid, weights, strict=True):
        # The past holds x - alpha D = sigma eps, one operation; its sigma is in the weight.
        past.appendleft(torch.sub(x, d := denoiser(x, step.t), alpha=step.alpha_t))
        if c:
            x = combine(x, step.alpha_s / step.alpha_t, past, c)
        else:
            c_x = step.sigma_s / step.sigma_t
            x = combine(x, c_x, [d], [step.alpha_s - step.alpha_t * c_x])
        yield x


def _weights(
    schedule: Schedule, grid: list[Step], counts: list[int], variable: str
) -> list[list[float]]:
    """Return ``alpha_s C_j / sigma_j`` for each step, newest first; empty where DDIM's is taken."""
    lambdas = [half_log_snr(step.alpha_t, step.sigma_t) for step in grid]
    ends = [*lambdas[1:], half_log_snr(grid[-1].alpha_s, grid[-1].sigma_s)]
    places = lambdas
    if variable == "t":
        places = [step.t for step in grid]
    elif variable == "rho":
        places = [math.exp(-place) if place > -math.inf else math.inf for place in lambdas]

    def u(points: Array) -> Array:
        if variable == "rho":
            return np.exp(-points)
        if variable == "t":
            flat = [schedule.time(2 * point) for point in points.ravel().tolist()]
            return np.array(flat).reshape(points.shape)
        return points

    found: list[list[float]] = [[] for _ in grid]
    for p in set(counts):
        inner = [
            i
            for i, q in enumerate(counts)
            if q == p and math.isfinite(ends[i] - lambdas[i]) and p > 1
        ]
        if not inner:
            continue
        nodes = np.array([places[i::-1][:p] for i in inner])
        start, stop = (np.array([row[i] for i in inner]) for row in (lambdas, ends))
        weights = integrate_lagrange(nodes, start, stop, -1, u)
        for i, row in zip(inner, weights.tolist(), strict=True):
            scale = grid[i].sigma_s  # alpha_s exp(-lambda_s)
            found[i] = [scale * w / grid[i - j].sigma_t for j, w in enumerate(row)]
    return found
