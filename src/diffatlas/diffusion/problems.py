"""The errors of the diffusion part, and checks of what people give.

Each error's text is the whole message for its reader.
"""

from __future__ import annotations

from typing import Any

from diffatlas.errors import did_you_mean

__all__ = [
    "BadBudget",
    "BadSamples",
    "CheckpointError",
    "DataMissing",
    "DeviceMissing",
    "DiffusionError",
    "FeaturesMissing",
    "TrainingFailed",
    "UnknownName",
    "at_least",
    "choose",
]


class DiffusionError(ValueError):
    """Something that a person asked of a baseline cannot be done. Base of all errors here."""


class BadBudget(DiffusionError):
    """A training budget that cannot be read."""


class BadSamples(DiffusionError):
    """Samples that cannot be measured: of another shape than the data, too few, not finite."""


class CheckpointError(DiffusionError):
    """No checkpoint can be used, or one of another run was found."""


class DataMissing(DiffusionError):
    """A data set is not on this machine, or its files are damaged."""


class DeviceMissing(DiffusionError):
    """The device asked for does not exist here."""


class FeaturesMissing(DiffusionError):
    """A network to measure in, or its weights, cannot be had here."""


class TrainingFailed(DiffusionError):
    """Training cannot go on: the loss is not finite, or nothing can be written."""


class UnknownName(DiffusionError):
    """A baseline, variant, sampler or data set of that name does not exist."""


def choose(what: str, wanted: str | None, known: Any) -> str:
    """``wanted`` if it is one of ``known``, the first of these if it is None.

    Raises:
        UnknownName: it is none of them.
    """
    options = list(known)
    if wanted is None:
        return options[0]
    if wanted not in options:
        raise UnknownName(
            f"no {what} {wanted!r}{did_you_mean(wanted, options)}; "
            f"choose one of {', '.join(options)}"
        )
    return wanted


def at_least(what: str, number: int, least: int) -> int:
    """``number``, if it is no smaller than ``least``.

    Raises:
        DiffusionError: it is smaller.
    """
    if number < least:
        raise DiffusionError(f"{what} = {number}: give {least} or more")
    return number
