"""One training on several processes, through Hugging Face Accelerate.

Every process holds the whole model and takes an equal part of each batch; gradients are averaged
before each update, so all copies stay equal. Noise is drawn for the whole batch by equal generators
(see ``noise.SharedGenerator``), so that a run on two processes is the run on one, up to the order
in which numbers are added. Only the first process writes, prints and decides when time is up.

``torchrun --nproc-per-node 2 -m diffatlas run ddpm`` starts two, on CPUs and GPUs; on GPUs so does
``accelerate launch --multi_gpu -m diffatlas run ddpm``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from diffatlas.diffusion.problems import DiffusionError

__all__ = ["Team", "join"]


@dataclass(frozen=True)
class Team:
    """The processes of one training, as one of them sees it: ``rank`` of ``size``."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def main(self) -> bool:
        """Whether this is the process that writes and prints."""
        return self.rank == 0

    def part(self, batch: int) -> slice:
        """Which rows of a batch are this process's.

        Raises:
            DiffusionError: the batch cannot be divided equally.
        """
        if batch % self.size:
            raise DiffusionError(
                f"a batch of {batch} cannot be shared equally by {self.size} processes: give "
                f"--batch a multiple of {self.size}, or start another number of processes"
            )
        own = batch // self.size
        return slice(self.rank * own, (self.rank + 1) * own)

    def add_up(self, tensors: Sequence[Tensor], numbers: Sequence[float | Tensor]) -> list[float]:
        """Average ``tensors`` over all processes in place; the sums of ``numbers``.

        Where there are several, the sums are in single precision, and the same to the bit in all.
        """
        if self.size == 1:
            return [float(number) for number in numbers]
        from accelerate.utils import reduce

        told = torch.stack([torch.as_tensor(n, device=self.device).float() for n in numbers])
        flat = torch.cat([*(t.flatten() for t in tensors), told])
        flat = reduce(flat, reduction="sum")
        at = 0
        for tensor in tensors:
            part = flat[at : at + tensor.numel()]
            tensor.copy_(part.view(tensor.shape)).div_(self.size)
            at += tensor.numel()
        return [float(value) for value in flat[at:]]

    def agree(self, value: Any) -> Any:
        """The first process's ``value``, in all of them."""
        if self.size == 1:
            return value
        from accelerate.utils import broadcast_object_list

        shared = [value]
        broadcast_object_list(shared, from_process=0)
        return shared[0]


def join(device: torch.device) -> Team:
    """The team that a launcher started this process in; one of one without a launcher.

    Raises:
        DiffusionError: the device cannot be shared, or accelerate is not installed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Team(device)
    if device.type not in ("cpu", "cuda"):
        raise DiffusionError(f"several processes cannot train on {device}; use --device cpu")
    try:
        from accelerate import PartialState
    except ModuleNotFoundError:
        raise DiffusionError(
            "training on several processes needs accelerate: pip install 'diffatlas[diffusion]'"
        ) from None
    state = PartialState(cpu=device.type == "cpu")
    return Team(state.device, state.process_index, state.num_processes)
