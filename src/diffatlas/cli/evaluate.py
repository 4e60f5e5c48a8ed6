"""``diffatlas evaluate``: how close the images of a file are to a data set, whoever drew them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diffatlas.cli.run import plainly

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["evaluate"]


@click.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path), metavar="SAMPLES.npz")
@click.option("--data", default="fashion-mnist", show_default=True,
              help="digits, fashion-mnist, mnist, cifar-10.")  # fmt: skip
@click.option("--data-dir", metavar="DIR", help="Folder or archive with the data set's files.")
@click.option("--inception", is_flag=True,
              help="FID in Inception features; needs torch-fidelity and its weights.")  # fmt: skip
@click.option("--inception-weights", type=click.Path(path_type=Path), metavar="FILE",
              help="torch-fidelity's weights, if they cannot be fetched.")  # fmt: skip
@click.option("--against", type=click.Choice(["train", "test"]), default="train",
              show_default=True, help="The part of the data that FID compares with.")  # fmt: skip
@click.option("--device", default="auto", show_default=True, help="For --inception.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@plainly
def evaluate(
    file: Path,
    data: str,
    data_dir: str | None,
    inception: bool,
    inception_weights: Path | None,
    against: Any,
    device: str,
    as_json: bool,
) -> int:
    """Measure the array `images` (uint8, N x H x W x C) of SAMPLES.npz.

    `diffatlas sample ... --out SAMPLES.npz` writes such a file. With an array `labels` (N) in it,
    the share of the images that show their class is measured too.
    """
    from dataclasses import asdict

    from tqdm import tqdm

    from diffatlas.diffusion import device as devices
    from diffatlas.diffusion.data import load
    from diffatlas.diffusion.evaluation import inception_distance, measure

    images, labels = _read(file)
    chosen = load(data, data_dir)
    if inception or inception_weights:
        with tqdm(desc="Inception features", unit=" images", disable=None) as bar:
            fid = inception_distance(
                images, chosen, against, inception_weights, devices.pick(device), bar.update
            )
        click.echo(json.dumps(asdict(fid), indent=1) if as_json else str(fid))
        return 0
    found = measure(images, chosen, data_dir=data_dir, labels=labels)
    click.echo(json.dumps(found.as_dict(), indent=1) if as_json else str(found))
    return 0


def _read(file: Path) -> tuple[Tensor, Tensor | None]:
    """Images (N, C, H, W) in [-1, 1] and labels (N,) of an .npz file."""
    import zipfile

    import numpy as np
    import torch

    from diffatlas.diffusion.problems import BadSamples

    if not file.is_file():
        raise BadSamples(f"there is no file {file}")
    try:
        with np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in ("images", "labels") if name in arrays}
    except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise BadSamples(f"{file} is not a readable .npz file ({error})") from None
    pixels, labels = found.get("images"), found.get("labels")
    if pixels is None or pixels.dtype != np.uint8 or pixels.ndim != 4:
        what = "none" if pixels is None else f"{pixels.dtype} {pixels.shape}"
        raise BadSamples(f"{file} needs an array `images`, uint8, N x H x W x C; it has {what}")
    if labels is not None and (labels.shape != pixels.shape[:1] or labels.dtype.kind not in "iu"):
        raise BadSamples(f"{file}: `labels` must be one whole number for each of the images")
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    return images, None if labels is None else torch.from_numpy(labels.astype(np.int64))
