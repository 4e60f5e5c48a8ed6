"""Our samplers and diffusers' schedulers, each pair under the conditions that make them equal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise

import diffusers
import torch
from torch import Tensor

from bench._oracle import MIXTURE, Case, Pair, last, seeded, start
from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.parameterizations import edm_preconditioning
from diffatlas.diffusion.schedules import EDM, VP, FlowMatching, Schedule, ddpm_linear
from diffatlas.diffusion.times import karras_sigmas, leading_times

TABLE = ddpm_linear()


def eps(x: Tensor, alpha: float, sigma: float) -> Tensor:
    return (x - alpha * MIXTURE.denoise(x, alpha, sigma)) / sigma


def walk(scheduler, **kwargs: object) -> Tensor:  # type: ignore[no-untyped-def]
    """Follow a scheduler of discrete times; index k of theirs is our time k + 1."""
    x = start()
    for t in scheduler.timesteps:
        x = scheduler.step(eps(x, *TABLE(int(t) + 1)), t, x, **kwargs).prev_sample
    return x


def times_of(scheduler, stop: float) -> list[float]:  # type: ignore[no-untyped-def]
    return [t + 1.0 for t in scheduler.timesteps.tolist()] + [stop]


def ready(name: str, n: int, **config: object):  # type: ignore[no-untyped-def]
    scheduler = getattr(diffusers, name)(**config)
    scheduler.set_timesteps(n)
    return scheduler


def ddpm(variance: str) -> Pair:
    scheduler = ready("DDPMScheduler", 1000, clip_sample=False, variance_type=f"fixed_{variance}")
    grid, denoiser = leading_times(1000), MIXTURE.denoiser(TABLE)
    found = last(smp.ddpm(denoiser, TABLE, grid, start(), variance, generator=seeded()))  # type: ignore[arg-type]
    return found, walk(scheduler, generator=seeded())


def ddim(n: int, eta: float) -> Pair:
    config = {"clip_sample": False, "timestep_spacing": "leading", "set_alpha_to_one": True}
    expected = walk(ready("DDIMScheduler", n, **config), eta=eta, generator=seeded())
    denoiser = MIXTURE.denoiser(TABLE)
    return last(smp.ddim(denoiser, TABLE, leading_times(n), start(), eta, seeded())), expected


def plms(n: int) -> Pair:
    scheduler = ready("PNDMScheduler", n, skip_prk_steps=True, set_alpha_to_one=True)
    found = last(smp.plms(MIXTURE.denoiser(TABLE), TABLE, leading_times(n), start()))
    return found, walk(scheduler)


def dpm_solver(n: int, eta: float) -> Pair:
    kind = "sde-dpmsolver++" if eta else "dpmsolver++"
    config = {"algorithm_type": kind, "solver_type": "midpoint"}
    scheduler = ready("DPMSolverMultistepScheduler", n, solver_order=2, **config)
    denoiser, times = MIXTURE.denoiser(TABLE), times_of(scheduler, 0.0)
    found = last(smp.dpm_solver_2m(denoiser, TABLE, times, start(), eta, seeded()))
    x, generator = start(), seeded()
    for t in scheduler.timesteps:
        noise = torch.randn(x.shape, dtype=x.dtype, generator=generator)
        out = eps(x, *TABLE(int(t) + 1))
        x = scheduler.step(out, t, x, variance_noise=noise).prev_sample
    return found, x


def unipc(n: int, order: int, variant: str, final: str = "zero") -> Pair:
    config = {"solver_order": order, "solver_type": variant, "final_sigmas_type": final}
    scheduler = ready("UniPCMultistepScheduler", n, **config)
    times = times_of(scheduler, 0.0 if final == "zero" else 1.0)
    denoiser = MIXTURE.denoiser(TABLE)
    return last(smp.unipc(denoiser, TABLE, times, start(), order, variant)), walk(scheduler)  # type: ignore[arg-type]


def unipc_by_sigmas(n: int, order: int, schedule: Schedule, **config: object) -> Pair:
    """Their sigma is our t under flow matching, and sigma / alpha under VP."""
    scheduler = ready("UniPCMultistepScheduler", n, solver_order=order, **config)
    flow = isinstance(schedule, FlowMatching)
    levels, x = scheduler.sigmas.double().tolist(), start()
    times = [s if flow else schedule.time(-2 * math.log(s)) for s in levels[:-1]] + [0.0]
    for t, place in zip(scheduler.timesteps, times, strict=False):
        d = MIXTURE.denoise(x, *schedule(place))
        x = scheduler.step((x - d) / place if flow else d, t, x).prev_sample
    return last(smp.unipc(MIXTURE.denoiser(schedule), schedule, times, start(), order)), x


def deis(n: int, order: int) -> Pair:
    scheduler = ready("DEISMultistepScheduler", n, solver_order=order + 1)
    states = smp.deis(
        *(MIXTURE.denoiser(TABLE), TABLE, times_of(scheduler, 1.0), start()),
        *(order, "log_rho", n < 15),
    )
    return last(states), walk(scheduler)


def heun(n: int) -> Pair:
    scheduler, x = ready("HeunDiscreteScheduler", n, use_karras_sigmas=True), start(14.0)
    for t, sigma in zip(scheduler.timesteps, scheduler.sigmas.tolist(), strict=False):
        x = scheduler.step(eps(x, 1.0, sigma), t, x).prev_sample
    times = sorted(set(scheduler.sigmas.tolist()), reverse=True)
    return last(smp.heun(MIXTURE.denoiser(EDM()), EDM(), times, start(14.0))), x


def churned_heun(n: int, low: float) -> Pair:
    """Theirs draws noise at every level, ours within the range, which must be the first ones."""
    from diffusers.schedulers.deprecated.scheduling_karras_ve import KarrasVeScheduler

    churn = smp.Churn(amount=30.0, low=low, scale=1.007)
    scheduler = KarrasVeScheduler(
        s_noise=churn.scale, s_churn=churn.amount, s_min=churn.low, s_max=churn.high
    )
    scheduler.set_timesteps(n)
    times, noise = karras_sigmas(n, 0.02, 80.0), seeded()
    x = start(80.0)
    with in_double():
        for sigma, after in pairwise(times):
            x, up = scheduler.add_noise_to_input(x, sigma, noise)
            done = scheduler.step(-eps(x, 1.0, up), up, after, x)
            if after > 0:
                out = -eps(done.prev_sample, 1.0, after)
                moves = x, done.prev_sample, done.derivative
                done = scheduler.step_correct(out, up, after, *moves)
            x = done.prev_sample
    denoiser = MIXTURE.denoiser(EDM())
    return last(smp.heun(denoiser, EDM(), times, start(80.0), churn, seeded())), x


def edm_euler(n: int) -> Pair:
    scheduler, x = ready("EDMEulerScheduler", n, sigma_data=0.5), start(80.0)
    for t, sigma in zip(scheduler.timesteps, scheduler.sigmas.tolist(), strict=False):
        c_skip, c_out, _, _ = edm_preconditioning(sigma, 0.5)
        out = (MIXTURE.denoise(x, 1.0, sigma) - c_skip * x) / c_out
        x = scheduler.step(out, t, x).prev_sample
    times = karras_sigmas(n, 0.002, 80.0)
    return last(smp.euler(MIXTURE.denoiser(EDM()), EDM(), times, start(80.0))), x


def predictor_corrector(n: int, batch: int) -> Pair:
    """Corrector, then predictor, norms averaged over the batch; the last predictor's mean."""
    scheduler = diffusers.ScoreSdeVeScheduler(snr=0.16, sigma_min=0.01, sigma_max=20.0)
    with in_double():
        scheduler.set_timesteps(n)
        scheduler.set_sigmas(n)
        levels, g, x = scheduler.discrete_sigmas.flip(0).tolist(), seeded(), start(20.0, batch)
        for t, sigma in zip(scheduler.timesteps, levels, strict=True):
            x = scheduler.step_correct(MIXTURE.score(x, 1, sigma), x, generator=g).prev_sample
            done = scheduler.step_pred(MIXTURE.score(x, 1, sigma), t, x, generator=g)
            x = done.prev_sample
    walk = smp.predictor_corrector(
        *(MIXTURE.denoiser(EDM()), EDM(), [*levels, 0.0], start(20.0, batch)),
        snr=0.16,
        generator=seeded(),
    )
    return last(walk), done.prev_sample_mean


def flow_euler(n: int, sampler: Callable[..., Iterator[Tensor]]) -> Pair:
    scheduler, path = ready("FlowMatchEulerDiscreteScheduler", n, shift=1.0), FlowMatching()
    times, x = scheduler.sigmas.double().tolist(), start()
    for t, s in zip(scheduler.timesteps, times, strict=False):
        x = scheduler.step((x - MIXTURE.denoise(x, 1 - s, s)) / s, t, x).prev_sample
    return last(sampler(MIXTURE.denoiser(path), path, times, start())), x


@contextmanager
def in_double() -> Iterator[None]:
    """Some of their schedulers draw their noise in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def diffusers_cases() -> list[Case]:
    """Return all pairs; a bound is some ten times what was measured."""
    found: list[Case] = []

    def add(
        what: str, oracle: str, bound: float, run: Callable[..., Pair], *a: object, **k: object
    ) -> None:
        found.append(Case(what, f"diffusers {oracle}", bound, partial(run, *a, **k)))

    for v in ("small", "large"):
        theirs = f"DDPMScheduler(clip_sample=False, variance_type='fixed_{v}'), shared noise"
        add(f"ddpm, {v} variance, 1000 steps", theirs, 5e-4, ddpm, v)
    theirs = "DDIMScheduler(clip_sample=False, timestep_spacing='leading', set_alpha_to_one=True)"
    for eta in (0.0, 0.6, 1.0):
        for n in (13, 50):
            add(f"ddim, eta {eta:g}, {n} steps", theirs, 1e-4, ddim, n, eta)
    theirs = "PNDMScheduler(skip_prk_steps=True, set_alpha_to_one=True)"
    for n in (10, 40):
        add(f"plms, {n} steps", theirs, 2e-5, plms, n)
    theirs = "DPMSolverMultistepScheduler(solver_type='midpoint'), final sigma zero"
    for n in (8, 40):
        add(f"dpm_solver_2m, {n} steps", theirs, 1e-4, dpm_solver, n, 0.0)
    theirs = theirs.replace("(", "(algorithm_type='sde-dpmsolver++', ") + ", shared noise"
    for n in (8, 40):
        add(f"dpm_solver_2m, eta 1, {n} steps", theirs, 3e-3, dpm_solver, n, 1.0)
    for p in (1, 2, 3):
        name = f"UniPCMultistepScheduler(solver_order={p}, "
        for n in (8, 40):
            theirs = name + "solver_type='bh2'), final sigma zero"
            add(f"unipc, bh2, order {p}, {n} steps", theirs, 1e-5, unipc, n, p, "bh2")
            theirs = name + "solver_type='bh1', final_sigmas_type='sigma_min'); zero gives NaN"
            run = partial(unipc, final="sigma_min")
            add(f"unipc, bh1, order {p}, {n} steps", theirs, 1e-5, run, n, p, "bh1")
        theirs = name + "use_karras_sigmas=True, prediction_type='sample'), its sigmas"
        options = {"use_karras_sigmas": True, "prediction_type": "sample"}
        what = f"unipc, order {p}, Karras's levels"
        add(what, theirs, 1e-5, unipc_by_sigmas, 20, p, VP(), **options)
        theirs = name + "use_flow_sigmas=True, prediction_type='flow_prediction'), its sigmas"
        options = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}
        what = f"unipc, order {p}, flow matching"
        add(what, theirs, 1e-4, unipc_by_sigmas, 20, p, FlowMatching(), **options)
    for r in (0, 1, 2):
        theirs = f"DEISMultistepScheduler(solver_order={r + 1}), which ends at its sigma_min"
        for n in (14, 40):
            add(f"deis in log rho, degree {r}, {n} steps", theirs, 2e-4, deis, n, r)
    theirs = "HeunDiscreteScheduler(use_karras_sigmas=True), its sigmas"
    add("heun, 18 steps", theirs, 1e-10, heun, 18)
    theirs = "KarrasVeScheduler(s_churn=30, s_noise=1.007), shared noise, our sigmas"
    for low in (0.0, 1.0):
        add(f"heun with churn, S_min {low:g}, 18 steps", theirs, 1e-10, churned_heun, 18, low)
    add("euler, 30 steps", "EDMEulerScheduler(sigma_data=0.5)", 1e-4, edm_euler, 30)
    theirs = "ScoreSdeVeScheduler(snr=0.16), shared noise, its sigmas, the last mean"
    for n in (1, 32):
        add(f"predictor_corrector, VE, batch {n}", theirs, 1e-10, predictor_corrector, 40, n)
    theirs = "FlowMatchEulerDiscreteScheduler(shift=1.0), its sigmas"
    for sampler in (smp.euler, smp.ddim):
        what = f"{sampler.__name__}, flow matching, 25 steps"
        add(what, theirs, 1e-4, flow_euler, 25, sampler)
    return found
