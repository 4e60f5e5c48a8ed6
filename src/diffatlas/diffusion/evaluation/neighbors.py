"""Precision, recall, density and coverage: who has neighbors on the other side.

Around every point of one set lies a ball that reaches to its k-th neighbor in the same set. The
union of the balls stands for the set's manifold.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Manifold", "coverage", "manifold"]


ROWS = 1000  # of a distance matrix at a time, so that memory stays small


class Manifold(NamedTuple):
    """What :func:`manifold` returns, each higher the better."""

    precision: float
    """Share of the fakes inside a real point's ball, 0 to 1. Noise can score well: outliers among
    the real points have large balls."""
    recall: float
    """Share of the real points inside a fake's ball, 0 to 1. Scattered fakes have large balls."""
    density: float
    """How many real balls a fake lies in, over k: 1 for real images, more in dense places."""
    coverage: float
    """Share of the real points with a fake in their ball, 0 to 1. It sees missing modes."""


def manifold(real: Tensor, fake: Tensor, nearest: int = 5) -> Manifold:
    """The four measures at once, from features (N, d) and (M, d).

    Precision and recall are those of Kynkaanniemi et al. 2019, "Improved precision and recall
    metric for assessing generative models" (arXiv 1904.06991), eq. 1 and 2; density and coverage
    of Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models" (arXiv
    2002.09797), eq. 4 and 6. All depend on N and M, so compare equal numbers only.

    Args:
        nearest: k, below N and M.

    Raises:
        ValueError: a set has no more than ``nearest`` points.
    """
    if min(len(real), len(fake)) <= nearest:
        raise ValueError(
            f"neighbors number {nearest} need more points than that on both sides, "
            f"got {len(real)} real and {len(fake)} fake ones"
        )
    real_ball, fake_ball = _radii(real, nearest), _radii(fake, nearest)
    balls = torch.zeros(len(fake), dtype=torch.int64, device=fake.device)  # that each fake is in
    recalled, nearest_fake = [], []
    for points, radius in zip(real.split(ROWS), real_ball.split(ROWS), strict=True):
        between = _distances(points, fake)
        balls += (between < radius[:, None]).sum(0)
        recalled.append((between < fake_ball).any(1))
        nearest_fake.append(between.min(1).values)
    return Manifold(
        precision=_share(balls > 0),
        recall=_share(torch.cat(recalled)),
        density=float(balls.double().mean() / nearest),
        coverage=_share(torch.cat(nearest_fake) < real_ball),
    )


def coverage(real: Tensor, fake: Tensor, nearest: int = 5) -> float:
    """:attr:`Manifold.coverage` alone."""
    return manifold(real, fake, nearest).coverage


def _radii(points: Tensor, nearest: int) -> Tensor:
    """(N,) distances to the ``nearest``-th neighbor, the point itself not counted."""
    parts = [
        _distances(part, points).kthvalue(nearest + 1, 1).values for part in points.split(ROWS)
    ]
    return torch.cat(parts)


def _distances(a: Tensor, b: Tensor) -> Tensor:
    """(N, M), from differences: by a matrix product, equal points are a little apart."""
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def _share(hits: Tensor) -> float:
    return float(hits.double().mean())
