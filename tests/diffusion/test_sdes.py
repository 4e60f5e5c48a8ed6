"""The three SDEs: their marginals, priors and the two ways back."""

from __future__ import annotations

import math

import pytest
import torch

from diffatlas.diffusion.ode import integrate
from diffatlas.diffusion.sdes import SDE, VESDE, VPSDE, SubVPSDE

SDES = [VESDE(0.02, 8.0), VPSDE(), SubVPSDE(), VPSDE(0.5, 3.0)]
each_sde = pytest.mark.parametrize("sde", SDES, ids=[repr(s) for s in SDES])


@each_sde
def test_marginal_solves_the_moment_equations(sde: SDE):
    """dm/dt = f m and dv/dt = 2 f v + g^2, integrated, give alpha and sigma^2."""
    alpha0, sigma0 = sde(0.0)
    start = torch.tensor([alpha0, sigma0**2], dtype=torch.float64)

    def moments(t: float, y: torch.Tensor) -> torch.Tensor:
        f, g = sde.rates(t)
        return torch.stack([f * y[0], 2 * f * y[1] + g * g])

    times = [0.0, 0.1, 0.5, 1.0]
    path = integrate(moments, start, times, rtol=1e-9, atol=1e-12)
    for t, (mean, variance) in zip(times, path.tolist(), strict=True):
        assert sde(t)[0] == pytest.approx(mean, rel=1e-6)
        assert sde(t)[1] ** 2 == pytest.approx(variance, rel=1e-6, abs=1e-12)


@each_sde
def test_simulating_forward_gives_the_marginal(sde: SDE, generator):
    """Monte Carlo: 20,000 paths of Euler-Maruyama from one point, on a batch of times."""
    n, steps = 20_000, 200
    x0 = torch.full((n, 1), 0.7, dtype=torch.float64)
    x = x0 + sde(0.0)[1] * torch.randn(n, 1, dtype=torch.float64, generator=generator)
    for i in range(steps):
        drift, g = sde.sde(x, torch.full((n,), (i + 0.5) / steps, dtype=torch.float64))
        noise = torch.randn(n, 1, dtype=torch.float64, generator=generator)
        x = x + drift / steps + g[:, None] * math.sqrt(1 / steps) * noise
    mean, std = sde.marginal_prob(x0, torch.ones(n, dtype=torch.float64))
    assert std.shape == (n,)
    assert x.mean().item() == pytest.approx(mean[0].item(), abs=4 * std[0].item() / math.sqrt(n))
    assert x.std().item() == pytest.approx(std[0].item(), rel=0.03)


@each_sde
def test_prior_is_a_gaussian_of_its_deviation(sde: SDE, generator):
    shape = (4000, 1, 3, 3)
    z = sde.prior_sampling(shape, generator, dtype=torch.float64)
    assert z.shape == shape
    assert z.std().item() == pytest.approx(sde.prior_std(), rel=0.02)
    normal = torch.distributions.Normal(0.0, sde.prior_std())
    torch.testing.assert_close(sde.prior_logp(z), normal.log_prob(z).sum((1, 2, 3)))
    again = sde.prior_sampling(shape, torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.equal(z, again)


@each_sde
@pytest.mark.parametrize("t", [0.05, 0.4, 0.9])
def test_probability_flow_carries_the_density(sde: SDE, t, mixture, generator):
    """Continuity: d/dt log p_t(x) + v . grad log p_t + div v = 0 (eq. 13 and 36)."""
    alpha, sigma = sde(t)
    scale = math.sqrt(alpha**2 + sigma**2)
    x = (scale * torch.randn(16, 2, dtype=torch.float64, generator=generator)).requires_grad_()
    velocity = sde.probability_flow(lambda x, t: mixture.score(x, *sde(t)))
    v = velocity(x, t)
    divergence = sum(
        torch.autograd.grad(v[:, i].sum(), x, retain_graph=True)[0][:, i] for i in (0, 1)
    )
    x, v, h = x.detach(), v.detach(), 1e-5
    later, earlier = mixture.log_prob(x, *sde(t + h)), mixture.log_prob(x, *sde(t - h))
    change = (later - earlier) / (2 * h) + (v * mixture.score(x, alpha, sigma)).sum(1) + divergence
    torch.testing.assert_close(change, torch.zeros_like(change), atol=1e-4, rtol=0)


@each_sde
def test_reverse_drift_differs_from_the_flow_by_half_the_score(sde: SDE, mixture, generator):
    """Both ways back have the same marginals: drift + g^2 / 2 score = velocity."""
    x = torch.randn(4, 2, dtype=torch.float64, generator=generator)
    t = torch.tensor([0.1, 0.3, 0.6, 1.0], dtype=torch.float64)
    score = lambda x, t: mixture.score(x, *sde(t))  # noqa: E731
    drift, g = sde.reverse(score)(x, t)
    half = 0.5 * g[:, None] ** 2 * score(x, t)
    torch.testing.assert_close(drift + half, sde.probability_flow(score)(x, t))
    forward, g_forward = sde.sde(x, t)
    torch.testing.assert_close(drift + 2 * half, forward)
    assert torch.equal(g, g_forward)


def test_the_prior_is_where_the_data_end():
    """alpha(1) x_0 + sigma(1) eps is nearly the prior: little signal against much noise."""
    for sde in (VESDE(0.01, 50.0), VPSDE(), SubVPSDE()):
        alpha, sigma = sde(1.0)
        assert sigma == pytest.approx(sde.prior_std(), rel=1e-4)
        assert alpha / sigma < 0.021
