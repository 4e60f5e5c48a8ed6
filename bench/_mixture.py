"""The mixture in the plane on which the samplers are checked."""

from __future__ import annotations

import torch

from diffatlas.diffusion.mixture import GaussianMixture

__all__ = ["planar_mixture"]


def planar_mixture() -> GaussianMixture:
    """Three unequal, anisotropic, off-centre components in the plane, float64."""
    return GaussianMixture(
        weights=[0.5, 0.3, 0.2],
        means=[[-0.9, 0.4], [0.8, 0.7], [0.3, -0.8]],
        variances=[[0.02, 0.09], [0.05, 0.03], [0.04, 0.04]],
        dtype=torch.float64,
    )
