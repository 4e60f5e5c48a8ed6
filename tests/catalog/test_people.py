"""One rule for names: BibTeX, CSL, APA and bylines tell the same family name."""

from __future__ import annotations

import pytest
from pybtex.database import parse_string

import diffatlas
from diffatlas.catalog import bibtex, citations, csl
from diffatlas.catalog.people import Person, byline, person


@pytest.mark.parametrize(
    ("name", "parts", "apa"),
    [
        ("Jonathan Ho", ("Ho", "Jonathan", ""), "Ho, J."),
        ("Valentin De Bortoli", ("De Bortoli", "Valentin", ""), "De Bortoli, V."),
        ("Fernando De la Torre", ("De la Torre", "Fernando", ""), "De la Torre, F."),
        ("Aäron van den Oord", ("van den Oord", "Aäron", ""), "van den Oord, A."),
        ("Gerard 't Hooft", ("'t Hooft", "Gerard", ""), "'t Hooft, G."),
        ("Martin Luther King Jr.", ("King", "Martin Luther", "Jr."), "King, M. L., Jr."),
        ("Jun-Yan Zhu", ("Zhu", "Jun-Yan", ""), "Zhu, J.-Y."),
        ("NVIDIA", ("NVIDIA", "", ""), "NVIDIA."),
        ("DeepFloyd and Friends Lab",) * 2 + ("DeepFloyd and Friends Lab.",),
        ("", ("", "", ""), ""),
    ],
)
def test_a_name_in_its_parts(name: str, parts: tuple[str, str, str] | str, apa: str) -> None:
    assert person(name) == (Person(parts) if isinstance(parts, str) else parts)
    record = {"id": "x", "title": "T", "year": 2020, "authors": [name] if name else []}
    assert citations.apa(record) == f"{apa} (2020). T.".strip()
    assert byline([name]) == person(name).family


def test_bylines() -> None:
    assert byline([]) == ""
    assert byline(["Valentin De Bortoli", "Luc Van Gool"]) == "De Bortoli and Van Gool"
    assert byline(["Martin Luther King Jr.", "A B", "C D"]) == "King et al."


def test_bibtex_and_csl_agree_on_every_author_of_the_catalog() -> None:
    records = diffatlas.load().records("papers").values()
    # BibTeX spells accents as commands, which says nothing about the parts of a name.
    authors = {name: None for record in records for name in record["authors"] if name.isascii()}
    record = {"id": "x", "title": "T", "year": 2020, "authors": [*authors, "A B King Jr."]}
    read = parse_string(bibtex.entry(record), "bibtex").entries["x"].persons["author"]
    for told, item in zip(read, csl.entry(record)["author"], strict=True):
        if told.first_names:
            family = " ".join(told.prelast_names + told.last_names)
            assert item["family"] == family
            assert item.get("suffix", "") == " ".join(told.lineage_names)
        else:
            assert "literal" in item
