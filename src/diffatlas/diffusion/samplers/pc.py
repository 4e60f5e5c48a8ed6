"""Predictor-corrector sampling: Song et al. 2021, algorithms 1-5 and appendix G."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.linalg import vector_norm

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import blend, no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["predictor_corrector"]


@no_gradients
def predictor_corrector(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    snr: float = 0.16,
    corrections: int = 1,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Yield the state after Langevin corrections at t and a reverse-diffusion step t -> s.

    Corrector: ``x + e score + sqrt(2 e) z`` with ``e = 2 a^2 (snr |z| / |score|)^2`` (algorithms 4
    and 5), the norms averaged over the batch. Predictor: ``(2 - a) x + v score + sqrt(v) z`` (eq.
    46), where ``q(x_t | x_s) = N(a x_s, v I)`` is the forward process over the same step. That is
    algorithm 2 for VE (a = 1) and algorithm 3 for VP (a = sqrt(1 - beta)). The order of the two is
    that of the authors' code. The last step ends with the predictor's mean, without its noise.

    Args:
        times: decreasing, sigma > 0 at all but the last.
        x: (N, ...) at ``times[0]``, from the prior; is not changed.
        snr: r of the paper: 0.16 for VE, 0.01 for VP and sub-VP on CIFAR-10.
        corrections: Langevin steps at each time (M); with 0 only the predictor is left.
        generator: source of the noise.
    """
    plan = []
    for step in steps(schedule, times):
        t, _, alpha, sigma, _, _ = step
        a, v = step.transition()
        of_score, of_mean = (
            (-1 / sigma**2, alpha / sigma**2),
            (2 - a - v / sigma**2, v * alpha / sigma**2),
        )
        plan.append((t, of_score, a * snr, of_mean, math.sqrt(v)))
    axes = tuple(range(1, x.ndim))
    for i, (t, (s_x, s_0), k, (c_x, c_0), std) in enumerate(plan):
        for _ in range(corrections):
            score = (x * s_x).add_(denoiser(x, t), alpha=s_0)
            z = noise_like(x, generator)
            # With q = |z| / |score| and e = 2 (k q)^2 the move is q (2 k^2 q score + 2 k z).
            q = vector_norm(z, dim=axes).sum() / vector_norm(score, dim=axes).sum()
            x = torch.addcmul(x, z.mul_(2 * k).addcmul_(score, q, value=2 * k * k), q)
        x = blend(x, denoiser(x, t), c_x, c_0)
        if i < len(plan) - 1:
            x.add_(noise_like(x, generator), alpha=std)
        yield x
