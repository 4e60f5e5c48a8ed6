"""Exports, read again by the programs that people will use on them."""

import csv
import json
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing

import bibtexparser
import frictionless
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_catalog

import diffatlas
from diffatlas.catalog import export as module
from diffatlas.errors import CatalogError, ExportError, MissingExtra


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    return diffatlas.load(small_catalog.write(tmp_path_factory.mktemp("catalog")))


@pytest.fixture(scope="module")
def folder(atlas, tmp_path_factory):
    target = tmp_path_factory.mktemp("export") / "new" / "folder"
    written = atlas.export(target)
    assert sorted(written) == sorted(os.listdir(target))  # and no temporary file is left
    return target


def test_every_table_in_every_format(folder):
    for table in module.TABLES:
        for ending in ("csv", "json", "parquet"):
            assert (folder / f"{table}.{ending}").stat().st_size
    for name in ("atlas.sqlite", "papers.bib", "papers.csl.json", "datapackage.json"):
        assert (folder / name).stat().st_size


def test_csv(folder, atlas):
    with open(folder / "papers.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == small_catalog.ORDER
    assert list(rows[0]) == list(atlas.papers.columns)
    assert rows[1]["code"].split(";") == atlas.papers["code"].iloc[1]
    assert rows[3]["title"] == atlas.papers["title"].iloc[3]
    assert rows[1]["in_table1"] == "true" and rows[4]["submitted"] == ""
    assert pd.read_csv(folder / "results.csv")["value"].tolist() == [3.17, 25.32]
    with open(folder / "provenance.csv", encoding="utf-8", newline="") as file:
        assert {"entity", "field", "value", "status", "source"} <= set(next(csv.reader(file)))


def test_json(folder, atlas):
    rows = json.loads((folder / "papers.json").read_text(encoding="utf-8"))
    assert [row["frameworks"] for row in rows] == atlas.papers["frameworks"].tolist()
    assert rows[0]["venue"] is None and rows[1]["submitted"] == "2020-06-19"
    assert len(json.loads((folder / "edges.json").read_text(encoding="utf-8"))) == len(atlas.edges)


def test_parquet(folder, atlas):
    table = pq.read_table(folder / "papers.parquet")
    assert table.schema.field("tasks").type == pa.list_(pa.field("element", pa.string()))
    assert table.schema.field("submitted").type == pa.date32()
    assert table.schema.field("year").type == pa.int64()
    assert table.column("id").to_pylist() == small_catalog.ORDER
    assert table.column("authors").to_pylist() == atlas.papers["authors"].tolist()
    results = pd.read_parquet(folder / "results.parquet")
    assert results["nfe"].iloc[0] == "1000" and results["value"].tolist() == [3.17, 25.32]
    assert pq.read_table(folder / "terms.parquet").num_rows == len(atlas.terms)


def test_sqlite(folder):
    with closing(sqlite3.connect(folder / "atlas.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        ordered = "SELECT id FROM papers ORDER BY year, coalesce(submitted, '9999'), id"
        assert [row[0] for row in db.execute(ordered)] == small_catalog.ORDER
        match = "SELECT id FROM papers WHERE rowid IN (SELECT rowid FROM papers_fts WHERE "
        match += "papers_fts MATCH ?)"
        assert db.execute(match, ("bjorn",)).fetchall() == [("rombach2021high",)]
        # datasette finds the search table by this wording.
        (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'papers_fts'").fetchone()
        assert 'content="papers"' in sql
        joined = """SELECT t.name, count(*) FROM paper_tasks p JOIN tasks t ON t.id = p.task
                    GROUP BY 1 ORDER BY 1"""
        assert db.execute(joined).fetchall() == [
            ("Image generation", 2), ("Image restoration", 1), ("Inpainting", 1)
        ]  # fmt: skip
        (authors,) = db.execute("SELECT authors FROM papers WHERE year = 2019").fetchone()
        assert json.loads(authors) == ["Yang Song", "Stefano Ermon"]
        indices = db.execute("PRAGMA index_list(paper_tasks)").fetchall()
        assert "paper_tasks_term" in [row[1] for row in indices]
        assert db.execute("SELECT typeof(value), nfe FROM results").fetchone() == ("real", "1000")


def test_bibtex(folder):
    text = (folder / "papers.bib").read_text(encoding="utf-8")
    assert [e["ID"] for e in bibtexparser.loads(text).entries] == small_catalog.ORDER


def test_a_second_export_is_the_same_and_replaces_the_first(folder, atlas, tmp_path):
    atlas.export(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    (tmp_path / "papers.csv").write_text("old")
    atlas.export(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before


def test_formats_can_be_chosen(atlas, tmp_path):
    tables = [f"{table}.csv" for table in module.TABLES]
    written = atlas.export(tmp_path, ["bibtex", "csv"])
    assert written == ["datapackage.json", *tables, "papers.bib"]
    with pytest.raises(CatalogError, match="did you mean parquet"):
        atlas.export(tmp_path, ["parket"])


def test_without_pyarrow_all_else_is_written(atlas, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.warns(UserWarning, match=r"pip install \"diffatlas\[parquet\]\""):
        written = atlas.export(tmp_path)
    assert "atlas.sqlite" in written and not [name for name in written if "parquet" in name]
    with pytest.raises(MissingExtra):
        atlas.export(tmp_path, ["parquet"])


@pytest.mark.parametrize("mark", [None, "[]", '{"name": "another"}', "no JSON"])
def test_files_that_no_export_wrote_stay(atlas, tmp_path, mark):
    (tmp_path / "papers.csv").write_text("years of work")
    if mark:
        (tmp_path / "datapackage.json").write_text(mark)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(ExportError, match=r"papers\.csv.*--force"):
        atlas.export(tmp_path)
    assert (tmp_path / "papers.csv").read_text() == "years of work"
    assert sorted(os.listdir(tmp_path)) == before
    assert atlas.export(tmp_path, ["csl"]) == [
        "papers.csl.json"
    ]  # what is not touched is no matter
    atlas.export(tmp_path, force=True)
    assert (tmp_path / "papers.csv").read_text() != "years of work"


def test_an_export_that_broke_off_can_be_done_again(atlas, tmp_path, monkeypatch):
    monkeypatch.setattr(module.sqlite, "write", lambda *_: os.listdir(tmp_path / "no"))
    with pytest.raises(ExportError):
        atlas.export(tmp_path)
    monkeypatch.undo()
    assert "atlas.sqlite" in atlas.export(tmp_path)


@pytest.mark.parametrize("path", ["", " "])
def test_a_folder_has_to_be_named(atlas, tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExportError, match="no folder is named"):
        atlas.export(path)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_refused(atlas, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match=r"cannot write .*file"):
        atlas.export(tmp_path / "file")
    with pytest.raises(ExportError, match="a part of that path is a file"):
        atlas.export(tmp_path / "file" / "below")


def test_a_full_disk_is_told_and_leaves_the_older_file(tmp_path):
    small_catalog.write(tmp_path / "catalog")
    target = tmp_path / "out"
    target.mkdir()
    (target / "papers.csv").write_text("old")
    code = (
        "import diffatlas, sys\n"
        "try: diffatlas.load(sys.argv[1]).export(sys.argv[2], force=True)\n"
        "except diffatlas.ExportError as error: print(error)\n"
    )
    # A limit on the size of files stands in for the end of the disk.
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "catalog"), str(target)],
        capture_output=True, text=True, check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)),
    )  # fmt: skip
    assert "cannot write" in done.stdout and "datapackage.json" in done.stdout
    assert os.listdir(target) == ["papers.csv"]
    assert (target / "papers.csv").read_text() == "old"


def test_csl_has_every_paper_with_its_people(atlas, tmp_path):
    assert atlas.export(tmp_path, ["csl"]) == ["papers.csl.json"]
    items = json.loads((tmp_path / "papers.csl.json").read_text())
    records = atlas.records("papers")
    assert [item["id"] for item in items] == list(records)
    for item in items:
        assert item["title"] == records[item["id"]]["title"]
        assert len(item["author"]) == len(records[item["id"]]["authors"])
        assert item["issued"]["date-parts"][0][0] >= 1900


def test_the_data_package_describes_the_csv_files(atlas, tmp_path):
    atlas.export(tmp_path, ["csv"])
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
