"""Order of convergence of each solver on the mixture's probability-flow ODE.

Halving the step divides the error by 2^order. An index off by one loses the order even where the
samples still look right.
"""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch

from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.ode import integrate
from diffatlas.diffusion.schedules import VE, VP, FlowMatching, SubVP
from diffatlas.diffusion.sdes import VESDE, VPSDE, SubVPSDE
from diffatlas.diffusion.times import log_snr_times, uniform_times

SCHEDULES = {
    "VP": (VP(), 1.0, 1e-2),
    "sub-VP": (SubVP(), 1.0, 5e-2),
    "VE": (VE(0.05, 8.0), 1.0, 0.0),
    "flow": (FlowMatching(), 0.99, 0.05),
}


def solve(sampler, mixture, schedule, times, x, **kwargs):
    *_, y = sampler(mixture.denoiser(schedule), schedule, times, x, **kwargs)
    return y


@pytest.fixture(scope="module")
def exact(mixture):
    """Start and end of 32 trajectories under each schedule, from 1,600 Heun steps."""
    g = torch.Generator().manual_seed(2)
    ends = {}
    for name, (schedule, t0, t1) in SCHEDULES.items():
        alpha, sigma = schedule(t0)
        x = math.hypot(alpha, sigma) * torch.randn(32, 2, dtype=torch.float64, generator=g)
        ends[name] = x, solve(smp.heun, mixture, schedule, log_snr_times(schedule, 1600, t0, t1), x)
    return ends


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(
    ("sampler", "order"),
    [
        (smp.ddim, 1),
        (smp.euler, 1),
        (smp.heun, 2),
        (smp.dpm_solver_2m, 2),
        (smp.plms, 2),
        (partial(smp.unipc, order=1, correct=False), 1),
        (partial(smp.unipc, order=1), 2),
        (partial(smp.unipc, order=2, correct=False, lower_order_final=False), 2),
        (partial(smp.unipc, order=2, variant="bh1", correct=False, lower_order_final=False), 2),
        (partial(smp.deis, order=0), 1),
        (partial(smp.deis, order=1), 2),
        (partial(smp.deis, order=1, variable="rho"), 2),
        (partial(smp.deis, order=1, variable="log_rho"), 2),
    ],
    ids=str,
)
def test_order(mixture, exact, name, sampler, order):
    schedule, t0, t1 = SCHEDULES[name]
    x, end = exact[name]
    errors = []
    for n in (80, 160, 320):
        y = solve(sampler, mixture, schedule, log_snr_times(schedule, n, t0, t1), x)
        errors.append((y - end).abs().mean().item())
    slopes = [math.log2(a / b) for a, b in zip(errors, errors[1:], strict=False)]
    assert all(order - 0.25 < slope < order + 0.6 for slope in slopes), slopes


def fine_start(schedule, n, t0, t1):
    """Equal steps in log-SNR, the first one split by halves: 24 short steps that grow.

    A multistep method starts with steps of low order; short ones keep their error out of sight.
    """
    grid = log_snr_times(schedule, n, t0, t1)
    a, b = schedule.log_snr(grid[0]), schedule.log_snr(grid[1])
    return [grid[0], *(schedule.time(a + (b - a) * 2.0**-k) for k in range(24, 0, -1)), *grid[1:]]


@pytest.fixture(scope="module")
def precise(mixture):
    """The ends to ten digits: Runge-Kutta of order 8 on d(x / sigma) / d log(alpha / sigma)."""
    g, ends = torch.Generator().manual_seed(2), {}
    for name, (schedule, t0, t1) in SCHEDULES.items():
        x = math.hypot(*schedule(t0)) * torch.randn(8, 2, dtype=torch.float64, generator=g)

        def slope(place, y, schedule=schedule):
            alpha, sigma = schedule(schedule.time(2 * place))
            return math.exp(place) * mixture.denoise(sigma * y, alpha, sigma)

        places = [schedule.log_snr(t) / 2 for t in (t0, t1)]
        path = integrate(slope, x / schedule(t0)[1], places, 1e-12, 1e-12, "dopri8")
        ends[name] = x, path[-1] * schedule(t1)[1]
    return ends


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(
    ("sampler", "order"),
    [
        (partial(smp.unipc, order=2, lower_order_final=False), 3),
        (partial(smp.unipc, order=2, variant="bh1", lower_order_final=False), 3),
        (partial(smp.unipc, order=3, correct=False, lower_order_final=False), 3),
        (partial(smp.unipc, order=3, lower_order_final=False), 4),
        (partial(smp.deis, order=2), 3),
        (partial(smp.deis, order=2, variable="rho"), 3),
        (partial(smp.deis, order=2, variable="log_rho"), 3),
        (partial(smp.deis, order=3), 4),
        (partial(smp.deis, order=3, variable="rho"), 4),
        (partial(smp.deis, order=3, variable="log_rho"), 4),
    ],
    ids=str,
)
def test_high_order(mixture, precise, name, sampler, order):
    """UniPC-p has order p + 1 with its corrector and p without; DEIS of degree r has r + 1."""
    schedule, t0, t1 = SCHEDULES[name]
    x, end = precise[name]

    def error(n):
        y = solve(sampler, mixture, schedule, fine_start(schedule, n, t0, t1), x)
        return (y - end).abs().mean().item()

    assert order - 0.35 < math.log2(error(320) / error(640)) < order + 0.35


def test_one_step_is_second_order_only_where_it_should_be(mixture, exact):
    """At equal cost the solvers of order 2 are far better: 40 evaluations each."""
    x, end = exact["VP"]
    schedule, t0, t1 = SCHEDULES["VP"]

    def error(sampler, n):
        y = solve(sampler, mixture, schedule, log_snr_times(schedule, n, t0, t1), x)
        return (y - end).abs().mean().item()

    first = error(smp.ddim, 40)
    assert error(smp.heun, 20) < first / 2
    assert error(smp.dpm_solver_2m, 40) < first / 4
    assert error(smp.plms, 39) < first / 4


@pytest.mark.parametrize(
    ("name", "sde"), [("VP", VPSDE()), ("sub-VP", SubVPSDE()), ("VE", VESDE(0.05, 8.0))]
)
def test_the_adaptive_solver_finds_the_same_ends(mixture, exact, name, sde):
    """The SDE's drift and diffusion and the schedule's alpha and sigma tell of one ODE."""
    _, t0, t1 = SCHEDULES[name]
    x, end = exact[name]
    states = list(
        smp.probability_flow(mixture.denoiser(sde), sde, [t0, 0.5, t1], x, rtol=1e-9, atol=1e-9)
    )
    assert len(states) == 2
    torch.testing.assert_close(states[-1], end, atol=1e-5, rtol=0)
    fixed = smp.probability_flow(
        mixture.denoiser(sde), sde, log_snr_times(sde, 200, t0, t1), x, method="rk4"
    )
    assert (list(fixed)[-1] - end).abs().max() < 1e-4


def test_a_point_is_reached_in_one_step_and_zero_signal_is_a_start(mixture):
    """With a constant denoiser all first steps are exact, also from alpha = 0 down to sigma = 0."""
    target = torch.tensor([[0.3, -0.2]], dtype=torch.float64)
    x = torch.randn(1, 2, dtype=torch.float64)
    path = FlowMatching()
    for sampler in (
        smp.ddim,
        smp.ddpm,
        smp.euler,
        smp.heun,
        smp.dpm_solver_2m,
        smp.unipc,
        smp.deis,
    ):
        for times in ([1.0, 0.0], uniform_times(5)):
            *_, y = sampler(lambda x, t: target, path, times, x)
            torch.testing.assert_close(y, target)
