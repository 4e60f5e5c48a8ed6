"""Random numbers: Gaussian noise that does not depend on the device, and evenly spread uniforms."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["noise_like", "stratified"]


def noise_like(x: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Return N(0, I) of the shape, type and device of ``x``, drawn where the generator lives."""
    if generator is None or generator.device == x.device:
        return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)
    z = torch.randn(x.shape, generator=generator, dtype=x.dtype, device=generator.device)
    return z.to(x.device)


def stratified(n: int, generator: torch.Generator | None = None) -> Tensor:
    """``n`` numbers in [0, 1), each uniform, one in every interval of length 1/n; (n,).

    Together they leave no gap: every batch sees all noise levels, so the gradient varies less.
    Kingma et al. 2021, "Variational Diffusion Models", appendix I.1. They are in (cyclic) order, so
    what they are paired with has to be shuffled; they lie where the generator does.
    """
    device = None if generator is None else generator.device
    start = torch.rand((), generator=generator, device=device)
    return (start + torch.arange(n, device=device) / n) % 1
