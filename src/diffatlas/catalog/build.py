"""From a checked catalog to stored tables; what ``tools.compile`` and the wheel's build share.

Needs PyYAML and pydantic alone, so that it runs where a wheel is built.
"""

from __future__ import annotations

import os
from pathlib import Path

from diffatlas.catalog.compiled import compile_catalog, read_table, sources_hash, write
from diffatlas.errors import CatalogError

__all__ = ["Refused", "build", "up_to_date"]

# The generated schemas serve editors; no table depends on them.
_NO_MATTER = frozenset({"F610"})


class Refused(CatalogError):
    """A catalog with errors, which is not compiled; the text lists them."""


def build(
    catalog: str | os.PathLike[str],
    out: str | os.PathLike[str],
    force: bool = False,
    version: str | None = None,
) -> dict[str, int] | None:
    """Check a catalog and write its tables to ``out``; return the number of entities by kind.

    Returns None, having done nothing, where the tables are of the same sources already.
    Raises ``Refused`` if the check finds errors; then the old tables stay.
    """
    if not force and up_to_date(catalog, out):
        return None
    from diffatlas.catalog.check import check

    findings = [f for f in check(catalog) if f.severity == "error" and f.code not in _NO_MATTER]
    if findings:
        listed = "\n".join(str(finding) for finding in findings)
        plural = "" if len(findings) == 1 else "s"
        raise Refused(f"{listed}\nnot compiled: {len(findings)} error{plural}", findings)
    tables = compile_catalog(catalog, version)
    write(tables, out)
    counts: dict[str, int] = tables["manifest"]["counts"]
    return counts


def up_to_date(catalog: str | os.PathLike[str], out: str | os.PathLike[str]) -> bool:
    """Whether ``out`` holds every table, made from these very sources."""
    if not Path(catalog).is_dir():
        return False
    try:
        manifest = read_table(out, "manifest")
        tables = [*manifest["counts"], "provenance"]
        whole = all((Path(out) / f"{name}.json").is_file() for name in tables)
        return bool(whole and manifest["sources"] == sources_hash(catalog))
    except (OSError, ValueError, KeyError, TypeError):
        return False
