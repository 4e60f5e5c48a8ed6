"""The compiled catalog: one columnar JSON file a kind, quick to load without pydantic or YAML.

``compile_catalog`` turns a folder of YAML into tables and ``write`` stores them::

    <kind>.json       {column: [one value an entity, in order of id]}
                      columns in the models' key order; null where the key is absent; nested values
                      as they are; dates as ISO strings. Records of provenance are not repeated here
    results.json      one row a measured value, the data set's id in the first column, ``dataset``
    provenance.json   one row a fact: kind, entity, record, field, value, status, source, note,
                      contradicts. ``record`` numbers the entity's records from 0, ``value`` is text
                      (a term's id, or the key's value; lists joined by "; ") or null for texts of
                      paragraphs, ``contradicts`` is true where the source denies the fact
    manifest.json     format, version, sources (a hash), counts

Rows of ``papers`` are ordered by id as well. ``read_table`` gets one table back.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from diffatlas.errors import CatalogError

__all__ = [
    "FORMAT",
    "compile_catalog",
    "nest_provenance",
    "read_table",
    "sources_hash",
    "write",
]

FORMAT = 1
Table = dict[str, list[Any]]

PROVENANCE_COLUMNS = (
    "kind",
    "entity",
    "record",
    "field",
    "value",
    "status",
    "source",
    "note",
    "contradicts",
)
_CODE = (
    "compiled.py",
    "fields.py",
    "guide.py",
    "models.py",
    "nodes.py",
    "reading.py",
    "scalars.py",
)


def compile_catalog(path: str | os.PathLike[str], version: str | None = None) -> dict[str, Any]:
    """Tables of a catalog folder, by name: each kind, ``provenance`` and ``manifest``.

    ``version`` goes into the manifest; default is the package's.

    Raises ``CatalogError``, its ``findings`` filled, where a file cannot be read, has not the
    shape of its kind, or where an id stands for two entities or for none.
    """
    from diffatlas.catalog import models
    from diffatlas.catalog.loading import load_entities

    root = Path(path)
    entities, findings = load_entities(root)
    if findings:
        shown = "\n".join(f"  {finding}" for finding in findings[:20])
        more = f"\n  and {len(findings) - 20} more" if len(findings) > 20 else ""
        raise CatalogError(f"the catalog at {root} cannot be used:\n{shown}{more}", findings)

    tables: dict[str, Any] = {}
    provenance: Table = {column: [] for column in PROVENANCE_COLUMNS}
    for kind, model in models.KINDS.items():
        records = entities.get(kind, {})
        if kind == "results":
            tables[kind] = _results(records, models.keys(models.Result))
            continue
        columns = [key for key in models.keys(model) if key != "provenance"]
        rows = [records[name] for name in sorted(records)]
        tables[kind] = {key: [_plain(row.get(key)) for row in rows] for key in columns}
        for row in rows:
            _add_provenance(provenance, kind, row)
    tables["provenance"] = provenance
    tables["manifest"] = {
        "format": FORMAT,
        "version": _version() if version is None else version,
        "sources": sources_hash(root),
        "counts": {kind: _length(tables[kind]) for kind in models.KINDS},
    }
    return tables


def _length(table: Table) -> int:
    return len(next(iter(table.values()), []))


def _plain(value: Any) -> Any:
    """Dates as ISO strings; all else is plain already."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _results(records: Mapping[str, Any], columns: Iterable[str]) -> Table:
    table: Table = {column: [] for column in ("dataset", *columns)}
    for dataset in sorted(records):
        for row in records[dataset]["results"]:
            for column in table:
                table[column].append(dataset if column == "dataset" else _plain(row.get(column)))
    return table


def _add_provenance(table: Table, kind: str, entity: Mapping[str, Any]) -> None:
    for number, record in enumerate(entity.get("provenance", ())):
        for key in ("facts", "contradicts"):
            for fact in record.get(key, ()):
                field, _, term = fact.partition(".")
                row = (
                    kind,
                    entity["id"],
                    number,
                    field,
                    term or _as_text(entity.get(field)),
                    record["status"],
                    record["source"],
                    record.get("note"),
                    key == "contradicts",
                )
                for column, value in zip(PROVENANCE_COLUMNS, row, strict=True):
                    table[column].append(value)


def _as_text(value: Any) -> str | None:
    # A definition or equation as the "value" of a fact would only repeat the entity.
    if value is None or (isinstance(value, str) and len(value) > 200):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(str(_plain(item)) for item in value)
    return str(_plain(value))


def nest_provenance(table: Mapping[str, list[Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The records of provenance as the files have them, by (kind, entity id)."""
    nested: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for kind, entity, number, field, value, status, source, note, contradicts in zip(
        *(table[column] for column in PROVENANCE_COLUMNS), strict=True
    ):
        records = nested.setdefault((kind, entity), [])
        while len(records) <= number:
            records.append({"status": status, "source": source, "facts": []})
        record = records[number]
        fact = f"{field}.{value}" if field in _FACETS else field
        record.setdefault("contradicts" if contradicts else "facts", []).append(fact)
        if note is not None:
            record["note"] = note
    return nested


_FACETS = frozenset(("frameworks", "tasks", "conditions", "datasets", "architectures"))


def write(tables: Mapping[str, Any], directory: str | os.PathLike[str]) -> None:
    """Store tables as JSON files. The manifest goes last: it vouches for the others."""
    target = Path(directory)
    target.mkdir(parents=True, exist_ok=True)
    for name in sorted(tables, key=lambda name: name == "manifest"):
        _replace(target / f"{name}.json", tables[name])


def _replace(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text + "\n")
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_table(directory: str | os.PathLike[str], name: str) -> Any:
    """One table that ``write`` stored. Raises ``OSError`` or ``ValueError``."""
    return json.loads((Path(directory) / f"{name}.json").read_bytes())


def sources_hash(path: str | os.PathLike[str]) -> str:
    """A hash over every YAML file of a catalog and over the code that compiles it."""
    root = Path(path)
    digest = hashlib.sha256(f"{FORMAT}\n".encode())
    for name in _CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    for file in sorted(root.rglob("*.yaml"), key=lambda file: file.relative_to(root).as_posix()):
        if file.is_file():
            digest.update(f"\n{file.relative_to(root).as_posix()}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _version() -> str:
    import diffatlas

    return diffatlas.__version__
