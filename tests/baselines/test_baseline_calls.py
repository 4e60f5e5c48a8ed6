"""What people give to a baseline's functions: names, numbers, devices."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch

from diffatlas.diffusion import runner
from diffatlas.diffusion.problems import DiffusionError, UnknownName

SHAPE = (1, 4, 4)


class Elsewhere(torch.Tensor):
    """A tensor as on a device without float64, such as Apple's."""

    def double(self) -> torch.Tensor:
        raise TypeError("this device has no float64")

    def cpu(self) -> torch.Tensor:
        return self.as_subclass(torch.Tensor)


class Calls:
    """How often a network was evaluated."""

    number = 0

    def __call__(self, *_: object) -> None:
        self.number += 1


def test_mistyped_names_are_refused_with_a_guess(module: ModuleType) -> None:
    variant, sampler = next(iter(module.VARIANTS)), next(iter(module.SAMPLERS))
    with pytest.raises(UnknownName, match=f"did you mean {variant}"):
        module.build(SHAPE, f"{variant}x")
    with pytest.raises(UnknownName, match=f"did you mean {sampler}"):
        list(module.sample(module.build(SHAPE), 2, sampler[:-1], 5))


@pytest.mark.parametrize("nfe", [-5, 0])
def test_a_number_of_evaluations_that_cannot_be_is_refused(module: ModuleType, nfe: int) -> None:
    for sampler in module.SAMPLERS:
        with pytest.raises(DiffusionError, match=f"nfe = {nfe}"):
            list(module.sample(module.build(SHAPE), 2, sampler, nfe))


@pytest.mark.parametrize("nfe", [1, 2, 3, 4, 7])
def test_no_sampler_takes_more_evaluations_than_it_is_given(module: ModuleType, nfe: int) -> None:
    for sampler in module.SAMPLERS:
        model, calls = module.build(SHAPE), Calls()
        model.register_forward_pre_hook(calls)
        try:
            list(module.sample(model, 2, sampler, nfe))
        except DiffusionError as refused:
            assert nfe < 3 and "or more" in str(refused)
        assert calls.number <= nfe


def test_the_ddpm_samples_on_a_device_without_double_precision() -> None:
    ddpm = runner.find("ddpm")
    model = ddpm.build(SHAPE)
    model.alpha_bar = model.alpha_bar.as_subclass(Elsewhere)
    for sampler in ddpm.SAMPLERS:
        *_, images = ddpm.sample(model, 2, sampler, 4)
        assert images.shape == (2, *SHAPE) and images.isfinite().all()
