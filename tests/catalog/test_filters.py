"""The filter language itself: what parses, what does not, and where messages point."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diffatlas.catalog.filters import FIELDS, Value, day_range, parse, quote, year_range
from diffatlas.errors import FilterError


def shape(text):
    return [(t.negated, t.field, [v.text for v in t.values]) for t in parse(text)]


def test_the_example_of_the_documentation():
    text = (
        'framework:ddpm,ncsn task:inpainting -condition:text year:2020..2022 has:code "free text"'
    )
    assert shape(text) == [
        (False, "frameworks", ["ddpm", "ncsn"]),
        (False, "tasks", ["inpainting"]),
        (True, "conditions", ["text"]),
        (False, "year", ["2020..2022"]),
        (False, "has", ["code"]),
        (False, None, ["free text"]),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\n ", []),
        ("Tasks:x", [(False, "tasks", ["x"])]),
        ('condition:"low-resolution image",text', [(False, "conditions",
                                                    ["low-resolution image", "text"])]),
        (r'"a \"b\" \\ c:d, e"', [(False, None, ['a "b" \\ c:d, e'])]),
        ('-"two words"', [(True, None, ["two words"])]),
        ("a,b -c", [(False, None, ["a", "b"]), (True, None, ["c"])]),
        ("arxiv:arXiv:2006.11239", [(False, "arxiv", ["arXiv:2006.11239"])]),
        ('id:"a","b"', [(False, "id", ["a", "b"])]),
        ("low-resolution", [(False, None, ["low-resolution"])]),
    ],
)  # fmt: skip
def test_what_parses(text, expected):
    assert shape(text) == expected


@pytest.mark.parametrize(
    ("text", "offending", "says"),
    [
        ("tsk:inpainting", "tsk:", "did you mean task"),
        ("x http://a.b", "http:", "quotes"),
        (":x", ":", "no field"),
        ("task:", ":", "missing after 'tasks'"),
        ("task:a,,b", ",,", "missing"),
        ("a, b", ",", "missing"),
        ("-", "-", "minus"),
        ("--x", "-", "minus"),
        ("a - b", "-", "minus"),
        ("task:-a", "-a", "-task:a"),
        ('x "open', '"open', "never closed"),
        ('ab"c"', 'ab"', "middle of a word"),
        ('"a"b', '"a"b', "space or comma"),
        ("x" * 5000, "", "at most"),
    ],
)
def test_what_does_not_parse_and_where_the_message_points(text, offending, says):
    with pytest.raises(FilterError) as caught:
        parse(text)
    error = caught.value
    assert says in str(error)
    assert error.text[error.start : error.end].startswith(offending[:1])
    if offending:
        assert offending in error.text[error.start : error.end]
        assert "^" in str(error)


@given(st.text(max_size=80))
@example('a"b\x00:,,--"')
def test_the_parser_raises_nothing_but_filter_errors(text):
    try:
        parse(text)
    except FilterError as error:
        assert 0 <= error.start <= error.end <= max(len(text), 0)


@given(st.text(alphabet=' "-:,\\ataskyer0129.', max_size=40))
def test_the_same_with_characters_that_matter(text):
    try:
        terms = parse(text)
    except FilterError:
        return
    for term in terms:
        assert text[term.start : term.end].strip()
        assert term.field is None or term.field in FIELDS.values()


@given(st.text(min_size=1, max_size=30))
def test_a_quoted_value_comes_back_as_it_was(value):
    (term,) = parse(f"title:{quote(value)}")
    assert [v.text for v in term.values] == [value]
    assert not term.negated


def test_not_a_string():
    with pytest.raises(FilterError, match="a filter is a string, not int"):
        parse(3)


def years(text):
    return year_range(Value(text, 0, len(text)), text)


def days(text):
    return day_range(Value(text, 0, len(text)), text)


def test_ranges():
    assert years("2020") == (2020, 2020)
    assert years("2020..2022") == (2020, 2022)
    assert years("2021..") == (2021, 9999)
    assert years("..2020") == (0, 2020)
    assert days("2020") == (20200101, 20201231)
    assert days("2020-06") == (20200601, 20200631)
    assert days("2020-06-19..2021-02") == (20200619, 20210231)
    assert days("..2020-02-29") == (0, 20200229)


@pytest.mark.parametrize(
    "text", ["20", "twenty", "..", "2020...2021", "2020..x", "٢٠٢٠", "2022..2020"]
)
def test_bad_years(text):
    with pytest.raises(FilterError):
        years(text)


@pytest.mark.parametrize(
    "text", ["2020-13", "2021-02-29", "2020-6", "2020-06-19-01", "2021..2020-12"]
)
def test_bad_dates(text):
    with pytest.raises(FilterError):
        days(text)


def test_a_range_that_is_turned_around_is_mended():
    with pytest.raises(FilterError, match=r"did you mean 2020\.\.2022"):
        years("2022..2020")
