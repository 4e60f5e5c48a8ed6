"""Any solver by name, at equal cost."""

from __future__ import annotations

import pytest
import torch

from diffatlas.diffusion.samplers import SOLVERS, heun, solve
from diffatlas.diffusion.schedules import VE, VP, Cosine, FlowMatching, SubVP, ddpm_linear
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


def test_an_unknown_name_and_too_few_evaluations(mixture):
    schedule = VP()
    with pytest.raises(ValueError, match="no solver 'rk4'; there are ddim, heun"):
        solve("rk4", mixture.denoiser(schedule), schedule, torch.zeros(1, 2), 10)
    with pytest.raises(ValueError, match="2 evaluations are too few"):
        solve("ddim", mixture.denoiser(schedule), schedule, torch.zeros(1, 2), 2)
