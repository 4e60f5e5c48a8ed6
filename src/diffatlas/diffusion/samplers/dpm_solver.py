"""DPM-Solver++(2M): Lu et al. 2022, arXiv 2211.01095, algorithm 2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from torch import Tensor

from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import blend, no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["dpm_solver_2m"]


@no_gradients
def dpm_solver_2m(
    denoiser: Denoiser, schedule: Schedule, times: Sequence[float], x: Tensor
) -> Iterator[Tensor]:
    """Yield ``x_s = sigma_s / sigma_t x_t - alpha_s (exp(-h) - 1) E`` for each step t -> s.

    ``h`` is the step in ``log(alpha / sigma)`` and ``E = (1 + w) D_t - w D_before``, ``w = h / (2
    h_before)``, the denoiser extrapolated to the middle of the step (eq. 13-14). The first step,
    and a last one to sigma = 0, take ``E = D_t``, which makes them DDIM's. One evaluation a step,
    order 2.

    Args:
        times: decreasing, best equally spaced in log-SNR (:func:`~diffatlas.diffusion.times.
            log_snr_times`) or Karras's.
        x: (N, ...) at ``times[0]``; is not changed.
    """
    plan = []
    h_before = math.inf
    for t, _, alpha_t, sigma_t, alpha_s, sigma_s in steps(schedule, times):
        c_x = sigma_s / sigma_t
        c_0 = alpha_s - alpha_t * c_x
        # At the ends of some schedules log-SNR is infinite: there the first order is exact.
        h = math.log(alpha_s / (alpha_t * c_x)) if alpha_t * sigma_s > 0 else math.inf
        w = h / (2 * h_before) if math.isfinite(h) and math.isfinite(h_before) else 0.0
        plan.append((t, c_x, c_0 * (1 + w), -c_0 * w))
        h_before = h
    before = x
    for t, c_x, c_0, c_1 in plan:
        d = denoiser(x, t)
        x = blend(x, d, c_x, c_0)
        if c_1 != 0:
            x.add_(before, alpha=c_1)
        before = d
        yield x
