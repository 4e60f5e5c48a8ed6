"""P: where facts come from."""

from __future__ import annotations

from collections.abc import Iterator

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.models import FACETS, FACT_FIELDS, KINDS, keys
from diffatlas.catalog.rules.base import Catalog, File, file_rule, hint, short
from diffatlas.catalog.rules.pointers import MEMORY

# Keys that say nothing about the world, or are sources themselves.
_NO_FACTS = ("id", "provenance", "relations", "added", "corrected")


def _facts(file: File) -> set[str]:
    """Every fact of an entity by the name that a record uses for it."""
    own = set(file.data) - set(_NO_FACTS)
    if file.kind == "papers":
        for facet in FACETS:
            own.discard(facet)
            own.update(f"{facet}.{term}" for term in file.data.get(facet, ()))
    return own


def _attested(file: File) -> set[str]:
    records = file.data.get("provenance", ())
    return {fact for record in records for fact in record.get("facts", ())}


@file_rule("P501", "papers")
def fact_without_source(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A facet's term or a bibliographic key that no record of provenance attests."""
    attested = _attested(file)
    mend = "add it to the facts of the record whose source says it"
    for facet in FACETS:
        for i, term in enumerate(file.data.get(facet, ())):
            fact = f"{facet}.{term}"
            if fact not in attested:
                message = f"nothing attests the fact {short(fact)}"
                yield file.finding("P501", message, mend, facet, i)
    for name in FACT_FIELDS:
        if name in file.data and name not in attested:
            message = f"nothing attests the fact {name}"
            yield file.finding("P501", message, mend, name, key=True)


@file_rule("P502")
def source_without_fact(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A record that attests something which the entity does not say."""
    if "provenance" not in file.data:
        return
    own = _facts(file)
    for i, record in enumerate(file.data["provenance"]):
        for j, fact in enumerate(record.get("facts", ())):
            if fact not in own:
                path = ("provenance", i, "facts", j)
                message = f"the entity has no fact {short(fact)!r}"
                yield file.finding("P502", message, _mend(file, fact, own), *path)


def _mend(file: File, fact: str, own: set[str]) -> str:
    facet, _, term = fact.partition(".")
    if facet in FACETS and file.kind == "papers" and not term:
        return f"name the term, as in {facet}.{(file.data.get(facet) or ['<id>'])[0]}"
    guess = hint(fact, own)
    if facet in FACETS and term:
        also = f"add {short(term)} to {facet} or remove the fact"
        return f"{guess} else {also}" if guess else also
    return guess or "remove it, or fill in the key"


@file_rule("P505")
def unknown_contradiction(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A record that denies something which no entity of the kind could say."""
    known = set(keys(KINDS[file.kind])) - set(_NO_FACTS)
    for i, record in enumerate(file.data.get("provenance", ())):
        for j, fact in enumerate(record.get("contradicts", ())):
            path = ("provenance", i, "contradicts", j)
            facet, dot, term = fact.partition(".")
            if facet in FACETS and dot and file.kind == "papers":
                if term not in catalog.entities(facet):
                    mend = hint(term, catalog.entities(facet))
                    message = f"{facet} has no term {short(term)!r}"
                    yield file.finding("P505", message, mend, *path)
            elif fact not in known:
                message = f"{short(fact)!r} is not a fact"
                yield file.finding("P505", message, hint(fact, known), *path)


@file_rule("P506")
def memory_is_recall(file: File, catalog: Catalog) -> Iterator[Finding]:
    """Status ``recall`` with a source, or ``memory`` with another status."""
    for i, record in enumerate(file.data.get("provenance", ())):
        status, source = record.get("status"), record.get("source")
        if status == "recall" and source not in (MEMORY, None):
            message = f"the status is recall, but there is a source {short(source)}"
            mend = f"write `source: {MEMORY}`, or the status that the source has"
            yield file.finding("P506", message, mend, "provenance", i, "status")
        elif source == MEMORY and status not in ("recall", None):
            message = f"memory is no source for the status {status}"
            mend = "write `status: recall`, or name the source"
            yield file.finding("P506", message, mend, "provenance", i, "source")


@file_rule("P507")
def unexplained_record(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A record that infers or denies a fact and does not say how, or that attests nothing."""
    for i, record in enumerate(file.data.get("provenance", ())):
        if "note" not in record and record.get("status") == "inferred":
            mend = "say in `note` from what it follows"
            yield file.finding("P507", "an inferred fact has no note", mend, "provenance", i)
        elif "note" not in record and "contradicts" in record:
            mend = "say in `note` what the source says instead"
            yield file.finding("P507", "a contradiction has no note", mend, "provenance", i)
        if "facts" not in record and "contradicts" not in record:
            mend = "list the facts or remove the record"
            yield file.finding("P507", "the record attests nothing", mend, "provenance", i)
