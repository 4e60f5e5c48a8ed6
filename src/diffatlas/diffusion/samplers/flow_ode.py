"""The probability-flow ODE with an adaptive solver: Song et al. 2021, section 4.3 and eq. 13."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor

from diffatlas.diffusion.ode import integrate
from diffatlas.diffusion.parameterizations import Denoiser
from diffatlas.diffusion.samplers._steps import float_times, no_gradients
from diffatlas.diffusion.sdes import SDE

__all__ = ["probability_flow"]


@no_gradients
def probability_flow(
    denoiser: Denoiser,
    sde: SDE,
    times: Sequence[float],
    x: Tensor,
    rtol: float = 1e-5,
    atol: float = 1e-5,
    method: str = "dopri5",
) -> Iterator[Tensor]:
    """Yield the solution of ``dx/dt = f x - g^2 score / 2`` at ``times[1:]``.

    The solver chooses its own steps to meet the tolerances (the paper's RK45 is "dopri5"), so
    ``times`` is only where a state is wanted: two times are enough. Methods with fixed steps
    ("rk4", "midpoint", "euler") step from time to time. All states come after the whole solution.

    Args:
        times: decreasing, within (0, 1]; the paper ends at 1e-5 (VE) or 1e-3 (VP).
        x: (N, ...) at ``times[0]``, from ``sde.prior_sampling``; is not changed.
        rtol, atol: tolerances of the adaptive methods.
        method: any explicit one of torchdiffeq's.
    """
    grid = float_times(times).tolist()

    def velocity(t: float, x: Tensor) -> Tensor:
        (f, g), (alpha, sigma) = sde.rates(t), sde(t)
        pull = g * g / (2 * sigma**2)
        return (x * (f + pull)).sub_(denoiser(x, t), alpha=pull * alpha)

    yield from integrate(velocity, x, grid, rtol, atol, method)[1:]
