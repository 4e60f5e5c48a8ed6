"""The mixture that serves as ground truth, and one thread so that figures repeat."""

from __future__ import annotations

import pytest
import torch
from bench._mixture import planar_mixture

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
    return planar_mixture()
