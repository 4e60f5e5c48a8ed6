"""What the benchmarks of the diffusion part write, and the machine that it depends on."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import torch

from bench.site import cpu

__all__ = ["machine", "store", "write"]


def machine() -> dict[str, object]:
    """Return what the figures depend on."""
    return {
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def store(out: Path, name: str, rows: list[dict[str, object]], **more: object) -> None:
    """Write one benchmark's rows with the command, the machine and the date."""
    result = {
        "bench": name,
        "command": f"python -m bench.{name}",
        "machine": machine(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        **more,
        "rows": rows,
    }
    write(out, result)


def write(out: Path, result: object) -> None:
    """Write JSON under a temporary name and move it into its place."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    part.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    os.replace(part, out)
