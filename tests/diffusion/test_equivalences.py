"""What the frameworks claim of one another, each claim as a test.

A DDPM's ancestral step is the reverse VP-SDE to first order; DDIM is the exponential integrator of
the probability-flow ODE and with it DPM-Solver-1, UniP-1 and DEIS of degree 0; the NCSN's levels
are the VE-SDE; a network's eps, x0, v or score say the same.
"""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from diffatlas.diffusion import parameterizations as par
from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.ode import integrate
from diffatlas.diffusion.schedules import (
    EDM,
    VE,
    VP,
    Cosine,
    DiscreteSchedule,
    FlowMatching,
    SubVP,
    ddpm_linear,
    transition,
)
from diffatlas.diffusion.sdes import VESDE, VPSDE, SubVPSDE
from diffatlas.diffusion.times import geometric_sigmas, leading_times, log_snr_times

SCHEDULES = [VP(), SubVP(), VE(0.02, 8.0), EDM(), Cosine(), FlowMatching()]
each_schedule = pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
inside = st.floats(0.02, 0.98)
two_times = st.lists(inside, min_size=2, max_size=2, unique=True).filter(
    lambda ts: abs(ts[0] - ts[1]) > 1e-3
)


def last(states) -> Tensor:
    *_, x = states
    return x


def points(n: int = 16, seed: int = 0) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, dtype=torch.float64, generator=g)


def slope(gap, h: float = 2e-3) -> float:
    """Return the power of h with which ``gap(h)`` falls, between h / 2 and h / 4."""
    return math.log2(gap(h / 2) / gap(h / 4))


# --- DDPM and the VP-SDE: Song et al. 2021, appendix B and E ---


@pytest.mark.parametrize("sde", [VPSDE(), SubVPSDE(), VESDE(0.02, 8.0)], ids=repr)
@pytest.mark.parametrize("t", [0.2, 0.5, 0.9])
def test_the_ancestral_mean_is_the_reverse_sde_to_second_order(mixture, sde, t):
    """One step of each without its noise: the gap falls as the square of the step."""
    x = points() * math.hypot(*sde(t))
    denoiser = mixture.denoiser(sde)
    drift, _ = sde.reverse(par.score_of(denoiser, sde))(x, t)

    def gap(h: float) -> float:
        alpha_s, sigma_s = sde(t - h)
        a, v = transition(sde, t, t - h)
        sigma = sde(t)[1]
        mean = a * (sigma_s / sigma) ** 2 * x + alpha_s * v / sigma**2 * denoiser(x, t)
        return (mean - (x - h * drift)).abs().max().item()

    def spread(h: float) -> float:
        _, v = transition(sde, t, t - h)
        return abs(v * (sde(t - h)[1] / sde(t)[1]) ** 2 - sde.rates(t)[1] ** 2 * h)

    assert slope(gap) == pytest.approx(2, abs=0.1)
    assert slope(spread) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("t", [0.2, 0.5, 0.9])
def test_the_ancestral_sampler_takes_that_step(mixture, t):
    """The same with the sampler itself and shared noise; its spread's root leaves h^1.5."""
    sde, x = VPSDE(), points()
    denoiser = mixture.denoiser(sde)

    def gap(h: float) -> float:
        g = torch.Generator().manual_seed(1)
        found = last(smp.ddpm(denoiser, sde, [t, t - h], x, generator=g))
        z = torch.randn(x.shape, dtype=x.dtype, generator=torch.Generator().manual_seed(1))
        drift, diffusion = sde.reverse(par.score_of(denoiser, sde))(x, t)
        return (found - (x - h * drift + diffusion * math.sqrt(h) * z)).abs().max().item()

    assert 1.4 < slope(gap) < 2.1


@pytest.mark.parametrize("n", [1000, 4000])
def test_a_table_of_small_betas_has_the_marginals_of_the_vp_sde(n):
    """beta_i = beta(i / n) / n: alpha and sigma approach those of the SDE as 1 / n."""
    sde = VPSDE()
    table = DiscreteSchedule([(0.1 + 19.9 * (i + 1) / n) / n for i in range(n)])
    gaps = [
        abs(a - b)
        for i in range(0, n + 1, n // 10)
        for a, b in zip(table(i), sde(i / n), strict=True)
    ]
    assert max(gaps) < 5.0 / n
    assert max(gaps) > 0.1 / n  # of first order, not better


# --- DDIM and the probability-flow ODE ---


@each_schedule
@given(ts=two_times, seed=st.integers(0, 2**31))
def test_first_order_solvers_are_one(mixture, schedule, ts, seed):
    """DDIM, Euler in sigma / alpha, UniP-1, DEIS of degree 0, a first step of 2M: for any times."""
    times, x, denoiser = sorted(ts, reverse=True), points(4, seed), mixture.denoiser(schedule)
    expected = last(smp.ddim(denoiser, schedule, times, x))
    for states in (
        smp.euler(denoiser, schedule, times, x),
        smp.dpm_solver_2m(denoiser, schedule, times, x),
        smp.unipc(denoiser, schedule, times, x),
        *(smp.deis(denoiser, schedule, times, x, 0, v) for v in ("t", "rho", "log_rho")),
    ):
        torch.testing.assert_close(last(states), expected, atol=1e-10, rtol=1e-10)


@each_schedule
@pytest.mark.parametrize("constant", ["x0", "eps"])
@given(ts=two_times, seed=st.integers(0, 2**31))
def test_exponential_integrators_are_exact_for_a_constant_prediction(schedule, constant, ts, seed):
    """One step of any length gives ``alpha x0 + sigma eps`` where x0 or eps does not change."""
    t, s = sorted(ts, reverse=True)
    x0, noise = points(4, seed), points(4, seed + 1)
    (alpha, sigma), (alpha_s, sigma_s) = schedule(t), schedule(s)
    x = alpha * x0 + sigma * noise

    def denoiser(x: Tensor, t: float) -> Tensor:
        alpha, sigma = schedule(t)
        return x0 if constant == "x0" else (x - sigma * noise) / alpha

    for sampler in (smp.ddim, smp.euler, smp.heun, smp.dpm_solver_2m, smp.unipc, smp.deis):
        y = last(sampler(denoiser, schedule, [t, s], x))
        torch.testing.assert_close(y, alpha_s * x0 + sigma_s * noise, atol=1e-9, rtol=1e-9)


@each_schedule
@pytest.mark.parametrize("kind", ["data", "noise"])
def test_degree_p_is_exact_for_polynomials_of_degree_p(schedule, kind):
    """A prediction that is a polynomial of time alone is integrated without error.

    Data in log-SNR for UniP-4, noise in t for tAB-DEIS of degree 3, once four values are known.
    """
    times, x = log_snr_times(schedule, 6, 0.9, 0.1), points(4)
    scale = torch.tensor([1.0, -0.4, 0.2, 0.1], dtype=torch.float64)

    def polynomial(u: float) -> Tensor:
        return (scale * torch.tensor([1.0, u, u * u, u**3], dtype=torch.float64)).sum()

    def prediction(t: float) -> Tensor:
        return polynomial(schedule.log_snr(t) / 4 if kind == "data" else t)

    def denoiser(x: Tensor, t: float) -> Tensor:
        alpha, sigma = schedule(t)
        p = prediction(t).expand_as(x)
        return p if kind == "data" else (x - sigma * p) / alpha

    def exact(t: float, s: float, x: Tensor) -> Tensor:
        """d(x / sigma) = x0 d(alpha / sigma), d(x / alpha) = eps d(sigma / alpha)."""
        a, b = schedule.log_snr(t) / 2, schedule.log_snr(s) / 2
        sign, i = (1, 1) if kind == "data" else (-1, 0)

        def rate(u: float, y: Tensor) -> Tensor:
            at = prediction(schedule.time(2 * u))
            return sign * math.exp(sign * u) * at.expand_as(y)

        path = integrate(rate, x / schedule(t)[i], [a, b], 1e-12, 1e-12, "dopri8")
        return path[-1] * schedule(s)[i]

    if kind == "data":
        options = {"correct": False, "lower_order_final": False}
        states = list(smp.unipc(denoiser, schedule, times, x, 4, **options))
    else:
        states = list(smp.deis(denoiser, schedule, times, x, 3))
    found = exact(times[3], times[4], states[2])
    torch.testing.assert_close(states[3], found, atol=1e-8, rtol=1e-8)
    wrong = exact(times[1], times[2], states[0])
    assert (states[1] - wrong).abs().max() > 1e-6  # with two values it is not exact


def test_ddim_of_a_table_is_ddim_of_its_sde(mixture):
    """Its steps depend on alpha and sigma alone, not on what lies between."""
    table, x, grid = ddpm_linear(), points(), leading_times(20)[:-1]
    vp = VP()
    times = [vp.time(table.log_snr(t)) for t in grid]
    states = [
        last(smp.ddim(mixture.denoiser(s), s, ts, x)) for s, ts in ((table, grid), (vp, times))
    ]
    torch.testing.assert_close(*states, atol=1e-9, rtol=0)


# --- NCSN and the VE-SDE ---


@given(n=st.integers(2, 200), low=st.floats(0.005, 0.1), high=st.floats(2.0, 100.0))
def test_the_levels_of_an_ncsn_are_the_marginals_of_a_ve_sde(n, low, high):
    """n geometric levels are sigma(t) at equal steps of t, and beta = sigma_i^2 - sigma_j^2."""
    sde, levels = VESDE(low, high), geometric_sigmas(n, low, high)
    for i, (sigma, after) in enumerate(pairwise(levels)):
        t, s = 1 - i / (n - 1), 1 - (i + 1) / (n - 1)
        assert sde(t) == pytest.approx((1.0, sigma), rel=1e-9)
        a, v = transition(sde, t, s)
        assert a == 1
        assert v == pytest.approx(sigma**2 - after**2, rel=1e-6)


def test_the_variance_between_two_levels_is_what_the_ve_sde_adds(generator):
    """The integral of g^2 over a step is the difference of the variances (eq. 9 and 30)."""
    sde, levels = VESDE(0.02, 8.0), geometric_sigmas(12, 0.02, 8.0)
    for i, (sigma, after) in enumerate(pairwise(levels)):
        t, s = 1 - i / 11, 1 - (i + 1) / 11
        start = torch.zeros(1, dtype=torch.float64)
        path = integrate(
            lambda t, y: torch.full_like(y, sde.rates(t)[1] ** 2), start, [s, t], 1e-10, 1e-12
        )
        assert path[-1].item() == pytest.approx(sigma**2 - after**2, rel=1e-8)


def test_a_reverse_step_between_levels_is_the_ve_sdes(mixture):
    """Eq. 46 with a = 1, by hand, from the NCSN's own sigmas."""
    levels, x = [3.0, 2.0], 3.0 * points()
    times = [VESDE(0.02, 8.0).time(-2 * math.log(s)) for s in levels]
    g = torch.Generator().manual_seed(2)
    sde = VESDE(0.02, 8.0)
    states = smp.predictor_corrector(
        mixture.denoiser(sde), sde, [*times, 0.0], x, corrections=0, generator=g
    )
    z = torch.randn(x.shape, dtype=x.dtype, generator=torch.Generator().manual_seed(2))
    gap = 3.0**2 - 2.0**2
    by_hand = x + gap * mixture.score(x, 1.0, 3.0) + math.sqrt(gap) * z
    torch.testing.assert_close(next(states), by_hand)


@given(r=st.floats(0.05, 5.0), seed=st.integers(0, 2**31))
def test_vp_and_ve_are_one_process_up_to_scale(mixture, r, seed):
    """At equal sigma / alpha their scores and denoisers agree after division by alpha."""
    vp, y = VP(), points(4, seed)
    t = vp.time(-2 * math.log(r))
    alpha, _ = vp(t)
    torch.testing.assert_close(
        mixture.denoiser(vp)(alpha * y, t), mixture.denoiser(EDM())(y, r), atol=1e-9, rtol=1e-7
    )
    of_vp = par.score_of(mixture.denoiser(vp), vp)(alpha * y, t)
    of_ve = par.score_of(mixture.denoiser(EDM()), EDM())(y, r)
    torch.testing.assert_close(alpha * of_vp, of_ve, atol=1e-7, rtol=1e-7)


# --- predictions ---


@pytest.mark.parametrize("name", par.PARAMETERIZATIONS)
@each_schedule
@given(t=inside, seed=st.integers(0, 2**31))
def test_a_network_of_any_kind_takes_the_same_step(mixture, schedule, name, t, seed):
    """eps, x0, v, score or velocity: ideal networks lead every sampler to one place."""
    x, p = points(4, seed), par.PARAMETERIZATIONS[name]

    def network(x: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = schedule(t)
        return p.from_x0(mixture.denoise(x, alpha, sigma), x, alpha, sigma)

    denoiser = par.as_denoiser(network, schedule, name)
    found = last(smp.ddim(denoiser, schedule, [t, t / 2], x))
    expected = last(smp.ddim(mixture.denoiser(schedule), schedule, [t, t / 2], x))
    torch.testing.assert_close(found, expected, atol=1e-8, rtol=1e-8)
