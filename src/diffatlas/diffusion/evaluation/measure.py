"""How close samples are to data: Frechet distance beside its floor, and coverage.

A distance without the number of samples and without what real images score at that number means
nothing: with few samples even the data are "far" from themselves. So all three stand together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from diffatlas.diffusion.data import Dataset
from diffatlas.diffusion.evaluation.frechet import frechet_distance
from diffatlas.diffusion.evaluation.manifold import coverage
from diffatlas.diffusion.evaluation.scale import quantize
from diffatlas.diffusion.features import extract, extractor

__all__ = ["Measurement", "measure"]


@dataclass(frozen=True)
class Measurement:
    """One measurement; ``floor`` and ``real_coverage`` are what training images score."""

    data: str
    n: int
    reference: int
    fd: float
    floor: float
    coverage: float
    real_coverage: float
    nearest: int
    features: str

    def __str__(self) -> str:
        return (
            f"{self.data}, N = {self.n} against {self.reference} test images: "
            f"Frechet distance {self.fd:.2f} (floor: real images {self.floor:.2f}), "
            f"coverage {self.coverage:.3f} (real images {self.real_coverage:.3f})"
        )

    def as_dict(self) -> dict[str, str | int | float]:
        """Plain numbers and strings, rounded, for JSON."""
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()}


def measure(
    samples: Tensor, data: Dataset, nearest: int = 5, data_dir: str | None = None
) -> Measurement:
    """Compare ``samples`` (N, C, H, W) with the test part of ``data``.

    The distance is taken to all test images, the coverage to the first N of them; the floor is the
    same with N training images (drawn with a fixed seed) in the samples' place.
    """
    net, digest = extractor(data.name, data_dir)
    n = len(samples)
    real = extract(net, data.test)
    some = real[: min(n, len(real))]
    fake = extract(net, quantize(samples, data.levels))
    draw = torch.randperm(len(data.train), generator=torch.Generator().manual_seed(0))[:n]
    twin = extract(net, data.train[draw])
    return Measurement(
        data=data.name,
        n=n,
        reference=len(real),
        fd=frechet_distance(fake, real),
        floor=frechet_distance(twin, real),
        coverage=coverage(some, fake, nearest),
        real_coverage=coverage(some, twin, nearest),
        nearest=nearest,
        features=digest[:16],
    )
