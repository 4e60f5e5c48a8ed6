"""R: what refers to what."""

from __future__ import annotations

from collections.abc import Iterator

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.models import FACETS, singular
from diffatlas.catalog.rules.base import Catalog, File, file_rule, hint, rule, short
from diffatlas.catalog.rules.links import references

# Terms exist to be used. Limitations, directions, families and baselines stand on their own, and a
# metric is an instrument that a result may use tomorrow.
_TO_BE_USED = (*FACETS, "sources")

# A term of the survey's list, or one that a paper of the catalog defines, is tied in by that.
_GROUNDS = ("headings", "papers")


@rule("R201")
def dangling_reference(catalog: Catalog) -> Iterator[Finding]:
    """An id that names no entity of its kind."""
    hints: dict[tuple[str, str], str] = {}
    for file in catalog.files:
        for target, name, path in references(file):
            known = catalog.entities(target)
            if name in known:
                continue
            if (target, name) not in hints:
                hints[target, name] = _mend(catalog, target, name)
            message = f"there is no {singular(target)} {short(name)!r}"
            yield file.finding("R201", message, hints[target, name], *path)


def _mend(catalog: Catalog, target: str, name: str) -> str:
    known = catalog.entities(target)
    for entity, file in known.items():
        spellings = [file.data.get("name"), file.data.get("title"), *file.data.get("aliases", ())]
        if any(s is not None and s.lower() == name.lower() for s in spellings):
            return f"did you mean {entity}?"
    elsewhere = [kind for kind in catalog.kinds() if name in catalog.entities(kind)]
    if elsewhere:
        return f"{elsewhere[0]} has it; put it where it belongs"
    folder = "papers/<year>" if target == "papers" else target
    return hint(name, known) or f"add catalog/{folder}/{short(name)}.yaml or mend the id"


@rule("R202")
def cyclic_broader(catalog: Catalog) -> Iterator[Finding]:
    """A term that is broader than itself, over however many steps."""
    for kind in catalog.kinds():
        entities = catalog.entities(kind)
        for name, file in entities.items():
            for i, parent in enumerate(file.data.get("broader", ())):
                way = _way(entities, parent, name)
                if way:
                    message = f"{name} is broader than itself: {' > '.join([name, *way])}"
                    yield file.finding("R202", message, "remove one step", "broader", i)


def _way(entities: dict[str, File], start: str, goal: str) -> list[str]:
    """A chain of broader terms from ``start`` to ``goal``, both included; empty if none."""
    came_from: dict[str, str] = {start: ""}
    queue = [start]
    for name in queue:
        if name == goal:
            way = [name]
            while came_from[way[-1]]:
                way.append(came_from[way[-1]])
            return way[::-1]
        file = entities.get(name)
        for parent in file.data.get("broader", ()) if file else ():
            if parent not in came_from:
                came_from[parent] = name
                queue.append(parent)
    return []


@file_rule("R203", "papers")
def relation_to_itself(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A paper that builds on, extends or otherwise relates to itself."""
    for name, ids in file.data.get("relations", {}).items():
        for i, item in enumerate(ids):
            if item == file.id:
                message = f"{item} {name.replace('_', ' ')} itself"
                yield file.finding("R203", message, "remove it", "relations", name, i)


@file_rule("R204", "baselines")
def missing_baseline_file(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A baseline whose file does not exist."""
    home = catalog.root.resolve().parent
    # A catalog on its own, outside the repository, has no baselines to look at.
    if "file" not in file.data or not (home / "baselines").is_dir():
        return
    name = file.data["file"]
    if "\0" in name or not (home / name).is_file():
        message = f"there is no file {short(name)}"
        mend = hint(name, (f"baselines/{p.name}" for p in (home / "baselines").glob("*.py")))
        yield file.finding("R204", message, mend, "file")


@rule("R205")
def orphan(catalog: Catalog) -> Iterator[Finding]:
    """A term or source that nothing refers to, and that no heading and no paper defines."""
    used: set[tuple[str, str]] = set()
    for file in catalog.files:
        for target, name, _ in references(file):
            if (target, name) != (file.kind, file.id):
                used.add((target, name))
    for kind in _TO_BE_USED:
        for name, file in catalog.entities(kind).items():
            tied = (kind, name) in used or any(key in file.data for key in _GROUNDS)
            if not tied and file.document.root is not None:
                message = f"nothing refers to the {singular(kind)} {short(name)}"
                mend = "use it in a paper, a result or a narrower term, or delete the file"
                yield file.finding("R205", message, mend, "id")
