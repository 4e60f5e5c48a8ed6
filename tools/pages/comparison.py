"""The comparison, ``compare/``: two to four entities side by side, chosen by the address.

Without scripts the page compares the survey's frameworks. The script fetches the entities that its
address names from ``api/v1/``; beside them it needs the two files that are written here: what kinds
and fields are called, and the numbers, measured and reported apart.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from diffatlas.catalog import stored
from diffatlas.catalog.reported import speaking
from tools.pages import differences
from tools.pages.escape import markdown, text
from tools.pages.figures import ASSETS
from tools.pages.frameworks import PROPERTIES, STAGES
from tools.pages.measured import stored_results
from tools.pages.parts import Page, h2
from tools.pages.site import KINDS, Site

__all__ = ["about", "numbers", "write"]

# The kinds in the order in which an id without a kind is looked for, as `atlas.compare` does it.
_KINDS = [kind for kind in stored.KINDS if kind in KINDS]
_LABELS = {
    "not": "What it is not",
    "code": "Code",
    "arxiv": "arXiv",
    "doi": "DOI",
    "url": "Address",
    "in_table1": "In the survey's Table 1",
    "survey_heading": "Heading in the survey's list",
    "links": "Relates to",
    "differs": "How it differs",
    "shares": "What it shares",
    **{f"properties.{field}": label for field, label in PROPERTIES.items()},
}
# Fields of ids, and the kind of the entities that they name.
_REFERENCES = {
    "papers": "papers",
    "frameworks": "frameworks",
    "variants": "frameworks",
    "tasks": "tasks",
    "conditions": "conditions",
    "datasets": "datasets",
    "architectures": "architectures",
    "relations": "papers",
}
_PROTOCOL = ("dataset", "resolution", "conditional", "metric")


def about(site: Site) -> dict[str, Any]:
    """What kinds and fields are called, and the order of the fields."""
    return {
        "kinds": {
            kind: {
                "one": KINDS[kind].one,
                "many": KINDS[kind].many,
                "fields": site.atlas.fields(kind),
            }
            for kind in _KINDS
        },
        "labels": _LABELS,
        "references": _REFERENCES,
    }


def numbers(site: Site) -> dict[str, Any]:
    """Reported values by protocol, the default measurements of our baselines, and whose they are.

    A row is ``[paper, value, text, model, nfe, sampler]``; papers are positions in ``papers``, and
    so are they in ``members``, which tells whose values stand for a framework alone. ``broader``
    are all terms above a framework: of two that are compared, the narrower has the paper.
    """
    papers = list(dict.fromkeys(str(row["paper"]) for row in site.results))
    at = {paper: place for place, paper in enumerate(papers)}
    protocols: dict[tuple[Any, ...], list[list[Any]]] = {}
    for row in site.results:
        bound = {"upper": "≤ ", "lower": "≥ "}.get(str(row.get("bound")), "")
        known = [None if row.get(k) == "unknown" else row.get(k) for k in ("nfe", "sampler")]
        protocols.setdefault(tuple(row.get(key) for key in _PROTOCOL), []).append(
            [at[row["paper"]], row["value"], f"{bound}{row['value']}", row["model"], *known]
        )
    return {
        "papers": papers,
        "members": _members(site, at),
        "broader": _broader(site),
        "protocols": [
            {
                "label": _protocol(site, *protocol),
                "lower": site.records["metrics"][protocol[-1]]["direction"] == "lower",
                "rows": rows,
            }
            for protocol, rows in protocols.items()
        ],
        **_measured(site),
        "differences": [
            {"from": a, "to": b, "what": what} for a, b, what in differences.pairs(site)
        ],
    }


def _members(site: Site, at: dict[str, int]) -> dict[str, list[int]]:
    own = {key: speaking(site.atlas, key)[key] for key in site.records["frameworks"]}
    return {key: [at[paper] for paper in papers] for key, papers in own.items() if papers}


def _broader(site: Site) -> dict[str, list[str]]:
    vocabulary = site.atlas.vocabulary("frameworks")
    above: dict[str, list[str]] = {}
    for key in site.records["frameworks"]:
        for own in vocabulary.narrower(key):
            above.setdefault(own, []).append(key)
    return above


def _protocol(site: Site, dataset: str, resolution: Any, conditional: Any, metric: str) -> str:
    size = f", {resolution} pixels" if resolution else ""
    steered = f", {conditional}" if conditional in ("conditional", "unconditional") else ""
    return f"{site.name('metrics', metric)} on {site.name('datasets', dataset)}{size}{steered}"


def _measured(site: Site) -> dict[str, Any]:
    page = Page(site, "compare/", "")
    runs: dict[str, list[dict[str, str]]] = {}
    for baseline in site.records["baselines"]:
        for variant, run in (stored_results(page, baseline).get("runs") or {}).items():
            metric = run["metrics"][0]
            runs.setdefault(baseline, []).append(
                {
                    "baseline": baseline,
                    "variant": variant,
                    "text": f"Fréchet distance {metric['fd']:.2f}, "
                    f"coverage {metric['coverage']:.3f}",
                    "protocol": f"{metric['sampler']}, {metric['nfe']} NFE, "
                    f"{run['cpu_seconds']:,.0f} CPU s of training",
                }
            )
    of: dict[str, dict[str, list[str]]] = {"baselines": {key: [key] for key in runs}}
    for own in site.records["frameworks"]:
        running = [
            key
            for key in runs
            if own
            in (
                *(site.records["baselines"][key].get("frameworks") or ()),
                *(site.records["baselines"][key].get("variants") or ()),
            )
        ]
        if running:
            of.setdefault("frameworks", {})[own] = running
    return {"measured": runs, "baselines": of}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(site: Site) -> None:
    """Add the page and its data to the site's tree."""
    site.tree.put(f"{ASSETS}/compare.json", _json(about(site)))
    site.tree.put(f"{ASSETS}/compare-numbers.json", _json(numbers(site)))
    page = Page(site, "compare/", "Side by side", wide=True)
    page.section = "frameworks/"
    page.head(
        f'<a href="{page.rel("frameworks/")}">Frameworks</a> <span>Compare</span>',
        "Two to four frameworks, families, papers or baselines, row by row: what is the same and "
        "what is not. The address holds them: send it as a link.",
        about="Compare two to four frameworks, papers, families or baselines of diffusion models "
        "row by row, with reported and measured numbers.",
    )
    page.works("compare/main.js", f"{ASSETS}/compare.json")
    standing = _comparison(page) if 2 <= len(site.roots) <= 4 else ""
    page.add(
        '<div data-search-exclude><div id="compare" class="comparing" '
        f'data-about="{ASSETS}/compare.json" data-numbers="{ASSETS}/compare-numbers.json" '
        f'data-formulas="{ASSETS}/formulas.json" data-root="{page.rel("")}">{standing}</div></div>'
    )
    pairs = differences.links(page)
    if pairs:
        listed = "".join(f"<li>{link}</li>" for link in pairs)
        page.add(
            f"<div data-search-exclude>{h2('Baselines in code, line by line', 'code')}"
            "<p>They share network, training loop and measurement; what departs from the papers "
            f'is said in the notebooks where it stands.</p><ul class="plain">{listed}</ul></div>'
        )
    page.doors(
        "<br>".join(page.a("frameworks", root) for root in site.roots),
        "",
        page.run_door(site.roots),
    )
    page.save()


def _comparison(page: Page) -> str:
    """The library's `compare` as a table; on a phone each row stacks."""
    site = page.site
    frame = site.atlas.compare(*site.roots, kind="frameworks")
    inline = partial(markdown, inline=True)
    rows = []
    for field, label in PROPERTIES.items():
        name = f"properties.{field}"
        if name not in frame.index:
            continue
        row = frame.loc[name]
        cells = "".join(
            f'<td data-label="{text(site.short(root))}">{inline(row[root])}</td>'
            for root in site.roots
        )
        same = "" if row["differs"] else ' class="same"'
        rows.append(f'<tr{same}><th scope="row">{label}</th>{cells}</tr>')
    for field, title in STAGES:
        cells = "".join(
            f'<td data-label="{text(site.short(root))}">'
            f'<a href="{page.href("frameworks", root)}#{field}">{title.split(":")[0]}</a></td>'
            for root in site.roots
        )
        rows.append(f'<tr><th scope="row">{title.split(":")[0]}, in full</th>{cells}</tr>')
    for label, cell in (
        (
            "Variants",
            lambda root: page.chips("frameworks", site.atlas.narrower("frameworks", root)),
        ),
        (
            "Papers",
            lambda root: (
                f'<a href="{page.rel(f"frameworks/{root}/papers/")}">'
                f"{len(site.under('frameworks', root))}</a>"
            ),
        ),
        (
            "Runs as",
            lambda root: ", ".join(page.a("baselines", k) for k in site.baselines_of(root)),
        ),
    ):
        cells = "".join(
            f'<td data-label="{text(site.short(root))}">{cell(root)}</td>' for root in site.roots
        )
        rows.append(f'<tr><th scope="row">{label}</th>{cells}</tr>')
    head = "".join(f'<th scope="col">{page.mark(root)}</th>' for root in site.roots)
    return (
        f'<table class="compare"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
