"""The timeline: every paper a dot in its quarter and its framework's lane, as inline SVG.

Where the day is not known the month with which an arXiv id begins counts; a paper of which only the
year is known stands in a column of its own at the end of that year.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from diffatlas.catalog import arxiv
from tools.pages.escape import text
from tools.pages.parts import Page, plural, scroll
from tools.pages.site import Record, Site

__all__ = ["write"]

STEP, ROW = 18, 9  # width of a column and height of a row of dots, in pixels
ABREAST = 2  # dots side by side in a column
SPARSE = 4  # a year with fewer papers than this has no quarters
NARROW = 1.9  # its width in columns
UNDATED = 4  # the place of papers of which only the year is known, after the four quarters

Place = tuple[int, int]


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


@dataclass(frozen=True)
class _Axis:
    """Where places stand, in columns: the first column of each year, and the width of all."""

    columns: dict[Place, float]
    years: list[tuple[int, float]]
    width: float
    undated: set[float]  # the columns of papers of which only the year is known


def _axis(places: Counter[Place]) -> _Axis:
    counts: Counter[int] = Counter()
    for (year, _), number in places.items():
        counts[year] += number
    axis = _Axis({}, [], sum(_width(places, year, counts[year]) for year in counts), set())
    at = 0.0
    for year in sorted(counts):
        axis.years.append((year, at))
        dense = counts[year] >= SPARSE
        for place in range(UNDATED + 1):
            axis.columns[year, place] = at + (place if dense else NARROW / 2 - 0.5)
        if dense and places[year, UNDATED]:
            axis.undated.add(axis.columns[year, UNDATED])
        at += _width(places, year, counts[year])
    return axis


def _width(places: Counter[Place], year: int, papers: int) -> float:
    return UNDATED + bool(places[year, UNDATED]) if papers >= SPARSE else NARROW


def _date(record: Record) -> str:
    """When a paper first appeared: the day, or the month with which its arXiv id begins."""
    if day := str(record.get("submitted") or ""):
        return day
    month = arxiv.month(record.get("arxiv") or "")
    return month if month[:4] == str(record["year"]) else ""


def _place(record: Record) -> Place:
    """The year and the quarter in which a paper first appeared, as far as they are known."""
    date = _date(record)
    return (int(date[:4]), (int(date[5:7]) - 1) // 3) if date else (int(record["year"]), UNDATED)


def _lane(site: Site, record: Record) -> str:
    roots = site.paper_groups(record)
    return roots[0] if len(roots) == 1 else "several" if roots else "other"


def _figure(page: Page) -> str:
    site = page.site
    axis = _axis(Counter(_place(record) for record in site.papers.values()))
    lanes: dict[str, dict[float, list[str]]] = defaultdict(lambda: defaultdict(list))
    order = sorted(site.papers, key=lambda k: (_date(site.papers[k]) or "9", k))
    for key in order:
        record = site.papers[key]
        lanes[_lane(site, record)][axis.columns[_place(record)]].append(key)
    left, top, y = 96, 26, 26
    width = round(left + STEP * axis.width + 4)
    parts: list[str] = []
    shown = [*site.groups, "several", "other"]
    labels = {
        **{group: f"only {site.short(group)}" for group in site.groups},
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
                parts.append(
                    _dot(page, key, round(x), base - 6 - row * ROW, column in axis.undated)
                )
        parts.append("</g>")
        y = base + 14
    before = axis.years[0][0]
    for year, first in axis.years:
        x = round(left + first * STEP)
        gap = ' stroke-dasharray="2 3"' if year - before > 1 else ""
        before = year
        parts.append(
            f'<path class="rule" d="M{x} {top - 8}V{y - 6}"{gap}/>'
            f'<text class="axis" x="{x + 3}" y="12">{year}</text>'
        )
    size = f'viewBox="0 0 {width} {y + 4}" width="{width}" height="{y + 4}"'
    chart = scroll(f"<svg {size}>{''.join(parts)}</svg>", "Timeline")
    vague = sum(
        len(keys) for own in lanes.values() for at, keys in own.items() if at in axis.undated
    )
    told = (
        f"Pale dots after the fourth quarter: {plural(vague, 'paper')} of which the catalog knows "
        "only the year. "
        if vague
        else ""
    )
    return (
        f'<figure class="timeline">{chart}<figcaption>A column is a quarter of a year, '
        "or a whole year where papers are few; a dashed line stands for years without any. "
        "Where the day is not known, the month in the paper's arXiv id counts. "
        f"{told}A paper of more than one framework stands in the row “several”. Rings "
        "mark the papers that define one of the three frameworks.</figcaption></figure>"
    )


def _dot(page: Page, key: str, x: int, y: int, undated: bool) -> str:
    site = page.site
    defines = any(key in site.records["frameworks"][r].get("papers", ()) for r in site.roots)
    record = site.papers[key]
    css = " ".join(name for name, is_so in (("ring", defines), ("undated", undated)) if is_so)
    css = f' class="{css}"' if css else ""
    return (
        f'<a href="{page.href("papers", key)}"{css}><title>{text(record["title"])} '
        f"({text(_date(record)[:7] or str(record['year']))})</title>"
        f'<circle cx="{x}" cy="{y}" r="{5 if defines else 3.6}"/></a>'
    )
