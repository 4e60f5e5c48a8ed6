"""Muon on the inner convolution kernels, AdamW on everything else, behind one object.

Muon (Jordan et al. 2024) replaces the momentum of a matrix by the nearest orthogonal one.
``torch.optim.Muon`` takes matrices only, so each kernel is handed over as its
(c_out) x (kh kw c_in) view, which shares memory with the parameter itself; kernels that lie
otherwise in memory are laid out anew for that. Its update is a third of
a training step on a CPU; ours is the same arithmetic in another order, see ``orthogonalize``.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Muon", "MuonAdamW", "orthogonalize"]

CHANNELS = 64  # of the coarse level, at which the rates were chosen
COEFFICIENTS, STEPS = (3.4445, -4.775, 2.0315), 5  # those of Jordan et al. and of torch.optim.Muon


def orthogonalize(x: Tensor) -> Tensor:
    """Matrices (B, r, c) -> nearly orthogonal ones with the same singular vectors, (B, r, c).

    Newton-Schulz iterations ``x <- (a + b g + c g^2) x`` with ``g = x x^T``, from x of norm one.
    All factors are polynomials of the first g and commute, so that the small g (r, r) alone is
    iterated and x is multiplied once, at the end: a third of the work.
    """
    if x.shape[1] > x.shape[2]:
        return orthogonalize(x.mT).mT
    a, b, c = COEFFICIENTS
    x = x / torch.linalg.matrix_norm(x, keepdim=True).clamp(min=1e-7)
    g = x @ x.mT
    one = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    q = one.expand_as(g)
    for _ in range(STEPS):
        factor = torch.baddbmm(b * g, g, g, alpha=c) + a * one
        q = factor @ q
        g = factor @ g @ factor
    return q @ x


class Muon(torch.optim.Muon):
    """``torch.optim.Muon`` for one group without weight decay, all matrices of a shape at once."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        (group,) = self.param_groups
        momentum, shapes = group["momentum"], dict[torch.Size, list[Tensor]]()
        for p in group["params"]:
            if p.grad is not None:
                shapes.setdefault(p.shape, []).append(p)
        for (rows, columns), parameters in shapes.items():
            grads = [p.grad for p in parameters if p.grad is not None]
            for p in parameters:
                if "momentum_buffer" not in self.state[p]:
                    self.state[p]["momentum_buffer"] = torch.zeros_like(p)
            momenta = [self.state[p]["momentum_buffer"] for p in parameters]
            torch._foreach_lerp_(momenta, grads, 1 - momentum)
            # Nesterov's: the momentum as it will be after another gradient like this one
            update = orthogonalize(torch.stack(torch._foreach_lerp(grads, momenta, momentum)))
            rate = group["lr"] * math.sqrt(max(1, rows / columns))
            torch._foreach_add_(parameters, list(update.unbind()), alpha=-rate)


class MuonAdamW:
    """The two optimizers of one network; ``scale`` multiplies both rates (the schedule's hook).

    The inner kernels of ``network`` are in channels-last memory from then on, their values as they
    were.
    """

    def __init__(
        self, network: nn.Module, muon_rate: float = 0.05, adam_rate: float = 4e-3
    ) -> None:
        inner = {
            id(layer.weight)
            for layer in network.modules()
            # The first and last layers (few channels on one side) are not "inner".
            if isinstance(layer, nn.Conv2d) and min(layer.in_channels, layer.out_channels) >= 16
        }
        parameters = [p for p in network.parameters() if p.requires_grad]
        self.kernels = [p for p in parameters if id(p) in inner]
        for p in self.kernels:
            p.data = p.data.contiguous(memory_format=torch.channels_last)
        self.matrices = [_matrix(p.detach()) for p in self.kernels]
        # A copy would be trained in the parameter's place, and nobody would notice.
        for kernel, matrix in zip(self.kernels, self.matrices, strict=True):
            assert matrix.data_ptr() == kernel.data_ptr()
        # A step of Adam moves every weight alike, so that a layer's output moves with its fan-in:
        # the rate, chosen for 64 channels, falls with the width (Yang et al. 2022, 2203.03466).
        # Muon's needs no such care: the norm of its step does not depend on the width.
        widest = max((min(p.shape[:2]) for p in self.kernels), default=1)
        adam_rate *= min(1.0, CHANNELS / widest)
        self.rest = [p for p in parameters if id(p) not in inner]
        self.parts: list[torch.optim.Optimizer] = []
        if self.matrices:
            self.parts.append(
                Muon(
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
                fused=all(p.device.type in ("cpu", "cuda") for p in self.rest),
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
