"""The compiled catalog says what the YAML says, and is made again only when it has to be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from catalog_samples import FILES, HO, write_catalog

from diffatlas.catalog import compiled, models
from diffatlas.catalog.build import Refused, build
from diffatlas.errors import CatalogError
from tools import compile as tool

ROOT = Path(__file__).resolve().parents[2]
P_HO = "papers/2020/ho2020denoising.yaml"


def rebuilt(tables: dict, kind: str) -> list[dict]:
    """The entities of a kind, put together again from its columns."""
    columns = tables[kind]
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values())]  # noqa: B905
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


@pytest.mark.parametrize("real", [False, True])
def test_tables_say_what_the_files_say(real: bool, tmp_path: Path) -> None:
    root = ROOT / "catalog" if real else write_catalog(tmp_path)
    tables = json.loads(json.dumps(compiled.compile_catalog(root)))
    provenance = compiled.nest_provenance(tables["provenance"])
    for kind in models.KINDS:
        if kind == "results":
            continue
        found = rebuilt(tables, kind)
        assert [row["id"] for row in found] == sorted(row["id"] for row in found)
        files = sorted((root / kind).rglob("*.yaml"), key=lambda path: path.stem)
        assert len(found) == len(files) == tables["manifest"]["counts"][kind]
        for row, path in zip(found, files, strict=True):
            entity = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
            said = entity.pop("provenance", [])
            for correction in entity.get("corrected", []):
                correction["date"] = str(correction["date"])
            for date in ("submitted", "version", "added"):
                if date in entity:
                    entity[date] = str(entity[date])
            assert row == entity
            records = provenance.get((kind, row["id"]), [])
            assert records == [{"facts": [], **record} for record in said]


def test_results_are_one_row_a_value(tmp_path: Path) -> None:
    table = compiled.compile_catalog(write_catalog(tmp_path))["results"]
    assert list(table)[:2] == ["dataset", "paper"]
    assert (table["dataset"], table["value"], table["nfe"]) == (["cifar-10"], [3.17], [1000])


def test_provenance_has_the_values_of_facts(tmp_path: Path) -> None:
    changed = HO.replace("  facts: [venue, doi]", "  facts: [venue, doi]\n  contradicts: [year]")
    table = compiled.compile_catalog(write_catalog(tmp_path, {P_HO: changed}))["provenance"]
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    ho = {row["field"]: row for row in rows if row["entity"] == "ho2020denoising"}
    assert ho["frameworks"]["value"] == "ddpm"
    assert ho["authors"]["value"] == "Jonathan Ho; Ajay Jain; Pieter Abbeel"
    assert ho["submitted"]["value"] == "2020-06-19"
    assert ho["in_table1"]["value"] == "true"
    assert (ho["year"]["value"], ho["year"]["contradicts"]) == ("2020", True)
    assert not ho["venue"]["contradicts"]
    assert ho["datasets"]["source"] == "github:hojonathanho/diffusion"


@pytest.mark.parametrize("damage", ["year: soon", "year: [", "colour: red"])
def test_unusable_files_are_refused_by_name(damage: str, tmp_path: Path) -> None:
    write_catalog(tmp_path, {P_HO: HO.replace("year: 2020", damage)})
    with pytest.raises(CatalogError, match=f"{P_HO}:") as caught:
        compiled.compile_catalog(tmp_path)
    assert caught.value.findings


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no such folder"):
        compiled.compile_catalog(tmp_path / "nowhere")


def test_build_runs_only_when_something_changed(tmp_path: Path) -> None:
    root, out = write_catalog(tmp_path / "catalog"), tmp_path / "out"
    counts = build(root, out)
    assert counts is not None and counts["papers"] == 2
    assert build(root, out) is None
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    path = root / "tasks" / "sampling.yaml"
    path.write_text(path.read_text().replace("More.", "Much more."))
    assert build(root, out) is not None
    assert json.loads((out / "tasks.json").read_text())["definition"] == ["More.", "Much more."]
    assert build(root, out) is None
    (out / "papers.json").unlink()
    assert build(root, out) is not None
    (out / "manifest.json").write_text("{broken")
    assert build(root, out) is not None
    assert set(before) == {path.name for path in out.iterdir()}  # no temporary file is left


def test_build_refuses_errors_and_keeps_the_old_tables(tmp_path: Path) -> None:
    root, out = write_catalog(tmp_path / "catalog"), tmp_path / "out"
    build(root, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    (root / P_HO).write_text(HO.replace("[ddpm]", "[dpdm]"))
    with pytest.raises(Refused, match="did you mean ddpm"):
        build(root, out)
    assert before == {path.name: path.read_bytes() for path in out.iterdir()}


def test_tables_are_reproducible(tmp_path: Path) -> None:
    root = write_catalog(tmp_path / "catalog")
    build(root, tmp_path / "a")
    build(root, tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_tool_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_catalog(tmp_path / "catalog")
    args = ["--catalog", str(root), "--out", str(tmp_path / "out")]
    assert tool.main(args) == 0
    assert "2 papers" in capsys.readouterr().out
    assert tool.main(args) == 0
    assert capsys.readouterr().out == ""
    (root / "tasks" / "sampling.yaml").write_text("id: [")
    assert tool.main(args) == 1
    assert "sampling.yaml:1:" in capsys.readouterr().err


def test_reading_tables_needs_neither_yaml_nor_pydantic(tmp_path: Path) -> None:
    build(write_catalog(tmp_path / "catalog"), tmp_path / "out")
    code = (
        "import sys; from diffatlas.catalog import compiled; "
        f"print(compiled.read_table({str(tmp_path / 'out')!r}, 'papers')['id']); "
        "assert not {'yaml', 'pydantic', 'ruamel'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ho2020denoising" in done.stdout


def test_sample_has_every_kind() -> None:
    assert {name.partition("/")[0] for name in FILES} == set(models.KINDS)
