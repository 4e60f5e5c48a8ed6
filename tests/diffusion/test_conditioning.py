"""Classes: told to the network from outside, dropped in training, exaggerated by guidance."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from diffatlas.diffusion import runner
from diffatlas.diffusion.conditioning import ClassConditional, classes_of, drop, given
from diffatlas.diffusion.data import load
from diffatlas.diffusion.draw import draw
from diffatlas.diffusion.networks import unet_for
from diffatlas.diffusion.noise import SharedGenerator
from diffatlas.diffusion.optim import MuonAdamW
from diffatlas.diffusion.parameterizations import EPS, as_denoiser
from diffatlas.diffusion.problems import DiffusionError
from diffatlas.diffusion.schedules import VP
from diffatlas.diffusion.training import train

SHAPE = (1, 8, 8)


def command(*options: str) -> subprocess.CompletedProcess[str]:
    """What the installed command answers."""
    words = [sys.executable, "-m", "diffatlas", *options]
    return subprocess.run(words, capture_output=True, text=True, check=False)


LABELS = torch.tensor([0, 1, 2, 3])


def told() -> ClassConditional:
    """A network of four classes whose output depends on all that it gets."""
    torch.manual_seed(0)
    net = unet_for(SHAPE, classes=4)
    assert isinstance(net, ClassConditional)
    for p in net.parameters():
        p.data += 0.1 * torch.randn_like(p)
    return net.eval()


def test_guidance_is_the_paper_s_formula() -> None:
    net, x, c = told(), torch.randn(4, *SHAPE), torch.tensor(0.3)
    known = net.net(x, c, LABELS)
    unknown = net.net(x, c, torch.full((4,), 4))
    assert not torch.allclose(known, unknown, atol=1e-3)
    assert torch.allclose(net(x, c), unknown)
    for w in (-1.0, 0.0, 0.5, 3.0):  # (1 + w) eps(z, c) - w eps(z)          [2207.12598, Eq. 6]
        with given(net, LABELS, guidance=1 + w):
            assert torch.allclose(net(x, c), (1 + w) * known - w * unknown, atol=1e-5)
    assert torch.allclose(net(x, c), unknown)


def test_guidance_does_not_depend_on_what_is_predicted() -> None:
    """A network of the noise and one of the clean image that agree, agree under guidance too."""
    schedule, t, noise = VP(), 0.4, told().net
    alpha, sigma = schedule(t)

    class Image(torch.nn.Module):
        """What the network of the noise says of the clean image."""

        def forward(self, x: torch.Tensor, c: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = EPS.to_x0(noise(x, c, y), x, alpha, sigma)
            return out

    x = torch.randn(4, *SHAPE)
    images = []
    for net, predicts in ((noise, "eps"), (Image(), "x0")):
        conditional = ClassConditional(net, 4)
        with given(conditional, LABELS, guidance=2.5):
            images.append(as_denoiser(conditional, schedule, predicts)(x, t))
    assert torch.allclose(*images, atol=1e-4)
    with given(conditional, LABELS):
        plain = as_denoiser(conditional, schedule, "x0")(x, t)
    assert not torch.allclose(plain, images[1], atol=1e-2)


def test_labels_are_forgotten_afterwards_even_after_an_error() -> None:
    net, x = told(), torch.randn(4, *SHAPE)
    plain = net(x, 0.1)
    with pytest.raises(ZeroDivisionError), given(net, LABELS, 3.0):
        1 / 0  # noqa: B018
    assert torch.equal(net(x, 0.1), plain)


def test_the_inner_labels_count_and_afterwards_the_outer_ones_again() -> None:
    net, x = told(), torch.randn(4, *SHAPE)
    with given(net, LABELS, 2.0):
        outer = net(x, 0.1)
        with given(net, LABELS.flip(0)):
            assert not torch.allclose(net(x, 0.1), outer, atol=1e-3)
        with given(net, None):
            unknown = net(x, 0.1)
        assert torch.equal(net(x, 0.1), outer)
    assert torch.equal(net(x, 0.1), unknown) and not torch.allclose(unknown, outer, atol=1e-3)


def _one_step(model: torch.nn.Module, n: int, **_: object) -> Iterator[torch.Tensor]:
    """A sampler that asks the network once."""
    yield model(torch.ones(n, *SHAPE), 0.3)


def test_drawing_does_not_forget_the_labels_around_it() -> None:
    net = told()
    with given(net, LABELS):
        around = draw(_one_step, net, 4)
    assert torch.equal(around, draw(_one_step, net, 4, labels=LABELS))
    assert not torch.allclose(around, draw(_one_step, net, 4), atol=1e-3)


@pytest.mark.parametrize("n, batch", [(0, 250), (-1, 250), (4, 0)])
def test_drawing_nothing_is_refused(n: int, batch: int) -> None:
    with pytest.raises(DiffusionError, match=f"cannot draw {n} images {batch} at a time"):
        draw(_one_step, told(), n, batch=batch)


@pytest.mark.parametrize(
    "labels, said",
    [
        (torch.tensor([3]), r"shape \(1,\): they must be \(4,\), one for each image"),
        (torch.tensor([[0, 1, 2, 3]]), "one for each image"),
        (torch.tensor([0.0, 1.0, 2.0, 3.0]), "float32: they must be whole numbers"),
        (torch.tensor([0, 1, 2, 5]), "label 5: this model knows the classes 0 to 3"),
        (torch.tensor([0, -1, 2, 3]), "label -1: "),
    ],
)
def test_labels_that_are_not_the_model_s_are_refused(labels: torch.Tensor, said: str) -> None:
    net, images = told(), torch.zeros(4, *SHAPE)
    with pytest.raises(DiffusionError, match=said):
        draw(_one_step, net, 4, batch=2, labels=labels)
    with pytest.raises(DiffusionError, match=said):
        train(net, _never, images, "1steps", quiet=True, labels=labels)
    with pytest.raises(DiffusionError), given(net, labels):
        net(images)


def _never(model: torch.nn.Module, x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    raise AssertionError("a loss was asked for")


def test_a_model_without_classes_says_so() -> None:
    plain = unet_for(SHAPE)
    assert classes_of(plain) == 0
    with pytest.raises(DiffusionError, match="--classes"), given(plain, LABELS):
        pass
    with pytest.raises(DiffusionError, match="no classes"):
        train(plain, _never, torch.zeros(4, *SHAPE), "1steps", quiet=True, labels=LABELS)
    with given(plain, None):
        plain(torch.randn(2, *SHAPE), 0.1)


def test_a_tenth_is_dropped_and_all_processes_drop_alike() -> None:
    labels = torch.arange(20_000) % 10
    whole = drop(labels, 10, SharedGenerator().manual_seed(0))
    share = float((whole == 10).float().mean())
    assert 0.09 < share < 0.11
    assert torch.equal(whole[whole < 10], labels[whole < 10])
    parts = []
    for rank in (0, 1):
        generator = SharedGenerator()
        generator.manual_seed(0)
        generator.rank, generator.size = rank, 2
        parts.append(drop(labels[rank * 10_000 : (rank + 1) * 10_000], 10, generator))
    assert torch.equal(torch.cat(parts), whole)


def test_mirrored_images_reach_the_loss_half_of_the_time() -> None:
    images = torch.zeros(64, 1, 8, 8)
    images[..., :4] = 1.0
    left = []

    def loss(model: torch.nn.Module, x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        left.append(float(x[:, 0, 0, 0].mean()))
        assert torch.equal(x + x.flip(3), torch.ones_like(x))
        return model(x, 0.0).square().mean()

    train(unet_for(SHAPE), loss, images, "20steps", batch=32, quiet=True, mirror=True)
    assert 0.4 < sum(left) / len(left) < 0.6
    left.clear()
    train(unet_for(SHAPE), loss, images, "2steps", batch=32, quiet=True)
    assert left == [1.0, 1.0]


def test_adam_s_rate_falls_with_the_width_alone() -> None:
    rates = [
        MuonAdamW(unet_for((3, 32, 32), width=w)).parts[-1].param_groups[0]["lr"] for w in (1, 2, 4)
    ]
    assert rates == [4e-3, 2e-3, 1e-3]
    assert MuonAdamW(unet_for(SHAPE)).parts[-1].param_groups[0]["lr"] == 4e-3


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short training that was told the classes, through the command."""
    folder = tmp_path_factory.mktemp("told") / "run"
    options = ["--budget", "500steps", "--classes", "--width", "2", "--device", "cpu"]
    result = command("run", "ddpm", *options, "--out", str(folder))
    assert result.returncode == 0, result.stderr
    assert "of the class asked for" in result.stdout
    return folder / "weights.safetensors"


def test_a_model_that_was_told_draws_the_class_asked_for(weights: Path) -> None:
    ready = runner.trained("ddpm", weights=weights, device="cpu")
    assert classes_of(ready.model) == 10
    record = json.loads((weights.parent / "run.json").read_text())
    assert json.loads(record["network"]) == {"width": 2, "classes": 10}
    assert record["images_per_second"] > 0 and "thread" in record["hardware"]
    data = load("digits")
    centers = torch.stack([data.train[data.train_labels == k].mean(0) for k in range(10)])
    labels = ready.labels("all", 100)

    def share(asked: torch.Tensor | None, guidance: float = 1.0) -> float:
        images = ready.draw(100, 0, "ddim", 20, labels=asked, guidance=guidance)
        nearest = torch.cdist(images.flatten(1), centers.flatten(1)).argmin(1)
        return float((nearest == labels).float().mean())

    assert share(None) < 0.3
    plain, guided = share(labels), share(labels, 2.0)
    assert plain > 0.6
    assert guided >= plain
    assert share(labels, 0.0) < 0.3


@pytest.mark.parametrize(
    "options, said",
    [
        (["--class", "10"], "no class '10'"),
        (["--class", "ten"], "no class 'ten'"),
        (["--guidance", "2"], "name one with --class"),
        (["--class", "3", "--guidance", "-1"], "-1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(weights: Path, options: list[str], said: str) -> None:
    result = command("sample", "ddpm", "--weights", str(weights), "-n", "2", *options)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_stored_weights_know_no_classes(tmp_path: Path) -> None:
    result = command(
        "sample", "ddpm", "-n", "1", "--class", "Bag", "--out", str(tmp_path / "a.png")
    )
    assert result.returncode == 2
    assert "without --classes" in result.stderr
    assert not (tmp_path / "a.png").exists()


def test_every_baseline_can_be_told(tmp_path: Path) -> None:
    for name in runner.names():
        module = runner.find(name)
        for variant in module.VARIANTS:
            model = module.build(SHAPE, variant, classes=10)
            with given(model, LABELS):
                loss = module.loss(model, torch.zeros(4, *SHAPE), torch.Generator().manual_seed(0))
            assert loss.isfinite(), (name, variant)
            assert classes_of(model) == 10
