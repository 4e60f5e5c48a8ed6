"""Time of one sampler update with a denoiser that costs nothing, beside diffusers' and azula's.

``python -m bench.samplers --out FILE``. With a free denoiser only the sampler's own work is left. A
round times one whole run of each side, one after the other, on one thread; a figure is the best of
all rounds, on both sides, which is what a busy machine disturbs least. Ours include the planning of
the coefficients; diffusers' ``set_timesteps`` is left out. An update is one call of the peer's
``step``: Heun's are two to a step of the method, and so are the predictor-corrector's.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from bench._report import Row, options, report, row
from diffatlas.diffusion import samplers
from diffatlas.diffusion.schedules import EDM, FlowMatching, ddpm_linear
from diffatlas.diffusion.times import karras_sigmas, leading_times, uniform_times

STEPS, ROUNDS, SHAPE = 100, 25, (1, 28, 28)
GOAL_US, GOAL_RATIO = 60.0, 3.0

Run = Callable[[], float]
"""Make one run and return microseconds per update."""


def timed(run: Callable[[], object], updates: int) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) / updates * 1e6


def ours(x: Tensor) -> dict[str, Run]:
    table, grid = ddpm_linear(), leading_times(STEPS)
    sigmas, line = karras_sigmas(STEPS), uniform_times(STEPS)
    clean = torch.zeros_like(x)

    def free(x: Tensor, t: object) -> Tensor:
        return clean

    def run(make: Callable[[], Iterator[Tensor]], updates: int) -> Run:
        def drain() -> None:
            for _ in make():
                pass

        return lambda: timed(drain, updates)

    pc = samplers.predictor_corrector
    return {
        "DDPM": run(lambda: samplers.ddpm(free, table, grid, x), STEPS),
        "DDIM": run(lambda: samplers.ddim(free, table, grid, x), STEPS),
        "PLMS": run(lambda: samplers.plms(free, table, grid, x), STEPS + 1),
        "DPM-Solver++(2M)": run(lambda: samplers.dpm_solver_2m(free, table, grid, x), STEPS),
        "DPM-Solver++(2M) SDE": run(
            lambda: samplers.dpm_solver_2m(free, table, grid, x, 1.0), STEPS
        ),
        "UniPC-2": run(lambda: samplers.unipc(free, table, grid, x), STEPS),
        "DEIS-3": run(lambda: samplers.deis(free, table, grid, x, 2, "log_rho"), STEPS),
        "Heun": run(lambda: samplers.heun(free, EDM(), sigmas, x), 2 * STEPS - 1),
        "Euler": run(lambda: samplers.euler(free, EDM(), sigmas, x), STEPS),
        "Flow-matching Euler": run(lambda: samplers.euler(free, FlowMatching(), line, x), STEPS),
        "Predictor-corrector": run(lambda: pc(free, EDM(), sigmas, x), 2 * STEPS),
    }


def diffusers_runs(x: Tensor) -> dict[str, Run]:
    import diffusers as d

    d.utils.logging.set_verbosity_error()
    out = torch.zeros_like(x)

    def run(scheduler) -> Run:  # type: ignore[no-untyped-def]
        def loop() -> None:
            y = x
            for t in scheduler.timesteps:
                y = scheduler.step(out, t, y).prev_sample

        def one() -> float:
            scheduler.set_timesteps(STEPS)
            return timed(loop, len(scheduler.timesteps))

        return one

    ve = d.ScoreSdeVeScheduler(snr=0.16)

    def correct_and_predict() -> None:
        y = x
        for t in ve.timesteps:
            y = ve.step_pred(out, t, ve.step_correct(out, y).prev_sample).prev_sample

    def one_pc() -> float:
        ve.set_timesteps(STEPS)
        ve.set_sigmas(STEPS)
        return timed(correct_and_predict, 2 * STEPS)

    return {
        "DDPM": run(d.DDPMScheduler(clip_sample=False)),
        "DDIM": run(d.DDIMScheduler(clip_sample=False)),
        "PLMS": run(d.PNDMScheduler(skip_prk_steps=True)),
        "DPM-Solver++(2M)": run(d.DPMSolverMultistepScheduler()),
        "DPM-Solver++(2M) SDE": run(
            d.DPMSolverMultistepScheduler(algorithm_type="sde-dpmsolver++")
        ),
        "UniPC-2": run(d.UniPCMultistepScheduler()),
        "DEIS-3": run(d.DEISMultistepScheduler(solver_order=3)),
        "Heun": run(d.HeunDiscreteScheduler(use_karras_sigmas=True)),
        "Euler": run(d.EulerDiscreteScheduler(use_karras_sigmas=True)),
        "Flow-matching Euler": run(d.FlowMatchEulerDiscreteScheduler()),
        "Predictor-corrector": one_pc,
    }


def azula_runs(x: Tensor) -> dict[str, Run]:
    from azula import denoise, noise, sample

    clean = torch.zeros_like(x)

    class Free(denoise.Denoiser):
        def __init__(self) -> None:
            super().__init__()
            self.schedule = noise.VPSchedule()

        def forward(self, x_t: Tensor, t: Tensor, **kwargs: object) -> denoise.Posterior:
            return denoise.DiracPosterior(mean=clean)

    def run(kind, updates: int) -> Run:  # type: ignore[no-untyped-def]
        sampler = kind(Free(), start=0.99, stop=0.01, steps=STEPS, silent=True)
        return lambda: timed(lambda: sampler(x), updates)

    return {
        "DDPM": run(sample.DDPMSampler, STEPS),
        "DDIM": run(sample.DDIMSampler, STEPS),
        "Heun": run(sample.HeunSampler, 2 * STEPS),
        "Euler": run(sample.EulerSampler, STEPS),
    }


def compare(batch: int, rounds: int) -> list[Row]:
    """Return one row a sampler and peer for this batch size; goals are set at batch 1."""
    x = torch.randn(batch, *SHAPE)
    mine, peers = ours(x), {"diffusers": diffusers_runs(x), "azula": azula_runs(x)}
    seen: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds + 1):
        for what, run in mine.items():
            pair = {"ours": run} | {p: runs[what] for p, runs in peers.items() if what in runs}
            for who, one in pair.items():
                figure = one()
                if turn > 0:  # the first round only warms up
                    seen.setdefault((what, who), []).append(figure)
    best = {key: min(figures) for key, figures in seen.items()}
    rows: list[Row] = []
    for (what, who), theirs in best.items():
        if who == "ours":
            continue
        own = best[what, "ours"]
        judged = batch == 1 and who == "diffusers"
        rows.append(
            row(
                f"{what} update, batch {batch}",
                own,
                "us",
                peer=theirs,
                peer_name=who,
                goal=f"<= {GOAL_US:g} us and >= {GOAL_RATIO:g}x faster" if judged else None,
                met=own <= GOAL_US and theirs / own >= GOAL_RATIO if judged else None,
            )
        )
    return rows


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds to take the best of")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = [row for batch in (1, 64) for row in compare(batch, given.rounds)]
    report("One update of a sampler", rows, given.out)


if __name__ == "__main__":
    main()
