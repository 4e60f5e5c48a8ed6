"""UniPC, a predictor and a corrector of one form: Zhao et al. 2023, arXiv 2302.04867."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from torch import Tensor

from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._multistep import (
    combine,
    half_log_snr,
    history,
    integrate_lagrange,
)
from diffatlas.diffusion.samplers._steps import Step, no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["unipc"]

Weights = list[list[float]]
"""For each step the weights of its values of D, newest first; empty where there is no such move."""


@no_gradients
def unipc(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    order: int = 2,
    variant: Literal["bh1", "bh2"] = "bh2",
    correct: bool = True,
    lower_order_final: bool = True,
) -> Iterator[Tensor]:
    """Yield the prediction of UniP-p at the end s of each step t -> s, shape of x.

    With ``h`` the step in ``log(alpha / sigma)``, ``r_m`` the place of another time in units of
    ``h``, seen from t, and ``D_m`` the denoiser there, both moves read (data prediction)

        x_s = sigma_s / sigma_t x_t + alpha_s (1 - e^-h) D_t
              + alpha_s B(h) sum_m a_m (D_m - D_t) / r_m

    UniP-p (algorithm 2, order p) looks at p - 1 earlier times; UniC-p (algorithm 1, order p + 1) at
    s as well, r = 1, where the next step evaluates D anyway: one evaluation a step. The corrected
    state is what the next prediction starts from; nothing corrects the last one.

    The ``a_m`` match the Taylor expansion of the exact solution (theorem 3.1): what they give is
    the polynomial in log-SNR through the D's, integrated exactly, for any B. In the two cases of a
    single ``a`` (UniP-2, UniC-1) the paper takes 1/2, and there ``B_1 = h`` differs from
    ``B_2 = 1 - e^-h``.

    Args:
        times: decreasing, best equally spaced in log-SNR. Steps at infinite log-SNR (alpha = 0 at
            the start, sigma = 0 at the end) are DDIM's.
        x: (N, ...) at ``times[0]``; is not changed.
        order: p, 1 or more; the paper recommends 3, and 2 with guidance.
        variant: B_1 ("bh1") or B_2 ("bh2").
        correct: False leaves UniC out, which makes it UniP-p.
        lower_order_final: whether p falls to 1 in the last steps, as in the authors' code.

    Raises:
        ValueError: the order is below 1 or the variant is unknown.
    """
    if order < 1 or variant not in ("bh1", "bh2"):
        raise ValueError(f"UniPC has orders from 1 and variants bh1, bh2; not {order}, {variant}")
    grid = steps(schedule, times)
    counts = history(grid, order, lower_order_final)
    ratios = [step.sigma_s / step.sigma_t for step in grid]
    predict = _weights(grid, counts, variant, ahead=False)
    mend = _weights(grid, counts, variant, ahead=True)
    past: deque[Tensor] = deque(maxlen=max(counts) + 1)
    y = x
    for i, step in enumerate(grid):
        past.appendleft(denoiser(x, step.t))
        # y is still the corrected state of the step before.
        y = combine(y, ratios[i - 1], past, mend[i - 1]) if correct and i and mend[i - 1] else x
        x = combine(y, ratios[i], past, predict[i])
        yield x


def _weights(grid: list[Step], counts: list[int], variant: str, ahead: bool) -> Weights:
    """Return the weights of UniP, or with ``ahead`` of UniC, whose newest D is the one at s."""
    lambdas = [half_log_snr(step.alpha_t, step.sigma_t) for step in grid]
    ends = [*lambdas[1:], half_log_snr(grid[-1].alpha_s, grid[-1].sigma_s)]
    found: Weights = [[] for _ in grid]
    for p in set(counts):
        inner = [i for i, q in enumerate(counts) if q == p and math.isfinite(ends[i] - lambdas[i])]
        if not inner:
            continue
        nodes = np.array([([ends[i]] if ahead else []) + lambdas[i::-1][:p] for i in inner])
        start, stop = (np.array([row[i] for i in inner]) for row in (lambdas, ends))
        weights = integrate_lagrange(nodes, start, stop, 1, lambda u: u)
        if nodes.shape[1] == 2:
            h = stop - start
            b = h if variant == "bh1" else -np.expm1(-h)
            other = 0 if ahead else 1  # the column of the D that is not D_t
            weights[:, other] = b * h / (2 * (nodes[:, other] - start))
            weights[:, 1 - other] = -np.expm1(-h) - weights[:, other]
        for i, row in zip(inner, weights * [[grid[i].alpha_s] for i in inner], strict=True):
            found[i] = row.tolist()
    if not ahead:
        for i, step in enumerate(grid):
            found[i] = found[i] or [step.alpha_s - step.alpha_t * step.sigma_s / step.sigma_t]
    return found
