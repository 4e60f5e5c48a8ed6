"""Weights of multistep solvers: a polynomial through known values, integrated over a step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from diffatlas.diffusion.samplers._steps import Step

__all__ = ["combine", "half_log_snr", "history", "integrate_lagrange"]

Array = NDArray[np.float64]

# Sixteen Gauss-Legendre points on [0, 1]: exact to rounding for exp(h x) up to h = 20.
_POINTS, _MASSES = (
    (a * b) for a, b in zip(np.polynomial.legendre.leggauss(16), (1.0, 0.5), strict=True)
)
_POINTS = (_POINTS + 1) / 2


def half_log_snr(alpha: float, sigma: float) -> float:
    """Return ``lambda = log(alpha / sigma)``; infinite where one of them is zero."""
    if alpha <= 0 or sigma <= 0:
        return -math.inf if alpha <= 0 else math.inf
    return math.log(alpha / sigma)


def history(grid: Sequence[Step], order: int, lower_order_final: bool) -> list[int]:
    """Return how many values each step of ``grid`` can use, its own start included.

    At most ``order``; 1 in the first step, 2 in the second and so on; at the end down to 1 again
    if ``lower_order_final``. A value at infinite log-SNR cannot be interpolated: a step that
    starts or ends there uses its own start alone, and none after it looks back that far.
    """
    counts, known = [], 0
    for i, step in enumerate(grid):
        known = known + 1 if step.alpha_t > 0 else 0
        left = len(grid) - i if lower_order_final else order
        counts.append(min(order, max(known, 1), left) if step.sigma_s > 0 else 1)
    return counts


def integrate_lagrange(
    nodes: Array, start: Array, stop: Array, sign: int, variable: Callable[[Array], Array]
) -> Array:
    """Return ``sign int exp(sign (l - stop)) L_j(u(l)) dl`` from ``start`` to ``stop``.

    ``L_j`` are the Lagrange polynomials of the nodes, so that the sum over j of values times
    weights integrates the polynomial in u through the values.

    Args:
        nodes: (n, p) values of u at which each of n steps knows something.
        start, stop: (n,) the steps' ends in ``l = log(alpha / sigma)``.
        sign: +1 for data, whose measure is ``d(alpha / sigma)``; -1 for noise: ``d(sigma /
            alpha)``.
        variable: ``u(l)``, elementwise.

    Returns:
        (n, p) weights, relative to ``exp(sign stop)``.
    """
    h = (stop - start)[:, None]
    mass = sign * h * _MASSES * np.exp(-sign * h * (1 - _POINTS))  # (n, q)
    u = variable(start[:, None] + h * _POINTS)
    weights = np.empty_like(nodes)
    for j in range(nodes.shape[1]):
        lagrange = mass.copy()
        for k in range(nodes.shape[1]):
            if k != j:
                lagrange *= (u - nodes[:, k, None]) / (nodes[:, j] - nodes[:, k])[:, None]
        weights[:, j] = lagrange.sum(1)
    return weights


def combine(x: Tensor, c_x: float, values: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """Return ``c_x x + sum_j weights[j] values[j]``, a new tensor."""
    y = x * c_x
    for value, weight in zip(values, weights, strict=False):
        y.add_(value, alpha=weight)
    return y
