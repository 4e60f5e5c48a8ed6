"""A page a term of every vocabulary but the frameworks, and the index of each vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from tools.pages import metadata, results, tables
from tools.pages.escape import markdown, text
from tools.pages.parts import Page, also, details, ext, facts, h2, plural, prose
from tools.pages.provenance import fact_table, named_by_survey
from tools.pages.site import FACETS, KINDS, TERM_KINDS, Record, Site

__all__ = ["crumbs", "paper_notes", "sections", "tree", "write"]

# The columns of a facet page's table: how its papers differ.
_COLUMNS = {
    "tasks": ("conditions", "datasets"),
    "conditions": ("tasks", "datasets"),
    "datasets": ("tasks", "conditions"),
    "architectures": ("tasks", "datasets"),
}
_LONG = 60
_FOLDED = 1500  # characters of HTML beyond which a branch of a vocabulary folds
# The field of a result that names the page's entity.
_OWNER = {"datasets": "dataset", "metrics": "metric"}
_OPINIONS = ("limitations", "directions")  # either the survey's or ours
_MARKDOWN_FIELDS = (
    ("measures", "What it measures"),
    ("does_not_measure", "What it does not measure"),
    ("shares", "What it shares with diffusion"),
    ("differs", "Where it differs"),
)


def write(site: Site) -> None:
    """Add the pages of all terms, their indices and the hub of vocabularies."""
    for kind in TERM_KINDS:
        if kind != "frameworks":
            for key, record in site.records[kind].items():
                _page(site, kind, key, record)
            _index(site, kind)
    _hub(site)


def crumbs(page: Page, kind: str, key: str | None = None) -> str:
    """The way down to a term: vocabulary, kind, broader terms."""
    parts = [f'<a href="{page.rel("vocabulary/")}">Vocabulary</a>'] if kind != "frameworks" else []
    if key is not None:
        parts.append(f'<a href="{page.rel(f"{kind}/")}">{KINDS[kind].many}</a>')
        parts += [page.a(kind, parent) for parent in page.site.lineage(kind, key)]
    else:
        parts.append(f"<span>{KINDS[kind].many}</span>")
    return " ".join(parts)


def _page(site: Site, kind: str, key: str, record: Record) -> None:
    page = Page(site, f"{kind}/{key}/", record["name"])
    page.section, page.data = "vocabulary/", metadata.term(kind, record)
    page.head(
        crumbs(page, kind, key),
        text(record["summary"]),
        line=also("", record, "Also called"),
        about=f"{record['name']} ({KINDS[kind].one.lower()}): {record['summary']}",
    )
    page.add("<div data-search-exclude>")
    page.add(sections(page, kind, key, record))
    own = [row for row in site.results if row[_OWNER[kind]] == key] if kind in _OWNER else []
    if own:
        page.h2("Reported results", "results")
        page.add(results.table(page, own, "paper" if kind == "datasets" else "dataset"))
        page.add(
            '<p class="note">In the order of the catalog, a paper’s own values first; not ranked: '
            "the protocols differ.</p>"
        )
    query = site.term_query(kind, key)
    found = site.under(kind, key) if query else []
    if query:
        page.h2("Papers", "papers")
        if found:
            narrower = " and its narrower terms" if site.children(kind, key) else ""
            page.add(
                f'<p class="note">{plural(len(found), "paper")} under this term{narrower}, '
                f"by framework, newest first.</p>"
            )
            # A long list shows one column less, so that the page stays light.
            columns = _COLUMNS[kind][: 2 if len(found) <= _LONG else 1]
            page.add(tables.grouped_papers(page, found, columns, query))
        else:
            page.add('<p class="note">No paper of the catalog stands under this term yet.</p>')
    if record.get("provenance"):
        page.add(details("Where the facts come from", fact_table(page, record), "provenance"))
    roots = [r for r in site.roots if any(r in site.paper_groups(site.papers[k]) for k in found)]
    page.doors(_read_door(page, kind, key, record), query or "", page.run_door(roots or site.roots))
    page.add("</div>")
    page.save()


def _read_door(page: Page, kind: str, key: str, record: Record) -> str:
    siblings = [
        other
        for parent in (record.get("broader") or ())
        for other in page.site.children(kind, parent)
        if other != key
    ]
    near = [*(record.get("broader") or ()), *page.site.children(kind, key), *siblings]
    links = [page.a(kind, other) for other in dict.fromkeys(near)][:3]
    many = KINDS[kind].many
    links.append(f'<a href="{page.rel(f"{kind}/")}">All {many[0].lower()}{many[1:]}</a>')
    return "<br>".join(links)


def sections(page: Page, kind: str, key: str, record: Record) -> str:
    """What every term says: other names, definition, confusions, narrower terms, its papers."""
    parts = []
    rows: list[tuple[str, ...]] = []
    if kind in _OPINIONS:
        rows.append(("Named by", _named_by(record)))
    if record.get("headings"):
        rows.append(("In the survey’s list", text(", ".join(record["headings"]))))
    if record.get("modality"):
        rows.append(("Modality", text(record["modality"])))
    if record.get("homepage") or record.get("url"):
        urls = [record[field] for field in ("homepage", "url") if record.get(field)]
        rows.append(("Found at", "<br>".join(ext(url, str(url).split("://")[-1]) for url in urls)))
    if record.get("direction"):
        rows.append(("Better is", text(record["direction"])))
    if record.get("unit"):
        rows.append(("Unit", text(record["unit"])))
    if record.get("broader"):
        rows.append(("Part of", page.chips(kind, record["broader"])))
    below = page.site.children(kind, key)
    if below:
        rows.append(("Narrower", page.chips(kind, below)))
    if record.get("papers"):
        rows.append(("Defined by", "<br>".join(page.paper(paper) for paper in record["papers"])))
    parts.append(facts(rows))
    parts.append(prose(record, "definition"))
    for field, title in _MARKDOWN_FIELDS:
        if record.get(field):
            parts.append(h2(title, field) + prose(record, field))
    if record.get("not"):
        parts.append(
            f'<aside class="not">{h2("Not to be confused", "not")}{markdown(record["not"])}</aside>'
        )
    if record.get("bridges"):
        parts.append(h2("Papers between the two", "bridges") + paper_notes(page, record["bridges"]))
    if record.get("addressed_by"):
        parts.append(_addressed(page, record["addressed_by"]))
    return "\n".join(parts)


def _named_by(record: Record) -> str:
    entry = named_by_survey(record)
    if entry is None:
        return "this atlas; we do not know that the survey does"
    note = f"<br><small>{text(entry['note'])}</small>" if entry.get("note") else ""
    return f"the survey{note}"


def _addressed(page: Page, entries: Sequence[Record]) -> str:
    """Who took up a limitation or direction: papers of the survey's companion list, then others.

    The list went on after the survey: a paper on it need not stand in the survey itself.
    """
    state = page.site.records["sources"].get("companion", {}).get("version")
    listed = "In the survey’s companion list" + (f" <small>{text(state)}</small>" if state else "")
    parts = []
    for on_list, title, key in (
        (True, listed, "addressed_by"),
        (False, "Elsewhere in the catalog", "elsewhere"),
    ):
        own = [
            entry
            for entry in entries
            if bool(page.site.papers.get(entry["paper"], {}).get("survey_heading")) == on_list
        ]
        if own:
            parts.append(h2(title, key) + paper_notes(page, own))
    return "\n".join(parts)


def paper_notes(page: Page, entries: Iterable[Record]) -> str:
    """Papers with what each does about the term."""
    inline = partial(markdown, inline=True)
    items = "".join(
        f"<li>{page.paper(entry['paper'])}<br>{inline(entry.get('how') or '')}</li>"
        for entry in entries
    )
    return f'<ul class="plain notes">{items}</ul>'


def _index(site: Site, kind: str) -> None:
    info = KINDS[kind]
    page = Page(site, f"{kind}/", info.many)
    page.section = "vocabulary/"
    page.head(f"{crumbs(page, kind)}", text(info.purpose), about=info.purpose)
    page.add("<div data-search-exclude>")
    if kind in _OPINIONS:
        page.add(
            '<p class="note">Some are the survey’s, as far as its abstract and readers’ notes on '
            "it tell; the others are ours.</p>"
        )
    page.add(tree(page, kind))
    others = [other for other in TERM_KINDS if other != kind][:4]
    page.doors(
        "<br>".join(f'<a href="{page.rel(f"{o}/")}">{KINDS[o].many}</a>' for o in others),
        f"{info.field}:{next(iter(site.records[kind]), '')}" if info.field else "",
        page.run_door(site.roots),
    )
    page.add("</div>")
    page.save()


def tree(page: Page, kind: str) -> str:
    """The vocabulary as a nested list with each term's sentence and number of papers."""
    site = page.site
    seen: set[str] = set()

    def item(key: str) -> str:
        if key in seen:  # a second parent, or a cycle: once is enough
            return ""
        seen.add(key)
        record = site.records[kind][key]
        count = ""
        if kind in FACETS:
            number = len(site.under(kind, key))
            count = f' <span class="count" title="papers">{number}</span>'
        if kind in _OPINIONS:
            whose = "ours" if named_by_survey(record) is None else "the survey’s"
            count = f' <span class="count">{whose}</span>'
        narrower = [item(child) for child in site.children(kind, key)]
        below = f"<ul>{''.join(narrower)}</ul>" if any(narrower) else ""
        if len(below) > _FOLDED:  # a long branch is short at first sight
            terms = plural(len(site.atlas.narrower(kind, key)), "narrower term")
            below = f"<details><summary>{terms}</summary>{below}</details>"
        return f"<li>{page.a(kind, key)}{count}<p>{text(record['summary'])}</p>{below}</li>"

    known = site.records[kind]
    tops = [k for k, r in known.items() if not any(p in known for p in r.get("broader") or ())]
    items = "".join(item(key) for key in [*tops, *known])
    if not items:
        return '<p class="note">This vocabulary has no terms yet.</p>'
    return f'<ul class="terms">{items}</ul>'


def _hub(site: Site) -> None:
    page = Page(site, "vocabulary/", "Vocabulary")
    page.section = "vocabulary/"
    lead = (
        "The words of the field, each with a definition, what it is not, and the papers under it. "
        "Pick a vocabulary."
    )
    page.head("<span>Read</span>", lead, about=lead)
    cards = []
    for kind in TERM_KINDS:
        info = KINDS[kind]
        tops = [k for k, r in site.records[kind].items() if not r.get("broader")][:6]
        shown = ", ".join(page.a(kind, key) for key in tops)
        cards.append(
            f'<section><h2 data-search-exclude id="{kind}">{page.to(f"{kind}/", info.many)} '
            f'<span class="count">{len(site.records[kind])}</span></h2><p>{text(info.purpose)}</p>'
            f"<p><small>{shown}</small></p></section>"
        )
    page.add(f'<div data-search-exclude><div class="cards">{"".join(cards)}</div>')
    page.doors(
        f'<a href="{page.rel("matrix/")}">Which task meets which framework</a>',
        "task:image-generation" if "image-generation" in site.records["tasks"] else "",
        page.run_door(site.roots),
    )
    page.add("</div>")
    page.save()
