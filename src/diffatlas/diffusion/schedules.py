"""Noise schedules: how much of the image and how much noise is in ``x_t``.

Everywhere in this package ``x_t = alpha(t) x_0 + sigma(t) eps`` with ``eps ~ N(0, I)``. A schedule
is a callable ``t -> (alpha, sigma)``; ``t`` grows from clean to noisy. For a Python number it
returns two floats computed in float64, which is what samplers precompute their coefficients from.
For a tensor it returns two tensors of the same shape on the same device, which is what training
needs.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import torch
from torch import Tensor

__all__ = [
    "EDM",
    "VE",
    "VP",
    "Cosine",
    "DiscreteSchedule",
    "FlowMatching",
    "Schedule",
    "SubVP",
    "ddpm_cosine",
    "ddpm_linear",
    "kernel",
    "transition",
]


class Schedule(ABC):
    """A callable ``t -> (alpha, sigma)``: :meth:`at` gives it, :meth:`time` is its inverse."""

    @abstractmethod
    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``alpha, sigma`` for a tensor of times, same shape, same device."""

    @overload
    def __call__(self, t: float) -> tuple[float, float]: ...
    @overload
    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]: ...
    def __call__(self, t: float | Tensor) -> tuple[float, float] | tuple[Tensor, Tensor]:
        """Return ``alpha, sigma``: floats for a Python number, tensors for a tensor."""
        if isinstance(t, Tensor):
            return self.at(t)
        alpha, sigma = self.at(torch.tensor(t, dtype=torch.float64))
        return alpha.item(), sigma.item()

    @overload
    def log_snr(self, t: float) -> float: ...
    @overload
    def log_snr(self, t: Tensor) -> Tensor: ...
    def log_snr(self, t: float | Tensor) -> float | Tensor:
        """Return ``log(alpha^2 / sigma^2)``, decreasing in ``t``; infinite where sigma is zero."""
        if isinstance(t, Tensor):
            alpha, sigma = self.at(t)
            return 2 * torch.log(alpha / sigma)
        a, s = self(t)
        if a <= 0 or s <= 0:
            return -math.inf if a <= 0 else math.inf
        return 2 * math.log(a / s)

    def time(self, log_snr: float) -> float:
        """Return the ``t`` at which :meth:`log_snr` has this value.

        Raises:
            TypeError: the schedule is a table, in which a value between two entries has no time.
        """
        raise TypeError(f"{type(self).__name__} has no inverse: its times are whole numbers")


class DiscreteSchedule(Schedule):
    """The DDPM's table: ``alpha(t)^2 = prod_{s<=t} (1 - beta_s)`` and ``sigma^2 = 1 - alpha^2``.

    Ho et al. 2020, "Denoising Diffusion Probabilistic Models", eq. 4. Times are the whole numbers
    ``0..T``; ``t = 0`` is the clean image (alpha 1, sigma 0) and ``betas[t - 1]`` is the paper's
    ``beta_t``. (Tables that start at index 0 for the first noisy step are one behind.)

    Args:
        betas: T variances in (0, 1).
    """

    def __init__(self, betas: Sequence[float]) -> None:
        if not betas or not all(0 < b < 1 for b in betas):
            raise ValueError("betas must be one or more numbers, each above 0 and below 1")
        self.betas = tuple(float(b) for b in betas)
        self.T = len(self.betas)
        log_alpha_bar = torch.log1p(-torch.tensor(self.betas, dtype=torch.float64)).cumsum(0)
        log_alpha_bar = torch.cat([torch.zeros(1, dtype=torch.float64), log_alpha_bar])
        self.alphas = torch.exp(log_alpha_bar / 2)  # (T + 1,)
        self.sigmas = torch.sqrt(
            -torch.expm1(log_alpha_bar)
        )  # (T + 1,), no cancellation near t = 0

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        dtype = t.dtype if t.is_floating_point() else torch.get_default_dtype()
        index = t.long()
        if t.device.type == "cpu" and not bool(((index == t) & (t >= 0) & (t <= self.T)).all()):
            raise ValueError(f"the times of this schedule are the whole numbers 0 to {self.T}")
        # To the wanted type first, then to the device: some devices have no float64.
        return self.alphas.to(dtype).to(t.device)[index], self.sigmas.to(dtype).to(t.device)[index]

    def __repr__(self) -> str:
        return f"DiscreteSchedule(T={self.T}, betas={self.betas[0]:.3g}..{self.betas[-1]:.3g})"


def ddpm_linear(T: int = 1000, beta_1: float = 1e-4, beta_T: float = 0.02) -> DiscreteSchedule:
    """Return the linear table of Ho et al. 2020, section 4.

    For another ``T`` than 1000, multiply both ends by ``1000 / T`` to reach the same terminal
    noise.
    """
    return DiscreteSchedule(torch.linspace(beta_1, beta_T, T, dtype=torch.float64).tolist())


def ddpm_cosine(T: int = 1000, s: float = 0.008, beta_max: float = 0.999) -> DiscreteSchedule:
    """Return the cosine table of Nichol & Dhariwal 2021, "Improved DDPM", eq. 17.

    ``alpha_bar(t) = f(t) / f(0)``, ``f(t) = cos^2((t/T + s) / (1 + s) * pi/2)``, betas clipped.
    """
    f = [math.cos((t / T + s) / (1 + s) * math.pi / 2) ** 2 for t in range(T + 1)]
    return DiscreteSchedule([min(1 - f[t + 1] / f[t], beta_max) for t in range(T)])


@dataclass(frozen=True)
class VP(Schedule):
    """Variance preserving, ``t`` in [0, 1]: ``alpha = exp(-t^2 (b1 - b0) / 4 - t b0 / 2)``.

    Song et al. 2021, "Score-Based Generative Modeling through SDEs", eq. 33; the DDPM as T grows.
    ``sigma^2 = 1 - alpha^2``; ``b0``, ``b1`` are the noise rates at t = 0 and t = 1.

    Raises:
        ValueError: the rates are negative, fall, or are both zero.
    """

    beta_min: float = 0.1
    beta_max: float = 20.0

    def __post_init__(self) -> None:
        if not (0 <= self.beta_min <= self.beta_max and 0 < self.beta_max < math.inf):
            raise ValueError(f"{self}: the rates of noise must be 0 <= beta_min <= beta_max, not 0")

    def log_alpha(self, t: Tensor) -> Tensor:
        return -0.25 * t**2 * (self.beta_max - self.beta_min) - 0.5 * t * self.beta_min

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        log_alpha = self.log_alpha(t)
        return torch.exp(log_alpha), torch.sqrt(-torch.expm1(2 * log_alpha))

    def time(self, log_snr: float) -> float:
        # alpha^2 = sigmoid(log_snr), then the root of the quadratic in t (written without
        # cancellation)
        log_alpha_sq = -_softplus(-log_snr)
        return self._time_of(-log_alpha_sq)

    def _time_of(self, integral: float) -> float:
        """Return t for the integral of beta from 0 to t, ``t b0 + t^2 (b1 - b0) / 2``."""
        b0, slope = self.beta_min, self.beta_max - self.beta_min
        return 2 * integral / (b0 + math.sqrt(b0**2 + 2 * slope * integral))


@dataclass(frozen=True)
class SubVP(VP):
    """Sub-variance preserving: ``alpha`` of :class:`VP` and ``sigma = 1 - alpha^2``.

    Song et al. 2021, eq. 29: less noise than VP at every time, the same in the limit.
    """

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        log_alpha = self.log_alpha(t)
        return torch.exp(log_alpha), -torch.expm1(2 * log_alpha)

    def time(self, log_snr: float) -> float:
        # sigma / alpha = r gives alpha^2 + r alpha - 1 = 0
        r = math.exp(-log_snr / 2)
        alpha = 2 / (r + math.sqrt(r * r + 4))
        one_minus = r * alpha  # = 1 - alpha^2, exact also where alpha is close to one
        return self._time_of(-math.log1p(-one_minus) if one_minus < 0.5 else -2 * math.log(alpha))


@dataclass(frozen=True)
class VE(Schedule):
    """Variance exploding, ``t`` in [0, 1]: ``alpha = 1``, ``sigma = s_min (s_max / s_min)^t``.

    Song et al. 2021, eq. 31 with the start at ``sigma_min`` instead of 0, as in their experiments;
    the NCSN as its number of levels grows. ``sigma_max`` should be near the largest distance in the
    data.

    Raises:
        ValueError: not ``0 < sigma_min < sigma_max``.
    """

    sigma_min: float = 0.01
    sigma_max: float = 50.0

    def __post_init__(self) -> None:
        if not 0 < self.sigma_min < self.sigma_max < math.inf:
            raise ValueError(f"{self}: the noise levels must be 0 < sigma_min < sigma_max")

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        log_ratio = math.log(self.sigma_max / self.sigma_min)
        return torch.ones_like(t), self.sigma_min * torch.exp(log_ratio * t)

    def time(self, log_snr: float) -> float:
        log_ratio = math.log(self.sigma_max / self.sigma_min)
        return (-log_snr / 2 - math.log(self.sigma_min)) / log_ratio


@dataclass(frozen=True)
class EDM(Schedule):
    """The time *is* the noise level: ``alpha = 1``, ``sigma = t``, ``t >= 0``.

    Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", table
    1; also the levels of an NCSN, whose times are its sigmas.
    """

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return torch.ones_like(t), t

    def time(self, log_snr: float) -> float:
        return math.exp(-log_snr / 2)


@dataclass(frozen=True)
class Cosine(Schedule):
    """``alpha = cos(pi t / 2)``, ``sigma = sin(pi t / 2)``, ``t`` in [0, 1].

    The continuous form of the cosine table, without its offset and its clipping: Salimans & Ho
    2022, "Progressive Distillation", section 2. At t = 1 nothing of the image is left.
    """

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        # The cosine as a sine: it is exactly zero at t = 1, where cos(pi / 2) rounds to 6e-17, in
        # single precision even to -4e-8.
        return torch.sin(math.pi / 2 * (1 - t)), torch.sin(math.pi / 2 * t)

    def time(self, log_snr: float) -> float:
        return 2 / math.pi * math.atan(math.exp(-log_snr / 2))


@dataclass(frozen=True)
class FlowMatching(Schedule):
    """A straight line from image to noise: ``alpha = 1 - t``, ``sigma = t``, ``t`` in [0, 1].

    Lipman et al. 2023, "Flow Matching", eq. 20-22 with sigma_min = 0 and time running the other
    way; Liu et al. 2023, "Flow Straight and Fast", eq. 1.
    """

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return 1 - t, t

    def time(self, log_snr: float) -> float:
        return 1 / (1 + math.exp(log_snr / 2))


def kernel(alpha_t: float, sigma_t: float, alpha_s: float, sigma_s: float) -> tuple[float, float]:
    """Return ``alpha_t / alpha_s`` and ``sigma_t^2 - (alpha_t / alpha_s sigma_s)^2``."""
    a = alpha_t / alpha_s
    return a, sigma_t**2 - (a * sigma_s) ** 2


def transition(schedule: Schedule, t: float, s: float) -> tuple[float, float]:
    """Return ``a, v`` of the forward kernel ``q(x_t | x_s) = N(a x_s, v I)`` for ``s < t``.

    In a DDPM with ``s = t - 1`` these are ``sqrt(1 - beta_t)`` and ``beta_t``; in a VE process 1
    and ``sigma_t^2 - sigma_s^2``. float64.
    """
    return kernel(*schedule(t), *schedule(s))


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
