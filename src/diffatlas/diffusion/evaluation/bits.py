"""Bits per dimension with what makes them comparable: their error, and how data got continuous."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from torch import Tensor

__all__ = ["Bits", "summarize_bits"]


@dataclass(frozen=True)
class Bits:
    """Mean code length of ``n`` test images in bits per pixel value; lower is better."""

    mean: float
    standard_error: float
    n: int
    levels: int
    dequantization: str = "uniform"

    def __str__(self) -> str:
        return (
            f"{self.mean:.3f} +- {self.standard_error:.3f} bits/dim "
            f"({self.n} images, {self.levels} levels, {self.dequantization} dequantisation)"
        )

    def as_dict(self) -> dict[str, str | int | float]:
        """Plain numbers and strings, rounded, for JSON."""
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()}


def summarize_bits(bits: Tensor, levels: int, dequantization: str = "uniform") -> Bits:
    """Mean and standard error of ``bits`` (N,), one value an image, N at least 2.

    ``bits`` are those of :func:`diffatlas.diffusion.likelihood.bits_per_dim` for images that
    :func:`~diffatlas.diffusion.likelihood.dequantize` made continuous: with uniform noise the mean
    is an upper bound of the code length of the discrete images (Theis et al. 2016, arXiv
    1511.01844, section 3.1). Without any noise ("none") it bounds nothing and can be made as low
    as one likes; with a learned noise ("variational") it is lower than with the uniform one.
    """
    if len(bits) < 2:
        raise ValueError("a standard error needs two or more images")
    error = float(bits.std() / len(bits) ** 0.5)
    return Bits(float(bits.mean()), error, len(bits), levels, dequantization)
