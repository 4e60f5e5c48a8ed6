"""What is counted about the catalog: standings of facts, gaps, and the command that prints them."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_catalog

import diffatlas
from diffatlas.catalog import coverage
from diffatlas.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(small_catalog.write(tmp_path / "catalog"))


def test_a_fact_counts_under_its_best_source() -> None:
    atlas = diffatlas.load()
    found = coverage.facts(atlas)
    assert not found.duplicated(["entity", "field", "value"]).any()
    records = atlas.records("papers")["ho2020denoising"]["provenance"]
    own = found[(found["entity"] == "ho2020denoising") & (found["field"] == "arxiv")]
    statuses = [r["status"] for r in records if "arxiv" in r.get("facts", ())]
    assert list(own["standing"]) == [min(statuses, key=coverage.STANDINGS.index)]


def test_standings_add_up_to_the_facts() -> None:
    atlas = diffatlas.load()
    for query in ("", "origin:survey", "year:2020"):
        assert coverage.standings(atlas, query).to_numpy().sum() == len(
            coverage.facts(atlas, query)
        )


def test_agreed_are_the_facts_that_another_source_attests_too() -> None:
    atlas = diffatlas.load()
    agreed = coverage.agreed(atlas)
    table = atlas.provenance
    table = table[(table["kind"] == "papers") & ~table["contradicts"].astype(bool)]
    table = table[~table["status"].isin(["inferred", "recall"])]
    for field in ("title", "authors", "doi", "tasks", "conditions"):
        own = table[table["field"] == field].fillna({"value": ""})
        # Files of one repository are one source.
        own = own.assign(source=["/".join(s.split("/")[:2]) if s.startswith("github:") else s
                                 for s in own["source"]])  # fmt: skip
        sources = own.groupby(["entity", "value"])["source"].nunique()
        assert agreed[field] == (sources > 1).sum() > 0
    found = coverage.facts(atlas)
    alone = found[found["standing"].isin(["inferred", "recall"])]
    assert len(alone) and (alone["sources"] == 0).all()
    assert (agreed <= coverage.standings(atlas).sum(axis="columns")).all()


def test_all_from_memory_is_unattested(folder: Path) -> None:
    atlas = diffatlas.load(folder)
    assert coverage.attested(atlas) == 0
    assert coverage.attested(atlas, "year:1900") == 1


def test_gaps_name_what_is_missing(folder: Path) -> None:
    atlas = diffatlas.load(folder)
    gaps = coverage.gaps(atlas)
    unused = gaps["tasks that no paper uses"]
    assert "tasks/never-tried" in unused
    # A broader term is used where a narrower one is.
    assert "tasks/restoration" not in unused
    codeless = [own for own, p in atlas.records("papers").items() if not p.get("code")]
    assert gaps["papers without code"] == codeless


def test_the_command_prints_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(folder), "--coverage"]) in (0, 1)
    assert main(["check", "--coverage"]) == 0
    told = capsys.readouterr()
    assert "% of the surveyed papers" in told.out
    assert "papers without code" in told.out
