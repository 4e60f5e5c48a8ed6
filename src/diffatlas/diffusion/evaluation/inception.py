"""The Frechet inception distance (FID) of papers, where torch-fidelity and its weights can be had.

The network is that of Heusel et al. 2017 (arXiv 1706.08500), converted by torch-fidelity with the
original resizing. Nothing of it is needed, imported or fetched until :func:`inception_distance` is
called. For images of 28 x 28 clothes the small classifiers say more.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

import torch
from torch import Tensor, nn

from diffatlas.diffusion.data import Dataset
from diffatlas.diffusion.evaluation.frechet import frechet_distance
from diffatlas.diffusion.problems import BadSamples, FeaturesMissing

__all__ = ["InceptionDistance", "inception_distance", "inception_features"]

MODULE = "torch_fidelity.feature_extractor_inceptionv3"
INSTALL = 'pip install "diffatlas[inception]"'
BATCH = 50


@dataclass(frozen=True)
class InceptionDistance:
    """An FID with its protocol and its floor."""

    data: str
    n: int
    against: str
    reference: int
    fid: float
    floor: float
    floor_n: int
    weights: str

    def __str__(self) -> str:
        other = "test" if self.against == "train" else "training"
        return (
            f"{self.data}, N = {self.n} against {self.reference} {self.against} images: "
            f"FID {self.fid:.2f} (floor: {self.floor_n} {other} images {self.floor:.2f}); "
            f"Inception weights {self.weights}. Papers mostly draw N = 50000."
        )


def inception_distance(
    samples: Tensor,
    data: Dataset,
    against: Literal["train", "test"] = "train",
    weights: str | Path | None = None,
    device: str | torch.device = "cpu",
    on_batch: Callable[[int], None] | None = None,
) -> InceptionDistance:
    """FID of ``samples`` (N, C, H, W) in [-1, 1]: :func:`frechet_distance` of 2,048 features.

    Args:
        against: the part of ``data`` compared with, by papers' habit the training images; the floor
            is what up to N images of the other part score.
        weights: torch-fidelity's weights file, if there is no network to fetch it over (96 MB).
        on_batch: is told how many images each batch brought.

    Raises:
        FeaturesMissing: package or weights cannot be had; the message says how to get them.
        BadSamples: fewer than two samples, or of another shape than the data.
    """
    if len(samples) < 2 or tuple(samples.shape[1:]) != data.shape:
        raise BadSamples(f"FID needs two or more images {data.shape}, got {tuple(samples.shape)}")
    net, digest = _network(weights)
    net = net.to(device)
    parts = (data.train, data.test) if against == "train" else (data.test, data.train)
    reference, fake, real = (
        inception_features(net, images, on_batch)
        for images in (parts[0], samples, parts[1][: len(samples)])
    )
    return InceptionDistance(
        data=data.name,
        n=len(samples),
        against=against,
        reference=len(reference),
        fid=frechet_distance(fake, reference),
        floor=frechet_distance(real, reference),
        floor_n=len(real),
        weights=digest[:16],
    )


def inception_features(
    net: nn.Module, images: Tensor, on_batch: Callable[[int], None] | None = None
) -> Tensor:
    """(N, C, H, W) in [-1, 1], gray or RGB -> (N, 2048) in double precision, from whole bytes."""
    device = next(iter(net.parameters()), torch.empty(0)).device
    parts = []
    with torch.inference_mode():
        for batch in images.split(BATCH):
            pixels = ((batch.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
            rgb = pixels.expand(-1, 3, -1, -1).to(device)
            parts.append(net(rgb)[0].cpu().double())
            if on_batch is not None:
                on_batch(len(batch))
    return torch.cat(parts)


def _network(weights: str | Path | None) -> tuple[nn.Module, str]:
    """The Inception network and the SHA-256 of its weights file."""
    fidelity = _fidelity()
    path = Path(weights).expanduser() if weights else _fetched(fidelity.URL_INCEPTION_V3)
    if not path.is_file():
        raise FeaturesMissing(f"there are no Inception weights at {path}")
    try:
        # torch-fidelity unpickles what it is given; this refuses whatever is not tensors alone.
        torch.load(path, map_location="cpu", weights_only=True)
        net = fidelity.FeatureExtractorInceptionV3("inception-v3-compat", ["2048"], str(path))
    except Exception as error:  # of pickle, zip, state dictionaries: one message for all
        reason = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise FeaturesMissing(
            f"{path} does not hold torch-fidelity's Inception weights ({reason}). Get them from "
            f"{fidelity.URL_INCEPTION_V3}"
        ) from None
    return net, hashlib.sha256(path.read_bytes()).hexdigest()


def _fidelity() -> ModuleType:
    try:
        return importlib.import_module(MODULE)
    except ModuleNotFoundError as error:
        raise FeaturesMissing(
            f"FID needs the package {error.name}; install it with: {INSTALL}. The default measures "
            "of `diffatlas evaluate` need nothing more."
        ) from None
    except (ImportError, RuntimeError, AttributeError) as error:
        # A torchvision that was built for another torch fails in one of these ways.
        reason = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise FeaturesMissing(
            f"torch-fidelity cannot be loaded ({reason}). It needs a torchvision that was built for"
            f" torch {torch.__version__}: install both from the same index, see pytorch.org"
        ) from None


def _fetched(url: str) -> Path:
    """The weights in torch's cache, fetched there the first time."""
    name = url.rpartition("/")[2]
    path = Path(torch.hub.get_dir()) / "checkpoints" / name
    if path.is_file():
        return path
    reason = "DIFFATLAS_OFFLINE is set"
    if not os.environ.get("DIFFATLAS_OFFLINE"):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # The name ends in the first digits of the file's SHA-256.
            prefix = path.stem.rpartition("-")[2]
            torch.hub.download_url_to_file(url, str(path), hash_prefix=prefix)
            return path
        except (OSError, RuntimeError, ValueError) as error:  # network, damage, no such address
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:160]
    raise FeaturesMissing(
        f"the Inception weights could not be fetched ({reason}). Download {url} where there is a "
        f"network, then name the file with --inception-weights FILE or put it at {path}"
    )
