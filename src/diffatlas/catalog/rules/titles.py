"""Which titles are nearly the same: equal but for spelling, the order of words and small words.

Comparing all pairs is hopeless at thousands of titles. Two titles that differ in one or two words
are equal once these words are left out, so titles meet in buckets of what remains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations

__all__ = ["near_pairs", "plain_words"]

_ARTICLES = ("a", "an", "the", "and", "is", "are")
_PREPOSITIONS = ("of", "for", "in", "on", "with", "by", "via", "to", "from", "as", "at", "using")
_SMALL = frozenset(_ARTICLES + _PREPOSITIONS)
_NEGATING = frozenset(("a", "an", "un", "in", "im", "non", "de", "re", "pre", "bi", "co"))
_WORDS = re.compile(r"[^\W_]+")

# A title has a dozen words; of what is far longer only equal texts are found.
_MOST_WORDS = 24


def plain_words(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", text[:2000]).lower()
    return _WORDS.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


def near_pairs(titles: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Index pairs (i < j) of titles that are nearly the same."""
    words = [tuple(sorted(w for w in plain_words(t) if w not in _SMALL)) for t in titles]
    found: set[tuple[int, int]] = set()
    # "pre-trained" and "pretrained" are equal once spaces are gone.
    joined = ["".join(w for w in plain_words(t) if w not in _SMALL) for t in titles]
    for keys in (joined, words):
        yield from _equal(keys, found)
    for left_out in (1, 2):
        yield from _alike(words, left_out, found)


def _equal(keys: Sequence[object], found: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first: dict[object, int] = {}
    for j, key in enumerate(keys):
        if not key:
            continue
        i = first.setdefault(key, j)
        if i != j and (i, j) not in found:
            found.add((i, j))
            yield i, j


def _alike(
    words: Sequence[tuple[str, ...]], left_out: int, found: set[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    buckets: dict[tuple[str, ...], list[tuple[int, tuple[str, ...]]]] = {}
    for j, title in enumerate(words):
        # Two slips in a short title make another title.
        if not 3 * left_out <= len(title) <= _MOST_WORDS:
            continue
        for out in combinations(range(len(title)), left_out):
            rest = tuple(w for k, w in enumerate(title) if k not in out)
            taken = tuple(title[k] for k in out)
            bucket = buckets.setdefault(rest, [])
            for i, other in bucket[:50]:
                if i != j and (i, j) not in found and _same_words(taken, other):
                    found.add((i, j))
                    yield i, j
            bucket.append((j, taken))


def _same_words(these: tuple[str, ...], those: tuple[str, ...]) -> bool:
    if len(these) == 1:
        return _slip(these[0], those[0])
    return any(
        all(_slip(a, b) for a, b in zip(these, order, strict=True))
        for order in (those, those[::-1])
    )


def _slip(a: str, b: str) -> bool:
    """Whether two words are one, mistyped or inflected; 2d/3d and paired/unpaired are not."""
    if a == b:
        return True
    if any(c.isdigit() for c in a + b) or min(len(a), len(b)) < 4 or abs(len(a) - len(b)) > 2:
        return False
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    if longer.endswith(shorter) and longer[: -len(shorter)] in _NEGATING:
        return False
    allowed = 2 if min(len(a), len(b)) >= 7 else 1
    if a[0] != b[0]:
        allowed = 1
    return _distance(a[:40], b[:40]) <= allowed


def _distance(a: str, b: str) -> int:
    """Edit distance in which swapping neighbours counts as one."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
