"""Pictures of baselines that need more than one tensor: sheets of pictures, and moving ones."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from diffatlas.diffusion.images import grid

__all__ = ["forming", "side_by_side", "stacked"]


def stacked(files: Sequence[Path]) -> Image.Image:
    """The pictures one below the other, all as wide as the first."""
    parts = []
    for file in files:
        with Image.open(file) as picture:
            parts.append(picture.convert("L").copy())
    sheet = Image.new("L", (parts[0].width, sum(p.height for p in parts)), 255)
    top = 0
    for part in parts:
        sheet.paste(part, (0, top))
        top += part.height
    return sheet


def side_by_side(files: Sequence[Path], gap: int = 12) -> Image.Image:
    """The pictures of one height in a row on white."""
    parts = []
    for file in files:
        with Image.open(file) as picture:
            parts.append(picture.convert("L").copy())
    width = sum(p.width for p in parts) + gap * (len(parts) - 1)
    sheet = Image.new("L", (width, max(p.height for p in parts)), 255)
    left = 0
    for part in parts:
        sheet.paste(part, (left, 0))
        left += part.width + gap
    return sheet


def forming(states: Sequence[Tensor], frames: int = 28) -> bytes:
    """A looped WebP of one row of images forming out of noise; the last frame stays."""
    chosen = np.linspace(0, len(states) - 1, min(frames, len(states))).round().astype(int)
    pictures = []
    for index in chosen[:-1]:
        state = states[index]
        pictures.append(grid(state / max(1.0, float(state.std()) * 1.25), columns=len(state)))
    pictures.append(grid(states[-1], columns=len(states[-1])))
    buffer = io.BytesIO()
    pictures[0].convert("RGB").save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=[p.convert("RGB") for p in pictures[1:]],
        duration=[80] * (len(pictures) - 1) + [2000],
        loop=0,
        quality=45,
        method=6,
    )
    return buffer.getvalue()
