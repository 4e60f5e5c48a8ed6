"""Which classes the samples show: their frequencies, and whether a condition was obeyed."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["class_accuracy", "class_distance", "class_frequencies"]


def class_frequencies(logits: Tensor) -> Tensor:
    """(N, classes) logits of a classifier -> (classes,) share of the images told to be of each."""
    return torch.bincount(logits.argmax(1), minlength=logits.shape[1]).double() / len(logits)


def class_distance(a: Tensor, b: Tensor) -> float:
    """Total variation between the predicted classes of two sets, from logits (N, c) and (M, c).

    ``sum_k |p_k - q_k| / 2``: the share of the samples that would have to change their class, from
    0 to 1. A missing one of ten equal classes costs 0.1.
    """
    return float((class_frequencies(a) - class_frequencies(b)).abs().sum() / 2)


def class_accuracy(logits: Tensor, labels: Tensor) -> float:
    """Share of conditional samples told to be of the class asked for, (N, c) and (N,); 0 to 1.

    Beside it belongs the classifier's accuracy on real images, which no honest sampler exceeds by
    more than chance. It is the "classification accuracy score" turned around: there the classifier
    learns from samples (Ravuri and Vinyals 2019, arXiv 1905.10887), here it judges them.
    """
    if len(logits) != len(labels):
        raise ValueError(f"{len(logits)} images but {len(labels)} labels")
    return float((logits.argmax(1) == labels.to(logits.device)).double().mean())
