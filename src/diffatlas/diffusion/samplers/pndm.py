"""Pseudo linear multi-step method (PLMS): Liu et al. 2022, arXiv 2202.09778."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import no_gradients, steps
from diffatlas.diffusion.schedules import Schedule

__all__ = ["plms"]

ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)


@no_gradients
def plms(
    denoiser: Denoiser, schedule: Schedule, times: Sequence[float], x: Tensor
) -> Iterator[Tensor]:
    """Yield DDIM steps along an eps extrapolated from up to four earlier ones (eq. 9, 12).

    ``x_s = alpha_s / alpha_t x_t + (sigma_s - alpha_s sigma_t / alpha_t) e`` where ``e`` combines
    the last eps with Adams and Bashforth's weights for equal steps. The first step averages the eps
    at both of its ends, so n steps cost n + 1 evaluations. Deterministic.

    Args:
        times: decreasing, near to equally spaced; alpha > 0 at all of them.
        x: (N, ...) at ``times[0]``; is not changed.

    Raises:
        ValueError: alpha is zero at one of the times, or these do not decrease.
    """
    grid = steps(schedule, times)
    if pure := [step.t for step in grid if step.alpha_t <= 0]:
        raise ValueError(
            f"plms starts from pure noise at t = {pure[0]:g} of {schedule}, where eps says nothing "
            "of the image: begin a little below that"
        )
    plan = []
    for i, (t, _, alpha_t, _, alpha_s, sigma_s) in enumerate(grid):
        c_x = alpha_s / alpha_t
        c_e = sigma_s - c_x * grid[i].sigma_t
        # The past holds x - alpha D = sigma eps, one operation; its sigma goes into the weight.
        bashforth = enumerate(ADAMS_BASHFORTH[min(i, 3)])
        plan.append((t, alpha_t, c_x, [c_e * w / grid[i - j].sigma_t for j, w in bashforth]))
    past: deque[Tensor] = deque(maxlen=4)
    for i, (t, alpha_t, c_x, weights) in enumerate(plan):
        noise = torch.sub(x, denoiser(x, t), alpha=alpha_t)
        past.appendleft(noise)
        y = x * c_x
        if i == 0 and len(grid) > 1:
            end, (w,) = grid[1], weights
            guess = torch.add(y, noise, alpha=w)
            other = torch.sub(guess, denoiser(guess, end.t), alpha=end.alpha_t)
            y.add_(noise, alpha=w / 2).add_(other, alpha=w / 2 * grid[0].sigma_t / end.sigma_t)
        else:
            for e, w in zip(past, weights, strict=True):
                y.add_(e, alpha=w)
        x = y
        yield x
