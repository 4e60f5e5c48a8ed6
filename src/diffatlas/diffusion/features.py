"""The features in which samples are compared with data: a small classifier for each data set.

Inception features, made for photographs of 299 pixels, say little about 28 x 28 clothes; and a
network of 27 million parameters does not belong into a minute's run. These classifiers do: their
recipe is below, their weights are stored beside this file and identified by a hash, so that two
people compare the same numbers. ``python -m diffatlas.diffusion.features NAME`` trains one again
(data other than digits and Debian's Fashion-MNIST from the folder ``$DIFFATLAS_DATA``).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffatlas.diffusion.checkpoints import load_weights, save_weights
from diffatlas.diffusion.data import DATASETS, SHAPES, Dataset, load
from diffatlas.diffusion.problems import CheckpointError, FeaturesMissing

__all__ = [
    "Classifier",
    "accuracy",
    "extract",
    "extractor",
    "logits",
    "read",
    "store",
    "train_classifier",
    "weights_path",
]

STORED = Path(__file__).parent / "features_data"
EPOCHS = {"digits": 40, "fashion-mnist": 5, "mnist": 3, "cifar-10": 15}
WIDTH = 64


class Classifier(nn.Module):
    """Three strided convolutions and a dense layer; ``features`` gives the latter, (N, 64).

    Convolutions of 16, 32 and 64 channels, each 3 x 3 with batch normalization and ReLU; images of
    8 pixels are halved twice, larger ones three times.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int = 10) -> None:
        super().__init__()
        channels, height, width = shape
        strides = (1, 2, 2) if height <= 8 else (2, 2, 2)
        layers: list[nn.Module] = []
        for out, stride in zip((16, 32, 64), strides, strict=True):
            convolution = nn.Conv2d(channels, out, 3, stride=stride, padding=1)
            layers += [convolution, nn.BatchNorm2d(out), nn.ReLU()]
            channels, height, width = out, -(-height // stride), -(-width // stride)
        self.body = nn.Sequential(*layers)
        self.dense = nn.Linear(channels * height * width, WIDTH)
        self.out = nn.Linear(WIDTH, classes)

    def features(self, x: Tensor) -> Tensor:
        """(N, C, H, W) in [-1, 1] -> (N, 64), none below zero."""
        return F.relu(self.dense(self.body(x).flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) in [-1, 1] -> logits (N, classes)."""
        out: Tensor = self.out(self.features(x))
        return out


def train_classifier(data: Dataset, seed: int = 0) -> Classifier:
    """The recipe: AdamW, a rate that falls from 1e-3 to zero in a line, batches of 128."""
    torch.manual_seed(seed)
    net = Classifier(data.shape, len(data.classes))
    epochs, batch = EPOCHS.get(data.name, 10), 128
    steps = len(data.train) // batch
    adam = torch.optim.AdamW(net.parameters(), 1e-3)
    rate = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, epochs * steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(data.train))[: steps * batch].split(batch):
            loss = F.cross_entropy(net(data.train[chosen]), data.train_labels[chosen])
            adam.zero_grad()
            loss.backward()
            adam.step()
            rate.step()
    return net.eval().requires_grad_(False)


def accuracy(net: Classifier, data: Dataset) -> float:
    """Share of the test images whose class ``net`` tells."""
    told = logits(net, extract(net, data.test)).argmax(1)
    return float((told == data.test_labels).double().mean())


def weights_path(name: str) -> Path:
    """Where the classifier of data set ``name`` is: in the package, or in the user's cache."""
    stored = STORED / f"{name}.safetensors"
    if stored.is_file():
        return stored
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "diffatlas"
    return folder / f"features-{name}.safetensors"


@cache
def extractor(name: str, data_dir: str | None = None) -> tuple[Classifier, str]:
    """The classifier of data set ``name`` and the SHA-256 of its weights file.

    Where the package brings none it is trained once and kept in the user's cache folder.

    Raises:
        FeaturesMissing: there is no recipe for a data set of that name.
        CheckpointError: the package's own file is damaged.
    """
    if name not in SHAPES:
        raise FeaturesMissing(
            f"there is no feature network for a data set called {name!r}, only for "
            f"{', '.join(SHAPES)}. Measure images of your own by inception_distance, or compare "
            "features of your own by frechet_distance, kernel_distance and manifold."
        )
    path = weights_path(name)
    try:
        net = read(path, SHAPES[name])
    except CheckpointError:
        if path.parent == STORED:
            raise
        # Absent, damaged, or of an older recipe.
        print(f"training the feature network of {name}, once ...", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        store(load(name, data_dir), path)
        net = read(path, SHAPES[name])
    return net, hashlib.sha256(path.read_bytes()).hexdigest()


def read(path: Path, shape: tuple[int, int, int]) -> Classifier:
    """The network of the weights file ``path`` for images of ``shape`` (C, H, W).

    Raises:
        CheckpointError: there is no such file, or it holds something else.
    """
    net = Classifier(shape)
    try:
        net.load_state_dict(load_weights(path)[0])
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise CheckpointError(f"{path} holds no feature network ({reason})") from None
    return net.eval().requires_grad_(False)


def extract(net: Classifier, images: Tensor) -> Tensor:
    """Features of ``images`` (clamped to [-1, 1]) in double precision, (N, width)."""
    device = next(net.parameters()).device
    with torch.inference_mode():
        parts = [net.features(part.to(device).clamp(-1, 1)) for part in images.split(500)]
    return torch.cat(parts).cpu().double()


def logits(net: Classifier, features: Tensor) -> Tensor:
    """Class logits (N, classes) from features (N, width) that :func:`extract` gave."""
    with torch.inference_mode():
        weight, bias = net.out.weight.cpu().double(), net.out.bias.cpu().double()
        return features @ weight.T + bias


def store(data: Dataset, path: Path, seed: int = 0) -> dict[str, Any]:
    """Train the classifier of ``data`` and write it to ``path``, and beside it what it is.

    The record, which is returned and written with the suffix ``.json``: size, seed, test accuracy
    and the scale (:mod:`diffatlas.diffusion.evaluation.scale`), of the weights as stored.
    """
    from diffatlas.diffusion.evaluation.scale import write_points

    save_weights(path, train_classifier(data, seed).state_dict(), {"data": data.name})
    net = read(path, data.shape)
    size = sum(p.numel() for p in net.parameters())
    notes = {"parameters": size, "seed": seed, "accuracy": round(accuracy(net, data), 4)}
    return write_points(path, data, notes)


if __name__ == "__main__":
    STORED.mkdir(exist_ok=True)
    for wanted in sys.argv[1:] or DATASETS:
        print(json.dumps(store(load(wanted), STORED / f"{wanted}.safetensors"), indent=1))
