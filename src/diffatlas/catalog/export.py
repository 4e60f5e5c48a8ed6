"""Writes the whole catalog into a folder, in the formats that other programs read.

Each file is written under a temporary name and then renamed, so a reader never sees half of one
and a failed export leaves the older files as they were.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffatlas.catalog import csl, sqlite, writers
from diffatlas.catalog.datapackage import DESCRIPTOR, datapackage, is_ours
from diffatlas.errors import CatalogError, ExportError, MissingExtra, did_you_mean

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["FORMATS", "TABLES", "export"]

FORMATS = ("csv", "json", "parquet", "sqlite", "bibtex", "csl")
TABLES = ("papers", "results", "terms", "edges", "provenance")

# Numbers or texts such as "250x2": always texts, so that the schema does not hang on the content.
_MIXED = frozenset(("resolution", "guidance", "nfe"))

Rows = list[list[Any]]
Write = Callable[[Path], None]


def export(
    atlas: Atlas,
    directory: str | os.PathLike[str],
    formats: Sequence[str] = (),
    force: bool = False,
) -> list[str]:
    """See ``Atlas.export``. ``formats`` (default: all) chooses among ``FORMATS``.

    Parquet asked for by name without pyarrow raises ``MissingExtra`` before anything is written;
    otherwise its absence is only warned about.
    """
    for name in formats:
        if name not in FORMATS:
            guess = did_you_mean(name, FORMATS) or f"; it may be {', '.join(FORMATS)}"
            raise CatalogError(f"there is no format {name!r}{guess}")
    missing = None if _has_pyarrow() else MissingExtra("Parquet needs pyarrow", "parquet")
    if missing and "parquet" in formats:
        raise missing
    chosen = [name for name in FORMATS if not formats or name in formats]
    if missing and "parquet" in chosen:
        chosen.remove("parquet")
        warnings.warn(f"no Parquet files were written: {missing}", stacklevel=3)

    if not os.fspath(directory).strip():
        raise ExportError("no folder is named; name one to write to, such as atlas/")
    files = _files(atlas, chosen)
    folder = Path(directory)
    if not force:
        _refuse_foreign(folder, files)
    _make(folder)
    for name, write in files.items():
        _atomically(folder / name, write)
    return list(files)


def _files(atlas: Atlas, chosen: Sequence[str]) -> dict[str, Write]:
    """Name -> what writes that file, for every file of the chosen formats."""
    files: dict[str, Write] = {}
    if "csv" in chosen:  # first: it marks the folder, also where a later file fails
        files[DESCRIPTOR] = _text(datapackage(atlas, TABLES))
    for table in TABLES if {"csv", "json", "parquet"} & set(chosen) else ():
        names, rows = writers.rows_of(getattr(atlas, table))
        if "csv" in chosen:
            files[f"{table}.csv"] = _text(writers.to_csv(names, rows))
        if "json" in chosen:
            files[f"{table}.json"] = _text(writers.to_json(names, rows))
        if "parquet" in chosen:
            files[f"{table}.parquet"] = _parquet(names, rows)
    if "sqlite" in chosen:
        files["atlas.sqlite"] = lambda path: sqlite.write(atlas, path)
    if "bibtex" in chosen:
        files["papers.bib"] = _text(atlas.bibtex())
    if "csl" in chosen:
        files["papers.csl.json"] = _text(csl.entries(atlas.records("papers").values()))
    return files


def _refuse_foreign(folder: Path, names: Iterable[str]) -> None:
    """Raise ``ExportError`` where files would be replaced that no earlier export left.

    An export with CSV leaves its descriptor, and a folder with that is one of exports.
    """
    there = [name for name in names if os.path.lexists(folder / name)]
    if there and not is_ours(folder / DESCRIPTOR):
        listed = ", ".join(there)
        raise ExportError(
            f"{folder} has {listed} already, and no {DESCRIPTOR} of an earlier export beside it; "
            "nothing was written: choose another folder, or replace them with --force (force=True)"
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass  # says now, and not after a minute, that nothing can be written here
    except OSError as error:
        raise _refusal(folder, error) from error


def _atomically(path: Path, write: Write) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise _refusal(path, error) from error
    except sqlite3.Error as error:
        raise ExportError(f"cannot write {path}: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _refusal(path: Path, error: OSError) -> ExportError:
    advice = {
        errno.ENOSPC: "; free some space or choose a folder on another disk",
        errno.EDQUOT: "; free some space or choose a folder on another disk",
        errno.EACCES: "; choose a folder that you may write to",
        errno.EROFS: "; choose a folder that you may write to",
        errno.ENOTDIR: "; a part of that path is a file",
        errno.EEXIST: "; that is a file, a folder is needed",
    }
    reason = (error.strerror or str(error)).lower()
    return ExportError(f"cannot write {path}: {reason}{advice.get(error.errno or 0, '')}")


def _text(content: str) -> Write:
    def write(path: Path) -> None:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)

    return write


def _has_pyarrow() -> bool:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        return False
    return True


def _parquet(names: Sequence[str], rows: Rows) -> Write:
    def write(path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {}
        for at, name in enumerate(names):
            values = [row[at] for row in rows]
            columns[name] = _arrow_column(pa, name, values)
        pq.write_table(pa.table(columns), path)

    return write


def _arrow_column(pa: Any, name: str, values: list[Any]) -> Any:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {list}:
        flat = {type(item) for value in values for item in value or ()}
        if flat <= {str}:
            return pa.array(values, type=pa.list_(pa.string()))
    if name in ("submitted", "added"):
        return pa.array(values, type=pa.string()).cast(pa.date32())
    if name in _MIXED:
        return pa.array([v if v is None else _as_text(v) for v in values], type=pa.string())
    for kind, arrow in ((bool, pa.bool_()), (int, pa.int64()), (float, pa.float64())):
        if kinds == {kind}:
            return pa.array(values, type=arrow)
    if kinds == {int, float}:
        return pa.array([None if v is None else float(v) for v in values], type=pa.float64())
    # Texts, and mappings as JSON.
    texts = [v if v is None or isinstance(v, str) else _as_text(v) for v in values]
    return pa.array(texts, type=pa.string())


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
