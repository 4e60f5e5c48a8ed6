"""Gaussian noise that is the same on every device if its generator lives on the CPU."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["noise_like"]


def noise_like(x: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Return N(0, I) of the shape, type and device of ``x``, drawn where the generator lives."""
    if generator is None or generator.device == x.device:
        return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)
    z = torch.randn(x.shape, generator=generator, dtype=x.dtype, device=generator.device)
    return z.to(x.device)
