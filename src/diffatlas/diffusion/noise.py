"""Random numbers: Gaussian noise that does not depend on the device, and evenly spread uniforms."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["SharedGenerator", "noise_like", "stratified"]


class SharedGenerator(torch.Generator):
    """A generator that all processes of a training own alike; each uses a part of its numbers.

    Where a batch is divided among ``size`` processes, each draws the numbers of the whole batch and
    takes those of its rows: what is drawn does not depend on how many there are.
    """

    rank: int = 0
    size: int = 1


def _rows(n: int, generator: torch.Generator | None) -> tuple[int, slice]:
    """How many rows the whole batch has, and which of them are this process's ``n``."""
    if not isinstance(generator, SharedGenerator):
        return n, slice(None)
    return n * generator.size, slice(generator.rank * n, (generator.rank + 1) * n)


def noise_like(x: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Return N(0, I) of the shape, type and device of ``x``, drawn where the generator lives."""
    if generator is None:
        return x.new_empty(x.shape).normal_()
    total, own = _rows(x.shape[0], generator) if x.ndim else (1, slice(None))
    shape = (total, *x.shape[1:]) if x.ndim else x.shape
    z = torch.randn(shape, generator=generator, dtype=x.dtype, device=generator.device)
    return (z[own] if x.ndim else z).to(x.device)


def stratified(n: int, generator: torch.Generator | None = None) -> Tensor:
    """``n`` numbers in [0, 1), each uniform, one in every interval of length 1/n; (n,).

    Together they leave no gap: every batch sees all noise levels, so the gradient varies less.
    Kingma et al. 2021, "Variational Diffusion Models", appendix I.1. They are in (cyclic) order, so
    what they are paired with has to be shuffled; they lie where the generator does.
    """
    total, own = _rows(n, generator)
    device = None if generator is None else generator.device
    start = torch.rand((), generator=generator, device=device)
    return ((start + torch.arange(total, device=device) / total) % 1)[own]
