import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffatlas.catalog.latex import escape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50% & #1_{x} ~^", r"50\% \& \#1\_\{x\} \textasciitilde{}\textasciicircum{}"),
        (r"a\b", r"a\textbackslash{}b"),
        ("Björn Çiçek Łukasz", r"Bj{\"{o}}rn {\c{C}}i{\c{c}}ek {\L}ukasz"),
        ("naïve", r"na{\"{\i}}ve"),
        ("ễ", r"{\~{\^{e}}}"),
        ("Itô–Taylor 20×", r"It{\^{o}}--Taylor 20{$\times$}"),
        ("α Σ Λ", r"{$\alpha$} {$\Sigma$} {$\Lambda$}"),
        (r"PixArt-$\alpha_1$ costs 5$", r"PixArt-$\alpha_1$ costs 5\$"),
        ("$$x^2$$ & y", r"$x^2$ \& y"),
        ("扩散", "扩散"),
    ],
)
def test_escape(text, expected):
    assert escape(text) == expected


@given(st.text(alphabet=st.characters(exclude_characters="$"), max_size=40))
def test_braces_balance_and_no_special_character_is_left(text):
    found = escape(text)
    bare = found
    for command in (r"\{", r"\}", r"\%", r"\&", r"\#", r"\_", r"\$"):
        bare = bare.replace(command, "")
    assert bare.count("{") == bare.count("}")
    assert not set("%&#") & set(bare)


def test_markdown_is_turned_and_formulas_are_left_alone():
    text = "**Reverse $x^*$** of `a_b`, *not* the [page](https://x.y/z) $a*b*c$ 2*3*4"
    assert escape(text, markdown=True) == (
        r"\textbf{Reverse $x^*$} of \texttt{a\_b}, \emph{not} the page $a*b*c$ 2*3*4"
    )
