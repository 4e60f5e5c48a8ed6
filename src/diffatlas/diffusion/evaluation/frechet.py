"""The Frechet distance between the Gaussians fitted to two sets of features."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["frechet_distance"]


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Squared Wasserstein-2 distance of the Gaussians fitted to two sets of features; >= 0.

    Heusel et al. 2017, "GANs trained by a two time-scale update rule" (arXiv 1706.08500), eq. 6:
    ``|mu_a - mu_b|^2 + tr(A + B - 2 (A^(1/2) B A^(1/2))^(1/2))``, with covariances A and B. The
    root is of a symmetric matrix, so no imaginary parts have to be thrown away. It falls with the
    number of samples: compare equal numbers only. Symmetric; in squared units of the features.

    Args:
        a, b: (N, d) and (M, d), double precision, N and M at least 2.

    Raises:
        ValueError: one set has fewer than two points, or the widths differ.
    """
    if min(len(a), len(b)) < 2 or a.shape[1:] != b.shape[1:]:
        raise ValueError(
            "a Frechet distance needs two or more points a side, of the same width; "
            f"got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    mean = (a.mean(0) - b.mean(0)).square().sum()
    cov_a, cov_b = torch.cov(a.T), torch.cov(b.T)
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    return max(0.0, float(mean + cov_a.trace() + cov_b.trace() - 2 * cross))
