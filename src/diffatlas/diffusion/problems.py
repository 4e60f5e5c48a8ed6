"""The errors of the diffusion part. Each one's text is the whole message for its reader."""

from __future__ import annotations

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
