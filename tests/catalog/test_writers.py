"""Tables as text, read again where a reader exists."""

import csv
import io
import json
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffatlas.catalog import tables, writers

cells = st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats(allow_nan=False))
grids = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), max_size=5)
)


def names_for(rows):
    return [f"c{at}" for at in range(len(rows[0]) if rows else 2)]


@given(grids)
def test_csv_comes_back(rows):
    text = writers.to_csv(names_for(rows), rows)
    back = list(csv.reader(io.StringIO(text, newline="")))
    expected = [[writers.joined(value) for value in row] for row in rows]
    if "\\r" not in repr(rows):  # carriage returns become line feeds
        assert back[1:] == expected
    assert len(back) == len(rows) + 1


@given(grids)
def test_json_comes_back(rows):
    names = names_for(rows)
    back = json.loads(writers.to_json(names, rows))
    assert back == [dict(zip(names, row, strict=True)) for row in rows]


@given(grids, st.integers(20, 90), st.booleans())
def test_text_fits_the_terminal(rows, width, wrap):
    names = names_for(rows)
    for line in writers.to_text(names, rows, width, wrap).splitlines():
        assert writers._cells(line) <= max(width, 6 * len(names))


@given(grids)
def test_markdown_has_a_line_a_row(rows):
    names = names_for(rows)
    lines = writers.to_markdown(names, rows).split("\n")[:-1]
    if not any(c in str(rows) for c in ("\\x", "\\u", "\\r")):
        assert len(lines) == len(rows) + 2
    for line in lines[:2]:
        assert len(re.findall(r"(?<!\\)\|", line)) == len(names) + 1


def test_rows_of_plain_values():
    frame = pd.DataFrame(
        {
            "when": pd.to_datetime(["2020-01-02", None]),
            "many": [["a", "b"], []],
            "number": [1.5, float("nan")],
            "text": pd.Series(["x", None]),
            "flag": [True, False],
        }
    )
    assert writers.rows_of(frame) == (
        ["when", "many", "number", "text", "flag"],
        [["2020-01-02", ["a", "b"], 1.5, "x", True], [None, [], None, None, False]],
    )
    frame.index.name = "row"
    assert writers.rows_of(frame)[1][1][0] == 1


def test_csv_of_lists_and_mappings():
    assert writers.to_csv(["a", "b"], [[["x", "y"], {"k": ["é"]}], [[], {}]]) == (
        'a,b\nx;y,"{""k"": [""é""]}"\n,\n'
    )


def test_markdown_escapes_pipes_and_aligns_numbers():
    text = writers.to_markdown(["name", "n"], [["a|b\nc", 1], ["$$\nx\n$$", None]], markdown=True)
    assert text == "| name | n |\n| --- | ---: |\n| a\\|b c | 1 |\n| $x$ |  |\n"


@given(st.text("\\`*_[]<>()$|!#&a\n", max_size=20))
def test_markdown_shows_plain_cells_as_they_are(value):
    shown = writers.to_markdown(["a"], [[value]]).splitlines()[2][2:-2]
    assert re.sub(r"\\([\\`*_\[\]<>$|])", r"\1", shown).split() == value.split()
    assert not re.search(r"[`*_\[\]<>$|]", re.sub(r"\\.", "", shown))


def test_latex_is_booktabs():
    text = writers.to_latex(["a_b", "n"], [["50%", 2], ["[x]", 3]])
    assert text.splitlines() == [
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"a\_b & n \\",
        r"\midrule",
        r"50\% & 2 \\",
        r"{}[x] & 3 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_long_columns_share_the_line_in_latex():
    text = writers.to_latex(["a", "b", "c"], [["x" * 50, "y" * 50, 1]])
    assert text.startswith("\\begin{tabular}{p{0.41\\linewidth}p{0.41\\linewidth}r}")


def test_a_comparison_as_markdown_and_latex():
    frame = tables.compare([{"id": "a", "x": "**b**", "y": 1}, {"id": "c", "x": "d", "y": 1}])
    assert tables.to_markdown(frame).splitlines()[2:] == [
        "| x | * | **b** | d |",
        "| y |  | 1 | 1 |",
    ]
    assert "x & * & \\textbf{b} & d" in tables.to_latex(frame)
    assert "| n |\n" in tables.to_markdown(pd.DataFrame({"n": [1]}))


def test_text_cuts_or_wraps_the_widest_column_and_knows_wide_characters():
    rows = [["id", "a long title that does not fit here", 7], ["扩散模型" * 5, "b", 12]]
    cut = writers.to_text(["id", "title", "n"], rows, 40)
    assert "…" in cut and cut.splitlines()[2].endswith(" 7")
    wrapped = writers.to_text(["id", "title", "n"], rows, 60, wrap=True)
    assert "…" not in wrapped and "fit here" in wrapped.replace("\n", " ")
    assert writers.to_text([], [], 40) == ""


def test_first_columns_are_kept_whole_and_wide_tables_come_in_blocks():
    rows = [["an-id-that-is-there-to-be-copied", "x" * 60]]
    assert "an-id-that-is-there-to-be-copied  xxx" in writers.to_text(
        ["id", "title"], rows, 50, whole=1
    )
    names = ["row", *(f"column-{at}" for at in range(9))]
    text = writers.in_blocks(names, [["a", *range(9)], ["b", *range(9)]], 40)
    blocks = text.split("\n\n")
    assert len(blocks) == 3 and all(block.startswith("row") for block in blocks)
    assert all(name in text for name in names) and max(map(len, text.splitlines())) <= 40
    assert writers.in_blocks(["only"], [["a"]], 40) == "only\n----\na\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\ntwo\n\nthree", ["one two", "three"]),
        ("- a\n  b\n- c", ["- a b", "- c"]),
        ("x:\n$$\na\nb\n$$\nrest\nhere", ["x:", "$$", "a", "b", "$$", "rest here"]),
        ("", []),
    ],
)
def test_reflow(text, lines):
    assert writers.reflow(text) == lines
