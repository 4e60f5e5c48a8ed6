"""A small catalog without findings, one entity of each kind at least, for tests to damage."""

from __future__ import annotations

from datetime import date
from pathlib import Path

TODAY = date(2026, 11, 24)

HEAD = "# yaml-language-server: $schema=../schema/{}.json\n"

HO = """\
# yaml-language-server: $schema=../../schema/paper.json
id: ho2020denoising
title: Denoising diffusion probabilistic models
authors:
- Jonathan Ho
- Ajay Jain
- Pieter Abbeel
year: 2020
submitted: 2020-06-19
venue: NeurIPS 2020
arxiv: '2006.11239'
doi: 10.5555/3495724.3496298
url: https://arxiv.org/abs/2006.11239
code:
- https://github.com/hojonathanho/diffusion
survey_heading:
- Unconditional Generation
in_table1: true
frameworks: [ddpm]
tasks: [generation]
conditions: [class]
datasets: [cifar-10]
architectures: [u-net]
summary: Trains a network to predict the noise in an image.
relations:
  builds_on: [song2020score]
provenance:
- status: survey
  source: companion
  facts: [title, authors, arxiv, survey_heading, in_table1, frameworks.ddpm, tasks.generation]
- status: repository
  source: github:hojonathanho/diffusion
  facts: [datasets.cifar-10, code]
- status: inferred
  source: arxiv:2006.11239
  facts: [submitted, conditions.class, architectures.u-net]
  note: follows from the arXiv id
- status: recall
  source: memory
  facts: [venue, doi]
"""

SONG = """\
# yaml-language-server: $schema=../../schema/paper.json
id: song2020score
title: Score-based generative modeling through stochastic differential equations
authors:
- Yang Song
year: 2020
submitted: 2020-11-26
arxiv: '2011.13456'
frameworks: [sde]
tasks: [sampling]
conditions: []
datasets: [cifar-10]
provenance:
- status: paper
  source: arxiv:2011.13456
  facts: [title, authors, submitted, arxiv, frameworks.sde, tasks.sampling, datasets.cifar-10]
"""


def term(kind: str, name: str, rest: str = "", title: str = "") -> str:
    return (
        HEAD.format(kind)
        + f"id: {name}\nname: {title or name.title()}\nsummary: What it is.\ndefinition: More.\n"
        + rest
    )


NOTE = "- paper: ho2020denoising\n  how: It does.\n"

FILES: dict[str, str] = {
    "frameworks/ddpm.yaml": term(
        "framework", "ddpm", "papers: [ho2020denoising]\nlinks:\n- to: sde\n  how: A limit.\n"
    ),
    "frameworks/sde.yaml": term("framework", "sde"),
    "families/vae.yaml": term("family", "vae", "shares: A.\ndiffers: B.\nbridges:\n" + NOTE),
    "tasks/generation.yaml": term("task", "generation"),
    "tasks/sampling.yaml": term("task", "sampling", "broader: [generation]\n"),
    "conditions/class.yaml": term("condition", "class"),
    "datasets/cifar-10.yaml": term("dataset", "cifar-10", "modality: image\n"),
    "architectures/u-net.yaml": term("architecture", "u-net"),
    "metrics/fid.yaml": term(
        "metric", "fid", "direction: lower\nmeasures: Distance.\ndoes_not_measure: Copying.\n"
    ),
    "limitations/speed.yaml": term("limitation", "speed", "addressed_by:\n" + NOTE),
    "directions/faster.yaml": term("direction", "faster", "addressed_by:\n" + NOTE),
    "sources/companion.yaml": HEAD.format("source")
    + "id: companion\nname: Companion list\nurl: https://github.com/someone/list\n",
    "papers/2020/ho2020denoising.yaml": HO,
    "papers/2020/song2020score.yaml": SONG,
    "results/cifar-10.yaml": HEAD.format("result")
    + "dataset: cifar-10\nresults:\n- paper: ho2020denoising\n  model: DDPM\n  metric: fid\n"
    "  value: 3.17\n  nfe: 1000\n  source: arxiv:2006.11239\n",
    "baselines/ddpm.yaml": HEAD.format("baseline")
    + "id: ddpm\nname: DDPM\nsummary: It runs.\nframeworks: [ddpm]\ntasks: [generation]\n"
    "conditions: [class]\ndatasets: [cifar-10]\npapers: [ho2020denoising]\n"
    "file: baselines/ddpm.py\nsamplers: [ddpm]\n",
    "questions/speed.yaml": HEAD.format("question")
    + "id: speed\nname: Speed\nplace: 1\nasks: How fast?\noptions:\n- id: slow\n  label: Slow\n"
    "  least: 1\n- id: fast\n  label: Fast\n  least: 10\n",
    "candidates/ddpm.yaml": HEAD.format("candidate")
    + "id: ddpm\nuse: At first.\nrules:\n- when:\n    speed: [slow]\n  weight: 1\n"
    "  because: It is slow.\n  sources: [frameworks/ddpm]\n",
}


def write_catalog(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> Path:
    """The sample catalog in ``folder``; a change of None leaves a file out."""
    files: dict[str, str | bytes | None] = {**FILES, **(changes or {})}
    for name, content in files.items():
        if content is None:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
