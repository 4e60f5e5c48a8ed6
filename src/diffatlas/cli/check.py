"""``diffatlas check``: every error of a catalog, with its place and its mend."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["check"]


@click.command()
@click.argument("path", default="catalog", type=click.Path(path_type=Path))
@click.option("--fix", is_flag=True, help="First mend what a machine can: order and formatting.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "github"]),
    default="text",
    show_default=True,
    help="How findings are printed; github: annotations for a workflow.",
)
@click.option("--coverage", is_flag=True, help="Then say how complete it is, on what it rests.")
def check(path: Path, fix: bool, style: str, coverage: bool) -> int:
    """Report every error of a catalog, all in one run.

    PATH is a catalog's folder (default: ./catalog), or a folder or file in one. A finding reads
    `file:line:column CODE what is wrong; how to mend it`. Exit status: 0 none, 1 some, 2 usage.
    """
    from diffatlas.catalog.check import check as find

    if fix:
        from diffatlas.catalog.fix import fix as mend

        for changed in mend(path):
            click.echo(f"mended {changed}", err=True)
    findings = find(path)
    for finding in findings:
        click.echo(finding.github() if style == "github" else str(finding))
    if not findings:
        click.echo(f"{path}: no findings", err=True)
        if coverage:
            click.echo(_coverage(path))
        return 0
    files = len({finding.file for finding in findings})
    plural = "" if len(findings) == 1 else "s"
    click.echo(f"{len(findings)} finding{plural} in {files} file{'s'[: files != 1]}", err=True)
    if coverage:
        click.echo("the coverage is counted where there are no findings", err=True)
    return int(any(finding.severity == "error" for finding in findings))


def _coverage(path: Path) -> str:
    from diffatlas.catalog import coverage, writers
    from diffatlas.catalog.atlas import load
    from diffatlas.catalog.check import find_root

    root, _ = find_root(path)
    atlas = load(root)
    standings = coverage.standings(atlas).join(coverage.agreed(atlas))
    names, rows = writers.rows_of(standings)
    filled = coverage.fields(atlas)
    filled = filled[(filled["kind"] == "papers")][["field", "filled", "entities"]]
    parts = [
        "Facts of papers by what they rest on, at best; agreed: two or more sources attest them:",
        writers.to_text(names, rows, 100),
        "Papers that have a field:",
        writers.to_text(*writers.rows_of(filled), 100),
    ]
    recall = coverage.facts(atlas)
    recall = recall[recall["standing"] == "recall"]
    share = 100 * coverage.attested(atlas, "origin:survey")
    parts.append(
        f"{share:.1f} % of the surveyed papers' frameworks, tasks, conditions and data sets rest on"
        f" more than memory; {len(recall)} facts of papers on memory alone, oldest papers first:"
    )
    parts += [f"  {row.entity}: {row.field} {row.value}" for row in recall.itertuples()]
    parts.append("Missing:")
    for name, listed in coverage.gaps(atlas).items():
        more = f", and {len(listed) - 8} more" if len(listed) > 8 else ""
        parts.append(f"  {name}: {len(listed)} ({', '.join(listed[:8])}{more})")
    return "\n".join(parts)
