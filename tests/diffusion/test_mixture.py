"""The oracle itself, against integrals and derivatives that do not use its formulas."""

from __future__ import annotations

import math

import pytest
import torch

from diffatlas.diffusion.mixture import GaussianMixture
from diffatlas.diffusion.schedules import VP

PLACES = [(1.0, 0.0), (0.9, 0.3), (0.4, 0.9), (0.0, 1.0), (1.0, 5.0)]


def grid(width: float, n: int = 401) -> tuple[torch.Tensor, float]:
    axis = torch.linspace(-width, width, n, dtype=torch.float64)
    points = torch.cartesian_prod(axis, axis)
    return points, (2 * width / (n - 1)) ** 2


@pytest.mark.parametrize(("alpha", "sigma"), PLACES)
def test_density_integrates_to_one(mixture, alpha, sigma):
    points, area = grid(3 + 6 * sigma)
    total = mixture.log_prob(points, alpha, sigma).exp().sum().item() * area
    assert total == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("alpha", "sigma"), PLACES)
def test_score_is_the_gradient_of_the_log_density(mixture, generator, alpha, sigma):
    x = torch.randn(32, 2, dtype=torch.float64, generator=generator).requires_grad_()
    (gradient,) = torch.autograd.grad(mixture.log_prob(x, alpha, sigma).sum(), x)
    torch.testing.assert_close(mixture.score(x.detach(), alpha, sigma), gradient)


@pytest.mark.parametrize(("alpha", "sigma"), [(0.9, 0.3), (0.4, 0.9), (1.0, 2.0)])
def test_denoiser_is_the_posterior_mean(mixture, alpha, sigma):
    """E[x_0 | x] = int x_0 p(x_0) N(x; alpha x_0, sigma^2 I) dx_0 / p(x), by quadrature."""
    x = torch.tensor([[0.2, -0.5], [-1.4, 0.3], [1.0, 1.0]], dtype=torch.float64)
    points, area = grid(3.0)
    prior = mixture.log_prob(points).exp() * area
    square = ((x[:, None] - alpha * points) ** 2).sum(-1)
    joint = prior * torch.exp(-square / (2 * sigma**2)) / (2 * math.pi * sigma**2)
    expected = (joint @ points) / joint.sum(1, keepdim=True)
    torch.testing.assert_close(mixture.denoise(x, alpha, sigma), expected, atol=1e-6, rtol=1e-6)


def test_one_time_for_each_sample_equals_one_by_one(mixture, generator):
    x = torch.randn(5, 2, dtype=torch.float64, generator=generator)
    t = torch.tensor([0.1, 0.3, 0.5, 0.8, 1.0], dtype=torch.float64)
    together = mixture.denoiser(VP())(x, t)
    alone = torch.cat([mixture.denoiser(VP())(x[i : i + 1], t[i].item()) for i in range(5)])
    torch.testing.assert_close(together, alone)


def test_samples_have_the_mean_and_covariance_that_are_claimed(mixture, generator):
    x = mixture.sample(200_000, generator)
    torch.testing.assert_close(x.mean(0), mixture.mean(), atol=0.01, rtol=0)
    torch.testing.assert_close(torch.cov(x.T), mixture.covariance(), atol=0.01, rtol=0)


def test_images_are_treated_as_flat_vectors(generator):
    means = torch.randn(3, 1, 4, 5, generator=generator, dtype=torch.float64)
    images = GaussianMixture([1, 2, 3], means, 0.1)
    flat = GaussianMixture([1, 2, 3], means.flatten(1), 0.1)
    x = images.sample(7, generator)
    assert x.shape == (7, 1, 4, 5)
    torch.testing.assert_close(
        images.score(x, 0.8, 0.6).flatten(1), flat.score(x.flatten(1), 0.8, 0.6)
    )
    torch.testing.assert_close(images.log_prob(x), flat.log_prob(x.flatten(1)))


@pytest.mark.parametrize(
    ("weights", "variances", "message"),
    [([1.0], 1.0, "weights"), ([1.0, -1.0], 1.0, "weights"), ([1.0, 1.0], -1.0, "variances")],
)
def test_impossible_parameters_are_refused(weights, variances, message):
    with pytest.raises(ValueError, match=message):
        GaussianMixture(weights, [[0.0], [1.0]], variances)
