"""What a pointer to a source may look like, and web addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.rules.base import Catalog, File, file_rule, short
from diffatlas.catalog.rules.identifiers import arxiv_problem, doi_problem

__all__ = ["pointer_problem", "source_id", "url_problem"]

MEMORY = "memory"
FORMS = (
    "use a source's id, github:owner/name, github:owner/name/path, https://..., arxiv:2006.11239, "
    "doi:10.1109/... or memory"
)
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]*")
_GITHUB = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]+(?:/[^\s\\]+)?")
_HTTP = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
    r"(?::[0-9]{1,5})?(?:[/?#][^\s<>\"\\^`{|}]*)?"
)


def source_id(pointer: str) -> str | None:
    """The id of the source that a pointer names, or None if it points elsewhere."""
    return pointer if pointer != MEMORY and _SOURCE.fullmatch(pointer) else None


def url_problem(url: str) -> tuple[str, str] | None:
    """What is wrong with a web address, and the mend; None if nothing is."""
    if _HTTP.fullmatch(url):
        return None
    scheme, colon, rest = url.partition(":")
    if colon and scheme.lower() in ("http", "https") and url != url.strip():
        return f"{short(url)!r} has spaces around it", "remove them"
    if not colon or "." in scheme:
        return f"{short(url)!r} has no scheme", f"write https://{short(url.lstrip('/'))}"
    if scheme.lower() not in ("http", "https"):
        return f"{short(url)!r} is not a web address", "only http and https can be followed"
    return f"{short(url)!r} is not a web address", "check it for spaces and typing errors"


def pointer_problem(pointer: str) -> tuple[str, str] | None:
    """What is wrong with a pointer's form, and the mend; None if nothing is."""
    if pointer == MEMORY or source_id(pointer):
        return None
    scheme, colon, rest = pointer.partition(":")
    match scheme if colon else "":
        case "http" | "https":
            return url_problem(pointer)
        case "arxiv":
            return arxiv_problem(rest)
        case "doi":
            return doi_problem(rest)
        case "github":
            if _GITHUB.fullmatch(rest):
                return None
            return f"{short(pointer)!r} names no repository", "write github:owner/name"
    return f"{short(pointer)!r} is not a pointer", FORMS


def _sources(data: dict[str, Any]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    for key in ("provenance", "results"):
        for i, record in enumerate(data.get(key, ())):
            if "source" in record:
                yield record["source"], (key, i, "source")


@file_rule("P503")
def bad_pointer(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A source that no reader could follow."""
    for pointer, path in _sources(file.data):
        problem = pointer_problem(pointer)
        if problem:
            yield file.finding("P503", *problem, *path)


@file_rule("P504")
def bad_address(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A web address that is none, or of a scheme that a browser does not open."""
    for key in ("url", "homepage"):
        problem = url_problem(file.data[key]) if key in file.data else None
        if problem:
            yield file.finding("P504", *problem, key)
    for i, url in enumerate(file.data.get("code", ())):
        problem = url_problem(url)
        if problem:
            yield file.finding("P504", *problem, "code", i)
