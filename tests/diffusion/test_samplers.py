"""What all samplers have in common."""

from __future__ import annotations

import math
import sys
import types

import pytest
import torch

from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.ode import integrate
from diffatlas.diffusion.parameterizations import as_denoiser
from diffatlas.diffusion.schedules import EDM, Cosine, FlowMatching, ddpm_linear
from diffatlas.diffusion.sdes import VPSDE
from diffatlas.diffusion.times import leading_times, uniform_times

TABLE, SDE = ddpm_linear(), VPSDE()
CASES = {
    "ddpm": (smp.ddpm, TABLE, leading_times(8)),
    "ddim": (smp.ddim, TABLE, leading_times(8)),
    "plms": (smp.plms, TABLE, leading_times(8)),
    "dpm_solver_2m": (smp.dpm_solver_2m, TABLE, leading_times(8)),
    "unipc": (smp.unipc, TABLE, leading_times(8)),
    "deis": (smp.deis, SDE, uniform_times(8)),
    "euler": (smp.euler, SDE, uniform_times(8)),
    "heun": (smp.heun, SDE, uniform_times(8)),
    "euler_maruyama": (smp.euler_maruyama, SDE, uniform_times(8)),
    "predictor_corrector": (smp.predictor_corrector, SDE, uniform_times(8)),
    "probability_flow": (smp.probability_flow, SDE, uniform_times(8, 1.0, 0.1)),
    "annealed_langevin": (smp.annealed_langevin, EDM(), [4.0, 2.0, 1.0]),
}
STATES = {"annealed_langevin": 3 * 5 + 1}
EVALUATIONS = {"plms": 9, "heun": 15, "predictor_corrector": 16, "annealed_langevin": 16}
RANDOM = {"ddpm", "euler_maruyama", "predictor_corrector", "annealed_langevin"}
each = pytest.mark.parametrize("name", CASES)


def half(x: torch.Tensor, t: object) -> torch.Tensor:
    return 0.5 * x


@each
def test_yields_every_state_and_leaves_its_input_alone(name):
    sampler, schedule, times = CASES[name]
    x = torch.randn(3, 1, 4, 4)
    before, calls = x.clone(), []

    def denoiser(x: torch.Tensor, t: object) -> torch.Tensor:
        calls.append((x, x.clone(), t))
        return 0.5 * x

    states = sampler(denoiser, schedule, times, x)
    assert isinstance(states, types.GeneratorType)
    assert not calls  # nothing happens before the first state is asked for
    states = list(states)
    assert len(states) == STATES.get(name, 8)
    assert torch.equal(x, before)
    assert len({s.data_ptr() for s in states}) == len(states)
    assert all(s.shape == x.shape and s.dtype == x.dtype for s in states)
    assert all(torch.isfinite(s).all() for s in states)
    assert all(torch.equal(seen, copy) for seen, copy, _ in calls)  # nor are yielded states changed
    if name != "probability_flow":
        assert len(calls) == EVALUATIONS.get(name, 8)
    assert all(isinstance(t, float) for _, _, t in calls)


@each
def test_states_already_yielded_do_not_change(name):
    sampler, schedule, times = CASES[name]
    kept = [(s, s.clone()) for s in sampler(half, schedule, times, torch.randn(2, 1, 3, 3))]
    assert all(torch.equal(a, b) for a, b in kept)


@each
def test_the_denoisers_output_is_not_changed(name):
    """A denoiser may return the same tensor again, or its own input."""
    sampler, schedule, times = CASES[name]
    fixed = torch.full((2, 1, 3, 3), 0.3)
    list(sampler(lambda x, t: fixed, schedule, times, torch.randn(2, 1, 3, 3)))
    assert (fixed == 0.3).all()
    x = torch.randn(2, 1, 3, 3)
    torch.manual_seed(0)
    shared = list(sampler(lambda x, t: x, schedule, times, x))
    torch.manual_seed(0)
    copied = list(sampler(lambda x, t: x.clone(), schedule, times, x))
    assert all(torch.equal(a, b) for a, b in zip(shared, copied, strict=True))


@each
def test_no_gradients_inside_and_the_callers_mode_outside(name):
    sampler, schedule, times = CASES[name]
    layer = torch.nn.Conv2d(1, 1, 1)
    denoiser = as_denoiser(lambda x, t: layer(x), schedule, "x0")
    for x in sampler(denoiser, schedule, times, torch.randn(2, 1, 3, 3)):
        assert not x.requires_grad
        assert torch.is_grad_enabled()


@pytest.mark.parametrize("name", sorted(set(CASES) - {"probability_flow"}))
def test_the_wrapped_function_records_gradients(name):
    sampler, schedule, times = CASES[name]
    scale = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    x = torch.randn(2, 1, 3, 3, dtype=torch.float64)

    def end(c: torch.Tensor | float) -> torch.Tensor:
        torch.manual_seed(0)
        run = sampler.__wrapped__(lambda x, t: c * torch.tanh(x), schedule, times, x)
        *_, y = run
        return y.sum()

    (slope,) = torch.autograd.grad(end(scale), scale)
    difference = (end(0.5 + 1e-5) - end(0.5 - 1e-5)).item() / 2e-5
    assert slope.item() == pytest.approx(difference, rel=1e-5, abs=1e-6)


def test_the_adaptive_solver_stays_within_its_times_and_says_why_it_stops():
    seen = []

    def denoiser(x: torch.Tensor, t: float) -> torch.Tensor:
        seen.append(t)
        return 0.5 * x

    for method in ("dopri5", "bosh3"):
        x = torch.randn(2, 1, 3, 3)
        list(smp.probability_flow(denoiser, SDE, [1.0, 1e-3], x, 1e-2, 1e-2, method))
    assert len(seen) > 20
    assert min(seen) >= 1e-3 and max(seen) <= 1.0
    # Over a short way the solver's first guess at its step is longer than the whole.
    seen.clear()
    list(smp.probability_flow(denoiser, SDE, [1.0, 0.99], torch.randn(2, 1, 3, 3)))
    assert min(seen) >= 0.99 and max(seen) <= 1.0
    with pytest.raises(FloatingPointError, match="is the denoiser finite"):
        list(smp.probability_flow(lambda x, t: x / 0, SDE, [1.0, 1e-3], torch.randn(1, 2)))


@pytest.mark.parametrize("times", [[0.0, 0.0, 1.0], [0.5], [], [1, 0, 0.5], [0, math.inf]])
def test_times_that_no_ode_has_are_not_blamed_on_the_denoiser(times):
    with pytest.raises(ValueError, match="times of an ODE must be two or more"):
        integrate(lambda t, x: -x, torch.ones(2), times)
    falling = integrate(lambda t, x: -x, torch.ones(2), [1.0, 0.0])
    assert falling[1, 0].item() == pytest.approx(math.e, rel=1e-4)


@each
@pytest.mark.parametrize("times", [[1.0], [0.1, 0.2], [0.5, 0.5]])
def test_times_must_decrease(name, times):
    sampler, schedule, _ = CASES[name]
    if name == "annealed_langevin" and len(times) == 1:
        times = []
    if schedule is TABLE:
        times = [round(1000 * t) for t in times]
    if name == "annealed_langevin" and times == [0.5, 0.5]:
        assert list(sampler(half, schedule, times, torch.randn(1, 1)))  # levels may repeat
        return
    with pytest.raises(ValueError, match="decreasing"):
        next(sampler(half, schedule, times, torch.randn(1, 1)))


@pytest.mark.parametrize("schedule", [FlowMatching(), Cosine()], ids=repr)
def test_plms_refuses_to_start_from_pure_noise(schedule):
    with pytest.raises(ValueError, match=r"plms.*at t = 1 of \w+.*begin a little below"):
        next(smp.plms(half, schedule, [1.0, 0.5, 0.0], torch.randn(1, 2)))


@pytest.mark.parametrize("name", sorted(RANDOM))
def test_the_generator_decides_the_noise(name):
    sampler, schedule, times = CASES[name]
    x = torch.randn(2, 1, 3, 3)

    def run(seed: int) -> torch.Tensor:
        g = torch.Generator().manual_seed(seed)
        *_, y = sampler(half, schedule, times, x, generator=g)
        return y

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))


@pytest.mark.parametrize("name", sorted(set(CASES) - RANDOM))
def test_deterministic_samplers_are(name):
    sampler, schedule, times = CASES[name]
    x = torch.randn(2, 1, 3, 3)
    torch.manual_seed(1)
    first = list(sampler(half, schedule, times, x))
    second = list(sampler(half, schedule, times, x))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@each
def test_coefficients_are_computed_in_double_precision(name, monkeypatch):
    """A run in float32 stays within float32's rounding of the run in float64, with equal noise."""
    sampler, schedule, times = CASES[name]
    x = torch.randn(2, 1, 3, 3, generator=torch.Generator().manual_seed(0))
    denoiser = as_denoiser(lambda x, t: torch.tanh(x), schedule, "x0")

    def end(dtype: torch.dtype) -> torch.Tensor:
        source = torch.Generator().manual_seed(1)

        def noise(x: torch.Tensor, _: torch.Generator | None) -> torch.Tensor:
            return torch.randn(x.shape, generator=source).to(x.dtype)

        if name in RANDOM:
            monkeypatch.setattr(sys.modules[sampler.__module__], "noise_like", noise)
        *_, y = sampler(denoiser, schedule, times, x.to(dtype))
        return y

    single, double = end(torch.float32), end(torch.float64)
    assert (single.dtype, double.dtype) == (torch.float32, torch.float64)
    assert (single - double).abs().max() < 2e-5
