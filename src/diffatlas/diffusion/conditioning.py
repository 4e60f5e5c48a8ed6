"""Class labels for every baseline, and classifier-free guidance.

A baseline's method does not depend on whether its network knows the class: the labels are given to
the network from outside, with :func:`given`, while the loss or the sampler runs.

>>> with given(model, labels, guidance=2.0):          # doctest: +SKIP
...     states = list(module.sample(model, len(labels)))
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.problems import DiffusionError

__all__ = ["ClassConditional", "check_labels", "classes_of", "drop", "given", "told"]

DROPPED = 0.1  # the share of a batch that is trained without its class; Ho and Salimans: 0.1 to 0.2


class ClassConditional(nn.Module):
    """``net(x, c, y)`` of ``classes`` classes as a ``net(x, c)`` that looks up y: see ``given``.

    The class ``classes`` means "not told". Without labels, that is what every image is of.
    """

    def __init__(self, net: nn.Module, classes: int) -> None:
        super().__init__()
        self.net, self.classes = net, classes
        self.labels: Tensor | None = None
        self.guidance = 1.0

    def forward(self, x: Tensor, c: Tensor | float = 0.0) -> Tensor:
        """Images (N, C, H, W) and noise labels (N,) or a scalar -> (N, C, H, W).

        With guidance g the output is ``u + g (k - u)`` of the outputs k with and u without the
        class: Ho and Salimans 2022 (arXiv 2207.12598), Eq. 6 with w = g - 1. They write it for the
        noise; x_0, v and the score are affine in it, so it holds for whatever a network predicts.

        Raises:
            DiffusionError: the labels given are not one for each image.
        """
        if self.labels is not None and len(self.labels) != len(x):
            raise DiffusionError(
                f"{len(self.labels)} labels were given for {len(x)} images: give one for each"
            )
        untold = torch.full((len(x),), self.classes, device=x.device)
        labels = untold if self.labels is None else self.labels
        if self.labels is None or self.guidance == 1:
            out: Tensor = self.net(x, c, labels)
            return out
        levels = torch.as_tensor(c, dtype=x.dtype, device=x.device).expand(len(x))
        both = self.net(torch.cat([x, x]), torch.cat([levels, levels]), torch.cat([labels, untold]))
        known, unknown = both.chunk(2)
        return unknown + self.guidance * (known - unknown)


def _networks(model: nn.Module) -> list[ClassConditional]:
    return [module for module in model.modules() if isinstance(module, ClassConditional)]


def classes_of(model: nn.Module) -> int:
    """How many classes the networks in ``model`` can be told; 0: it knows none."""
    return max((network.classes for network in _networks(model)), default=0)


def check_labels(labels: Tensor, model: nn.Module, n: int | None = None) -> None:
    """Refuse what cannot be told to the networks in ``model``, or is not ``n`` labels.

    Raises:
        DiffusionError: the model knows no classes; or the labels are not whole numbers (n,) from 0
            to the number of classes, which itself means "not told".
    """
    known = classes_of(model)
    if not known:
        raise DiffusionError(
            "labels for a model that knows no classes, as it was trained without --classes: build "
            "it with classes, or leave the labels out"
        )
    if labels.ndim != 1 or (n is not None and len(labels) != n):
        wanted = "one for each image" if n is None else f"({n},), one for each image"
        raise DiffusionError(f"labels of shape {tuple(labels.shape)}: they must be {wanted}")
    if labels.dtype not in (torch.int64, torch.int32):  # what an embedding takes
        raise DiffusionError(
            f"labels of type {labels.dtype}: they must be whole numbers, such as labels.long()"
        )
    wrong = labels[(labels < 0) | (labels > known)]
    if len(wrong):
        raise DiffusionError(
            f"label {int(wrong[0])}: this model knows the classes 0 to {known - 1}, "
            f'and {known} for "not told"'
        )


@contextmanager
def given(model: nn.Module, labels: Tensor | None, guidance: float = 1.0) -> Iterator[None]:
    """Tell the networks in ``model`` the classes (N,) of the N images that they see, within.

    Inside another ``given`` the inner one counts; after it, the outer one does again.

    Args:
        labels: integers from 0 to the number of classes, which itself means "not told"; None: all
            are not told.
        guidance: 0 ignores the classes, 1 samples from the model, more exaggerates them.

    Raises:
        DiffusionError: as :func:`check_labels` says.
    """
    if labels is not None:
        check_labels(labels, model)
    with told(model, labels, guidance):
        yield


@contextmanager
def told(model: nn.Module, labels: Tensor | None, guidance: float = 1.0) -> Iterator[None]:
    """:func:`given` for labels that were checked: on a GPU, looking at them costs a wait."""
    networks = _networks(model)
    before = [(network.labels, network.guidance) for network in networks]
    try:
        for network in networks:
            network.labels, network.guidance = labels, guidance
        yield
    finally:
        for network, (outer, outer_guidance) in zip(networks, before, strict=True):
            network.labels, network.guidance = outer, outer_guidance


def drop(labels: Tensor, classes: int, generator: torch.Generator) -> Tensor:
    """``labels`` (N,) with about a tenth, at random, replaced by ``classes`` ("not told").

    So that one network learns both of what guidance needs (Ho and Salimans 2022, algorithm 1).
    """
    threshold = torch.distributions.Normal(0.0, 1.0).icdf(torch.tensor(DROPPED))
    hidden = noise_like(labels.float(), generator) < threshold.to(labels.device)
    return labels.masked_fill(hidden, classes)
