"""What the catalog itself tells about a candidate of the guided choice, as rules of weight 0."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, NamedTuple

from diffatlas.catalog.reported import PROTOCOL, front

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["Protocol", "counts", "nearest_baseline", "protocols", "results"]

LEAST = 10  # values that a protocol needs to be worth quoting


class Protocol(NamedTuple):
    """Results that may be compared, best first."""

    dataset: str
    said: str  # data set, resolution and condition, as a sentence names them
    size: str  # the option of the question of sizes that its resolution falls into
    rows: list[dict[Hashable, Any]]  # ``paper, model, value, evaluations``


def counts(
    atlas: Atlas, framework: str, questions: Sequence[dict[str, Any]]
) -> tuple[set[str], dict[str, int], list[dict[str, Any]]]:
    """A framework's papers, how many by option of the task, and the sentences that say so."""
    by_task: dict[str, int] = {}
    rules = []
    for option in next((q["options"] for q in questions if q["id"] == "task"), ()):
        terms = ",".join(option.get("terms") or ())
        if not terms:
            continue
        found = len(atlas.find(f"framework:{framework} task:{terms}"))
        by_task[option["id"]] = found
        papers = "1 paper uses" if found == 1 else f"{found or 'no'} papers use"
        rules.append(
            {
                "when": {"task": [option["id"]]},
                "weight": 0,
                "because": f"In the catalog {papers} it for this task.",
                "sources": [f"frameworks/{framework}"],
            }
        )
    return set(atlas.find(f"framework:{framework}")["id"]), by_task, rules


def protocols(atlas: Atlas, questions: Sequence[dict[str, Any]]) -> list[Protocol]:
    """The protocols worth quoting, each with its reported FIDs, best first."""
    options = {q["id"]: q["options"] for q in questions}
    if not {"nfe", "size"} <= set(options) or not len(atlas.results):
        return []
    found = []
    for key, group in front(atlas).groupby(list(PROTOCOL), sort=False):
        dataset, resolution, conditional = (str(part) for part in key)
        size = _range_of(options["size"], resolution)
        if size is None or len(group) < LEAST:
            continue
        ordered = group.sort_values(["value", "evaluations"], kind="stable")
        name = atlas.records("datasets")[dataset]["name"]
        said = f"{name} ({resolution} pixels, {conditional})"
        found.append(Protocol(dataset, said, size, ordered.to_dict("records")))
    return found


def results(
    protocols: Sequence[Protocol], own: AbstractSet[str], questions: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The best FID that the papers ``own`` report within each number of evaluations.

    One sentence for each range of evaluations and of image sizes; protocols are never mixed.
    """
    options: Sequence[dict[str, Any]] = next(
        (q["options"] for q in questions if q["id"] == "nfe"), ()
    )
    limits = [*(option["least"] - 1 for option in options[1:]), float("inf")]
    rules = []
    for protocol in protocols:
        rows = [row for row in protocol.rows if row["paper"] in own]
        for option, limit in zip(options, limits, strict=False):
            best = next((row for row in rows if row["evaluations"] <= limit), None)
            if best is None:
                continue
            rules.append(
                {
                    "when": {"nfe": [option["id"]], "size": [protocol.size]},
                    "weight": 0,
                    "because": f"On {protocol.said} the best FID that "
                    f"its papers report with so few evaluations is {best['value']:g}, by "
                    f"{best['model']} with {best['evaluations']}.",
                    "sources": [f"papers/{best['paper']}", f"datasets/{protocol.dataset}"],
                }
            )
    return rules


def _range_of(options: Sequence[dict[str, Any]], number: str) -> str | None:
    if not number.isdecimal():
        return None
    below = [o["id"] for o in options if o.get("least", float("inf")) <= int(number)]
    return str(below[-1]) if below else None


def nearest_baseline(atlas: Atlas, framework: str) -> str | None:
    """The baseline of a framework, else of the nearest that it is a variant of or links to."""
    known = atlas.records("frameworks")
    baselines = atlas.records("baselines")
    queue = [framework]
    for current in queue:
        for key in ("variants", "frameworks"):
            for own, record in baselines.items():
                if current in (record.get(key) or ()):
                    return str(own)
        record = known.get(current, {})
        near = [*(record.get("broader") or ()), *(x["to"] for x in record.get("links") or ())]
        queue += [other for other in near if other not in queue]
    return next(iter(baselines), None)
