"""Samplers: generator functions ``name(denoiser, schedule, times, x, ...)`` that yield every state.

The last state is the sample. ``times`` is explicit and decreasing, nothing is hidden in an object,
and every coefficient is a float64 number computed before the first step, so that an update is a few
fused operations. No gradients are recorded; ``sampler.__wrapped__`` is the same function with them.
"""

from diffatlas.diffusion.samplers.ancestral import ddpm
from diffatlas.diffusion.samplers.deis import deis
from diffatlas.diffusion.samplers.dpm_solver import dpm_solver_2m
from diffatlas.diffusion.samplers.edm import Churn, euler, heun
from diffatlas.diffusion.samplers.flow_ode import probability_flow
from diffatlas.diffusion.samplers.implicit import ddim
from diffatlas.diffusion.samplers.langevin import annealed_langevin, langevin_step_size
from diffatlas.diffusion.samplers.pc import predictor_corrector
from diffatlas.diffusion.samplers.pndm import plms
from diffatlas.diffusion.samplers.reverse_sde import euler_maruyama
from diffatlas.diffusion.samplers.solvers import SOLVERS, solve
from diffatlas.diffusion.samplers.unipc import unipc

__all__ = [
    "SOLVERS",
    "Churn",
    "annealed_langevin",
    "ddim",
    "ddpm",
    "deis",
    "dpm_solver_2m",
    "euler",
    "euler_maruyama",
    "heun",
    "langevin_step_size",
    "plms",
    "predictor_corrector",
    "probability_flow",
    "solve",
    "unipc",
]
