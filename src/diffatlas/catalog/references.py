"""What a person means by ``ddpm``, ``tasks/inpainting``, a name or an alias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diffatlas.errors import CatalogError, UnknownEntity, alternatives, did_you_mean

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["common_kind", "resolve", "singular"]


# What a bare name never means: a question is no entry to read, a candidate is a framework.
_UNNAMED = ("results", "questions", "candidates")


def singular(plural: str) -> str:
    """The singular of a kind or of a list field: ``families`` -> ``family``."""
    irregular = {"families": "family", "aliases": "alias", "addressed_by": "addressed_by"}
    return irregular.get(plural, plural.removesuffix("s"))


def resolve(atlas: Atlas, ref: str, kind: str | None = None) -> tuple[str, str]:
    """See ``Atlas.resolve``."""
    head, slash, tail = ref.strip().partition("/")
    if slash and kind is None:
        return resolve(atlas, tail, atlas.kind(head))
    kinds = [atlas.kind(kind)] if kind else [k for k in atlas.kinds if k not in _UNNAMED]
    wanted = ref.strip()
    for name in kinds:
        if wanted in atlas.vocabulary(name):
            return name, wanted
    for name in kinds:
        found = atlas.vocabulary(name).resolve(wanted)
        if len(found) > 1:
            raise UnknownEntity(f"{ref!r} may be {' or '.join(found)}; use one of these ids")
        if found:
            return name, found[0]
    # By looks of the id first, then by looks of names and aliases.
    ids = [own for name in kinds for own in atlas.vocabulary(name).ids]
    guess = did_you_mean(wanted, ids)
    if not guess:
        named = [own for name in kinds for own in atlas.vocabulary(name).suggestions(wanted, 1)]
        guess = alternatives(named[:3])
    what = f"{singular(kinds[0])} " if kind else ""
    raise UnknownEntity(f"there is no {what}{ref!r} in the catalog{guess}")


def common_kind(atlas: Atlas, refs: Sequence[str], kind: str | None) -> tuple[str, list[str]]:
    """The first kind that all of ``refs`` fit, and their ids."""
    found = [resolve(atlas, ref, kind) for ref in refs]
    if len({k for k, _ in found}) == 1:
        return found[0][0], [own for _, own in found]
    for candidate in dict.fromkeys(k for k, _ in found):
        try:
            own = [resolve(atlas, ref.removeprefix(f"{candidate}/"), candidate) for ref in refs]
        except UnknownEntity:
            continue
        return candidate, [i for _, i in own]
    told = ", ".join(f"{own} is one of the {k}" for k, own in found)
    raise CatalogError(f"compare needs entities of one kind, but {told}")
