"""Our samplers and azula's, under azula's schedules: float64 on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import azula.denoise
import azula.noise
import azula.sample
import torch
from torch import Tensor

from bench._oracle import MIXTURE, Case, Pair, last, start
from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.schedules import Schedule


class Azula(Schedule):
    """One of azula's schedules as one of ours."""

    def __init__(self, theirs: azula.noise.Schedule) -> None:
        self.theirs = theirs

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return self.theirs(t)


class AzulaDenoiser(azula.denoise.Denoiser):
    """The mixture's denoiser in azula's dress."""

    def __init__(self, schedule: azula.noise.Schedule) -> None:
        super().__init__()
        self.schedule = schedule

    def forward(self, x_t: Tensor, t: Tensor, **kwargs: object) -> azula.denoise.DiracPosterior:
        return azula.denoise.DiracPosterior(MIXTURE.denoise(x_t, *self.schedule(t)))


def beside_azula(
    name: str, ours: Callable[..., Iterator[Tensor]], theirs: str, **options: object
) -> Pair:
    """Twenty steps; ``their_...`` options are theirs alone, ``start`` and ``stop`` the grid's."""
    noise = getattr(azula.noise, f"{name}Schedule")()
    their = {k.removeprefix("their_"): options.pop(k) for k in [*options] if k.startswith("their_")}
    sampler = getattr(azula.sample, theirs)(
        AzulaDenoiser(noise), steps=20, silent=True, dtype=torch.float64, **their
    )
    times = sampler.timesteps.tolist()
    scale = noise(torch.tensor(times[0], dtype=torch.float64))[1].item()
    torch.manual_seed(3)
    expected = sampler(start(scale))
    torch.manual_seed(3)
    wrapped = Azula(noise)
    return last(ours(MIXTURE.denoiser(wrapped), wrapped, times, start(scale), **options)), expected


def azula_cases() -> list[Case]:
    """Return what is compared under azula's schedules, where both sides are float64 throughout."""
    # Their eta scales the variance of the fresh noise, ours (the paper's) its standard deviation.
    # Their log sigma needs alpha and sigma above zero at both ends.
    inside = {"their_start": 0.99, "their_stop": 0.01}
    pairs: list[tuple[str, Callable[..., Iterator[Tensor]], str, dict[str, object]]] = [
        ("ddpm", smp.ddpm, "DDPMSampler", {}),
        ("ddim", smp.ddim, "DDIMSampler", {}),
        ("ddim, eta 0.5", smp.ddim, "DDIMSampler", {"eta": 0.5, "their_eta": 0.25}),
        ("euler", smp.euler, "EulerSampler", {}),
        ("heun", smp.heun, "HeunSampler", {}),
        *(
            (
                f"deis in {name}, degree {r}",
                smp.deis,
                f"{theirs}Sampler",
                {"order": r, "variable": variable, "their_order": r + 1, **inside},
            )
            for name, variable, theirs in (("rho", "rho", "zAB"), ("log rho", "log_rho", "zEAB"))
            for r in (1, 2, 3)
        ),
    ]
    return [
        Case(
            f"{what}, {schedule}",
            f"azula {theirs}, {schedule}Schedule, float64",
            1e-9,
            partial(beside_azula, schedule, ours, theirs, **options),
        )
        for what, ours, theirs, options in pairs
        for schedule in ("VE", "VP", "Cosine", "Rectified")
    ]
