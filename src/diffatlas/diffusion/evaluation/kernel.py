"""The kernel distance (KID): a mean discrepancy that the number of samples does not bias."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Estimate", "kernel_distance", "standardize", "unbiased_mmd"]


class Estimate(NamedTuple):
    """A mean with its standard error."""

    value: float
    standard_error: float


def kernel_distance(real: Tensor, fake: Tensor, subsets: int = 10) -> Estimate:
    """Kernel distance between features (N, d) and (M, d): mean and standard error over subsets.

    Binkowski et al. 2018, "Demystifying MMD GANs" (arXiv 1801.01401), section 4: the squared
    maximum mean discrepancy with ``k(x, y) = (x.y / d + 1)^3``, unbiased, so that it scatters
    around zero (and may be negative) for equal distributions. They average over random subsets;
    here the subsets are disjoint, the first ``min(N, M)`` points in order, so that their scatter
    is an honest standard error. The kernel is not scale-free: :func:`standardize` first.

    Raises:
        ValueError: fewer than two points a subset, or fewer than two subsets.
    """
    size = min(len(real), len(fake)) // max(1, subsets)
    if subsets < 2 or size < 2:
        raise ValueError(
            f"a kernel distance needs two or more subsets of two or more points; got {subsets} "
            f"subsets of {len(real)} and {len(fake)} points"
        )
    x, y = (points[: subsets * size].split(size) for points in (real, fake))
    values = torch.stack([unbiased_mmd(*pair) for pair in zip(x, y, strict=True)])
    return Estimate(float(values.mean()), float(values.std() / subsets**0.5))


def unbiased_mmd(x: Tensor, y: Tensor) -> Tensor:
    """Squared mean discrepancy of (N, d) and (M, d) under the cubic kernel, a scalar.

    Gretton et al. 2012, "A kernel two-sample test", eq. 3: a point is never paired with itself.
    """

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def among(a: Tensor) -> Tensor:
        k = kernel(a, a)
        return (k.sum() - k.diagonal().sum()) / (len(a) * (len(a) - 1))

    return among(x) + among(y) - 2 * kernel(x, y).mean()


def standardize(reference: Tensor, *others: Tensor) -> list[Tensor]:
    """All sets (N, d) with the mean and the deviation of ``reference`` taken out, by feature.

    A feature that is constant in ``reference`` keeps its scale.
    """
    mean, deviation = reference.mean(0), reference.std(0)
    deviation = torch.where(deviation > 0, deviation, torch.ones_like(deviation))
    return [(points - mean) / deviation for points in (reference, *others)]
