"""How complete the catalog is, and on what its facts rest: what ``check --coverage`` counts.

A fact is a facet's term or a bibliographic key of a paper. Several records may attest it; its
standing is the best of their statuses, in the order of ``STANDINGS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffatlas.catalog.references import singular

if TYPE_CHECKING:
    import pandas as pd

    from diffatlas.catalog.atlas import Atlas

__all__ = ["FACETS", "STANDINGS", "agreed", "attested", "facts", "fields", "gaps", "standings"]

# Best first. What a paper or its code says beats what others say of it; memory comes last.
STANDINGS = ("paper", "repository", "survey", "list", "inferred", "recall")
# The facets that the survey sorts by; architectures are kept beside them.
FACETS = ("frameworks", "tasks", "conditions", "datasets")
_REPOSITORY = r"^(github:[^/]+/[^/]+).*"


def fields(atlas: Atlas) -> pd.DataFrame:
    """A row a kind and key: ``entities`` of the kind, how many have the key (``filled``)."""
    import pandas as pd

    rows = []
    for kind in atlas.kinds:
        if kind == "results":
            continue
        records = atlas.records(kind).values()
        for key in atlas.frame(kind).columns:
            filled = sum(bool(record.get(key)) for record in records)
            rows.append((kind, key, len(records), filled))
    return pd.DataFrame(rows, columns=["kind", "field", "entities", "filled"])


def facts(atlas: Atlas, filter: str = "") -> pd.DataFrame:
    """A row a fact of the papers that match ``filter``: entity, field, value, standing, how many
    sources attest it, year.

    Denials are left out: a source that says otherwise does not attest. Files of one
    repository are one of the ``sources``; inferences and memory are none. Raises ``FilterError``.
    """
    import pandas as pd

    papers = atlas.find(filter)[["id", "year"]]
    table = atlas.provenance
    table = table[(table["kind"] == "papers") & ~table["contradicts"].astype(bool)]
    table = table.merge(papers, left_on="entity", right_on="id")
    table["value"] = table["value"].fillna("")
    order = pd.CategoricalDtype(list(STANDINGS), ordered=True)
    table["standing"] = table["status"].astype(order)
    fact = ["entity", "field", "value"]
    # Files of one repository are one source. An inference from other facts is none of its own, and
    # memory is none at all.
    seen = table["source"].replace(_REPOSITORY, r"\1", regex=True)
    seen = seen.mask(table["status"].isin(("inferred", "recall")))
    table["sources"] = seen.groupby([table[name] for name in fact]).transform("nunique")
    best = table.sort_values("standing", kind="stable").drop_duplicates(fact)
    best = best[[*fact, "standing", "sources", "year"]]
    return best.sort_values(["year", "entity", "field"], kind="stable", ignore_index=True)


def standings(atlas: Atlas, filter: str = "") -> pd.DataFrame:
    """Fields of papers as rows, ``STANDINGS`` as columns: how many facts rest on what at best."""
    import pandas as pd

    found = facts(atlas, filter)
    table = pd.crosstab(found["field"], found["standing"])
    return table.reindex(columns=list(STANDINGS), fill_value=0)


def agreed(atlas: Atlas, filter: str = "") -> pd.Series[int]:
    """How many facts of each field of papers two or more sources attest."""
    found = facts(atlas, filter)
    return (found["sources"] > 1).astype(int).groupby(found["field"]).sum().rename("agreed")


def attested(atlas: Atlas, filter: str = "") -> float:
    """The share, 0 to 1, of the facts of ``FACETS`` that rest on more than memory (1 for none)."""
    found = facts(atlas, filter)
    found = found[found["field"].isin(FACETS)]
    return 1.0 if found.empty else float((found["standing"] != "recall").mean())


def gaps(atlas: Atlas) -> dict[str, list[str]]:
    """What is missing, as lists of ids: papers by id, terms as ``tasks/inpainting``."""
    papers = atlas.records("papers")
    measured = {row["paper"] for row in _results(atlas)}
    used = {
        (kind, term)
        for paper in papers.values()
        for kind in (*FACETS, "architectures")
        for term in paper.get(kind) or ()
    }
    terms = [
        (kind, own, record)
        for kind in atlas.kinds
        if "definition" in atlas.frame(kind).columns
        for own, record in atlas.records(kind).items()
    ]
    found = {
        "papers without code": [own for own, p in papers.items() if not p.get("code")],
        "papers without results": [own for own in papers if own not in measured],
        "papers without an arXiv id or DOI": [
            own for own, p in papers.items() if not (p.get("arxiv") or p.get("doi"))
        ],
        "papers without a day of submission": [
            own for own, p in papers.items() if not p.get("submitted")
        ],
        "papers without a summary": [own for own, p in papers.items() if not p.get("summary")],
        "terms without definition": [f"{k}/{own}" for k, own, r in terms if not r["definition"]],
    }
    for kind in (*FACETS, "architectures"):
        under = {own for own in atlas.records(kind) if _used(atlas, kind, own, used)}
        found[f"{kind} that no paper uses"] = [
            f"{kind}/{own}" for own in atlas.records(kind) if own not in under
        ]
        found[f"papers without {singular(kind)}"] = [
            own for own, p in papers.items() if not p.get(kind)
        ]
    return {name: listed for name, listed in found.items() if listed}


def _used(atlas: Atlas, kind: str, own: str, used: set[tuple[str, str]]) -> bool:
    return any((kind, term) in used for term in (own, *atlas.narrower(kind, own)))


def _results(atlas: Atlas) -> list[dict[str, object]]:
    return [row for record in atlas.records("results").values() for row in record["results"]]
