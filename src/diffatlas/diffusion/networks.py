"""One small U-Net for all baselines, so that what differs between them is the framework alone.

The image is folded into patches (2 x 2 pixels become 4 channels), which quarters the work and
costs little quality at these sizes. Residual blocks with group normalization and SiLU as in Ho et
al. 2020 (appendix B); the time enters through a scale and a shift (FiLM) that start at zero, so
that a new block is the identity. Resampling is by strided and transposed 2 x 2 convolutions.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diffatlas.diffusion import device as devices
from diffatlas.diffusion.conditioning import ClassConditional

__all__ = ["UNet", "parameter_count", "unet_for"]

GROUPS = 8


def _zero(layer: nn.Module) -> None:
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


class Conv(nn.Conv2d):
    """3 x 3 convolution; in training on a CPU with bfloat16 arithmetic, it multiplies in that.

    That makes a training step a quarter faster. All else, and all sampling, stays in float32:
    group normalization in bfloat16 takes four times as long on a CPU.
    """

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__(c_in, c_out, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        if not (self.training and x.device.type == "cpu" and devices.fast_bfloat16()):
            return super().forward(x)
        weight, bias = self.weight.bfloat16(), None if self.bias is None else self.bias.bfloat16()
        return F.conv2d(x.bfloat16(), weight, bias, padding=1).to(x.dtype)


class TimeEmbedding(nn.Module):
    """``c`` (N,), any real numbers of order one -> (N, width): sines, cosines, two layers."""

    frequencies: Tensor

    def __init__(self, width: int, features: int = 32) -> None:
        super().__init__()
        # From a tenth of a period over the unit interval up to one hundred: coarse and fine clocks.
        frequencies = 2 * math.pi * torch.logspace(-1, 2, features // 2)
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.mlp = nn.Sequential(nn.Linear(features, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, c: Tensor) -> Tensor:
        angles = c[:, None].to(self.frequencies.dtype) * self.frequencies
        out: Tensor = self.mlp(torch.cat([angles.sin(), angles.cos()], dim=1))
        return out


class Block(nn.Module):
    """Residual block: (N, c_in, H, W) and a time embedding (N, e) -> (N, c_out, H, W)."""

    def __init__(self, c_in: int, c_out: int, e: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, c_in)
        self.conv1 = Conv(c_in, c_out)
        self.film = nn.Linear(e, 2 * c_out)
        self.norm2 = nn.GroupNorm(GROUPS, c_out)
        self.conv2 = Conv(c_out, c_out)
        self.skip = nn.Conv2d(c_in, c_out, 1) if c_in != c_out else nn.Identity()
        _zero(self.film)
        _zero(self.conv2)

    def forward(self, x: Tensor, e: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.film(e)[:, :, None, None].chunk(2, dim=1)
        h = self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))
        out: Tensor = self.skip(x) + h
        return out


class Attention(nn.Module):
    """Self-attention over all positions, four heads, starting as the identity."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(GROUPS, width)
        self.qkv = nn.Conv2d(width, 3 * width, 1)
        self.out = nn.Conv2d(width, width, 1)
        _zero(self.out)

    def forward(self, x: Tensor) -> Tensor:
        n, c, height, width = x.shape
        qkv = self.qkv(self.norm(x)).reshape(n, 3, self.heads, c // self.heads, height * width)
        q, k, v = qkv.transpose(-1, -2).unbind(1)
        h = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = x + self.out(h.transpose(-1, -2).reshape(n, c, height, width))
        return out


class UNet(nn.Module):
    """``net(x, c, y)``: images (N, C, H, W), noise labels (N,) or a scalar -> (N, C, H, W).

    ``y`` (N,) are classes from 0 to ``classes``, in a network that has some. ``c`` should grow
    steadily with the noise level and stay of order one (``t / T``, or a quarter of ``log sigma``);
    ``time=False`` makes a network that is not told the noise level at all.
    H and W must be multiples of ``2 * patch``. The last layer starts at zero: so does the output.
    """

    def __init__(
        self,
        channels: int,
        widths: tuple[int, int] = (32, 64),
        patch: int = 2,
        middle: int = 2,
        attention: bool = False,
        time: bool = True,
        classes: int = 0,
    ) -> None:
        super().__init__()
        a, b = widths
        e = 2 * b
        self.patch = patch
        self.embed = TimeEmbedding(e) if time else None
        self.blank = None if time else nn.Parameter(torch.zeros(e))
        self.label = nn.Embedding(classes + 1, e) if classes else None
        folded = channels * patch**2
        self.stem = Conv(folded, a)
        self.down1 = Block(a, a, e)
        self.shrink = nn.Conv2d(a, b, 2, stride=2)
        self.down2 = Block(b, b, e)
        self.middle = nn.ModuleList(Block(b, b, e) for _ in range(middle))
        self.attention = Attention(b) if attention else nn.Identity()
        self.up2 = Block(2 * b, b, e)
        self.grow = nn.ConvTranspose2d(b, a, 2, stride=2)
        self.up1 = Block(2 * a, a, e)
        self.norm = nn.GroupNorm(GROUPS, a)
        self.head = Conv(a, folded)
        _zero(self.head)
        if self.label is not None:
            _zero(self.label)
        for parameter in self.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)

    def forward(self, x: Tensor, c: Tensor | float = 0.0, y: Tensor | None = None) -> Tensor:
        if self.blank is not None:
            e = self.blank.expand(len(x), -1)
        else:
            assert self.embed is not None
            levels = torch.as_tensor(c, dtype=x.dtype, device=x.device).expand(len(x))
            e = self.embed(levels)
        if self.label is not None and y is not None:
            e = e + self.label(y)
        if self.embed is not None:
            e = F.silu(e)
        x = F.pixel_unshuffle(x, self.patch).contiguous(memory_format=torch.channels_last)
        fine = self.down1(self.stem(x), e)
        h = coarse = self.down2(self.shrink(fine), e)
        for block in self.middle:
            h = block(h, e)
        h = self.attention(h)
        h = self.up2(torch.cat([h, coarse], dim=1), e)
        h = self.up1(torch.cat([self.grow(h), fine], dim=1), e)
        h = self.head(F.silu(self.norm(h)))
        return F.pixel_shuffle(h, self.patch).contiguous()


def unet_for(
    shape: tuple[int, int, int], time: bool = True, width: int = 1, classes: int = 0
) -> nn.Module:
    """The network that suits images of ``shape`` (C, H, W): unpatched and narrow for digits.

    Args:
        width: how many times as many channels; from 2 on it has attention at the coarse level.
        classes: of how many it is told (:class:`ClassConditional`); 0: of none.

    Raises:
        ValueError: the images cannot be halved as often as the network does.
    """
    channels, height, across = shape
    if height % 4 or across % 4:
        raise ValueError(f"images of {height} x {across} pixels: both must be multiples of 4")
    small = max(height, across) <= 8
    a, b, patch, middle = (24, 48, 1, 1) if small else (32, 64, 2, 2)
    net = UNet(channels, (a * width, b * width), patch, middle, width > 1, time, classes)
    return ClassConditional(net, classes) if classes else net


def parameter_count(network: nn.Module) -> int:
    """How many numbers ``network`` learns."""
    return sum(p.numel() for p in network.parameters())
