"""The catalog as one SQLite file that opens well in datasette.

A table a kind with ``id`` as its key, link tables with foreign keys (``paper_tasks``, ...), lists
as JSON arrays (which datasette offers as facets), indices on every foreign key, and a full-text
index on papers that ignores diacritics.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffatlas.catalog.filters import FACETS
from diffatlas.catalog.relations import TERM_KINDS
from diffatlas.catalog.writers import rows_of

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["write"]

_TERM = """
CREATE TABLE {kind} (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, aliases TEXT, origin TEXT, summary TEXT,
  definition TEXT, {extra}"not" TEXT
);
CREATE TABLE {kind}_broader (
  id TEXT NOT NULL REFERENCES {kind}(id), broader TEXT NOT NULL REFERENCES {kind}(id),
  PRIMARY KEY (id, broader)
);
CREATE INDEX {kind}_broader_up ON {kind}_broader(broader);
"""

# Fields of single kinds that are worth a column of their own.
_EXTRA = {
    "frameworks": ("forward", "objective", "reverse"),
    "families": ("shares", "differs"),
    "datasets": ("modality", "homepage"),
    "metrics": ("direction", "unit", "measures", "does_not_measure"),
}

_LINK = """
CREATE TABLE paper_{facet} (
  paper TEXT NOT NULL REFERENCES papers(id), {term} TEXT NOT NULL REFERENCES {facet}(id),
  PRIMARY KEY (paper, {term})
);
CREATE INDEX paper_{facet}_term ON paper_{facet}({term});
"""

_SCHEMA = """
CREATE TABLE papers (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, authors TEXT, year INTEGER NOT NULL, submitted TEXT,
  venue TEXT, arxiv TEXT, doi TEXT, code TEXT, frameworks TEXT, tasks TEXT, conditions TEXT,
  datasets TEXT, architectures TEXT, survey_heading TEXT, in_table1 INTEGER NOT NULL, url TEXT,
  origin TEXT, summary TEXT, aliases TEXT, added TEXT, corrected TEXT
);
CREATE INDEX papers_year ON papers(year);
CREATE INDEX papers_arxiv ON papers(arxiv);
CREATE TABLE paper_authors (
  paper TEXT NOT NULL REFERENCES papers(id), position INTEGER NOT NULL, author TEXT NOT NULL,
  PRIMARY KEY (paper, position)
);
CREATE INDEX paper_authors_author ON paper_authors(author);
CREATE TABLE paper_relations (
  paper TEXT NOT NULL REFERENCES papers(id), relation TEXT NOT NULL,
  target TEXT NOT NULL REFERENCES papers(id), PRIMARY KEY (paper, relation, target)
);
CREATE INDEX paper_relations_target ON paper_relations(target);
CREATE TABLE sources (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT, version TEXT, note TEXT
);
CREATE TABLE baselines (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, summary TEXT, frameworks TEXT, variants TEXT, tasks TEXT,
  conditions TEXT, datasets TEXT, papers TEXT, file TEXT, samplers TEXT
);
CREATE TABLE results (
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL REFERENCES datasets(id),
  paper TEXT NOT NULL REFERENCES papers(id), model TEXT, resolution TEXT,
  metric TEXT NOT NULL REFERENCES metrics(id), value REAL NOT NULL, bound TEXT, conditional TEXT,
  guidance TEXT, nfe TEXT, sampler TEXT, samples INTEGER, source TEXT, recited INTEGER NOT NULL,
  note TEXT
);
CREATE INDEX results_dataset ON results(dataset, metric);
CREATE INDEX results_paper ON results(paper);
CREATE INDEX results_metric ON results(metric);
CREATE TABLE edges (
  source_kind TEXT NOT NULL, source TEXT NOT NULL, relation TEXT NOT NULL,
  target_kind TEXT NOT NULL, target TEXT NOT NULL
);
CREATE INDEX edges_source ON edges(source_kind, source);
CREATE INDEX edges_target ON edges(target_kind, target);
CREATE TABLE provenance (
  kind TEXT NOT NULL, entity TEXT NOT NULL, field TEXT, value TEXT, status TEXT NOT NULL,
  source TEXT NOT NULL, note TEXT, contradicts INTEGER NOT NULL
);
CREATE INDEX provenance_entity ON provenance(kind, entity, field);
CREATE INDEX provenance_status ON provenance(status);
"""

_SEARCH = """
CREATE VIRTUAL TABLE papers_fts USING fts5(
  title, authors, summary, aliases, content="papers", tokenize="unicode61 remove_diacritics 2"
);
INSERT INTO papers_fts(papers_fts) VALUES ('rebuild');
"""


def write(atlas: Atlas, path: Path) -> None:
    """Write the file anew. Raises ``sqlite3.Error`` or ``OSError``."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # The file is renamed into place when it is whole: a journal would only cost time.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for statement in _statements(_schema()):
            db.execute(statement)
        _fill(db, atlas)
        if _has_fts5(db):
            for statement in _statements(_SEARCH):
                db.execute(statement)
        db.execute("COMMIT")
        db.execute("ANALYZE")


def _schema() -> str:
    parts = []
    for kind in TERM_KINDS:
        extra = "".join(f"{name} TEXT, " for name in _EXTRA.get(kind, ()))
        parts.append(_TERM.format(kind=kind, extra=extra))
    parts.append(_SCHEMA)
    parts += [_LINK.format(facet=facet, term=facet.removesuffix("s")) for facet in FACETS]
    return "".join(parts)


def _statements(script: str) -> Iterable[str]:
    return (part for part in script.split(";\n") if part.strip())


def _has_fts5(db: sqlite3.Connection) -> bool:
    return ("ENABLE_FTS5",) in db.execute("PRAGMA compile_options").fetchall()


def _fill(db: sqlite3.Connection, atlas: Atlas) -> None:
    for kind in TERM_KINDS:
        names = ["id", "name", "aliases", "origin", "summary", "definition"]
        names += [*_EXTRA.get(kind, ()), "not"]
        records = [{"origin": "survey", **record} for record in atlas.records(kind).values()]
        _insert(db, kind, names, ([record.get(n) for n in names] for record in records))
        pairs = [(r["id"], up) for r in records for up in r.get("broader") or ()]
        _insert(db, f"{kind}_broader", ("id", "broader"), pairs)
    names, rows = rows_of(atlas.papers.drop(columns=["relations"]))
    _insert(db, "papers", names, rows)
    papers = atlas.records("papers")
    for facet in FACETS:
        pairs = [(own, term) for own, r in papers.items() for term in r.get(facet) or ()]
        _insert(db, f"paper_{facet}", ("paper", facet.removesuffix("s")), pairs)
    authors = [
        (own, at, name) for own, r in papers.items() for at, name in enumerate(r["authors"], 1)
    ]
    _insert(db, "paper_authors", ("paper", "position", "author"), authors)
    relations = [
        (own, relation, target)
        for own, r in papers.items()
        for relation, targets in (r.get("relations") or {}).items()
        for target in targets or ()
    ]
    _insert(db, "paper_relations", ("paper", "relation", "target"), relations)
    for table in ("sources", "baselines", "results", "edges", "provenance"):
        columns = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        names, rows = rows_of(getattr(atlas, table))
        keep = [at for at, name in enumerate(names) if name in columns]
        _insert(db, table, [names[at] for at in keep], ([r[at] for at in keep] for r in rows))


def _insert(
    db: sqlite3.Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    quoted = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    # OR IGNORE: a term that a paper names twice is one link.
    db.executemany(
        f"INSERT OR IGNORE INTO {table} ({quoted}) VALUES ({marks})",
        ([_cell(value) for value in row] for row in rows),
    )


def _cell(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False) if value else None
    return int(value) if isinstance(value, bool) else value
