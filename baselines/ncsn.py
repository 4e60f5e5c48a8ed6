# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Noise-conditional score networks (NCSN)
#
# Y. Song, S. Ermon, *Generative Modeling by Estimating Gradients of the Data Distribution*, 2019,
# [arXiv:1907.05600](https://arxiv.org/abs/1907.05600), with the techniques of their *Improved
# Techniques for Training Score-Based Generative Models*, 2020,
# [arXiv:2006.09011](https://arxiv.org/abs/2006.09011). Equation numbers are the first paper's.
#
# **The idea.** Learn the *score*, the gradient $\nabla_x \log p(x)$: at every point an arrow
# towards more probable images. Langevin dynamics follows these arrows with a little noise and ends
# in a sample of $p$. Far from all images there is nothing to learn the arrows from; so add noise of
# many sizes to the data, learn the scores of all these blurred densities with one network that is
# told the noise level, and walk from the most blurred to the sharpest.
#
# This file is a notebook, a script and a module at once. What the papers contribute is written out
# here; the U-Net, the training loop and the measurement are imported, and shared by all baselines.

# %%
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from diffatlas.diffusion.data import load
from diffatlas.diffusion.draw import draw, trajectory
from diffatlas.diffusion.evaluation import measure
from diffatlas.diffusion.images import grid, show, strip
from diffatlas.diffusion.networks import unet_for
from diffatlas.diffusion.noise import noise_like, stratified
from diffatlas.diffusion.problems import at_least, choose
from diffatlas.diffusion.samplers import langevin_step_size
from diffatlas.diffusion.times import (
    cosine_sigmas,
    geometric_sigmas,
    ncsn_levels,
    normal_log_snrs,
)
from diffatlas.diffusion.training import train

ID = "ncsn"
VARIANTS = {
    "conditional": "the network is told the noise level; its input and output are scaled",
    "unconditional": "technique 3 of 2020: it is not told, its output is divided by sigma",
}
SAMPLERS = {  # name -> network evaluations by default
    "multistep": 50,
    "consistent": 50,
    "langevin": 100,
}
ZETA, SPREAD = 4.0, {"centre": 6.0, "power": 0.5}  # of multistep sampling

# %% [markdown]
# ## The forward process
#
# There is no chain, only noise of one of $L$ sizes, $\tilde x = x + \sigma_i z$, with
# $\sigma_1 > \dots > \sigma_L$ in geometric progression. How many, and how large?
#
# - *Technique 1*: $\sigma_1$ is about the largest distance between two training images, so that
#   Langevin dynamics can get from any image to any other. For images of $D$ pixel values in
#   $[-1, 1]$ we take $1.5 \sqrt D$: 12 for the digits below, whose largest distance is 9.6, and 42
#   for Fashion-MNIST, where it is about 45.
# - *Technique 2*: neighbors overlap. With $r = \sqrt{2D}(\gamma-1)$ their ratio $\gamma$ solves
#   $\Phi(r + 3\gamma) - \Phi(r - 3\gamma) = 0.5$.
# - $\sigma_L = 0.02$, which nobody sees (0.01 for images in $[0, 1]$).


# %%
def noise_levels(shape: tuple[int, int, int]) -> list[float]:
    """sigma_1 > ... > sigma_L for images of ``shape`` (C, H, W): techniques 1 and 2."""
    dims, sigma_min = shape[0] * shape[1] * shape[2], 0.02
    sigma_max = 1.5 * dims**0.5
    return geometric_sigmas(ncsn_levels(dims, sigma_min, sigma_max), sigma_min, sigma_max)


class NCSN(nn.Module):
    """The score network s(x, sigma) and its noise levels."""

    sigmas: Tensor
    levels: Tensor

    def __init__(self, shape: tuple[int, int, int], variant: str, **network: int) -> None:
        super().__init__()
        self.shape, self.conditional = shape, variant == "conditional"
        self.net = unet_for(shape, time=self.conditional, **network)
        sigmas = torch.tensor(noise_levels(shape))
        levels = torch.arange(len(sigmas))
        if self.conditional:  # how often each level is trained on: see the loss
            wanted = torch.tensor(normal_log_snrs(1000))
            levels = torch.searchsorted(-2 * sigmas.log(), wanted).clamp(max=len(sigmas) - 1)
        self.register_buffer("sigmas", sigmas, persistent=False)
        self.register_buffer("levels", levels, persistent=False)

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        """sigma * s(x, sigma), which is of order one, for x (N, C, H, W) and sigma (N, 1, 1, 1)."""
        if not self.conditional:
            return self.net(x)  # technique 3: s(x, sigma) = s(x) / sigma
        # Image and noise together have size `total`; the network's input and output have size one.
        # sigma s = (D - x) / sigma with D = (x + sigma total net) / total^2, see below.
        total = (sigma**2 + 1).sqrt()
        out = self.net(x / total, sigma.flatten().log() / 4)
        return out / total - sigma / total**2 * x


def build(shape: tuple[int, int, int], variant: str = "conditional", **network: int) -> NCSN:
    """An untrained model for images of ``shape`` (C, H, W); ``network`` as in ``unet_for``."""
    return NCSN(shape, choose("variant", variant, VARIANTS), **network)


# %% [markdown]
# Two ways to let one network serve all levels. *Technique 3* of 2020 does not tell it the level at
# all, and divides its output by $\sigma$: the true score grows as $1/\sigma$. The variant
# `conditional` tells it, as the paper of 2019 did, and adds what Karras et al.
# ([arXiv:2206.00364](https://arxiv.org/abs/2206.00364), section 5) found: it splits off the part of
# the score that images of Gaussian pixels, of size one, would have, $-x / (\sigma^2 + 1)$, and lets
# the network learn the rest. It is the default because it draws better after minutes.
#
# ## The loss
#
# The score of a blurred density is learned by denoising (Eq. 5): for $\tilde x = x + \sigma z$ the
# arrow to learn is $-(\tilde x - x)/\sigma^2 = -z/\sigma$, on average over all $x$. The levels are
# weighted by $\lambda(\sigma)$ such that all terms have one size (Eq. 6):
#
# $$\ell(\theta; \sigma) = \tfrac12\, \mathbb E_{x, \tilde x}
#   \Big\| s_\theta(\tilde x, \sigma) + \frac{\tilde x - x}{\sigma^2} \Big\|_2^2, \qquad
#   \mathcal L = \frac1L \sum_{i=1}^L \lambda(\sigma_i)\, \ell(\theta; \sigma_i)$$
#
# The papers' $\lambda = \sigma^2$ makes the *targets* equally large. Where the network learns only
# the rest of the score, the same reasoning adds a factor of the size of $\sigma^2 + 1$;
# `conditional` takes $(\sigma + 1)^2$, with which the error is that of flow matching. And the sum
# over levels is taken by chance: `conditional` draws $\ln \sigma$ from $\mathcal N(-0.3, 1)$, so
# that levels at which noise and image are about equally strong come often. It draws none above
# $\sigma = 20$ or below 0.027: the ends of the ladder are left to what the network learns beside
# them. Drawing a level more often is a larger $\lambda$ there, with less noise
# in the gradient. (Esser et al., [arXiv:2403.03206](https://arxiv.org/abs/2403.03206), draw the
# times of flow matching so; `baselines/ddpm.py` and `baselines/score_sde.py` do the same.)


# %%
def loss(model: NCSN, x0: Tensor, generator: torch.Generator) -> Tensor:
    """Denoising score matching for a batch x0 (N, C, H, W) at random levels: a scalar."""
    i = model.levels[(len(model.levels) * stratified(len(x0), generator)).long()]
    sigma = model.sigmas[i].view(-1, 1, 1, 1)
    z = noise_like(x0, generator)
    # sigma^2 || s(x~, sigma) + (x~ - x) / sigma^2 ||^2 = || sigma s(x~, sigma) + z ||^2    [Eq. 5]
    error = (model(x0 + sigma * z, sigma) + z).square()
    rest = (sigma + 1) ** 2 if model.conditional else torch.ones_like(sigma)
    return 0.5 * (rest * error).mean()  #                                                  [Eq. 6]


# %% [markdown]
# ## The sampler
#
# Annealed Langevin dynamics (Algorithm 1): at each level, from the largest to the smallest, take
# $T$ steps
#
# $$x \leftarrow x + \alpha_i\, s_\theta(x, \sigma_i) + \sqrt{2 \alpha_i}\, z, \qquad
#   \alpha_i = \epsilon\, \sigma_i^2 / \sigma_L^2$$
#
# (the paper of 2019 writes $\alpha_i / 2$ and $\sqrt{\alpha_i}$). *Technique 4* of 2020 chooses
# $\epsilon$ such that $T$ steps turn the spread of one level into that of the next: with
# $e = \epsilon / \sigma_L^2$ it brings nearest to one
#
# $$(1-e)^{2T} \Big(\gamma^2 - \frac{2e}{1-(1-e)^2}\Big) + \frac{2e}{1-(1-e)^2}.$$
#
# At the end comes one step without noise, to the mean $x + \sigma_L^2 s_\theta(x, \sigma_L)$.
# *Technique 5*, an average of the weights over training, is in the shared training loop.


# %%
def annealed_langevin(
    model: NCSN,
    x: Tensor,
    sigmas: list[float],
    steps: int,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """Algorithm 1 over decreasing ``sigmas``, ``steps`` at each, from x; yields every state."""
    e = langevin_step_size(sigmas, steps) / sigmas[-1] ** 2
    for sigma in sigmas:
        level = torch.full((len(x), 1, 1, 1), sigma, device=x.device)
        for _ in range(steps):
            z = noise_like(x, generator)
            # x <- x + alpha s(x, sigma) + sqrt(2 alpha) z,   alpha = e sigma^2        [Algorithm 1]
            x = x + e * sigma * model(x, level) + (2 * e) ** 0.5 * sigma * z
            yield x
    # x + sigma_L^2 s(x, sigma_L)                                                [2020, section 3]
    yield x + sigmas[-1] * model(x, level)


# %% [markdown]
# Few steps leave each level with more noise than it should have, and the error adds up. Jolicoeur-
# Martineau et al. ([arXiv:2009.05475](https://arxiv.org/abs/2009.05475), *consistent annealed
# sampling*) add only so much noise that the amount is right at the next level: a step that goes the
# share $\eta$ of the way to the clean image leaves $(1-\eta)\,\sigma_i$ of it, so
#
# $$x \leftarrow x + \eta\,\sigma_i^2\, s_\theta(x, \sigma_i) + \beta\,\sigma_{i+1}\, z, \qquad
#   \beta = \sqrt{1 - \big((1-\eta)/\rho\big)^2}, \quad \rho = \sigma_{i+1}/\sigma_i$$
#
# (their $\gamma$, the inverse of the one above). With $\eta = 1 - \rho$ no noise is added at all;
# here $\eta = 1 - \rho^2$, the step of the
# reverse diffusion in `baselines/score_sde.py`. $\rho$ need not be the same at each step, so the
# few levels visited are dense where noise and image are equally strong ($\arctan\sigma$ evenly
# spaced). With 50 evaluations it draws better than Langevin dynamics with 200.


# %%
def consistent(
    model: NCSN, x: Tensor, sigmas: list[float], generator: torch.Generator | None = None
) -> Iterator[Tensor]:
    """Consistent annealed sampling over decreasing ``sigmas``, one step at each, from x."""
    for sigma, lower in zip(sigmas, [*sigmas[1:], 0.0], strict=True):
        level = torch.full((len(x), 1, 1, 1), sigma, device=x.device)
        rho = lower / sigma
        eta = 1 - rho**2
        # beta sigma_{i+1} = sqrt(sigma_{i+1}^2 - (1 - eta)^2 sigma_i^2); zero at the last level
        noise = (lower**2 - ((1 - eta) * sigma) ** 2) ** 0.5
        z = noise_like(x, generator)
        x = x + eta * sigma * model(x, level) + noise * z
        yield x


# %% [markdown]
# A step may go further, $\eta = 1-\rho^{1+\zeta}$ with $\zeta > 1$ (the $\eta$ of the other two
# baselines), and gets more fresh noise in return, $\beta = \sqrt{1-\rho^{2\zeta}}$: Langevin
# dynamics at work within the anneal, washing out the errors of earlier steps. Long steps then need
# to know how the score changes on the way. Lu et al.
# ([arXiv:2211.01095](https://arxiv.org/abs/2211.01095), the stochastic DPM-Solver++(2M))
# extrapolate the denoised image $x + \sigma_i^2 s_\theta(x, \sigma_i)$ from this level and the one
# before to the middle of the step in $\log\sigma$. With both, $\zeta = 4$, and levels that are
# evenly spaced in $\arctan\sqrt{\sigma/6}$, 20 evaluations draw better images than 50 consistent
# ones. It is the default.


# %%
def multistep(
    model: NCSN,
    x: Tensor,
    sigmas: list[float],
    generator: torch.Generator | None = None,
    zeta: float = ZETA,
) -> Iterator[Tensor]:
    """Second-order consistent sampling over decreasing ``sigmas``, one step at each, from x."""
    before, h_before = None, math.inf
    for sigma, lower in zip(sigmas, [*sigmas[1:], 0.0], strict=True):
        level = torch.full((len(x), 1, 1, 1), sigma, device=x.device)
        rho = lower / sigma
        # where x would go at once, x + sigma^2 s(x, sigma), and in the middle of the step
        clean = now = x + sigma * model(x, level)
        h = -math.log(rho) if rho > 0 else math.inf
        if before is not None and rho > 0:
            clean = now + h / (2 * h_before) * (now - before)
        before, h_before = now, h
        z = noise_like(x, generator)
        # x <- x + eta (clean - x) + beta sigma_{i+1} z,   eta = 1 - rho^(1 + zeta)
        x = x + (1 - rho ** (1 + zeta)) * (clean - x)
        x = x + (1 - rho ** (2 * zeta)) ** 0.5 * lower * z
        yield x


def sample(
    model: NCSN,
    n: int,
    sampler: str = "multistep",
    nfe: int | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """From noise to ``n`` images in at most ``nfe`` network evaluations; yields the noise first.

    Few evaluations mean fewer levels. Langevin dynamics spends many of them on more steps at each.
    """
    usual = SAMPLERS[choose("sampler", sampler, SAMPLERS)]
    nfe = at_least("nfe", usual if nfe is None else nfe, 2 if sampler == "langevin" else 1)
    trained, steps = model.sigmas.tolist(), 1
    if sampler == "langevin":
        nfe -= 1  # one is for the step without noise at the end
        steps = max(1, nfe // len(trained))
        nfe = min(nfe, len(trained))
    if sampler == "langevin" or nfe == 1:
        sigmas = geometric_sigmas(nfe, trained[-1], trained[0])
    else:
        spread = SPREAD if sampler == "multistep" else {}
        sigmas = cosine_sigmas(nfe, trained[-1], trained[0], **spread)
    x = noise_like(model.sigmas.new_empty((n, *model.shape)), generator) * sigmas[0]
    yield x
    if sampler == "langevin":
        yield from annealed_langevin(model, x, sigmas, steps, generator)
    else:
        anneal = multistep if sampler == "multistep" else consistent
        yield from anneal(model, x, sigmas, generator)


# %% [markdown]
# ## Training
#
# Fifteen seconds on the 8 x 8 digits of scikit-learn. `diffatlas run ncsn --data fashion-mnist
# --budget 5m` does the same with clothes. Each row below was drawn at one moment of the training.

# %%
if __name__ == "__main__":
    torch.manual_seed(0)
    data, model, rows = load("digits"), build((1, 8, 8)), []
    run = train(
        model, loss, data.train, "15s", on_milestone=lambda m, *_: rows.append(draw(sample, m, 16))
    )
    show(grid(torch.cat(rows), columns=16), "ncsn-training")

# %% [markdown]
# ## Samples
#
# From noise to digits. The noise on the left is many times larger than an image; it is shown scaled
# down. Half of the way nothing seems to happen: the large levels only choose where to go.

# %%
if __name__ == "__main__":
    states = trajectory(sample, run.model, n=6)
    show(strip(states, rows=6), "ncsn-strip")

# %%
if __name__ == "__main__":
    images = draw(sample, run.model, n=500)
    show(grid(images[:64]), "ncsn-samples")

# %% [markdown]
# ## The same noise, other samplers, fewer steps
#
# Every row starts from the same sixteen noises. From above: multistep sampling in 50, 10 and 4
# evaluations, then consistent annealed sampling and Langevin dynamics in as many. With few levels
# Langevin dynamics leaves more noise than the next level expects, and the grain stays in the image.

# %%
if __name__ == "__main__":
    ways = [(name, nfe) for name in SAMPLERS for nfe in (50, 10, 4)]
    shown = [draw(sample, run.model, n=16, sampler=name, nfe=nfe) for name, nfe in ways]
    show(grid(torch.cat(shown), columns=16), "ncsn-steps")

# %% [markdown]
# ## The measurement, beside its floor
#
# The Fréchet distance between features of samples and of test images; the floor is what training
# images score at the same N. Coverage is the share of test images that have a sample nearby.

# %%
if __name__ == "__main__":
    print(measure(images, data))

# %% [markdown]
# ## Limits, and what to try next
#
# - *Steps.* Langevin dynamics mixes slowly: it needs several steps at each of many levels. Try
#   `draw(sample, run.model, 64, sampler="langevin", nfe=50)`, and 1000: more steps help.
# - *The paper's own choice* of 2020 is the variant `unconditional`. Train it for the same time.
# - *Between the levels* the dynamics only approximates the densities. `baselines/score_sde.py`
#   turns the levels into a continuum, where samplers follow the true reverse process.
# - *What the survey says* ([arXiv:2209.04747](https://arxiv.org/abs/2209.04747)): the many steps of
#   sampling are the main disadvantage of diffusion models. The rows above show what saving them
#   costs.
