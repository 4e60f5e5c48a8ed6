"""Reported numbers with their protocols: a row a model, a column a metric, never ranked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
    """The results in the catalog's order, one group of rows a ``paper`` or a ``dataset``; within a
    group a paper's own values come first.

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


@dataclass
class _Line:
    """A row of the table: the values of one model under one protocol from one source."""

    paper: str
    model: str
    protocol: tuple[str, ...]
    source: str
    recited: bool
    notes: list[str]
    values: dict[str, str]

    def takes(self, other: _Line) -> bool:
        """Whether the values of ``other`` belong here too. The likelihood needs no sampler: its
        protocol may say less. Notes may say more of one value, but nothing else."""
        mine = (self.paper, self.model, self.source, self.recited)
        return (
            mine == (other.paper, other.model, other.source, other.recited)
            and set(other.protocol) <= set(self.protocol)
            and not set(other.values) & set(self.values)
            and (set(self.notes) <= set(other.notes) or set(other.notes) <= set(self.notes))
        )

    def add(self, other: _Line) -> None:
        self.values |= other.values
        self.notes += [note for note in other.notes if note not in self.notes]


def _line(row: Record) -> _Line:
    note = str(row.get("note") or "")
    notes = [part for part in re.split(r"(?<=[.;]) (?=[A-Z])", note) if part]
    bound = {"upper": "≤ ", "lower": "≥ "}.get(str(row.get("bound")), "")
    return _Line(
        str(row["paper"]),
        str(row["model"]),
        _protocol(row),
        str(row.get("source", "")),
        bool(row.get("recited")),
        notes,
        {row["metric"]: f"{bound}{text(row['value'])}"},
    )


def _lines(rows: Sequence[Record]) -> list[_Line]:
    """The rows of a group: the papers' own values first, then what others repeat."""
    lines: list[_Line] = []
    for line in map(_line, rows):
        home = next((own for own in lines if own.takes(line)), None)
        if home is None:
            lines.append(line)
        else:
            home.add(line)
    return sorted(lines, key=lambda line: line.recited)


def _group(page: Page, key: str, rows: Sequence[Record], group: str, metrics: Sequence[str]) -> str:
    sources = list(dict.fromkeys(str(row.get("source", "")) for row in rows))
    body = []
    for line in _lines(rows):
        extra = [] if group == "paper" else [page.paper(line.paper)]
        if len(sources) > 1:
            extra.append(f"source: {source(page, line.source)}")
        whose = "re-cited by the source" if line.recited else ""
        told = "; ".join(filter(None, (whose, text(" ".join(line.notes)))))
        if told:
            extra.append(told)
        under = f"<br><small>{'<br>'.join(extra)}</small>" if extra else ""
        cells = "".join(f'<td class="num">{line.values.get(m, "")}</td>' for m in metrics)
        stated = text(", ".join(line.protocol)) or "not stated"
        body.append(f"<tr><td>{text(line.model)}{under}</td><td>{stated}</td>{cells}</tr>")
    head = page.paper(key) if group == "paper" else page.a("datasets", key)
    if len(sources) == 1 and sources[0]:
        head += f" <small>source: {source(page, sources[0])}</small>"
    return (
        f'<tbody><tr class="group"><th scope="rowgroup" colspan="{2 + len(metrics)}">{head}'
        "</th></tr>" + "\n".join(body) + "</tbody>"
    )
