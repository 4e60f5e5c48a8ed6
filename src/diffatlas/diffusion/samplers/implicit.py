"""Denoising diffusion implicit models: Song, Meng & Ermon 2021, arXiv 2010.02502."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import blend, no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["ddim"]


@no_gradients
def ddim(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    eta: float = 0.0,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Yield ``x_s = alpha_s x_0 + sqrt(sigma_s^2 - w^2) eps + w z`` for each step t -> s; eq. 12.

    ``x_0 = D(x_t, t)``, ``eps = (x_t - alpha_t x_0) / sigma_t``, ``z ~ N(0, I)`` and
    ``w = eta sigma_s / sigma_t sqrt(v)`` (eq. 16) with ``v`` the variance of ``q(x_t | x_s)``.

    ``eta = 0``: deterministic; Euler's method for the probability-flow ODE of ``x / alpha`` in the
    variable ``sigma / alpha`` (eq. 14), exact when D is constant. With :class:`FlowMatching` it is
    Euler's method for the straight path. ``eta = 1``: ancestral sampling, the same as :func:`ddpm`.

    Args:
        times: decreasing; any schedule.
        x: (N, ...) at ``times[0]``; is not changed.
        eta: how much of the ancestral noise is drawn anew, in [0, 1].
        generator: source of the noise.
    """
    plan = []
    for step in steps(schedule, times):
        t, _, alpha_t, sigma_t, alpha_s, sigma_s = step
        w = eta * sigma_s / sigma_t * math.sqrt(step.transition()[1])
        c_x = math.sqrt(max(sigma_s**2 - w**2, 0.0)) / sigma_t
        plan.append((t, c_x, alpha_s - alpha_t * c_x, w))
    for t, c_x, c_0, w in plan:
        x = blend(x, denoiser(x, t), c_x, c_0)
        if w > 0:
            x.add_(noise_like(x, generator), alpha=w)
        yield x
