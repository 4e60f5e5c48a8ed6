"""Framework x task and framework x condition: counts that link to the papers behind them."""

from __future__ import annotations

from tools.pages.escape import text
from tools.pages.parts import Page
from tools.pages.site import KINDS, Site

__all__ = ["write"]


def write(site: Site) -> None:
    page = Page(site, "matrix/", "Matrix")
    page.section = "matrix/"
    lead = (
        "How many papers join a framework with a task or a condition. Choose a number to see its "
        "papers; an empty cell means only that no paper of this catalog joins the two."
    )
    page.head("<span>Read</span>", lead, about=lead)
    page.add("<div data-search-exclude>")
    page.add(
        '<p class="note"><a href="#tasks">By task</a> · <a href="#conditions">By condition</a>. '
        "A term counts the papers of its narrower terms too; a paper of two frameworks counts in "
        "both."
        "</p>"
    )
    for kind in ("tasks", "conditions"):
        page.h2(f"Framework and {KINDS[kind].one.lower()}", kind)
        page.add(_matrix(page, kind))
    page.doors(
        f'<a href="{page.rel("tasks/")}">What each task is</a><br>'
        f'<a href="{page.rel("conditions/")}">What each condition is</a>',
        "framework:ncsn,sde task:inpainting" if "inpainting" in site.records["tasks"] else "",
        page.run_door(site.roots),
    )
    page.add("</div>")
    page.save()


def _ordered(site: Site, kind: str) -> list[tuple[str, int]]:
    """The terms with their depth, narrower ones below their (first) broader one."""
    known = site.records[kind]
    rows: list[tuple[str, int]] = []
    seen: set[str] = set()

    def walk(key: str, depth: int) -> None:
        if key in seen:
            return
        seen.add(key)
        rows.append((key, depth))
        for child in site.children(kind, key):
            walk(child, depth + 1)

    for key, record in known.items():
        if not any(parent in known for parent in record.get("broader") or ()):
            walk(key, 0)
    for key in known:
        walk(key, 0)
    return rows


def _counts(site: Site, kind: str, group: str) -> dict[str, int]:
    """Term -> how many papers of a group stand under it or under what is narrower."""
    own = set(site.found(site.group_filter(group)))
    return {key: sum(k in own for k in site.under(kind, key)) for key in site.records[kind]}


def _matrix(page: Page, kind: str) -> str:
    """Rows are terms, columns the groups of papers; the tint of a cell grows with its count."""
    site = page.site
    counts = {group: _counts(site, kind, group) for group in site.groups}
    # One paper stands out from none, and the largest cell is not the only one that shows.
    top = max([1, *(number for own in counts.values() for number in own.values())])
    head = "".join(f'<th scope="col">{page.mark(group)}</th>' for group in counts)
    rows = []
    for key, depth in _ordered(site, kind):
        cells = []
        for root, own in counts.items():
            number = own[key]
            if number:
                step = round(1 + 9 * (number / top) ** 0.5)
                cells.append(
                    f'<td class="fw-{text(root)} w{step}">'
                    f'<a href="{page.href(kind, key)}#{text(root)}">{number}</a></td>'
                )
            else:
                cells.append("<td></td>")
        rows.append(
            f'<tr><th scope="row" class="d{min(depth, 3)}">{page.a(kind, key)}</th>'
            f"{''.join(cells)}</tr>"
        )
    return (
        f'<table class="matrix"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{chr(10).join(rows)}</tbody></table>"
    )
