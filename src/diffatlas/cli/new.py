"""``diffatlas new paper``: a first entry to fill in."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click

from diffatlas.errors import CatalogError

__all__ = ["new"]

_AUTHORS = "Authors in full, parted by semicolons"


@click.group("new")
def new() -> None:
    """Start an entry of the catalog."""


@new.command("paper")
@click.argument("identifier")
@click.option("--title", help="As published.")
@click.option("--author", "authors", multiple=True, help="Full name; once for each, in order.")
@click.option("--submitted", type=click.DateTime(["%Y-%m-%d"]), help="Day of the first version.")
@click.option("--year", type=int, help="Year of the first version, where the day is not known.")
@click.option("--venue", default="", help="Where it was published, such as NeurIPS 2020.")
@click.option("--code", multiple=True, help="A repository of its authors; may be repeated.")
@click.option("--id", "key", help="The entry's id; made of author, year and title by default.")
@click.option("--survey", is_flag=True, help="The survey cites it (default: it is beyond).")
@click.option("--fetch", is_flag=True, help="Ask arXiv's public API for title, authors and date.")
@click.option(
    "--catalog",
    default="catalog",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The catalog's folder.",
)
def paper(
    identifier: str,
    title: str | None,
    authors: tuple[str, ...],
    submitted: object,
    year: int | None,
    venue: str,
    code: tuple[str, ...],
    key: str | None,
    survey: bool,
    fetch: bool,
    catalog: Path,
) -> None:
    """Write a first, valid entry for IDENTIFIER, an arXiv id, a DOI or an address of one.

    What the options do not say is asked for. Nothing leaves the machine without --fetch. A paper
    that the catalog has already, by its identifier or by nearly its title, is refused, and so is
    an entry that `diffatlas check` would not pass: then nothing is written.
    """
    from diffatlas.catalog import drafts
    from diffatlas.catalog.atlas import load
    from diffatlas.catalog.rules.identifiers import arxiv_month

    kind, own = drafts.identifier(identifier)
    papers = load(catalog).records("papers")
    holder = next((k for k, p in papers.items() if str(p.get(kind, "")).lower() == own.lower()), "")
    if holder:
        raise CatalogError(
            f"the catalog has {identifier} already: {_place(catalog, papers, holder)}"
        )
    if fetch:
        if kind != "arxiv":
            raise click.UsageError("--fetch asks arXiv, which needs an arXiv id")
        from diffatlas.catalog.arxiv import fetch as ask

        draft = ask(own)
    else:
        day = submitted.date() if hasattr(submitted, "date") else None
        month = arxiv_month(own) if kind == "arxiv" else None
        draft = drafts.Draft(
            title=" ".join((title or _ask("Title, as published", "--title")).split()),
            authors=_names(authors or _ask(_AUTHORS, "--author").split(";")),
            year=day.year if day else year or (month[0] if month else _year()),
            submitted=day,
            source=f"{kind}:{own}",
            note="Typed in from the paper.",
        )
        setattr(draft, kind, own)
    draft.venue, draft.code = " ".join(venue.split()) or draft.venue, list(code)
    draft.origin = "survey" if survey else "beyond"
    found = drafts.duplicates(draft, papers)
    if found:
        listed = ", ".join(_place(catalog, papers, other) for other in found)
        raise CatalogError(f"the catalog has a paper of nearly this title already: {listed}")
    key = key or drafts.key_of(draft.authors, draft.year, draft.title, papers)
    if key in papers:
        there = _place(catalog, papers, key)
        raise CatalogError(f"{there} has the id {key} already; choose another with --id")
    path = drafts.write(draft, catalog, key, date.today())
    click.echo(f"wrote {path}")
    click.echo(_todo(path, catalog))


def _place(catalog: Path, papers: dict[str, dict[str, object]], own: str) -> str:
    return str(catalog / "papers" / str(papers[own]["year"]) / f"{own}.yaml")


def _ask(what: str, option: str) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(f"{what.lower()} is not known; give it with {option}")
    return str(click.prompt(what)).strip()


def _year() -> int:
    given = _ask("Year of the first public version", "--year")
    if not (given.isdecimal() and len(given) == 4):
        raise click.UsageError(f"{given!r} is not a year")
    return int(given)


def _names(given: Iterable[str]) -> list[str]:
    return [" ".join(name.split()) for name in given if name.strip()]


def _todo(path: Path, catalog: Path) -> str:
    return (
        "It is valid as it stands. Now fill in what a source shows you:\n"
        "  frameworks, tasks, conditions, datasets   ids of terms (see catalog/<kind>/)\n"
        "  architectures, relations, venue, code      where they are known\n"
        "  summary      one or two sentences of your own: what it does differently\n"
        "  provenance   one record a source, with the facts that it attests\n"
        f"then check it: diffatlas check {catalog if catalog.is_dir() else path}"
    )
