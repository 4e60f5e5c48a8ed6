"""Ordinary differential equations through torchdiffeq, on any device."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch

__all__ = ["integrate"]

ADAPTIVE = ("dopri8", "dopri5", "bosh3", "fehlberg2", "adaptive_heun")


def integrate(
    f: Callable[[float, Any], Any],
    y: Any,
    times: Sequence[float],
    rtol: float = 1e-5,
    atol: float = 1e-5,
    method: str = "dopri5",
) -> Any:
    """Return the solution of ``dy/dt = f(t, y)`` at all ``times``, the first being that of ``y``.

    ``y`` is a tensor or a tuple of tensors; each comes back with a leading axis of ``len(times)``.
    ``f`` gets the time as a Python float, so that its coefficients are float64, and never
    one outside of ``times``, where a schedule may not be defined.

    Raises:
        ValueError: ``times`` are not two or more finite numbers that all rise, or all fall.
        FloatingPointError: the solver's step size underflowed, mostly because ``f`` became NaN.
    """
    grid = [float(t) for t in times]
    steps = [b - a for a, b in pairwise(grid)]
    if not steps or not (0 < min(steps) < math.inf or -math.inf < max(steps) < 0):
        raise ValueError(
            f"the times of an ODE must be two or more finite numbers that all rise, or all fall; "
            f"got {grid}"
        )
    from torchdiffeq import odeint  # brings scipy along: only those who solve an ODE wait for it

    device = (y[0] if isinstance(y, tuple) else y).device
    # Steps are kept in double precision where there is any: MPS has none.
    clock = torch.float32 if device.type == "mps" else torch.float64
    t = torch.tensor(grid, dtype=clock, device=device)
    lo, hi = t.min().item(), t.max().item()
    options = None
    if method in ADAPTIVE:
        # Without a stop at the end the solver would step past it and interpolate back.
        options = {"dtype": clock, "step_t": t[-1:]}

    def within(s: torch.Tensor, state: Any) -> Any:
        return f(min(max(float(s), lo), hi), state)

    try:
        return odeint(within, y, t, rtol=rtol, atol=atol, method=method, options=options)
    except AssertionError as reason:
        message = f"the ODE solver '{method}' came to a stop: {reason}"
        raise FloatingPointError(f"{message}; is the denoiser finite at all times?") from reason
