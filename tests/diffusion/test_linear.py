"""Stochastic samplers on one Gaussian, where every step is linear and its statistics are exact.

If ``D(x) = m + k (x - alpha m)`` then a step ``c_x x + c_0 D + w z`` carries mean and variance by a
recursion without any sampling error; the samplers' draws must have just those.
"""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.mixture import GaussianMixture
from diffatlas.diffusion.schedules import EDM, VP, transition
from diffatlas.diffusion.sdes import SDE, VESDE, VPSDE, SubVPSDE
from diffatlas.diffusion.times import uniform_times

N, MEAN, VARIANCE = 40_000, 0.6, 0.09
GAUSSIAN = GaussianMixture([1.0], [[MEAN]], VARIANCE, dtype=torch.float64)
SDES = [VESDE(0.02, 4.0), VPSDE(), SubVPSDE()]
each_sde = pytest.mark.parametrize("sde", SDES, ids=repr)


def of_law(mean: float, variance: float, seed: int = 7) -> Tensor:
    """Draws with exactly this mean and variance."""
    z = torch.randn(N, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return mean + math.sqrt(variance) * (z - z.mean()) / z.std(correction=0)


def marginal(schedule, t: float) -> tuple[float, float]:
    alpha, sigma = schedule(t)
    return alpha * MEAN, alpha**2 * VARIANCE + sigma**2


def assert_law(x: Tensor, mean: float, variance: float) -> None:
    """Five standard errors of N draws."""
    assert x.mean().item() == pytest.approx(mean, abs=5 * math.sqrt(variance / N))
    assert x.var().item() == pytest.approx(variance, rel=5 * math.sqrt(2 / N))


def score_line(sde, t: float) -> tuple[float, float]:
    """Return ``a, b`` with ``score(x, t) = a + b x``."""
    mean, variance = marginal(sde, t)
    return mean / variance, -1 / variance


@each_sde
def test_euler_maruyama(sde: SDE, generator):
    """``x - (f x - g^2 score) h + g sqrt(h) z`` (eq. 6), moment by moment; no noise at the end."""
    times = uniform_times(25, 1.0, 0.01)
    mean, variance = marginal(sde, 1.0)
    x, law = of_law(mean, variance), []
    for i, (t, s) in enumerate(pairwise(times)):
        (f, g), (a, b), h = sde.rates(t), score_line(sde, t), t - s
        slope = 1 - (f - g * g * b) * h
        mean = slope * mean + g * g * a * h
        variance = slope**2 * variance + (g * g * h if i < len(times) - 2 else 0.0)
        law.append((mean, variance))
    denoiser = GAUSSIAN.denoiser(sde)
    for y, (mean, variance) in zip(
        smp.euler_maruyama(denoiser, sde, times, x, generator), law, strict=True
    ):
        assert_law(y, mean, variance)


@each_sde
@pytest.mark.parametrize("variance_kind", ["small", "large"])
def test_ddpm(sde: SDE, variance_kind, generator):
    """Bayes' rule for three Gaussians: the posterior q(x_s | x_t, x_0 = D(x_t))."""
    times = uniform_times(10, 1.0, 0.05)
    mean, variance = marginal(sde, 1.0)
    x, law = of_law(mean, variance), []
    for t, s in pairwise(times):
        (alpha, sigma), (alpha_s, sigma_s) = sde(t), sde(s)
        a, v = transition(sde, t, s)
        precision = a * a / v + 1 / sigma_s**2  # likelihood of x_t and prior N(alpha_s x_0, .)
        k = alpha * VARIANCE / (alpha**2 * VARIANCE + sigma**2)
        of_x, of_0 = a / v / precision, alpha_s / sigma_s**2 / precision
        slope, shift = of_x + of_0 * k, of_0 * (MEAN - k * alpha * MEAN)
        mean = slope * mean + shift
        noise = 1 / precision if variance_kind == "small" else v
        variance = slope**2 * variance + noise
        law.append((mean, variance))
    states = smp.ddpm(GAUSSIAN.denoiser(sde), sde, times, x, variance_kind, generator)
    for y, (mean, variance) in zip(states, law, strict=True):
        assert_law(y, mean, variance)


@each_sde
@pytest.mark.parametrize("eta", [0.0, 1.0, 3.0])
def test_dpm_solver(sde: SDE, eta, generator):
    """Two steps' denoised images and fresh noise: the law of the pair (x, D_before), step by step.

    Written in ``y = x / alpha`` and ``r = sigma / alpha``, where the equation has no drift.
    """
    times = uniform_times(10, 1.0, 0.05)
    mean, variance = marginal(sde, 1.0)
    x, law, h_before = of_law(mean, variance), [], math.inf
    (first, _), *_ = (sde(t) for t in times)
    centre = torch.tensor([mean / first, 0.0], dtype=torch.float64)
    spread = torch.diag(torch.tensor([variance / first**2, 0.0], dtype=torch.float64))
    for t, s in pairwise(times):
        (alpha, sigma), (alpha_s, sigma_s) = sde(t), sde(s)
        r, r_s = sigma / alpha, sigma_s / alpha_s
        h, k = math.log(r / r_s), VARIANCE / (VARIANCE + r**2)  # D(y) = m + k (y - m)
        w, kept = h / (2 * h_before), (r_s / r) ** (1 + eta)
        # y <- kept y + (1 - kept) ((1 + w) D - w D_before) + r_s sqrt(1 - exp(-2 eta h)) z
        of_y, shift = kept + (1 - kept) * (1 + w) * k, (1 - kept) * (1 + w) * MEAN * (1 - k)
        step = torch.tensor([[of_y, -(1 - kept) * w], [k, 0.0]], dtype=torch.float64)
        centre = step @ centre + torch.tensor([shift, MEAN * (1 - k)], dtype=torch.float64)
        spread = step @ spread @ step.mT
        spread[0, 0] += r_s**2 * (1 - (r_s / r) ** (2 * eta))
        law.append((alpha_s * centre[0].item(), alpha_s**2 * spread[0, 0].item()))
        h_before = h
    states = smp.dpm_solver_2m(GAUSSIAN.denoiser(sde), sde, times, x, eta, generator)
    for y, (mean, variance) in zip(states, law, strict=True):
        assert_law(y, mean, variance)


@pytest.mark.parametrize(("schedule", "t"), [(EDM(), 0.5), (VP(), 0.3), (SubVPSDE(), 0.4)])
@pytest.mark.parametrize("rate", [0.05, 0.4])
def test_langevins_stationary_law(schedule, t, rate, generator):
    """Step ``e`` on N(m, V) is stationary at variance ``V / (1 - e / (2 V))``, mean m; and stays.

    That is p_sigma itself as e goes to 0, and wider by a known amount before.
    """
    _, sigma = schedule(t)
    mean, variance = marginal(schedule, t)
    e = rate * sigma**2
    stationary = variance / (1 - e / (2 * variance))
    options = {"steps": 40, "step_size": e, "denoise": False, "generator": generator}
    denoiser = GAUSSIAN.denoiser(schedule)
    for start in (of_law(mean, stationary), of_law(mean + 0.5, 3 * stationary)):
        kept = [*smp.annealed_langevin(denoiser, schedule, [t], start, **options)]
        if start.mean() > mean + 0.1:  # forgets where it came from
            steps = math.ceil(12 / -math.log1p(-e / variance))
            more = options | {"steps": steps}
            *_, y = smp.annealed_langevin(denoiser, schedule, [t], start, **more)
        else:
            y = kept[-1]
        assert_law(y, mean, stationary)


@each_sde
def test_the_predictor_alone(sde: SDE, generator):
    """Reverse diffusion (eq. 46): ``(2 - a) x + v score + sqrt(v) z``, the last step its mean."""
    times = uniform_times(20, 1.0, 0.02)
    mean, variance = marginal(sde, 1.0)
    x, law = of_law(mean, variance), []
    for i, (t, s) in enumerate(pairwise(times)):
        (k, v), (a, b) = transition(sde, t, s), score_line(sde, t)
        slope = 2 - k + v * b
        mean = slope * mean + v * a
        variance = slope**2 * variance + (v if i < len(times) - 2 else 0.0)
        law.append((mean, variance))
    denoiser = GAUSSIAN.denoiser(sde)
    states = smp.predictor_corrector(denoiser, sde, times, x, corrections=0, generator=generator)
    for y, (mean, variance) in zip(states, law, strict=True):
        assert_law(y, mean, variance)


@each_sde
@pytest.mark.parametrize("t", [0.1, 0.5, 1.0])
def test_marginals(sde: SDE, t, generator):
    """``alpha x_0 + sigma z`` of data and noise has the moments that the SDE prescribes, and the
    mixture's density those of a Gaussian: the only oracle that the sub-VP process has."""
    mean, variance = marginal(sde, t)
    x0 = of_law(MEAN, VARIANCE)
    m, std = sde.marginal_prob(x0, t)
    x = m + std * torch.randn(x0.shape, dtype=x0.dtype, generator=generator)
    assert_law(x, mean, variance)
    normal = torch.distributions.Normal(mean, math.sqrt(variance))
    expected = normal.log_prob(x[:64]).squeeze(1)
    torch.testing.assert_close(GAUSSIAN.log_prob(x[:64], *sde(t)), expected, atol=1e-5, rtol=0)
