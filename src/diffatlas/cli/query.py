"""The subcommands that ask the catalog: find, show, compare, crosstab, export."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from diffatlas.errors import CatalogError

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["compare", "crosstab", "export", "find", "show"]

# What tables show; csv and json give all columns. A narrow terminal leaves the room to the titles.
_SHOWN = ["id", "year", "title", "frameworks", "tasks"]
_NARROW = 140

_catalog = click.option(
    "--catalog",
    metavar="PATH",
    type=click.Path(),
    help="Ask another catalog: a folder of YAML, or a compiled one.",
)


def _format(*choices: str) -> Callable[[Any], Any]:
    return click.option(
        "--format",
        "-f",
        "style",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        help="How to print the answer.",
    )


def _load(catalog: str | None) -> Atlas:
    import diffatlas

    return diffatlas.load(catalog)


def _width() -> int:
    return max(40, shutil.get_terminal_size((100, 24)).columns)


def _print(
    style: str, names: list[str], rows: list[list[Any]], wrap: bool = False, whole: int = 0
) -> None:
    from diffatlas.catalog import writers

    if style == "table":
        text = writers.to_text(names, rows, _width(), wrap, whole)
    else:
        text = getattr(writers, f"to_{style}")(names, rows)
    click.echo(text, nl=False)


@click.command("find")
@click.argument("filter", nargs=-1, metavar='"FILTER"')
@_format("table", "ids", "csv", "json", "bibtex", "csl", "markdown", "latex")
@_catalog
def find(filter: tuple[str, ...], style: str, catalog: str | None) -> None:
    """List the papers that match FILTER, in the order of the papers.

    \b
    Terms are joined by AND, commas inside a term mean OR, a minus sign excludes:
      diffatlas find "framework:ddpm,ncsn task:inpainting -condition:text"
      diffatlas find "year:2021.. has:code author:song \\"score matching\\""

    Fields: framework task condition dataset architecture year submitted has origin provenance
    author venue heading title id arxiv doi. After `--` a filter may begin with a minus sign
    unquoted.
    """
    from diffatlas.catalog import writers

    atlas = _load(catalog)
    found = atlas.find(" ".join(filter))
    if style == "ids":
        click.echo("".join(f"{own}\n" for own in found["id"]), nl=False)
    elif style == "bibtex":
        click.echo(atlas.bibtex(found), nl=False)
    elif style == "csl":
        from diffatlas.catalog import csl

        records = atlas.records("papers")
        click.echo(csl.entries(records[own] for own in found["id"]), nl=False)
    else:
        if style not in ("csv", "json"):
            narrow = style == "table" and _width() < _NARROW
            found = found[_SHOWN[:-1] if narrow else _SHOWN]
        names, rows = writers.rows_of(found)
        _print(style, names, rows, whole=1)
        if style == "table":
            papers = "paper" if len(rows) == 1 else "papers"
            click.echo(f"{len(rows)} {papers} of {len(atlas.papers)}", err=True)


@click.command("show")
@click.argument("ref")
@click.option(
    "--format",
    "-f",
    "style",
    type=click.Choice(["text", "json", "bibtex", "csl", "apa", "markdown"]),
    default="text",
    show_default=True,
    help="The last four cite a paper.",
)
@_catalog
def show(ref: str, style: str, catalog: str | None) -> None:
    """Show all that is known about REF: an id, a name, or kind/id such as tasks/inpainting."""
    atlas = _load(catalog)
    kind, own = atlas.resolve(ref)
    record = atlas.entity(f"{kind}/{own}")
    if style == "json":
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    if style != "text":
        if kind != "papers":
            raise click.UsageError(f"--format {style} cites papers; {kind}/{own} is none")
        click.echo(_cited(record, style), nl=False)
        return
    from diffatlas.catalog.cards import card

    click.echo(card(atlas, kind, record, _width()), nl=False)


def _cited(record: dict[str, Any], style: str) -> str:
    from diffatlas.catalog import bibtex, citations, csl

    if style == "bibtex":
        return bibtex.entry(record)
    if style == "csl":
        return csl.entries([record])
    return (citations.apa if style == "apa" else citations.markdown)(record) + "\n"


@click.command("compare")
@click.argument("refs", nargs=-1, metavar="REF REF [REF [REF]]")
@click.option("--kind", help="Take the references as entities of this kind.")
@click.option("--differing", is_flag=True, help="Leave out the rows that are equal.")
@_format("table", "markdown", "latex", "csv", "json")
@_catalog
def compare(
    refs: tuple[str, ...], kind: str | None, differing: bool, style: str, catalog: str | None
) -> None:
    """Put two to four entities of one kind side by side; rows that differ are marked with *."""
    from diffatlas.catalog import tables, writers

    frame = _load(catalog).compare(*refs, kind=kind)
    if differing:
        frame = frame[frame["differs"]]
    if style in ("latex", "markdown"):
        click.echo(getattr(tables, f"to_{style}")(frame), nl=False)
    elif style in ("csv", "json"):
        _print(style, *writers.rows_of(frame))
    else:
        _print(style, *tables.marked(frame), wrap=True)


@click.command("crosstab")
@click.argument("row")
@click.argument("column")
@click.option("--filter", "chosen", default="", help="Count only the papers that match this.")
@click.option("--rollup", is_flag=True, help="Count a paper under the broader terms as well.")
@click.option("--top", is_flag=True, help="Only the topmost terms, everything rolled up.")
@_format("table", "markdown", "latex", "csv", "json")
@_catalog
def crosstab(
    row: str, column: str, chosen: str, rollup: bool, top: bool, style: str, catalog: str | None
) -> None:
    """Count papers over two fields, such as framework and task; zeros are kept."""
    from diffatlas.catalog import writers

    frame = _load(catalog).crosstab(row, column, filter=chosen, rollup=rollup, top=top)
    frame.index.name = f"{frame.index.name} \\ {frame.columns.name}"
    names, rows = writers.rows_of(frame)
    if style == "table":
        click.echo(writers.in_blocks(names, rows, _width()), nl=False)
    else:
        _print(style, names, rows)


@click.command("export")
@click.argument("directory", type=click.Path())
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help="csv, json, parquet, sqlite, bibtex or csl; may be repeated. Default: all.",
)
@click.option("--force", is_flag=True, help="Replace files that no earlier export wrote.")
@_catalog
def export(directory: str, formats: tuple[str, ...], force: bool, catalog: str | None) -> None:
    """Write papers, results, terms, edges and provenance into DIRECTORY."""
    atlas = _load(catalog)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        written = atlas.export(directory, formats, force)
    for warning in told:
        click.echo(f"diffatlas: {warning.message}", err=True)
    if not written:
        raise CatalogError("nothing was written")
    click.echo(f"{directory}: {', '.join(written)}")
