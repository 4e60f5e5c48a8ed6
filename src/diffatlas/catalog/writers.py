"""DataFrames as text: Markdown, LaTeX (booktabs), CSV, JSON and tables for a terminal.

Our own small writers instead of pandas', which need ``tabulate`` and ``jinja2``.
"""

from __future__ import annotations

import csv
import io
import json
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from diffatlas.catalog.latex import escape

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "in_blocks",
    "joined",
    "plain_markdown",
    "reflow",
    "rows_of",
    "to_csv",
    "to_json",
    "to_latex",
    "to_markdown",
    "to_text",
]

_MARKS = re.compile(r"[\\`*_\[\]<>$|]")
_LINES = re.compile(r"\s*\n\s*")


def rows_of(frame: pd.DataFrame) -> tuple[list[str], list[list[Any]]]:
    """Column names and rows of plain Python values; missing ones are None, dates ISO texts.

    A named index becomes the first column; an unnamed one is left out.
    """
    import pandas as pd

    names = [str(column) for column in frame.columns]
    columns = [_plain(frame.iloc[:, at]) for at in range(frame.shape[1])]
    if frame.index.name is not None:
        names.insert(0, str(frame.index.name))
        columns.insert(0, _plain(pd.Series(frame.index)))
    return names, [list(row) for row in zip(*columns, strict=True)] if columns else []


def _plain(series: pd.Series) -> list[Any]:
    if series.dtype.kind == "M":
        series = series.dt.strftime("%Y-%m-%d")
    values = series.tolist()
    if series.dtype.kind != "O":  # nullable integers come as numpy's
        values = [value.item() if hasattr(value, "item") else value for value in values]
    missing = series.isna()
    if missing.any():
        pairs = zip(values, missing.tolist(), strict=True)
        values = [None if gone else value for value, gone in pairs]
    return values


def joined(value: Any, separator: str = ";") -> str:
    """A cell as one text; list items parted by ``separator``, mappings as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list):
        return separator.join(joined(item, separator) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def to_csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """RFC 4180 with LF line ends; list cells are ``;``-separated."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    # A carriage return of its own would end the row for most readers.
    writer.writerows([_unix(joined(value)) for value in row] for row in rows)
    return buffer.getvalue()


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def to_json(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A list of objects; missing values are null, lists stay lists."""
    # One row a line: readable, and quick to compare between two exports.
    encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make one for each row
    lines = [encode(dict(zip(names, row, strict=True))) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def to_markdown(names: Sequence[str], rows: Iterable[Sequence[Any]], markdown: bool = False) -> str:
    """A pipe table; numbers are aligned to the right.

    Cells are plain text, whose marks are escaped, or with ``markdown`` Markdown that stays.
    """
    cell = _markdown if markdown else plain_markdown
    rows = [list(row) for row in rows]
    right = _numeric(len(names), rows)
    rules = ["---:" if flag else "---" for flag in right]
    lines = [[cell(name) for name in names], rules]
    lines += [[cell(joined(value, ", ")) for value in row] for row in rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def plain_markdown(text: str) -> str:
    """Markdown on one line that shows ``text`` as it is: no mark, no tag and no formula."""
    return " ".join(_MARKS.sub(r"\\\g<0>", text).split())


def _markdown(text: str) -> str:
    # Display math cannot stand in a cell; a pipe would end it, even inside math.
    text = re.sub(r"\$\$\s*(.+?)\s*\$\$", r"$\1$", text, flags=re.DOTALL)
    return _LINES.sub(" ", text.strip()).replace("|", r"\|")


def to_latex(names: Sequence[str], rows: Iterable[Sequence[Any]], markdown: bool = False) -> str:
    """A ``tabular`` with booktabs rules, ready to paste (``\\usepackage{booktabs}``).

    Columns of long texts become paragraphs that share the width of the line. With ``markdown`` the
    cells' inline Markdown is turned too.
    """
    values = [list(row) for row in rows]
    table = [[joined(value, ", ") for value in row] for row in values]
    right = _numeric(len(names), values)
    long = [any(len(row[at]) > 40 for row in table) for at in range(len(names))]
    share = max(0.15, (1 - 0.12 * long.count(False)) / max(1, long.count(True)) - 0.03)
    columns = [
        f"p{{{share:.2f}\\linewidth}}" if wide else "r" if number else "l"
        for wide, number in zip(long, right, strict=True)
    ]
    lines = [
        f"\\begin{{tabular}}{{{''.join(columns)}}}",
        "\\toprule",
        " & ".join(escape(name) for name in names) + " \\\\",
        "\\midrule",
    ]
    for row in table:
        cells = (_LINES.sub(" ", escape(value, markdown)) for value in row)
        line = " & ".join(cells)
        # After \\ or \midrule an opening bracket would be read as an optional argument.
        lines.append(("{}" if line.startswith("[") else "") + line + " \\\\")
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}", ""])


def to_text(
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    width: int,
    wrap: bool = False,
    whole: int = 0,
) -> str:
    """Columns for a terminal of ``width`` cells: too long a cell is cut, or wrapped.

    The first ``whole`` columns are never cut, as ids are there to be copied.
    """
    table = [list(names)] + [[joined(value, ", ") for value in row] for row in rows]
    table = [[_one_line(cell, wrap) for cell in row] for row in table]
    if not names:
        return ""
    natural = [
        max(_cells(part) for row in table for part in row[at].split("\n"))
        for at in range(len(names))
    ]
    room = width - 2 * (len(names) - 1) - sum(natural[:whole])
    widths = natural[:whole] + _fit(natural[whole:], room)
    right = _numeric(len(names), table[1:], parse=True)
    lines = []
    for number, row in enumerate(table):
        parts = [_lines(cell, w, wrap) for cell, w in zip(row, widths, strict=True)]
        for at in range(max(map(len, parts))):
            cells = [part[at] if at < len(part) else "" for part in parts]
            padded = [_pad(c, w, r) for c, w, r in zip(cells, widths, right, strict=True)]
            lines.append("  ".join(padded).rstrip())
        if number == 0:
            lines.append("  ".join("-" * w for w in widths))
    return "\n".join(lines) + "\n"


def in_blocks(names: Sequence[str], rows: Sequence[Sequence[Any]], width: int) -> str:
    """A wide table of short cells as several tables, each with the first column and no cell cut."""
    needs = [
        max([_cells(names[at]), *(_cells(joined(row[at])) for row in rows)])
        for at in range(len(names))
    ]
    blocks: list[list[int]] = []
    used = width
    for at in range(1, len(names)):
        if used + 2 + needs[at] > width:
            blocks.append([0])
            used = needs[0]
        blocks[-1].append(at)
        used += 2 + needs[at]
    return "\n".join(
        to_text(
            [names[i] for i in block], [[row[i] for i in block] for row in rows], width, whole=99
        )
        for block in blocks or [[0]]
    )


def _one_line(cell: str, keep_breaks: bool) -> str:
    lines = reflow(cell) if keep_breaks else [" ".join(cell.split())]
    return "".join(c for c in "\n".join(lines) if c.isprintable() or c == "\n")


def reflow(text: str) -> list[str]:
    """The paragraphs and list items of a Markdown text, each on one line; display math apart."""
    lines: list[str] = []
    fresh, in_math = True, False
    for raw in text.splitlines():
        line = " ".join(raw.split())
        starts = fresh or in_math or re.match(r"[-*] |[0-9]+\. |\$\$|\|", line) is not None
        if line and starts:
            lines.append(line)
        elif line:
            lines[-1] += " " + line
        in_math ^= line.count("$$") % 2 == 1
        fresh = not line or line.endswith("$$")
    return lines


def _fit(natural: list[int], width: int) -> list[int]:
    """Widths that sum to at most ``width``: narrow columns keep theirs, wide ones give way."""
    widths = list(natural)
    while sum(widths) > width:
        most = max(widths)
        if most <= 4:
            break  # an absurdly narrow terminal: let it overflow
        second = max((w for w in widths if w < most), default=4)
        widest = [at for at, w in enumerate(widths) if w == most]
        excess = sum(widths) - width
        target = max(second, most - -(-excess // len(widest)), 4)
        for at in widest:
            step = min(most - target, excess)
            widths[at] -= step
            excess -= step
    return widths


def _cells(text: str) -> int:
    """How many terminal cells ``text`` takes: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def _lines(cell: str, width: int, wrap: bool) -> list[str]:
    if not wrap:
        return [_cut(cell, width)]
    return [line for part in cell.split("\n") for line in _wrapped(part, max(width, 1)) or [""]]


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` cells; ``textwrap`` counts a wide character as one."""
    lines = textwrap.wrap(text, width)
    if all(_cells(line) <= width for line in lines):
        return lines
    narrow: list[str] = []
    for line in lines:
        narrow.append("")
        for c in line:
            if narrow[-1] and _cells(narrow[-1] + c) > width:
                narrow[-1] = narrow[-1].rstrip()
                narrow.append("")
            narrow[-1] += c
    return narrow


def _cut(text: str, width: int) -> str:
    if _cells(text) <= width:
        return text
    while text and _cells(text) > width - 1:
        text = text[: min(len(text) - 1, width - 1)]
    return text.rstrip() + "…"


def _pad(text: str, width: int, right: bool) -> str:
    gap = " " * max(0, width - _cells(text))
    return gap + text if right else text + gap


def _numeric(columns: int, rows: Sequence[Sequence[Any]], parse: bool = False) -> list[bool]:
    def number(value: Any) -> bool:
        if parse:
            return re.fullmatch(r"-?[0-9][0-9.,]*(?:e[+-]?[0-9]+)?", value) is not None
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    def empty(value: Any) -> bool:
        return value is None or value == ""

    return [
        any(number(row[at]) for row in rows)
        and all(number(row[at]) or empty(row[at]) for row in rows)
        for at in range(columns)
    ]
