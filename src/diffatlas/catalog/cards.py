"""One entity as a page of plain text, for ``diffatlas show``."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from diffatlas.catalog.pointers import url
from diffatlas.catalog.references import singular
from diffatlas.catalog.tables import cell_text
from diffatlas.catalog.writers import reflow

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["card"]

# What stands in the heading, or is told at the end in a form of its own.
_ELSEWHERE = frozenset(("id", "kind", "name", "title", "provenance", "results"))
_SHOWN_PAPERS = 12


def card(atlas: Atlas, kind: str, record: Mapping[str, Any], width: int) -> str:
    """Heading, fields, then what the rest of the catalog knows: papers, results, sources."""
    own = str(record.get("id") or record.get("dataset"))
    heading = str(record.get("name") or record.get("title") or own)
    lines = [*textwrap.wrap(heading, width), f"{singular(kind)} {own}", ""]
    fields = [(key, value) for key, value in record.items() if key not in _ELSEWHERE]
    label = max((len(key) for key, _ in fields), default=0) + 2
    label = max(label, len("narrower") + 2)
    for key, value in fields:
        lines += _field(key, value, label, width)
    lines += _neighbors(atlas, kind, own, label, width)
    for result in record.get("results") or _results(atlas, kind, own):
        lines.append("  " + _result(result))
    if record.get("provenance"):
        lines += ["", "sources"]
        for source in record["provenance"]:
            lines += _source(atlas, source, width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _field(key: str, value: Any, label: int, width: int) -> list[str]:
    if isinstance(value, Mapping):
        texts = [f"{inner}: {cell_text(item)}" for inner, item in value.items()]
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        texts = [cell_text(item) for item in value]
    else:
        texts = reflow(cell_text(value)) or [""]
    room = max(20, width - label)
    wrapped = [part for text in texts for part in textwrap.wrap(text, room) or [""]]
    # An address that is broken over two lines cannot be clicked.
    if any("://" in text for text in texts):
        wrapped = texts
    first = f"{key:<{label}}{wrapped[0]}"
    return [first, *(" " * label + part for part in wrapped[1:])]


def _neighbors(atlas: Atlas, kind: str, own: str, label: int, width: int) -> list[str]:
    lines: list[str] = []
    if kind not in ("papers", "results", "baselines", "sources"):
        below = atlas.narrower(kind, own, recursive=False)
        if below:
            lines += _field("narrower", below, label, width)
    if kind in ("frameworks", "tasks", "conditions", "datasets", "architectures"):
        query = f"{singular(kind)}:{own}"
        found = atlas.find(query)
        word = "paper" if len(found) == 1 else "papers"
        lines += ["", f'{len(found)} {word} (diffatlas find "{query}")']
        for paper, title in zip(
            found["id"][:_SHOWN_PAPERS], found["title"][:_SHOWN_PAPERS], strict=True
        ):
            lines.append("  " + textwrap.shorten(f"{paper}: {title}", width - 2, placeholder=" …"))
        if len(found) > _SHOWN_PAPERS:
            lines.append(f"  and {len(found) - _SHOWN_PAPERS} more")
    return lines


def _results(atlas: Atlas, kind: str, own: str) -> list[dict[str, Any]]:
    if kind != "papers":
        return []
    lists = atlas.records("results").values()
    return [
        {"dataset": one["dataset"], **row}
        for one in lists
        for row in one["results"]
        if row["paper"] == own
    ]


def _result(row: Mapping[str, Any]) -> str:
    bound = {"upper": "<= ", "lower": ">= "}.get(row.get("bound", ""), "")
    protocol = [
        f"{key} {row[key]}" for key in ("resolution", "nfe", "sampler", "guidance") if key in row
    ]
    protocol += [row["conditional"]] if row.get("conditional") else []
    what = " ".join(str(row[key]) for key in ("dataset", "metric") if key in row)
    told = f" ({', '.join(protocol)})" if protocol else ""
    return f"{what} {bound}{row['value']}  {row['model']}{told}"


def _source(atlas: Atlas, source: Mapping[str, Any], width: int) -> list[str]:
    address = url(source["source"], atlas)
    lines = [f"  {source['status']}: {address or source['source']}"]
    for key in ("facts", "contradicts", "note"):
        if source.get(key):
            prefix = "    " if key == "facts" else f"    {key}: "
            text = prefix + cell_text(source[key])
            lines += textwrap.wrap(text, width, subsequent_indent="    ", drop_whitespace=True)
    return lines
