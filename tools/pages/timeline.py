"""The timeline: every paper a dot in its quarter and its framework's lane, as inline SVG."""

from __future__ import annotations

from collections import Counter, defaultdict

from tools.pages.escape import text
from tools.pages.parts import Page, plural, scroll
from tools.pages.site import Record, Site

__all__ = ["write"]

STEP, ROW = 18, 9  # width of a column and height of a row of dots, in pixels
ABREAST = 2  # dots side by side in a column
SPARSE = 4  # a year with fewer papers than this has no quarters
NARROW = 2.2  # its width in columns


def write(site: Site) -> None:
    page = Page(site, "timeline/", "Timeline", wide=True)
    page.section = "timeline/"
    lead = (
        "When the papers first appeared, by framework. Each dot is a paper; choose one to read it."
    )
    page.head("<span>Read</span>", lead, about=lead)
    page.add("<div data-search-exclude>")
    if site.papers:
        page.add(_figure(page))
    page.doors(
        f'<a href="{page.rel("papers/")}">The same papers as a table</a>',
        "submitted:2022-01..2022-06",
        page.run_door(site.roots),
    )
    page.add("</div>")
    page.save()


def _columns(site: Site) -> tuple[dict[tuple[int, int], float], list[tuple[int, float]], float]:
    """(year, quarter) -> column; (year, first column) of each year with papers; the width."""
    counts = Counter(int(record["year"]) for record in site.papers.values())
    columns: dict[tuple[int, int], float] = {}
    years = []
    at = 0.0
    for year in sorted(counts):
        dense = counts[year] >= SPARSE
        for quarter in range(4):
            columns[year, quarter] = at + (quarter if dense else NARROW / 2 - 0.5)
        years.append((year, at))
        at += 4 if dense else NARROW
    return columns, years, at


def _quarter(record: Record) -> tuple[int, int]:
    date = str(record.get("submitted") or "")
    if len(date) >= 7 and date[:4].isdigit() and date[5:7].isdigit():
        return int(date[:4]), (int(date[5:7]) - 1) // 3
    return int(record["year"]), 3


def _lane(site: Site, record: Record) -> str:
    roots = site.paper_groups(record)
    return roots[0] if len(roots) == 1 else "several" if roots else "other"


def _figure(page: Page) -> str:
    site = page.site
    columns, years, wide = _columns(site)
    lanes: dict[str, dict[float, list[str]]] = defaultdict(lambda: defaultdict(list))
    order = sorted(site.papers, key=lambda k: (str(site.papers[k].get("submitted") or "9"), k))
    for key in order:
        record = site.papers[key]
        column = columns.get(_quarter(record), columns[int(record["year"]), 3])
        lanes[_lane(site, record)][column].append(key)
    left, top, y = 96, 26, 26
    width = round(left + STEP * wide + 4)
    parts: list[str] = []
    shown = [*site.groups, "several", "other"]
    labels = {
        **{group: site.short(group) for group in site.groups},
        "several": "several",
        "other": "none of them",
    }
    for lane in (name for name in shown if name in lanes):
        most = max(len(keys) for keys in lanes[lane].values())
        tall = max(-(-most // ABREAST) * ROW, 14)
        base = y + tall + 8
        total = sum(len(keys) for keys in lanes[lane].values())
        parts.append(
            f'<text class="lane fw-{text(lane)}" x="0" y="{base - 14}">{text(labels[lane])}</text>'
            f'<text class="axis" x="0" y="{base - 1}">{plural(total, "paper")}</text>'
            f'<path class="rule" d="M{left - 6} {base + 3}H{width}"/><g class="fw-{text(lane)}">'
        )
        for column, keys in sorted(lanes[lane].items()):
            for at, key in enumerate(keys):
                row, place = divmod(at, ABREAST)
                beside = min(ABREAST, len(keys) - row * ABREAST)
                x = left + (column + 0.5) * STEP + (place - (beside - 1) / 2) * ROW
                parts.append(_dot(page, key, round(x), base - 6 - row * ROW))
        parts.append("</g>")
        y = base + 14
    before = years[0][0]
    for year, first in years:
        x = round(left + first * STEP)
        gap = ' stroke-dasharray="2 3"' if year - before > 1 else ""
        before = year
        parts.append(
            f'<path class="rule" d="M{x} {top - 8}V{y - 6}"{gap}/>'
            f'<text class="axis" x="{x + 3}" y="12">{year}</text>'
        )
    size = f'viewBox="0 0 {width} {y + 4}" width="{width}" height="{y + 4}"'
    chart = scroll(f"<svg {size}>{''.join(parts)}</svg>", "Timeline")
    return (
        f'<figure class="timeline">{chart}<figcaption>A column is a quarter of a year, '
        "or a whole year where papers are few; a dashed line stands for years without any. Rings "
        "mark the papers that define one of the three frameworks.</figcaption></figure>"
    )


def _dot(page: Page, key: str, x: int, y: int) -> str:
    site = page.site
    defines = any(key in site.records["frameworks"][r].get("papers", ()) for r in site.roots)
    record = site.papers[key]
    ring = ' class="ring"' if defines else ""
    return (
        f'<a href="{page.href("papers", key)}"{ring}><title>{text(record["title"])} '
        f"({text(str(record.get('submitted') or record['year'])[:7])})</title>"
        f'<circle cx="{x}" cy="{y}" r="{5 if defines else 3.6}"/></a>'
    )
