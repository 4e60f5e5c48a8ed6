"""Reported numbers under their protocols: network evaluations, Pareto fronts, contradictions.

Nothing here ranks numbers of different protocols: everything is done within one data set,
resolution and conditioning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from diffatlas.catalog.atlas import Atlas

__all__ = ["PROTOCOL", "contradictions", "evaluations", "front", "speaking"]

# Numbers are comparable at most where all of these agree.
PROTOCOL = ("dataset", "resolution", "conditional")
_SAME = ("paper", "model", *PROTOCOL, "metric", "guidance", "nfe", "sampler", "samples")


def evaluations(nfe: Any) -> int | None:
    """Network evaluations for one sample: ``250`` -> 250, ``"250x2"`` -> 500, unknown -> None.

    ``"250x2"`` is how sources write 250 steps of which each evaluates the network twice.
    """
    if isinstance(nfe, bool) or nfe is None:
        return None
    if isinstance(nfe, int):
        return nfe
    found = re.fullmatch(r"([0-9]{1,6})(?:\s*[x×]\s*([0-9]{1,3}))?", str(nfe).strip())
    return int(found[1]) * int(found[2] or 1) if found else None


def front(atlas: Atlas, metric: str = "fid") -> pd.DataFrame:
    """The results on ``metric`` whose number of evaluations is known, with a column ``front``.

    ``front`` is true where no other result of the same ``PROTOCOL`` is at least as good with at
    most as many evaluations (and better in one of both). Columns are those of ``atlas.results`` and
    ``evaluations``; rows are ordered by protocol, evaluations, value. Bounds are left out, as are
    rows whose conditioning is unknown. Raises ``UnknownEntity`` for an unknown metric.
    """
    _, metric = atlas.resolve(metric, "metrics")
    lower = atlas.records("metrics")[metric]["direction"] == "lower"
    table = atlas.results
    known = table["conditional"].isin(("conditional", "unconditional"))
    table = table[(table["metric"] == metric) & known & table["bound"].isna()].copy()
    counts = [evaluations(nfe) for nfe in table["nfe"]]
    table["evaluations"] = counts
    table = table[table["evaluations"].notna()]
    table["evaluations"] = table["evaluations"].astype("int64")
    table["resolution"] = table["resolution"].astype("str")
    ordered = table.sort_values(
        [*PROTOCOL, "evaluations", "value"],
        ascending=[True] * (len(PROTOCOL) + 1) + [lower],
        kind="stable",
        ignore_index=True,
    )
    best: dict[tuple[Any, ...], float] = {}
    flags = []
    for row in ordered.to_dict("records"):
        key = tuple(row[name] for name in PROTOCOL)
        value = row["value"] if lower else -row["value"]
        flags.append(value < best.get(key, float("inf")))
        best[key] = min(value, best.get(key, float("inf")))
    ordered["front"] = flags
    return ordered


def speaking(atlas: Atlas, *frameworks: str) -> dict[str, list[str]]:
    """The papers whose reported values stand for each of ``frameworks``, in the catalog's order.

    A value is of a framework only where all frameworks of its paper are that one or kinds of it:
    of a paper on several nobody can tell by which of them a value came about. Where that holds of
    two compared frameworks, the paper stands under the narrower; where none of them is the
    narrower, under neither. Raises ``UnknownEntity``.
    """
    vocabulary = atlas.vocabulary("frameworks")
    ids = [atlas.resolve(ref, "frameworks")[1] for ref in frameworks]
    under = {own: {own, *vocabulary.narrower(own)} for own in ids}
    records = atlas.records("papers")
    papers = [own for own in dict.fromkeys(atlas.results["paper"]) if own in records]
    told = {paper: set(records[paper].get("frameworks") or ()) for paper in papers}
    alone = {
        own: [paper for paper in papers if told[paper] and told[paper] <= under[own]] for own in ids
    }
    return {
        own: [
            paper
            for paper in alone[own]
            if all(
                own == other or own in under[other] or paper not in alone[other] for other in ids
            )
        ]
        for own in ids
    }


def contradictions(atlas: Atlas) -> pd.DataFrame:
    """The results for which another one of the same model and protocol gives another value.

    Both are kept: which of them is right is for the reader of the sources to say. Where the number
    of evaluations is unknown the protocols may differ, so that such rows do not contradict.
    """
    table = atlas.results
    table = table[table["nfe"].astype("str") != "unknown"]
    names = [name for name in _SAME if name in table.columns]
    keys = [table[name].map(str, na_action="ignore").fillna("") for name in names]
    values = table.groupby(keys, sort=False)["value"]
    return table[values.transform("nunique") > 1]
