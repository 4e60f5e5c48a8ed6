"""How close samples are to data, in measures that always stand beside their floor."""

from diffatlas.diffusion.evaluation.frechet import frechet_distance
from diffatlas.diffusion.evaluation.manifold import Manifold, coverage, manifold
from diffatlas.diffusion.evaluation.measure import Measurement, measure
from diffatlas.diffusion.evaluation.scale import reference_points, stored_points

__all__ = [
    "Manifold",
    "Measurement",
    "coverage",
    "frechet_distance",
    "manifold",
    "measure",
    "reference_points",
    "stored_points",
]
