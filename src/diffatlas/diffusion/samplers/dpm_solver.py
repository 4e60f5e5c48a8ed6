"""DPM-Solver++(2M) and its stochastic form: Lu et al. 2022, arXiv 2211.01095, algorithm 2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import blend, no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["dpm_solver_2m"]


@no_gradients
def dpm_solver_2m(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    eta: float = 0.0,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Yield ``x_s = alpha_s E + sigma_s (k eps + sqrt(1 - k^2) z)`` for each step t -> s.

    ``E = (1 + w) D_t - w D_before``, ``w = h / (2 h_before)`` is the denoiser extrapolated to the
    middle of the step, where ``h`` is the step in ``log(alpha / sigma)``; ``eps = (x_t - alpha_t E)
    / sigma_t`` is the noise that it leaves and ``k = exp(-eta h)`` the part of it that is kept; the
    rest is drawn anew (``z``). Without fresh noise (``eta = 0``) it solves the probability-flow ODE
    with order 2 (eq. 13-14), with ``eta = 1`` the reverse SDE. Any ``eta`` has the same densities;
    above 1 it is the reverse SDE with Langevin dynamics on top (Karras et al. 2022, eq. 6 with
    ``beta = eta sigma' / sigma``), which corrects earlier errors. The first step, and a last one to
    sigma = 0, take ``E = D_t``. One evaluation a step.

    Args:
        times: decreasing, best equally spaced in log-SNR (:func:`~diffatlas.diffusion.times.
            log_snr_times`) or Karras's.
        x: (N, ...) at ``times[0]``; is not changed.
        eta: how much noise is drawn anew, at least 0.
        generator: source of the noise.

    Raises:
        ValueError: ``eta`` is negative.
    """
    if not eta >= 0:
        raise ValueError(f"eta = {eta}: the noise drawn anew cannot be less than none, 0")
    plan = []
    h_before = math.inf
    for t, _, alpha_t, sigma_t, alpha_s, sigma_s in steps(schedule, times):
        ratio = (alpha_t * sigma_s) / (alpha_s * sigma_t)  # exp(-h)
        # At the ends of some schedules log-SNR is infinite: there the first order is exact.
        h = -math.log(ratio) if ratio > 0 else math.inf
        w = h / (2 * h_before) if math.isfinite(h) and math.isfinite(h_before) else 0.0
        c_x = sigma_s / sigma_t * ratio**eta
        c_0 = alpha_s - alpha_t * c_x
        std = sigma_s * math.sqrt(max(0.0, 1 - ratio ** (2 * eta)))
        plan.append((t, c_x, c_0 * (1 + w), -c_0 * w, std))
        h_before = h
    before = x
    for t, c_x, c_0, c_1, std in plan:
        d = denoiser(x, t)
        x = blend(x, d, c_x, c_0)
        if c_1 != 0:
            x.add_(before, alpha=c_1)
        if std > 0:
            x.add_(noise_like(x, generator), alpha=std)
        before = d
        yield x
