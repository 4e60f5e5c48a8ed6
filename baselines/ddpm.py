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
# # Denoising diffusion probabilistic models (DDPM)
#
# J. Ho, A. Jain, P. Abbeel, *Denoising Diffusion Probabilistic Models*, 2020,
# [arXiv:2006.11239](https://arxiv.org/abs/2006.11239). Equation numbers below are that paper's.
#
# **The idea.** Destroy an image by a thousand small additions of Gaussian noise; each is so small
# that the step back is nearly Gaussian too. One network learns all the steps back. The evidence
# bound of this latent-variable model falls apart into a sum over steps, and each term becomes a
# regression: *given the noisy image, what was the noise?*
#
# This file is a notebook, a script and a module at once. What the paper contributes is written out
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
from diffatlas.diffusion.times import cosine_sigmas, normal_log_snrs
from diffatlas.diffusion.training import train

ID = "ddpm"
T = 1000
VARIANTS = {
    "cosine-v": "cosine schedule, the network predicts v: the best after minutes on a CPU",
    "cosine-x0": "cosine schedule, the network predicts the clean image",
    "linear-eps": "the paper's choice: linear schedule, the network predicts the noise",
}
SAMPLERS = {  # name -> network evaluations by default
    "multistep": 50,
    "ancestral": 50,
    "ddim": 25,
}
ETA, SPREAD = 4.0, {"centre": 6.0, "power": 0.5}  # of multistep sampling

# %% [markdown]
# ## The forward process
#
# One step of noising, with a variance $\beta_t$ that is fixed in advance (Eq. 2):
#
# $$q(x_t \mid x_{t-1}) = \mathcal N\big(x_t;\ \sqrt{1-\beta_t}\,x_{t-1},\ \beta_t I\big)$$
#
# Ho et al. let $\beta_t$ grow linearly from $10^{-4}$ to $0.02$. Nichol and Dhariwal
# ([arXiv:2102.09672](https://arxiv.org/abs/2102.09672), Eq. 17) choose
# $\bar\alpha_t = \prod_s (1-\beta_s)$ instead, as a squared cosine, which spends fewer steps on
# images that are all but noise.


# %%
def linear_betas() -> Tensor:
    """The T variances of Ho et al., section 4."""
    return torch.linspace(1e-4, 0.02, T, dtype=torch.float64)


def cosine_betas(s: float = 0.008) -> Tensor:
    """The T variances of Nichol and Dhariwal."""
    t = torch.arange(T + 1, dtype=torch.float64) / T
    # alpha_bar_t = f(t) / f(0),  f(t) = cos^2( (t/T + s) / (1 + s) * pi / 2 )        [N&D Eq. 17]
    f = torch.cos((t + s) / (1 + s) * torch.pi / 2) ** 2
    return (1 - f[1:] / f[:-1]).clamp(max=0.999)


class DDPM(nn.Module):
    """The network, and the table of alpha_bar_t for t = 0 (clean) to T (noise)."""

    alpha_bar: Tensor
    steps: Tensor

    def __init__(self, shape: tuple[int, int, int], variant: str, **network: int) -> None:
        super().__init__()
        schedule, self.target = variant.split("-")
        betas = linear_betas() if schedule == "linear" else cosine_betas()
        alpha_bar = torch.cat([torch.ones(1, dtype=torch.float64), (1 - betas).cumprod(0)])
        self.register_buffer("alpha_bar", alpha_bar.float(), persistent=False)
        steps = torch.arange(1, T + 1)
        if schedule == "cosine":  # often those at which noise and image are equally strong
            log_snr = alpha_bar[1:].logit()
            wanted = torch.tensor(normal_log_snrs(T), dtype=torch.float64)
            steps = 1 + torch.searchsorted(-log_snr, -wanted).clamp(max=T - 1)
        self.register_buffer("steps", steps, persistent=False)
        self.shape, self.net = shape, unet_for(shape, **network)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Images (N, C, H, W) at steps t (N,) -> what the network predicts, (N, C, H, W)."""
        out: Tensor = self.net(x, t / T)
        return out


def build(shape: tuple[int, int, int], variant: str = "cosine-v", **network: int) -> DDPM:
    """An untrained model for images of ``shape`` (C, H, W); ``network`` as in ``unet_for``."""
    return DDPM(shape, choose("variant", variant, VARIANTS), **network)


# %% [markdown]
# Steps compose, so any $x_t$ is reached from $x_0$ in one jump, with
# $\bar\alpha_t = \prod_{s \le t} (1 - \beta_s)$ (Eq. 4):
#
# $$q(x_t \mid x_0) = \mathcal N\big(x_t;\ \sqrt{\bar\alpha_t}\,x_0,\ (1-\bar\alpha_t) I\big)$$


# %%
def coefficients(model: DDPM, t: Tensor) -> tuple[Tensor, Tensor]:
    """sqrt(alpha_bar_t) and sqrt(1 - alpha_bar_t) for steps t (N,), each (N, 1, 1, 1)."""
    alpha_bar = model.alpha_bar[t].view(-1, 1, 1, 1)
    return alpha_bar.sqrt(), (1 - alpha_bar).sqrt()


def diffuse(model: DDPM, x0: Tensor, t: Tensor, eps: Tensor) -> Tensor:
    """x_t from x_0 and noise eps, all (N, C, H, W)."""
    alpha, sigma = coefficients(model, t)
    # x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps                              [Eq. 4]
    return alpha * x0 + sigma * eps


# %% [markdown]
# ## The loss
#
# The bound's terms compare two Gaussians, the true and the learned step back (Eq. 5, Eq. 8).
# Written in terms of the noise, and with the weights dropped, they become (Eq. 14)
#
# $$L_\text{simple} = \mathbb E_{t, x_0, \epsilon}\,
#   \big\| \epsilon - \epsilon_\theta(\sqrt{\bar\alpha_t}\,x_0
#   + \sqrt{1-\bar\alpha_t}\,\epsilon,\ t) \big\|^2$$
#
# A network may as well be asked for $x_0$, or for $v = \sqrt{\bar\alpha_t}\,\epsilon -
# \sqrt{1-\bar\alpha_t}\,x_0$ (Salimans and Ho,
# [arXiv:2202.00512](https://arxiv.org/abs/2202.00512)): the same regression, with another weight
# for each $t$. The weights matter here, and so does how often each $t$ is drawn, which is a weight
# too. The paper draws all steps alike. The cosine variants draw them such that the log of the
# signal-to-noise ratio is normal (mean 0.6, standard deviation 2), much as Esser et al.
# ([arXiv:2403.03206](https://arxiv.org/abs/2403.03206)) do for flow matching, and measure the error
# as flow matching does: $\| x_0 - \hat x_0 \|^2$ times
# $(1 + \sqrt{\bar\alpha_t / (1-\bar\alpha_t)})^2$. So a short training goes where it shows. Steps
# at which nothing or everything is left to be guessed are not trained at all: of the thousand,
# $t < 12$ and $t > 968$. There the network answers by what it learned beside them.
#
# Getting $x_0$ back from a predicted $\epsilon$ multiplies the
# network's error by $\sqrt{1-\bar\alpha_t}/\sqrt{\bar\alpha_t}$, and near $t = T$ a briefly trained
# network has errors that no clamping mends.


# %%
def loss(model: DDPM, x0: Tensor, generator: torch.Generator) -> Tensor:
    """Algorithm 1 for a batch x0 (N, C, H, W): the mean squared error, a scalar."""
    # t ~ Uniform({1, ..., T}) in the paper; spread evenly over the batch
    t = model.steps[(T * stratified(len(x0), generator)).long()]
    eps = noise_like(x0, generator)
    alpha, sigma = coefficients(model, t)
    target = {"eps": eps, "x0": x0, "v": alpha * eps - sigma * x0}[model.target]
    error = (target - model(diffuse(model, x0, t, eps), t)).square()
    if model.target == "eps":
        return error.mean()  # L_simple = E || eps - eps_theta(x_t, t) ||^2                 [Eq. 14]
    # (1 + alpha / sigma)^2 || x_0 - x_hat_0 ||^2; the error of x_0 is sigma times v's
    weight = (alpha + sigma if model.target == "v" else 1 + alpha / sigma) ** 2
    return (weight * error).mean()


# %% [markdown]
# ## The sampler
#
# Whatever the network predicts yields an estimate of the clean image (Eq. 15),
#
# $$\hat x_0 = \big(x_t - \sqrt{1-\bar\alpha_t}\,\epsilon_\theta(x_t, t)\big)
#   / \sqrt{\bar\alpha_t}$$
#
# and a step back draws from the posterior of the forward process with $\hat x_0$ in place of $x_0$
# (Eq. 6, Eq. 7):
#
# $$\tilde\mu_t = \frac{\sqrt{\bar\alpha_{t-1}}\,\beta_t}{1-\bar\alpha_t}\,\hat x_0
#   + \frac{\sqrt{1-\beta_t}\,(1-\bar\alpha_{t-1})}{1-\bar\alpha_t}\,x_t,\qquad
#   \tilde\beta_t = \frac{1-\bar\alpha_{t-1}}{1-\bar\alpha_t}\,\beta_t$$
#
# The paper takes all 1000 steps. The same formulas hold between any two times $s < t$ with
# $\beta = 1 - \bar\alpha_t / \bar\alpha_s$, so that fewer steps will do.


# %%
def predict_x0(model: DDPM, x: Tensor, t: int) -> Tensor:
    """The clean image guessed from x_t, (N, C, H, W), clamped to [-1, 1] as the authors do."""
    alpha, sigma = (float(c) for c in coefficients(model, torch.tensor([t], device=x.device)))
    out = model(x, torch.full((len(x),), t, device=x.device))
    if model.target == "eps":
        out = (x - sigma * out) / alpha  #                                               [Eq. 15]
    elif model.target == "v":
        out = alpha * x - sigma * out
    return out.clamp(-1, 1)


def ancestral(
    model: DDPM, x: Tensor, times: list[int], generator: torch.Generator | None = None
) -> Iterator[Tensor]:
    """Algorithm 2 over decreasing ``times`` (T first, 0 last), from noise x; yields every x_s."""
    table = model.alpha_bar.tolist()
    for t, s in zip(times[:-1], times[1:], strict=True):
        x0 = predict_x0(model, x, t)
        beta = 1 - table[t] / table[s]
        # mu = sqrt(alpha_bar_s) beta / (1 - alpha_bar_t) x_0
        #      + sqrt(1 - beta) (1 - alpha_bar_s) / (1 - alpha_bar_t) x_t                  [Eq. 7]
        mean = table[s] ** 0.5 * beta / (1 - table[t]) * x0
        mean += (1 - beta) ** 0.5 * (1 - table[s]) / (1 - table[t]) * x
        # variance = (1 - alpha_bar_s) / (1 - alpha_bar_t) beta: zero at the last step      [Eq. 7]
        std = ((1 - table[s]) / (1 - table[t]) * beta) ** 0.5
        x = mean + std * noise_like(x, generator)
        yield x


# %% [markdown]
# Song et al. ([arXiv:2010.02502](https://arxiv.org/abs/2010.02502), DDIM) sample from the same
# network without noise: keep the direction, change the amounts (their Eq. 12 with $\sigma_t = 0$).


# %%
def ddim(model: DDPM, x: Tensor, times: list[int]) -> Iterator[Tensor]:
    """The deterministic steps over the same ``times``; yields every x_s."""
    table = model.alpha_bar.tolist()
    for t, s in zip(times[:-1], times[1:], strict=True):
        x0 = predict_x0(model, x, t)
        eps = (x - table[t] ** 0.5 * x0) / (1 - table[t]) ** 0.5
        # x_s = sqrt(alpha_bar_s) x_0 + sqrt(1 - alpha_bar_s) eps                    [DDIM Eq. 12]
        x = table[s] ** 0.5 * x0 + (1 - table[s]) ** 0.5 * eps
        yield x


# %% [markdown]
# Ancestral sampling and DDIM are two members of one family (DDIM, Eq. 12): a step may keep any part
# of the noise that it finds and draw the rest anew; given the true $x_0$, all have the same
# marginals. With
# $r = \sqrt{1-\bar\alpha}/\sqrt{\bar\alpha}$, the part kept is $(r_s/r_t)^\eta$: all of it for
# $\eta = 0$ (DDIM), $r_s / r_t$ for $\eta = 1$ (ancestral). Fresh noise washes out the errors of
# earlier steps, and costs accuracy where steps are long, since $\hat x_0$ changes within a step.
# Lu et al. ([arXiv:2211.01095](https://arxiv.org/abs/2211.01095), the stochastic DPM-Solver++(2M))
# extrapolate it, from this step and the one before, to the middle of the step in $\log r$. Then
# more noise pays: here $\eta = 4$. Nothing is trained for it, and 20 evaluations draw better images
# than 50 ancestral ones. It is the default.


# %%
def multistep(
    model: DDPM,
    x: Tensor,
    times: list[int],
    generator: torch.Generator | None = None,
    eta: float = ETA,
) -> Iterator[Tensor]:
    """Second-order steps with fresh noise over the same ``times``; yields every x_s."""
    table = model.alpha_bar.tolist()
    before, h_before = None, math.inf
    for t, s in zip(times[:-1], times[1:], strict=True):
        x0 = now = predict_x0(model, x, t)
        kept, h = 0.0, math.inf  # at the last step, to s = 0, where no noise is left
        if s > 0:
            ratio = ((1 / table[s] - 1) / (1 / table[t] - 1)) ** 0.5
            kept, h = ratio**eta, -math.log(ratio)
            if before is not None:
                x0 = now + h / (2 * h_before) * (now - before)
        before, h_before = now, h
        eps = (x - table[t] ** 0.5 * x0) / (1 - table[t]) ** 0.5
        z = noise_like(x, generator)
        eps = kept * eps + (1 - kept**2) ** 0.5 * z
        # x_s = sqrt(alpha_bar_s) x_0 + sqrt(1 - alpha_bar_s) eps                    [DDIM Eq. 12]
        x = table[s] ** 0.5 * x0 + (1 - table[s]) ** 0.5 * eps
        yield x


# %% [markdown]
# Few steps want to be spread well. The cosine schedule visits $\arctan r$ in equal steps;
# `multistep` those of $\arctan \sqrt{r/6}$, more of them at both ends.


# %%
def spread(model: DDPM, steps: int) -> list[int]:
    """``steps + 1`` different times from T to 0, about evenly spaced in arctan(sqrt(r / 6))."""
    ratios = (1 / model.alpha_bar[1:].cpu().double() - 1).sqrt()
    if steps == 1:
        return [T, 0]
    wanted = cosine_sigmas(steps, ratios[0].item(), ratios[-1].item(), **SPREAD)
    nearest = 1 + torch.searchsorted(ratios, torch.tensor(wanted, dtype=torch.float64))
    times = [T]
    for left, t in zip(range(steps - 1, 0, -1), nearest[1:].tolist(), strict=True):
        times.append(max(left, min(t, times[-1] - 1)))
    return [*times, 0]


def sample(
    model: DDPM,
    n: int,
    sampler: str = "multistep",
    nfe: int | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    """From noise to ``n`` images in at most ``nfe`` network evaluations; yields the noise first."""
    usual = SAMPLERS[choose("sampler", sampler, SAMPLERS)]
    steps = min(at_least("nfe", usual if nfe is None else nfe, 1), T)
    x = noise_like(model.alpha_bar.new_empty((n, *model.shape)), generator)
    times = [round(T * (1 - i / steps)) for i in range(steps + 1)]
    yield x
    if sampler == "multistep":
        yield from multistep(model, x, spread(model, steps), generator)
    elif sampler == "ancestral":
        yield from ancestral(model, x, times, generator)
    else:
        yield from ddim(model, x, times)


# %% [markdown]
# ## Training
#
# Fifteen seconds on the 8 x 8 digits of scikit-learn. `diffatlas run ddpm --data fashion-mnist
# --budget 5m` does the same with clothes. Each row below was drawn at one moment of the training.

# %%
if __name__ == "__main__":
    torch.manual_seed(0)
    data, model, rows = load("digits"), build((1, 8, 8)), []
    run = train(
        model, loss, data.train, "15s", on_milestone=lambda m, *_: rows.append(draw(sample, m, 16))
    )
    show(grid(torch.cat(rows), columns=16), "ddpm-training")

# %% [markdown]
# ## Samples
#
# From noise to digits: every row starts from its own noise on the left.

# %%
if __name__ == "__main__":
    states = trajectory(sample, run.model, n=6)
    show(strip(states, rows=6), "ddpm-strip")

# %%
if __name__ == "__main__":
    images = draw(sample, run.model, n=500)
    show(grid(images[:64]), "ddpm-samples")

# %% [markdown]
# ## The same noise, other samplers, fewer steps
#
# Every row starts from the same sixteen noises. From above: multistep sampling in 50, 10 and 4
# evaluations, then ancestral sampling and DDIM in as many. Ancestral images fall apart first: a
# step draws from a Gaussian, and the fewer the steps, the less Gaussian the truth. DDIM keeps its
# images and only blurs them.

# %%
if __name__ == "__main__":
    ways = [(name, nfe) for name in SAMPLERS for nfe in (50, 10, 4)]
    shown = [draw(sample, run.model, n=16, sampler=name, nfe=nfe) for name, nfe in ways]
    show(grid(torch.cat(shown), columns=16), "ddpm-steps")

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
# - *Many steps.* Every image costs as many network evaluations as there are steps. Try
#   `draw(sample, run.model, 64, sampler="ddim", nfe=10)`, then 5: where does it break?
# - *The paper's own choice* is the variant `linear-eps`. Train it for the same time: at a small
#   budget it lags behind. With `T` steps and days of training the difference is small.
# - *Learned variances* (Nichol and Dhariwal) make few steps better, and give better likelihoods.
# - `baselines/ncsn.py` reaches nearly the same loss from score matching, and
#   `baselines/score_sde.py` shows why: both are discretizations of one stochastic differential
#   equation.
# - *What the survey says* ([arXiv:2209.04747](https://arxiv.org/abs/2209.04747)): the many steps of
#   sampling are the main disadvantage of diffusion models. The rows above show what saving them
#   costs.
