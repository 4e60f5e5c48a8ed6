"""Grids of times: which times a sampler visits, always an explicit decreasing list of floats.

A sampler takes ``len(times) - 1`` steps. The last entry decides where it ends: 0 is the clean
image.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from diffatlas.diffusion.schedules import Schedule

__all__ = [
    "cosine_sigmas",
    "geometric_sigmas",
    "karras_sigmas",
    "leading_times",
    "log_snr_times",
    "ncsn_levels",
    "normal_log_snrs",
    "trailing_times",
    "uniform_times",
]


def uniform_times(n: int, start: float = 1.0, stop: float = 0.0) -> list[float]:
    """Return ``n + 1`` equally spaced times from ``start`` down to ``stop``, both included."""
    return [start + (stop - start) * (i / n) for i in range(n)] + [stop]


def leading_times(n: int, T: int = 1000) -> list[float]:
    """Return ``n + 1`` whole times ``(n-1) r + 1, ..., r + 1, 1, 0`` with ``r = T // n``.

    Every ``r``-th step of a discrete schedule of ``T`` steps, counted from the clean end (what
    libraries call "leading" spacing). With ``n = T`` it is ``T, T-1, ..., 0``. The fewer the steps,
    the further from T the first time is: x is not pure noise there, see :func:`trailing_times`.

    Raises:
        ValueError: ``n`` is not within 1..T.
    """
    _check_count(n, T)
    r = T // n
    return [float(i * r + 1) for i in reversed(range(n))] + [0.0]


def trailing_times(n: int, T: int = 1000) -> list[float]:
    """Return ``n + 1`` whole times ``round(T (1 - i/n))``, from T down to 0.

    Counted from the noisy end (what libraries call "trailing" spacing), so that pure noise is where
    the first step begins: Lin et al. 2024, "Common Diffusion Noise Schedules and Sample Steps are
    Flawed" (arXiv 2305.08891), section 3.3.

    Raises:
        ValueError: ``n`` is not within 1..T.
    """
    _check_count(n, T)
    return [float(round(T * (1 - i / n))) for i in range(n + 1)]


def _check_count(n: int, T: int) -> None:
    if not 1 <= n <= T:
        raise ValueError(f"n = {n}: a schedule of {T} steps can be sampled in 1 to {T} steps")


def log_snr_times(schedule: Schedule, n: int, start: float, stop: float) -> list[float]:
    """Return ``n + 1`` times from ``start`` to ``stop`` equally spaced in log-SNR.

    Lu et al. 2022, "DPM-Solver", section 3.3 and appendix E.1: along this variable the
    probability-flow ODE has a linear part that is solved exactly.

    Raises:
        TypeError: the schedule is a table and has no inverse.
        ValueError: one of the ends is pure image or pure noise, infinitely far away.
    """
    a, b = schedule.log_snr(start), schedule.log_snr(stop)
    if not (math.isfinite(a) and math.isfinite(b)):
        t, gone, side = (stop, "noise", "above") if math.isfinite(a) else (start, "image", "below")
        raise ValueError(
            f"log-SNR is infinite at t = {t} of {schedule}: there is no {gone} in x; "
            f"take a time a little {side} that"
        )
    inner = [schedule.time(a + (b - a) * (i / n)) for i in range(1, n)]
    return [float(start), *inner, float(stop)]


def karras_sigmas(
    n: int, sigma_min: float = 0.002, sigma_max: float = 80.0, rho: float = 7.0
) -> list[float]:
    """Return ``n`` noise levels and a final 0: ``(smax^(1/rho) + i/(n-1) (smin^(1/rho) -
    ...))^rho``.

    Karras et al. 2022, eq. 5. For a schedule other than EDM's take ``schedule.time(-2 log sigma)``.
    """
    hi, lo = sigma_max ** (1 / rho), sigma_min ** (1 / rho)
    levels = [(hi + (lo - hi) * (i / (n - 1))) ** rho for i in range(n)] if n > 1 else [sigma_max]
    return [*levels, 0.0]


def cosine_sigmas(
    n: int,
    sigma_min: float = 0.01,
    sigma_max: float = 50.0,
    centre: float = 1.0,
    power: float = 1.0,
) -> list[float]:
    """Return ``n`` noise levels from ``sigma_max`` down to ``sigma_min``: even steps of an angle.

    The angle is ``arctan((sigma / centre)^power)``. With both 1 these are the ratios of noise and
    image that a cosine schedule visits at evenly spaced times (Nichol & Dhariwal 2021, eq. 17 with
    s = 0): most lie where both are about equally strong. ``centre`` moves them to where noise is so
    much stronger (Hoogeboom et al. 2023, "simple diffusion", section 3.1: its shift of the log-SNR
    is ``-2 log centre``), a ``power`` below 1 spreads them in log sigma by ``1 / power``. For a
    schedule other than VE take ``schedule.time(-2 log sigma)``.

    Raises:
        ValueError: n is below 2.
    """
    if n < 2:
        raise ValueError(f"n = {n}: there are two ends")
    hi, lo = (math.atan((sigma / centre) ** power) for sigma in (sigma_max, sigma_min))
    angles = [hi + (lo - hi) * (i / (n - 1)) for i in range(1, n - 1)]
    inner = [centre * math.tan(angle) ** (1 / power) for angle in angles]
    return [sigma_max, *inner, sigma_min]


def geometric_sigmas(n: int, sigma_min: float = 0.01, sigma_max: float = 50.0) -> list[float]:
    """Return ``n`` noise levels from ``sigma_max`` down to ``sigma_min`` with a constant ratio.

    Song & Ermon 2019, "Generative Modeling by Estimating Gradients of the Data Distribution",
    section 3. There is no final 0: annealed Langevin dynamics stays at positive levels.
    """
    if n == 1:
        return [sigma_max]
    ratio = sigma_min / sigma_max
    return [sigma_max * ratio ** (i / (n - 1)) for i in range(n)]


def normal_log_snrs(n: int = 1000, mean: float = 0.6, std: float = 2.0) -> list[float]:
    """Return ``n`` log-SNRs, rising, each as likely as the next under N(mean, std^2).

    Which noise levels to train on. Logit-normal times for flow matching are these with mean 0 and
    std 2 (Esser et al. 2024, "Scaling Rectified Flow Transformers", section 3.1, m = 0, s = 1): on
    ``(1 - t) x_0 + t eps`` the log-SNR is ``-2 logit(t)``. Karras et al. 2022 (table 1) draw
    ``ln sigma`` from N(-1.2, 1.2^2) for data of size 0.5: mean 1.0 and std 2.4. The default mean
    drew the best clothes of -0.6, 0, 0.6 and 1 after 1,600 steps (one seed each).

    Raises:
        ValueError: n is below 1, or std is not positive.
    """
    if n < 1 or std <= 0:
        raise ValueError(f"n = {n}, std = {std}: at least one level, and a width above 0")
    normal = NormalDist(mean, std)
    return [normal.inv_cdf((k + 0.5) / n) for k in range(n)]


def ncsn_levels(dims: int, sigma_min: float, sigma_max: float, overlap: float = 0.5) -> int:
    """Return how many geometric levels make neighbours overlap enough.

    Song & Ermon 2020, "Improved Techniques for Training Score-Based Generative Models", technique
    2: the ratio ``g`` of neighbours solves ``Phi(sqrt(2 D) (g - 1) + 3 g) - Phi(sqrt(2 D) (g - 1) -
    3 g) = overlap``, where ``D`` is the number of pixel values of an image.
    """

    def share(g: float) -> float:
        centre = math.sqrt(2 * dims) * (g - 1)
        return _normal_cdf(centre + 3 * g) - _normal_cdf(centre - 3 * g)

    lo, hi = 1.0, 2.0
    while share(hi) > overlap and hi < 1e6:
        hi *= 2
    for _ in range(80):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if share(mid) > overlap else (lo, mid)
    return 1 + math.ceil(math.log(sigma_max / sigma_min) / math.log(hi))


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))
