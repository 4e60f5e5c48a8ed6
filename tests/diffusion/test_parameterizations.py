"""Predictions and their conversions."""

from __future__ import annotations

import itertools
import math
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffatlas.diffusion import parameterizations as par
from diffatlas.diffusion.schedules import EDM, VP, Cosine, FlowMatching, SubVP

ALL = list(par.PARAMETERIZATIONS)
SCHEDULES = [VP(), SubVP(), EDM(), FlowMatching()]

numbers = st.floats(0.05, 5.0)
seeds = st.integers(0, 2**31)


def draw(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    x0, eps = torch.randn(2, 3, 1, 4, 4, dtype=torch.float64, generator=g)
    return x0, eps


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=40, deadline=None)
@given(alpha=numbers, sigma=numbers, seed=seeds)
def test_the_target_stands_for_the_image(name, alpha, sigma, seed):
    x0, eps = draw(seed)
    x, p = alpha * x0 + sigma * eps, par.PARAMETERIZATIONS[name]
    out = p.target(x0, eps, alpha, sigma)
    torch.testing.assert_close(p.to_x0(out, x, alpha, sigma), x0)
    torch.testing.assert_close(p.from_x0(x0, x, alpha, sigma), out)


@pytest.mark.parametrize(("a", "b"), itertools.permutations(ALL, 2))
@settings(max_examples=10, deadline=None)
@given(alphas=st.lists(numbers, min_size=3, max_size=3), sigma=numbers, seed=seeds)
def test_every_prediction_converts_to_every_other(a, b, alphas, sigma, seed):
    """With one alpha and sigma for each image of the batch."""
    x0, eps = draw(seed)
    alpha = torch.tensor(alphas, dtype=torch.float64)
    sigmas = sigma * torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64)
    x = alpha[:, None, None, None] * x0 + sigmas[:, None, None, None] * eps
    p, q = par.PARAMETERIZATIONS[a], par.PARAMETERIZATIONS[b]
    out = par.convert(p.target(x0, eps, alpha, sigmas), x, alpha, sigmas, a, q)
    torch.testing.assert_close(out, q.target(x0, eps, alpha, sigmas))
    back = par.convert(out, x, alpha, sigmas, q, a)
    torch.testing.assert_close(back, p.target(x0, eps, alpha, sigmas))


def test_the_targets_are_the_papers():
    x0, eps = draw(0)
    a, s = 0.8, 0.6
    targets = {name: p.target(x0, eps, a, s) for name, p in par.PARAMETERIZATIONS.items()}
    torch.testing.assert_close(targets["eps"], eps)
    torch.testing.assert_close(targets["x0"], x0)
    torch.testing.assert_close(targets["v"], a * eps - s * x0)
    torch.testing.assert_close(targets["score"], -eps / s)
    torch.testing.assert_close(targets["velocity"], eps - x0)


@pytest.mark.parametrize("name", ALL)
def test_the_clean_end_is_finite(name):
    x, out = draw(1)
    torch.testing.assert_close(
        par.PARAMETERIZATIONS[name].to_x0(out, x, 1.0, 0.0), out if name == "x0" else x
    )


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_an_ideal_network_gives_the_ideal_denoiser(name, schedule, mixture, generator):
    p = par.PARAMETERIZATIONS[name]
    seen = []

    def network(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        seen.append(t)
        alpha, sigma = schedule(t)
        return p.from_x0(mixture.denoise(x, alpha, sigma), x, alpha, sigma)

    denoiser = par.as_denoiser(network, schedule, name)
    x = torch.randn(6, 2, dtype=torch.float64, generator=generator)
    per_image = torch.full((6,), 0.4, dtype=torch.float64)
    for t in (0.4, torch.tensor(0.4, dtype=torch.float64), per_image):
        torch.testing.assert_close(denoiser(x, t), mixture.denoise(x, *schedule(0.4)))
    assert all(t.shape == (6,) and t.dtype == x.dtype for t in seen)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_score_and_eps_of_a_denoiser(schedule, mixture, generator):
    x = torch.randn(6, 2, dtype=torch.float64, generator=generator)
    t = torch.linspace(0.2, 0.9, 6, dtype=torch.float64)
    alpha, sigma = schedule(t)
    expected = mixture.score(x, alpha, sigma)
    denoiser = mixture.denoiser(schedule)
    torch.testing.assert_close(par.score_of(denoiser, schedule)(x, t), expected)
    torch.testing.assert_close(par.eps_of(denoiser, schedule)(x, t), -sigma[:, None] * expected)


def test_clamping_limits_the_image_and_an_unknown_name_is_refused():
    x = torch.linspace(-3, 3, 7)[:, None]
    denoiser = par.as_denoiser(lambda x, t: x, EDM(), "x0", clamp=1.0)
    assert denoiser(x, 1.0).flatten().tolist() == [-1, -1, -1, 0, 1, 1, 1]
    with pytest.raises(ValueError, match="unknown parameterization 'noise'; there are eps, x0, v"):
        par.as_denoiser(lambda x, t: x, EDM(), "noise")


@settings(max_examples=50, deadline=None)
@given(sigma=st.floats(0.002, 80.0), sigma_data=st.floats(0.1, 2.0))
def test_edm_preconditioning_keeps_unit_variance(sigma, sigma_data):
    """EDM, appendix B.6: inputs and effective targets have variance one, c_out is minimal."""
    c_skip, c_out, c_in, c_noise = par.edm_preconditioning(sigma, sigma_data)
    assert c_in**2 * (sigma**2 + sigma_data**2) == pytest.approx(1)
    target_variance = ((1 - c_skip) ** 2 * sigma_data**2 + c_skip**2 * sigma**2) / c_out**2
    assert target_variance == pytest.approx(1)
    for other in (c_skip - 1e-3, c_skip + 1e-3):
        assert (1 - other) ** 2 * sigma_data**2 + other**2 * sigma**2 > c_out**2
    assert c_noise == pytest.approx(math.log(sigma) / 4)
    assert par.edm_loss_weight(sigma, sigma_data) * c_out**2 == pytest.approx(1)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_edm_denoiser_works_under_any_schedule(schedule, mixture, generator):
    def network(x: torch.Tensor, c_noise: torch.Tensor) -> torch.Tensor:
        sigma = torch.exp(4 * c_noise)
        c_skip, c_out, c_in, _ = par.edm_preconditioning(sigma, 0.5)
        y = x / c_in[:, None]
        d = mixture.denoise(y, 1.0, sigma)
        return (d - c_skip[:, None] * y) / c_out[:, None]

    x = torch.randn(4, 2, dtype=torch.float64, generator=generator)
    for t in (0.3, torch.tensor([0.1, 0.2, 0.5, 0.9], dtype=torch.float64)):
        expected = mixture.denoise(x, *schedule(t))
        torch.testing.assert_close(par.edm_denoiser(network, schedule)(x, t), expected)


ENDS = [(FlowMatching(), 0.0), (FlowMatching(), 1.0), (Cosine(), 1.0), (VP(), 0.0), (EDM(), 0.0)]


@pytest.mark.parametrize(("schedule", "t"), ENDS, ids=repr)
@pytest.mark.parametrize("form", [float, torch.tensor, lambda t: torch.tensor([0.5, t])])
def test_where_edm_has_no_noise_level_that_is_said(schedule, t, form):
    denoiser = par.edm_denoiser(lambda x, c: x, schedule)
    said = re.escape(f"no noise level for EDM at t = {t:g} of {schedule}")
    with pytest.raises(ValueError, match=said):
        denoiser(torch.zeros(2, 3), form(t))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("schedule", [FlowMatching(), Cosine()], ids=repr)
@pytest.mark.parametrize("form", [float, torch.tensor, lambda t: torch.tensor([0.5, t])])
def test_noise_and_score_alone_say_nothing_of_the_image_without_it(name, schedule, form):
    denoiser = par.as_denoiser(lambda x, t: x, schedule, name)
    if name in ("eps", "score"):
        with pytest.raises(ValueError, match=rf"no image from {name} at t = 1 of \w+"):
            denoiser(torch.ones(2, 3), form(1.0))
    else:
        assert denoiser(torch.ones(2, 3), form(1.0)).isfinite().all()
