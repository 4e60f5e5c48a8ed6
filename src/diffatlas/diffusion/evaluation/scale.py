"""What known images score, so that a distance can be read: noise, a Gaussian, real images.

A Frechet distance has the scale of its feature network. These points belong beside it: uniform
noise (no model at all), a Gaussian fitted to the pixels (the best model without any structure
beyond covariances), and training images (the floor).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from diffatlas.diffusion.checkpoints import write_bytes
from diffatlas.diffusion.data import Dataset
from diffatlas.diffusion.evaluation.frechet import frechet_distance
from diffatlas.diffusion.evaluation.neighbors import coverage
from diffatlas.diffusion.features import Classifier, extract, read, weights_path

__all__ = ["known_images", "quantize", "reference_points", "stored_points", "write_points"]

N, NEAREST = 2000, 5


def quantize(images: Tensor, levels: int) -> Tensor:
    """``images`` in [-1, 1] on the data's grid of ``levels`` values: a classifier sees the rest."""
    steps = (levels - 1) / 2
    return ((images.clamp(-1, 1) + 1) * steps).round() / steps - 1


def known_images(data: Dataset, n: int, seed: int = 0) -> Iterator[tuple[str, Tensor]]:
    """Names and (n, C, H, W) images in [-1, 1]: uniform noise, a pixel Gaussian, training images.

    The Gaussian has mean and covariance of the training images' pixel values; what falls outside
    [-1, 1] is clamped.
    """
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand(n, *data.shape, generator=generator) * 2 - 1
    yield "uniform noise", quantize(noise, data.levels)
    pixels = data.train.flatten(1).double()
    values, vectors = torch.linalg.eigh(torch.cov(pixels.T))
    white = torch.randn(n, pixels.shape[1], generator=generator, dtype=torch.float64)
    drawn = pixels.mean(0) + white * values.clamp(min=0).sqrt() @ vectors.T
    yield "pixel Gaussian", quantize(drawn.float().reshape(n, *data.shape), data.levels)
    yield "training images", data.train[torch.randperm(len(data.train), generator=generator)[:n]]


def reference_points(
    net: Classifier, data: Dataset, n: int = N, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Frechet distance and coverage of :func:`known_images` in the features of ``net``.

    The distance is to all test images, the coverage is that of the first ``n`` of them.
    """
    real = extract(net, data.test)
    return {
        name: {
            "fd": round(frechet_distance(features, real), 3),
            "coverage": round(coverage(real[:n], features, NEAREST), 4),
        }
        for name, images in known_images(data, min(n, len(data.train)), seed)
        for features in [extract(net, images)]
    }


def write_points(weights: Path, data: Dataset, notes: dict[str, Any]) -> dict[str, Any]:
    """Measure the network of the file ``weights`` and write it beside, as JSON; also returned."""

    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    n = min(N, len(data.train))
    record = {
        "data": data.name,
        "features": digest[:16],
        **notes,
        "n": n,
        "reference": len(data.test),
        "nearest": NEAREST,
        "points": reference_points(read(weights, data.shape), data, n),
    }
    write_bytes(weights.with_suffix(".json"), (json.dumps(record, indent=1) + "\n").encode())
    return record


def stored_points(name: str) -> dict[str, Any]:
    """The record of data set ``name``'s feature network (:func:`write_points`), or {}."""
    path = weights_path(name).with_suffix(".json")
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
