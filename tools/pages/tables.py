"""Tables of papers: one row a paper, grouped by framework where a page links into the groups."""

from __future__ import annotations

from collections.abc import Sequence

from tools.pages.escape import text
from tools.pages.parts import Page, byline, thead
from tools.pages.site import KINDS, Record

__all__ = ["all_papers", "grouped_papers", "newest_first"]

GROUP = 40  # papers of a group that a term's page shows


def _date(record: Record) -> str:
    return str(record.get("submitted") or record.get("year") or "")


def newest_first(page: Page, keys: Sequence[str]) -> list[str]:
    papers = page.site.papers
    return sorted(keys, key=lambda key: (_date(papers[key]), key), reverse=True)


def _names(page: Page, kind: str, record: Record) -> str:
    """The names of a paper's terms; many tables show the same cell."""
    cells = page.site.cells
    place = (kind, record["id"])
    if place not in cells:
        names = (page.site.name(kind, key) for key in record.get(kind) or ())
        cells[place] = text(", ".join(names))
    return cells[place]


def _title(page: Page, key: str, record: Record) -> str:
    cells = page.site.cells
    place = (page.up, key)
    if place not in cells:
        authors = byline(record).rsplit(", ", 1)[0]
        cells[place] = f"{page.a('papers', key)} <small>{authors}</small>"
    return cells[place]


def grouped_papers(page: Page, keys: Sequence[str], columns: Sequence[str], query: str) -> str:
    """Papers by top framework, newest first; each group is an anchor such as ``#ddpm``.

    A paper of two frameworks stands in both groups, so that a group counts what the matrix counts.
    Of a long group the newest are shown; the rest is a link to the explorer, which finds the
    papers of the page by ``query``.
    """
    site = page.site
    groups = [
        (group, [k for k in keys if group in site.paper_groups(site.papers[k])])
        for group in site.groups
    ]
    groups.append(("other", [k for k in keys if not site.paper_groups(site.papers[k])]))
    head = thead("Paper", "num:Year", *(f"wide:{KINDS[c].many}" for c in columns))
    bodies = []
    for root, own in groups:
        if not own:
            continue
        label = "Without a framework" if root == "other" else page.mark(root)
        rows = [
            f'<tr class="group"><th colspan="{2 + len(columns)}" scope="rowgroup">{label} '
            f"<small>{len(own)}</small></th></tr>"
        ]
        for key in newest_first(page, own)[:GROUP]:
            record = site.papers[key]
            cells = "".join(f'<td class="wide">{_names(page, c, record)}</td>' for c in columns)
            rows.append(
                f"<tr><td>{_title(page, key, record)}</td>"
                f'<td class="num">{text(record["year"])}</td>{cells}</tr>'
            )
        if len(own) > GROUP:
            here = f"{query} {site.group_filter(root)}" if root in site.groups else query
            link = page.explore(here, f"all {len(own)} in the explorer")
            rows.append(
                f'<tr class="group"><td colspan="{2 + len(columns)}">The newest {GROUP}; {link}'
                "</td></tr>"
            )
        bodies.append(f'<tbody id="{text(root)}">' + "\n".join(rows) + "</tbody>")
    return f'<table class="papers" data-sortable>{head}' + "\n".join(bodies) + "</table>"


def all_papers(page: Page, keys: Sequence[str]) -> str:
    """The plain table of every paper: title, authors, date, frameworks, tasks."""
    rows = []
    for key in newest_first(page, keys):
        record = page.site.papers[key]
        rows.append(
            f"<tr><td>{_title(page, key, record)}</td>"
            f'<td class="num">{text(_date(record)[:7])}</td>'
            f"<td>{page.marks(record)}</td>"
            f'<td class="wide">{_names(page, "tasks", record)}</td></tr>'
        )
    head = thead("Paper", "num:Date", "Framework", "wide:Tasks")
    return (
        f'<table class="papers" data-sortable>{head}<tbody>' + "\n".join(rows) + "</tbody></table>"
    )
