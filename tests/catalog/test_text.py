from hypothesis import given
from hypothesis import strategies as st

from diffatlas.catalog.text import TextIndex, normalize


def test_case_diacritics_and_punctuation_do_not_count():
    assert normalize("Schrödinger-Bridge (Łukasz)") == "schrodinger bridge lukasz"
    assert normalize("ÎLE İstanbul ß Ø ﬁne x²") == "ile istanbul ss o fine x2"
    assert normalize("--- ...") == ""


@given(st.text(max_size=60))
def test_normalizing_twice_changes_nothing(text):
    once = normalize(text)
    assert normalize(once) == once
    assert once == once.strip() and "  " not in once


@given(st.lists(st.lists(st.text(alphabet="aB é-\n\x1eß", max_size=8), max_size=3), max_size=6),
       st.text(alphabet="abe s", min_size=1, max_size=4))  # fmt: skip
def test_index_agrees_with_a_search_text_by_text(rows, phrase):
    wanted = normalize(phrase)
    if wanted:
        expected = [any((" " + wanted) in " " + normalize(t) for t in row) for row in rows]
        assert TextIndex(rows).mask(wanted).tolist() == expected


def test_a_phrase_begins_at_a_word_and_stays_in_one_text():
    index = TextIndex([("an organ",), ("GAN",), ("Yang", "Song"), ("Yang Song",), ()])
    assert index.mask("gan").tolist() == [False, True, False, False, False]
    assert index.mask("yang song").tolist() == [False, False, False, True, False]
