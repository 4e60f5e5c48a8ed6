"""A Gaussian mixture: the distribution for which everything in this package is known exactly.

If ``p_0 = sum_k w_k N(m_k, diag(v_k))`` then ``x_t = alpha x_0 + sigma eps`` has the density
``p_t = sum_k w_k N(alpha m_k, diag(alpha^2 v_k + sigma^2))``. Density, score and denoiser are
closed forms, so the samplers and likelihoods can be tested, and taught, without training anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.schedules import Schedule

__all__ = ["GaussianMixture"]


class GaussianMixture:
    """``sum_k w_k N(m_k, diag(v_k))`` over points or images.

    Args:
        weights: (K,) positive numbers, normalised here.
        means: (K, *event), where ``event`` is the shape of one sample, such as (2,) or (1, 8, 8).
        variances: broadcastable to ``means``; zeros are allowed (a mixture of points) where sigma >
            0. dtype: of the parameters; default that of ``means``. device: where the parameters
            live.
    """

    def __init__(
        self,
        weights: Tensor | Sequence[float],
        means: Tensor | Sequence[Any],
        variances: Tensor | Sequence[Any] | float,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        self.means = torch.as_tensor(means, dtype=dtype, device=device)
        w = torch.as_tensor(weights).to(self.means)
        self.weights = w / w.sum()
        self.variances = torch.as_tensor(variances).to(self.means).expand(self.means.shape)
        if w.shape != self.means.shape[:1] or bool((w <= 0).any()):
            raise ValueError("weights must be as many positive numbers as there are means")
        if bool((self.variances < 0).any()):
            raise ValueError("variances must not be negative")

    @property
    def event(self) -> torch.Size:
        """The shape of one sample."""
        return self.means.shape[1:]

    def _parts(self, x: Tensor, alpha: Any, sigma: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return difference to the means (N, K, D), variances (N or 1, K, D), log p of the
        components with their weights (N, K), alpha (N or 1, 1, 1)."""
        a = torch.as_tensor(alpha, dtype=x.dtype, device=x.device).reshape(-1, 1, 1)
        s = torch.as_tensor(sigma, dtype=x.dtype, device=x.device).reshape(-1, 1, 1)
        m = self.means.to(x).flatten(1)[None]
        v = a**2 * self.variances.to(x).flatten(1)[None] + s**2
        diff = x.reshape(len(x), 1, -1) - a * m
        logs = -0.5 * (diff**2 / v + torch.log(2 * math.pi * v)).sum(-1)
        return diff, v, logs + torch.log(self.weights.to(x)), a

    def log_prob(self, x: Tensor, alpha: Any = 1.0, sigma: Any = 0.0) -> Tensor:
        """Return ``log p_t(x)`` in nats, shape (N,). alpha, sigma: floats or (N,) tensors."""
        return torch.logsumexp(self._parts(x, alpha, sigma)[2], dim=1)

    def score(self, x: Tensor, alpha: Any = 1.0, sigma: Any = 0.0) -> Tensor:
        """Return ``grad_x log p_t(x)``, shape of x."""
        diff, v, logs, _ = self._parts(x, alpha, sigma)
        r = torch.softmax(logs, dim=1)[..., None]
        return (r * -diff / v).sum(1).reshape(x.shape)

    def denoise(self, x: Tensor, alpha: Any, sigma: Any) -> Tensor:
        """Return ``E[x_0 | x_t = x]``, shape of x.

        The mean of component k given x is ``m_k + alpha v_k / (alpha^2 v_k + sigma^2) (x - alpha
        m_k)``; the components weigh in with their responsibilities. Finite for alpha = 0 as well.
        """
        diff, v, logs, a = self._parts(x, alpha, sigma)
        r = torch.softmax(logs, dim=1)[..., None]
        m, var = self.means.to(x).flatten(1)[None], self.variances.to(x).flatten(1)[None]
        return (r * (m + a * var / v * diff)).sum(1).reshape(x.shape)

    def denoiser(self, schedule: Schedule) -> Denoiser:
        """Return the optimal denoiser ``(x, t) -> E[x_0 | x_t]`` under this schedule."""
        return lambda x, t: self.denoise(x, *schedule(t))

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return ``n`` draws, (n, *event)."""
        w = self.weights if generator is None else self.weights.to(generator.device)
        k = torch.multinomial(w, n, replacement=True, generator=generator).to(self.means.device)
        means = self.means[k]
        return means + self.variances[k].sqrt() * noise_like(means, generator)

    def mean(self) -> Tensor:
        """Return ``E[x_0]``, shape of an event."""
        return torch.einsum("k,k...->...", self.weights, self.means)

    def covariance(self) -> Tensor:
        """Return ``Cov[x_0]``, (D, D) with D the size of an event."""
        m = self.means.flatten(1) - self.mean().flatten()
        within = torch.diag(torch.einsum("k,kd->d", self.weights, self.variances.flatten(1)))
        return torch.einsum("k,ki,kj->ij", self.weights, m, m) + within
