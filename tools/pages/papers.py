"""A page a paper, and the table of all papers."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from diffatlas.catalog import bibtex, citations
from diffatlas.catalog.people import person
from tools.pages import metadata, tables
from tools.pages import results as reported
from tools.pages.escape import markdown, text
from tools.pages.parts import Page, also, byline, details, ext, facts, h2, plural
from tools.pages.provenance import fact_count, fact_table, source_count
from tools.pages.site import FACETS, KINDS, Record, Site

__all__ = ["write"]

# relation -> how it reads from the one side and from the other
RELATIONS = {
    "builds_on": ("Builds on", "Built on by"),
    "accelerates": ("Accelerates", "Accelerated by"),
    "distills": ("Distills", "Distilled by"),
    "guides": ("Guides", "Guided by"),
    "extends": ("Extends", "Extended by"),
    "applies": ("Applies", "Applied by"),
    "compares_with": ("Compares with", "Compared with by"),
    "unifies": ("Unifies", "Unified by"),
}


_TITLES, _SHORT = 3, 15


def write(site: Site) -> None:
    """Add every paper's page and the index to the site's tree."""
    results: dict[str, list[Record]] = defaultdict(list)
    for row in site.results:
        results[row["paper"]].append(row)
    for key, record in site.papers.items():
        _page(site, key, record, results[key])
    _index(site)


def _page(site: Site, key: str, record: Record, results: list[Record]) -> None:
    page = Page(site, f"papers/{key}/", record["title"])
    page.section = "papers/"
    page.citation, page.data = metadata.citation(record), metadata.paper(record)
    page.card = (_who_and_when(record), next(iter(site.paper_groups(record)), ""))
    crumbs = f'<a href="{page.rel("papers/")}">Papers</a> <span>{text(record["year"])}</span>'
    summary = record.get("summary")
    lead = text(summary) if summary else "What the catalog knows about this paper, and who says so."
    about = summary or f"{record['title']}: facts, sources, relations."
    # The summaries of all papers would be most of the index; the explorer searches them.
    page.head(
        crumbs,
        lead,
        line=also(byline(record), record, "also titled"),
        about=about,
        fields=("title", "summary"),
        search_lead=False,
    )
    page.add("<div data-search-exclude>")
    page.add(_facts(page, record))
    page.add(_relations(page, key, record))
    page.add(_mentions(page, key))
    if results:
        page.h2("Reported results", "results")
        page.add(reported.table(page, results, "dataset"))
        page.add('<p class="note">Numbers of different protocols are not comparable.</p>')
    page.h2("Sources and citation", "sources")
    counted = f"{plural(fact_count(record), 'fact')}, {plural(source_count(record), 'source')}"
    page.add(
        details(
            f"Where each fact comes from <small>{counted}</small>",
            fact_table(page, record),
            "provenance",
        )
    )
    page.add(details("Cite it", _citations(record), "cite"))
    page.add(_neighbors(page, key, record))
    _doors(page, record)
    page.add("</div>")
    page.save()


def _who_and_when(record: Record) -> str:
    """``Jonathan Ho, Ajay Jain, Pieter Abbeel · 2020``, with at most four names."""
    authors = [str(name) for name in record.get("authors") or ()]
    names = [*authors[:4], *(["et al."] if len(authors) > 4 else [])]
    return " · ".join(filter(None, (", ".join(names), str(record["year"]))))


def _facts(page: Page, record: Record) -> str:
    rows: list[tuple[str, ...]] = []
    authors = record.get("authors") or []
    if authors:
        rows.append(("Authors", text(", ".join(authors)), "authors"))
    dates = [text(record.get("submitted") or record["year"])]
    if record.get("venue"):
        dates.append(text(record["venue"]))
    rows.append(("First version", " · ".join(dates), "submitted", "venue"))
    links = []
    if record.get("arxiv"):
        links.append(ext(f"https://arxiv.org/abs/{record['arxiv']}", f"arXiv {record['arxiv']}"))
    if record.get("doi"):
        links.append(ext(f"https://doi.org/{record['doi']}", f"doi {record['doi']}"))
    if record.get("url"):
        links.append(ext(record["url"], "page"))
    if links:
        rows.append(("Read it", " · ".join(links), "arxiv", "doi", "url"))
    code = record.get("code") or []
    if code:
        rows.append(("Code", "<br>".join(ext(url, _bare(url)) for url in code), "code"))
    for kind in FACETS:
        keys = record.get(kind) or []
        if keys:
            name = KINDS[kind].many if len(keys) > 1 else KINDS[kind].one
            rows.append((name, page.chips(kind, keys), kind))
    if record.get("survey_heading"):
        listed = text(", ".join(record["survey_heading"]))
        rows.append(("In the survey’s list", listed, "survey_heading", "in_table1"))
    return facts(rows)


def _bare(url: object) -> str:
    return str(url).split("://")[-1].removeprefix("www.").rstrip("/")


def _relations(page: Page, key: str, record: Record) -> str:
    groups: dict[str, list[str]] = {}
    for relation, targets in (record.get("relations") or {}).items():
        label = RELATIONS.get(relation, (relation.replace("_", " ").capitalize(), ""))[0]
        groups.setdefault(label, []).extend(targets)
    for relation, source in page.site.relations_back.get(key, []):
        label = RELATIONS.get(relation, ("", f"{relation} (by)"))[1]
        groups.setdefault(label, []).append(source)
    if not groups:
        return ""
    blocks = [
        f"<div><h3>{text(label)}</h3>{_listed(page, list(dict.fromkeys(keys)))}</div>"
        for label, keys in groups.items()
    ]
    return f'{h2("Relations", "relations")}<div class="columns">{"".join(blocks)}</div>'


def _listed(page: Page, keys: list[str]) -> str:
    """Papers by title, then by first author and year; the rest are counted: pages stay light."""
    titles = "".join(f"<li>{page.paper(key)}</li>" for key in keys[:_TITLES])
    others = ", ".join(
        page.a("papers", key, _first_author(page.site.papers[key]))
        for key in keys[_TITLES:_SHORT]
        if key in page.site.papers
    )
    rest = len(keys[_SHORT:])
    if rest:
        others += f", and {rest} more: {page.to('data/', 'edges.csv')} has all"
    return f"<ul>{titles}</ul>" + (f"<p><small>and {others}</small></p>" if others else "")


def _first_author(record: Record) -> str:
    """``Ho 2020``."""
    names = [person(name).family for name in (record.get("authors") or ())[:1]]
    return " ".join((*names, str(record["year"])))


def _mentions(page: Page, key: str) -> str:
    found = page.site.mentions.get(key, [])
    if not found:
        return ""
    inline = partial(markdown, inline=True)
    items = [
        f"<li>{page.a(kind, term)} <small>{KINDS[kind].one.lower()}</small>"
        + (f"<br>{inline(how)}" if how else "")
        + "</li>"
        for kind, term, how in found
    ]
    return f'{h2("In the atlas", "in-the-atlas")}<ul class="plain">{"".join(items)}</ul>'


def _citations(record: Record) -> str:
    """The paper as others write it down: each in a block that can be copied."""
    forms = (
        ("BibTeX", bibtex.entry(record)),
        ("APA", citations.apa(record)),
        ("Markdown", citations.markdown(record)),
    )
    return "".join(
        f"<p><b>{name}</b></p><pre><code>{text(form)}</code></pre>" for name, form in forms
    )


def _neighbors(page: Page, key: str, record: Record) -> str:
    """The papers before and after this one in its first task, by date."""
    tasks = record.get("tasks") or []
    if not tasks:
        return ""
    order = page.site.in_time("tasks", tasks[0])
    at = order.index(key)
    links = []
    for step, label in ((-1, "Before"), (1, "After")):
        if 0 <= at + step < len(order):
            other = order[at + step]
            papers = page.site.papers
            links.append(
                f"{label}: {page.a('papers', other)} <small>{byline(papers[other])}</small>"
            )
    if not links:
        return ""
    name = page.a("tasks", tasks[0])
    told = "".join(f"<li>{link}</li>" for link in links)
    return (
        f'<nav class="steps" aria-label="Before and after"><p class="note">Number {at + 1} of '
        f'{len(order)} on {name}, by date.</p><ul class="plain">{told}</ul></nav>'
    )


def _doors(page: Page, record: Record) -> None:
    site = page.site
    roots = [group for group in site.paper_groups(record) if group in site.roots]
    tasks = record.get("tasks") or []
    read = [page.a("frameworks", root, f"How {site.short(root)} works") for root in roots[:1]]
    read += [
        page.a("tasks", task, f"Other papers on {site.name('tasks', task)}") for task in tasks[:1]
    ]
    query = " ".join(
        [f"framework:{root}" for root in roots[:1]] + [f"task:{task}" for task in tasks[:1]]
    )
    page.doors(
        "<br>".join(read) or f'<a href="{page.rel("papers/")}">All papers</a>',
        query or f"id:{record['id']}",
        page.run_door(roots),
    )


def _index(site: Site) -> None:
    page = Page(site, "papers/", "Papers", wide=True)
    page.section = "papers/"
    count = len(site.papers)
    page.head(
        "<span>Read</span>",
        f"All {plural(count, 'paper')} of the catalog, newest first. "
        f"{page.to('explore/', 'The explorer')} filters them.",
        about="Every paper of the catalog in one sortable table.",
    )
    page.add(f"<div data-search-exclude>{tables.all_papers(page, list(site.papers))}")
    page.doors(
        f'<a href="{page.rel("timeline/")}">The same papers on a timeline</a><br>'
        f'<a href="{page.rel("matrix/")}">and counted by framework, task and condition</a>',
        "",
        page.run_door(site.roots),
    )
    page.add("</div>")
    page.save()
