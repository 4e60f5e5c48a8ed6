r"""Plain text to LaTeX: accents as commands, special characters escaped, ``$..$`` left alone.

What comes out is ASCII wherever LaTeX has a command for the character, so that it compiles in any
engine and passes through old BibTeX styles; other scripts (Chinese, say) stay as they are.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["escape"]

_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0308": '"',
    "\u0304": "=",
    "\u0307": ".",
    "\u0306": "u",
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0328": "k",
    "\u0331": "b",
    "\u0326": "textcommabelow",
}

_CHARACTERS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "ß": r"{\ss}",
    "æ": r"{\ae}",
    "Æ": r"{\AE}",
    "œ": r"{\oe}",
    "Œ": r"{\OE}",
    "ø": r"{\o}",
    "Ø": r"{\O}",
    "ł": r"{\l}",
    "Ł": r"{\L}",
    "đ": r"{\dj}",
    "Đ": r"{\DJ}",
    "ı": r"{\i}",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"{\ldots}",
    "\u00a0": "~",
    "\u2011": "-",
    "×": r"{$\times$}",
    "±": r"{$\pm$}",
    "≤": r"{$\le$}",
    "≥": r"{$\ge$}",
    "→": r"{$\to$}",
    "∞": r"{$\infty$}",
    "²": r"{$^2$}",
    "³": r"{$^3$}",
}

_MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$", re.DOTALL)


# What inline Markdown looks like once its characters are escaped (only _ and others are; * ` [ ]
# are not special to LaTeX).
_INLINE = (
    (re.compile(r"\*\*(.+?)\*\*", re.DOTALL), r"\\textbf{\1}"),
    (re.compile(r"(?<![*\w])\*([^*\s](?:[^*]*[^*\s])?)\*(?![*\w])"), r"\\emph{\1}"),
    (re.compile(r"`([^`]+)`"), r"\\texttt{\1}"),
    (re.compile(r"\[([^\]]+)\]\([^)\s]+\)"), r"\1"),
)


def escape(text: str, markdown: bool = False) -> str:
    """``text`` for the body of a LaTeX document; ``$..$`` and ``$$..$$`` become inline math.

    With ``markdown``, bold, emphasis, code and links are turned as well (a link into its text).
    """
    # U+0000 can stand in no catalog file, so it may stand for the formulas.
    formulas = [f"${(m[1] or m[2]).strip()}$" for m in _MATH.finditer(text)]
    plain = _MATH.sub("\0", text.replace("\0", ""))
    escaped = "".join(map(_character, unicodedata.normalize("NFC", plain)))
    for pattern, latex in _INLINE if markdown else ():
        escaped = pattern.sub(latex, escaped)
    parts = escaped.split("\0")
    return parts[0] + "".join(f + part for f, part in zip(formulas, parts[1:], strict=True))


def _character(char: str) -> str:
    known = _CHARACTERS.get(char)
    if known is not None or char.isascii():
        return known if known is not None else char
    decomposed = unicodedata.normalize("NFD", char)
    base, marks = decomposed[0], decomposed[1:]
    if marks and base.isascii() and all(mark in _ACCENTS for mark in marks):
        # The dot of i and j makes way for an accent above the letter.
        inner = f"\\{base}" if base in "ij" and marks[0] not in "\u0323\u0327\u0328" else base
        for mark in marks:
            inner = f"\\{_ACCENTS[mark]}{{{inner}}}"
        return f"{{{inner}}}"
    name = unicodedata.name(char, "")
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)", name)
    if greek and (greek[1] == "SMALL" or greek[2] in _GREEK_CAPITALS):
        letter = "lambda" if greek[2] == "LAMDA" else greek[2].lower()
        if letter in _GREEK:
            shown = letter if greek[1] == "SMALL" else letter.capitalize()
            return f"{{$\\{shown}$}}"
    return char


_LETTERS = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
phi chi psi omega
"""
_GREEK = frozenset(_LETTERS.split())

# The capitals that differ from Latin ones (LAMDA is Unicode's own spelling).
_DISTINCT = "GAMMA DELTA THETA LAMDA XI PI SIGMA UPSILON PHI PSI OMEGA"
_GREEK_CAPITALS = frozenset(_DISTINCT.split())
