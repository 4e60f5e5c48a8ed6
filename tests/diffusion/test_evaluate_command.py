"""``diffatlas evaluate``: what it measures, and what it says when something is not there."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from diffatlas.cli import main
from diffatlas.diffusion import features
from diffatlas.diffusion.data import load
from diffatlas.diffusion.evaluation import frechet_distance, inception, measure
from diffatlas.diffusion.images import to_uint8

Output = pytest.CaptureFixture[str]


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    digits = load("digits")
    path = tmp_path / "samples.npz"
    np.savez(path, images=to_uint8(digits.train[:200]), labels=digits.train_labels[:200])
    return path


class Small(nn.Module):
    """In the place of Inception: means of 2 x 2 cells of one channel, scaled by a weight."""

    def __init__(self, name: str, wanted: list[str], weights: str) -> None:
        super().__init__()
        assert wanted == ["2048"]
        self.scale = nn.Parameter(torch.ones(1))
        self.load_state_dict(torch.load(weights, weights_only=True))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        assert x.dtype == torch.uint8 and x.shape[1] == 3 and torch.equal(x[:, 0], x[:, 2])
        return (nn.functional.avg_pool2d(x[:, 0].float(), 2).flatten(1) * self.scale,)


@pytest.fixture
def fidelity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A package torch_fidelity as it is laid out, and a weights file for it."""
    module = types.ModuleType(inception.MODULE)
    module.FeatureExtractorInceptionV3 = Small  # type: ignore[attr-defined]
    module.URL_INCEPTION_V3 = "https://host.invalid/weights-12345678.pth"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch_fidelity", types.ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, inception.MODULE, module)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    weights = tmp_path / "weights.pth"
    torch.save({"scale": torch.full((1,), 0.1)}, weights)
    return weights


def test_samples_of_a_file_are_measured(samples: Path, capsys: Output) -> None:
    assert main(["evaluate", str(samples), "--data", "digits"]) == 0
    out = capsys.readouterr().out
    assert "N = 200 against 500" in out and "of the class asked for 1.000" in out
    assert main(["evaluate", str(samples), "--data", "digits", "--json"]) == 0
    digits = load("digits")
    wanted = measure(digits.train[:200], digits, labels=digits.train_labels[:200]).as_dict()
    assert json.loads(capsys.readouterr().out) == wanted


def test_what_sample_writes_evaluate_reads(tmp_path: Path, capsys: Output) -> None:
    out = tmp_path / "drawn.npz"
    assert main(["sample", "ddpm", "-n", "30", "--nfe", "2", "--out", str(out)]) == 0
    assert main(["evaluate", str(out)]) == 0
    assert "fashion-mnist, N = 30 against 10000" in capsys.readouterr().out


def test_run_keeps_what_it_measured(tmp_path: Path, capsys: Output) -> None:
    out = tmp_path / "run"
    assert main(["run", "ddpm", "--budget", "3steps", "--device", "cpu", "--out", str(out)]) == 0
    stored = json.loads((out / "measured.json").read_text())
    assert stored["data"] == "digits" and stored["n"] == 500 and stored["fd"] > stored["real"]["fd"]
    assert f"Frechet distance {stored['fd']:.2f}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arrays, reason",
    [
        ({"pictures": np.zeros((30, 8, 8, 1), np.uint8)}, "it has none"),
        ({"images": np.zeros((30, 8, 8, 1))}, "it has float64"),
        ({"images": np.zeros((30, 8, 8), np.uint8)}, "N x H x W x C"),
        ({"images": np.array([{}] * 30)}, "not a readable .npz"),
        ({"images": np.zeros((30, 28, 28, 1), np.uint8)}, "the images of digits are"),
        ({"images": np.zeros((3, 8, 8, 1), np.uint8)}, "20 or more"),
        ({"images": np.zeros((30, 8, 8, 1), np.uint8), "labels": np.zeros(7, int)}, "`labels`"),
        (None, "not a readable .npz"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(
    tmp_path: Path, capsys: Output, arrays: dict[str, np.ndarray] | None, reason: str
) -> None:
    path = tmp_path / "samples.npz"
    if arrays is None:
        path.write_bytes(b"PK\x03\x04 and no more")
    else:
        np.savez(path, **arrays)  # type: ignore[arg-type]
    assert main(["evaluate", str(path), "--data", "digits"]) == 2
    captured = capsys.readouterr()
    assert reason in captured.err and "Traceback" not in captured.err and not captured.out


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: Output) -> None:
    assert main(["evaluate", str(tmp_path / "none.npz"), "--data", "digits"]) == 2
    assert "there is no file" in capsys.readouterr().err


def test_fid_without_its_package_says_what_to_install(
    samples: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    assert main(["evaluate", str(samples), "--data", "digits", "--inception"]) == 2
    assert 'pip install "diffatlas[inception]"' in capsys.readouterr().err


def test_fid_with_a_torchvision_of_another_torch_says_so(
    samples: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = samples.parent / "torch_fidelity"
    package.mkdir()
    failure = "raise RuntimeError('operator torchvision::nms does not exist')"
    (package / "__init__.py").write_text(failure)
    monkeypatch.delitem(sys.modules, "torch_fidelity", raising=False)
    monkeypatch.syspath_prepend(str(samples.parent))
    assert main(["evaluate", str(samples), "--data", "digits", "--inception"]) == 2
    error = capsys.readouterr().err
    assert "torchvision::nms" in error and torch.__version__ in error and "same index" in error


def test_fid_without_a_network_says_where_the_weights_are(
    samples: Path, capsys: Output, fidelity: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIFFATLAS_OFFLINE", "1")
    command = ["evaluate", str(samples), "--data", "digits", "--inception"]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert "host.invalid/weights-12345678.pth" in error and "--inception-weights" in error
    monkeypatch.delenv("DIFFATLAS_OFFLINE")

    def fails(url: str, path: str, hash_prefix: str) -> None:
        assert hash_prefix == "12345678"
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", fails)
    assert main(command) == 2
    assert "no route to host" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"cos\nsystem\n(S'touch harmed'\ntR.", b"PK\x03\x04"])
def test_what_is_no_weights_file_is_refused_unopened(
    samples: Path, capsys: Output, fidelity: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(samples.parent)
    wrong = samples.parent / "wrong.pth"
    wrong.write_bytes(content)
    command = ["evaluate", str(samples), "--data", "digits", "--inception-weights", str(wrong)]
    assert main(command) == 2
    assert "does not hold torch-fidelity's Inception weights" in capsys.readouterr().err
    assert not Path("harmed").exists()


@pytest.mark.parametrize("against", ["train", "test"])
def test_fid_is_the_frechet_distance_of_the_networks_features(
    samples: Path, capsys: Output, fidelity: Path, against: str
) -> None:
    command = ["evaluate", str(samples), "--data", "digits", "--inception-weights", str(fidelity)]
    assert main([*command, "--against", against, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    digits = load("digits")

    def cells(images: Tensor) -> Tensor:
        pixels = torch.from_numpy(to_uint8(images)).permute(0, 3, 1, 2).float()
        return nn.functional.avg_pool2d(pixels, 2).flatten(1).double() * 0.1

    reference, other = digits.train, digits.test
    if against == "test":
        reference, other = other, reference
    wanted = frechet_distance(cells(digits.train[:200]), cells(reference))
    assert found["fid"] == pytest.approx(wanted, rel=1e-3) and found["reference"] == len(reference)
    floor = frechet_distance(cells(other[:200]), cells(reference))
    assert found["floor"] == pytest.approx(floor, rel=1e-3) and found["floor_n"] == 200
    assert main([*command, "--against", against]) == 0
    assert f"against {len(reference)} {against} images: FID" in capsys.readouterr().out


def test_a_feature_network_of_an_older_recipe_in_the_cache_is_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    from diffatlas.diffusion.checkpoints import save_weights
    from diffatlas.diffusion.evaluation import stored_points

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(features, "STORED", tmp_path / "nothing")
    monkeypatch.setitem(features.EPOCHS, "digits", 1)
    path = tmp_path / "diffatlas/features-digits.safetensors"
    path.parent.mkdir()
    save_weights(path, {"conv1.weight": torch.zeros(3)}, {})
    features.extractor.cache_clear()
    try:
        _, digest = features.extractor("digits")
        assert "once" in capsys.readouterr().out
        assert stored_points("digits")["features"] == digest[:16]
        features.extractor.cache_clear()
        assert features.extractor("digits")[1] == digest
        assert "once" not in capsys.readouterr().out
    finally:
        features.extractor.cache_clear()
