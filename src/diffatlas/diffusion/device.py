"""Where tensors live, and how many seconds of processor a training has used."""

from __future__ import annotations

import os
import platform
import time
from contextlib import AbstractContextManager, nullcontext
from functools import cache

import torch

from diffatlas.diffusion.budget import Budget
from diffatlas.diffusion.problems import DeviceMissing

__all__ = [
    "DEVICES",
    "cpu_seconds",
    "describe",
    "compiled",
    "fast_bfloat16",
    "of",
    "pick",
    "precision",
]

DEVICES = ("auto", "cpu", "cuda", "mps")


def pick(name: str = "auto") -> torch.device:
    """The device called ``name``: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, or the best (``auto``).

    On the CPU the work stays on one thread unless ``OMP_NUM_THREADS`` says otherwise: these
    networks are too small to gain from more, and results then do not depend on the machine's cores.

    Raises:
        DeviceMissing: there is no such device here.
    """
    device = _named(name)
    if device.type == "cpu" and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
    return device


def _named(name: str) -> torch.device:
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceMissing(f"no device {name!r}; choose one of {', '.join(DEVICES)}") from None
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise DeviceMissing(
                f"device {name!r} is not available: torch sees {count} CUDA devices here. "
                "Use --device cpu (or auto)."
            )
    elif device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceMissing("device 'mps' is not available here. Use --device cpu (or auto).")
    elif device.type not in {"cpu", "mps"}:
        raise DeviceMissing(f"no device {name!r}; choose one of {', '.join(DEVICES)}")
    return device


@cache
def fast_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 numbers in hardware (elsewhere they are far slower)."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def precision(device: torch.device) -> AbstractContextManager[object]:
    """In which a loss is computed: bfloat16 where a CUDA device has it, else as the tensors are.

    Never on a CPU, where autocast is slower than float32 (see ``networks.Conv`` for what pays).
    """
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()


def compiled(device: torch.device, budget: Budget) -> bool:
    """Whether compiling the network pays: on CUDA, in a run much longer than the compilation.

    On a CPU it gains a tenth to a half and takes minutes.
    """
    long = budget.amount >= (20_000 if budget.in_steps else 600)
    return device.type == "cuda" and long


def of(model: torch.nn.Module) -> torch.device:
    """Where ``model`` lives."""
    return next(model.parameters()).device


def cpu_seconds() -> float:
    """Processor seconds that this process has used so far, summed over its threads."""
    return time.process_time()


def describe(device: torch.device) -> str:
    """One line on the hardware, for the record of a measurement."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    capability = torch.backends.cpu.get_cpu_capability()
    threads = torch.get_num_threads()
    return f"{_processor()}, {capability}, {threads} thread{'s' if threads > 1 else ''}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or platform.machine()
