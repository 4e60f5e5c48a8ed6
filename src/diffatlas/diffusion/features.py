"""The features in which samples are compared with data: a small classifier for each data set.

Inception features, made for photographs of 299 pixels, say little about 28 x 28 clothes; and a
network of 27 million parameters does not belong into a minute's run. These classifiers do: their
recipe is below, their weights are stored beside this file and identified by a hash, so that two
people compare the same numbers. ``python -m diffatlas.diffusion.features NAME`` trains one again.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffatlas.diffusion.checkpoints import load_weights, save_weights
from diffatlas.diffusion.data import DATASETS, Dataset, load

__all__ = ["Classifier", "accuracy", "extract", "extractor", "train_classifier"]

STORED = Path(__file__).parent / "features_data"
EPOCHS = {"digits": 60, "fashion-mnist": 6, "mnist": 4, "cifar-10": 20}


class Classifier(nn.Module):
    """Convolutional classifier; ``features`` gives the layer before the last, (N, width)."""

    def __init__(self, shape: tuple[int, int, int], classes: int = 10) -> None:
        super().__init__()
        channels, height, _ = shape
        small = height <= 8
        a, b, width = (16, 32, 32) if small else (24, 48, 64)
        side = height // 2 if small else height // 4
        self.conv1 = nn.Conv2d(channels, a, 3, padding=1)
        self.conv2 = nn.Conv2d(a, a if small else b, 3, padding=1)
        self.conv3 = nn.Conv2d(a if small else b, b, 3, padding=1, stride=1 if small else 2)
        self.pool = 1 if small else 2
        self.squeeze = nn.Conv2d(b, b // 2, 1)
        self.dense = nn.Linear(b // 2 * (side if small else -(-side // 2)) ** 2, width)
        self.out = nn.Linear(width, classes)

    def features(self, x: Tensor) -> Tensor:
        """(N, C, H, W) in [-1, 1] -> (N, width)."""
        h = F.relu(self.conv1(x))
        if self.pool == 2:
            h = F.max_pool2d(h, 2)
        h = F.max_pool2d(F.relu(self.conv2(h)), 2)
        h = F.relu(self.squeeze(F.relu(self.conv3(h))))
        # No ReLU after this layer: a Frechet distance compares Gaussians, on both sides of zero.
        out: Tensor = self.dense(h.flatten(1))
        return out

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.out(F.relu(self.features(x)))
        return out


def train_classifier(data: Dataset, seed: int = 0) -> Classifier:
    """The recipe: AdamW, one-cycle rate up to 4e-3, batches of 128, label smoothing 0.1."""
    torch.manual_seed(seed)
    net = Classifier(data.shape, len(data.classes))
    epochs, batch = EPOCHS.get(data.name, 10), 128
    steps = len(data.train) // batch
    adam = torch.optim.AdamW(net.parameters(), weight_decay=0.02)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, 4e-3, total_steps=epochs * steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(data.train))[: steps * batch].split(batch):
            logits = net(data.train[chosen])
            loss = F.cross_entropy(logits, data.train_labels[chosen], label_smoothing=0.1)
            adam.zero_grad()
            loss.backward()
            adam.step()
            rate.step()
    return net.eval().requires_grad_(False)


def accuracy(net: Classifier, data: Dataset) -> float:
    """Share of the test images whose class ``net`` tells."""
    with torch.inference_mode():
        guesses = torch.cat([net(part).argmax(1) for part in data.test.split(500)])
    return float((guesses == data.test_labels).float().mean())


@cache
def extractor(name: str, data_dir: str | None = None) -> tuple[Classifier, str]:
    """The classifier of data set ``name`` and the SHA-256 of its weights file.

    Where none is stored in the package it is trained once and kept in the user's cache folder.
    """
    path = STORED / f"{name}.safetensors"
    if not path.is_file():
        cache_dir = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "diffatlas"
        path = cache_dir / f"features-{name}.safetensors"
        if not path.is_file():
            print(f"training the feature network of {name}, once ...", flush=True)
            cache_dir.mkdir(parents=True, exist_ok=True)
            store(load(name, data_dir), path)
    state, _ = load_weights(path)
    shape = (3, 32, 32) if name == "cifar-10" else (1, 8, 8) if name == "digits" else (1, 28, 28)
    net = Classifier(shape)
    net.load_state_dict(state)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return net.eval().requires_grad_(False), digest


def extract(net: Classifier, images: Tensor) -> Tensor:
    """Features of ``images`` (clamped to [-1, 1]) in double precision, (N, width)."""
    device = next(net.parameters()).device
    with torch.inference_mode():
        parts = [net.features(part.to(device).clamp(-1, 1)) for part in images.split(500)]
    return torch.cat(parts).double().cpu()


def store(data: Dataset, path: Path, seed: int = 0) -> float:
    """Train the classifier of ``data`` and write it to ``path``; returns its test accuracy."""
    net = train_classifier(data, seed)
    save_weights(path, net.state_dict(), {"data": data.name, "seed": str(seed)})
    return accuracy(net, data)


if __name__ == "__main__":
    STORED.mkdir(exist_ok=True)
    for wanted in sys.argv[1:] or DATASETS[:2]:
        result = store(load(wanted), STORED / f"{wanted}.safetensors")
        size = sum(p.numel() for p in extractor(wanted)[0].parameters())
        print(f"{wanted}: {size} parameters, test accuracy {result:.4f}")
