"""What filters select, against a reference that reads every record in the plainest way."""

import pytest
from bench import _synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from diffatlas.catalog.atlas import Atlas
from diffatlas.catalog.filters import FACETS, parse, quote
from diffatlas.catalog.stored import Tables
from diffatlas.catalog.text import normalize
from diffatlas.errors import FilterError

ATLAS = Atlas(Tables(_synthetic.tables(150, seed=3)))
PAPERS = list(ATLAS.records("papers").values())


def ids(text):
    return ATLAS.find(text)["id"].tolist()


def below(facet, term):
    """``term`` and all that is narrower, found by climbing up from every other term."""
    records = ATLAS.records(facet)

    def ancestors(own):
        found = {own}
        for up in records[own].get("broader", ()):
            found |= ancestors(up)
        return found

    return {own for own in records if term in ancestors(own)}


def holds(phrase, texts):
    return any(f" {normalize(phrase)}" in f" {normalize(text)}" for text in texts)


def matches(paper, term):
    field = term.field

    def one(value):
        if field in FACETS:
            (target,) = [
                own
                for own, record in ATLAS.records(field).items()
                if value in (own, record["name"], *record.get("aliases", ()))
            ]
            return bool(below(field, target) & set(paper[field]))
        if field == "year":
            low, dots, high = value.partition("..")
            last = high or "9999" if dots else low
            return int(low or 0) <= paper["year"] <= int(last)
        if field == "submitted":
            low, dots, high = value.partition("..")
            day = paper.get("submitted")
            last = (high or "9999") if dots else low
            return day is not None and low <= day and day[: len(last)] <= last
        if field == "has":
            if value == "results":
                lists = ATLAS.records("results").values()
                return any(r["paper"] == paper["id"] for one in lists for r in one["results"])
            return bool(paper.get({"table1": "in_table1"}.get(value, value)))
        if field == "origin":
            return paper.get("origin", "survey") == value
        if field == "provenance":
            return any(s["status"] == value and s.get("facts") for s in paper["provenance"])
        if field == "author":
            return holds(value, paper["authors"])
        if field == "venue":
            return holds(value, [paper.get("venue", "")])
        if field == "id":
            return paper["id"] == value
        if field == "arxiv":
            return paper.get("arxiv", "").startswith(value)
        texts = [paper["title"], *paper.get("aliases", ())]
        if field is None:
            texts += [paper.get("summary", ""), *paper["authors"]]
        return holds(value, texts)

    return any(one(value.text) for value in term.values) != term.negated


def reference(text):
    terms = parse(text)
    return [paper["id"] for paper in PAPERS if all(matches(paper, term) for term in terms)]


def facet_value(facet):
    records = list(ATLAS.records(facet).values())
    names = [r["id"] for r in records] + [r["name"] for r in records]
    return st.sampled_from(names + [a for r in records for a in r.get("aliases", ())])


SOUGHT = ("diffusion", "score", "Schrodinger", "RÉMI", "ho", "image-synthesis", "vid", "song")
word = st.sampled_from(SOUGHT)
year = st.integers(2014, 2024)
month = st.builds("{}-{:02}".format, year, st.integers(1, 12))


def span(end):
    both = st.tuples(end, end).map(lambda pair: "..".join(sorted(map(str, pair))))
    return st.one_of(end.map(str), both, end.map("{}..".format), end.map("..{}".format))


values = {
    **{facet.removesuffix("s"): facet_value(facet) for facet in FACETS},
    "year": span(year),
    "submitted": span(month),
    "has": st.sampled_from(["code", "results", "doi", "arxiv", "summary", "table1", "tasks"]),
    "origin": st.sampled_from(["survey", "beyond"]),
    "provenance": st.sampled_from(["survey", "paper", "list", "recall"]),
    "author": word,
    "venue": st.sampled_from(["neurips", "CVPR 2023", "2022", "nowhere"]),
    "title": word,
    "id": st.sampled_from([paper["id"] for paper in PAPERS]),
    "arxiv": st.sampled_from(["20", "2206", "9"]),
    "": st.one_of(word, st.just("score matching")),
}


@st.composite
def positive_terms(draw):
    field = draw(st.sampled_from(sorted(values)))
    texts = draw(st.lists(values[field], min_size=1, max_size=3))
    return (f"{field}:" if field else "") + ",".join(map(quote, texts))


terms = st.builds("{}{}".format, st.sampled_from(["", "", "-"]), positive_terms())


@settings(max_examples=300, deadline=None)
@given(st.lists(terms, max_size=4))
def test_find_agrees_with_the_reference(parts):
    text = " ".join(parts)
    assert ids(text) == reference(text)


@given(positive_terms())
def test_negation_is_the_complement(term):
    inside, outside = ids(term), ids("-" + term)
    assert set(inside).isdisjoint(outside)
    assert sorted(inside + outside) == sorted(paper["id"] for paper in PAPERS)


@given(terms, terms)
def test_and_intersects_and_keeps_the_order(a, b):
    both = ids(f"{a} {b}")
    other = set(ids(b))
    assert both == [own for own in ids(a) if own in other]


@given(st.sampled_from(sorted(FACETS)), st.data())
def test_or_unites_and_narrower_is_within_broader(facet, data):
    field = facet.removesuffix("s")
    a, b = (data.draw(st.sampled_from(sorted(ATLAS.records(facet)))) for _ in range(2))
    assert set(ids(f"{field}:{a},{b}")) == set(ids(f"{field}:{a}")) | set(ids(f"{field}:{b}"))
    for narrower in ATLAS.narrower(facet, a):
        assert set(ids(f"{field}:{narrower}")) <= set(ids(f"{field}:{a}"))


@settings(max_examples=200)
@given(st.text(alphabet=' "-:,\\atsk.20has', max_size=30))
def test_find_raises_nothing_but_filter_errors(text):
    try:
        ATLAS.find(text)
    except FilterError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("text", "offending", "says"),
    [
        ("task:tsk-3", "tsk-3", "did you mean task-3"),
        ("framework:framework-1,framwork-2", "framwork-2", "framework-2"),
        ("has:kode", "kode", "did you mean code"),
        ("origin:mars", "mars", "survey or beyond"),
        ("provenance:lists", "lists", "did you mean list"),
        ("id:author2015word", "author2015word", "did you mean author2015word"),
        ('heading:"Image Genaration"', '"Image Genaration"', "Image Generation"),
        ('author:"..."', '"..."', "no letter or digit"),
        ("year:21", "21", "not a year"),
        ("arxiv:arxiv:", "arxiv:", "identifier"),
    ],
)
def test_unknown_values_are_pointed_at(text, offending, says):
    with pytest.raises(FilterError) as caught:
        ATLAS.find(text)
    error = caught.value
    assert error.text[error.start : error.end] == offending
    assert says in str(error)


def test_a_long_filter_shows_a_window_around_the_mistake():
    with pytest.raises(FilterError) as caught:
        ATLAS.find("score " * 200 + "task:nothing-like-it " + "score " * 200)
    shown = str(caught.value).splitlines()
    assert all(len(line) < 120 for line in shown)
    assert shown[1][shown[2].index("^") :].startswith("nothing-like-it")


def test_spellings_of_fields_and_values():
    assert ids("frameworks:framework-1") == ids("FRAMEWORK:Framework_1")
    assert ids("has:task") == ids("has:tasks") and ids("date:2016") == ids("submitted:2016")
    assert ids("arxiv:arXiv:20") == ids("arxiv:20")
    own = next(paper["arxiv"] for paper in PAPERS if paper.get("arxiv"))
    assert ids(f"arxiv:{own}v3") == ids(f"arxiv:https://arxiv.org/abs/{own}") == ids(f"arxiv:{own}")
    assert ids(f"arxiv:{own}v٣") == ids(f"arxiv:{own}")  # a digit of another script is a digit
    assert ids(f"arxiv:{own}v²") == []  # an exponent is none, in the explorer neither
