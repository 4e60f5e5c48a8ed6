"""Euler's and Heun's methods with optional churn: Karras et al. 2022, algorithms 1 and 2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import blend, no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["Churn", "euler", "heun"]


class Churn(NamedTuple):
    """How much noise is added before each step; table 5 of EDM lists good values.

    ``amount`` is S_churn (spread over all steps), applied for noise levels within [``low``,
    ``high``] (S_min, S_max); ``scale`` is S_noise. Needs a schedule with an inverse.
    """

    amount: float
    low: float = 0.0
    high: float = math.inf
    scale: float = 1.003


Move = tuple[float, float, float, float, float, float, float]
"""``t, s, rescale, std, c_x, c_0, c_2``: from the (churned) time t to s, see :func:`heun`."""


def plan(schedule: Schedule, times: Sequence[float], churn: Churn | None) -> list[Move]:
    """Return the coefficients of each step; ``r = sigma / alpha`` is the noise level."""
    moves = []
    grid = steps(schedule, times)
    for t, s, alpha_t, sigma_t, alpha_s, sigma_s in grid:
        rescale, std = 1.0, 0.0
        if churn and churn.amount > 0 and alpha_t > 0:
            r_t = sigma_t / alpha_t
            if churn.low <= r_t <= churn.high:
                r_up = r_t * (1 + min(churn.amount / len(grid), math.sqrt(2) - 1))
                t = schedule.time(-2 * math.log(r_up))
                alpha_up = schedule(t)[0]
                rescale = alpha_up / alpha_t
                std = alpha_up * math.sqrt(r_up**2 - r_t**2) * churn.scale
                alpha_t, sigma_t = alpha_up, alpha_up * r_up
        c_x = sigma_s / sigma_t
        c_0 = alpha_s - alpha_t * c_x
        # alpha_s (r_t - r_s) / (2 r_s)
        c_2 = c_0 * alpha_s / (2 * alpha_t * c_x) if alpha_t * sigma_s > 0 else 0.0
        moves.append((t, s, rescale, std, c_x, c_0, c_2))
    return moves


@no_gradients
def euler(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    churn: Churn | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Yield Euler steps of ``dy/dr = (y - D) / r`` with ``y = x / alpha``, ``r = sigma / alpha``.

    ``y_s = y_t + (r_s - r_t) (y_t - D) / r_t``: EDM's algorithm 2 without lines 9-11. Without churn
    it is :func:`ddim` with eta = 0. Order 1.

    Args:
        times: decreasing. EDM's are ``karras_sigmas(n)``.
        x: (N, ...) at ``times[0]``; is not changed.
        churn: noise added before each step, for a stochastic sampler.
        generator: source of that noise.
    """
    for t, _, rescale, std, c_x, c_0, _ in plan(schedule, times, churn):
        if std > 0:
            x = (x * rescale).add_(noise_like(x, generator), alpha=std)
        x = blend(x, denoiser(x, t), c_x, c_0)
        yield x


@no_gradients
def heun(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    churn: Churn | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Yield Heun steps of ``dy/dr = (y - D) / r``: an Euler step, then the mean of both slopes.

    EDM's algorithms 1 and 2 (eq. 4 for schedules other than sigma = t). Written out, the correction
    is ``alpha_s (r_t - r_s) / (2 r_s) (D_s - D_t)``; it is left out where r_s = 0 or r_t is
    infinite. Two evaluations of the denoiser a step, one in a last step to 0. Order 2.

    Args:
        times: decreasing. EDM's are ``karras_sigmas(n)``.
        x: (N, ...) at ``times[0]``; is not changed.
        churn: noise added before each step, for a stochastic sampler.
        generator: source of that noise.
    """
    for t, s, rescale, std, c_x, c_0, c_2 in plan(schedule, times, churn):
        if std > 0:
            x = (x * rescale).add_(noise_like(x, generator), alpha=std)
        d = denoiser(x, t)
        x = blend(x, d, c_x, c_0)
        if c_2 > 0:
            x = torch.add(x, denoiser(x, s), alpha=c_2).sub_(d, alpha=c_2)
        yield x
