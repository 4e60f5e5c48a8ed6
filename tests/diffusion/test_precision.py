"""What a machine offers is taken without being asked, and never what hurts there."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch

from diffatlas.diffusion import device as devices
from diffatlas.diffusion.budget import Budget
from diffatlas.diffusion.networks import UNet

CPU, CUDA, MPS = (torch.device(name) for name in ("cpu", "cuda", "mps"))


def gradients(fast: bool, monkeypatch: pytest.MonkeyPatch, training: bool = True) -> torch.Tensor:
    monkeypatch.setattr(devices, "fast_bfloat16", lambda: fast)
    torch.manual_seed(0)
    net = UNet(1, widths=(16, 16), patch=1, middle=0).train(training)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    out = net(torch.randn(4, 1, 8, 8), 0.5)
    assert out.dtype == torch.float32
    out.square().mean().backward()
    return torch.cat([p.grad.flatten() for p in net.parameters() if p.grad is not None])


def test_bfloat16_convolutions_have_nearly_the_same_gradients(monkeypatch: Any) -> None:
    plain, fast = gradients(False, monkeypatch), gradients(True, monkeypatch)
    assert not torch.equal(plain, fast)  # it was used
    assert torch.nn.functional.cosine_similarity(plain, fast, dim=0) > 0.999


def test_sampling_never_uses_them(monkeypatch: Any) -> None:
    plain, fast = (gradients(on, monkeypatch, training=False) for on in (False, True))
    assert torch.equal(plain, fast)


def test_autocast_is_for_cuda_devices_that_have_bfloat16(monkeypatch: Any) -> None:
    for has in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda has=has, **_: has)
        context = devices.precision(CUDA)
        assert isinstance(context, torch.autocast) == has
    assert isinstance(devices.precision(CPU), nullcontext)
    assert isinstance(devices.precision(MPS), nullcontext)


@pytest.mark.parametrize(
    "device, budget, expected",
    [(CUDA, "10m", True), (CUDA, "5m", False), (CUDA, "20000steps", True), (CUDA, "99steps", False),
     (CPU, "10h", False), (MPS, "10h", False)],
)  # fmt: skip
def test_only_long_runs_on_cuda_are_compiled(
    device: torch.device, budget: str, expected: bool
) -> None:
    assert devices.compiled(device, Budget.parse(budget)) is expected
