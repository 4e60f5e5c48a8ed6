"""The explorer: its page, and the catalog's papers as columns for the script that filters them.

Four files lie in ``assets/generated/``. ``explorer.json`` has what filters and facets count and the
papers that are shown first; ``explorer-names.json`` how the others and the terms are called,
``explorer-texts.json`` what only free text, exports and opened rows need, and
``explorer-relations.json`` the links that the graph draws. Facets are lists of
positions in their vocabularies, repeated texts are positions in a list, flags are bits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from diffatlas.catalog import bibtex
from diffatlas.catalog.coverage import STANDINGS
from diffatlas.catalog.filters import FACETS
from diffatlas.catalog.people import byline
from tools.pages import tables
from tools.pages.figures import ASSETS
from tools.pages.parts import Page, plural
from tools.pages.site import KINDS, Site

__all__ = ["FILES", "address", "write"]

# Bit by bit what ``has:`` asks for and no column of the first file tells.
FLAGS = ("code", "baseline", "results", "arxiv", "doi", "url", "summary", "table1")
# Papers of the table, the latest first: what stands there without scripts is what scripts show.
SHOWN = 50


def write(site: Site) -> None:
    """Add the page and its data to the site's tree."""
    for name, made in FILES.items():
        site.tree.put(address(name), _json(made(site.atlas)))
    page = Page(site, "explore/", "Explore the papers", wide=True)
    page.section = "explore/"
    count = plural(len(site.papers), "paper")
    page.head(
        "<span>Read</span>",
        f"Filter the {count} by framework, task, condition, data set, year and more. The address "
        "holds the view: send it as a link.",
        about="Every paper of the catalog, filtered by facets and free text; a view is a link.",
    )
    page.works("explorer/main.js", address("columns"))
    latest = tables.newest_first(page, list(site.papers))[:SHOWN]
    files = "".join(f' data-{name}="{page.rel(address(name))}"' for name in FILES)
    page.add(
        f'<div data-search-exclude><div id="explorer"{files} data-root="{page.rel("")}">'
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


def address(name: str) -> str:
    """Where a file of ``FILES`` lies in the site."""
    return f"{ASSETS}/explorer{'' if name == 'columns' else f'-{name}'}.json"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _day(value: object) -> int:
    return int(str(value).replace("-", "")) if value else 0


def columns(atlas: Any) -> dict[str, Any]:
    """The first file: rows in the order of ``atlas.papers``."""
    papers = _papers(atlas)
    baselines = {p for b in atlas.records("baselines").values() for p in b.get("papers") or ()}
    results = atlas.records("results").values()
    measured = {row["paper"] for record in results for row in record["results"]}
    submitted = [_day(paper.get("submitted")) for paper in papers]
    venues = sorted({paper.get("venue") or "" for paper in papers})
    places = {venue: at for at, venue in enumerate(venues)}
    vocabularies = {facet: _terms(atlas, facet) for facet in FACETS}
    found: dict[str, Any] = {
        "year": [paper["year"] for paper in papers],
        "submitted": submitted,
        "venues": venues,
        "venueAt": [places[paper.get("venue") or ""] for paper in papers],
        "beyond": [int(paper.get("origin", "survey") == "beyond") for paper in papers],
        "flags": FLAGS,
        "has": [_bits(paper, baselines, measured) for paper in papers],
        "statuses": STANDINGS,
        "provenance": [_attested_by(paper) for paper in papers],
        "terms": vocabularies,
        "labels": {facet: KINDS[facet].many for facet in FACETS},
    }
    for facet in FACETS:
        at = {own: place for place, own in enumerate(atlas.records(facet))}
        found[facet] = [[at[t] for t in paper.get(facet) or () if t in at] for paper in papers]
    dates = [day or paper["year"] * 10000 for paper, day in zip(papers, submitted, strict=True)]
    latest = sorted(range(len(papers)), key=lambda row: (dates[row], row), reverse=True)[:SHOWN]
    found["first"] = {"row": latest, **_called([papers[row] for row in latest])}
    return found


def names(atlas: Any) -> dict[str, Any]:
    """The second file: how papers, in the same order of rows, and terms are called."""
    papers = _papers(atlas)
    return {
        **_called(papers),
        "arxiv": [paper.get("arxiv") or "" for paper in papers],
        "spellings": {
            facet: [record.get("aliases") or [] for record in atlas.records(facet).values()]
            for facet in FACETS
        },
    }


def _papers(atlas: Any) -> list[Mapping[str, Any]]:
    records = atlas.records("papers")
    return [records[own] for own in atlas.papers["id"]]


def _called(papers: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    return {
        "id": [paper["id"] for paper in papers],
        "title": [paper["title"] for paper in papers],
        "by": [byline(paper.get("authors") or ()) for paper in papers],
    }


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
        "ids": [0 if own == _slug(records[own]["name"]) else own for own in records],
        "names": [record["name"] for record in records.values()],
        "broader": [
            [place[parent] for parent in record.get("broader") or () if parent in place]
            for record in records.values()
        ],
    }


def _slug(name: str) -> str:
    """The id that most terms have, which the script makes itself."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def texts(atlas: Any) -> dict[str, list[Any]]:
    """The third file, in the same order of rows."""
    papers = _papers(atlas)
    lists = ("authors", "aliases", "survey_heading", "code")
    found: dict[str, list[Any]] = {key: [paper.get(key) or [] for paper in papers] for key in lists}
    for key in ("summary", "doi", "url"):
        found[key] = [paper.get(key) or "" for paper in papers]
    found["bibtex"] = [bibtex.entry(paper) for paper in papers]
    return found


def relations(atlas: Any) -> dict[str, list[Any]]:
    """The fourth file: links [row, row, position of the verb] between papers, in reading order."""
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


# By the name of the attribute that tells the script where the file lies.
FILES = {"columns": columns, "names": names, "texts": texts, "relations": relations}
