"""Reported numbers with their protocols: a row a model, a column a metric, never ranked."""

from __future__ import annotations

from collections.abc import Sequence

from tools.pages.escape import text
from tools.pages.parts import Page, scroll
from tools.pages.provenance import source
from tools.pages.site import Record

__all__ = ["PROTOCOL", "metric_name", "table"]

# The parts of a protocol, in the order in which they are told.
PROTOCOL = {
    "resolution": "Resolution",
    "conditional": "Conditional or not",
    "guidance": "Guidance",
    "nfe": "Network evaluations (NFE)",
    "sampler": "Sampler",
    "samples": "Number of samples",
}


def table(page: Page, rows: Sequence[Record], group: str) -> str:
    """The results in the catalog's order, one group of rows a ``paper`` or a ``dataset``.

    Values of one model under one protocol share a row. A group's source stands in its head if
    all its rows have the same one, else in each row.
    """
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    bodies = [
        _group(page, key, [row for row in rows if row[group] == key], group, metrics)
        for key in dict.fromkeys(row[group] for row in rows)
    ]
    head = "".join(_metric(page, metric) for metric in metrics)
    return scroll(
        '<table class="results" data-sortable="groups"><thead><tr><th scope="col">Model</th>'
        f'<th scope="col">Protocol</th>{head}</tr></thead>' + "\n".join(bodies) + "</table>",
        "Reported results",
    )


def metric_name(page: Page, metric: str) -> str:
    """The shortest name of a metric: ``FID``."""
    aliases = page.site.records["metrics"].get(metric, {}).get("aliases") or []
    return min([page.site.name("metrics", metric), *aliases], key=len)


def _metric(page: Page, metric: str) -> str:
    record = page.site.records["metrics"].get(metric, {})
    name = metric_name(page, metric)
    arrow = {"lower": "↓", "higher": "↑"}.get(str(record.get("direction")), "")
    better = f' title="{text(record["direction"])} is better"' if arrow else ""
    unit = f" <small>{text(record['unit'])}</small>" if record.get("unit") else ""
    return (
        f'<th scope="col" class="num"{better}>{page.a("metrics", metric, name)} {arrow}{unit}</th>'
    )


def _protocol(row: Record) -> tuple[str, ...]:
    """What is stated of the protocol, in words."""
    said = {key: row[key] for key in PROTOCOL if row.get(key) not in (None, "unknown")}
    words = {
        "resolution": "{} px",
        "guidance": "guidance {}",
        "nfe": "{} NFE",
        "samples": "{:,} samples",
    }
    return tuple(words.get(key, "{}").format(value) for key, value in said.items())


def _group(page: Page, key: str, rows: Sequence[Record], group: str, metrics: Sequence[str]) -> str:
    sources = list(dict.fromkeys(str(row.get("source", "")) for row in rows))
    lines: dict[tuple[object, ...], dict[str, str]] = {}
    for row in rows:
        note = row.get("note")
        if row.get("recited"):  # the original is the paper that the row stands under
            note = f"re-cited by the source{'; ' + note if note else ''}"
        own = (row["paper"], row["model"], _protocol(row), row.get("source"), note)
        bound = {"upper": "≤ ", "lower": "≥ "}.get(str(row.get("bound")), "")
        # The likelihood needs no sampler: it joins the row of the same model if there is one.
        home = next(
            (
                k
                for k in lines
                if k[:2] == own[:2]
                and k[3:] == own[3:]
                and set(own[2]) <= set(k[2])
                and row["metric"] not in lines[k]
            ),
            own,
        )
        lines.setdefault(home, {})[row["metric"]] = f"{bound}{text(row['value'])}"
    body = []
    for (paper, model, protocol, pointer, note), values in lines.items():
        extra = [] if group == "paper" else [page.paper(str(paper))]
        if len(sources) > 1:
            extra.append(f"source: {source(page, str(pointer))}")
        if note:
            extra.append(text(note))
        under = f"<br><small>{'<br>'.join(extra)}</small>" if extra else ""
        cells = "".join(f'<td class="num">{values.get(metric, "")}</td>' for metric in metrics)
        stated = ", ".join(protocol) if isinstance(protocol, tuple) else ""
        body.append(
            f"<tr><td>{text(model)}{under}</td><td>{text(stated) or 'not stated'}</td>{cells}</tr>"
        )
    head = page.paper(key) if group == "paper" else page.a("datasets", key)
    if len(sources) == 1 and sources[0]:
        head += f" <small>source: {source(page, sources[0])}</small>"
    return (
        f'<tbody><tr class="group"><th scope="rowgroup" colspan="{2 + len(metrics)}">{head}'
        "</th></tr>" + "\n".join(body) + "</tbody>"
    )
