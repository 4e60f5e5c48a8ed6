"""The stochastic differential equations of Song et al. 2021, with their vocabulary.

``dx = f(t) x dt + g(t) dw`` for ``t`` in [0, 1] turns data into noise (eq. 5, with a drift that is
linear in x, as in all three here). Knowing the score, ``dx = [f x - g^2 score] dt + g dw`` run
backwards turns noise into data (eq. 6), and so does the ODE ``dx = [f x - g^2 score / 2] dt``,
which has the same marginals at every time (eq. 13). An SDE is a schedule too: ``sde(t)`` is alpha,
sigma.

Numbers of equations are those of "Score-Based Generative Modeling through Stochastic Differential
Equations", arXiv 2011.13456 v2.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, overload

import torch
from torch import Tensor

from diffatlas.diffusion.schedules import VE, VP, Schedule, SubVP

__all__ = ["SDE", "VESDE", "VPSDE", "SubVPSDE", "expand"]

Score = Callable[[Tensor, Any], Tensor]


def expand(c: float | Tensor, x: Tensor) -> float | Tensor:
    """Return ``c`` shaped so that it multiplies ``x`` (N, ...): (N,) becomes (N, 1, ..., 1)."""
    if isinstance(c, Tensor) and c.ndim == 1:
        return c.reshape(-1, *([1] * (x.ndim - 1)))
    return c


class SDE(Schedule):
    """``dx = f(t) x dt + g(t) dw``, ``t`` in [0, 1]; a time is a float, a 0-d or a (N,) tensor."""

    @abstractmethod
    def rates_at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``f(t), g(t)`` for a tensor of times, same shape."""

    @abstractmethod
    def prior_std(self) -> float:
        """Return the standard deviation of the prior ``p_1``, a centred Gaussian."""

    @overload
    def rates(self, t: float) -> tuple[float, float]: ...
    @overload
    def rates(self, t: Tensor) -> tuple[Tensor, Tensor]: ...
    def rates(self, t: float | Tensor) -> tuple[float, float] | tuple[Tensor, Tensor]:
        """Return ``f(t), g(t)``: float64 Python floats for a number, tensors for a tensor."""
        if isinstance(t, Tensor):
            return self.rates_at(t)
        f, g = self.rates_at(torch.tensor(t, dtype=torch.float64))
        return f.item(), g.item()

    def sde(self, x: Tensor, t: float | Tensor) -> tuple[Tensor, float | Tensor]:
        """Return drift ``f(t) x`` (shape of x) and diffusion ``g(t)`` (shape of t); eq. 5."""
        f, g = self.rates(t)
        return expand(f, x) * x, g

    def marginal_prob(self, x0: Tensor, t: float | Tensor) -> tuple[Tensor, float | Tensor]:
        """Return mean (shape of x0) and standard deviation of ``p_0t(x_t | x_0)``; eq. 29."""
        alpha, sigma = self(t)
        return expand(alpha, x0) * x0, sigma

    def prior_sampling(
        self,
        shape: Sequence[int],
        generator: torch.Generator | None = None,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        """Return a draw of this shape from the prior ``p_1 = N(0, prior_std^2 I)``.

        With a generator the numbers are drawn on the generator's device, so that a CPU generator
        gives the same noise everywhere.
        """
        where = generator.device if generator is not None else device
        z = torch.randn(tuple(shape), generator=generator, device=where, dtype=dtype)
        return z.to(device) * self.prior_std()

    def prior_logp(self, z: Tensor) -> Tensor:
        """Return ``log p_1(z)`` in nats for each of N images, shape (N,)."""
        std, flat = self.prior_std(), z.flatten(1)
        constant = flat.shape[1] * (math.log(std) + 0.5 * math.log(2 * math.pi))
        return -0.5 * (flat / std).square().sum(1) - constant

    def reverse(self, score: Score) -> Callable[[Tensor, Any], tuple[Tensor, float | Tensor]]:
        """Return ``(x, t) -> drift, diffusion`` of the reverse-time SDE; eq. 6.

        It runs from t = 1 to t = 0, so ``dt`` is negative: the drift points *away* from the data.
        """

        def backward(x: Tensor, t: float | Tensor) -> tuple[Tensor, float | Tensor]:
            f, g = self.rates(t)
            return expand(f, x) * x - expand(g, x) ** 2 * score(x, t), g

        return backward

    def probability_flow(self, score: Score) -> Callable[[Tensor, Any], Tensor]:
        """Return ``(x, t) -> dx/dt`` of the deterministic process with equal marginals; eq. 13."""

        def velocity(x: Tensor, t: float | Tensor) -> Tensor:
            f, g = self.rates(t)
            return expand(f, x) * x - 0.5 * expand(g, x) ** 2 * score(x, t)

        return velocity


class VESDE(VE, SDE):
    """``dx = sigma(t) sqrt(2 log(s_max / s_min)) dw`` (eq. 30); limit of the NCSN's levels.

    The data at t = 0 carry noise of ``sigma_min``, as in the authors' experiments, so that
    ``sigma(t)^2`` is exactly what this SDE adds to it.
    """

    def rates_at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        _, sigma = self.at(t)
        return torch.zeros_like(t), sigma * math.sqrt(2 * math.log(self.sigma_max / self.sigma_min))

    def prior_std(self) -> float:
        return self.sigma_max


class VPSDE(VP, SDE):
    """``dx = -beta(t)/2 x dt + sqrt(beta(t)) dw``, beta linear (eq. 11, 32); limit of the DDPM."""

    def rates_at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        beta = self.beta_min + t * (self.beta_max - self.beta_min)
        return -0.5 * beta, torch.sqrt(beta)

    def prior_std(self) -> float:
        return 1.0


class SubVPSDE(SubVP, SDE):
    """``dx = -beta/2 x dt + sqrt(beta (1 - exp(-2 int_0^t beta))) dw`` (eq. 12)."""

    def rates_at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        beta = self.beta_min + t * (self.beta_max - self.beta_min)
        # exp(-2 int beta) = alpha^4
        return -0.5 * beta, torch.sqrt(-beta * torch.expm1(4 * self.log_alpha(t)))

    def prior_std(self) -> float:
        return 1.0
