"""The frameworks: their index, a page each, a page of papers each, and the comparison."""

from __future__ import annotations

from collections import Counter
from functools import partial

from diffatlas.catalog.evidence import nearest_baseline
from tools.pages import figures, metadata, tables, terms
from tools.pages.escape import markdown, text
from tools.pages.parts import Page, also, details, facts, plural, prose
from tools.pages.provenance import fact_table
from tools.pages.site import BEYOND, KINDS, Record, Site

__all__ = ["write"]

STAGES = (
    ("forward", "Forward: from image to noise"),
    ("objective", "Training objective"),
    ("reverse", "Reverse: from noise to image"),
)
PROPERTIES = {
    "time": "Time",
    "forward_kernel": "Forward kernel",
    "prior": "Sampling starts from",
    "network_predicts": "The network predicts",
    "loss_weighting": "Loss weighting",
    "sampler": "Sampler",
    "typical_nfe": "Network evaluations (NFE)",
    "likelihood": "Likelihood",
    "conditioning": "Conditioning",
}


def write(site: Site) -> None:
    """Add all framework pages to the site's tree."""
    _index(site)
    for key, record in site.records["frameworks"].items():
        _page(site, key, record)
        _papers(site, key)


def _index(site: Site) -> None:
    page = Page(site, "frameworks/", KINDS["frameworks"].many)
    page.section = "frameworks/"
    page.head(
        "<span>Read</span>", text(KINDS["frameworks"].purpose), about=KINDS["frameworks"].purpose
    )
    page.add("<div data-search-exclude>")
    cards = []
    for root in site.roots:
        record = site.records["frameworks"][root]
        found = site.under("frameworks", root)
        variants = plural(len(site.atlas.narrower("frameworks", root)), "variant")
        cards.append(
            f'<section class="card-{text(root)}"><h2 data-search-exclude id="{text(root)}">'
            f"{page.a('frameworks', root, site.short(root), css=f'fw {text(root)}')}</h2>"
            f"{figures.strip(page, root, caption=False)}"
            f"<p><strong>{text(record['name'])}.</strong> {text(record['summary'])}</p>"
            f'<p class="small">{page.to("frameworks/#variants", variants)} · '
            f"{page.to(f'frameworks/{root}/papers/', plural(len(found), 'paper'))}</p></section>"
        )
    page.add(f'<div class="cards three">{"".join(cards)}</div>{figures.strips_note(site)}')
    if site.beyond:
        page.h2("Beyond the three", "beyond")
        page.add(_beyond(page))
    page.h2("All, with their variants", "variants")
    page.add(_counted(site))
    page.add(terms.tree(page, "frameworks"))
    page.doors(
        f'<a href="{page.rel("compare/")}">The three, point by point</a><br>'
        f'<a href="{page.rel("choose/")}">Which one should I use?</a><br>'
        f'<a href="{page.rel("families/")}">Related families</a>',
        f"framework:{site.roots[0]}" if site.roots else "",
        page.run_door(site.roots),
    )
    page.add("</div>")
    page.save()


def _counted(site: Site) -> str:
    """How the frameworks of the list add up."""
    of_three, of_others = site.variants(site.roots), site.variants(site.beyond)
    under = Counter(k for root in site.roots for k in site.atlas.narrower("frameworks", root))
    shared = sum(number > 1 for number in under.values())
    parts = [
        plural(len(site.roots), "framework"),
        plural(len(of_three), "variant") + (f" ({shared} under more than one)" if shared else ""),
    ]
    if site.beyond:
        parts.append(f"{len(site.beyond)} beyond with {len(of_others - of_three)} of their own")
    total = len(site.records["frameworks"])
    return f'<p class="note">{total} in all: {", ".join(parts)}.</p>'


def _beyond(page: Page) -> str:
    """The top frameworks that are none of the survey's, each with how it relates to the three."""
    site = page.site
    inline = partial(markdown, inline=True)
    cards = []
    for key in site.beyond:
        record = site.records["frameworks"][key]
        ties = "".join(
            f"<li>{page.chip('frameworks', link['to'])} {inline(link['how'])}</li>"
            for link in record.get("links") or ()
            if link["to"] in site.roots
        )
        ties = f'<ul class="plain">{ties}</ul>' if ties else ""
        found = plural(len(site.under("frameworks", key)), "paper")
        cards.append(
            f"<section><h3>{page.a('frameworks', key)}</h3><p>{text(record['summary'])}</p>"
            f'{ties}<p class="small">{page.to(f"frameworks/{key}/papers/", found)}</p></section>'
        )
    lead = "What is no variant of the survey’s three frameworks, and what ties it to them."
    return f'<p class="note">{lead}</p><div class="cards">{"".join(cards)}</div>'


def _page(site: Site, key: str, record: Record) -> None:
    page = Page(site, f"frameworks/{key}/", record["name"], toc=True)
    page.data = metadata.term("frameworks", record)
    page.section = "frameworks/"
    root = site.root(key)
    page.card = (record["summary"], root)
    page.head(
        f'{terms.crumbs(page, "frameworks", key)} <span class="fw {text(root)}">'
        f"{'Framework' if key == root else 'Variant'}</span>",
        text(record["summary"]),
        line=also("", record, "Also called"),
        about=record["summary"],
    )
    page.add(figures.strip(page, key))
    page.add(_at_a_glance(page, key, record))
    page.h2("The idea", "idea")
    page.add(prose(record, "definition"))
    for field, title in STAGES:
        if record.get(field):
            page.h2(title, field)
            page.add(prose(record, field))
    if record.get("properties"):
        page.h2("Properties", "properties")
        page.add(_properties(record["properties"]))
    if record.get("links"):
        page.h2("How it leads to the others", "links")
        page.add(_links(page, record))
    below = site.children("frameworks", key)
    if below:
        page.h2("Variants", "variants")
        page.add(
            f"<p data-search-exclude>{page.chips('frameworks', below)}</p>"
            f'<p class="note">{_depth(site, key, len(below))}'
            f"{page.to('frameworks/#variants', 'What tells them apart')}</p>"
        )
    if record.get("not"):
        page.h2("Not to be confused", "not")
        page.add(f'<aside class="not" data-search-exclude>{markdown(record["not"])}</aside>')
    _uses(page, key)
    if record.get("provenance"):
        page.add(details("Where the facts come from", fact_table(page, record), "provenance"))
    others = [other for other in site.roots if other != root]
    page.doors(
        "<br>".join(page.a("frameworks", other) for other in others),
        f"framework:{key}",
        page.run_door([root]),
    )
    page.save()


def _depth(site: Site, key: str, direct: int) -> str:
    """How many variants there are with the variants of these, where they have some."""
    total = len(site.atlas.narrower("frameworks", key))
    return f"{direct} here, {total} with their own variants. " if total > direct else ""


def _at_a_glance(page: Page, key: str, record: Record) -> str:
    site = page.site
    rows: list[tuple[str, ...]] = []
    if record.get("broader"):
        rows.append(("Part of", page.chips("frameworks", record["broader"])))
    if record.get("papers"):
        rows.append(("Defined by", "<br>".join(page.paper(paper) for paper in record["papers"])))
    count = len(site.under("frameworks", key))
    link = f'<a href="{page.rel(f"frameworks/{key}/papers/")}">{plural(count, "paper")}</a>'
    rows.append(("In the catalog", link if count else "no paper yet"))
    own = site.runs(key)
    nearest = [] if own else [nearest_baseline(site.atlas, key)]
    runs = [
        f"<strong>{page.a('baselines', k)}</strong>: {text(baseline['summary'])}"
        for k in (*own, *nearest)
        if k is not None
        for baseline in [site.records["baselines"][k]]
    ]
    if runs:
        rows.append(("Runs as" if own else "Nearest baseline", "<br>".join(runs)))
    beside = list(dict.fromkeys([key, *(record.get("broader") or site.roots)]))[:4]
    rows.append(("Compare", page.compare(beside, f"with {_names(site, beside[1:])}, row by row")))
    return facts(rows)


def _names(site: Site, keys: list[str]) -> str:
    return text(" and ".join(site.short(key) for key in keys)) or "others"


def _properties(properties: Record) -> str:
    inline = partial(markdown, inline=True)
    rows = "".join(
        f'<tr><th scope="row">{label}</th><td>{inline(properties[field])}</td></tr>'
        for field, label in PROPERTIES.items()
        if properties.get(field)
    )
    return f'<table class="properties" data-search-exclude><tbody>{rows}</tbody></table>'


def _links(page: Page, record: Record) -> str:
    blocks = "".join(
        f"<section><h3>{page.chip('frameworks', link['to'])}</h3>"
        f'<div class="prose">{markdown(link["how"])}</div></section>'
        for link in record["links"]
    )
    return f'<div class="columns" data-search-exclude>{blocks}</div>'


def _uses(page: Page, key: str) -> None:
    """What the framework is used for: years as bars, the most frequent tasks as links."""
    site = page.site
    found = site.under("frameworks", key)
    if not found:
        return
    page.h2("What it is used for", "used-for")
    tasks = Counter(t for k in found for t in site.papers[k].get("tasks") or ())
    root = site.root(key)
    group = root if root in site.roots else BEYOND
    items = "".join(
        f"<li>{page.to(f'tasks/{task}/#{group}', text(site.name('tasks', task)))} "
        f'<span class="count">{number}</span></li>'
        for task, number in tasks.most_common(12)
        if task in site.records["tasks"]
    )
    count = plural(len(found), "paper")
    years = Counter(int(site.papers[k]["year"]) for k in found)
    page.add(
        f'<div data-search-exclude>{figures.year_bars(years, root)}<ul class="inline">{items}</ul>'
        f"<p>{page.to(f'frameworks/{key}/papers/', f'All {count}')}</p></div>"
    )


def _papers(site: Site, key: str) -> None:
    found = site.under("frameworks", key)
    name = site.name("frameworks", key)
    page = Page(site, f"frameworks/{key}/papers/", f"Papers: {name}", wide=True)
    page.section = "frameworks/"
    page.searched = False  # the page of the framework is found instead
    page.head(
        f"{terms.crumbs(page, 'frameworks', key)} {page.a('frameworks', key)}",
        f"{plural(len(found), 'paper')} of this framework and its variants, newest first.",
        about=f"The papers that use {name}.",
    )
    body = tables.all_papers(page, found) if found else '<p class="note">No paper yet.</p>'
    page.add(f"<div data-search-exclude>{body}")
    page.doors(page.a("frameworks", key), f"framework:{key}", page.run_door([site.root(key)]))
    page.add("</div>")
    page.save()
