"""Which framework should I use? Answers in, a ranked list with reasons out.

The semantics are those of a table of points. A rule fires where every question that it names is
answered by one of its options; an unanswered question fires nothing. A candidate's score is the sum
of the weights of its fired rules; one that a fired rule excludes is left out. Equal scores go by
how many papers of the catalog use the candidate for the task, then by id.

``guide`` gathers questions, rules and what the catalog counts into plain values, the site's script
reads the same (``docs/assets/js/choose/rank.js``), and ``rank`` is all there is to evaluate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from diffatlas.catalog.evidence import counts, nearest_baseline, protocols, results
from diffatlas.errors import CatalogError, UnknownEntity, UnknownField, alternatives, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from diffatlas.catalog.atlas import Atlas

__all__ = ["Answers", "answered", "choose", "covering", "guide", "rank"]

Answers = dict[str, str]  # question -> option


def guide(atlas: Atlas) -> dict[str, list[dict[str, Any]]]:
    """``questions`` in order, and ``candidates`` with their rules and what the catalog tells.

    A candidate has ``id, name, use, papers`` (representative ones), ``baseline``, ``command``,
    ``count`` (of all its papers), ``counts`` (by option of the task) and ``rules``. The rules that
    are computed from counts and reported results have weight 0: they are reasons, not points.
    """
    questions = sorted(atlas.records("questions").values(), key=lambda q: q["place"])
    quotable = protocols(atlas, questions)
    candidates = []
    for own, record in atlas.records("candidates").items():
        framework = atlas.records("frameworks")[own]
        papers, by_task, counted = counts(atlas, own, questions)
        baseline = nearest_baseline(atlas, own)
        candidates.append(
            {
                "id": own,
                "name": framework["name"],
                "use": record["use"],
                "papers": list(framework.get("papers") or ()),
                "baseline": baseline,
                "command": f"diffatlas run {baseline}" if baseline else None,
                "count": len(papers),
                "counts": by_task,
                "rules": [*record["rules"], *counted, *results(quotable, papers, questions)],
            }
        )
    return {"questions": questions, "candidates": candidates}


def rank(candidates: list[dict[str, Any]], answers: Answers) -> list[dict[str, Any]]:
    """Every candidate, best first, those that are left out last, each with its reasons.

    An entry has ``id, rank`` (None where left out), ``score, papers, reasons``; a reason has
    ``weight`` (None where it excludes), ``because`` and ``sources``. Reasons for a candidate come
    first, then those against it, then what the catalog counts; one that is left out keeps only the
    reasons that exclude it.
    """
    found = []
    for candidate in candidates:
        fired = [rule for rule in candidate["rules"] if _fires(rule["when"], answers)]
        reasons = [
            {"weight": r.get("weight"), "because": r["because"], "sources": r["sources"]}
            for r in fired
        ]
        out = [reason for reason in reasons if reason["weight"] is None]
        points = [reason for reason in reasons if reason["weight"]]
        points.sort(key=lambda reason: -reason["weight"])
        told = [reason for reason in reasons if reason["weight"] == 0]
        papers = candidate["counts"].get(answers.get("task"), candidate["count"])
        found.append(
            {
                "id": candidate["id"],
                "score": sum(reason["weight"] for reason in points),
                "papers": papers,
                "reasons": out or [*points, *told],
                "excluded": bool(out),
            }
        )
    found.sort(key=lambda c: (c["excluded"], -c["score"], -c["papers"], c["id"]))
    ranked = []
    for place, entry in enumerate(found, 1):
        excluded = entry.pop("excluded")
        ranked.append({"rank": None if excluded else place, **entry})
    return ranked


def _fires(when: Mapping[str, list[str]], answers: Answers) -> bool:
    return all(answers.get(question) in options for question, options in when.items())


def answered(atlas: Atlas, given: Mapping[str, Any]) -> Answers:
    """What a person gave, as options: ``{"task": "inpainting", "nfe": 10}`` -> restoration, tens.

    An option goes by its id or an alias, a number by its range, a term of a vocabulary by the
    option that covers it or a term broader than it; None is no answer. Raises ``UnknownField`` for
    an unknown question, ``UnknownEntity`` for an answer that is no option.
    """
    questions = atlas.records("questions")
    answers: Answers = {}
    for name, value in given.items():
        if name not in questions:
            known = ", ".join(questions)
            guess = did_you_mean(name, questions)
            raise UnknownField(f"there is no question {name!r}{guess} (the questions are {known})")
        if value is not None:
            answers[name] = _option(atlas, questions[name], value)
    return answers


def _option(atlas: Atlas, question: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    typed = str(value).strip().lower()
    options = question["options"]
    names = {n.lower(): o["id"] for o in options for n in (o["id"], *(o.get("aliases") or ()))}
    if typed in names:
        return str(names[typed])
    if typed.isascii() and typed.isdigit():
        below = [o["id"] for o in options if o.get("least", float("inf")) <= int(typed[:12])]
        if below:
            return str(below[-1])
    option = covering(atlas, question, typed)
    if option is None:
        raise UnknownEntity(_no_option(atlas, question, typed, names))
    return option


def covering(atlas: Atlas, question: Mapping[str, Any], term: str) -> str | None:
    """The option that covers a term, by its id, name or alias, or a term broader than it."""
    kind = question.get("vocabulary")
    if not kind:
        return None
    options = {own: o["id"] for o in question["options"] for own in o.get("terms") or ()}
    terms = atlas.vocabulary(kind).resolve(term)
    for own in terms:  # grows by what is broader, nearest first
        if own in options:
            return str(options[own])
        broader = atlas.records(kind)[own].get("broader") or ()
        terms += [parent for parent in broader if parent not in terms]
    return None


def _no_option(
    atlas: Atlas, question: Mapping[str, Any], typed: str, names: Mapping[str, str]
) -> str:
    kind = question.get("vocabulary")
    guess = did_you_mean(typed, names)
    if not guess and kind and not atlas.vocabulary(kind).resolve(typed):
        guess = alternatives(atlas.vocabulary(kind).suggestions(typed))
    options = ", ".join(option["id"] for option in question["options"])
    return f"{question['id']}: no option fits {typed[:60]!r}{guess} (the options are {options})"


def choose(atlas: Atlas, given: Mapping[str, Any]) -> pd.DataFrame:
    """See ``Atlas.choose``."""
    import pandas as pd

    answers = answered(atlas, given)
    if not answers:
        questions = ", ".join(atlas.records("questions"))
        raise CatalogError(f"answer at least one question: {questions}")
    candidates = guide(atlas)["candidates"]
    known = {candidate["id"]: candidate for candidate in candidates}
    rows = [
        {
            "rank": entry["rank"],
            "id": entry["id"],
            "name": known[entry["id"]]["name"],
            "score": entry["score"],
            "reasons": [reason["because"] for reason in entry["reasons"]],
            "sources": [reason["sources"] for reason in entry["reasons"]],
            "papers": known[entry["id"]]["papers"],
            "command": known[entry["id"]]["command"],
        }
        for entry in rank(candidates, answers)
    ]
    frame = pd.DataFrame(rows)
    return frame.astype({"rank": "Int64"})
