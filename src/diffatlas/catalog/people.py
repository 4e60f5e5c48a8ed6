"""Who wrote a paper: an author's name in its parts, by one rule for every style of citing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = ["PARTICLES", "Person", "byline", "person"]

# Capitalised particles that belong to the family name; lower-case words always do.
PARTICLES = frozenset({"De", "Di", "Da", "Del", "Della", "La", "Le", "Van", "Von", "Den", "Der"})
_JUNIOR = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})


class Person(NamedTuple):
    """A name in its parts; a group has its whole name as ``family`` and no other part."""

    family: str
    given: str = ""
    junior: str = ""


@lru_cache(maxsize=1 << 14)  # each author stands in several citations of several papers
def person(name: str) -> Person:
    """The parts of a name as published: ``Valentin De Bortoli``, ``Martin Luther King Jr.``.

    One word, a comma or an "and" means a group.
    """
    words = name.split()
    if len(words) < 2 or "," in name or any(word.lower() == "and" for word in words):
        return Person(" ".join(words))
    junior = words.pop() if len(words) > 2 and words[-1] in _JUNIOR else ""
    last = len(words) - 1
    cut = next((at for at in range(1, last) if _particle(words[at])), last)
    return Person(" ".join(words[cut:]), " ".join(words[:cut]), junior)


def _particle(word: str) -> bool:
    return word in PARTICLES or next((c.islower() for c in word if c.isalpha()), False)


def byline(authors: Sequence[str]) -> str:
    """``Ho et al.``, ``Song and Ermon``, ``Vincent``; empty without authors."""
    names = [person(name).family for name in authors]
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
