"""Pointers: where a fact comes from, as an address that a reader can follow.

A pointer is the id of a source entity, ``github:owner/name``, ``github:owner/name/path``,
``arxiv:2006.11239``, ``doi:10.1109/...``, or an http(s) address. ``memory`` leads nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas

__all__ = ["url"]


def url(pointer: str, atlas: Atlas | None = None) -> str | None:
    """The address behind ``pointer``, or None if there is none.

    ``atlas`` is needed for the ids of source entities (``companion``); their ``version``, where it
    is a commit, is not part of the address.
    """
    scheme, colon, rest = pointer.partition(":")
    rest = rest.strip()
    if colon and rest:
        if scheme in ("http", "https"):
            return pointer.strip()
        if scheme == "arxiv":
            return f"https://arxiv.org/abs/{quote(rest, safe='/.')}"
        if scheme == "doi":
            return f"https://doi.org/{quote(rest, safe='/.()-:;')}"
        if scheme == "github":
            return _github(rest)
        return None
    if atlas is not None and not colon:
        source = atlas.records("sources").get(pointer)
        if source is not None and source.get("url"):
            return str(source["url"])
    return None


def _github(rest: str) -> str | None:
    owner, _, tail = rest.partition("/")
    name, _, path = tail.partition("/")
    if not owner or not name:
        return None
    name, at, commit = name.partition("@")
    base = f"https://github.com/{quote(owner)}/{quote(name)}"
    if not path:
        return f"{base}/tree/{quote(commit)}" if at else base
    # HEAD is whatever the repository's main branch is called.
    return f"{base}/blob/{quote(commit) if at else 'HEAD'}/{quote(path)}"
