"""Measurements against independent implementations, and what they can tell apart."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from scipy.linalg import sqrtm

from diffatlas.diffusion import features
from diffatlas.diffusion.data import load
from diffatlas.diffusion.evaluation import coverage, frechet_distance, measure
from diffatlas.diffusion.images import grid, strip, to_uint8


def cloud(n: int, d: int, seed: int) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    mix = torch.randn(d, d, generator=g, dtype=torch.float64)
    return torch.randn(n, d, generator=g, dtype=torch.float64) @ mix + seed


def test_the_frechet_distance_agrees_with_a_matrix_square_root() -> None:
    a, b = cloud(300, 7, 1), cloud(400, 7, 2)
    x, y = a.numpy(), b.numpy()
    ca, cb = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    wanted = np.square(x.mean(0) - y.mean(0)).sum()
    wanted += np.trace(ca + cb - 2 * sqrtm(ca @ cb).real)
    assert frechet_distance(a, b) == pytest.approx(wanted, rel=1e-9)
    assert frechet_distance(b, a) == pytest.approx(wanted, rel=1e-9)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_a_shift_costs_its_square() -> None:
    a = cloud(500, 5, 1)
    assert frechet_distance(a, a + 2.0) == pytest.approx(5 * 4.0)


@pytest.mark.parametrize("nearest", [3, 5])
def test_coverage_agrees_with_prdc(nearest: int) -> None:
    net, _ = features.extractor("digits")
    digits = load("digits")
    real = features.extract(net, digits.test[:300])
    noise = 0.4 * torch.randn(250, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    fake = features.extract(net, digits.train[:250] + noise)
    wanted = compute_prdc(real.numpy(), fake.numpy(), nearest)["coverage"]
    assert 0.1 < wanted < 0.95
    assert coverage(real, fake, nearest) == pytest.approx(wanted, abs=1e-12)


def test_a_missing_class_lowers_the_coverage_and_raises_the_distance() -> None:
    digits = load("digits")
    whole = measure(digits.train[:500], digits)
    without = measure(digits.train[digits.train_labels < 7][:500], digits)
    assert without.coverage < whole.coverage - 0.15
    assert without.fd > whole.fd + 1


def test_the_floor_is_what_real_images_score_at_the_same_number() -> None:
    digits = load("digits")
    few, many = measure(digits.train[:100], digits), measure(digits.train[:1000], digits)
    assert few.n == 100 and many.n == 1000 and few.reference == 500
    assert few.floor > many.floor > 0
    noise = torch.rand(500, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    bad = measure(noise, digits)
    assert bad.fd > 10 * bad.floor and bad.coverage < 0.2
    assert "N = 500" in str(bad) and "floor" in str(bad)


@pytest.mark.parametrize("name, at_least", [("digits", 0.975), ("fashion-mnist", 0.90)])
def test_the_stored_feature_networks_tell_the_classes_apart(name: str, at_least: float) -> None:
    data = load(name)
    net, digest = features.extractor(name)
    stored = (features.STORED / f"{name}.safetensors").read_bytes()
    assert hashlib.sha256(stored).hexdigest() == digest and len(stored) < 200_000
    assert features.accuracy(net, data) >= at_least


def test_the_recipe_of_the_feature_network_trains_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(features.EPOCHS, "digits", 5)
    digits = load("digits")
    assert features.accuracy(features.train_classifier(digits), digits) > 0.8


def test_pixels_map_to_bytes_and_grids_hold_every_image() -> None:
    x = torch.tensor([-2.0, -1.0, 0.0, 1.0, 3.0]).view(5, 1, 1, 1).expand(5, 1, 8, 8)
    assert to_uint8(x)[:, 0, 0, 0].tolist() == [0, 0, 128, 255, 255]
    sheet = grid(x, columns=3, height=16, gap=2)
    assert sheet.size == (3 * 18 + 2, 2 * 18 + 2)
    colored = grid(torch.zeros(2, 3, 8, 8))
    assert colored.mode == "RGB"
    states = [torch.randn(4, 1, 8, 8) * s for s in (40.0, 10.0, 1.0)]
    assert strip(states, rows=2, columns=9, height=8).size == (3 * 10 + 2, 2 * 10 + 2)
