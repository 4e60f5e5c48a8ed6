"""``diffatlas check`` as people and workflows meet it, the real catalog, and the schemas."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from catalog_samples import FILES, HO, TODAY, write_catalog

from diffatlas.catalog import models, schema
from diffatlas.catalog.check import check
from diffatlas.catalog.rules.titles import near_pairs
from diffatlas.cli import main
from tools import schema as tool

ROOT = Path(__file__).resolve().parents[2]
P_HO = "papers/2020/ho2020denoising.yaml"

Captured = pytest.CaptureFixture[str]


def test_the_real_catalog_passes() -> None:
    assert [str(finding) for finding in check(ROOT / "catalog")] == []


def test_the_committed_schemas_are_current() -> None:
    assert (ROOT / "catalog" / "schema" / "paper.json").is_file()
    assert list(schema.stale(ROOT / "catalog")) == []


def test_sample_passes(tmp_path: Path, capsys: Captured) -> None:
    assert main(["check", str(write_catalog(tmp_path))]) == 0
    captured = capsys.readouterr()
    assert captured.out == "" and "no findings" in captured.err


def test_every_error_of_every_file_in_one_run(tmp_path: Path, capsys: Captured) -> None:
    worse = HO.replace("year: 2020", "year: soon").replace("[ddpm]", "[dpdm]")
    write_catalog(tmp_path, {P_HO: worse, "tasks/sampling.yaml": "id: [\n"})
    assert main(["check", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert any(f"{P_HO}:8:7 S103 year should be a whole number" in line for line in lines)
    assert any(f"{P_HO}:19:14 R201" in line and "did you mean ddpm?" in line for line in lines)
    assert any("tasks/sampling.yaml:2:1 " in line and " Y003 " in line for line in lines)
    assert f"{len(lines)} findings in 2 files" in captured.err


def test_github_annotations(tmp_path: Path, capsys: Captured) -> None:
    odd = tmp_path / "a,b"
    write_catalog(odd, {P_HO: HO.replace("year: 2020", 'year: "100%"')})
    assert main(["check", "--format", "github", str(odd)]) == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if "S103" in line)
    assert line.startswith("::error file=")
    assert f"a%2Cb/{P_HO},line=8,col=7,title=S103::year should be" in line
    assert "100%25" in line


def test_fix_mends_then_reports_the_rest(tmp_path: Path, capsys: Captured) -> None:
    write_catalog(tmp_path, {P_HO: HO.replace("[ddpm]", "[dpdm, dpdm]") + "\n"})
    assert main(["check", "--fix", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert "mended" in captured.err and P_HO in captured.err
    assert {line.split()[1] for line in captured.out.splitlines()} == {"R201", "P501", "P502"}
    (tmp_path / P_HO).write_text(HO + "\n")
    assert main(["check", "--fix", str(tmp_path)]) == 0


def test_default_path_is_the_catalog_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    assert capsys.readouterr().out.startswith("catalog:1:1 Y001 ")
    write_catalog(tmp_path / "catalog", {P_HO: HO + "\n"})
    assert main(["check"]) == 1
    assert capsys.readouterr().out.startswith(f"catalog/{P_HO}:41:1 F605")
    assert main(["check", f"catalog/{P_HO}"]) == 1
    assert capsys.readouterr().out.startswith(f"catalog/{P_HO}:41:1 F605")
    assert main(["check", "catalog/tasks"]) == 0


def test_unreadable_file_is_a_finding(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    (tmp_path / "tasks" / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (found,) = check(tmp_path, TODAY)
    assert (found.code, found.line, found.column) == ("Y001", 1, 1)


def test_one_damage_makes_no_avalanche(tmp_path: Path) -> None:
    """A term whose file is broken is still there for those who refer to it."""
    write_catalog(tmp_path, {"frameworks/ddpm.yaml": "id: [\n"})
    assert [finding.code for finding in check(tmp_path, TODAY)] == ["Y003"]


def test_schemas_follow_models_and_terms(tmp_path: Path) -> None:
    root = write_catalog(tmp_path)
    (root / "schema").mkdir()
    assert tool.main(["--catalog", str(root)]) == 0
    assert check(root, TODAY) == []
    assert len(list((root / "schema").iterdir())) == len(models.KINDS)
    paper = json.loads((root / "schema" / "paper.json").read_text())
    assert list(paper["properties"]) == models.keys(models.Paper)
    assert paper["additionalProperties"] is False
    assert paper["properties"]["tasks"]["items"] == {"$ref": "#/definitions/task-id"}
    assert paper["definitions"]["task-id"]["enum"] == ["generation", "sampling"]
    for part in (paper, *paper["definitions"].values()):
        for name, key in part.get("properties", {}).items():
            assert key.get("description") or "$ref" in key, name
            assert "default" not in key
    shutil.copy(root / "tasks/sampling.yaml", root / "tasks/other.yaml")
    assert "F610" in {finding.code for finding in check(root, TODAY)}
    (root / "tasks/other.yaml").unlink()
    (root / "schema" / "task.json").unlink()
    assert main(["check", "--fix", str(root)]) == 0


def test_first_lines_lead_to_the_schemas(tmp_path: Path) -> None:
    root = write_catalog(tmp_path)
    (root / "schema").mkdir()
    schema.write_schemas(root)
    for name in FILES:
        path = root / name
        target = path.read_text().splitlines()[0].partition("$schema=")[2]
        assert (path.parent / target).is_file(), name


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Denoising diffusion models", "Denoising Diffusion Models.", True),
        ("Denoising diffusion models", "Denoising diffusion model", True),
        ("Denoising diffusion models", "Denosing diffusion models", True),
        ("Denoising diffusion models", "The diffusion models for denoising", True),
        ("Pre-trained diffusion models", "Pretrained diffusion models", True),
        ("Schrödinger bridges for images", "Schrodinger bridge for images", True),
        ("Denoising diffusion models", "Improved denoising diffusion models", False),
        ("Unpaired image translation", "Paired image translation", False),
        ("3D shape diffusion models", "2D shape diffusion models", False),
        ("Video diffusion models", "Image diffusion models", False),
        ("Score matching", "Source matching", False),
    ],
)
def test_near_titles(one: str, other: str, near: bool) -> None:
    assert list(near_pairs([one, "Something else", other])) == ([(0, 2)] if near else [])
