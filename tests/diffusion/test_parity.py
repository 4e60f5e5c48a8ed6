"""The same samples as diffusers and azula give, from the same start and the same noise.

The denoiser is the mixture's own, in float64. What remains comes from diffusers' float32 tables.
"""

from __future__ import annotations

from collections.abc import Iterator

import azula.denoise
import azula.noise
import azula.sample
import diffusers
import pytest
import torch
from torch import Tensor

from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.mixture import GaussianMixture
from diffatlas.diffusion.parameterizations import edm_preconditioning
from diffatlas.diffusion.schedules import EDM, FlowMatching, Schedule, ddpm_linear
from diffatlas.diffusion.times import karras_sigmas, leading_times

TABLE = ddpm_linear()


def last(states: Iterator[Tensor]) -> Tensor:
    *_, x = states
    return x


def start(n: int = 32, scale: float = 1.0) -> Tensor:
    g = torch.Generator().manual_seed(1)
    return scale * torch.randn(n, 2, dtype=torch.float64, generator=g)


def eps(mixture: GaussianMixture, x: Tensor, alpha: float, sigma: float) -> Tensor:
    return (x - alpha * mixture.denoise(x, alpha, sigma)) / sigma


def walk(scheduler, mixture: GaussianMixture, x: Tensor, **kwargs: object) -> Tensor:
    """Follow a scheduler of discrete times; index k of theirs is our time k + 1."""
    for t in scheduler.timesteps:
        out = eps(mixture, x, *TABLE(int(t) + 1))
        x = scheduler.step(out, t, x, **kwargs).prev_sample
    return x


@pytest.mark.parametrize(("ours", "theirs"), [("small", "fixed_small"), ("large", "fixed_large")])
def test_ddpm(mixture, ours, theirs):
    scheduler = diffusers.DDPMScheduler(clip_sample=False, variance_type=theirs)
    scheduler.set_timesteps(1000)
    g = torch.Generator().manual_seed(5)
    expected = walk(scheduler, mixture, start(), generator=g)
    g = torch.Generator().manual_seed(5)
    found = last(
        smp.ddpm(mixture.denoiser(TABLE), TABLE, leading_times(1000), start(), ours, generator=g)
    )
    torch.testing.assert_close(found, expected, atol=5e-4, rtol=0)


@pytest.mark.parametrize("eta", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("n", [13, 50])
def test_ddim(mixture, n, eta):
    scheduler = diffusers.DDIMScheduler(
        clip_sample=False, timestep_spacing="leading", set_alpha_to_one=True
    )
    scheduler.set_timesteps(n)
    g = torch.Generator().manual_seed(5)
    expected = walk(scheduler, mixture, start(), eta=eta, generator=g)
    g = torch.Generator().manual_seed(5)
    denoiser = mixture.denoiser(TABLE)
    found = last(smp.ddim(denoiser, TABLE, leading_times(n), start(), eta, generator=g))
    torch.testing.assert_close(found, expected, atol=2e-4, rtol=0)


@pytest.mark.parametrize("n", [10, 40])
def test_plms(mixture, n):
    scheduler = diffusers.PNDMScheduler(skip_prk_steps=True, set_alpha_to_one=True)
    scheduler.set_timesteps(n)
    expected = walk(scheduler, mixture, start())
    found = last(smp.plms(mixture.denoiser(TABLE), TABLE, leading_times(n), start()))
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=0)


@pytest.mark.parametrize("n", [8, 40])
def test_dpm_solver(mixture, n):
    scheduler = diffusers.DPMSolverMultistepScheduler(
        solver_order=2,
        algorithm_type="dpmsolver++",
        solver_type="midpoint",
        final_sigmas_type="zero",
    )
    scheduler.set_timesteps(n)
    expected = walk(scheduler, mixture, start())
    times = [t + 1.0 for t in scheduler.timesteps.tolist()] + [0.0]
    found = last(smp.dpm_solver_2m(mixture.denoiser(TABLE), TABLE, times, start()))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_heun(mixture):
    scheduler = diffusers.HeunDiscreteScheduler(use_karras_sigmas=True)
    scheduler.set_timesteps(18)
    expected = start(scale=14.0)
    for t, sigma in zip(scheduler.timesteps, scheduler.sigmas.tolist(), strict=False):
        out = eps(mixture, expected, 1.0, sigma)
        expected = scheduler.step(out, t, expected).prev_sample
    times = sorted(set(scheduler.sigmas.tolist()), reverse=True)
    assert len(times) == 19
    found = last(smp.heun(mixture.denoiser(EDM()), EDM(), times, start(scale=14.0)))
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=0)


def test_edm_euler(mixture):
    scheduler = diffusers.EDMEulerScheduler(sigma_data=0.5)
    scheduler.set_timesteps(30)
    expected = start(scale=80.0)
    for t, sigma in zip(scheduler.timesteps, scheduler.sigmas.tolist(), strict=False):
        c_skip, c_out, _, _ = edm_preconditioning(sigma, 0.5)
        d = mixture.denoise(expected, 1.0, sigma)
        expected = scheduler.step((d - c_skip * expected) / c_out, t, expected).prev_sample
    times = karras_sigmas(30, 0.002, 80.0)
    found = last(smp.euler(mixture.denoiser(EDM()), EDM(), times, start(scale=80.0)))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("batch", [1, 32])
def test_predictor_corrector(mixture, batch, monkeypatch):
    """Corrector, then predictor, norms averaged over the batch; the last predictor's mean."""
    n, before = 40, torch.get_default_dtype()
    scheduler = diffusers.ScoreSdeVeScheduler(snr=0.16, sigma_min=0.01, sigma_max=20.0)
    torch.set_default_dtype(torch.float64)  # their corrector draws its noise in the default type
    try:
        scheduler.set_timesteps(n)
        scheduler.set_sigmas(n)
        levels = scheduler.discrete_sigmas.flip(0).tolist()
        g = torch.Generator().manual_seed(5)
        x = start(batch, 20.0)
        for t, sigma in zip(scheduler.timesteps, levels, strict=True):
            x = scheduler.step_correct(mixture.score(x, 1, sigma), x, generator=g).prev_sample
            done = scheduler.step_pred(mixture.score(x, 1, sigma), t, x, generator=g)
            x = done.prev_sample
    finally:
        torch.set_default_dtype(before)
    g = torch.Generator().manual_seed(5)
    denoiser = mixture.denoiser(EDM())
    states = smp.predictor_corrector(
        denoiser, EDM(), [*levels, 0.0], start(batch, 20.0), snr=0.16, generator=g
    )
    torch.testing.assert_close(last(states), done.prev_sample_mean, atol=1e-10, rtol=0)


def test_flow_matching_euler(mixture):
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler(shift=1.0)
    scheduler.set_timesteps(25)
    times = scheduler.sigmas.double().tolist()
    expected = start()
    for t, s in zip(scheduler.timesteps, times, strict=False):
        d = mixture.denoise(expected, 1 - s, s)
        expected = scheduler.step((expected - d) / s, t, expected).prev_sample
    path = FlowMatching()
    for sampler in (smp.euler, smp.ddim):
        found = last(sampler(mixture.denoiser(path), path, times, start()))
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


class Azula(Schedule):
    """One of azula's schedules as one of ours."""

    def __init__(self, theirs: azula.noise.Schedule) -> None:
        self.theirs = theirs

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return self.theirs(t)


class AzulaDenoiser(azula.denoise.Denoiser):
    """The mixture's denoiser in azula's dress."""

    def __init__(self, mixture: GaussianMixture, schedule: azula.noise.Schedule) -> None:
        super().__init__()
        self.mixture, self.schedule = mixture, schedule

    def forward(self, x_t: Tensor, t: Tensor, **kwargs: object) -> azula.denoise.DiracPosterior:
        return azula.denoise.DiracPosterior(self.mixture.denoise(x_t, *self.schedule(t)))


@pytest.mark.parametrize("schedule", ["VE", "VP", "Cosine", "Rectified"])
@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (smp.ddpm, "DDPMSampler", {}),
        (smp.ddim, "DDIMSampler", {}),
        (smp.ddim, "DDIMSampler", {"eta": 0.5}),
        (smp.euler, "EulerSampler", {}),
        (smp.heun, "HeunSampler", {}),
    ],
)
def test_azula(mixture, schedule, ours, theirs, options):
    noise = getattr(azula.noise, f"{schedule}Schedule")()
    # Their eta scales the variance of the fresh noise, ours (the paper's) its standard deviation.
    their_options = {name: eta**2 for name, eta in options.items()}
    sampler = getattr(azula.sample, theirs)(
        AzulaDenoiser(mixture, noise), steps=20, silent=True, dtype=torch.float64, **their_options
    )
    scale = noise(torch.tensor(1.0, dtype=torch.float64))[1].item()
    x = start(scale=scale)
    torch.manual_seed(3)
    expected = sampler(x)
    torch.manual_seed(3)
    wrapped, times = Azula(noise), sampler.timesteps.tolist()
    found = last(ours(mixture.denoiser(wrapped), wrapped, times, x, **options))
    torch.testing.assert_close(found, expected, atol=1e-9, rtol=1e-9)
