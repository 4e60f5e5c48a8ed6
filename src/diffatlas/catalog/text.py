"""How texts are compared: without regard to case, diacritics or punctuation, word by word.

The explorer of the site follows the same rules, so keep both in step:

1. compatibility decomposition (NFKD), lower case, combining diacritical marks dropped, and the few
   letters that do not decompose spelt out (``LETTERS``);
2. every run of characters that are neither letters nor digits becomes one space;
3. a phrase matches where it begins at the beginning of a word: ``diff mod`` does not match
   "diffusion models", ``diffusion mod`` does, and ``gan`` does not match "organ".
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np

__all__ = ["TextIndex", "normalize"]

LETTERS = {
    "ß": "ss",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
}
# The five blocks of combining diacritical marks.
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")

# A text ends in a line break and a row in a record separator, so neither may be inside a text.
_ROW = "\x1e"
_RESERVED = re.compile("[\n\x1e]")
_GAPS = re.compile("(?:[^\\w\n\x1e]|_)+")


def _fold(text: str) -> str:
    if not text.isascii():
        # Lower case first and last: capitals can decompose, and İ has a mark only in lower case.
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).lower())
        text = _MARKS.sub("", text)
        for letter, spelt in LETTERS.items():
            text = text.replace(letter, spelt)
    return _GAPS.sub(" ", text.lower())


def normalize(text: str) -> str:
    """``text`` as lower-case words parted by single spaces; empty if it has no letter or digit."""
    return _fold(_RESERVED.sub(" ", text)).strip()


def _one(text: str) -> str:
    return _RESERVED.sub(" ", text) if "\n" in text or _ROW in text else text


class TextIndex:
    """All texts of all rows in one string, so that one scan by ``str.find`` answers a phrase."""

    def __init__(self, rows: Sequence[Iterable[str]]) -> None:
        # Every text begins with a space, as every phrase that is looked for does; a line break
        # between texts keeps a phrase from running over two authors.
        self._blob = _fold(_ROW.join("\n".join([" " + _one(t) for t in row]) for row in rows))
        parts = self._blob.split(_ROW) if rows else []
        self._starts = [0, *accumulate(len(part) + 1 for part in parts)][: len(parts)]

    def mask(self, phrase: str) -> np.ndarray:
        """Boolean, one a row: does the row hold the (already normalized) ``phrase``?"""
        blob, starts = self._blob, self._starts
        found = np.zeros(len(starts), dtype=bool)
        needle = " " + phrase
        position = blob.find(needle)
        while position >= 0:
            row = bisect_right(starts, position) - 1
            found[row] = True
            if row + 1 >= len(starts):
                break
            position = blob.find(needle, starts[row + 1])
        return found
