"""Muon on the inner convolution kernels, AdamW on everything else, behind one object.

Muon (Jordan et al. 2024) replaces the momentum of a matrix by the nearest orthogonal one.
``torch.optim.Muon`` takes matrices only, so each kernel is handed over as its
(c_out) x (kh kw c_in) view, which shares memory with the parameter itself.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["MuonAdamW"]


class MuonAdamW:
    """The two optimizers of one network; ``scale`` multiplies both rates (the schedule's hook)."""

    def __init__(
        self, network: nn.Module, muon_rate: float = 0.05, adam_rate: float = 4e-3
    ) -> None:
        self.rates = (muon_rate, adam_rate)
        inner = {
            id(layer.weight)
            for layer in network.modules()
            # The first and last layers (few channels on one side) are not "inner".
            if isinstance(layer, nn.Conv2d) and min(layer.in_channels, layer.out_channels) >= 16
        }
        parameters = [p for p in network.parameters() if p.requires_grad]
        self.kernels = [p for p in parameters if id(p) in inner]
        self.matrices = [_matrix(p.detach()) for p in self.kernels]
        self.rest = [p for p in parameters if id(p) not in inner]
        self.parts: list[torch.optim.Optimizer] = []
        if self.matrices:
            self.parts.append(
                torch.optim.Muon(
                    self.matrices,
                    lr=muon_rate,
                    momentum=0.9,
                    nesterov=True,
                    weight_decay=0.0,
                )
            )
        self.parts.append(
            torch.optim.AdamW(
                self.rest,
                lr=adam_rate,
                betas=(0.9, 0.99),
                weight_decay=0.0,
                fused=all(p.is_cuda for p in self.rest),
            )
        )
        self._initial = [part.param_groups[0]["lr"] for part in self.parts]

    def step(self, scale: float) -> None:
        """One update with both rates multiplied by ``scale``; gradients are cleared afterwards."""
        for kernel, matrix in zip(self.kernels, self.matrices, strict=True):
            matrix.grad = None if kernel.grad is None else _matrix(kernel.grad)
        for part, rate in zip(self.parts, self._initial, strict=True):
            part.param_groups[0]["lr"] = rate * scale
            part.step()
        for parameter in (*self.kernels, *self.rest):
            parameter.grad = None

    def state_dict(self) -> list[dict[str, Any]]:
        """The state of both optimizers, tensors and plain numbers only."""
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        for part, state in zip(self.parts, states, strict=True):
            part.load_state_dict(state)


def _matrix(kernel: Tensor) -> Tensor:
    # Channels-last memory: with the channel axis moved to the end, flattening copies nothing.
    return kernel.permute(0, 2, 3, 1).flatten(1)
