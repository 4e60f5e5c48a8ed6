"""The explorer: its page, and the catalog's papers as columns for the script that filters them.

Three files lie in ``assets/generated/``: ``explorer.json`` has what the table and the facets show,
``explorer-texts.json`` what only free text, exports and opened rows need, and
``explorer-relations.json`` the links that the graph draws. Facets are lists of
positions in their vocabularies, repeated texts are positions in a list, flags are bits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from diffatlas.catalog import bibtex
from diffatlas.catalog.coverage import STANDINGS
from diffatlas.catalog.filters import FACETS
from tools.pages import tables
from tools.pages.figures import ASSETS
from tools.pages.parts import Page, plural
from tools.pages.site import KINDS, Site

__all__ = ["columns", "relations", "texts", "write"]

# Bit by bit what ``has:`` asks for and no column of the first file tells.
FLAGS = ("code", "baseline", "results", "doi", "url", "summary", "table1")
SHOWN = 60  # papers of the table that stands there without scripts


def write(site: Site) -> None:
    """Add the page and its data to the site's tree."""
    site.tree.put(f"{ASSETS}/explorer.json", _json(columns(site.atlas)))
    site.tree.put(f"{ASSETS}/explorer-texts.json", _json(texts(site.atlas)))
    site.tree.put(f"{ASSETS}/explorer-relations.json", _json(relations(site.atlas)))
    page = Page(site, "explore/", "Explore the papers", wide=True)
    page.section = "explore/"
    count = plural(len(site.papers), "paper")
    page.head(
        "<span>Read</span>",
        f"Filter the {count} by framework, task, condition, data set, year and more. The address "
        "holds the view: send it as a link.",
        about="Every paper of the catalog, filtered by facets and free text; a view is a link.",
    )
    page.works("explorer/main.js", f"{ASSETS}/explorer.json")
    latest = tables.newest_first(page, list(site.papers))[:SHOWN]
    page.add(
        '<div data-search-exclude><div id="explorer" '
        f'data-columns="{page.rel(f"{ASSETS}/explorer.json")}" '
        f'data-texts="{page.rel(f"{ASSETS}/explorer-texts.json")}" '
        f'data-relations="{page.rel(f"{ASSETS}/explorer-relations.json")}" '
        f'data-root="{page.rel("")}">'
        f'<p class="note">The latest {len(latest)}; {page.to("papers/", "all of them")}. '
        "With scripts this table can be filtered.</p>"
        f"{tables.all_papers(page, latest)}</div>"
    )
    page.doors(
        f"{page.to('vocabulary/', 'What the terms mean')}<br>{page.to('matrix/', 'The matrix')}",
        "framework:sde task:inpainting" if "inpainting" in site.records["tasks"] else "",
        page.run_door(site.roots),
    )
    page.add("</div>")
    page.save()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _day(value: object) -> int:
    return int(str(value).replace("-", "")) if value else 0


def columns(atlas: Any) -> dict[str, Any]:
    """The first file: rows in the order of ``atlas.papers``."""
    papers = [atlas.records("papers")[own] for own in atlas.papers["id"]]
    baselines = {p for b in atlas.records("baselines").values() for p in b.get("papers") or ()}
    measured = {row for record in atlas.records("results").values() for row in _papers(record)}
    venues = sorted({paper.get("venue") or "" for paper in papers})
    places = {venue: at for at, venue in enumerate(venues)}
    vocabularies = {facet: _terms(atlas, facet) for facet in FACETS}
    found: dict[str, Any] = {
        "id": [paper["id"] for paper in papers],
        "title": [paper["title"] for paper in papers],
        "by": [_byline(paper.get("authors") or ()) for paper in papers],
        "year": [paper["year"] for paper in papers],
        "submitted": [_day(paper.get("submitted")) for paper in papers],
        "venues": venues,
        "venueAt": [places[paper.get("venue") or ""] for paper in papers],
        "arxiv": [paper.get("arxiv") or "" for paper in papers],
        "beyond": [int(paper.get("origin", "survey") == "beyond") for paper in papers],
        "flags": FLAGS,
        "has": [_bits(paper, baselines, measured) for paper in papers],
        "statuses": STANDINGS,
        "provenance": [_attested_by(paper) for paper in papers],
        "terms": vocabularies,
        "labels": {facet: KINDS[facet].many for facet in FACETS},
    }
    for facet in FACETS:
        at = {own: place for place, own in enumerate(vocabularies[facet]["ids"])}
        found[facet] = [[at[t] for t in paper.get(facet) or () if t in at] for paper in papers]
    return found


def _papers(record: Mapping[str, Any]) -> list[str]:
    return [row["paper"] for row in record["results"]]


def _byline(authors: Sequence[str]) -> str:
    names = [name.split()[-1] if name.split() else "" for name in authors]
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)


def _bits(paper: Mapping[str, Any], baselines: set[str], measured: set[str]) -> int:
    known = {
        "baseline": paper["id"] in baselines,
        "results": paper["id"] in measured,
        "table1": bool(paper.get("in_table1")),
    }
    bits = 0
    for place, flag in enumerate(FLAGS):
        bits |= int(bool(known.get(flag, paper.get(flag)))) << place
    return bits


def _attested_by(paper: Mapping[str, Any]) -> int:
    """Bit by bit the statuses of the sources that attest a fact of the paper."""
    sources = paper.get("provenance") or ()
    statuses = {source["status"] for source in sources if source.get("facts")}
    return sum(1 << place for place, status in enumerate(STANDINGS) if status in statuses)


def _terms(atlas: Any, facet: str) -> dict[str, list[Any]]:
    records = atlas.records(facet)
    place = {own: at for at, own in enumerate(records)}
    return {
        "ids": list(records),
        "names": [record["name"] for record in records.values()],
        "aliases": [record.get("aliases") or [] for record in records.values()],
        "broader": [
            [place[parent] for parent in record.get("broader") or () if parent in place]
            for record in records.values()
        ],
    }


def texts(atlas: Any) -> dict[str, list[Any]]:
    """The second file, in the same order of rows."""
    papers = [atlas.records("papers")[own] for own in atlas.papers["id"]]
    lists = ("authors", "aliases", "survey_heading", "code")
    found: dict[str, list[Any]] = {key: [paper.get(key) or [] for paper in papers] for key in lists}
    for key in ("summary", "doi", "url"):
        found[key] = [paper.get(key) or "" for paper in papers]
    found["bibtex"] = [bibtex.entry(paper) for paper in papers]
    return found


def relations(atlas: Any) -> dict[str, list[Any]]:
    """The third file: links [row, row, position of the verb] between papers, in reading order."""
    place = {own: at for at, own in enumerate(atlas.papers["id"])}
    verbs: list[str] = []
    links = []
    for own, at in place.items():
        for relation, targets in (atlas.records("papers")[own].get("relations") or {}).items():
            verb = relation.replace("_", " ")
            if verb not in verbs:
                verbs.append(verb)
            for target in targets or ():
                if target in place:
                    links.append([at, place[target], verbs.index(verb)])
    return {"verbs": verbs, "links": links}
