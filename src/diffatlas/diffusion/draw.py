"""Run a baseline's sampler: whole trajectories, or many final images batch by batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from diffatlas.diffusion.conditioning import check_labels, told
from diffatlas.diffusion.problems import DiffusionError

__all__ = ["Sampler", "draw", "trajectory"]

# sample(model, n, sampler=None, nfe=None, generator=None): yields states (n, C, H, W), image last.
Sampler = Callable[..., Iterator[Tensor]]


def trajectory(
    sample: Sampler, model: nn.Module, n: int, seed: int = 0, **options: Any
) -> list[Tensor]:
    """Every state from noise to image, each (n, C, H, W) on the CPU.

    Equal seeds and ``n`` give every baseline the same noise to start from.
    """
    device = next(model.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    with torch.inference_mode():
        return [s.clone().cpu() for s in sample(model, n, generator=generator, **options)]


def draw(
    sample: Sampler,
    model: nn.Module,
    n: int,
    seed: int = 0,
    batch: int = 250,
    on_batch: Callable[[int], None] | None = None,
    labels: Tensor | None = None,
    guidance: float = 1.0,
    **options: Any,
) -> Tensor:
    """``n`` images (n, C, H, W), drawn ``batch`` at a time so that memory stays small.

    ``on_batch`` is told how many images each batch brought; ``labels`` (n,) and ``guidance`` are
    for a network that knows classes (:func:`given`). Without labels, those of a ``given`` around
    the call count, if there is one.

    Raises:
        DiffusionError: ``n`` or ``batch`` is below one, or the labels are not ``n`` classes of the
            model.
    """
    if n < 1 or batch < 1:
        raise DiffusionError(f"cannot draw {n} images {batch} at a time: both must be 1 or more")
    if labels is not None:
        check_labels(labels, model, n)
    device = next(model.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    parts = []
    with torch.inference_mode():
        for start in range(0, n, batch):
            size = min(batch, n - start)
            chosen = None if labels is None else labels[start : start + size].to(device)
            with nullcontext() if chosen is None else told(model, chosen, guidance):
                last = deque(sample(model, size, generator=generator, **options), maxlen=1)
            parts.append(last[0].clone().cpu())
            if on_batch is not None:
                on_batch(size)
    return torch.cat(parts)
