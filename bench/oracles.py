"""Samplers against the same algorithms by others, on a Gaussian mixture whose denoiser is known.

``python -m bench.oracles --out FILE``. Both sides start from the same 32 points in the plane and
use the same noise, in float64; a figure is the largest difference of any coordinate at the end.
What remains beside diffusers comes from its float32 tables. The tests hold every case to its bound.
"""

from __future__ import annotations

import warnings

import diffusers
import torch

from bench._beside_azula import azula_cases
from bench._beside_diffusers import diffusers_cases
from bench._oracle import Case
from bench._report import options, report, row

ABOUT = (
    "Each sampler against the same algorithm by others, in float64 from the same 32 points with "
    "the same noise, on a Gaussian mixture whose denoiser is known; the figure is the largest "
    "difference of any coordinate of the samples. What remains beside diffusers comes from its "
    "float32 tables. The test suite holds every row to its bound."
)


def cases() -> list[Case]:
    """Return every sampler and oracle."""
    return diffusers_cases() + azula_cases()


def main() -> None:
    out = options(__doc__).parse_args().out
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    diffusers.utils.logging.set_verbosity_error()
    rows = [
        row(case.what, case.error(), "", peer_name=case.oracle, most=case.bound) for case in cases()
    ]
    report("Samplers beside other implementations", rows, out, about=ABOUT)


if __name__ == "__main__":
    main()
