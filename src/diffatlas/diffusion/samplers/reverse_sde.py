"""The reverse-time SDE by Euler and Maruyama: Song et al. 2021, eq. 6 and section 4.1."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import blend, float_times, no_gradients, steps
from diffatlas.diffusion.sdes import SDE

__all__ = ["euler_maruyama"]


@no_gradients
def euler_maruyama(
    denoiser: Denoiser,
    sde: SDE,
    times: Sequence[float],
    x: Tensor,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Yield ``x - [f x - g^2 score] h + g sqrt(h) z`` with ``h = t - s`` for each step t -> s.

    ``score = (alpha D - x) / sigma^2`` at the time t where the step starts. The last step leaves
    the noise out, as the authors' code does.

    Args:
        times: decreasing, within [0, 1]; the paper's are 1000 equal steps from 1 down to 1e-3 (VP,
            sub-VP) or 1e-5 (VE).
        x: (N, ...) from ``sde.prior_sampling``; is not changed.
        generator: source of the noise.
    """
    plan = []
    f_g = torch.stack(sde.rates(float_times(times)), dim=1).tolist()
    for (t, s, alpha, sigma, _, _), (f, g) in zip(steps(sde, times), f_g, strict=False):
        h = t - s
        pull = g * g * h / sigma**2
        plan.append((t, 1 - f * h - pull, pull * alpha, g * math.sqrt(h)))
    plan[-1] = (*plan[-1][:3], 0.0)
    for t, c_x, c_0, std in plan:
        x = blend(x, denoiser(x, t), c_x, c_0)
        if std > 0:
            x.add_(noise_like(x, generator), alpha=std)
        yield x
