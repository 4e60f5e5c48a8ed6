"""Measurements against independent implementations, and what they can tell apart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from prdc import compute_prdc
from scipy.linalg import sqrtm
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from diffatlas.diffusion import evaluation, features
from diffatlas.diffusion.data import DATASETS, Dataset, load
from diffatlas.diffusion.evaluation import (
    class_accuracy,
    class_distance,
    coverage,
    frechet_distance,
    kernel_distance,
    manifold,
    measure,
    standardize,
    summarize_bits,
)
from diffatlas.diffusion.evaluation.kernel import unbiased_mmd
from diffatlas.diffusion.images import grid, strip, to_uint8
from diffatlas.diffusion.problems import BadSamples, FeaturesMissing

shapes = st.tuples(st.integers(12, 40), st.integers(2, 6), st.integers(0, 10_000))


def cloud(n: int, d: int, seed: int) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    mix = torch.randn(d, d, generator=g, dtype=torch.float64)
    return torch.randn(n, d, generator=g, dtype=torch.float64) @ mix + seed % 7


def shuffled(x: Tensor, seed: int) -> Tensor:
    return x[torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


@pytest.fixture(scope="module")
def sets(digits: Dataset) -> tuple[Tensor, Tensor]:
    """Features of 300 real and 250 noisy digits."""
    net, _ = features.extractor("digits")
    noise = 0.6 * torch.randn(250, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return features.extract(net, digits.test[:300]), features.extract(
        net, digits.train[:250] + noise
    )


class Given(nn.Module):
    """A feature module for torchmetrics that returns what it is given."""

    num_features = features.WIDTH

    def forward(self, x: Tensor) -> Tensor:
        return x


def test_the_frechet_distance_agrees_with_a_matrix_square_root() -> None:
    a, b = cloud(300, 7, 1), cloud(400, 7, 2)
    x, y = a.numpy(), b.numpy()
    ca, cb = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    wanted = np.square(x.mean(0) - y.mean(0)).sum()
    wanted += np.trace(ca + cb - 2 * sqrtm(ca @ cb).real)
    assert frechet_distance(a, b) == pytest.approx(wanted, rel=1e-9)


def test_the_frechet_distance_agrees_with_torchmetrics(sets: tuple[Tensor, Tensor]) -> None:
    fid = FrechetInceptionDistance(feature=Given(), input_img_size=(features.WIDTH,))
    fid.set_dtype(torch.float64)
    fid.update(sets[0], real=True)
    fid.update(sets[1], real=False)
    assert frechet_distance(*sets) == pytest.approx(float(fid.compute()), rel=1e-6)
    assert frechet_distance(*sets) > 1


def test_the_frechet_distance_has_its_closed_form_for_gaussians() -> None:
    # Whitened points have exactly the moments that they are given.
    white = cloud(500, 3, 5)
    white = white - white.mean(0)
    white = white @ torch.linalg.inv(torch.linalg.cholesky(torch.cov(white.T))).T
    s, t = torch.tensor([1.0, 2.0, 0.5]).double(), torch.tensor([3.0, 2.0, 1.5]).double()
    shift = torch.tensor([1.0, -2.0, 0.0]).double()
    wanted = float(shift.square().sum() + (s - t).square().sum())
    assert frechet_distance(white * s, white * t + shift) == pytest.approx(wanted)


@given(shapes)
@settings(max_examples=25, deadline=None)
def test_distances_ignore_order_and_vanish_for_equal_sets(shape: tuple[int, int, int]) -> None:
    n, d, seed = shape
    a, b = cloud(n, d, seed), cloud(n + 5, d, seed + 1)
    scale = float(torch.cov(a.T).trace())
    assert frechet_distance(a, shuffled(a, seed)) == pytest.approx(0, abs=1e-6 * scale)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-6)
    mixed = frechet_distance(shuffled(a, seed), shuffled(b, seed))
    assert mixed == pytest.approx(frechet_distance(a, b), rel=1e-6)
    assert unbiased_mmd(shuffled(a, seed), b) == pytest.approx(float(unbiased_mmd(a, b)))
    assert manifold(shuffled(a, 1), shuffled(b, 2)) == pytest.approx(manifold(a, b))
    same = manifold(a, shuffled(a, seed))
    assert same.precision == same.recall == same.coverage == 1 and same.density == 1
    far = manifold(a, a + 1e3 * a.abs().max())
    assert far == (0, 0, 0, 0)


def test_the_kernel_distance_agrees_with_torchmetrics(sets: tuple[Tensor, Tensor]) -> None:
    real, fake = standardize(*sets)
    assert real.mean(0).abs().max() < 1e-9
    wanted = []
    for x, y in zip(real[:250].split(50), fake.split(50), strict=True):
        kid = KernelInceptionDistance(feature=Given(), subsets=1, subset_size=50)
        kid.update(x, real=True)
        kid.update(y, real=False)
        wanted.append(float(kid.compute()[0]))
    found = kernel_distance(real, fake, subsets=5)
    assert found.value == pytest.approx(np.mean(wanted), rel=1e-6)
    assert found.standard_error == pytest.approx(np.std(wanted, ddof=1) / 5**0.5, rel=1e-6)
    assert found.value > 2 * found.standard_error > 0


def test_the_kernel_distance_of_equal_distributions_scatters_around_zero() -> None:
    points = cloud(4000, 4, 3)
    found = kernel_distance(*standardize(points[:2000], points[2000:]))
    assert abs(found.value) < 4 * found.standard_error and found.standard_error < 0.1


def test_a_constant_feature_is_left_alone() -> None:
    a = torch.tensor([[1.0, 5.0], [3.0, 5.0]], dtype=torch.float64)
    expected = torch.tensor([[-(0.5**0.5), 0.0], [0.5**0.5, 0.0]]).double()
    torch.testing.assert_close(standardize(a)[0], expected)


@pytest.mark.parametrize("nearest", [1, 3, 5])
def test_precision_recall_density_coverage_agree_with_prdc(
    nearest: int, sets: tuple[Tensor, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = compute_prdc(sets[0].numpy(), sets[1].numpy(), nearest)
    assert 0.1 < wanted["coverage"] < 0.95 and 0.02 < wanted["precision"] < 0.98
    found = manifold(*sets, nearest)
    assert found._asdict() == pytest.approx(wanted, abs=1e-12)
    assert coverage(*sets, nearest) == found.coverage
    monkeypatch.setattr("diffatlas.diffusion.evaluation.neighbors.ROWS", 37)
    assert manifold(*sets, nearest) == pytest.approx(found, abs=1e-12)


def test_class_distance_and_accuracy_count_images() -> None:
    eye = torch.eye(4, dtype=torch.float64)
    a, b = eye[[0, 0, 1, 1, 2, 2, 3, 3]], eye[[0, 1, 2, 2]]
    assert class_distance(a, a) == 0 and class_distance(eye[[0]], eye[[1]]) == 1
    assert class_distance(a, b) == class_distance(b, a) == 0.25
    assert class_accuracy(b, torch.tensor([0, 1, 0, 2])) == 0.75


def test_bits_state_their_error_and_their_dequantisation() -> None:
    bits = summarize_bits(torch.tensor([2.0, 4.0]), 256)
    assert bits.mean == 3 and bits.standard_error == pytest.approx(1.0)
    assert "uniform dequantisation" in str(bits) and "256 levels" in str(bits)
    assert bits.as_dict()["dequantization"] == "uniform"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: frechet_distance(cloud(1, 2, 0), cloud(9, 2, 0)),
        lambda: frechet_distance(cloud(9, 3, 0), cloud(9, 2, 0)),
        lambda: manifold(cloud(5, 2, 0), cloud(9, 2, 0)),
        lambda: manifold(cloud(9, 2, 0), cloud(5, 2, 0)),
        lambda: kernel_distance(cloud(19, 2, 0), cloud(50, 2, 0)),
        lambda: kernel_distance(cloud(50, 2, 0), cloud(50, 2, 0), subsets=1),
        lambda: class_accuracy(torch.eye(3), torch.tensor([1])),
        lambda: summarize_bits(torch.tensor([1.0]), 17),
    ],
)
def test_sets_too_small_or_unlike_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="needs|need|but"):
        wrong()  # type: ignore[operator]


def test_a_missing_class_is_seen_by_every_measure_of_diversity(digits: Dataset) -> None:
    whole = measure(digits.train[:500], digits).samples
    without = measure(digits.train[digits.train_labels < 7][:500], digits).samples
    assert without.coverage < whole.coverage - 0.15 and without.recall < whole.recall - 0.15
    assert without.fd > whole.fd + 1 and without.kid > whole.kid + 5 * whole.kid_error
    assert without.class_distance == pytest.approx(0.3, abs=0.05)
    assert without.precision > whole.precision - 0.03


def test_the_floor_is_what_real_images_score_at_the_same_number(digits: Dataset) -> None:
    few, many = measure(digits.train[:100], digits), measure(digits.train[:1000], digits)
    assert few.n == 100 and many.n == 1000 and few.reference == 500
    assert few.floor > many.floor > 0
    noise = torch.rand(500, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    bad = measure(noise, digits)
    assert bad.fd > 10 * bad.floor and bad.coverage < 0.2
    assert "N = 500" in str(bad) and "floor" in str(bad) and "uniform noise" in str(bad)


def test_more_samples_than_test_images_meet_as_many_as_there_are(digits: Dataset) -> None:
    many, few = measure(digits.train[:1000], digits), measure(digits.train[:500], digits)
    for name in ("precision", "recall", "density", "coverage"):
        assert getattr(many.samples, name) == getattr(few.samples, name)
        assert getattr(many.real, name) == getattr(few.real, name)
    assert "of the first 500: precision" in str(many) and "of the first" not in str(few)


def test_a_floor_of_more_images_than_there_are_is_refused(digits: Dataset) -> None:
    samples = torch.zeros(1298, 1, 8, 8)
    with pytest.raises(BadSamples, match="1298 samples are more than the 1297.*or fewer"):
        measure(samples, digits)
    assert measure(digits.train, digits).n == 1297


def test_a_data_set_without_features_says_so(digits: Dataset) -> None:
    mine = replace(digits, name="mine")
    with pytest.raises(FeaturesMissing, match="called 'mine'.*digits.*inception_distance"):
        measure(digits.test, mine)


def test_samples_that_are_not_finite_are_counted(digits: Dataset) -> None:
    samples = digits.train[:50].clone()
    samples[3, 0, 0, 0], samples[7] = torch.nan, torch.inf
    with pytest.raises(BadSamples, match="2 of 50 samples are not finite"):
        measure(samples, digits)


def test_conditional_samples_are_judged_beside_real_images(digits: Dataset) -> None:
    x, y = digits.test, digits.test_labels
    right, wrong = measure(x, digits, labels=y), measure(x, digits, labels=(y + 1) % 10)
    assert right.samples.accuracy is not None and right.samples.accuracy > 0.97
    assert wrong.samples.accuracy is not None and wrong.samples.accuracy < 0.05
    assert right.real.accuracy is not None and right.real.accuracy > 0.97
    assert "of the class asked for" in str(right)
    assert "accuracy" in right.as_dict() and "accuracy" not in measure(x, digits).as_dict()


def test_a_measurement_is_plain_json_with_the_real_images_scores(digits: Dataset) -> None:
    stored = json.loads(json.dumps(measure(digits.train[:200], digits).as_dict()))
    assert set(stored["real"]) <= set(stored) and stored["n"] == 200
    assert {"fd", "kid", "kid_error", "precision", "recall", "density"} < set(stored["real"])


@pytest.mark.parametrize(
    "samples",
    [torch.zeros(50, 1, 28, 28), torch.zeros(5, 1, 8, 8), torch.full((50, 1, 8, 8), torch.nan)],
)
def test_samples_that_cannot_be_measured_are_refused(samples: Tensor, digits: Dataset) -> None:
    with pytest.raises(BadSamples):
        measure(samples, digits)


@pytest.mark.parametrize("name", DATASETS)
def test_every_feature_network_is_in_the_package_beside_what_it_is(name: str) -> None:
    net, digest = features.extractor(name)
    stored = (features.STORED / f"{name}.safetensors").read_bytes()
    assert hashlib.sha256(stored).hexdigest() == digest and len(stored) < 200_000
    known = evaluation.stored_points(name)
    assert known["features"] == digest[:16] and known["data"] == name
    assert known["parameters"] == sum(p.numel() for p in net.parameters())
    fd = {point: scores["fd"] for point, scores in known["points"].items()}
    assert fd["uniform noise"] > fd["pixel Gaussian"] > 10 * fd["training images"] > 0


@pytest.mark.parametrize("name, at_least", [("digits", 0.975), ("fashion-mnist", 0.90)])
def test_the_feature_networks_tell_the_classes_apart(name: str, at_least: float) -> None:
    accuracy = features.accuracy(features.extractor(name)[0], load(name))
    assert accuracy >= at_least
    assert evaluation.stored_points(name)["accuracy"] == round(accuracy, 4)


def test_the_stored_scale_is_what_the_stored_network_measures(digits: Dataset) -> None:
    net, _ = features.extractor("digits")
    known = evaluation.stored_points("digits")
    found = evaluation.reference_points(net, digits, known["n"])
    for name, point in known["points"].items():
        assert found[name] == pytest.approx(point, rel=0.01, abs=0.01)


def test_the_recipe_of_the_feature_network_trains_one(
    monkeypatch: pytest.MonkeyPatch, digits: Dataset
) -> None:
    monkeypatch.setitem(features.EPOCHS, "digits", 8)
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
