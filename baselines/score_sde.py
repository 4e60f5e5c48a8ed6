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
# # Score-based generative modeling through stochastic differential equations
#
# Y. Song, J. Sohl-Dickstein, D. P. Kingma, A. Kumar, S. Ermon, B. Poole, 2021,
# [arXiv:2011.13456](https://arxiv.org/abs/2011.13456). Equation numbers below are that paper's.
#
# **The idea.** Let the steps of noising become infinitely small: image turns into noise along a
# stochastic differential equation (SDE). Every such equation has a reverse-time twin that turns
# noise into images, and all it needs to know is the score $\nabla_x \log p_t(x)$. DDPM and NCSN are
# two discretizations of two such equations. And there is a deterministic twin, an ordinary
# differential equation (ODE), which makes the model a normalizing flow: its likelihood is exact.
#
# This file is a notebook, a script and a module at once. The loss, the samplers and the likelihood
# are written out here; the three SDEs with their reversal (`diffatlas.diffusion.sdes`), two later
# samplers, the U-Net, the ODE solver, the training loop and the measurement are imported.

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
from diffatlas.diffusion.ode import integrate
from diffatlas.diffusion.parameterizations import edm_denoiser
from diffatlas.diffusion.problems import at_least, choose
from diffatlas.diffusion.samplers import ddpm, dpm_solver_2m
from diffatlas.diffusion.schedules import transition
from diffatlas.diffusion.sdes import SDE, VESDE, VPSDE, SubVPSDE
from diffatlas.diffusion.times import cosine_sigmas, log_snr_times, normal_log_snrs
from diffatlas.diffusion.training import train

ID = "score_sde"
VARIANTS = {
    "vp": "variance preserving: the DDPM's process in continuous time",
    "ve": "variance exploding: the NCSN's process in continuous time",
    "sub-vp": "sub-variance preserving: the paper's new one, made for likelihood",
}
SAMPLERS = {  # name -> network evaluations by default
    "multistep": 50,
    "ancestral": 50,
    "probability-flow": 50,
    "reverse-sde": 100,
    "predictor-corrector": 100,
}
# Sampling stops short of t = 0, where sigma is 0.01; the paper's sub-VP goes on to sigma 1e-4.
EPSILON = {"vp": 1e-3, "ve": 1e-5, "sub-vp": 0.027}
ETA, SPREAD = 4.0, {"centre": 6.0, "power": 0.5}  # of multistep sampling

# %% [markdown]
# ## The forward process
#
# $\mathrm dx = f(x, t)\,\mathrm dt + g(t)\,\mathrm dw$ for $t \in [0, 1]$ (Eq. 5). The paper has
# three:
#
# | | drift $f$ | diffusion $g$ | |
# | --- | --- | --- | --- |
# | VE | $0$ | $\sqrt{\mathrm d \sigma^2(t) / \mathrm dt}$ | Eq. 9 |
# | VP | $-\tfrac12 \beta(t)\,x$ | $\sqrt{\beta(t)}$ | Eq. 11 |
# | sub-VP | $-\tfrac12 \beta(t)\,x$ | $\sqrt{\beta(t) (1 - e^{-2 B(t)})}$ | Eq. 12 |
#
# with $B(t) = \int_0^t \beta(s)\,\mathrm ds$.
#
# All drifts are linear, so $x_t = \alpha(t)\,x_0 + \sigma(t)\,z$ in one jump. Each object below
# knows $f$, $g$, $\alpha$, $\sigma$ and its prior, the Gaussian at $t = 1$.


# %%
def sde_for(variant: str, shape: tuple[int, int, int]) -> SDE:
    """The SDE of this name; VE's largest noise is that of `baselines/ncsn.py`."""
    dims = shape[0] * shape[1] * shape[2]
    return {"vp": VPSDE(), "ve": VESDE(0.01, 1.5 * dims**0.5), "sub-vp": SubVPSDE()}[variant]


def training_times(sde: SDE, epsilon: float) -> Tensor:
    """A thousand times, equally likely in training, with sigma / alpha from 0.028 to 20."""
    return torch.tensor([sde.time(log_snr) for log_snr in normal_log_snrs()]).clamp(epsilon, 1)


class ScoreSDE(nn.Module):
    """An SDE and a network that estimates its score."""

    times: Tensor

    def __init__(self, shape: tuple[int, int, int], variant: str, **network: int) -> None:
        super().__init__()
        self.shape, self.sde, self.epsilon = shape, sde_for(variant, shape), EPSILON[variant]
        self.net = unet_for(shape, **network)
        self.register_buffer("times", training_times(self.sde, self.epsilon), persistent=False)

    def forward(self, x: Tensor, t: float | Tensor) -> Tensor:
        """E[x_0 | x_t], the denoised image (N, C, H, W), for a number t or times (N,)."""
        return edm_denoiser(self.net, self.sde, sigma_data=1.0)(x, t)

    def score(self, x: Tensor, t: float) -> Tensor:
        """grad log p_t(x), (N, C, H, W)."""
        alpha, sigma = self.sde(t)
        # score = (alpha E[x_0 | x_t] - x_t) / sigma^2                           (Tweedie's formula)
        return (alpha * self(x, t) - x) / sigma**2


def build(shape: tuple[int, int, int], variant: str = "vp", **network: int) -> ScoreSDE:
    """An untrained model for images of ``shape`` (C, H, W); ``network`` as in ``unet_for``."""
    return ScoreSDE(shape, choose("variant", variant, VARIANTS), **network)


# %% [markdown]
# ## The loss
#
# Denoising score matching at all times, weighted by a positive function $\lambda$ (Eq. 7):
#
# $$\min_\theta\ \mathbb E_t\, \lambda(t)\, \mathbb E_{x_0, x_t}
#   \big\| s_\theta(x_t, t) - \nabla_{x_t} \log p_{0t}(x_t \mid x_0) \big\|_2^2, \qquad
#   \nabla_{x_t} \log p_{0t}(x_t \mid x_0) = -z / \sigma(t)$$
#
# In terms of the denoised image $D$ the error is $\alpha (D - x_0) / \sigma^2$. The paper takes
# $\lambda \propto \sigma^2$, which makes the targets equally large, and a network that predicts
# $z$. Here the network predicts a mixture of image and noise whose size is one at every time
# (Karras et al., [arXiv:2206.00364](https://arxiv.org/abs/2206.00364), section 5), and $\lambda$ is
# such that the error is $(1 + \alpha/\sigma)^2\,\|D - x_0\|^2$, that of flow matching. And $t$ is
# not uniform: $\ln(\alpha^2/\sigma^2)$ is normal with mean 0.6 and standard deviation 2 (much as in
# Esser et al., [arXiv:2403.03206](https://arxiv.org/abs/2403.03206)), so that most draws go to the
# times at which noise and image are about equally strong. Drawing a time more often is a larger
# $\lambda$ there, with less noise in the gradient: the same regression, learned sooner. Times with
# $\sigma / \alpha$ below 0.028 or above 20 are not drawn at all, and left to what the network
# learns beside them. What pays for it is the likelihood, which rests on the times with next to no
# noise: on Fashion-MNIST the VP SDE needed 3.56 bits per pixel value after 4,900 steps with times
# spread as the cosine schedule's, and 4.09 after 5,300 steps with these (one run each).


# %%
def loss(model: ScoreSDE, x0: Tensor, generator: torch.Generator) -> Tensor:
    """Score matching for a batch x0 (N, C, H, W) at random times: a scalar."""
    t = model.times[(len(model.times) * stratified(len(x0), generator)).long()]
    z = noise_like(x0, generator)
    mean, sigma = model.sde.marginal_prob(x0, t)
    x = mean + sigma.view(-1, 1, 1, 1) * z
    alpha, sigma = model.sde(t)
    # lambda || s - (-z / sigma) ||^2 = (1 + alpha / sigma)^2 (D - x_0)^2,                   [Eq. 7]
    # where lambda = (sigma (alpha + sigma) / alpha)^2: about sigma^2 where there is little noise
    weight = (1 + alpha / sigma).view(-1, 1, 1, 1)
    return (weight * (model(x, t) - x0)).square().mean()


# %% [markdown]
# ## The samplers
#
# **The reverse SDE** (Eq. 6) runs from $t = 1$ to $0$:
#
# $$\mathrm dx = \big[f(x, t) - g(t)^2\, \nabla_x \log p_t(x)\big]\,\mathrm dt
#   + g(t)\,\mathrm d\bar w$$
#
# Its Euler-Maruyama step follows below. The times are equally spaced not in $t$ but in
# $\arctan(\sigma/\alpha)$, as those of DDPM's cosine schedule are, so that a hundred steps do where
# the paper takes a thousand.
#
# Fifty do if a step solves the linear part of the equation exactly. That is *ancestral sampling*
# (Eq. 47 for VE; for VP Eq. 4, with the smaller variance of the posterior): a draw from the
# Gaussian $q(x_s \mid x_t, x_0)$ with the denoised image in place of $x_0$. It is the step of the
# DDPM.
#
# Twenty do if the step also knows how the denoised image changes on the way: *multistep* sampling
# (Lu et al., [arXiv:2211.01095](https://arxiv.org/abs/2211.01095), the stochastic DPM-Solver++(2M))
# extrapolates it from this step and the one before. And the reverse SDE is one of many with the
# same densities: for every $\eta \ge 0$,
#
# $$\mathrm dx = \big[f(x, t) - \tfrac{1+\eta}2\, g(t)^2\, \nabla_x \log p_t(x)\big]\,\mathrm dt
#   + \sqrt\eta\, g(t)\,\mathrm d\bar w,$$
#
# the ODE below for $\eta = 0$, Eq. 6 for $\eta = 1$, and with yet more Langevin dynamics in it
# beyond (Karras et al., [arXiv:2206.00364](https://arxiv.org/abs/2206.00364), Eq. 6), which washes
# out the errors of earlier steps. `multistep` takes $\eta = 4$, with times evenly spaced in
# $\arctan\sqrt{\sigma/6\alpha}$. Its price shows where the network makes no error: of images that
# are Gaussian noise of standard deviation 0.6 it draws a standard deviation 13 % too large in 50
# evaluations and 34 % in 20 (VP; 1 % and 11 % with $\eta = 0$). A network after minutes of training
# has larger errors than that. It is the default. Nothing is trained for it.


# %%
def reverse_sde(
    model: ScoreSDE, x: Tensor, times: list[float], generator: torch.Generator | None = None
) -> Iterator[Tensor]:
    """Euler-Maruyama steps over decreasing ``times`` from x; yields every state."""
    backward = model.sde.reverse(model.score)
    for t, s in zip(times[:-1], times[1:], strict=True):
        drift, g = backward(x, t)
        z = noise_like(x, generator)
        # x <- x + [f - g^2 score] dt + g sqrt(|dt|) z,   dt = s - t < 0                     [Eq. 6]
        x = x + drift * (s - t) + g * (t - s) ** 0.5 * z
        yield x


# %% [markdown]
# **Predictor and corrector** (Algorithm 1). The predictor is the reverse of the discretized forward
# step $x_t = a\,x_s + \sqrt v\,z$: of Eq. 8 for VE ($a = 1$), of Eq. 10 for VP
# ($a = \sqrt{1 - \beta}$). The corrector takes one step of Langevin dynamics at one time, whose
# size gives the wanted ratio $r$ of signal and noise (Algorithms 4 and 5). As in the authors' code,
# it comes first at each time.


# %%
def predictor_corrector(
    model: ScoreSDE,
    x: Tensor,
    times: list[float],
    generator: torch.Generator | None = None,
    r: float = 0.1,
) -> Iterator[Tensor]:
    """One corrector step at t and one predictor step t -> s over ``times``; yields every x_s."""
    for t, s in zip(times[:-1], times[1:], strict=True):
        a, v = transition(model.sde, t, s)
        score, z = model.score(x, t), noise_like(x, generator)
        # x <- x + e score + sqrt(2 e) z,   e = 2 (a r |z| / |score|)^2         [Algorithms 4 and 5]
        e = 2 * (a * r * z.flatten(1).norm(dim=1).mean() / score.flatten(1).norm(dim=1).mean()) ** 2
        x = x + e * score + (2 * e).sqrt() * z
        z = noise_like(x, generator)
        # x <- (2 - a) x + v score + sqrt(v) z                                  [Algorithms 2 and 3]
        x = (2 - a) * x + v * model.score(x, t) + v**0.5 * z
        yield x


# %% [markdown]
# **The probability-flow ODE** (Eq. 13) has the same density at every time and no noise:
#
# $$\mathrm dx = \big[f(x, t) - \tfrac12 g(t)^2\, \nabla_x \log p_t(x)\big]\,\mathrm dt$$
#
# Its steps are equally spaced in $\log(\alpha^2/\sigma^2)$: where noise is large the solution turns
# fast in $t$, and a coarse step there ends far from any image.


# %%
def probability_flow(model: ScoreSDE, x: Tensor, times: list[float]) -> Iterator[Tensor]:
    """Heun's method over decreasing ``times``: two evaluations a step; yields every state."""
    velocity = model.sde.probability_flow(model.score)
    for t, s in zip(times[:-1], times[1:], strict=True):
        # dx/dt = f - g^2 score / 2                                                         [Eq. 13]
        slope = velocity(x, t)
        x = x + (s - t) / 2 * (slope + velocity(x + (s - t) * slope, s))
        yield x


def grid_of_times(
    model: ScoreSDE, steps: int, centre: float = 1.0, power: float = 1.0
) -> list[float]:
    """``steps + 1`` times from 1 to epsilon: arctan((sigma / (centre alpha))^power) is even."""
    first, last = (math.exp(-model.sde.log_snr(t) / 2) for t in (1.0, model.epsilon))
    ratios = cosine_sigmas(steps + 1, last, first, centre, power)
    return [1.0, *(model.sde.time(-2 * math.log(r)) for r in ratios[1:-1]), model.epsilon]


def sample(
    model: ScoreSDE,
    n: int,
    sampler: str = "multistep",
    nfe: int | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """From noise to ``n`` images in at most ``nfe`` network evaluations; yields the noise first.

    One evaluation is for the last bit of noise, and a step takes one or two, so that ``nfe`` is at
    least 2, or 3 for `probability-flow` and `predictor-corrector`.
    """
    usual = SAMPLERS[choose("sampler", sampler, SAMPLERS)]
    cost = 2 if sampler in ("probability-flow", "predictor-corrector") else 1
    steps = (at_least("nfe", usual if nfe is None else nfe, 1 + cost) - 1) // cost
    times = grid_of_times(model, steps)
    device = next(model.parameters()).device
    yield (x := model.sde.prior_sampling((n, *model.shape), generator, device))
    if sampler == "multistep":
        times = grid_of_times(model, steps, **SPREAD)
        states = dpm_solver_2m(model, model.sde, times, x, ETA, generator)
    elif sampler == "ancestral":
        states = ddpm(model, model.sde, times, x, generator=generator)
    elif sampler == "probability-flow":
        times = log_snr_times(model.sde, steps, 1.0, model.epsilon)
        states = probability_flow(model, x, times)
    else:
        stochastic = reverse_sde if sampler == "reverse-sde" else predictor_corrector
        states = stochastic(model, x, times, generator)
    for x in states:
        yield x
    yield model(x, model.epsilon)  # the last bit of noise is not part of the image


# %% [markdown]
# ## The likelihood
#
# Along the ODE the density changes by its divergence (Eq. 39), which one random sign vector $e$
# estimates without bias (Eq. 40): with $\dot x$ the right-hand side of Eq. 13,
#
# $$\log p_0(x_0) = \log p_1(x_1) + \int_0^1 \nabla \cdot \dot x\ \mathrm dt, \qquad
#   \nabla \cdot \dot x = \mathbb E_e\big[e^\top (\partial \dot x / \partial x)\, e\big]$$
#
# Images are integers, and a density can be arbitrarily high at integers. So uniform noise of one
# gray level is added first (dequantization); the result is then a bound on the bits that a code for
# the image needs, given per pixel value.


# %%
def bits_per_dim(
    model: ScoreSDE, images: Tensor, levels: int, seed: int = 0, steps: int = 50
) -> Tensor:
    """Bits per pixel value (N,) of ``images`` (N, C, H, W) with ``levels`` gray levels."""
    generator, dims = torch.Generator().manual_seed(seed), images[0].numel()
    u = torch.rand(images.shape, generator=generator)
    e = torch.randn(images.shape, generator=generator).sign().to(model.times.device)
    x = ((images.cpu() + 1) / 2 * (levels - 1) + u) / levels * 2 - 1  # dequantized, in [-1, 1)
    x = x.to(model.times.device)
    velocity = model.sde.probability_flow(model.score)

    def both(t: float, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            y = state[0].detach().requires_grad_()
            dx = velocity(y, t)
            # div = e' (d dx / d x) e                                                       [Eq. 40]
            div = (torch.autograd.grad(dx, y, e)[0] * e).flatten(1).sum(1)
        return dx.detach(), div

    times = log_snr_times(model.sde, steps, 1.0, 1e-5)[::-1]
    end, gain = integrate(both, (x, x.new_zeros(len(x))), times, method="midpoint")
    logp = model.sde.prior_logp(end[-1]) + gain[-1]  #                                      [Eq. 39]
    return -logp / (dims * math.log(2)) + math.log2(levels / 2)


# %% [markdown]
# ## Training
#
# Fifteen seconds on the 8 x 8 digits of scikit-learn. `diffatlas run score_sde --data fashion-mnist
# --budget 5m` does the same with clothes. Each row below was drawn at one moment of the training.

# %%
if __name__ == "__main__":
    torch.manual_seed(0)
    data, model, rows = load("digits"), build((1, 8, 8)), []
    run = train(
        model, loss, data.train, "15s", on_milestone=lambda m, *_: rows.append(draw(sample, m, 16))
    )
    show(grid(torch.cat(rows), columns=16), "score_sde-training")

# %% [markdown]
# ## Samples
#
# From noise to digits, by multistep sampling.

# %%
if __name__ == "__main__":
    states = trajectory(sample, run.model, n=6)
    show(strip(states, rows=6), "score_sde-strip")

# %% [markdown]
# ## The same noise, other samplers, fewer steps
#
# Every row starts from the same sixteen noises. From above: multistep and ancestral sampling in 50,
# 10 and 4 evaluations each, then the probability-flow ODE, the reverse SDE, predictor and corrector
# in as many. The ODE gives the same images over and over; Euler-Maruyama needs small steps to be
# stable at all.

# %%
if __name__ == "__main__":
    ways = [(name, nfe) for name in SAMPLERS for nfe in (50, 10, 4)]
    shown = [draw(sample, run.model, n=16, sampler=name, nfe=nfe) for name, nfe in ways]
    show(grid(torch.cat(shown), columns=16), "score_sde-steps")

# %% [markdown]
# ## The measurement, beside its floor
#
# The Fréchet distance between features of samples and of test images; the floor is what training
# images score at the same N. Coverage is the share of test images that have a sample nearby. Then
# bits per pixel value of test images: without any model they would be log2 of the digits' 17 gray
# levels, 4.09.

# %%
if __name__ == "__main__":
    images = draw(sample, run.model, n=500)
    show(grid(images[:64]), "score_sde-samples")
    print(measure(images, data))

# %%
if __name__ == "__main__":
    bits = bits_per_dim(run.model, data.test[:100], data.levels)
    print(f"{bits.mean():.2f} bits per pixel value, standard error {bits.std() / 10:.2f}")

# %% [markdown]
# ## Limits, and what to try next
#
# - *Steps.* With ten evaluations each solver fails in its own way. Solvers made for this ODE need
#   fewer: `diffatlas.diffusion.samplers` has DDIM, DPM-Solver, DEIS and UniPC for any denoiser.
# - *The other two SDEs* are `build((1, 8, 8), "ve")` and `"sub-vp"`. Sub-VP should give the better
#   likelihood.
# - *The prior* is a Gaussian that the process reaches only approximately: a small bias in samples
#   and likelihood. So is stopping short of $t = 0$.
# - *What the survey says* ([arXiv:2209.04747](https://arxiv.org/abs/2209.04747)): the many steps of
#   sampling are the main disadvantage of diffusion models. The rows above show what saving them
#   costs.
