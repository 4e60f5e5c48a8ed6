"""``diffatlas choose``: a few answers in, a ranked list of frameworks with reasons out."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from diffatlas.cli.query import _catalog, _format, _load, _width

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["QUESTIONS", "choose"]

# The catalog's questions (a test holds the two together): --help must not read the catalog.
QUESTIONS = {
    "task": "What the model is for: restoration, text-to-image, inpainting, ...",
    "condition": "What steers the samples: none, class, text, image, ...",
    "nfe": "Network evaluations for one sample: a number, or one, few, tens, hundreds.",
    "likelihood": "Whether one is needed: no, bound, exact.",
    "pretrained": "Whether a trained model can be used: yes, no.",
    "compute": "What it will run on: cpu, gpu, gpus.",
    "size": "Pixels along a side: a number, or small, medium, large.",
    "data": "What the values are: continuous, categories.",
}


def _questions(command: Callable[..., Any]) -> Callable[..., Any]:
    for name in reversed(QUESTIONS):
        command = click.option(f"--{name}", metavar="ANSWER", help=QUESTIONS[name])(command)
    return command


@click.command("choose")
@_questions
@click.option("--top", default=5, show_default=True, type=click.IntRange(1), help="How many.")
@_format("table", "json")
@_catalog
def choose(top: int, style: str, catalog: str | None, **answers: str | None) -> int:
    """Which framework should I use? Answer what you know; every answer is optional.

    \b
      diffatlas choose --task inpainting --nfe 10 --likelihood no

    Without an answer, on a terminal, the questions are asked. Exit status 1: nothing fits.
    """
    from diffatlas.catalog.choosing import answered, guide, rank
    from diffatlas.errors import CatalogError

    atlas = _load(catalog)
    if not any(answers.values()):
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            flags = " ".join(f"--{name}" for name in QUESTIONS)
            raise CatalogError(f"answer at least one question: {flags}")
        answers = _ask(atlas)
    chosen = answered(atlas, answers)
    known = guide(atlas)
    ranked = rank(known["candidates"], chosen)
    if style == "json":
        about = {c["id"]: c for c in known["candidates"]}
        for entry in ranked:
            entry["defined_by"] = about[entry["id"]]["papers"]
            entry["command"] = about[entry["id"]]["command"]
        found: Any = {"answers": chosen, "candidates": ranked}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _show(known["candidates"], ranked, top, chosen)
    return 0 if ranked and ranked[0]["rank"] else 1


def _ask(atlas: Atlas) -> dict[str, str | None]:
    """Every question in turn; an empty line leaves it open, a wrong answer is asked again."""
    from diffatlas.catalog.choosing import answered
    from diffatlas.errors import CatalogError

    answers: dict[str, str | None] = {}
    records = atlas.records("questions").values()
    for question in sorted(records, key=lambda q: q["place"]):
        click.echo(question["asks"])
        for option in question["options"]:
            click.echo(f"  {option['id']:<14} {option['label']}")
        while True:
            typed = click.prompt(question["id"], default="", show_default=False).strip()
            try:
                answers |= answered(atlas, {question["id"]: typed or None})
            except CatalogError as error:
                click.echo(str(error), err=True)
                continue
            break
    if not answers:
        raise CatalogError("nothing was answered")
    return answers


def _show(
    candidates: list[dict[str, Any]],
    ranked: list[dict[str, Any]],
    top: int,
    answers: dict[str, str],
) -> None:
    about = {candidate["id"]: candidate for candidate in candidates}
    click.echo(", ".join(f"{question}: {option}" for question, option in answers.items()))
    for entry in ranked[:top]:
        if entry["rank"] is None:
            break
        own = about[entry["id"]]
        click.echo(f"\n{entry['rank']}. {own['name']} ({own['id']}), score {entry['score']}")
        for reason in entry["reasons"]:
            mark = f"{reason['weight']:+d}" if reason["weight"] else "  "
            text = f"{reason['because']} [{', '.join(reason['sources'])}]"
            click.echo(
                textwrap.fill(
                    text, _width(), initial_indent=f"   {mark} ", subsequent_indent=" " * 6
                )
            )
        if own["papers"]:
            click.echo(f"   read {', '.join(own['papers'])}")
        if own["command"]:
            click.echo(f"   run  {own['command']}")
    out = [entry for entry in ranked if entry["rank"] is None]
    if out:
        click.echo("\nLeft out:")
    for entry in out:
        text = f"{entry['id']}: {entry['reasons'][0]['because']}"
        click.echo(textwrap.fill(text, _width(), initial_indent="   ", subsequent_indent=" " * 6))
