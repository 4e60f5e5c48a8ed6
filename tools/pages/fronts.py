"""The page of reported results: FID against network evaluations, with the front of each chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from diffatlas.catalog import reported
from tools.pages import labels
from tools.pages.escape import text
from tools.pages.parts import Page, plural, scroll, thead
from tools.pages.provenance import source
from tools.pages.results import metric_name
from tools.pages.site import Site

__all__ = ["write"]

LEAST = 4  # points that make a chart
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 352, 46, 46, 20
X_AXIS, Y_AXIS = "Network evaluations for one sample", "FID"

Row = dict[str, Any]


def write(site: Site) -> None:
    """Add the page to the site's tree."""
    page = Page(site, "results/", "Reported results", wide=True)
    page.section = "results/"
    lead = (
        "What papers report, and at what price: sample quality against network evaluations, one "
        "chart for each data set, resolution and conditioning. Other protocols are other charts."
    )
    page.head("<span>Read</span>", lead, about=lead)
    page.add("<div data-search-exclude>")
    page.add(_introduction(page))
    table = reported.front(site.atlas) if len(site.results) else None
    groups = [] if table is None else list(table.groupby(list(reported.PROTOCOL), sort=False))
    charts = []
    for protocol, own in groups:
        rows = own.to_dict("records")
        if len(rows) >= LEAST:
            charts.append((len(rows), _protocol(page, protocol, rows)))
    # The best-documented protocol comes first.
    page.add("\n".join(chart for _, chart in sorted(charts, key=lambda c: -c[0])))
    page.add(_contradictions(page))
    page.doors(
        page.to("metrics/fid/", "What FID measures, and what not")
        if "fid" in site.records["metrics"]
        else page.to("metrics/", "Metrics"),
        "has:results",
        page.run_door(site.roots),
    )
    page.add("</div>")
    page.save()


def _introduction(page: Page) -> str:
    site = page.site
    sets = [key for key in site.records["results"] if key in site.records["datasets"]]
    links = ", ".join(
        f'<a href="{page.href("datasets", key)}#results">{text(site.name("datasets", key))}</a>'
        for key in sets
    )
    colours = ", ".join(page.mark(group) for group in site.groups)
    return (
        f'<p class="note">{plural(len(site.results), "reported value")} in all, in full on the '
        f"pages of the data sets: {links}. A filled dot stands on the front of its chart: no "
        "other value shown there is as good with as few evaluations. A dotted edge: read in "
        "another work that repeats the value. The colour is that of the first framework of the "
        f"paper: {colours}, grey for none of them. What our own baselines measure at toy scale "
        f"stands on {page.to('baselines/', 'their pages')}, apart from these.</p>"
    )


def _protocol(page: Page, protocol: Sequence[str], rows: Sequence[Row]) -> str:
    dataset, resolution, conditional = (str(part) for part in protocol)
    name = page.site.name("datasets", dataset)
    key = f"{dataset}-{resolution}-{conditional}"
    title = f"{text(name)}, {text(resolution)} px, {conditional}"
    several = sum(row["front"] for row in rows) > 1
    line = " The line joins the front of what is shown." if several else ""
    caption = (
        f"FID (lower is better) against network evaluations for one sample, both on logarithmic "
        f"scales; {plural(len(rows), 'reported value')}.{_left_out(page.site, protocol)}"
        f"{line} Names stand where there is room; the table has them all."
    )
    chart = scroll(_svg(page, rows), title)
    return (
        f'<h2 data-search-exclude id="{text(key)}">{title}</h2>'
        f'<figure class="front">{chart}<figcaption>{caption}</figcaption></figure>'
        f"{_table(page, [row for row in rows if row['front']])}"
    )


def _left_out(site: Site, protocol: Sequence[str]) -> str:
    """How many values of the data set and resolution the chart lacks, and why."""
    dataset, resolution, conditional = (str(part) for part in protocol)
    own = [
        row
        for row in site.results
        if (row["dataset"], str(row["resolution"]), row["metric"]) == (dataset, resolution, "fid")
    ]
    vague = sum(row.get("conditional") not in ("conditional", "unconditional") for row in own)
    priceless = sum(
        row.get("conditional") == conditional
        and (bool(row.get("bound")) or reported.evaluations(row.get("nfe")) is None)
        for row in own
    )
    reasons = (
        (vague, "whose source does not say whether they are conditional"),
        (priceless, f"that are {conditional} but without a number of evaluations"),
    )
    told = " and ".join(f"{number} {why}" for number, why in reasons if number)
    return f" Left out: {told}." if told else ""


def _table(page: Page, rows: Sequence[Row]) -> str:
    body = "".join(
        f'<tr><td class="num">{row["evaluations"]:,}</td><td class="num">{text(row["value"])}</td>'
        f"<td>{text(row['model'])}<br><small>{page.paper(row['paper'])}</small></td>"
        f'<td class="wide">{text(_said(row.get("guidance")))}</td></tr>'
        for row in rows
    )
    head = thead("num:NFE", "num:FID", "Model on the front", "wide:Guidance")
    return f'<table class="plain" data-sortable>{head}<tbody>{body}</tbody></table>'


def _said(value: Any) -> str:
    return "not stated" if value is None or value != value else str(value)


def _stated(row: Row) -> str:
    """What a value says of conditioning and evaluations."""
    known = row["conditional"] in ("conditional", "unconditional")
    conditional = row["conditional"] if known else "conditional or not is not stated"
    return f"{text(conditional)}, {text(row['nfe'])} NFE"


def _ticks(low: float, high: float) -> list[float]:
    steps = [m * 10.0**e for e in range(-2, 5) for m in (1, 2, 5)]
    return [step for step in steps if low <= step <= high]


def _svg(page: Page, rows: Sequence[Row]) -> str:
    low_x, high_x = 0.8, max(row["evaluations"] for row in rows) * 1.6
    low_y = min(row["value"] for row in rows) * 0.85
    high_y = max(row["value"] for row in rows) * 1.2

    def x(value: float) -> float:
        share = math.log(value / low_x) / math.log(high_x / low_x)
        return round(LEFT + share * (WIDTH - LEFT - 8), 1)

    def y(value: float) -> float:
        share = math.log(value / low_y) / math.log(high_y / low_y)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)

    parts = []
    for tick in _ticks(low_y, high_y):
        parts.append(
            f'<path class="rule" d="M{LEFT} {y(tick)}H{WIDTH}"/>'
            f'<text class="axis end" x="{LEFT - 6}" y="{y(tick) + 4}">{tick:g}</text>'
        )
    for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000):
        if tick <= high_x:
            parts.append(f'<text class="axis mid" x="{x(tick)}" y="{HEIGHT - 28}">{tick:,}</text>')
    parts.append(
        f'<text class="axis end" x="{LEFT - 6}" y="{TOP - 8}">{Y_AXIS}</text>'
        f'<text class="axis mid" x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 8}">{X_AXIS}</text>'
    )
    best = [row for row in rows if row["front"]]
    path = "L".join(f"{x(row['evaluations'])} {y(row['value'])}" for row in best)
    parts.append(f'<path class="line" d="M{path}"/>')
    for row in sorted(rows, key=lambda r: bool(r["front"])):
        parts.append(_dot(page, row, x(row["evaluations"]), y(row["value"])))
    dots = [(x(row["evaluations"]), y(row["value"])) for row in rows]
    named = [(str(row["model"])[:26], (x(row["evaluations"]), y(row["value"]))) for row in best]
    for label in labels.place(named, dots, (LEFT, TOP - 6, WIDTH, HEIGHT - BOTTOM)):
        parts.append(
            f'<text class="label{" end" * label.end}" x="{label.x}" y="{label.y}">'
            f"{text(label.name)}</text>"
        )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"{''.join(parts)}</svg>"
    )


def _dot(page: Page, row: Row, x: float, y: float) -> str:
    record = page.site.papers.get(row["paper"])
    group = next(iter(page.site.paper_groups(record)), "other") if record else "other"
    css = ("best" if row["front"] else "") + (" recited" if row.get("recited") else "")
    title = f"{row['model']}: FID {row['value']} with {row['evaluations']:,} evaluations" + (
        f" ({record['year']})" if record else ""
    )
    radius = 5 if row["front"] else 4
    return (
        f'<a class="fw-{text(group)} {css}" href="{page.href("papers", row["paper"])}">'
        f'<title>{text(title)}</title><circle cx="{x}" cy="{y}" r="{radius}"/></a>'
    )


def _contradictions(page: Page) -> str:
    if not len(page.site.results):
        return ""
    found = reported.contradictions(page.site.atlas)
    if found.empty:
        return ""
    rows = "".join(
        f"<tr><td>{text(row['model'])}<br><small>{page.paper(row['paper'])}</small></td>"
        f"<td>{page.a('datasets', row['dataset'])}<br><small>{text(row['resolution'])} px, "
        f"{_stated(row)}</small></td>"
        f'<td class="num">{page.a("metrics", row["metric"], metric_name(page, row["metric"]))} '
        f"{text(row['value'])}</td><td>{source(page, str(row['source']))}</td></tr>"
        for row in found.to_dict("records")
    )
    head = thead("Model", "Data set, protocol", "num:Value", "Source")
    return (
        '<h2 data-search-exclude id="contradictions">Where sources contradict each other</h2>'
        '<p class="note">The same model under what looks like the same protocol, with different '
        "values. All are kept.</p>"
        + scroll(
            f'<table class="plain">{head}<tbody>{rows}</tbody></table>', "Contradictory values"
        )
    )
