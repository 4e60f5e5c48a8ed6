"""How close samples are to data, in measures that always stand beside their floor."""

from diffatlas.diffusion.evaluation.bits import Bits, summarize_bits
from diffatlas.diffusion.evaluation.classes import class_accuracy, class_distance
from diffatlas.diffusion.evaluation.frechet import frechet_distance
from diffatlas.diffusion.evaluation.inception import InceptionDistance, inception_distance
from diffatlas.diffusion.evaluation.kernel import Estimate, kernel_distance, standardize
from diffatlas.diffusion.evaluation.measurement import Measurement, Scores, measure
from diffatlas.diffusion.evaluation.neighbors import Manifold, coverage, manifold
from diffatlas.diffusion.evaluation.scale import reference_points, stored_points

__all__ = [
    "Bits",
    "Estimate",
    "InceptionDistance",
    "Manifold",
    "Measurement",
    "Scores",
    "class_accuracy",
    "class_distance",
    "coverage",
    "frechet_distance",
    "inception_distance",
    "kernel_distance",
    "manifold",
    "measure",
    "reference_points",
    "standardize",
    "stored_points",
    "summarize_bits",
]
