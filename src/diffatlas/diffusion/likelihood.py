"""Exact likelihood of a score-based model: Song et al. 2021, section 4.3 and appendix D.2.

The probability-flow ODE is a continuous normalizing flow, so the density follows from the change of
variables along it: ``log p_0(x_0) = log p_1(x_1) + int_0^1 div v(x_t, t) dt`` (eq. 39).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from diffatlas.diffusion.noise import noise_like
from diffatlas.diffusion.ode import integrate
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.sdes import SDE

__all__ = ["Likelihood", "bits_per_dim", "dequantize", "log_likelihood"]


class Likelihood(NamedTuple):
    """What :func:`log_likelihood` returns."""

    logp: Tensor
    """(N,) natural logarithm of the density at each image."""
    latent: Tensor
    """(N, ...) where the ODE carries each image, at t = 1."""
    nfe: int
    """How often the denoiser was evaluated."""


def log_likelihood(
    denoiser: Denoiser,
    sde: SDE,
    x: Tensor,
    divergence: Literal["hutchinson", "exact"] = "hutchinson",
    probes: int = 1,
    t_min: float = 1e-5,
    rtol: float = 1e-5,
    atol: float = 1e-5,
    method: str = "dopri5",
    prior_logp: Callable[[Tensor], Tensor] | None = None,
    generator: torch.Generator | None = None,
) -> Likelihood:
    """Return the log-density of images under the model's probability-flow ODE.

    With ``score = (alpha D - x) / sigma^2`` the velocity is ``(f + p) x - p alpha D``, ``p = g^2 /
    (2 sigma^2)``, hence ``div v = (f + p) dims - p alpha div D``: only the denoiser needs a
    derivative.

    Args:
        x: (N, ...) images, in [-1, 1] with dequantisation noise (:func:`dequantize`).
        divergence: "hutchinson" estimates ``div D = E[e' J e]`` with random signs e that stay fixed
            along the trajectory (eq. 40), unbiased, one derivative a probe; "exact" takes one
            derivative a pixel value.
        probes: number of e averaged.
        t_min: where the ODE starts; at 0 the score of most data is infinite.
        rtol, atol, method: of the solver, :func:`~diffatlas.diffusion.ode.integrate`.
        prior_logp: log-density (N,) at t = 1; by default the SDE's prior, a Gaussian that the true
            marginal at t = 1 only approximates.
        generator: source of e.

    Raises:
        ValueError: ``divergence`` or ``probes`` is none of the above.
    """
    if divergence not in ("hutchinson", "exact") or probes < 1:
        raise ValueError("divergence is 'hutchinson', with one or more probes, or 'exact'")
    dims = x[0].numel()
    if divergence == "hutchinson":
        directions = [noise_like(x, generator).sign() for _ in range(probes)]
        weight = 1 / probes
    else:
        axes = torch.eye(dims, dtype=x.dtype, device=x.device)
        directions = [axis.reshape(x[:1].shape).expand_as(x) for axis in axes]
        weight = 1.0
    nfe = 0

    def velocity(t: float, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        nonlocal nfe
        nfe += 1
        (f, g), (alpha, sigma) = sde.rates(t), sde(t)
        p = g * g / (2 * sigma**2)
        with torch.enable_grad():
            y = state[0].detach().requires_grad_()
            d = denoiser(y, t)
            trace = _trace(d, y, directions) * weight
        return (f + p) * y.detach() - p * alpha * d.detach(), (f + p) * dims - p * alpha * trace

    start = (x, torch.zeros(len(x), dtype=x.dtype, device=x.device))
    with torch.no_grad():
        latents, gains = integrate(velocity, start, [t_min, 1.0], rtol, atol, method)
        prior = (prior_logp or sde.prior_logp)(latents[-1])
    return Likelihood(prior + gains[-1], latents[-1], nfe)


def _trace(d: Tensor, y: Tensor, directions: list[Tensor]) -> Tensor:
    """Return the sum over e of ``e' (dd/dy) e``, (N,)."""
    total = torch.zeros(len(y), dtype=y.dtype, device=y.device)
    for i, e in enumerate(directions):
        (v,) = torch.autograd.grad(d, y, e, retain_graph=i < len(directions) - 1)
        total = total + (v * e).flatten(1).sum(1)
    return total


def dequantize(
    images: Tensor, levels: int = 256, generator: torch.Generator | None = None
) -> Tensor:
    """Return ``2 (k + u) / levels - 1`` in [-1, 1) for whole numbers k in 0..levels-1, u ~ U[0, 1).

    Without this noise a continuous density at grid points can be made arbitrarily high: Theis et
    al. 2016, "A note on the evaluation of generative models", section 3.1. float32.
    """
    where = images.device if generator is None else generator.device
    u = torch.rand(images.shape, generator=generator, device=where).to(images.device)
    return (images.to(u.dtype) + u) * (2 / levels) - 1


def bits_per_dim(logp: Tensor, dims: int, levels: int = 256) -> Tensor:
    """Return bits per pixel value, ``-log2 p / dims + log2(levels / 2)``, for densities on [-1, 1].

    The second term undoes the scaling of ``levels`` unit bins to an interval of length 2 (7 bits
    for 256 levels). Averaged over u it is an upper bound of the discrete code length.

    Args:
        logp: (N,) natural logarithm of the density, such as :func:`log_likelihood` returns.
        dims: number of values of one image, C * H * W.
        levels: number of values that one pixel can take.
    """
    return -logp / (dims * math.log(2)) + math.log2(levels / 2)
