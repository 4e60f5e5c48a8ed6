"""The catalog as a person asks it: DataFrames, filters, comparisons, citations, exports."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from diffatlas.catalog.references import common_kind, resolve, singular
from diffatlas.catalog.stored import Tables, open_tables
from diffatlas.catalog.vocabulary import Vocabulary
from diffatlas.errors import CatalogError, UnknownField, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from diffatlas.catalog.matching import PaperIndex

__all__ = ["Atlas", "load"]


def load(path: str | os.PathLike[str] | None = None) -> Atlas:
    """The catalog that came with the package, or the one at ``path``.

    ``path`` is a folder of YAML files or a folder that ``tools.compile`` wrote. YAML is read at
    once: every file has to have the shape of its kind, and every id that is referred to has to
    exist; ``diffatlas check`` asks for more. Compiled tables are read when they are asked for.
    Raises ``NotCompiled`` where the package carries no catalog or one that is damaged, and
    ``CatalogError``, with the findings, where the YAML cannot be used.
    """
    return Atlas(open_tables(path))


class _Frame:
    """An attribute that is the DataFrame of the kind it is named after."""

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.kind = name

    def __get__(self, atlas: Atlas | None, owner: type | None = None) -> pd.DataFrame:
        if atlas is None:
            return self  # type: ignore[return-value]
        return atlas.frame(self.kind)


class Atlas:
    """One catalog. Its DataFrames are copies: changing one changes neither the atlas nor `find`.

    Every kind is an attribute: one row an entity, in the catalog's order; papers are ordered by
    year, then date of submission (unknown ones last), then id, and every selection keeps that
    order. Lists inside the cells are shared; treat them as constant.
    """

    papers = _Frame("One row a paper; facets are lists of term ids, ``submitted`` is a date.")
    frameworks = _Frame("DDPM, NCSN, SDE and their variants.")
    families = _Frame("The related families of generative models.")
    tasks = _Frame("What the models are used for; ``broader`` makes a hierarchy.")
    conditions = _Frame("What the generation is conditioned on; ``broader`` makes a hierarchy.")
    datasets = _Frame("Data sets.")
    architectures = _Frame("Network architectures.")
    metrics = _Frame("Metrics, with their direction and what they do not measure.")
    limitations = _Frame("The limitations that the survey names.")
    directions = _Frame("The directions that the survey names.")
    sources = _Frame("Lists and repositories that facts are taken from.")
    results = _Frame("Reported numbers with their protocol; never rank across protocols.")
    baselines = _Frame("The runnable baselines.")
    questions = _Frame("The questions of the guided choice; ``candidates`` are its answers.")
    candidates = _Frame("The frameworks that it may recommend, with their rules.")

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._frames: dict[str, pd.DataFrame] = {}
        self._records: dict[str, dict[str, dict[str, Any]]] = {}
        self._vocabularies: dict[str, Vocabulary] = {}

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {kind}" for kind, n in self.counts.items() if n)
        return f"<Atlas of {counts}>"

    # What there is.

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of entities; frameworks first, as they win where a reference is ambiguous."""
        return self._tables.kinds

    @property
    def counts(self) -> dict[str, int]:
        """How many entities (for results: numbers) of each kind."""
        return {kind: self._tables.size(kind) for kind in self.kinds}

    @property
    def version(self) -> str:
        """What tells this catalog from another: a hash of its sources."""
        return self._tables.version

    def frame(self, kind: str) -> pd.DataFrame:
        """The DataFrame of a kind, by its plural or singular name. Raises ``UnknownField``."""
        kind = self.kind(kind)
        found = self._frames.get(kind)
        if found is None:
            from diffatlas.catalog import frames

            columns = self._tables.columns(kind)
            names = frames.PAPER_COLUMNS if kind == "papers" else tuple(columns)
            found = self._frames[kind] = frames.frame(columns, names)
        return found.copy(deep=False)

    @cached_property
    def _provenance(self) -> pd.DataFrame:
        from diffatlas.catalog import frames

        columns = self._tables.provenance()
        return frames.frame(columns, tuple(columns))

    @property
    def provenance(self) -> pd.DataFrame:
        """A row a fact: kind, entity, field, value, status, source, note, contradicts."""
        return self._provenance.copy(deep=False)

    @property
    def terms(self) -> pd.DataFrame:
        """All terms of all vocabularies in one table, with their ``kind``."""
        from diffatlas.catalog.relations import terms

        return terms(self)

    @property
    def edges(self) -> pd.DataFrame:
        """Every typed link: source_kind, source, relation, target_kind, target."""
        from diffatlas.catalog.relations import edges

        return edges(self)

    def kind(self, name: str) -> str:
        """The kind called ``name`` (``task`` and ``tasks`` alike). Raises ``UnknownField``."""
        wanted = name.strip().lower()
        for kind in self.kinds:
            if wanted in (kind, singular(kind)):
                return kind
        raise UnknownField(
            f"there is no kind {name!r}{did_you_mean(wanted, self.kinds)}"
            f" (the kinds are {', '.join(self.kinds)})"
        )

    def fields(self, kind: str) -> list[str]:
        """The keys that a kind's entities may have, in the order in which they are read."""
        return list(self._tables.columns(kind))

    def records(self, kind: str) -> dict[str, dict[str, Any]]:
        """Id -> the whole record, nested as in the YAML; dates are ISO texts. Do not change it.

        ``results`` go by the id of their data set.
        """
        kind = self.kind(kind)
        found = self._records.get(kind)
        if found is None:
            found = self._records[kind] = self._tables.records(kind)
        return found

    def vocabulary(self, kind: str) -> Vocabulary:
        """The terms of a kind as a hierarchy."""
        kind = self.kind(kind)
        found = self._vocabularies.get(kind)
        if found is None:
            columns = self._tables.columns(kind)
            ids = columns["id"] if "id" in columns else list(dict.fromkeys(columns["dataset"]))
            names = columns.get("name") or columns.get("title") or ids
            nothing: Sequence[Any] = [None] * len(ids)
            found = self._vocabularies[kind] = Vocabulary(
                ids,
                [name or own for name, own in zip(names, ids, strict=True)],
                [aliases or () for aliases in columns.get("aliases", nothing)],
                [broader or () for broader in columns.get("broader", nothing)],
            )
        return found

    # One entity.

    def resolve(self, ref: str, kind: str | None = None) -> tuple[str, str]:
        """``ddpm``, ``frameworks/ddpm``, a name or an alias -> (kind, id).

        An exact id beats a name; among kinds, the order of ``kinds`` decides. Raises
        ``UnknownEntity`` with suggestions.
        """
        return resolve(self, ref, kind)

    def entity(self, ref: str, kind: str | None = None) -> dict[str, Any]:
        """The record behind a reference, with its ``kind`` in front. Raises ``UnknownEntity``."""
        found, own = self.resolve(ref, kind)
        return {"kind": found, **self.records(found)[own]}

    def narrower(self, kind: str, term: str, recursive: bool = True) -> list[str]:
        """The ids of the terms below ``term``: all of them, or only its children."""
        kind, own = self.resolve(term, self.kind(kind))
        vocabulary = self.vocabulary(kind)
        return vocabulary.narrower(own) if recursive else vocabulary.children(own)

    # Many papers.

    @cached_property
    def _index(self) -> PaperIndex:
        from diffatlas.catalog.filters import FACETS
        from diffatlas.catalog.matching import PaperIndex

        baselines = self._tables.columns("baselines").get("papers", ())
        return PaperIndex(
            self._tables.columns("papers"),
            {facet: self.vocabulary(facet) for facet in FACETS},
            {paper for papers in baselines for paper in papers or ()},
            set(self._tables.columns("results").get("paper", ())),
            self._papers_by_status,
        )

    def _papers_by_status(self) -> dict[str, set[str]]:
        """Status -> the papers with a fact that a source of this status attests."""
        table = self._tables.provenance()
        found: dict[str, set[str]] = {}
        keys = ("kind", "entity", "status", "contradicts")
        for kind, own, status, against in zip(*(table[key] for key in keys), strict=True):
            if kind == "papers" and not against:
                found.setdefault(status, set()).add(own)
        return found

    def find(self, filter: str = "") -> pd.DataFrame:
        """The papers that match a filter (see ``diffatlas.catalog.filters``), in papers' order.

        Raises ``FilterError``, which points at what it does not understand.
        """
        rows = self._index.rows(filter)
        self.frame("papers")
        return self._frames["papers"].take(rows)

    def long(self, facet: str) -> pd.DataFrame:
        """One row a (paper, value) of a list column, as column ``task`` for ``tasks``, after id.

        Papers without a value have no row. Raises ``UnknownField``.
        """
        from diffatlas.catalog.frames import LISTS

        papers = self.papers
        lists = [name for name in papers.columns if name in LISTS]
        names = {**{singular(name): name for name in lists}, **{name: name for name in lists}}
        column = names.get(facet.strip().lower())
        if column is None:
            guess = did_you_mean(facet, names) or f"; it may be {', '.join(lists)}"
            raise UnknownField(f"papers have no list {facet!r}{guess}")
        exploded = papers.explode(column, ignore_index=True)
        exploded = exploded[exploded[column].notna()].reset_index(drop=True)
        exploded.insert(1, singular(column), exploded.pop(column).astype("str"))
        return exploded

    def crosstab(
        self, a: str, b: str, filter: str = "", rollup: bool = False, top: bool = False
    ) -> pd.DataFrame:
        """Counts of papers over two fields: facets, ``year``, ``origin``, ``venue``, ``heading``.

        Every term of a facet has its row or column, zeros too: what no paper here has. With
        ``rollup`` a paper also counts under the terms broader than its own, so that each cell is
        the length of ``find("a:x b:y")``; ``top`` rolls up and keeps only the topmost terms.
        """
        from diffatlas.catalog.relations import crosstab

        return crosstab(self, a, b, filter, rollup or top, top)

    def choose(self, **answers: Any) -> pd.DataFrame:
        """Frameworks for a purpose: ``choose(task="inpainting", nfe=10, likelihood="no")``.

        A row a candidate, best first, excluded ones last and without a rank. Raises
        ``CatalogError``. See ``diffatlas.catalog.choosing``.
        """
        from diffatlas.catalog.choosing import choose

        return choose(self, answers)

    # Side by side, and out of here.

    def compare(self, *refs: str, kind: str | None = None) -> pd.DataFrame:
        """Two to four entities of one kind: a row a field, a column an entity, and ``differs``.

        Where a reference fits several kinds, one that fits all of them is taken. Raises
        ``UnknownEntity``, or ``CatalogError`` for entities of different kinds.
        """
        from diffatlas.catalog.tables import compare

        if not 2 <= len(refs) <= 4:
            raise CatalogError(f"compare takes two to four entities, not {len(refs)}")
        shared, ids = common_kind(self, refs, kind)
        if len(set(ids)) < len(ids):
            raise CatalogError(f"an entity is named twice: {', '.join(ids)}")
        records = self.records(shared)
        return compare([records[own] for own in ids], self.fields(shared))

    def bibtex(self, papers: pd.DataFrame | Iterable[str] | None = None) -> str:
        """BibTeX entries of a selection: a DataFrame with a column ``id``, ids, or all papers."""
        from diffatlas.catalog.bibtex import entries

        records = self.records("papers")
        if papers is None:
            return entries(records.values())
        listed: Any = papers
        if hasattr(papers, "columns"):
            listed = listed["id"].drop_duplicates()
        elif isinstance(papers, str):
            listed = [papers]
        return entries(records[self.resolve(str(own), "papers")[1]] for own in listed)

    def export(
        self,
        directory: str | os.PathLike[str],
        formats: Sequence[str] = (),
        force: bool = False,
    ) -> list[str]:
        """Write the catalog into ``directory`` (made if missing); the names of the files written.

        CSV (with a Frictionless ``datapackage.json``), JSON and Parquet of papers, results, terms,
        edges and provenance, ``atlas.sqlite``, ``papers.bib`` and ``papers.csl.json``; ``formats``
        chooses among csv, json, parquet, sqlite, bibtex and csl. Without pyarrow everything but
        Parquet is written and a warning tells the mend. Raises ``ExportError`` where the folder
        cannot be written, or (but with ``force``) has files of these names and no
        ``datapackage.json`` of an earlier export.
        """
        from diffatlas.catalog.export import export

        return export(self, directory, formats, force)
