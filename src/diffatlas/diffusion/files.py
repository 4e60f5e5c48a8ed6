"""Readers of the file formats in which the data sets are published. No pickle: it can run code."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

__all__ = ["ReadError", "cifar_binary", "cifar_sprites", "idx_pair", "read_idx"]


class ReadError(ValueError):
    """A file is not what its name says; the text names it."""


def read_idx(path: Path) -> np.ndarray:
    """An IDX file of unsigned bytes (plain or gzip): the array in it.

    Raises:
        ReadError: another magic number, or another length than the header says.
    """
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, ValueError) as error:
            raise ReadError(f"{path} does not decompress ({error})") from None
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08" or not 1 <= raw[3] <= 4:
        raise ReadError(f"{path} is not an IDX file of bytes")
    start = 4 + 4 * raw[3]
    shape = tuple(int(n) for n in np.frombuffer(raw[4:start], dtype=">u4"))
    if len(raw) - start != int(np.prod(shape)):
        raise ReadError(f"{path} holds {len(raw) - start} bytes where its header says {shape}")
    return np.frombuffer(raw, dtype=np.uint8, offset=start).reshape(shape).copy()


def idx_pair(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Images (N, 1, H, W) and labels of ``part`` (train or t10k); None where a file is absent."""
    found: list[Path] = []
    for what in ("images-idx3", "labels-idx1"):
        # Some publishers write a dot before "idx".
        names = [f"{part}-{what}-ubyte", f"{part}-{what.replace('-idx', '.idx')}-ubyte"]
        paths = [folder / (name + end) for name in names for end in ("", ".gz")]
        hit = next((path for path in paths if path.is_file()), None)
        if hit is None:
            return None
        found.append(hit)
    images, labels = read_idx(found[0]), read_idx(found[1])
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise ReadError(f"{found[0]} and {found[1]} do not fit together")
    return images[:, None], labels


def cifar_binary(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    """CIFAR-10's binary version: records of one label byte and 3072 pixels."""
    folder = (
        folder / "cifar-10-batches-bin" if (folder / "cifar-10-batches-bin").is_dir() else folder
    )
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    if not all((folder / name).is_file() for name in names):
        return None
    parts = []
    for name in names:
        raw = np.fromfile(folder / name, dtype=np.uint8)
        if raw.size % 3073:
            raise ReadError(f"{folder / name} is not made of records of 3073 bytes")
        parts.append(raw.reshape(-1, 3073))
    return _cifar([p[:, 1:].reshape(-1, 3, 32, 32) for p in parts], [p[:, 0] for p in parts])


def cifar_sprites(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    """CIFAR-10 as PNG sprites: one image of 1024 pixels a row, labels in JSON beside them."""
    if (folder / "package").is_dir():  # as npm unpacks it
        folder = folder / "package"
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    if not all((folder / f"{name}.png").is_file() for name in names):
        return None
    from PIL import Image

    train, test = folder / "train_lables.json", folder / "test_lables.json"  # spelt so in there
    if not (train.is_file() and test.is_file()):
        raise ReadError(f"{folder} has the images but not {train.name} and {test.name}")
    images = []
    for name in names:
        with Image.open(folder / f"{name}.png") as sprite:
            pixels = np.asarray(sprite.convert("RGB"))
        if pixels.shape[1] != 1024:
            raise ReadError(f"{folder / name}.png is {pixels.shape[1]} pixels wide, not 1024")
        images.append(pixels.reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2))
    y = np.array(json.loads(train.read_text()), dtype=np.uint8)
    y_test = np.array(json.loads(test.read_text()), dtype=np.uint8)
    return _cifar(images, [*np.split(y, 5), y_test])


def _cifar(
    images: list[np.ndarray], labels: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    for x, y in zip(images, labels, strict=True):
        if len(x) != len(y):
            raise ReadError(f"CIFAR-10: {len(x)} images but {len(y)} labels in one part")
    return (
        np.ascontiguousarray(np.concatenate(images[:5])),
        np.concatenate(labels[:5]),
        np.ascontiguousarray(images[5]),
        labels[5],
    )
