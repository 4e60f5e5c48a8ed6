"""Ancestral sampling, the reverse process of the DDPM: Ho et al. 2020, algorithm 2 and eq. 6-7."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from torch import Tensor

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import blend, no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["ddpm"]


@no_gradients
def ddpm(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    variance: Literal["small", "large"] = "small",
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Yield ``x_s ~ q(x_s | x_t, x_0 = D(x_t, t))`` for each step t -> s, shape of x.

    With ``q(x_t | x_s) = N(a x_s, v I)`` the posterior has (eq. 7, for any pair of times)

        mean      = a sigma_s^2 / sigma_t^2 * x_t + alpha_s v / sigma_t^2 * x_0
        variance  = v sigma_s^2 / sigma_t^2          ("small", the exact posterior for known x_0)
                    v                                ("large", the better choice for x_0 ~ N(0, I))

    and no noise when the step ends at sigma_s = 0. With alpha = 1 this is the ancestral sampler of
    the SMLD / VE process, Song et al. 2021, eq. 47.

    Args:
        times: decreasing; a DDPM's are ``T, T-1, ..., 0`` or a part of them.
        x: (N, ...) at ``times[0]``; is not changed.
        variance: which of the two variances.
        generator: source of the noise.
    """
    plan = []
    for step in steps(schedule, times):
        t, _, _, sigma_t, alpha_s, sigma_s = step
        a, v = step.transition()
        var = v * (sigma_s / sigma_t) ** 2 if variance == "small" else v * (sigma_s > 0)
        plan.append((t, a * (sigma_s / sigma_t) ** 2, alpha_s * v / sigma_t**2, math.sqrt(var)))
    for t, c_x, c_0, std in plan:
        x = blend(x, denoiser(x, t), c_x, c_0)
        if std > 0:
            x.add_(noise_like(x, generator), alpha=std)
        yield x
