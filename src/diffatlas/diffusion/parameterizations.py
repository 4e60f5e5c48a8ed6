"""What a network may predict, and how each prediction becomes a denoiser ``E[x_0 | x_t]``.

From ``x = alpha x_0 + sigma eps`` any of the targets below gives the others by linear algebra:
``x_0 = c_x x + c_out out`` with two numbers that depend on alpha and sigma alone. They stay finite
at sigma = 0. Samplers know only the denoiser ``D(x, t)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from diffatlas.diffusion.schedules import Schedule
from diffatlas.diffusion.sdes import expand

__all__ = [
    "EPS",
    "PARAMETERIZATIONS",
    "SCORE",
    "VELOCITY",
    "X0",
    "Denoiser",
    "Network",
    "Parameterization",
    "V",
    "as_denoiser",
    "convert",
    "edm_denoiser",
    "edm_loss_weight",
    "edm_preconditioning",
    "eps_of",
    "score_of",
]

Denoiser = Callable[[Tensor, Any], Tensor]
"""``(x (N, ...), t: float, 0-d or (N,) tensor) -> E[x_0 | x_t]`` of the shape of x."""

Network = Callable[[Tensor, Tensor], Tensor]
"""``(x (N, ...), t (N,)) -> out`` of the shape of x."""

Coefficients = Callable[[Any, Any], tuple[Any, Any]]


@dataclass(frozen=True)
class Parameterization:
    """A prediction target, as a pair of linear maps; ``alpha``, ``sigma`` are floats or (N,)
    tensors.

    Attributes:
        name: how it is called in configurations.
        mix: ``(alpha, sigma) -> (a, b)`` with target ``a x_0 + b eps``.
        solve: ``(alpha, sigma) -> (c_x, c_out)`` with ``x_0 = c_x x + c_out out``.
    """

    name: str
    mix: Coefficients
    solve: Coefficients

    def target(self, x0: Tensor, eps: Tensor, alpha: Any, sigma: Any) -> Tensor:
        """Return what the network should output for this image and this noise (shape of x0)."""
        a, b = self.mix(expand(alpha, x0), expand(sigma, x0))
        return a * x0 + b * eps

    def to_x0(self, out: Tensor, x: Tensor, alpha: Any, sigma: Any) -> Tensor:
        """Return the clean image that a network output stands for (shape of x)."""
        c_x, c_out = self.solve(expand(alpha, x), expand(sigma, x))
        return c_x * x + c_out * out

    def from_x0(self, x0: Tensor, x: Tensor, alpha: Any, sigma: Any) -> Tensor:
        """Return the network output that stands for this clean image; needs sigma > 0."""
        alpha, sigma = expand(alpha, x), expand(sigma, x)
        a, b = self.mix(alpha, sigma)
        return a * x0 + b * (x - alpha * x0) / sigma


EPS = Parameterization("eps", lambda a, s: (0.0, 1.0), lambda a, s: (1 / a, -s / a))
"""The noise: Ho et al. 2020, eq. 11-12. Errors grow by sigma / alpha on the way to x_0."""

X0 = Parameterization("x0", lambda a, s: (1.0, 0.0), lambda a, s: (0.0, 1.0))
"""The clean image itself: Ho et al. 2020, section 3.2."""

V = Parameterization(
    "v",
    lambda a, s: (-s, a),
    lambda a, s: (a / (a * a + s * s), -s / (a * a + s * s)),
)
"""``alpha eps - sigma x_0``: Salimans & Ho 2022, "Progressive Distillation", appendix D."""

SCORE = Parameterization("score", lambda a, s: (0.0, -1 / s), lambda a, s: (1 / a, s * s / a))
"""``-eps / sigma``, the perturbation kernel's score: Vincent 2011; Song & Ermon 2019, eq. 5."""

VELOCITY = Parameterization(
    "velocity", lambda a, s: (-1.0, 1.0), lambda a, s: (1 / (a + s), -s / (a + s))
)
"""``eps - x_0``, dx/dt on the straight path: Lipman et al. 2023, eq. 23, time reversed."""

PARAMETERIZATIONS = {p.name: p for p in (EPS, X0, V, SCORE, VELOCITY)}


def named(parameterization: str | Parameterization) -> Parameterization:
    """Return the parameterization of this name.

    Raises:
        ValueError: there is none of that name.
    """
    if isinstance(parameterization, Parameterization):
        return parameterization
    if parameterization not in PARAMETERIZATIONS:
        known = ", ".join(PARAMETERIZATIONS)
        raise ValueError(f"unknown parameterization '{parameterization}'; there are {known}")
    return PARAMETERIZATIONS[parameterization]


def convert(
    out: Tensor,
    x: Tensor,
    alpha: Any,
    sigma: Any,
    source: str | Parameterization,
    to: str | Parameterization,
) -> Tensor:
    """Turn a network output of one parameterization into another's (sigma > 0)."""
    return named(to).from_x0(named(source).to_x0(out, x, alpha, sigma), x, alpha, sigma)


def as_denoiser(
    network: Network,
    schedule: Schedule,
    parameterization: str | Parameterization,
    clamp: float | None = None,
) -> Denoiser:
    """Return ``D(x, t) = c_x x + c_out network(x, t)``.

    The network gets ``t`` as a (N,) tensor of x's type. ``clamp=1.0`` limits the result to the
    range of images, [-1, 1], which eps networks need near t = T; leave it out where exactness
    matters. eps and the score say nothing of the image where alpha is zero.

    Raises:
        ValueError: there is no such parameterization; when called, ``D`` is not defined at t
            (not checked for times on a GPU, where looking at them costs a wait).
    """
    p = named(parameterization)

    def denoiser(x: Tensor, t: float | Tensor) -> Tensor:
        alpha, sigma = schedule(t)
        out = network(x, times_of(t, x))
        try:
            x0 = p.to_x0(out, x, alpha, sigma)
        except ZeroDivisionError:
            raise _undefined(f"image from {p.name}", schedule, t) from None
        if isinstance(t, Tensor) and t.device.type == "cpu":
            _check_finite(p.solve(alpha, sigma), f"image from {p.name}", schedule, t)
        return x0 if clamp is None else x0.clamp_(-clamp, clamp)

    return denoiser


def _undefined(what: str, schedule: Schedule, t: float | Tensor) -> ValueError:
    t = float(t)
    alpha, sigma = schedule(t)
    return ValueError(
        f"there is no {what} at t = {t:g} of {schedule}, where alpha is {alpha:g} and sigma "
        f"{sigma:g}: begin or end a little beside that time"
    )


def _check_finite(coefficients: tuple[Any, ...], what: str, schedule: Schedule, t: Tensor) -> None:
    """Raise ValueError for the first of the times ``t`` at which a coefficient is not finite."""
    for c in coefficients:
        finite = torch.as_tensor(c).isfinite().expand(t.shape)
        if not finite.all():
            raise _undefined(what, schedule, t[~finite][0])


def times_of(t: float | Tensor, x: Tensor) -> Tensor:
    """Return ``t`` as a (N,) tensor of the type and on the device of ``x``."""
    if isinstance(t, Tensor):
        return t.to(x.device, x.dtype).expand(x.shape[0])
    return torch.full((x.shape[0],), float(t), dtype=x.dtype, device=x.device)


def score_of(denoiser: Denoiser, schedule: Schedule) -> Callable[[Tensor, Any], Tensor]:
    """Return ``(x, t) -> grad log p_t(x) = (alpha D - x) / sigma^2`` (Tweedie; sigma > 0)."""

    def score(x: Tensor, t: float | Tensor) -> Tensor:
        alpha, sigma = schedule(t)
        return (expand(alpha, x) * denoiser(x, t) - x) / expand(sigma, x) ** 2

    return score


def eps_of(denoiser: Denoiser, schedule: Schedule) -> Callable[[Tensor, Any], Tensor]:
    """Return ``(x, t) -> E[eps | x_t] = (x - alpha D) / sigma`` (sigma > 0)."""

    def eps(x: Tensor, t: float | Tensor) -> Tensor:
        alpha, sigma = schedule(t)
        return (x - expand(alpha, x) * denoiser(x, t)) / expand(sigma, x)

    return eps


def edm_preconditioning(sigma: Any, sigma_data: float = 0.5) -> tuple[Any, Any, Any, Any]:
    """Return ``c_skip, c_out, c_in, c_noise`` for a noise level > 0: Karras et al. 2022, table 1,
    eq. 7.

    They keep the network's input and target at unit variance for data of deviation ``sigma_data``.
    """
    total = sigma**2 + sigma_data**2
    c_noise = torch.log(sigma) / 4 if isinstance(sigma, Tensor) else math.log(sigma) / 4
    return sigma_data**2 / total, sigma * sigma_data / total**0.5, 1 / total**0.5, c_noise


def edm_loss_weight(sigma: Any, sigma_data: float = 0.5) -> Any:
    """Return the loss weight ``(sigma^2 + sigma_data^2) / (sigma sigma_data)^2 = 1 / c_out^2``."""
    return (sigma**2 + sigma_data**2) / (sigma * sigma_data) ** 2


def edm_denoiser(network: Network, schedule: Schedule, sigma_data: float = 0.5) -> Denoiser:
    """Return ``D(x, t) = c_skip y + c_out F(c_in y, c_noise)`` with ``y = x / alpha``; eq. 7 of
    EDM.

    Any schedule will do, at times at which there is some image and some noise: dividing by alpha
    turns it into one with noise level ``sigma / alpha``.

    Raises:
        ValueError: when called, alpha or sigma is zero at t (not checked for times on a GPU, where
            looking at them costs a wait).
    """

    def denoiser(x: Tensor, t: float | Tensor) -> Tensor:
        alpha, sigma = schedule(t)
        try:
            c_skip, c_out, c_in, c_noise = edm_preconditioning(sigma / alpha, sigma_data)
        except (ZeroDivisionError, ValueError):  # of a float; the logarithm's is a ValueError
            raise _undefined("noise level for EDM", schedule, t) from None
        if isinstance(t, Tensor) and t.device.type == "cpu":
            _check_finite((c_skip, c_out, c_noise), "noise level for EDM", schedule, t)
        y = x / expand(alpha, x)
        out = network(expand(c_in, x) * y, times_of(c_noise, x))
        return expand(c_skip, x) * y + expand(c_out, x) * out

    return denoiser
