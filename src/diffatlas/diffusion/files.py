"""Readers of the file formats in which the data sets are published. No pickle: it can run code.

A place is a folder, or the archive that a publisher offers; nothing is unpacked to the disk.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

import numpy as np

__all__ = ["Arrays", "ReadError", "cifar_binary", "cifar_sprites", "gather", "idx", "parse_idx"]

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # train x, y, test x, y

ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
SUBFOLDERS = ("", "data", "package", "package/data", "cifar-10-batches-bin")
LARGEST = 2**29  # bytes of one file; the largest that is published has 47 million
BATCHES = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
LABELS = ("train_lables.json", "test_lables.json")  # spelt so in there
_DAMAGED = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, tarfile.TarError)
# What the library's readers raise besides: zipfile (NotImplementedError, RuntimeError) at a method
# or an encryption unknown to it, tarfile (TypeError) at a file that ends within gzip's header.
_UNPACKING = (*_DAMAGED, zipfile.BadZipFile, NotImplementedError, RuntimeError, TypeError)


class ReadError(ValueError):
    """A file is not what its name says; the text names it."""


def gather(place: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """The contents of those files called like one of ``wanted`` in a folder or an archive.

    Raises:
        ReadError: the archive is damaged, or a file is too large to be what its name says.
    """
    if place.is_dir():
        folders = [place / sub for sub in SUBFOLDERS]
        found = [[f / name for name in wanted if (f / name).is_file()] for f in folders]
        return {path.name: path.read_bytes() for path in max(found, key=len)}
    if not place.name.endswith(ARCHIVES) or not place.is_file():
        return {}
    contents = {}
    try:
        for name, size, file in _members(place):
            if name in wanted:
                if size > LARGEST:
                    raise ReadError(f"{place}: {name} would be {size} bytes long")
                contents[name] = file.read()
    except ReadError:
        raise
    except _UNPACKING as error:
        raise ReadError(f"{place} cannot be unpacked ({error})") from None
    return contents


def _members(archive: Path) -> Iterator[tuple[str, int, io.BufferedIOBase]]:
    """Base name, size and open file of everything in a tar or zip archive."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as z:
            for member in z.infolist():
                if not member.is_dir():
                    with z.open(member) as file:
                        yield PurePosixPath(member.filename).name, member.file_size, file  # type: ignore[misc]
        return
    with tarfile.open(archive, "r|*") as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isfile() else None
            if content is not None:
                yield PurePosixPath(entry.name).name, entry.size, content  # type: ignore[misc]


def parse_idx(raw: bytes, name: str) -> np.ndarray:
    """The array in an IDX file of unsigned bytes (plain or gzip) called ``name``.

    Raises:
        ReadError: another magic number, or another length than the header says.
    """
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.GzipFile(fileobj=io.BytesIO(raw)).read(LARGEST)
        except _DAMAGED as error:
            raise ReadError(f"{name} does not decompress ({error})") from None
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08" or not 1 <= raw[3] <= 4:
        raise ReadError(f"{name} is not an IDX file of bytes")
    start = 4 + 4 * raw[3]
    if len(raw) < start:
        raise ReadError(f"{name} ends within its header")
    shape = struct.unpack(f">{raw[3]}I", raw[4:start])
    size = 1
    for n in shape:  # not np.prod, which wraps around
        size *= n
    if len(raw) - start != size:
        raise ReadError(f"{name} holds {len(raw) - start} bytes where its header says {shape}")
    return np.frombuffer(raw, dtype=np.uint8, offset=start).reshape(shape).copy()


def idx(place: Path) -> Arrays | None:
    """MNIST and its kin, from ``place``; None where one of the four files is absent."""
    parts: list[np.ndarray] = []
    names = [(part, what) for part in ("train", "t10k") for what in ("images.idx3", "labels.idx1")]
    # Some publishers write a dot before "idx", most a hyphen.
    spellings = {
        pair: [
            f"{pair[0]}-{what}-ubyte{end}"
            for what in (pair[1].replace(".", "-"), pair[1])
            for end in ("", ".gz")
        ]
        for pair in names
    }
    found = gather(place, {name for options in spellings.values() for name in options})
    for options in spellings.values():
        name = next((option for option in options if option in found), None)
        if name is None:
            return None
        parts.append(parse_idx(found[name], f"{place}: {name}"))
    for images, labels in (parts[:2], parts[2:]):
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            raise ReadError(
                f"{place}: images {images.shape} and labels {labels.shape} do not fit together"
            )
    return parts[0][:, None], parts[1], parts[2][:, None], parts[3]


def cifar_binary(place: Path) -> Arrays | None:
    """CIFAR-10's binary version: records of one label byte and 3072 pixels."""
    found = gather(place, {f"{name}.bin" for name in BATCHES})
    if len(found) < len(BATCHES):
        return None
    parts = []
    for name in BATCHES:
        raw = np.frombuffer(found[f"{name}.bin"], dtype=np.uint8)
        if raw.size % 3073:
            raise ReadError(f"{place}: {name}.bin is not made of records of 3073 bytes")
        parts.append(raw.reshape(-1, 3073))
    return _joined([p[:, 1:].reshape(-1, 3, 32, 32) for p in parts], [p[:, 0] for p in parts])


def cifar_sprites(place: Path) -> Arrays | None:
    """CIFAR-10 as PNG sprites: one image of 1024 pixels a row, labels in JSON beside them."""
    found = gather(place, {*(f"{name}.png" for name in BATCHES), *LABELS})
    if not all(f"{name}.png" in found for name in BATCHES):
        return None
    if not all(name in found for name in LABELS):
        raise ReadError(f"{place} has the images but not {LABELS[0]} and {LABELS[1]}")
    images = [_sprite(found[f"{name}.png"], f"{place}: {name}.png") for name in BATCHES]
    train, test = (_json_labels(found[name], f"{place}: {name}") for name in LABELS)
    if len(train) != sum(len(part) for part in images[:5]):
        raise ReadError(f"{place}: {LABELS[0]} has {len(train)} labels, not one an image")
    ends = np.cumsum([len(part) for part in images[:5]])[:-1]
    return _joined(images, [*np.split(train, ends), test])


def _sprite(raw: bytes, name: str) -> np.ndarray:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(raw), formats=["PNG"]) as sprite:
            if sprite.width != 1024:
                raise ReadError(f"{name} is {sprite.width} pixels wide, not 1024")
            pixels = np.asarray(sprite.convert("RGB"))
    except ReadError:
        raise
    except (*_DAMAGED, SyntaxError, struct.error, Image.DecompressionBombError) as error:
        raise ReadError(f"{name} is not a readable PNG file ({error})") from None
    return pixels.reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2)


def _json_labels(raw: bytes, name: str) -> np.ndarray:
    try:
        labels = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{name} is not JSON ({error})") from None
    if not isinstance(labels, list) or not all(
        type(label) is int and 0 <= label < 256 for label in labels
    ):
        raise ReadError(f"{name} is not a list of labels")
    return np.array(labels, dtype=np.uint8)


def _joined(images: list[np.ndarray], labels: list[np.ndarray]) -> Arrays:
    for x, y in zip(images, labels, strict=True):
        if len(x) != len(y):
            raise ReadError(f"CIFAR-10: {len(x)} images but {len(y)} labels in one part")
    return (
        np.ascontiguousarray(np.concatenate(images[:5])),
        np.concatenate(labels[:5]),
        np.ascontiguousarray(images[5]),
        labels[5].copy(),
    )
