"""The same samples as diffusers and azula give, from the same start and the same noise.

The pairs and their conditions are those of `bench/oracles.py`, whose figures the site shows.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from azula.sample import xEABSampler
from bench.oracles import cases

from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.samplers._multistep import integrate_lagrange
from diffatlas.diffusion.schedules import EDM

CASES = cases()
STORED = Path(__file__).parents[2] / "docs" / "measurements" / "oracles.json"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_same_samples(case):
    assert case.error() <= case.bound


def test_the_site_shows_all_of_them():
    rows = json.loads(STORED.read_text(encoding="utf-8"))["rows"]
    assert [row["what"] for row in rows] == [case.what for case in CASES]
    assert all(row["met"] for row in rows)


def test_every_sampler_has_an_oracle_or_a_closed_form():
    """The three without a peer are held to the mixture's closed forms in test_stochastic.py and
    test_convergence.py."""
    compared = {case.what.split(",")[0].split(" ")[0] for case in CASES}
    functions = {name for name in smp.__all__ if name[0].islower()} - {
        "langevin_step_size",
        "solve",
    }
    assert functions - compared == {"annealed_langevin", "euler_maruyama", "probability_flow"}


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_weights_of_data_prediction(p):
    """azula's exponential Adams-Bashforth weights, which it solves for in powers of log sigma."""
    lambdas = np.array([-1.2, -0.5, 0.3, 0.7, 1.6])
    u = torch.tensor(-lambdas)
    theirs = -torch.exp(u[4]) * xEABSampler._exponential_adams_bashforth(u, i=3, n=p)
    nodes = lambdas[None, 3::-1][:, :p]
    ours = integrate_lagrange(nodes, lambdas[3:4], lambdas[4:5], 1, lambda points: points)
    np.testing.assert_allclose(ours[0], theirs.flip(0).numpy(), rtol=1e-12, atol=1e-14)
    assert ours.sum() == pytest.approx(-math.expm1(-(1.6 - 0.7)))


@pytest.mark.parametrize("sampler", [smp.euler, smp.heun])
def test_edm_algorithm_2_as_printed(mixture, sampler):
    """Karras et al. 2022, algorithm 2, line by line, with a range that leaves out both ends."""
    churn = smp.Churn(amount=12.0, low=0.1, high=20.0, scale=1.003)
    n, noise = 18, torch.Generator().manual_seed(5)
    ts = [(80 ** (1 / 7) + i / (n - 1) * (0.02 ** (1 / 7) - 80 ** (1 / 7))) ** 7 for i in range(n)]
    ts.append(0.0)
    first = 80.0 * torch.randn(16, 2, dtype=torch.float64, generator=noise)
    state, x = noise.get_state(), first
    churned = 0
    for t, after in zip(ts, ts[1:], strict=False):
        gamma = min(churn.amount / n, math.sqrt(2) - 1) if churn.low <= t <= churn.high else 0.0
        up = t + gamma * t
        if gamma > 0:
            churned += 1
            e = churn.scale * torch.randn(x.shape, dtype=x.dtype, generator=noise)
            x = x + math.sqrt(up**2 - t**2) * e
        d = (x - mixture.denoise(x, 1.0, up)) / up
        y = x + (after - up) * d
        if after != 0 and sampler is smp.heun:
            d2 = (y - mixture.denoise(y, 1.0, after)) / after
            y = x + (after - up) * (d / 2 + d2 / 2)
        x = y
    assert 0 < churned < n
    noise.set_state(state)
    *_, found = sampler(mixture.denoiser(EDM()), EDM(), ts, first, churn, noise)
    torch.testing.assert_close(found, x, atol=1e-11, rtol=0)
