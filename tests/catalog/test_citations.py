"""References in APA style and in Markdown."""

from __future__ import annotations

import re
from typing import Any

import pytest

import diffatlas
from diffatlas.catalog import citations


def paper(**changes: Any) -> dict[str, Any]:
    record = {
        "id": "ho2020denoising",
        "title": "Denoising Diffusion Probabilistic Models",
        "authors": ["Jonathan Ho", "Ajay Jain", "Pieter Abbeel"],
        "year": 2020,
        "venue": "NeurIPS 2020",
        "arxiv": "2006.11239",
    }
    return {**record, **changes}


def test_a_conference_paper() -> None:
    assert citations.apa(paper()) == (
        "Ho, J., Jain, A., & Abbeel, P. (2020). Denoising Diffusion Probabilistic Models. In "
        "Advances in Neural Information Processing Systems (NeurIPS). "
        "https://arxiv.org/abs/2006.11239"
    )


def test_an_article_with_volume_issue_pages_and_doi() -> None:
    record = paper(venue="Neural Computation 23(7):1661-1674, 2011", doi="10.1162/NECO_a_00142",
                   authors=["Pascal Vincent"], title="A Connection", year=2011)  # fmt: skip
    assert citations.apa(record) == (
        "Vincent, P. (2011). A Connection. Neural Computation, 23(7), 1661-1674. "
        "https://doi.org/10.1162/NECO_a_00142"
    )


@pytest.mark.parametrize(
    "authors, told",
    [
        (["Yang Song", "Stefano Ermon"], "Song, Y., & Ermon, S. (2020)"),
        (["Aäron van den Oord"], "van den Oord, A. (2020)"),
        (["Jun-Yan Zhu"], "Zhu, J.-Y. (2020)"),
        (["Diederik P. Kingma"], "Kingma, D. P. (2020)"),
        (["OpenAI"], "OpenAI. (2020)"),
        ([], "(2020)"),
        ([f"A{n} B{n}" for n in range(20)], "B18, A., & B19, A. (2020)"),
        ([f"A{n} B{n}" for n in range(21)], "B18, A., . . . B20, A. (2020)"),
    ],
)
def test_authors(authors: list[str], told: str) -> None:
    assert told in citations.apa(paper(authors=authors))


def test_what_is_missing_leaves_no_gap() -> None:
    bare = paper(venue=None, arxiv=None, title="Is it so?")
    assert citations.apa(bare) == "Ho, J., Jain, A., & Abbeel, P. (2020). Is it so?"
    assert citations.markdown(bare) == "Is it so? Ho et al., 2020."
    assert "arXiv. https://arxiv.org/abs/2006.11239" in citations.apa(paper(venue=None))


def test_markdown_links_and_escapes() -> None:
    told = citations.markdown(paper(title="*Bold* [x](javascript:1)"))
    assert told.startswith(r"[\*Bold\* \[x\](javascript:1)](https://arxiv.org/abs/2006.11239). ")


def test_every_paper_has_a_reference_with_its_year_and_title() -> None:
    atlas = diffatlas.load()
    for record in atlas.records("papers").values():
        told = citations.apa(record)
        assert record["title"] in told and re.search(r"\((?:19|20)\d\d\)\.", told), record["id"]
        assert "  " not in told and " ." not in told.replace(", . . .", ""), told
