"""What the baselines write out themselves against closed forms and the shared, separate code."""

from __future__ import annotations

import math
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from diffatlas.diffusion import likelihood, runner, samplers
from diffatlas.diffusion.schedules import EDM, ddpm_cosine, ddpm_linear
from diffatlas.diffusion.times import log_snr_times, uniform_times

SHAPE = (1, 4, 4)
STD = 0.6  # of the Gaussian "images" whose denoiser is known


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def denoise(x: Tensor, alpha: float | Tensor, sigma: float | Tensor) -> Tensor:
    """E[x_0 | x] for images N(0, STD^2 I)."""
    return alpha * STD**2 / (alpha**2 * STD**2 + sigma**2) * x


class ExactDDPM(nn.Module):
    """Stands in for the network of the DDPM with the answer for Gaussian images."""

    def __init__(self, model: nn.Module, target: str) -> None:
        super().__init__()
        self.alpha_bar, self.target = model.alpha_bar, target

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        alpha_bar = self.alpha_bar[(c * 1000).round().long()].view(-1, 1, 1, 1)
        alpha, sigma = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
        x0 = denoise(x, alpha, sigma)
        eps = (x - alpha * x0) / sigma
        return {"x0": x0, "eps": eps, "v": alpha * eps - sigma * x0}[self.target]


class Scaled(nn.Module):
    """A network whose output is off by a factor."""

    def __init__(self, inner: nn.Module, factor: float) -> None:
        super().__init__()
        self.forward = lambda x, c: factor * inner(x, c)


@pytest.mark.parametrize("variant, table", [("linear-eps", ddpm_linear), ("cosine-v", ddpm_cosine)])
def test_the_ddpm_has_the_shared_tables(variant: str, table: object) -> None:
    model = runner.find("ddpm").build(SHAPE, variant)
    wanted = table().alphas.float() ** 2  # type: ignore[operator]
    torch.testing.assert_close(model.alpha_bar, wanted, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("variant", ["cosine-v", "cosine-x0", "linear-eps"])
def test_the_ddpms_samplers_equal_the_shared_ones(variant: str) -> None:
    ddpm = runner.find("ddpm")
    model = ddpm.build(SHAPE, variant)
    # alpha_bar_T of the clipped cosine is almost 0, where float32 tables differ: start below it.
    times = [900, 800, 620, 400, 150, 30, 0]
    model.net = ExactDDPM(model, model.target)
    # Within the range that clamping leaves alone.
    x = 0.3 * torch.randn((5, *SHAPE), generator=generator())
    schedule = ddpm_linear() if variant == "linear-eps" else ddpm_cosine()

    def denoiser(y: Tensor, t: float) -> Tensor:
        return denoise(y, *schedule(t)).clamp(-1, 1)

    ours = list(ddpm.ancestral(model, x, times, generator(1)))
    theirs = list(samplers.ddpm(denoiser, schedule, times, x, generator=generator(1)))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    ours = list(ddpm.ddim(model, x, times))
    theirs = list(samplers.ddim(denoiser, schedule, times, x))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    ours = list(ddpm.multistep(model, x, times, generator(1), eta=2.0))
    theirs = list(samplers.dpm_solver_2m(denoiser, schedule, times, x, 2.0, generator(1)))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("variant", ["cosine-v", "cosine-x0", "linear-eps"])
def test_the_exact_network_has_the_smallest_ddpm_loss(variant: str) -> None:
    ddpm = runner.find("ddpm")
    model = ddpm.build(SHAPE, variant)
    x0 = STD * torch.randn((4000, *SHAPE), generator=generator())
    exact = ExactDDPM(model, model.target)
    model.net = exact
    best = ddpm.loss(model, x0, generator(1))
    for factor in (0.9, 1.1):
        model.net = Scaled(exact, factor)
        assert ddpm.loss(model, x0, generator(1)) > best


def ncsn_exact(variant: str) -> tuple[ModuleType, nn.Module]:
    """An NCSN that answers sigma * score for Gaussian images."""
    ncsn = runner.find("ncsn")
    model = ncsn.build(SHAPE, variant)
    model.forward = lambda x, sigma: -sigma * x / (STD**2 + sigma**2)
    return ncsn, model


@pytest.mark.parametrize("variant", ["conditional", "unconditional"])
def test_the_true_score_has_the_smallest_ncsn_loss(variant: str) -> None:
    ncsn, model = ncsn_exact(variant)
    x0 = STD * torch.randn((4000, *SHAPE), generator=generator())
    best, exact = ncsn.loss(model, x0, generator(1)), model.forward
    for factor in (0.95, 1.05):
        model.forward = lambda x, sigma, k=factor: k * exact(x, sigma)
        assert ncsn.loss(model, x0, generator(1)) > best


def test_the_conditional_ncsn_starts_as_the_score_of_a_gaussian() -> None:
    model = runner.find("ncsn").build((1, 8, 8), "conditional")
    x, sigma = torch.randn(3, 1, 8, 8), torch.tensor([0.1, 1.0, 9.0]).view(-1, 1, 1, 1)
    torch.testing.assert_close(model(x, sigma), -sigma * x / (sigma**2 + 1))


def test_noise_levels_follow_the_techniques() -> None:
    levels = runner.find("ncsn").noise_levels((1, 28, 28))
    assert levels[0] == pytest.approx(42) and levels[-1] == pytest.approx(0.02)
    gamma = levels[0] / levels[1]
    assert all(a / b == pytest.approx(gamma) for a, b in zip(levels[:-1], levels[1:], strict=True))

    def cdf(v: float) -> float:
        return 0.5 * math.erfc(-v / math.sqrt(2))

    center = math.sqrt(2 * 784) * (gamma - 1)
    assert cdf(center + 3 * gamma) - cdf(center - 3 * gamma) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("steps", [1, 4])
def test_ncsn_langevin_dynamics_equals_the_shared_one(steps: int) -> None:
    ncsn, model = ncsn_exact("conditional")
    sigmas = model.sigmas.tolist()[3::4]
    x = sigmas[0] * torch.randn((5, *SHAPE), generator=generator())
    ours = list(ncsn.annealed_langevin(model, x, sigmas, steps, generator(1)))
    theirs = list(
        samplers.annealed_langevin(
            lambda y, t: denoise(y, 1.0, t), EDM(), sigmas, x, steps, generator=generator(1)
        )
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def sde_exact(variant: str) -> tuple[ModuleType, nn.Module]:
    """A score SDE that answers E[x_0 | x_t] for Gaussian images."""
    sde = runner.find("score_sde")
    model = sde.build(SHAPE, variant)

    def exact(x: Tensor, t: float | Tensor) -> Tensor:
        alpha, sigma = model.sde(t)
        if isinstance(alpha, Tensor):
            alpha, sigma = alpha.view(-1, 1, 1, 1), sigma.view(-1, 1, 1, 1)
        return denoise(x, alpha, sigma)

    model.forward = exact
    return sde, model


@pytest.mark.parametrize("variant", ["vp", "ve", "sub-vp"])
def test_the_true_score_has_the_smallest_sde_loss(variant: str) -> None:
    sde, model = sde_exact(variant)
    x0 = STD * torch.randn((4000, *SHAPE), generator=generator())
    best, exact = sde.loss(model, x0, generator(1)), model.forward
    for factor in (0.97, 1.03):
        model.forward = lambda x, t, k=factor: k * exact(x, t)
        assert sde.loss(model, x0, generator(1)) > best


@pytest.mark.parametrize("variant", ["vp", "ve", "sub-vp"])
@pytest.mark.parametrize(
    "sampler", ["multistep", "reverse-sde", "predictor-corrector", "probability-flow"]
)
def test_every_sampler_of_every_sde_draws_from_the_data(variant: str, sampler: str) -> None:
    sde, model = sde_exact(variant)
    *_, x = sde.sample(model, 3000, sampler, 400, generator())
    assert x.mean().abs() < 0.02
    assert float(x.std()) == pytest.approx(STD, rel=0.05)


@pytest.mark.parametrize("variant", ["vp", "ve", "sub-vp"])
def test_the_reverse_sde_equals_the_shared_sampler(variant: str) -> None:
    sde, model = sde_exact(variant)
    times = uniform_times(40, 1.0, 0.05)
    x = model.sde.prior_sampling((5, *SHAPE), generator())
    ours = list(sde.reverse_sde(model, x, times, generator(1)))[:-1]
    theirs = list(
        samplers.euler_maruyama(model.forward, model.sde, times, x, generator=generator(1))
    )[:-1]  # the shared one leaves the last noise out
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("variant", ["vp", "ve", "sub-vp"])
def test_the_predictor_corrector_equals_the_shared_sampler(variant: str) -> None:
    sde, model = sde_exact(variant)
    times = sde.grid_of_times(model, 30)
    x = model.sde.prior_sampling((5, *SHAPE), generator())
    ours = list(sde.predictor_corrector(model, x, times, generator(1)))[:-1]
    theirs = list(
        samplers.predictor_corrector(
            model.forward, model.sde, times, x, snr=0.1, generator=generator(1)
        )
    )[:-1]  # the shared one leaves the last noise out
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("variant", ["vp", "ve", "sub-vp"])
def test_multistep_sampling_in_few_evaluations_spreads_a_little_too_wide(variant: str) -> None:
    """What the page says of the default: its fresh noise costs accuracy where steps are long."""
    sde, model = sde_exact(variant)
    spread = []
    for nfe in (20, 50, 200):
        *_, x = sde.sample(model, 4000, "multistep", nfe, generator())
        spread.append(float(x.std()) / STD)
    assert spread[0] > spread[1] > spread[2]
    assert spread[1] == pytest.approx(1.1, abs=0.06) and spread[2] == pytest.approx(1, abs=0.04)


@pytest.mark.parametrize("variant", ["vp", "ve", "sub-vp"])
def test_the_probability_flow_is_of_second_order(variant: str) -> None:
    sde, model = sde_exact(variant)
    model.double()
    x = model.sde.prior_sampling((5, *SHAPE), generator(), dtype=torch.float64)
    stop = 0.01
    end_std = math.hypot(model.sde(stop)[0] * STD, model.sde(stop)[1])
    start_std = math.hypot(model.sde(1.0)[0] * STD, model.sde(1.0)[1])
    exact = x * end_std / start_std
    errors = []
    for n in (80, 160):
        *_, y = sde.probability_flow(model, x, log_snr_times(model.sde, n, 1.0, stop))
        errors.append(float((y - exact).abs().max()))
    assert 1.7 < math.log2(errors[0] / errors[1]) < 2.4


@pytest.mark.parametrize("variant", ["vp", "ve", "sub-vp"])
def test_bits_per_dimension_equal_the_closed_form_and_the_shared_code(variant: str) -> None:
    sde, model = sde_exact(variant)
    levels, dims = 17, 16
    grey = torch.randint(0, levels, (6, *SHAPE), generator=generator())
    images = grey / ((levels - 1) / 2) - 1
    ours = sde.bits_per_dim(model, images, levels, seed=3, steps=200)
    # The same dequantization noise, pushed through the exact density at t = 1e-5.
    u = torch.rand(images.shape, generator=generator(3))
    x = (grey + u) / levels * 2 - 1
    alpha, sigma = model.sde(1e-5)
    std = math.hypot(alpha * STD, sigma)
    logp = -0.5 * (x / std).square().flatten(1).sum(1)
    logp -= dims * (math.log(std) + 0.5 * math.log(2 * math.pi))
    closed = likelihood.bits_per_dim(logp, dims, levels)
    torch.testing.assert_close(ours, closed, rtol=0, atol=0.03)
    shared = likelihood.log_likelihood(
        model.forward, model.sde, x, "exact", rtol=1e-5, atol=1e-5
    ).logp
    torch.testing.assert_close(
        ours, likelihood.bits_per_dim(shared, dims, levels), rtol=0, atol=0.02
    )


def test_the_first_state_is_noise_from_the_same_seed_in_all(module: ModuleType) -> None:
    model = module.build((1, 8, 8))
    first = next(module.sample(model, 4, generator=generator()))
    noise = torch.randn((4, 1, 8, 8), generator=generator())
    torch.testing.assert_close(first / first.std(), noise / noise.std())


def test_samples_take_the_number_of_evaluations_that_was_asked_for(module: ModuleType) -> None:
    model = module.build((1, 8, 8))
    calls = 0
    original = model.net.forward

    def counted(*args: object) -> Tensor:
        nonlocal calls
        calls += 1
        return original(*args)  # type: ignore[no-any-return]

    model.net.forward = counted
    with torch.inference_mode():
        for sampler, default in module.SAMPLERS.items():
            for nfe in (None, 21, 3):
                calls = 0
                states = list(module.sample(model, 1, sampler, nfe, generator()))
                wanted = nfe or default
                # Whole Langevin sweeps and pairs of evaluations round down.
                assert 0.85 * wanted - 1 <= calls <= wanted, (sampler, nfe, calls)
                assert all(s.shape == (1, 1, 8, 8) for s in states)


def test_consistent_sampling_is_ancestral_sampling_of_the_variance_exploding_process() -> None:
    ncsn, model = ncsn_exact("conditional")
    sigmas = model.sigmas.tolist()[3::4]
    x = sigmas[0] * torch.randn((5, *SHAPE), generator=generator())
    ours = list(ncsn.consistent(model, x, sigmas, generator(1)))
    theirs = list(
        samplers.ddpm(
            lambda y, t: denoise(y, 1.0, t), EDM(), [*sigmas, 0.0], x, generator=generator(1)
        )
    )
    assert len(ours) == len(sigmas)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_ncsns_multistep_sampling_is_the_shared_solver() -> None:
    ncsn, model = ncsn_exact("conditional")
    sigmas = model.sigmas.tolist()[3::4]
    x = sigmas[0] * torch.randn((5, *SHAPE), generator=generator())
    ours = list(ncsn.multistep(model, x, sigmas, generator(1), zeta=2.0))
    theirs = list(
        samplers.dpm_solver_2m(
            lambda y, t: denoise(y, 1.0, t), EDM(), [*sigmas, 0.0], x, 2.0, generator(1)
        )
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("variant", ["cosine-v", "linear-eps"])
@pytest.mark.parametrize("steps", [1, 2, 30, 1000])
def test_the_ddpm_spreads_its_steps_over_all_times(variant: str, steps: int) -> None:
    ddpm = runner.find("ddpm")
    times = ddpm.spread(ddpm.build(SHAPE, variant), steps)
    assert (times[0], times[-1]) == (ddpm.T, 0)
    assert all(isinstance(t, int) and t > s for t, s in zip(times[:-1], times[1:], strict=True))
    assert len(times) == steps + 1


@pytest.mark.parametrize(
    ("sampler", "nfe"),
    [("multistep", 7), ("multistep", 1), ("consistent", 7), ("langevin", 7), ("langevin", 99)],
)
def test_ncsn_takes_no_more_evaluations_than_allowed(sampler: str, nfe: int) -> None:
    ncsn, model = ncsn_exact("conditional")
    calls, exact = [], model.forward
    model.forward = lambda x, sigma: calls.append(1) or exact(x, sigma)
    states = list(ncsn.sample(model, 2, sampler, nfe, generator()))
    assert 0 < len(calls) <= nfe
    assert len(states) == len(calls) + 1
