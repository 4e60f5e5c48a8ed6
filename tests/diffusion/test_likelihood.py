"""Likelihoods through the probability-flow ODE against the mixture's closed form."""

from __future__ import annotations

import math

import pytest
import torch

from diffatlas.diffusion.likelihood import bits_per_dim, dequantize, log_likelihood
from diffatlas.diffusion.mixture import GaussianMixture
from diffatlas.diffusion.sdes import VESDE, VPSDE, SubVPSDE

SDES = [VESDE(0.02, 8.0), VPSDE(), SubVPSDE()]
T_MIN = 1e-2


@pytest.mark.parametrize("sde", SDES, ids=repr)
def test_exact_trace_and_exact_prior_give_the_closed_form(sde, mixture, generator):
    x = mixture.sample(8, generator)
    truth = mixture.log_prob(x, *sde(T_MIN))
    denoiser = mixture.denoiser(sde)
    end = lambda z: mixture.log_prob(z, *sde(1.0))  # noqa: E731
    options = {"t_min": T_MIN, "rtol": 1e-8, "atol": 1e-8}
    found = log_likelihood(denoiser, sde, x, "exact", prior_logp=end, **options)
    torch.testing.assert_close(found.logp, truth, atol=1e-5, rtol=0)
    assert found.latent.shape == x.shape
    assert found.nfe > 50
    # The SDE's own prior is not quite where the data end: a small bias, but a bias.
    gaussian = log_likelihood(denoiser, sde, x, "exact", **options)
    gap = (gaussian.logp - truth).abs().max().item()
    assert 1e-4 < gap < 0.1
    torch.testing.assert_close(
        gaussian.logp - sde.prior_logp(found.latent), found.logp - end(found.latent)
    )


@pytest.mark.parametrize("sde", SDES, ids=repr)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_exact_prior_gives_1e_4_nats_and_a_normal_one_does_not(sde, seed, mixture):
    """What N(0, prior_std^2 I) costs is known in closed form: the difference at the latent."""
    x, denoiser = mixture.sample(16, torch.Generator().manual_seed(seed)), mixture.denoiser(sde)
    options = {"t_min": 1e-3, "rtol": 1e-7, "atol": 1e-7}
    truth = mixture.log_prob(x, *sde(1e-3))
    end = lambda z: mixture.log_prob(z, *sde(1.0))  # noqa: E731
    exact = log_likelihood(denoiser, sde, x, "exact", prior_logp=end, **options)
    assert (exact.logp - truth).abs().max() < 1e-4
    normal = log_likelihood(denoiser, sde, x, "exact", **options)
    bias = sde.prior_logp(normal.latent) - end(normal.latent)
    torch.testing.assert_close(normal.logp - truth, bias, atol=1e-4, rtol=0)
    assert 1e-3 < bias.abs().max() < 0.5


def test_default_tolerances_are_good_enough(mixture, generator):
    sde, x = VPSDE(), mixture.sample(8, generator)
    found = log_likelihood(mixture.denoiser(sde), sde, x, "exact", t_min=1e-3)
    assert (found.logp - mixture.log_prob(x, *sde(1e-3))).abs().max() < 0.01
    # At t_min the density is that of slightly noisy data; here the clean one is as good as equal.
    assert (found.logp - mixture.log_prob(x)).abs().max() < 0.05


def test_hutchinson_is_unbiased_and_its_spread_falls_with_the_probes(generator):
    means = torch.randn(3, 1, 3, 3, generator=generator, dtype=torch.float64)
    mixture = GaussianMixture([1, 2, 1], means, 0.1)
    sde = VPSDE()
    x = mixture.sample(1, generator).expand(300, 1, 3, 3).contiguous()
    truth = mixture.log_prob(x[:1], *sde(T_MIN)).item()
    options = {"t_min": T_MIN, "generator": generator, "rtol": 1e-4, "atol": 1e-4}
    spreads = []
    for probes in (1, 9):
        logp = log_likelihood(mixture.denoiser(sde), sde, x, probes=probes, **options).logp
        spreads.append(logp.std().item())
        assert logp.mean().item() == pytest.approx(
            truth, abs=4 * spreads[-1] / math.sqrt(300) + 0.03
        )
    assert 2 < spreads[0] / spreads[1] < 4.5


def test_random_signs_are_exact_where_the_jacobian_is_diagonal(generator):
    """e' J e = sum of J's diagonal for every e of signs; Gaussian probes would scatter."""
    gaussian = GaussianMixture([1.0], [[0.2, -0.1, 0.4]], [[0.1, 0.3, 0.02]], dtype=torch.float64)
    x, sde = gaussian.sample(4, generator), SubVPSDE()
    found = [
        log_likelihood(gaussian.denoiser(sde), sde, x, kind, generator=generator, t_min=T_MIN).logp
        for kind in ("hutchinson", "exact")
    ]
    torch.testing.assert_close(*found, atol=1e-9, rtol=0)


def test_the_latent_of_an_image_is_where_the_ode_ends(mixture, generator):
    from diffatlas.diffusion.samplers import probability_flow

    sde, x = VPSDE(), mixture.sample(8, generator)
    options = {"rtol": 1e-8, "atol": 1e-8}
    latent = log_likelihood(mixture.denoiser(sde), sde, x, "exact", t_min=T_MIN, **options).latent
    *_, back = probability_flow(mixture.denoiser(sde), sde, [1.0, T_MIN], latent, **options)
    torch.testing.assert_close(back, x, atol=1e-5, rtol=0)


def test_single_precision_and_no_gradients(mixture, generator):
    weight = torch.ones(1, requires_grad=True)
    sde = VPSDE()
    x = mixture.sample(4, generator).float()
    found = log_likelihood(lambda x, t: mixture.denoiser(sde)(x, t) * weight, sde, x, "exact")
    assert found.logp.dtype == torch.float32
    assert not found.logp.requires_grad
    assert weight.grad is None
    assert (found.logp - mixture.log_prob(x)).abs().max() < 0.1


@pytest.mark.parametrize("options", [{"divergence": "guess"}, {"probes": 0}])
def test_unknown_estimators_are_refused(mixture, options):
    with pytest.raises(ValueError, match="divergence is"):
        log_likelihood(mixture.denoiser(VPSDE()), VPSDE(), torch.zeros(1, 2), **options)


@pytest.mark.parametrize("levels", [2, 17, 256])
def test_dequantized_images_fill_their_bins(levels, generator):
    images = torch.arange(levels).repeat(2000, 1).to(torch.uint8 if levels <= 256 else torch.int64)
    x = dequantize(images, levels, generator)
    assert x.dtype == torch.float32
    assert x.min() >= -1 and x.max() < 1 + 1e-6
    inside = (x.double() + 1) * levels / 2 - images
    assert inside.min() > -1e-4 and inside.max() < 1 + 1e-4
    assert inside.mean().item() == pytest.approx(0.5, abs=0.01)
    assert inside.std().item() == pytest.approx(math.sqrt(1 / 12), abs=0.01)


@pytest.mark.parametrize("levels", [2, 17, 256])
def test_bits_of_a_uniform_density_are_log2_of_the_levels(levels):
    """The uniform density on [-1, 1]^D says nothing: each value costs log2(levels) bits."""
    dims = 12
    logp = torch.tensor([-dims * math.log(2.0)])
    assert bits_per_dim(logp, dims, levels).item() == pytest.approx(math.log2(levels))


def test_bits_are_at_least_the_entropy_and_close_to_it(generator):
    """Two pixels, four grey levels, a known distribution: bits/dim from the ODE against H / 2.

    A mixture with one narrow component a bin is the dequantised distribution to a good part.
    """
    levels, shares = 4, torch.tensor([0.5, 0.25, 0.15, 0.1], dtype=torch.float64)
    centres = 2 * (torch.arange(levels, dtype=torch.float64) + 0.5) / levels - 1
    mixture = GaussianMixture(shares, centres[:, None], (0.5 / math.sqrt(12)) ** 2)
    images = torch.multinomial(shares, 400, replacement=True, generator=generator)[:, None]
    x = dequantize(images, levels, generator).double()
    sde = VPSDE()
    found = log_likelihood(mixture.denoiser(sde), sde, x, "exact", t_min=1e-4)
    bits = bits_per_dim(found.logp, 1, levels).mean().item()
    counts = torch.bincount(images.flatten(), minlength=levels).double()
    cross_entropy = -(counts / 400 * shares.log2()).sum().item()
    assert cross_entropy < bits < cross_entropy + 0.3
