"""Annealed Langevin dynamics: Song & Ermon 2019 (algorithm 1) and 2020 (technique 4)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import blend, no_gradients
from diffatlas.diffusion.schedules import Schedule

__all__ = ["annealed_langevin", "langevin_step_size"]


@no_gradients
def annealed_langevin(
    denoiser: Denoiser,
    schedule: Schedule,
    times: Sequence[float],
    x: Tensor,
    steps: int = 5,
    step_size: float | None = None,
    denoise: bool = True,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Yield ``x + a_i score(x, sigma_i) + sqrt(2 a_i) z``, ``steps`` times at each noise level.

    ``a_i = step_size sigma_i^2 / sigma_L^2`` (sigma_L the last level), so that signal and noise of
    a step keep their ratio. At the end comes ``D(x, sigma_L)``, the mean without noise (2020,
    section 3), which the eye hardly sees and FID does. The paper of 2019 writes its steps as
    ``alpha_i / 2`` and ends without denoising: its ``epsilon`` is twice ``step_size``.

    Args:
        times: decreasing, all with sigma > 0 (:func:`~diffatlas.diffusion.times.geometric_sigmas`).
        x: (N, ...), any start; both papers draw it uniformly over the range of images.
        steps: updates at each level (T in the papers: 100 in 2019; 3 to 5 in 2020).
        step_size: epsilon of 2020; by default from technique 4, :func:`langevin_step_size`.
        denoise: whether the last state is the denoised one (one more evaluation).
        generator: source of the noise.

    Raises:
        ValueError: a level has no noise, or the levels do not decrease.
    """
    levels = [(float(t), *schedule(float(t))) for t in times]
    sigmas = [sigma / alpha for _, alpha, sigma in levels]
    if not levels or min(sigmas) <= 0 or sigmas != sorted(sigmas, reverse=True):
        raise ValueError(
            "annealed Langevin dynamics needs decreasing times, all of them with noise"
        )
    if step_size is None:
        ratio = langevin_step_size(sigmas, steps) / sigmas[-1] ** 2
    else:
        ratio = step_size / levels[-1][2] ** 2  # a_i / sigma_i^2, the same at all levels
    # score = (alpha D - x) / sigma^2
    plan = [(t, 1 - ratio, ratio * a, math.sqrt(2 * ratio) * s) for t, a, s in levels]
    for t, c_x, c_0, std in plan:
        for _ in range(steps):
            x = blend(x, denoiser(x, t), c_x, c_0).add_(noise_like(x, generator), alpha=std)
            yield x
    if denoise:
        yield denoiser(x, levels[-1][0])


def langevin_step_size(sigmas: Sequence[float], steps: int) -> float:
    """Return epsilon such that ``steps`` updates bring one level's spread down to the next one's.

    Song & Ermon 2020, technique 4: with ``q = 1 - epsilon / sigma_L^2`` and ``g`` the ratio of
    neighbouring levels, the variance after T updates relative to the level's own is

        q^(2T) (g^2 - 2 e / (1 - q^2)) + 2 e / (1 - q^2),    e = epsilon / sigma_L^2 ,

    and epsilon makes it as close to 1 as it gets. ``g`` is the mean ratio of the levels given.
    """
    n = len(sigmas)
    g = (sigmas[0] / sigmas[-1]) ** (1 / (n - 1)) if n > 1 else 1.0

    def off(e: float) -> float:
        rest = 2 * e / (1 - (1 - e) ** 2)
        return abs((1 - e) ** (2 * steps) * (g * g - rest) + rest - 1)

    # The ratio falls from g^2 at e = 0, passes (or comes nearest to) 1 and rises again: grid, then
    # refine.
    grid = [10 ** (-6 + 6 * i / 600) for i in range(600)]
    best = min(range(600), key=lambda i: off(grid[i]))
    lo, hi = grid[max(best - 1, 0)], grid[min(best + 1, 599)]
    for _ in range(60):
        a, b = lo + (hi - lo) / 3, hi - (hi - lo) / 3
        lo, hi = (lo, b) if off(a) < off(b) else (a, hi)
    return (lo + hi) / 2 * sigmas[-1] ** 2
