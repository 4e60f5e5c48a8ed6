"""Any device will do, also one without float64 such as Apple's MPS.

PyTorch's "meta" device stands in for it: it holds shapes without data, so whatever would read a
value back to the CPU fails, and a dispatch mode refuses every float64 tensor there.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from diffatlas.diffusion import features
from diffatlas.diffusion import samplers as smp
from diffatlas.diffusion.evaluation.inception import inception_features
from diffatlas.diffusion.likelihood import bits_per_dim, dequantize
from diffatlas.diffusion.mixture import GaussianMixture
from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import (
    PARAMETERIZATIONS,
    as_denoiser,
    edm_denoiser,
    score_of,
)
from diffatlas.diffusion.schedules import EDM, VE, VP, Cosine, FlowMatching, SubVP, ddpm_cosine
from diffatlas.diffusion.sdes import VESDE, VPSDE, SubVPSDE
from diffatlas.diffusion.times import karras_sigmas, leading_times, uniform_times

SCHEDULES = [VP(), SubVP(), VE(), EDM(), Cosine(), FlowMatching(), ddpm_cosine(10)]


class NoDouble(TorchDispatchMode):
    """Refuse float64 off the CPU, as MPS does."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(out):
            if isinstance(leaf, torch.Tensor) and leaf.device.type != "cpu":
                assert leaf.dtype != torch.float64, f"{func} made float64 on {leaf.device}"
        return out


@pytest.fixture(autouse=True)
def _no_double():
    with NoDouble():
        yield


def there(*shape: int) -> torch.Tensor:
    return torch.empty(shape, device="meta")


def test_the_stand_in_refuses_what_it_should():
    with pytest.raises(AssertionError, match="float64"):
        there(2).double()
    with pytest.raises(RuntimeError):
        there(1).item()


TABLE = ddpm_cosine(10)
CASES = {
    "ddpm": (smp.ddpm, TABLE, leading_times(5, 10), {}),
    "ddim": (smp.ddim, TABLE, leading_times(5, 10), {"eta": 0.5}),
    "plms": (smp.plms, TABLE, leading_times(5, 10), {}),
    "dpm_solver_2m": (smp.dpm_solver_2m, TABLE, leading_times(5, 10), {}),
    "euler": (smp.euler, EDM(), karras_sigmas(5), {"churn": smp.Churn(5.0)}),
    "heun": (smp.heun, EDM(), karras_sigmas(5), {"churn": smp.Churn(5.0)}),
    "euler_maruyama": (smp.euler_maruyama, VPSDE(), uniform_times(5), {}),
    "predictor_corrector": (smp.predictor_corrector, VESDE(), uniform_times(5), {}),
    "annealed_langevin": (smp.annealed_langevin, EDM(), [2.0, 1.0], {}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("parameterization", PARAMETERIZATIONS)
def test_samplers(name, parameterization):
    sampler, schedule, times, options = CASES[name]
    if name not in ("plms", "dpm_solver_2m"):
        options = {**options, "generator": torch.Generator().manual_seed(0)}
    denoiser = as_denoiser(lambda x, t: 0.1 * x * t[:, None], schedule, parameterization, 1.0)
    states = list(sampler(denoiser, schedule, times, there(3, 4), **options))
    assert states
    assert all(s.device.type == "meta" and s.dtype == torch.float32 for s in states)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
@pytest.mark.parametrize("integers", [False, True])
def test_schedules_answer_on_the_device_of_the_question(schedule, integers):
    if integers and schedule is not SCHEDULES[-1]:
        return
    t = there(4).long() if integers else there(4)
    for value in schedule(t):
        assert (value.device.type, value.dtype, value.shape) == ("meta", torch.float32, (4,))
    assert schedule.log_snr(there(4)).device.type == "meta"


@pytest.mark.parametrize("sde", [VESDE(), VPSDE(), SubVPSDE()], ids=repr)
@pytest.mark.parametrize("t", [0.5, "batch"])
def test_sdes(sde, t):
    x = sde.prior_sampling((3, 1, 2, 2), torch.Generator().manual_seed(0), device="meta")
    t = there(3) if t == "batch" else t
    score = score_of(edm_denoiser(lambda x, c: x, sde), sde)
    for out in (
        sde.sde(x, t)[0],
        sde.marginal_prob(x, t)[0],
        sde.reverse(score)(x, t)[0],
        sde.probability_flow(score)(x, t),
    ):
        assert (out.device.type, out.shape) == ("meta", x.shape)
    assert sde.prior_logp(x).shape == (3,)


def test_a_mixture_kept_on_the_cpu_serves_any_device():
    mixture = GaussianMixture([1.0, 2.0], torch.zeros(2, 3, dtype=torch.float32), 1.0)
    for t in (0.5, there(4)):
        assert mixture.denoiser(VP())(there(4, 3), t).device.type == "meta"
    assert mixture.score(there(4, 3), 0.5, 0.5).shape == (4, 3)


def test_noise_of_a_cpu_generator_goes_where_it_is_needed():
    g = torch.Generator().manual_seed(0)
    z = noise_like(there(2, 3).half(), g)
    assert (z.device.type, z.dtype) == ("meta", torch.float16)
    x = dequantize(torch.empty(2, 3, dtype=torch.uint8, device="meta"), 256, g)
    assert (x.device.type, x.dtype) == ("meta", torch.float32)
    assert bits_per_dim(there(2), 3).shape == (2,)


def test_features_become_double_on_the_cpu_only(monkeypatch):
    # What is on the stand-in has no values to copy: zeros take their place.
    monkeypatch.setattr(torch.Tensor, "cpu", lambda x: torch.zeros(x.shape, dtype=x.dtype))
    classifier = features.Classifier((1, 8, 8)).to("meta").requires_grad_(False)
    found = features.extract(classifier, torch.zeros(3, 1, 8, 8))
    assert (found.dtype, found.shape) == (torch.float64, (3, features.WIDTH))
    assert features.logits(classifier, found).dtype == torch.float64

    class Inception(torch.nn.Linear):
        def forward(self, rgb):
            return (super().forward(rgb.float().mean((2, 3))),)

    net = Inception(3, 2048, device="meta")
    found = inception_features(net, torch.zeros(3, 1, 8, 8))
    assert (found.dtype, found.shape) == (torch.float64, (3, 2048))
