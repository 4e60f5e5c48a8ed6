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
def check(path: Path, fix: bool, style: str) -> int:
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
        return 0
    files = len({finding.file for finding in findings})
    plural = "" if len(findings) == 1 else "s"
    click.echo(f"{len(findings)} finding{plural} in {files} file{'s'[: files != 1]}", err=True)
    return int(any(finding.severity == "error" for finding in findings))
