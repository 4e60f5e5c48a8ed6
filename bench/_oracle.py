"""One sampler against one oracle, and where both start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from bench._mixture import planar_mixture

__all__ = ["MIXTURE", "Case", "Pair", "last", "seeded", "start"]

MIXTURE = planar_mixture()

Pair = tuple[Tensor, Tensor]
"""Where ours and theirs end."""


@dataclass(frozen=True)
class Case:
    """One sampler against one oracle.

    Attributes:
        what: our sampler.
        oracle: whose, under which exact conditions the two are the same algorithm.
        bound: what the largest difference must not exceed.
        run: makes both.
    """

    what: str
    oracle: str
    bound: float
    run: Callable[[], Pair]

    def error(self) -> float:
        """Return the largest difference; NaN on either side stays NaN."""
        found, expected = self.run()
        return (found - expected).abs().max().item()


def last(states: Iterator[Tensor]) -> Tensor:
    *_, x = states
    return x


def start(scale: float = 1.0, n: int = 32) -> Tensor:
    return scale * torch.randn(n, 2, dtype=torch.float64, generator=seeded(1))


def seeded(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
