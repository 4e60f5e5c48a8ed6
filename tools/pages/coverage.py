"""The page of coverage: how complete the catalog is, and on what its facts rest."""

from __future__ import annotations

from diffatlas.catalog import coverage
from tools.pages.escape import text
from tools.pages.parts import Page, details, percent, plural, scroll, thead
from tools.pages.provenance import STATUSES
from tools.pages.results import PROTOCOL
from tools.pages.site import KINDS, Site

__all__ = ["write"]

_SHOWN = 400  # ids listed of what is missing


def write(site: Site) -> None:
    """Add the page to the site's tree."""
    page = Page(site, "coverage/", "Coverage")
    page.section = "about/"
    lead = (
        "What the catalog knows and what it does not: how many entries have each field, on what "
        "each fact rests, and what is still unchecked or missing."
    )
    page.head(f"{page.to('about/', 'About')} <span>Coverage</span>", lead, about=lead)
    page.add("<div data-search-exclude>")
    page.add(_shares(page))
    page.h2("On what the facts rest", "standings")
    page.add(_standings(page))
    page.h2("Unchecked facts", "unchecked")
    page.add(_unchecked(page))
    page.h2("How many entries have a field", "fields")
    page.add(_fields(site))
    page.h2("What reported values state of their protocol", "protocols")
    page.add(_protocols(site))
    page.h2("What is missing", "missing")
    page.add(_gaps(page))
    page.doors(page.to("about/#provenance", "How a fact is attested"), "", page.run_door())
    page.add("</div>")
    page.save()


def _shares(page: Page) -> str:
    site = page.site
    rows = []
    for name, query in (
        ("that the survey or its companion list names", "origin:survey"),
        ("from elsewhere", "origin:beyond"),
    ):
        count = len(site.found(query))
        if count:
            share = percent(coverage.attested(site.atlas, query), 1)
            rows.append(
                f"<li><b>{share}</b> of the frameworks, tasks, conditions and data sets of "
                f"the {plural(count, 'paper')} {name} rest on a source other than memory "
                f"({page.explore(query, f'<code>{query}</code>')})</li>"
            )
    return f'<ul class="plain">{"".join(rows)}</ul>' if rows else ""


def _standings(page: Page) -> str:
    standings = coverage.standings(page.site.atlas)
    table = standings.join(coverage.agreed(page.site.atlas))
    head = thead("Field", *(f"num:{name}" for name in standings.columns), "num:two or more")
    rows = "".join(
        f'<tr><th scope="row">{text(field)}</th>'
        + "".join(f'<td class="num">{number or ""}</td>' for number in row)
        + "</tr>"
        for field, row in zip(table.index, table.to_numpy().tolist(), strict=True)
    )
    meaning = "; ".join(f"{name}: {STATUSES[name]}" for name in standings.columns)
    return (
        '<p class="note">A fact counts once, under the best of the sources that attest it. '
        f"{meaning}. The last column counts the facts that two or more sources attest; "
        "files of one repository are one, and an inference is none.</p>"
        + scroll(f'<table class="plain">{head}<tbody>{rows}</tbody></table>', "Standing of facts")
    )


def _unchecked(page: Page) -> str:
    found = coverage.facts(page.site.atlas)
    found = found[found["standing"] == "recall"]
    if found.empty:
        return "<p>No fact of a paper rests on memory alone.</p>"
    items = []
    for entity, own in found.groupby("entity", sort=False):
        listed = ", ".join(
            page.a(row.field, row.value) if row.field in KINDS else text(row.field)
            for row in own.itertuples()
        )
        items.append(f"<li>{page.paper(str(entity))}<br>{listed}</li>")
    head = (
        f"{plural(len(found), 'fact')} of {plural(len(items), 'paper')} rest on memory alone and "
        "wait for a source, oldest papers first."
    )
    return f'<p>{head}</p><ul class="plain notes">{"".join(items)}</ul>'


def _fields(site: Site) -> str:
    table = coverage.fields(site.atlas)
    blocks = []
    for kind, own in table.groupby("kind", sort=False):
        rows = "".join(
            f'<tr><th scope="row">{text(row.field)}</th><td class="num">{row.filled}</td>'
            f'<td class="num">{percent(row.filled, row.entities, 0)}</td></tr>'
            for row in own.itertuples()
        )
        head = thead("Field", "num:Entries", "num:Share")
        name = KINDS[kind].many if kind in KINDS else str(kind).capitalize()
        total = plural(int(own["entities"].iloc[0]), "entry", "entries")
        blocks.append(
            details(
                f"{text(name)} <small>{total}</small>",
                f'<table class="plain">{head}<tbody>{rows}</tbody></table>',
            )
        )
    return "\n".join(blocks)


def _protocols(site: Site) -> str:
    """How many reported values state each part of their protocol; what is not stated is unknown."""
    total = len(site.results)
    if not total:
        return "<p>No value is stored.</p>"
    rows = []
    for field, name in PROTOCOL.items():
        stated = sum(row.get(field) not in (None, "", "unknown") for row in site.results)
        rows.append(
            f'<tr><th scope="row">{name}</th><td class="num">{stated}</td>'
            f'<td class="num">{total - stated}</td>'
            f'<td class="num">{percent(stated, total, 0)}</td></tr>'
        )
    head = thead("Part", "num:Stated", "num:Not stated", "num:Share")
    return (
        f'<p class="note">Of {plural(total, "reported value")}; a likelihood needs neither sampler '
        "nor samples.</p>"
        f'<table class="plain">{head}<tbody>{"".join(rows)}</tbody></table>'
    )


def _gaps(page: Page) -> str:
    blocks = []
    for name, ids in coverage.gaps(page.site.atlas).items():
        links = []
        for own in ids[:_SHOWN]:
            kind, slash, term = own.partition("/")
            links.append(page.a(kind, term) if slash else page.a("papers", own, own))
        more = f", and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        title = f"{text(name[0].upper() + name[1:])} <small>{len(ids):,}</small>"
        blocks.append(details(title, f"<p>{', '.join(links)}{more}</p>"))
    return "\n".join(blocks) or "<p>Nothing that this page looks for is missing.</p>"
