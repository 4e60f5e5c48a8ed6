"""I: an entity's id, file and folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diffatlas.catalog.findings import Finding, printable
from diffatlas.catalog.rules.base import Catalog, File, file_rule, hint, rule, short

__all__ = ["id_problem"]

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BASELINE_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


@rule("I301")
def duplicate_id(catalog: Catalog) -> Iterator[Finding]:
    """Two entities of a kind with one id."""
    holders: dict[tuple[str, str], list[File]] = {}
    for file in catalog.files:
        if file.document.root is not None:
            holders.setdefault((file.kind, file.id), []).append(file)
    for (_, name), files in holders.items():
        for file in files if len(files) > 1 else ():
            others = ", ".join(other.shown for other in files if other is not file)
            key = "dataset" if file.kind == "results" else "id"
            message = f"the id {short(name)} is also that of {short(others, 200)}"
            yield file.finding("I301", message, "rename or merge one", key)


@file_rule("I302")
def id_is_not_the_stem(file: File, catalog: Catalog) -> Iterator[Finding]:
    """An id that differs from its file's name."""
    key = "dataset" if file.kind == "results" else "id"
    if key in file.data and file.data[key] != file.stem:
        name = short(file.data[key])
        message = f"the {key} {name!r} differs from the file's name {short(file.stem)!r}"
        yield file.finding("I302", message, f"rename the file to {name}.yaml", key)


def id_problem(name: str, kind: str) -> tuple[str, str] | None:
    """What is wrong with an id, and the mend; None if nothing is."""
    form = _BASELINE_ID if kind == "baselines" else _ID
    if form.fullmatch(name):
        return None
    better = re.sub(r"[^a-z0-9]+", "-", name.lower()[:200]).strip("-")
    mend = f"write {short(better)}" if better else "choose one"
    return f"the id {short(name)!r} has other signs than a-z, 0-9 and -", mend


@file_rule("I303")
def bad_id(file: File, catalog: Catalog) -> Iterator[Finding]:
    """An id with capitals, spaces or signs."""
    if file.kind == "results" or "id" not in file.data:
        return
    problem = id_problem(file.data["id"], file.kind)
    if problem:
        yield file.finding("I303", *problem, "id")


@file_rule("I304")
def wrong_folder(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A file that does not stand where its kind (and a paper's year) asks."""
    folders = file.relative.parts[1:-1]
    if file.kind != "papers":
        if folders:
            message = f"{file.kind} have no folders below catalog/{file.kind}"
            yield file.finding("I304", message, f"move it to {file.kind}/{short(file.stem)}.yaml")
        return
    year = file.data.get("year")
    if year is not None and folders != (str(year),):
        place = "/".join(("papers", *folders))
        message = f"the year is {year}, the folder {short(place)}"
        mend = f"move the file to papers/{year}/ or mend the year"
        yield file.finding("I304", message, mend, "year")
    elif year is None and (len(folders) != 1 or not re.fullmatch("[0-9]{4}", folders[0])):
        yield file.finding("I304", "a paper belongs in a folder of its year", "move it")


@rule("I305")
def stray_file(catalog: Catalog) -> Iterator[Finding]:
    """Something in the catalog's folder that no kind accounts for, and so nobody reads."""
    from diffatlas.catalog.models import KINDS

    for entry in catalog.entries:
        shown = printable(f"{catalog.shown}/{entry.as_posix()}")
        top, name = entry.parts[0], entry.name
        if entry.as_posix() in KINDS and not (catalog.root / entry).is_dir():
            yield Finding(shown, 1, 1, "I305", "error", f"{top} is not a folder", "rename it")
        elif len(entry.parts) == 1 and entry.suffix not in (".yaml", ".yml"):
            if (catalog.root / entry).is_dir() and top not in (*KINDS, "schema"):
                mend = hint(top, KINDS) or f"kinds: {', '.join(KINDS)}"
                yield Finding(shown, 1, 1, "I305", "error", f"{short(top)} is not a kind", mend)
        elif len(entry.parts) == 1 or (top in KINDS and entry.suffix != ".yaml"):
            mend = "entities are catalog/<kind>/<id>.yaml"
            if top in KINDS and entry.suffix.lower() in (".yml", ".yaml"):
                mend = f"rename it to {short(entry.stem)}.yaml"
            message = f"{short(name)} is read by nobody"
            yield Finding(shown, 1, 1, "I305", "error", message, mend)
