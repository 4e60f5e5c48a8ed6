"""The mixture that serves as ground truth, and one thread so that figures repeat."""

from __future__ import annotations

import pytest
import torch

from diffatlas.diffusion.mixture import GaussianMixture


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="session")
def mixture() -> GaussianMixture:
    """Three unequal, anisotropic, off-centre components in the plane, float64."""
    return GaussianMixture(
        weights=[0.5, 0.3, 0.2],
        means=[[-0.9, 0.4], [0.8, 0.7], [0.3, -0.8]],
        variances=[[0.02, 0.09], [0.05, 0.03], [0.04, 0.04]],
        dtype=torch.float64,
    )
