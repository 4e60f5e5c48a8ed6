"""The hand-written pages (home, query, about) with their generated parts."""

from __future__ import annotations

from diffatlas.catalog import coverage
from tools.pages import forming, prose
from tools.pages.escape import text
from tools.pages.parts import Page, ext, percent, plural, thead
from tools.pages.provenance import STATUSES, on_survey, totals
from tools.pages.site import KINDS, Site

__all__ = ["write"]


def write(site: Site) -> None:
    """Add the three pages to the site's tree."""
    _home(site)
    _query(site)
    _about(site)


def _home(site: Site) -> None:
    page = Page(site, "", "Diffusion Atlas")

    def counts() -> str:
        variants = len(site.variants(site.roots))
        more = len(site.records["frameworks"]) - len(site.roots) - variants
        beside = f", {more} beside them" if more else ""
        shown = [
            ("papers", len(site.papers), "papers"),
            ("frameworks", len(site.roots), f"frameworks, {variants} variants{beside}"),
            ("tasks", len(site.records["tasks"]), "tasks"),
            ("conditions", len(site.records["conditions"]), "conditions"),
            ("datasets", len(site.records["datasets"]), "data sets"),
            ("baselines", len(site.records["baselines"]), "that run"),
        ]
        items = "".join(
            f'<li><a href="{page.rel(f"{kind}/")}"><b>{number}</b> {label}</a></li>'
            for kind, number, label in shown
        )
        return f'<ul class="counts">{items}</ul>'

    def memory() -> str:
        standings = coverage.facts(site.atlas)["standing"]
        own = int((standings == "recall").sum())
        if not own:
            return "none rests on memory"
        told = f"{own:,} of {plural(len(standings), 'fact')} of papers"
        return page.to("coverage/#unchecked", f"{told} {'rests' if own == 1 else 'rest'} on memory")

    def door_read() -> str:
        links = "".join(
            f"<li>{page.mark(root)} <small>{text(site.name('frameworks', root))}</small></li>"
            for root in site.roots
        )
        more = ("explore", "vocabulary", "matrix", "timeline", "results")
        return (
            f"<section><h2>{page.to('frameworks/', 'Read')}</h2><p>Three ways from noise to image, "
            f"{page.to('compare/', 'compared point by point')}.</p>"
            f'<ul class="plain">{links}</ul>'
            f"<p>{' · '.join(page.to(f'{name}/', name) for name in more)}</p>"
            f"<p>{page.to('choose/', 'Which one should I use?')}</p></section>"
        )

    def door_query() -> str:
        query, answer = "framework:sde task:inpainting", ""
        known = "sde" in site.records["frameworks"] and "inpainting" in site.records["tasks"]
        if known:
            answer = f"\n<i># {plural(len(site.found(query)), 'paper')}</i>"
        return (
            f"<section><h2>{page.to('query/', 'Query')}</h2>"
            "<p>The catalog as pandas DataFrames, three lines away.</p>"
            '<pre tabindex="0"><code>import diffatlas\natlas = diffatlas.load()\n'
            f"atlas.find(&quot;{text(query)}&quot;){answer}</code></pre></section>"
        )

    def door_run() -> str:
        links = "".join(f"<li>{page.a('baselines', key)}</li>" for key in site.records["baselines"])
        first = next(iter(site.records["baselines"]), "ddpm")
        return (
            f"<section><h2>{page.to('baselines/', 'Run')}</h2>"
            "<p>Each of the three as one file that learns to draw digits in under a minute.</p>"
            f'<pre tabindex="0"><code>diffatlas run {text(first)} --data digits</code></pre>'
            f'<ul class="plain">{links}</ul></section>'
        )

    slots = {
        "counts": counts,
        "memory": memory,
        "forming": lambda: forming.figure(page),
        "door_read": door_read,
        "door_query": door_query,
        "door_run": door_run,
    }
    prose.save(site, "index", prose.fill(site, "index", slots))


def _doors(page: Page, read: str) -> str:
    page.parts.clear()
    page.doors(read, "", page.run_door(page.site.roots))
    return page.parts[-1]


def _query(site: Site) -> None:
    page = Page(site, "query/", "Query the catalog")
    read = (
        f'<a href="{page.rel("papers/")}">All papers</a><br>'
        f'<a href="{page.rel("vocabulary/")}">The terms that filters know</a>'
    )
    source = prose.fill(site, "query", {"doors": lambda: _doors(page, read)})
    prose.save(site, "query", prose.execute(source, {"__name__": "page"}, site.atlas))


def _about(site: Site) -> None:
    page = Page(site, "about/", "About the atlas")

    def counts_table() -> str:
        rows = "".join(
            f'<tr><th scope="row"><a href="{page.rel(f"{kind}/")}">{info.many}</a></th>'
            f'<td class="num">{len(site.records[kind])}</td><td>{text(info.purpose)}</td></tr>'
            for kind, info in KINDS.items()
        )
        head = thead("Kind", "num:Entities", "What they are")
        return f'<table class="counts-table">{head}<tbody>{rows}</tbody></table>'

    def statuses() -> str:
        counted = totals(site)
        total = sum(counted.values())
        rows = "".join(
            f'<tr><td><span class="status {status}">{status}</span></td><td>{meaning}</td>'
            f'<td class="num">{counted[status]:,}</td>'
            f'<td class="num">{percent(counted[status], total)}</td></tr>'
            for status, meaning in STATUSES.items()
        )
        head = thead("Status", "The fact rests on", "num:Facts", "num:Share")
        return f'<table class="statuses">{head}<tbody>{rows}</tbody></table>'

    def survey_facts() -> str:
        counted = on_survey(site)
        own, told = counted["survey"], sum(counted.values()) - counted["survey"]
        return (
            f"{plural(own, 'fact')} of this catalog {'rests' if own == 1 else 'rest'} on that "
            f"abstract, {told} more on what readers noted of the survey; of papers, it attests "
            f"{totals(site)['survey'] or 'none'} of the facts counted below"
        )

    def sources() -> str:
        items = "".join(
            f"<li>{ext(record['url'], record['name'])}"
            f"{' <small>' + text(record['version']) + '</small>' if record.get('version') else ''}"
            f"{'<br>' + text(record['note']) if record.get('note') else ''}</li>"
            for record in site.records["sources"].values()
        )
        return f'<ul class="plain">{items}</ul>' if items else ""

    read = (
        f'<a href="{page.rel("coverage/")}">What the catalog knows, and what not</a><br>'
        f'<a href="{page.rel("speed/")}">How fast all this is, measured</a><br>'
        f'<a href="{page.rel("vocabulary/")}">The vocabulary</a>'
    )
    slots = {
        "counts_table": counts_table,
        "statuses": statuses,
        "sources": sources,
        "survey_facts": survey_facts,
        "doors": lambda: _doors(page, read),
    }
    prose.save(site, "about", prose.fill(site, "about", slots))
