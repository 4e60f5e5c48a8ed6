"""The tables behind an atlas: columns of plain values, each kind read when it is first needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffatlas.catalog.compiled import FORMAT, compile_catalog, nest_provenance, read_table
from diffatlas.errors import CatalogError, NotCompiled

__all__ = ["KINDS", "Tables", "open_tables"]

# Where a reference fits several kinds, the first of these wins.
KINDS = (
    "frameworks",
    "families",
    "tasks",
    "conditions",
    "datasets",
    "architectures",
    "metrics",
    "limitations",
    "directions",
    "sources",
    "papers",
    "results",
    "baselines",
    "questions",
    "candidates",
)

# Their sources stand elsewhere: in the baseline's file, at each rule.
WITHOUT_PROVENANCE = ("baselines", "questions", "candidates")

PROVENANCE = ("kind", "entity", "field", "value", "status", "source", "note", "contradicts")

# Without these a table says nothing; every other kind has ids.
_COLUMNS = {
    "papers": ("id", "title", "authors", "year", "submitted"),
    "results": ("dataset", "paper", "metric", "value"),
    "provenance": (*PROVENANCE, "record"),
}

_PACKAGED = Path(__file__).resolve().parent.parent / "_data"


class Tables:
    """Columns by kind, out of a compiled folder or out of memory."""

    def __init__(self, found: Mapping[str, Any], folder: Path | None = None) -> None:
        self.kinds = KINDS
        self._folder = folder
        self._tables: dict[str, Any] = dict(found)
        self._ordered = False

    @property
    def version(self) -> str:
        """The hash of the sources that the catalog was compiled from."""
        return str(self._table("manifest").get("sources", ""))

    def size(self, kind: str) -> int:
        """The number of rows of a kind, without reading it where the manifest tells."""
        counts = self._table("manifest").get("counts", {})
        if kind in counts:
            return int(counts[kind])
        return len(next(iter(self.columns(kind).values()), ()))

    def columns(self, kind: str) -> dict[str, list[Any]]:
        """Column -> one value an entity, None where it is missing."""
        table: dict[str, list[Any]] = self._table(kind)
        if kind == "papers" and not self._ordered:
            table = self._tables[kind] = _in_order(table)
            self._ordered = True
        return table

    def provenance(self) -> dict[str, list[Any]]:
        """One row a fact and source."""
        table = self._table("provenance")
        return {name: table[name] for name in PROVENANCE}

    def records(self, kind: str) -> dict[str, dict[str, Any]]:
        """Id -> record as the YAML has it; a list of results goes by its data set's id."""
        columns = self.columns(kind)
        rows = [
            {key: value for key, value in zip(columns, row, strict=True) if value is not None}
            for row in zip(*columns.values(), strict=True)
        ]
        if kind == "results":
            lists: dict[str, dict[str, Any]] = {}
            for row in rows:
                dataset = row.pop("dataset")
                lists.setdefault(dataset, {"dataset": dataset, "results": []})
                lists[dataset]["results"].append(row)
            return lists
        records = {row["id"]: row for row in rows}
        if kind not in WITHOUT_PROVENANCE:
            for (of, own), sources in self._nested_provenance().items():
                if of == kind and own in records:
                    records[own]["provenance"] = sources
        return records

    def _nested_provenance(self) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
        nested = self._tables.get("nested provenance")
        if nested is None:
            nested = nest_provenance(self._table("provenance"))
            self._tables["nested provenance"] = nested
        return nested

    def _table(self, name: str) -> Any:
        if name not in self._tables:
            if self._folder is None:
                raise CatalogError(f"the catalog has no table {name!r}")
            try:
                table = read_table(self._folder, name)
                if name != "manifest":
                    self._look_at(name, table)
            except (OSError, ValueError) as error:
                raise NotCompiled(
                    f"the compiled catalog in {self._folder} is damaged ({name}.json: {error});"
                    " compile it again with `make catalog`, or install the package again"
                ) from error
            self._tables[name] = table
        return self._tables[name]

    def _look_at(self, name: str, table: Any) -> None:
        """Raise ``ValueError`` for what is no table, or lacks columns or rows."""
        if not isinstance(table, dict) or not all(isinstance(v, list) for v in table.values()):
            raise ValueError("it is no table")
        lost = [column for column in _COLUMNS.get(name, ("id",)) if column not in table]
        if lost:
            raise ValueError(f"it lacks {', '.join(lost)}")
        rows = {len(values) for values in table.values()}
        if len(rows) > 1 or rows != {self._table("manifest")["counts"].get(name, *rows)}:
            raise ValueError("it lacks rows")


def open_tables(path: str | os.PathLike[str] | None = None) -> Tables:
    """The tables of ``diffatlas.load(path)``; see there."""
    if path is None:
        if not (_PACKAGED / "manifest.json").is_file():
            raise NotCompiled(
                "this copy of diffatlas carries no compiled catalog; in a clone run `make catalog`,"
                ' or read the YAML directly: diffatlas.load("catalog"), --catalog catalog'
            )
        return _compiled(_PACKAGED)
    folder = Path(path)
    if not folder.is_dir():
        raise CatalogError(f"there is no folder {str(path)!r} to load a catalog from")
    if (folder / "manifest.json").is_file():
        return _compiled(folder)
    if not any((folder / kind).is_dir() for kind in KINDS):
        raise CatalogError(
            f"{str(path)!r} is no catalog: it has none of the folders {', '.join(KINDS[:3])}, ..."
            " and no manifest.json"
        )
    return Tables(compile_catalog(folder))


def _compiled(folder: Path) -> Tables:
    tables = Tables({}, folder)
    manifest = tables._table("manifest")
    whole = isinstance(manifest, dict) and isinstance(manifest.get("counts"), dict)
    if not whole or manifest.get("format") != FORMAT:
        raise NotCompiled(
            f"the catalog in {folder} was compiled for another version of diffatlas;"
            " compile it again with `make catalog`"
        )
    return tables


def _in_order(papers: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Papers by year, date of submission (unknown ones last in their year), id."""
    keys = zip(
        papers["year"],
        (day or "9999" for day in papers["submitted"]),
        papers["id"],
        strict=True,
    )
    order = [at for at, _ in sorted(enumerate(keys), key=lambda pair: pair[1])]
    if order == list(range(len(order))):
        return papers
    return {name: [values[at] for at in order] for name, values in papers.items()}
