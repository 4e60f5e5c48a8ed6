"""smalldiffusion and denoising-diffusion-pytorch, each as its examples train it, step by step.

Each function is a generator: a gradient step for each value, which is ``draw(n)``, their sampler
with their averaged weights, (n, 1, 28, 28) in [-1, 1]. ``network=None`` is their own example;
otherwise their loss, schedule, optimizer and sampler train that network.
"""

from __future__ import annotations

import copy
import sys
import types
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec

import torch
from torch import Tensor, nn

__all__ = ["Draw", "denoising_diffusion", "small_diffusion"]

Draw = Callable[[int], Tensor]

PARTS = 100  # images a batch when sampling


def pretend_torchvision() -> None:
    """Both import torchvision, of which there is no build for the CPU build of torch, for their
    image folders alone."""
    if "torchvision" in sys.modules:
        return
    names = ("torchvision", "torchvision.transforms", "torchvision.utils")
    vision, transforms, utils = (types.ModuleType(name) for name in names)
    for name, module in zip(names, (vision, transforms, utils), strict=True):
        module.__spec__ = ModuleSpec(name, None)
        sys.modules[name] = module
    vision.transforms, vision.utils = transforms, utils  # type: ignore[attr-defined]
    for name in ("Compose", "RandomHorizontalFlip", "ToTensor", "Lambda"):
        setattr(transforms, name, lambda *options: lambda image: image)


def batches(images: Tensor, size: int, flip: bool) -> Iterator[Tensor]:
    """Endless shuffled batches, half of the images mirrored where their examples do that."""
    while True:
        for chosen in torch.randperm(len(images))[: len(images) // size * size].split(size):
            x = images[chosen]
            if flip:
                mirrored = torch.rand(len(x)) < 0.5
                x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
            yield x


def in_parts(n: int, some: Draw) -> Tensor:
    return torch.cat([some(min(PARTS, n - i)).detach() for i in range(0, n, PARTS)])


def small_diffusion(images: Tensor, network: nn.Module | None = None) -> Iterator[Draw]:
    """examples/fashion_mnist_unet.py: batches of 1024, AdamW 7e-4, 20 steps with gam = 1.6.

    With our network batches of 32, as ours, and no mirroring. Their EMA (decay 0.999, torch_ema,
    which warms up) is the mean of the weights over steps.
    """
    pretend_torchvision()
    import smalldiffusion as sd
    from accelerate import Accelerator

    schedule = sd.ScheduleLogLinear(sigma_min=0.01, sigma_max=20, N=800)
    if network is None:
        model = sd.Scaled(sd.Unet)(28, 1, 1, ch=64, ch_mult=(1, 1, 2), attn_resolutions=(14,))
        size = 1024
    else:
        inner = network

        class Ours(nn.Module, sd.ModelMixin):
            input_dims = (1, 28, 28)

            def __init__(self) -> None:
                super().__init__()
                self.net = inner

            def forward(self, x: Tensor, sigma: Tensor, cond: object = None) -> Tensor:
                labels = sigma.log().flatten() / 4
                return self.net(x, labels)

        model, size = sd.Scaled(Ours)(), 32
    cpu, average = Accelerator(cpu=True), copy.deepcopy(model)
    # Their loop goes over the loader once an epoch: one endless epoch.
    loader = batches(images, size, flip=network is None)
    loop = sd.training_loop(_Endless(loader), model, schedule, cpu, epochs=1, lr=7e-4)

    def draw(n: int) -> Tensor:
        def some(n: int) -> Tensor:
            sigmas = schedule.sample_sigmas(20)
            *_, x = sd.samples(average, sigmas, gam=1.6, batchsize=n, accelerator=cpu)
            return x

        return in_parts(n, some)

    for step, _ in enumerate(loop, start=1):
        # torch_ema's warm-up: decay = min(decay, (1 + steps) / (10 + steps))
        keep = min(0.999, (1 + step) / (10 + step))
        with torch.no_grad():
            pairs = zip(average.parameters(), model.parameters(), strict=True)
            for mean, now in pairs:
                mean.lerp_(now, 1 - keep)
        yield draw


class _Endless(torch.utils.data.IterableDataset):  # type: ignore[type-arg]
    """What accelerate leaves alone: an iterable that is no DataLoader."""

    def __init__(self, source: Iterator[Tensor]) -> None:
        self.source = source

    def __iter__(self) -> Iterator[Tensor]:
        return self.source


def denoising_diffusion(
    images: Tensor, network: nn.Module | None = None, sampling_steps: int = 50
) -> Iterator[Draw]:
    """Their README's Trainer: Adam 8e-5, two batches of 32 a step, EMA 0.995, objective v.

    Their example is for 128 pixels. At 28 the fourth level goes (28 is not a multiple of 8), with
    half the width; DDIM takes 50 steps instead of 250, which would spend hours on sampling alone.
    The body is that of ``Trainer.train``, which reads image files only, without mixed precision.
    """
    pretend_torchvision()
    import denoising_diffusion_pytorch as ddp
    from ema_pytorch import EMA

    if network is None:
        network = ddp.Unet(dim=32, dim_mults=(1, 2, 4), channels=1)
        own = True
    else:
        network, own = _LabelsOfOurs(network), False
    model = ddp.GaussianDiffusion(
        network, image_size=28, timesteps=1000, sampling_timesteps=sampling_steps
    )
    adam = torch.optim.Adam(model.parameters(), lr=8e-5, betas=(0.9, 0.99))
    average = EMA(model, beta=0.995, update_every=10)
    source = batches((images + 1) / 2, 32, flip=own)  # they scale [0, 1] themselves

    def draw(n: int) -> Tensor:
        average.ema_model.eval()
        return in_parts(n, lambda n: average.ema_model.sample(batch_size=n)) * 2 - 1

    while True:
        model.train()
        for _ in range(2):
            (model(next(source)) / 2).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        adam.zero_grad()
        average.update()
        yield draw


class _LabelsOfOurs(nn.Module):
    """Our network under the signature and with the attributes that theirs has."""

    channels, out_dim, self_condition = 1, 1, False

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.net = network

    def forward(self, x: Tensor, t: Tensor, x_self_cond: object = None) -> Tensor:
        out: Tensor = self.net(x, t / 1000)
        return out
