"""BibTeX, read again by a parser that others wrote."""

import bibtexparser
import pybtex.database
import pytest
import small_catalog
from bibtexparser.bparser import BibTexParser
from bibtexparser.customization import convert_to_unicode, splitname

import diffatlas
from diffatlas.catalog.bibtex import entry


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    return diffatlas.load(small_catalog.write(tmp_path_factory.mktemp("catalog")))


def parsed(text):
    parser = BibTexParser(common_strings=True, customization=convert_to_unicode)
    return {e["ID"]: e for e in bibtexparser.loads(text, parser=parser).entries}


def one(**fields):
    record = {"id": "x2020y", "title": "A title", "authors": ["A. B"], "year": 2020, **fields}
    return parsed(entry(record))["x2020y"]


def test_all_papers_come_back_in_order(atlas):
    text = atlas.bibtex()
    found = parsed(text)
    assert list(found) == small_catalog.ORDER
    ho = found["ho2020denoising"]
    assert ho["ENTRYTYPE"] == "inproceedings" and ho["year"] == "2020"
    assert ho["booktitle"] == "Advances in Neural Information Processing Systems (NeurIPS)"
    assert ho["author"] == "Jonathan Ho and Ajay Jain and Pieter Abbeel"
    assert ho["eprint"] == "2006.11239" and ho["archiveprefix"] == "arXiv"


def test_accents_and_specials_survive_in_ascii(atlas):
    text = atlas.bibtex()
    assert text.isascii()
    found = parsed(text)
    assert found["rombach2021high"]["author"].startswith("Robin Rombach and Björn Ommer and De Bor")
    assert "50\\% more" in text and "\\textquotedbl" in text and "{CIFAR\\_10}" in text
    assert "Çiçek" in found["noyear2021x"]["author"]


def test_a_selection_by_frame_by_id_and_by_name(atlas):
    by_frame = atlas.bibtex(atlas.find("year:2021"))
    assert list(parsed(by_frame)) == ["early2021y", "rombach2021high", "noyear2021x"]
    assert list(parsed(atlas.bibtex(["early2021y"]))) == ["early2021y"]
    assert list(parsed(atlas.bibtex("Latent, diffusion; models"))) == ["rombach2021high"]
    assert list(parsed(atlas.bibtex(atlas.long("authors")))) == small_catalog.ORDER
    with pytest.raises(diffatlas.UnknownEntity):
        atlas.bibtex(["nobody2020x"])


@pytest.mark.parametrize(
    ("venue", "kind", "field", "printed", "year"),
    [
        ("CVPR 2022 (Oral)", "inproceedings", "booktitle", "(CVPR)", "2022"),
        ("NeurIPS Workshop 2021", "inproceedings", "booktitle", "NeurIPS Workshop", "2021"),
        ("IEEE TPAMI", "article", "journal", "Pattern Analysis", "2020"),
        ("Nature 2023", "article", "journal", "Nature", "2023"),
        ("TMLR 2023", "article", "journal", "Transactions on Machine", "2023"),
        ("A Conference", "inproceedings", "booktitle", "A Conference", "2020"),
    ],
)
def test_venues(venue, kind, field, printed, year):
    found = one(venue=venue)
    assert (found["ENTRYTYPE"], found["year"]) == (kind, year)
    assert printed in found[field]


@pytest.mark.parametrize(
    ("venue", "expected"),
    [
        (
            "Neural Computation 23(7):1661-1674, 2011",
            ("Neural Computation", "23", "7", "1661--1674"),
        ),
        ("Some Studies 6:695, 2005", ("Some Studies", "6", None, "695")),
        ("JMLR 23", ("Journal of Machine Learning Research", "23", None, None)),
        ("Medical Image Analysis 2022", ("Medical Image Analysis", None, None, None)),
    ],
)
def test_journals_with_volume_and_pages(venue, expected):
    found = one(venue=venue)
    assert found["ENTRYTYPE"] == "article"
    assert tuple(map(found.get, ("journal", "volume", "number", "pages"))) == expected
    assert found["year"] == (venue[-4:] if ", " in venue or venue.endswith("2022") else "2020")


def test_without_a_venue_it_is_misc():
    assert one()["ENTRYTYPE"] == one(venue="arXiv preprint 2021")["ENTRYTYPE"] == "misc"
    assert one(arxiv="2006.11239")["url"] == "https://arxiv.org/abs/2006.11239"
    assert "url" not in one(arxiv="2006.11239", doi="10.1/a_b") and one(doi="10.1/a_b")["doi"]


def test_capitals_are_protected_where_they_matter():
    text = entry({"id": "a", "title": "AnoDDPM: An X-ray of Langevin's 3D U-Net, a Survey for You",
                  "authors": [], "year": 2022})  # fmt: skip
    for kept in ("{AnoDDPM:}", "{X-ray}", "{Langevin's}", "{3D}", "{U-Net,}"):
        assert kept in text
    assert "{Survey}" not in text and "{You}" not in text


def test_names_with_particles_juniors_and_groups():
    text = one(authors=["Valentin De Bortoli", "Aäron van den Oord", "William T. Freeman Jr.",
                        "The Research and Engineering Group"])["author"]  # fmt: skip
    names = text.split(" and ")
    assert splitname(names[0])["last"] == ["De", "Bortoli"]
    assert splitname(names[1])["von"] == ["van", "den"]
    assert names[2] == "Freeman, Jr., William T."
    assert "{The Research and Engineering Group}" in entry(
        {"id": "a", "title": "t", "authors": ["The Research and Engineering Group"], "year": 2020}
    )


def test_a_second_parser_reads_every_paper_without_complaint():
    """pybtex is strict: it stops at a repeated key, a bad name or an unbalanced brace."""
    atlas = diffatlas.load()
    parsed = pybtex.database.parse_string(atlas.bibtex(), "bibtex")
    assert list(parsed.entries) == list(atlas.records("papers"))
    for own, paper in atlas.records("papers").items():
        found = parsed.entries[own]
        assert len(found.persons["author"]) == len(paper["authors"])
        assert found.fields.get("eprint") == paper.get("arxiv")
