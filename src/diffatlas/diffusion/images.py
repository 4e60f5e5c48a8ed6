"""Tensors in [-1, 1] to pictures: bytes, grids, strips from noise to image, PNG files."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from diffatlas.diffusion.checkpoints import write_bytes

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["grid", "png", "save_png", "show", "strip", "to_uint8"]


def to_uint8(images: Tensor) -> np.ndarray:
    """(N, C, H, W) in [-1, 1] -> bytes (N, H, W, C); what lies outside is clamped."""
    scaled = (images.detach().float().clamp(-1, 1) + 1) * 127.5
    return scaled.round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def grid(images: Tensor, columns: int | None = None, height: int = 56, gap: int = 2) -> Image:
    """One picture of (N, C, H, W) images in rows of ``columns`` (default: nearly square).

    Each image is enlarged by a whole factor until it is at least ``height`` pixels high.
    """
    from PIL import Image as PIL

    pixels = to_uint8(images)
    n, h, w, c = pixels.shape
    columns = columns or max(1, round(n**0.5))
    rows = -(-n // columns)
    times = max(1, -(-height // h))
    pixels = pixels.repeat(times, axis=1).repeat(times, axis=2)
    h, w = h * times, w * times
    sheet = np.full((rows * (h + gap) + gap, columns * (w + gap) + gap, c), 255, np.uint8)
    for i, image in enumerate(pixels):
        top, left = gap + (i // columns) * (h + gap), gap + (i % columns) * (w + gap)
        sheet[top : top + h, left : left + w] = image
    return PIL.fromarray(sheet[..., 0] if c == 1 else sheet)


def strip(states: Sequence[Tensor], rows: int = 1, columns: int = 9, height: int = 56) -> Image:
    """From noise (left) to image (right): ``columns`` of the ``states``, one row for each image.

    Noise is shown at its own scale: a state that reaches far beyond [-1, 1] is divided down.
    """
    chosen = np.linspace(0, len(states) - 1, min(columns, len(states))).round().astype(int)
    shown = []
    for index in chosen:
        state = states[index][:rows]
        shown.append(state / max(1.0, float(state.std()) * 1.25))
    shown[-1] = states[-1][:rows]
    return grid(torch.stack(shown, dim=1).flatten(0, 1), columns=len(chosen), height=height)


def png(image: Image) -> bytes:
    """``image`` as the bytes of a PNG file; gray ones keep 16 shades, enough here."""
    buffer = io.BytesIO()
    small = image.quantize(16) if image.mode == "L" else image
    small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def save_png(image: Image, path: Path) -> None:
    """Write ``image`` to ``path`` in one move."""
    write_bytes(path, png(image))


def show(image: Image, name: str) -> None:
    """In a notebook display ``image``; in a script write it to ``runs/NAME.png`` and say so."""
    if "JPY_PARENT_PID" in os.environ:
        from IPython.display import Image as Inline
        from IPython.display import display

        display(Inline(png(image)))
        return
    path = Path("runs") / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_png(image, path)
    print(f"wrote {path}")
