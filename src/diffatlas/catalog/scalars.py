"""What a plain YAML scalar means, by the core schema of YAML 1.2 plus dates.

PyYAML follows YAML 1.1, where ``no`` is false, ``1_000`` and ``1:30`` are numbers and ``1e-3`` is
text. Editors and every other tool follow 1.2, so the catalog does too: ``no`` is text here.
"""

from __future__ import annotations

import math
import re
from datetime import date

__all__ = ["resolve"]

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Longer digit strings are identifiers, not quantities; they stay text.
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,40}|[0-9]{1,40}(?:\.[0-9]{0,40})?)(?:[eE][-+]?[0-9]{1,4})?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_STARTS = frozenset("0123456789+-.")


def resolve(text: str) -> str | int | float | bool | date | None:
    """The value of a plain scalar; text that is no number, word or date is returned as it is.

    >>> [resolve(s) for s in ("true", "no", "12", "2.5", "~", "1.2.3")]
    [True, 'no', 12, 2.5, None, '1.2.3']
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _STARTS or len(text) > 90:
        return text
    if _INT.fullmatch(text):
        return int(text)
    match = _DATE.fullmatch(text)
    if match:
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:  # 2020-02-30: stays text, and the check says that it is no date
            return text
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
