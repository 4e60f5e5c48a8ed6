"""Who says so: the provenance of an entity as a table with links that a reader can follow."""

from __future__ import annotations

from collections import Counter
from typing import Any

from diffatlas.catalog import pointers
from tools.pages.escape import address, text
from tools.pages.parts import Page, shows, thead
from tools.pages.site import FACETS, Record, Site

__all__ = [
    "STATUSES",
    "fact_count",
    "fact_table",
    "named_by_survey",
    "on_survey",
    "source",
    "source_count",
    "totals",
]

STATUSES = {
    "paper": "the paper itself",
    "repository": "the authors’ code",
    "survey": "the survey",
    "list": "a public list or another second-hand text",
    "inferred": "follows from other facts",
    "recall": "memory, waiting to be checked",
}
_FIELDS = {
    "survey_heading": "heading in the survey’s list",
    "in_table1": "in the survey’s Table 1",
    "submitted": "date",
    "arxiv": "arXiv id",
    "doi": "DOI",
}


def source(page: Page, pointer: str) -> str:
    """A pointer as a link, named as shortly as it can be."""
    if pointer == "memory":
        return "memory"
    url = pointers.url(pointer, page.site.atlas)
    record = page.site.records["sources"].get(pointer)
    label = record["name"] if record else pointer.split("://")[-1].rstrip("/")
    href = address(url) if url else None
    return f'<a href="{href}" rel="noopener">{text(label)}</a>' if href else text(label)


def fact_count(record: Record) -> int:
    """How many facts of the entity have at least one source."""
    return len({fact for entry in record.get("provenance") or () for fact in entry["facts"]})


def source_count(record: Record) -> int:
    """How many sources were looked into."""
    return len({entry["source"] for entry in record.get("provenance") or ()})


def _fact(page: Page, record: Record, fact: str) -> str:
    field, _, term = fact.partition(".")
    if field in FACETS and term:
        return text(page.site.name(field, term))  # the page links its terms where it names them
    value = record.get(field)
    name = text(_FIELDS.get(field, field.replace("_", " ")))
    if isinstance(value, bool):
        return f"{name}: {'yes' if value else 'no'}"
    if isinstance(value, (str, int)) and len(str(value)) <= 40:
        return f"{name} {text(value)}"
    return name


def fact_table(page: Page, record: Record) -> str:
    """One row a record of provenance: its facts, how they are attested, where to look.

    Records that say the same of the same facts share a row.
    """
    rows: dict[tuple[Any, ...], list[str]] = {}
    for entry in record.get("provenance") or ():
        attested, against = tuple(entry.get("facts") or ()), tuple(entry.get("contradicts") or ())
        key = (entry["status"], attested, against, entry.get("note") or "")
        rows.setdefault(key, []).append(source(page, str(entry["source"])))
    if not rows:
        return "<p>No record yet.</p>"
    body = "\n".join(_row(page, record, *key, found) for key, found in rows.items())
    head = thead("Facts", "Status", "Source")
    return f'<table class="facts-by-source">{head}<tbody>{body}</tbody></table>'


def _row(
    page: Page,
    record: Record,
    status: str,
    attested: tuple[str, ...],
    against: tuple[str, ...],
    note: str,
    found: list[str],
) -> str:
    facts = ", ".join(_fact(page, record, fact) for fact in attested)
    denied = ", ".join(_fact(page, record, fact) for fact in against)
    if denied:
        facts += f'{"<br>" if facts else ""}<b class="denied">says otherwise:</b> {denied}'
    more = f"<br><small>{text(note)}</small>" if note else ""
    marks = shows(*attested) + (f' data-not="{text(" ".join(against))}"' if against else "")
    return (
        f"<tr{marks}><td>{facts}{more}</td>"
        f'<td><span class="status {text(status)}">{text(status)}</span></td>'
        f"<td>{', '.join(found)}</td></tr>"
    )


def named_by_survey(record: Record) -> Record | None:
    """The record of provenance by which the survey names this entry, if one does."""
    return next(
        (
            entry
            for entry in record.get("provenance") or ()
            if entry["source"] == "survey" and "name" in (entry.get("facts") or ())
        ),
        None,
    )


def on_survey(site: Site) -> Counter[str]:
    """How many facts of all kinds have the survey as their source, by status."""
    frame = site.atlas.provenance
    own = frame[(frame["source"] == "survey") & ~frame["contradicts"].astype(bool)]
    return Counter({str(k): int(v) for k, v in own["status"].value_counts().items()})


def totals(site: Site) -> Counter[str]:
    """How many (fact, source) pairs of papers stand under each status, denials left out."""
    frame = site.atlas.provenance
    own = frame[(frame["kind"] == "papers") & ~frame["contradicts"].astype(bool)]
    return Counter({str(k): int(v) for k, v in own["status"].value_counts().items()})
