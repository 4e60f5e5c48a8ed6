"""G: the guided choice, where questions, options and rules must fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.rules.base import Catalog, File, file_rule, hint, short


@file_rule("G701", "candidates")
def unknown_answer(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A rule that asks for a question or an option that does not exist."""
    questions = catalog.entities("questions")
    for i, rule in enumerate(file.data.get("rules", ())):
        for name, options in rule.get("when", {}).items():
            path = ("rules", i, "when", name)
            if name not in questions:
                message = f"there is no question {short(name)!r}"
                mend = hint(name, questions) or f"questions: {', '.join(questions)}"
                yield file.finding("G701", message, mend, *path, key=True)
                continue
            known = [o["id"] for o in questions[name].data.get("options", ()) if "id" in o]
            for j, option in enumerate(options):
                if option not in known:
                    message = f"{name} has no option {short(option)!r}"
                    mend = hint(option, known) or f"options: {', '.join(known)}"
                    yield file.finding("G701", message, mend, *path, j)


@file_rule("G702", "candidates")
def undecided_rule(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A rule that neither weighs nor excludes, or that does both."""
    for i, rule in enumerate(file.data.get("rules", ())):
        if ("weight" in rule) == ("excludes" in rule) or rule.get("weight") == 0:
            message = "the rule needs either a weight other than 0 or `excludes: true`"
            yield file.finding("G702", message, "keep one of the two", "rules", i)


@file_rule("G703", "candidates")
def unfollowable_source(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A rule's source that is not written as kind/id."""
    for i, rule in enumerate(file.data.get("rules", ())):
        for j, source in enumerate(rule.get("sources", ())):
            kind, slash, name = source.partition("/")
            if kind not in KINDS or not slash or not name:
                message = f"{short(source)!r} is no entity of the catalog"
                mend = hint(kind, KINDS) or "write kind/id, such as frameworks/ddim"
                yield file.finding("G703", message, mend, "rules", i, "sources", j)


@file_rule("G704", "questions")
def mixed_options(file: File, catalog: Catalog) -> Iterator[Finding]:
    """Options with one id, numbers that do not rise, or terms without a vocabulary."""
    seen: set[str] = set()
    least = -1
    for i, option in enumerate(file.data.get("options", ())):
        if option.get("id") in seen:
            message = f"two options have the id {short(option['id'])}"
            yield file.finding("G704", message, "rename one", "options", i, "id")
        seen.add(option.get("id"))
        if "least" in option and option["least"] <= least:
            message = f"least is {option['least']} after {least}"
            yield file.finding("G704", message, "order them by it", "options", i, "least")
        least = option.get("least", least)
        if "terms" in option and "vocabulary" not in file.data:
            message = "terms of which vocabulary?"
            yield file.finding("G704", message, "add the key vocabulary", "options", i, "terms")
