"""The errors of diffatlas. Each one's text is the whole message for the person who reads it.

The command line prints that text to stderr and exits with status 2; nothing else is added, so a
message has to say what is wrong, where, and how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = [
    "CatalogError",
    "ExportError",
    "FilterError",
    "MissingExtra",
    "NotCompiled",
    "UnknownEntity",
    "UnknownField",
    "alternatives",
    "did_you_mean",
    "nearest",
]


class CatalogError(ValueError):
    """Something is wrong with a catalog or with a question put to it. Base of all errors here.

    ``findings`` holds what the check found when a folder of YAML was refused, else it is empty.
    """

    def __init__(self, message: str, findings: Iterable[object] = ()) -> None:
        super().__init__(message)
        self.findings: tuple[object, ...] = tuple(findings)


class NotCompiled(CatalogError):
    """The package carries no compiled catalog, or one of another layout."""


class UnknownEntity(CatalogError):
    """A reference such as ``ddpm`` or ``tasks/inpainting`` names nothing in the catalog."""


class UnknownField(CatalogError):
    """A field or kind that the catalog does not have."""


class FilterError(CatalogError):
    """A filter that cannot be understood. ``start:end`` is the offending part of ``text``."""

    def __init__(self, reason: str, text: str = "", start: int = 0, end: int = 0) -> None:
        self.reason = reason
        self.text = text
        self.start = max(0, min(start, len(text)))
        self.end = max(self.start, min(end, len(text)))
        super().__init__(reason + self._pointer())

    def _pointer(self) -> str:
        if not self.text or self.end <= self.start:
            return ""
        # Only a window around the offending part: filters can be long, terminals are not.
        left, right = max(0, self.start - 40), min(len(self.text), self.start + 60)
        shown = "".join(c if c.isprintable() else " " for c in self.text[left:right])
        marks = "^" * max(1, min(self.end, right) - self.start)
        return f"\n  {shown}\n  {' ' * (self.start - left)}{marks}"


class ExportError(CatalogError):
    """A file or folder that cannot be written."""


class MissingExtra(CatalogError):
    """An optional dependency is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what}; install it with: pip install "diffatlas[{extra}]"')
        self.extra = extra


def nearest(word: str, known: Iterable[str], n: int = 3) -> list[str]:
    """Up to ``n`` of ``known`` that look most like ``word``, best first."""
    import difflib

    lowered = word.lower()[:80]
    pool = {k.lower(): k for k in known}
    found = [pool[m] for m in difflib.get_close_matches(lowered, pool, n=n, cutoff=0.6)]
    if len(found) < n and len(lowered) >= 3:
        inside = sorted((k for k in pool if lowered in k), key=lambda k: (len(k), k))
        found += [pool[k] for k in inside if pool[k] not in found]
    return found[:n]


def alternatives(names: Sequence[str]) -> str:
    """``"; did you mean a, b or c?"``, or an empty string where there are no names."""
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
    return f"; did you mean {listed}?"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``alternatives`` of the ``nearest`` of ``known``."""
    return alternatives(nearest(word, known))
