"""I: one thing entered twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.models import KINDS, singular
from diffatlas.catalog.rules.base import Catalog, File, rule, short
from diffatlas.catalog.rules.titles import near_pairs

Place = tuple[File, tuple[str | int, ...]]


def _shared(
    catalog: Catalog, key: str, code: str, what: str, norm: Callable[[str], str]
) -> Iterator[Finding]:
    holders: dict[str, list[File]] = {}
    for file in catalog.of("papers"):
        if key in file.data:
            holders.setdefault(norm(file.data[key]), []).append(file)
    for files in holders.values():
        for file in files if len(files) > 1 else ():
            others = short(", ".join(f.shown for f in files if f is not file), 200)
            message = f"the {what} {short(file.data[key])} is also that of {others}"
            yield file.finding(code, message, "merge the two or mend one", key)


@rule("I306")
def duplicate_arxiv_id(catalog: Catalog) -> Iterator[Finding]:
    """Two papers with one arXiv id, whatever the version."""
    yield from _shared(catalog, "arxiv", "I306", "arXiv id", lambda s: s.partition("v")[0])


@rule("I307")
def duplicate_doi(catalog: Catalog) -> Iterator[Finding]:
    """Two papers with one DOI; capitals do not count."""
    yield from _shared(catalog, "doi", "I307", "DOI", str.lower)


@rule("I310")
def near_identical_titles(catalog: Catalog) -> Iterator[Finding]:
    """Two papers whose titles (old ones included) differ only in spelling, order or small words."""
    places: list[Place] = []
    titles: list[str] = []
    for file in catalog.of("papers"):
        spellings: list[tuple[Any, ...]] = [("title",)] if "title" in file.data else []
        spellings += [("aliases", i) for i in range(len(file.data.get("aliases", ())))]
        for path in spellings:
            places.append((file, path))
            value = file.data[path[0]]
            titles.append(value if len(path) == 1 else value[path[1]])
    told: set[tuple[str, str]] = set()
    for a, b in near_pairs(titles):
        for (file, path), (other, _) in ((places[a], places[b]), (places[b], places[a])):
            if file is not other and (file.shown, other.shown) not in told:
                told.add((file.shown, other.shown))
                message = f"the title is nearly that of {other.shown}"
                mend = "merge the two: keep one id, the other title as an alias"
                yield file.finding("I310", message, mend, *path)


@rule("I311")
def duplicate_name(catalog: Catalog) -> Iterator[Finding]:
    """Two terms of a kind with one name or alias, so that a filter could mean either."""
    for kind in KINDS:
        if kind in ("papers", "results"):
            continue
        holders: dict[str, dict[str, Place]] = {}
        for file in catalog.of(kind):
            spellings: list[tuple[str, tuple[str | int, ...]]] = []
            if "name" in file.data:
                spellings.append((file.data["name"], ("name",)))
            aliases = file.data.get("aliases", ())
            spellings += [(alias, ("aliases", i)) for i, alias in enumerate(aliases)]
            for text, path in spellings:
                # Signs count: DDPM++ is not DDPM.
                words = " ".join(text.casefold().replace("-", " ").split())
                holders.setdefault(words, {}).setdefault(file.shown, (file, path))
        for places in holders.values():
            for file, path in places.values() if len(places) > 1 else ():
                others = ", ".join(shown for shown in places if shown != file.shown)
                message = f"the {singular(kind)} {short(others, 200)} has this name, too"
                yield file.finding("I311", message, "keep it with one of them", *path)
