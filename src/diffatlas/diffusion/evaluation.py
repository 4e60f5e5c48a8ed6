"""How close samples are to data: Frechet distance beside its floor, and coverage.

A distance without the number of samples and without what real images score at that number means
nothing: with few samples even the data are "far" from themselves. So all three stand together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from diffatlas.diffusion.data import Dataset
from diffatlas.diffusion.features import extract, extractor

__all__ = ["Measurement", "coverage", "frechet_distance", "measure"]


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


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Distance of the Gaussians fitted to two sets of features (N, d), (M, d); >= 0.

    |mu_a - mu_b|^2 + tr(A + B - 2 (A^(1/2) B A^(1/2))^(1/2)), with covariances A and B.
    The square root is of a symmetric matrix, so no imaginary parts have to be thrown away.
    """
    mean = (a.mean(0) - b.mean(0)).square().sum()
    cov_a, cov_b = torch.cov(a.T), torch.cov(b.T)
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    return max(0.0, float(mean + cov_a.trace() + cov_b.trace() - 2 * cross))


def coverage(real: Tensor, fake: Tensor, nearest: int = 5) -> float:
    """Share of the real points with a fake one nearer than their ``nearest``-th real neighbor.

    Naeem et al. 2020, "Reliable fidelity and diversity metrics": from 0 to 1, higher is better.
    It sees missing modes, which a distance of Gaussians can overlook.
    """
    if len(real) <= nearest:
        raise ValueError(f"coverage needs more than {nearest} real points, got {len(real)}")
    radius = torch.cdist(real, real).kthvalue(nearest + 1, dim=1).values  # the first is itself
    return float((torch.cdist(real, fake).min(dim=1).values < radius).double().mean())


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
    # Samples are rounded to the data's grey levels: a classifier sees the difference.
    steps = (data.levels - 1) / 2
    rounded = ((samples.clamp(-1, 1) + 1) * steps).round() / steps - 1
    fake = extract(net, rounded)
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
