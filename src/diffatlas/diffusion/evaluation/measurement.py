"""All measures of one set of samples, each beside what training images score at the same number.

A distance without the number of samples and without its floor means nothing: with few samples even
the data are "far" from themselves. So all three stand together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from diffatlas.diffusion.data import Dataset
from diffatlas.diffusion.evaluation.classes import class_accuracy, class_distance
from diffatlas.diffusion.evaluation.frechet import frechet_distance
from diffatlas.diffusion.evaluation.kernel import kernel_distance, standardize
from diffatlas.diffusion.evaluation.neighbors import manifold
from diffatlas.diffusion.evaluation.scale import quantize, stored_points
from diffatlas.diffusion.features import extract, extractor, logits
from diffatlas.diffusion.problems import BadSamples

__all__ = ["Measurement", "Scores", "measure"]


@dataclass(frozen=True)
class Scores:
    """What one set of images scores against the test images, in the features of a classifier."""

    fd: float
    """Frechet distance, at least 0; lower is better (:func:`frechet_distance`)."""
    kid: float
    """Kernel distance of standardised features, 0 for equal distributions; lower is better."""
    kid_error: float
    """Standard error of ``kid``."""
    precision: float
    """Share of the images near real ones, 0 to 1 (:class:`Manifold`)."""
    recall: float
    """Share of the real images near these, 0 to 1."""
    density: float
    """How densely real images surround these, about 1 for real ones."""
    coverage: float
    """Share of the real images with one of these as a neighbor, 0 to 1."""
    class_distance: float
    """Total variation between predicted classes and those of the test images, 0 to 1."""
    accuracy: float | None = None
    """Share of the images told to be of their class, where labels are known."""


@dataclass(frozen=True)
class Measurement:
    """One measurement: the samples' scores, and those of as many training images."""

    data: str
    n: int
    reference: int
    nearest: int
    features: str
    samples: Scores
    real: Scores

    @property
    def fd(self) -> float:
        """Frechet distance of the samples."""
        return self.samples.fd

    @property
    def floor(self) -> float:
        """Frechet distance of as many training images."""
        return self.real.fd

    @property
    def coverage(self) -> float:
        """Coverage of the samples."""
        return self.samples.coverage

    @property
    def real_coverage(self) -> float:
        """Coverage of as many training images."""
        return self.real.coverage

    def __str__(self) -> str:
        s, r = self.samples, self.real
        first = f"of the first {self.reference}: " if self.n > self.reference else ""
        lines = [
            f"{self.data}, N = {self.n} against {self.reference} test images: "
            f"Frechet distance {s.fd:.2f} (floor: real images {r.fd:.2f}), "
            f"coverage {s.coverage:.3f} (real images {r.coverage:.3f})",
            f"kernel distance {s.kid:.4f} +- {s.kid_error:.4f} ({r.kid:.4f}), "
            f"{first}precision {s.precision:.3f} ({r.precision:.3f}), "
            f"recall {s.recall:.3f} ({r.recall:.3f}), density {s.density:.3f} ({r.density:.3f}), "
            f"class distance {s.class_distance:.3f} ({r.class_distance:.3f})",
        ]
        if s.accuracy is not None:
            lines.append(f"of the class asked for {s.accuracy:.3f} ({r.accuracy:.3f})")
        scale = stored_points(self.data)
        if scale.get("features") == self.features:
            points = scale["points"].items()
            known = ", ".join(f"{name} {point['fd']:.4g}" for name, point in points)
            lines.append(f"scale of the distance, N = {scale['n']}: {known}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers and strings, rounded, for JSON: the samples' scores, ``real`` below."""
        return {
            "data": self.data,
            "n": self.n,
            "reference": self.reference,
            "nearest": self.nearest,
            "features": self.features,
            **_plain(self.samples),
            "real": _plain(self.real),
        }


def _plain(scores: Scores) -> dict[str, float]:
    return {k: round(v, 5) for k, v in asdict(scores).items() if v is not None}


def measure(
    samples: Tensor,
    data: Dataset,
    nearest: int = 5,
    data_dir: str | None = None,
    labels: Tensor | None = None,
) -> Measurement:
    """Compare ``samples`` (N, C, H, W) in [-1, 1] with the test part of ``data``.

    The Frechet distance and the classes are compared with all test images. What depends on both
    numbers, precision to coverage, is of equal numbers: of the first N test images or, where there
    are fewer, of as many of the first samples. The floor is the same with N training images (drawn
    with a fixed seed) in the samples' place.

    Args:
        nearest: which neighbor bounds a ball (:func:`manifold`), below N.
        data_dir: where the data set is, should its feature network have to be trained first.
        labels: (N,) the classes asked for, if the samples are conditional.

    Raises:
        BadSamples: the samples are not finite, too few, more than there are training images, or
            not of the shape of the data.
        FeaturesMissing: there is no feature network for this data set.
    """
    n = len(samples)
    if tuple(samples.shape[1:]) != data.shape:
        raise BadSamples(
            f"the images of {data.name} are {data.shape}, these samples {tuple(samples.shape[1:])}"
        )
    if n < 20:
        raise BadSamples(f"measuring needs 20 or more samples, got {n}")
    if n > len(data.train):
        raise BadSamples(
            f"{n} samples are more than the {len(data.train)} training images of {data.name}, "
            f"which are measured beside them at the same number: measure {len(data.train)} or fewer"
        )
    finite = samples.isfinite().flatten(1).all(1)
    if not finite.all():
        raise BadSamples(
            f"{int((~finite).sum())} of {n} samples are not finite: the sampler or the model that "
            "drew them diverged; leave them out only if you say so beside the result"
        )
    net, digest = extractor(data.name, data_dir)
    draw = torch.randperm(len(data.train), generator=torch.Generator().manual_seed(0))[:n]
    real = extract(net, data.test)
    real_logits = logits(net, real)

    def scores(images: Tensor, classes: Tensor | None) -> Scores:
        fake = extract(net, images)
        told = logits(net, fake)
        plain_real, plain_fake = standardize(real, fake)
        return Scores(
            frechet_distance(fake, real),
            *kernel_distance(plain_real, plain_fake),
            *manifold(real[:n], fake[: len(real)], nearest),
            class_distance(told, real_logits),
            None if classes is None else class_accuracy(told, classes),
        )

    return Measurement(
        data=data.name,
        n=n,
        reference=len(real),
        nearest=nearest,
        features=digest[:16],
        # Rounded to the data's grey levels: a classifier sees the difference.
        samples=scores(quantize(samples, data.levels), labels),
        real=scores(data.train[draw], None if labels is None else data.train_labels[draw]),
    )
