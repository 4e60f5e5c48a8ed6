"""``diffatlas run``, ``sample`` and ``list``: the baselines from the shell."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

__all__ = ["list_", "plainly", "run", "sample"]


def plainly(command: Callable[..., int]) -> Callable[..., int]:
    """Turn a person's mistakes into one paragraph and exit status 2 (1: training failed)."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> int:
        # Set before torch is imported: see diffatlas.diffusion.device.
        try:
            from diffatlas.diffusion.device import cpu_seconds  # noqa: F401
            from diffatlas.diffusion.problems import DiffusionError, TrainingFailed
        except ModuleNotFoundError as error:
            from diffatlas.errors import MissingExtra

            raise MissingExtra(f"the baselines need {error.name}", "diffusion") from None
        try:
            return command(*args, **kwargs)
        except DiffusionError as error:
            click.echo(f"diffatlas: {error}", err=True)
            return 1 if isinstance(error, TrainingFailed) else 2

    return wrapped


@click.command("run")
@click.argument("name", metavar="ID")
@click.option(
    "--data", default="digits", show_default=True, help="digits, fashion-mnist, mnist, cifar-10."
)
@click.option("--data-dir", metavar="DIR", help="Folder or archive with the data set's files.")
@click.option("--variant", help="Which variant; `diffatlas list` names them.")
@click.option(
    "--budget", help="300s, 5m (of processor time), 2000steps. Default: 15s for digits, 5m."
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, mps.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--batch", default=32, show_default=True, type=click.IntRange(1, 4096))
@click.option("--width", default=1, show_default=True, type=click.IntRange(1, 16),
              help="Times as many channels in the network; above 1 also attention.")  # fmt: skip
@click.option("--classes", is_flag=True, help="Tell the network the classes: see `sample --class`.")
@click.option("--compile/--no-compile", "compiled", default=None,
              help="Compile the network. Default: on CUDA, in long runs.")  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write to. Default: runs/..."
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on from the last checkpoint in --out, with the same --budget.",
)
@click.option("--fresh", is_flag=True, help="Start over where --out holds an unfinished run.")
@click.option("--checkpoint-every", default="30s", show_default=True, help="Seconds or steps.")
@click.option(
    "--measure/--no-measure", default=True, help="Compare samples with test images at the end."
)
@plainly
def run(name: str, measure: bool, **options: Any) -> int:
    """Train the baseline ID, with samples on the way, and measure what it draws."""
    from diffatlas.diffusion import evaluation, runner
    from diffatlas.diffusion.checkpoints import write_bytes
    from diffatlas.diffusion.draw import draw

    if options["resume"] and options["fresh"]:
        raise click.UsageError(
            "--resume goes on with a run and --fresh starts over: give one of them"
        )
    folder, outcome, data = runner.run(name, **options)
    if not outcome.main:  # one of several processes: the first one tells
        return 0
    click.echo(f"{outcome.step} steps in {outcome.seconds:.0f} s; wrote {folder}/samples.png")
    if measure:
        n = min(500, len(data.test))
        labels = data.test_labels[:n] if options["classes"] else None
        images = draw(runner.find(name).sample, outcome.model, n, 1, labels=labels)
        measured = evaluation.measure(images, data, data_dir=options["data_dir"], labels=labels)
        click.echo(str(measured))
        write_bytes(folder / "measured.json", json.dumps(measured.as_dict(), indent=1).encode())
    click.echo(f"draw more: diffatlas sample {name} --weights {folder}/weights.safetensors")
    return 0


@click.command("sample")
@click.argument("name", metavar="ID")
@click.option("-n", "number", default=64, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--out", default="samples.png", show_default=True, type=click.Path(path_type=Path),
              help="A grid (.png) or an array `images`, uint8, N x H x W x C (.npz).")  # fmt: skip
@click.option("--sampler", help="Which sampler; `diffatlas list` names them.")
@click.option("--nfe", type=click.IntRange(1, 10_000), help="Network evaluations an image.")
@click.option("--variant", help="Which variant's stored weights.")
@click.option("--weights", type=click.Path(path_type=Path), help="Weights of a run of your own.")
@click.option("--class", "class_", metavar="NAME",
              help="Draw this class only, by name or number; `all`: each in turn.")  # fmt: skip
@click.option("--guidance", type=click.FloatRange(0), help="Exaggerate the class; 1: not at all.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, mps.")
@plainly
def sample(
    name: str,
    number: int,
    seed: int,
    out: Path,
    sampler: str | None,
    nfe: int | None,
    variant: str | None,
    weights: Path | None,
    class_: str | None,
    guidance: float | None,
    device: str,
) -> int:
    """Draw images from the stored weights of the baseline ID."""
    from tqdm import tqdm

    from diffatlas.diffusion import runner

    if out.suffix not in {".png", ".npz"}:
        raise click.UsageError(
            f"--out {out}: the name must end in .png (a grid) or .npz (an array)"
        )
    if not out.parent.is_dir():
        raise click.UsageError(f"--out {out}: there is no folder {out.parent}")
    if guidance is not None and class_ is None:
        raise click.UsageError("--guidance exaggerates a class: name one with --class, or `all`")
    ready = runner.trained(name, variant, weights, device)
    labels = None if class_ is None else ready.labels(class_, number)
    # A bar on a terminal, nothing elsewhere.
    with tqdm(total=number, desc="drawing", unit=" images", disable=None) as bar:
        images = ready.draw(number, seed, sampler, nfe, on_batch=bar.update, labels=labels,
                            guidance=1.0 if guidance is None else guidance)  # fmt: skip
    _write(out, images)
    chosen = sampler or next(iter(ready.module.SAMPLERS))
    click.echo(
        f"wrote {out}: {number} images by {name} ({ready.variant}, {ready.data}), "
        f"sampler {chosen}, about {nfe or ready.module.SAMPLERS[chosen]} network evaluations each, "
        f"seed {seed}"
    )
    return 0


def _write(out: Path, images: Any) -> None:
    import numpy as np

    from diffatlas.diffusion.checkpoints import write_bytes
    from diffatlas.diffusion.images import grid, save_png, to_uint8

    if out.suffix == ".npz":
        buffer = io.BytesIO()
        np.savez_compressed(buffer, images=to_uint8(images))
        write_bytes(out, buffer.getvalue())
    else:
        save_png(grid(images), out)


@click.command("list")
@plainly
def list_() -> int:
    """List the baselines: their variants, samplers, data sets and stored weights."""
    from diffatlas.diffusion import runner
    from diffatlas.diffusion.data import DATASETS

    for name in runner.names():
        module = runner.find(name)
        stored = runner.stored_weights(name)
        click.echo(f"{name}: {runner.title(name)}")
        for variant, text in module.VARIANTS.items():
            mark = f" [weights: {runner.STORED_DATA}]" if variant in stored else ""
            click.echo(f"  variant  {variant}: {text}{mark}")
        for sampler, nfe in module.SAMPLERS.items():
            click.echo(f"  sampler  {sampler} ({nfe} network evaluations by default)")
    click.echo(f"data sets: {', '.join(DATASETS)}")
    return 0
