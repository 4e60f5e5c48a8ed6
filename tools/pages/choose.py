"""The guided choice, ``choose/``: its page, and its questions and rules for the script.

Without scripts the page tells what each candidate is for, with the rules that speak for and
against it; ranking them is the script's part (and that of ``diffatlas choose``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from diffatlas.catalog.choosing import covering, guide
from diffatlas.catalog.text import normalize
from tools.pages.escape import text
from tools.pages.figures import ASSETS
from tools.pages.parts import Page, details, plural
from tools.pages.site import Site

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["data", "write"]


def write(site: Site) -> None:
    """Add the page and its data to the site's tree."""
    known = guide(site.atlas)
    place = f"{ASSETS}/choose.json"
    written = json.dumps(data(site, known), ensure_ascii=False, separators=(",", ":"))
    site.tree.put(place, written)
    page = Page(site, "choose/", "Which framework should I use?")
    page.section = "frameworks/"
    page.head(
        page.to("frameworks/", "Frameworks"),
        "Answer what you know of your task, your time and your machine: the frameworks are ranked, "
        "each with reasons that lead to their sources and, where there is one, a command to run.",
        about=f"A few questions rank {plural(len(known['candidates']), 'way')} to use diffusion "
        "models, with reasons from the catalog and a command that runs the nearest baseline.",
    )
    page.works("choose/main.js", place)
    page.add(
        '<div data-search-exclude><div id="choose" class="choose" '
        f'data-guide="{page.rel(place)}" data-root="{page.rel("")}">'
        '<p class="note">With scripts the questions are asked here; in a shell '
        "<code>diffatlas choose</code> asks them. These are the candidates and their rules.</p>"
        f"{''.join(_candidate(page, c, known['questions']) for c in known['candidates'])}"
        "</div></div>"
    )
    page.doors(
        f"{page.to('frameworks/', 'How the frameworks work')}<br>"
        f"{page.to('limitations/', 'What holds them back')}",
        "",
        page.run_door(site.roots),
    )
    page.save()


def data(site: Site, known: Mapping[str, Any]) -> dict[str, Any]:
    """What ``guide`` tells, and the names of everything that a candidate or a reason leads to.

    A question whose options cover terms has ``spellings`` too: how terms are called, normalized,
    and the option that each stands for.
    """
    sources = {
        source for c in known["candidates"] for rule in c["rules"] for source in rule["sources"]
    }
    for candidate in known["candidates"]:
        sources.add(f"frameworks/{candidate['id']}")
        sources |= {f"papers/{paper}" for paper in candidate["papers"]}
        if candidate["baseline"]:
            sources.add(f"baselines/{candidate['baseline']}")
    names = {source: _name(site, source) for source in sorted(sources)}
    questions = [{**q, **_spellings(site.atlas, q)} for q in known["questions"]]
    return {**known, "questions": questions, "sources": names}


def _spellings(atlas: Atlas, question: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    if "vocabulary" not in question:
        return {}
    found: dict[str, str] = {}
    for own, record in atlas.records(question["vocabulary"]).items():
        for name in (own, record["name"], *(record.get("aliases") or ())):
            spelling = normalize(name)
            if option := covering(atlas, question, spelling):
                found[spelling] = option
    return {"spellings": found}


def _name(site: Site, source: str) -> str:
    kind, _, own = source.partition("/")
    return site.name(kind, own)


def _candidate(page: Page, candidate: Mapping[str, Any], questions: list[dict[str, Any]]) -> str:
    labels = {(q["id"], o["id"]): o["label"] for q in questions for o in q["options"]}
    names = {q["id"]: q["name"] for q in questions}
    rules = [rule for rule in candidate["rules"] if rule.get("weight") != 0]
    lines = []
    for rule in rules:
        weight = rule.get("weight")
        when = "; ".join(
            f"{names[q]}: {' or '.join(labels[q, o] for o in options)}"
            for q, options in rule["when"].items()
        )
        mark = "left out" if weight is None else f"{weight:+d}"
        lines.append(f"<li><b>{mark}</b> {text(when)}. {text(rule['because'])}</li>")
    shown = details(plural(len(lines), "rule"), f"<ul>{''.join(lines)}</ul>")
    return (
        f"<section><h2>{page.a('frameworks', candidate['id'])}</h2>"
        f"<p>{text(candidate['use'])} <small>{plural(candidate['count'], 'paper')}</small></p>"
        f"{shown}</section>"
    )
