"""Any solver by name, at equal cost."""

from __future__ import annotations

import pytest
import torch

from diffatlas.diffusion.mixture import GaussianMixture
from diffatlas.diffusion.samplers import SOLVERS, heun, solve
from diffatlas.diffusion.schedules import (
    VE,
    VP,
    Cosine,
    FlowMatching,
    SubVP,
    ddpm_cosine,
    ddpm_linear,
)
from diffatlas.diffusion.times import log_snr_times

SCHEDULES = {
    "VP": (VP(), 1.0),
    "sub-VP": (SubVP(), 1.0),
    "VE": (VE(0.02, 8.0), 1.0),
    "flow": (FlowMatching(), 0.999),
    "cosine": (Cosine(), 0.999),
}


def points(schedule, t: float) -> torch.Tensor:
    g = torch.Generator().manual_seed(0)
    alpha, sigma = schedule(t)
    return (alpha**2 + sigma**2) ** 0.5 * torch.randn(16, 2, dtype=torch.float64, generator=g)


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("which", [*SCHEDULES, "table"])
@pytest.mark.parametrize("nfe", [3, 8, 21])
def test_it_costs_what_is_said(mixture, name, which, nfe):
    schedule, start = SCHEDULES.get(which, (ddpm_linear(), 1000.0))
    calls = []

    def denoiser(x, t):
        calls.append(t)
        return mixture.denoise(x, *schedule(t))

    states = list(solve(name, denoiser, schedule, points(schedule, start), nfe, start))
    assert nfe - 1 <= len(calls) <= nfe
    assert all(torch.isfinite(x).all() for x in states)


@pytest.mark.parametrize("which", SCHEDULES)
def test_all_lead_to_the_same_image(mixture, which):
    schedule, start = SCHEDULES[which]
    x, denoiser = points(schedule, start), mixture.denoiser(schedule)
    times = log_snr_times(schedule, 400, start, 1e-3)
    times += [0.0] if which != "VE" else []
    *_, expected = heun(denoiser, schedule, times, x)
    for name in SOLVERS:
        *_, found = solve(name, denoiser, schedule, x, 100, start)
        assert (found - expected).abs().mean() < (0.04 if name == "ddim" else 5e-3), name


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("table", [ddpm_linear(), ddpm_cosine(), ddpm_cosine(37)], ids=repr)
@pytest.mark.parametrize("nfe", [3, 10])
def test_under_a_table_it_starts_from_pure_noise(name, table, nfe):
    """A mean survives only if the noise is taken for what it is, all of it."""
    data = GaussianMixture([1.0], torch.full((1, 2), -0.7, dtype=torch.float64), 0.01)
    seen, g = [], torch.Generator().manual_seed(0)

    def denoiser(x, t):
        seen.append(t)
        return data.denoise(x, *table(t))

    x = torch.randn(4000, 2, dtype=torch.float64, generator=g)
    x -= x.mean(0)
    *_, found = solve(name, denoiser, table, x, nfe)
    assert seen[0] == table.T and all(t == int(t) for t in seen)
    assert found.mean().item() == pytest.approx(-0.7, abs=5e-3)


def test_a_table_has_only_so_many_times(mixture):
    table = ddpm_cosine(10)
    with pytest.raises(ValueError, match="1 to 10 steps"):
        solve("ddim", mixture.denoiser(table), table, torch.zeros(1, 2), 11)


def test_an_unknown_name_and_too_few_evaluations(mixture):
    schedule = VP()
    with pytest.raises(ValueError, match="no solver 'rk4'; there are ddim, heun"):
        solve("rk4", mixture.denoiser(schedule), schedule, torch.zeros(1, 2), 10)
    with pytest.raises(ValueError, match="2 evaluations are too few"):
        solve("ddim", mixture.denoiser(schedule), schedule, torch.zeros(1, 2), 2)
