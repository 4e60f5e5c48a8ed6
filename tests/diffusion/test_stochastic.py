"""Stochastic samplers end at the mixture; relations between them hold."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.schedules import EDM, VP, DiscreteSchedule, ddpm_cosine, ddpm_linear
from diffatlas.diffusion.sdes import VESDE, VPSDE, SubVPSDE
from diffatlas.diffusion.times import (
    geometric_sigmas,
    karras_sigmas,
    leading_times,
    uniform_times,
)

N = 4000


def assert_from(mixture, x: Tensor, blur: float = 0.0, slack: float = 0.06) -> None:
    """Check mean, covariance and how many samples fall to each component.

    ``slack`` allows for discretisation; the standard error of the mean here is 0.012.
    """
    extra = blur**2 * torch.eye(2, dtype=x.dtype)
    torch.testing.assert_close(x.mean(0), mixture.mean(), atol=slack, rtol=0)
    torch.testing.assert_close(torch.cov(x.T), mixture.covariance() + extra, atol=slack, rtol=0)
    nearest = torch.cdist(x, mixture.means).argmin(1)
    shares = torch.bincount(nearest, minlength=3) / len(x)
    truth = mixture.sample(50_000, torch.Generator().manual_seed(9))
    truth = truth + blur * torch.randn(truth.shape, dtype=x.dtype)
    near = torch.bincount(torch.cdist(truth, mixture.means).argmin(1), minlength=3) / 50_000
    torch.testing.assert_close(shares, near, atol=0.04, rtol=0)
    # Mean log-density: too narrow or too wide components show here even if the moments agree.
    own, real = mixture.log_prob(x, 1.0, blur).mean(), mixture.log_prob(truth, 1.0, blur).mean()
    assert own.item() == pytest.approx(real.item(), abs=0.12)


def last(states) -> Tensor:
    *_, x = states
    return x


def normal(generator: torch.Generator, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(N, 2, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize("table", [ddpm_linear(), ddpm_cosine()], ids=["linear", "cosine"])
@pytest.mark.parametrize("variance", ["small", "large"])
def test_ancestral_sampling(mixture, generator, table, variance):
    x = smp.ddpm(
        mixture.denoiser(table), table, leading_times(250), normal(generator), variance, generator
    )
    assert_from(mixture, last(x), slack=0.08)


@pytest.mark.parametrize("sde", [VESDE(0.02, 8.0), VPSDE(), SubVPSDE()], ids=repr)
def test_reverse_sde(mixture, generator, sde):
    x = sde.prior_sampling((N, 2), generator, dtype=torch.float64)
    end = 1e-3
    x = last(
        smp.euler_maruyama(mixture.denoiser(sde), sde, uniform_times(400, 1.0, end), x, generator)
    )
    assert_from(mixture, x, blur=sde(end)[1] if isinstance(sde, VESDE) else 0.0)


@pytest.mark.parametrize(
    ("schedule", "times", "scale", "snr"),
    [
        (EDM(), [*geometric_sigmas(100, 0.02, 8.0), 0.0], 8.0, 0.16),
        (VP(), uniform_times(150, 1.0, 1e-3), 1.0, 0.1),
        (SubVPSDE(), uniform_times(150, 1.0, 1e-3), 1.0, 0.1),
        (ddpm_linear(), leading_times(200), 1.0, 0.1),
    ],
    ids=["VE", "VP", "sub-VP", "table"],
)
def test_predictor_corrector(mixture, generator, schedule, times, scale, snr):
    states = smp.predictor_corrector(
        mixture.denoiser(schedule), schedule, times, normal(generator, scale), snr, 1, generator
    )
    assert_from(mixture, last(states), slack=0.08)


def test_correction_mends_a_bad_predictor(mixture, generator):
    """With 30 steps the predictor alone is far off; two corrections a step bring it closer."""
    sde, times = VPSDE(), uniform_times(30, 1.0, 1e-2)
    found = []
    for corrections in (0, 2):
        x = normal(generator)
        states = smp.predictor_corrector(
            mixture.denoiser(sde), sde, times, x, 0.2, corrections, generator
        )
        found.append(mixture.log_prob(last(states)).mean().item())
    truth = mixture.log_prob(mixture.sample(50_000, generator)).mean().item()
    assert abs(found[1] - truth) < 0.5 * abs(found[0] - truth)


def test_annealed_langevin(mixture, generator):
    sigmas, x = geometric_sigmas(60, 0.05, 4.0), normal(generator, 4.0)
    states = list(
        smp.annealed_langevin(
            mixture.denoiser(EDM()), EDM(), sigmas, x, steps=10, denoise=False, generator=generator
        )
    )
    assert len(states) == 600
    assert_from(mixture, states[-1], blur=0.05)


def test_langevin_keeps_the_density_of_one_level(mixture, generator):
    """Started from p_sigma it stays there, at any level, also if the image is scaled by alpha."""
    for schedule, t in ((EDM(), 0.5), (VP(), 0.3)):
        alpha, sigma = schedule(t)
        x = alpha * mixture.sample(N, generator) + sigma * normal(generator)
        x = last(
            smp.annealed_langevin(
                mixture.denoiser(schedule),
                schedule,
                [t],
                x,
                steps=60,
                step_size=0.02 * sigma**2,
                denoise=False,
                generator=generator,
            )
        )
        variance = alpha**2 * mixture.covariance() + sigma**2 * torch.eye(2, dtype=x.dtype)
        torch.testing.assert_close(x.mean(0), alpha * mixture.mean(), atol=0.06, rtol=0)
        torch.testing.assert_close(torch.cov(x.T), variance, atol=0.06, rtol=0)


def test_langevin_does_not_care_how_the_image_is_scaled(mixture, generator):
    """At one level under VP and EDM the states differ by the factor alpha alone."""
    levels = geometric_sigmas(8, 0.1, 2.0)
    vp, edm, x = VP(), EDM(), normal(generator)[:8]
    times = [vp.time(-2 * math.log(s)) for s in levels]
    first = []
    for schedule, ts, scale in ((edm, levels, 1.0), (vp, times, vp(times[0])[0])):
        g = torch.Generator().manual_seed(6)
        states = smp.annealed_langevin(
            mixture.denoiser(schedule), schedule, ts, scale * x, generator=g
        )
        first.append([next(states) / scale for _ in range(5)])
    for a, b in zip(*first, strict=True):
        torch.testing.assert_close(a, b)


def test_langevin_by_hand(mixture):
    """Two levels, one update each: x + a_i score + sqrt(2 a_i) z, a_i = e sigma_i^2 / sigma_L^2."""
    x, e, levels = normal(torch.Generator().manual_seed(0))[:8], 0.01, [0.9, 0.3]
    states = smp.annealed_langevin(
        mixture.denoiser(EDM()), EDM(), levels, x, 1, e, generator=torch.Generator().manual_seed(5)
    )
    g = torch.Generator().manual_seed(5)
    for sigma, found in zip(levels, states, strict=False):
        size = e * sigma**2 / 0.3**2
        z = torch.randn(x.shape, dtype=x.dtype, generator=g)
        x = x + size * mixture.score(x, 1.0, sigma) + math.sqrt(2 * size) * z
        torch.testing.assert_close(found, x)


def test_predictor_corrector_of_a_vp_process_by_hand(mixture):
    """One coarse step of Song et al. 2021, algorithms 3 and 5: alpha_i = 1 - beta_i counts."""
    table, x = ddpm_linear(100, 1e-3, 0.5), normal(torch.Generator().manual_seed(0))[:8]
    denoiser, g = mixture.denoiser(table), torch.Generator().manual_seed(5)
    found = next(smp.predictor_corrector(denoiser, table, [90, 89, 0], x, 0.3, generator=g))
    g, beta = torch.Generator().manual_seed(5), table.betas[89]
    z = torch.randn(x.shape, dtype=x.dtype, generator=g)
    score = mixture.score(x, *table(90))
    size = 2 * (1 - beta) * (0.3 * z.norm(dim=1).mean() / score.norm(dim=1).mean()) ** 2
    x = x + size * score + (2 * size).sqrt() * z
    z = torch.randn(x.shape, dtype=x.dtype, generator=g)
    x = (2 - math.sqrt(1 - beta)) * x + beta * mixture.score(x, *table(90)) + math.sqrt(beta) * z
    torch.testing.assert_close(found, x)


def test_langevin_ends_with_the_denoised_state(mixture, generator):
    denoiser = mixture.denoiser(EDM())
    *_, before, end = smp.annealed_langevin(denoiser, EDM(), [1.0, 0.3], normal(generator), 2)
    torch.testing.assert_close(end, denoiser(before, 0.3))


@pytest.mark.parametrize("levels", [[], [1.0, 0.0], [0.5, 1.0]])
def test_langevin_needs_decreasing_positive_levels(mixture, levels):
    with pytest.raises(ValueError, match="decreasing times"):
        next(smp.annealed_langevin(mixture.denoiser(EDM()), EDM(), levels, torch.zeros(1, 2)))


def test_langevin_step_size_is_the_papers():
    """Song & Ermon 2020, table 5: CIFAR-10 has 232 levels from 50, T = 5 and epsilon = 6.2e-6."""
    sigmas = geometric_sigmas(232, 0.01, 50.0)
    epsilon = smp.langevin_step_size(sigmas, 5)
    assert epsilon == pytest.approx(6.2e-6, rel=0.01)

    # Technique 4, simulated: from the spread of one level, T updates at the next bring it as close
    # to the next one's as any step size can.
    def spread(epsilon: float) -> float:
        variance, rate = (sigmas[0] / sigmas[1]) ** 2, epsilon / 0.01**2
        for _ in range(5):
            variance = (1 - rate) ** 2 * variance + 2 * rate
        return variance

    assert 1 < spread(epsilon) < 1.06 < (sigmas[0] / sigmas[1]) ** 2
    assert all(spread(epsilon) < spread(c * epsilon) for c in (0.5, 0.9, 1.1, 2.0))


@pytest.mark.parametrize("sampler", [smp.euler, smp.heun])
@pytest.mark.parametrize("schedule", [EDM(), VP()], ids=repr)
def test_churn(mixture, generator, sampler, schedule):
    """EDM's stochastic sampler ends at the mixture; with alpha, too."""
    sigmas = karras_sigmas(500 if sampler is smp.euler else 100, 0.01, 8.0)
    times = [schedule.time(-2 * math.log(s)) for s in sigmas[:-1]] + [0.0]
    alpha, sigma = schedule(times[0])
    x = alpha * mixture.sample(N, generator) + normal(generator, sigma)
    churn = smp.Churn(30.0, 0.02, 5.0, 1.0)
    x = last(sampler(mixture.denoiser(schedule), schedule, times, x, churn, generator))
    assert_from(mixture, x, slack=0.08)


def test_churn_adds_noise_only_within_its_range(mixture, generator):
    denoiser, x = mixture.denoiser(EDM()), normal(generator, 8.0)
    times = karras_sigmas(10, 0.01, 8.0)
    plain = last(smp.heun(denoiser, EDM(), times, x))
    outside = smp.Churn(30.0, low=9.0, high=10.0)
    inside = smp.Churn(30.0, low=0.1, high=1.0)
    assert torch.equal(last(smp.heun(denoiser, EDM(), times, x, outside, generator)), plain)
    assert not torch.equal(last(smp.heun(denoiser, EDM(), times, x, inside, generator)), plain)


def test_ddim_with_eta_one_is_ancestral_sampling(mixture):
    table = ddpm_cosine()
    x = normal(torch.Generator().manual_seed(0))[:16]
    for times in (leading_times(20), leading_times(1000)):
        found = [
            last(sampler(mixture.denoiser(table), table, times, x, generator=g, **options))
            for sampler, options, g in (
                (smp.ddpm, {}, torch.Generator().manual_seed(4)),
                (smp.ddim, {"eta": 1.0}, torch.Generator().manual_seed(4)),
            )
        ]
        torch.testing.assert_close(*found, atol=1e-9, rtol=0)


def test_ddim_is_the_probability_flow_and_ancestral_sampling_the_reverse_sde(mixture, generator):
    """Per step, the DDPM's updates and those of the VP-SDE differ by O(h^2), the ODE's too.

    Song et al. 2021, appendix E: ancestral sampling discretises the reverse VP-SDE; DDIM its ODE.
    """
    sde, x = VPSDE(), normal(generator)[:16]
    denoiser = mixture.denoiser(sde)
    score = lambda x, t: mixture.score(x, *sde(t))  # noqa: E731
    t, gaps = 0.5, {"sde": [], "ode": []}
    for h in (1e-3, 5e-4):
        times = [t, t - h]
        small = last(smp.ddpm(denoiser, sde, times, x, generator=torch.Generator().manual_seed(1)))
        z = torch.randn(x.shape, dtype=x.dtype, generator=torch.Generator().manual_seed(1))
        drift, g = sde.reverse(score)(x, t)
        gaps["sde"].append((small - (x - h * drift + g * math.sqrt(h) * z)).abs().max().item())
        flow = x - h * sde.probability_flow(score)(x, t)
        gaps["ode"].append((last(smp.ddim(denoiser, sde, times, x)) - flow).abs().max().item())
    # Halving h divides the gap by four for the ODE, by about 2^1.5 with the noise's share in it.
    assert 3.8 < gaps["ode"][0] / gaps["ode"][1] < 4.2
    assert 2.5 < gaps["sde"][0] / gaps["sde"][1] < 4.2
    assert gaps["ode"][0] < 1e-3


def test_a_fine_table_is_the_sde(mixture):
    """A DDPM with betas beta(t)/T tends to the VP-SDE's sampler with the same noise."""
    sde, n = VPSDE(), 2000
    x = normal(torch.Generator().manual_seed(3))[:64]
    betas = [(0.1 + 19.9 * (i + 0.5) / n) / n for i in range(n)]
    table = DiscreteSchedule(betas)
    a = last(
        smp.ddpm(
            mixture.denoiser(table),
            table,
            leading_times(n, n)[:-20],
            x,
            generator=torch.Generator().manual_seed(4),
        )
    )
    times = uniform_times(n)[:-20]
    b = last(
        smp.euler_maruyama(
            mixture.denoiser(sde), sde, times, x, generator=torch.Generator().manual_seed(4)
        )
    )
    assert (a - b).abs().median() < 0.02


def test_ancestral_sampling_of_a_ve_process(mixture, generator):
    """Song et al. 2021, eq. 47: the same function with alpha = 1."""
    sigmas = [*geometric_sigmas(200, 0.02, 8.0), 0.0]
    denoiser, x = mixture.denoiser(EDM()), normal(generator, 8.0)
    states = smp.ddpm(denoiser, EDM(), sigmas, x, generator=torch.Generator().manual_seed(7))
    first = next(states)
    (t, s), z = (
        sigmas[:2],
        torch.randn(N, 2, dtype=x.dtype, generator=torch.Generator().manual_seed(7)),
    )
    gap = t * t - s * s
    by_hand = x + gap * mixture.score(x, 1.0, t) + math.sqrt(s * s * gap / (t * t)) * z
    torch.testing.assert_close(first, by_hand)
    assert_from(mixture, last(states))


def test_more_steps_bring_the_reverse_sde_closer(mixture, generator):
    sde, found = VPSDE(), []
    truth = mixture.log_prob(mixture.sample(50_000, generator)).mean().item()
    for n in (30, 300):
        times, x = uniform_times(n, 1.0, 1e-3), normal(generator)
        x = last(smp.euler_maruyama(mixture.denoiser(sde), sde, times, x, generator))
        found.append(abs(mixture.log_prob(x).mean().item() - truth))
    assert found[1] < 0.1 < found[0]
