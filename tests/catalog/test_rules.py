"""Each rule finds what it is for, at the right place, and no rule goes untested."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from catalog_samples import FILES, HO, SONG, TODAY, term, write_catalog

from diffatlas.catalog.check import check
from diffatlas.catalog.rules import CODES

P_HO = "papers/2020/ho2020denoising.yaml"
P_SONG = "papers/2020/song2020score.yaml"
P_SAMPLING = "tasks/sampling.yaml"


@dataclass
class Case:
    """``old`` in file ``name`` becomes ``new``; then ``code`` stands at ``at``, saying ``says``."""

    code: str
    name: str
    old: str | None
    new: str | bytes
    at: str | tuple[int, int]
    says: tuple[str, ...]
    more: dict[str, str | bytes | None] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}-{self.new[:24]!r}"


def a(
    code: str,
    name: str,
    old: str | None,
    new: str | bytes,
    at: str | tuple[int, int],
    *says: str,
    **more: str | bytes | None,
) -> Case:
    return Case(code, name, old, new, at, says, dict(more))


TWIN = SONG.replace("song2020score", "twin2020score").replace("2011.13456", "2011.13457")
OTHER = TWIN.replace("Score-based generative modeling through", "Some other study of")
LONG = "x" * 60_000

CASES = [
    a("Y002", P_HO, None, HO.encode() + b"# \xff\n", (41, 3), "0xff"),
    a("Y003", P_HO, "[ddpm]", "[ddpm", (20, 6), "broken YAML"),
    a("Y004", P_HO, "year: 2020\n", "year: 2020\nyear: 2021\n", "year: 2021", "'year'"),
    a("Y005", P_HO, "[ddpm]", "&x [ddpm]", "&x", "anchor"),
    a("Y005", P_HO, "[ddpm]", "*x", "*x", "alias"),
    a("Y005", P_HO, "venue: NeurIPS 2020", "<<: {venue: x}", "<<:", "merge key"),
    a("Y006", P_HO, "year: 2020", "year: !!int 2020", "!!int", "tag"),
    a("Y007", P_HO, "[ddpm]", "[" * 500, (19, 24), "12 levels"),
    a("Y008", P_HO, "Trains", LONG, LONG[:9], "characters"),
    a("Y008", P_HO, None, HO + "#" * 2_000_001, (1, 1), "larger than"),
    a("Y009", P_HO, "Trains", "Tr\u2028ains", "\u2028", "U+2028"),
    a("Y009", P_HO, "Trains", "Tr\x01ains", "\x01", "control characters"),
    a("Y010", P_HO, None, "# nothing\n", (1, 1), "no entity"),
    a("Y010", P_HO, None, "- a\n- b\n", (1, 1), "not a mapping"),
    a("Y011", P_HO, None, HO + "---\nid: x\n", "---", "second document"),
    a("S101", P_HO, "title: Denoising diffusion probabilistic models\n", "", (2, 1), "'title'"),
    a("S101", P_HO, "- status: recall\n  source", "- source", "source: memory", "'status'"),
    a("S102", P_HO, "venue:", "veneu:", "veneu", "'veneu'", "did you mean venue?"),
    a("S102", P_HO, "builds_on", "build_on", "build_on", "did you mean builds_on?"),
    a("S103", P_HO, "year: 2020", "year: soon", "soon", "year", "a whole number", "'soon'"),
    a("S103", P_HO, "'2006.11239'", "2006.11239", "2006.11239\n", "text", "put it in quotes"),
    a("S103", P_HO, "[ddpm]", "ddpm", "ddpm\ntasks", "a list", "write [ddpm]"),
    a("S103", P_HO, "2020-06-19", "2020-06-31", "2020-06-31", "a date"),
    a("S103", P_HO, "in_table1: true", "in_table1: yes", "yes", "true or false"),
    a("S103", P_HO, "  builds_on: [song2020score]", "- x", "- x", "a mapping"),
    a("S103", "results/cifar-10.yaml", "nfe: 1000", "nfe: [1]", "[1]", "whole number or text"),
    a("S104", P_HO, "status: survey", "status: surwey", "surwey", "did you mean survey?"),
    a("S104", "metrics/fid.yaml", "lower", "down", "down", "one of lower, higher"),
    a("S105", P_HO, "venue: NeurIPS 2020", "venue:", (10, 7), "venue is empty", "leave the key"),
    a("S105", P_HO, "architectures: [u-net]", "architectures: []", "[]\nsummary", "leave"),
    a("S106", P_HO, "year: 2020", "year: 20", "20\nsubmitted", "greater than"),
    a("R201", P_HO, "[ddpm]", "[dpdm]", "dpdm", "no framework 'dpdm'", "did you mean ddpm?"),
    a("R201", P_HO, "[u-net]", "[U-Net]", "U-Net", "did you mean u-net?"),
    a("R201", P_HO, "[class]", "[ddpm]", "ddpm]\ndatasets", "frameworks has it"),
    a("R201", P_HO, "source: companion", "source: compannion", "compannion", "companion?"),
    a("R201", P_HO, "[song2020score]", "[song2020scores]", "song2020scores", "song2020score?"),
    a("R201", "results/cifar-10.yaml", "fid", "fidd", "fidd", "no metric 'fidd'"),
    a("R201", "results/cifar-10.yaml", "cifar-10", "cifar", "cifar\n", "no dataset 'cifar'"),
    a("R201", P_SAMPLING, "[generation]", "[generatoin]", "generatoin", "generation?"),
    a("R201", "families/vae.yaml", "ho2020denoising", "ho2020", "ho2020", "no paper 'ho2020'"),
    a("R201", "frameworks/ddpm.yaml", "to: sde", "to: sd", "sd\n", "no framework 'sd'"),
    a("R201", "baselines/ddpm.yaml", "[ddpm]\ntasks", "[dpm]\ntasks", "dpm]\nt", "framework"),
    a("R202", P_SAMPLING, "[generation]", "[sampling]", "sampling]", "sampling > sampling"),
    a("R203", P_HO, "[song2020score]", "[ho2020denoising]", "ho2020denoising]\np", "itself"),
    a("R205", "tasks/spare.yaml", None, term("task", "spare"), "spare\nname", "the task spare"),
    a("I302", P_SAMPLING, "id: sampling", "id: sampler", "sampler", "rename the file"),
    a("I303", P_HO, "id: ho2020denoising", "id: Ho2020 D", "Ho2020 D", "ho2020-d"),
    a("I304", P_HO, "year: 2020", "year: 2019", "2019", "papers/2019/"),
    a("I308", P_HO, "'2006.11239'", "'arXiv:2006.11239v2'", "'arXiv:", "write '2006.11239'"),
    a("I308", P_HO, "'2006.11239'", "'2013.11239'", "'2013.", "not an arXiv id"),
    a("I308", P_HO, "'2006.11239'", "'2006.1123'", "'2006.1123'", "5 digits"),
    a("I309", P_HO, "10.5555/", "https://doi.org/10.5555/", "https://doi.org", "write 10.5555/"),
    a("I309", P_HO, "10.5555/3495724.3496298", "5555/34", "5555/34", "not a DOI"),
    a("D401", P_HO, "2020-06-19", "2026-11-25", "2026-11-25", "in the future"),
    a("D401", P_HO, "year: 2020", "year: 2027", "2027", "in the future"),
    a("D402", P_HO, "2020-06-19", "2020-05-19", "2020-05-19", "before the month", "2020-06"),
    a("D402", P_HO, "2020-06-19", "2020-07-01", "2020-07-01", "after the month"),
    a("D403", P_HO, "2020-06-19", "2019-06-19", "2020\nsubmitted", "submitted on 2019"),
    a("D404", P_HO, "year: 2020", "year: 2021", "2021", "id is of 2020"),
    a("P501", P_HO, "[datasets.cifar-10, code]", "[code]", "cifar-10]\narch", "datasets.cifar-10"),
    a("P501", P_HO, "[datasets.cifar-10, code]", "[datasets.cifar-10]", "code:\n", "fact code"),
    a("P502", P_HO, "facts: [venue, doi]", "facts: [venue, doi, aliases]", "aliases", "aliases"),
    a("P502", P_HO, "tasks.generation", "task.generation", "task.gen", "tasks.generation?"),
    a("P502", P_HO, "frameworks.ddpm", "frameworks.sde", "frameworks.sde", "add sde to"),
    a("P502", P_HO, "frameworks.ddpm", "frameworks", "frameworks, tasks", "name the term"),
    a("P503", P_HO, "github:hojonathanho/diffusion", "github:ho", "github:ho", "owner/name"),
    a("P503", P_HO, "arxiv:2006.11239", "arxiv:20061", "arxiv:20061", "arXiv id"),
    a("P503", P_HO, "arxiv:2006.11239", "doi:x", "doi:x", "DOI"),
    a("P503", P_HO, "arxiv:2006.11239", "the paper", "the paper", "is not a pointer"),
    a("P503", "results/cifar-10.yaml", "arxiv:2006.11239", "Table 1", "Table 1", "not a pointer"),
    a("P504", P_HO, "https://arxiv.org/", "ftp://arxiv.org/", "ftp:", "http and https"),
    a("P504", P_HO, "https://arxiv.org/", "arxiv.org/", "arxiv.org/abs", "write https://arxiv"),
    a("P504", P_HO, "https://github.com/ho", "javascript:ho", "javascript:", "not a web address"),
    a("P504", "sources/companion.yaml", "https://github.com/", "https://g b/", "https:", "not"),
    a("P506", P_HO, "source: memory", "source: companion", "recall", "is recall"),
    a("P506", P_HO, "status: survey\n  source: companion", "status: survey\n  source: memory",
      "memory", "no source"),
    a("P507", P_HO, "  note: follows from the arXiv id\n", "", "status: inferred", "no note"),
    a("P507", P_HO, "  facts: [venue, doi]\n", "", "status: recall", "attests nothing"),
    a("P507", P_HO, "facts: [venue, doi]", "facts: [venue, doi]\n  contradicts: [venue]",
      "status: recall", "contradiction"),
    a("P505", P_HO, "facts: [venue, doi]", "facts: [venue, doi]\n  contradicts: [veneu]\n  note: x",
      "veneu", "venue?"),
    a("P505", P_HO, "facts: [venue, doi]",
      "facts: [venue, doi]\n  contradicts: [datasets.cifar]\n  note: x",
      "datasets.cifar\x5d", "no term 'cifar'"),
    a("F601", P_HO, "year: 2020\nsubmitted: 2020-06-19\n", "submitted: 2020-06-19\nyear: 2020\n",
      "year:", "year belongs before submitted"),
    a("F601", P_HO, "- status: recall\n  source: memory\n", "- source: memory\n  status: recall\n",
      "status: recall", "status belongs before source"),
    a("F602", P_HO, "year: 2020\n", "year: 2020  \n", "  \nsubmitted", "white space"),
    a("F603", P_HO, None, HO.replace("\n", "\r\n"), (1, 56), "CR, not LF"),
    a("F603", P_HO, None, b"\xef\xbb\xbf" + HO.encode(), (1, 1), "byte order mark"),
    a("F604", P_HO, "Trains a", "Trains\ta", "\ta", "a tab"),
    a("F605", P_HO, None, HO[:-1], (40, 22), "no line break"),
    a("F605", P_HO, None, HO + "\n", (41, 1), "empty lines"),
    a("F606", P_HO, "../../schema/paper", "../schema/paper", (1, 1), "schema/paper.json"),
    a("F607", P_HO, "[class]", "[class, class]", "class]", "twice"),
    a("F608", P_HO, "- Jonathan Ho\n- Ajay Jain\n- Pieter Abbeel", "  - Jonathan Ho", "- Jona",
      "below the first letter"),
    a("G701", "candidates/ddpm.yaml", "speed: [slow]", "sped: [slow]", "sped", "speed?"),
    a("G701", "candidates/ddpm.yaml", "[slow]", "[slo]", "slo]", "slow?"),
    a("G702", "candidates/ddpm.yaml", "  weight: 1\n", "", "when:", "excludes: true"),
    a("G703", "candidates/ddpm.yaml", "[frameworks/ddpm]", "[framework/ddpm]", "framework/",
      "frameworks?"),
    a("R201", "candidates/ddpm.yaml", "[frameworks/ddpm]", "[frameworks/ddp]", "frameworks/ddp]",
      "ddpm?"),
    a("G704", "questions/speed.yaml", "least: 10", "least: 1", (12, 10), "order them"),
    a("G704", "questions/speed.yaml", "id: fast", "id: slow", "slow\n  label: Fast", "rename"),
    a("F609", P_HO, "id: ho", "---\nid: ho", "---", "a line ---"),
]  # fmt: skip


def place(text: str, at: str | tuple[int, int]) -> tuple[int, int]:
    if not isinstance(at, str):
        return at
    index = text.index(at)
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule_finds_its_defect_there(case: Case, tmp_path: Path) -> None:
    text = case.new
    if case.old is not None:
        assert isinstance(case.new, str)
        assert case.old in FILES[case.name]
        text = FILES[case.name].replace(case.old, case.new, 1)
    write_catalog(tmp_path, {case.name: text, **case.more})
    found = [f for f in check(tmp_path, TODAY) if f.code == case.code]
    assert found, f"{case.code} found nothing"
    shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
    expected = place(shown, case.at)
    here = [f for f in found if f.file.endswith(case.name) and (f.line, f.column) == expected]
    assert here, f"expected at {expected}: {[str(f) for f in found]}"
    for words in case.says:
        assert words in str(here[0])


def pairs(tmp_path: Path, code: str) -> dict[str, str]:
    """File -> the finding's text, for findings that name another file."""
    found = [f for f in check(tmp_path, TODAY) if f.code == code]
    return {Path(f.file).relative_to(tmp_path).as_posix(): str(f) for f in found}


@pytest.mark.parametrize(
    ("code", "name", "text"),
    [
        ("I301", "tasks/copy.yaml", FILES["tasks/generation.yaml"]),
        ("I306", "papers/2020/twin2020score.yaml", OTHER.replace("2011.13457", "2011.13456")),
        ("I307", "papers/2020/a.yaml", None),
        ("I310", "papers/2020/twin2020score.yaml", TWIN.replace("stochastic", "stochastics")),
        ("I311", "tasks/copy.yaml", term("task", "copy", "aliases: [GENERATION]\n")),
    ],
)
def test_doubles_are_named_on_both_sides(
    code: str, name: str, text: str | None, tmp_path: Path
) -> None:
    other = {"I301": "tasks/generation.yaml", "I311": "tasks/generation.yaml"}.get(code, P_SONG)
    if text is None:
        with_doi = SONG.replace("'2011.13456'\n", "'2011.13456'\ndoi: 10.1000/AbC\n")
        text = OTHER.replace("'2011.13457'\n", "'2011.13457'\ndoi: 10.1000/aBc\n")
        write_catalog(tmp_path, {P_SONG: with_doi, name: text})
    else:
        write_catalog(tmp_path, {name: text})
    found = pairs(tmp_path, code)
    assert set(found) == {name, other}
    assert other in found[name] and name in found[other]


def test_a_cycle_is_told_at_each_of_its_steps(tmp_path: Path) -> None:
    cyclic = term("task", "generation", "broader: [sampling]\n")
    write_catalog(tmp_path, {"tasks/generation.yaml": cyclic})
    found = pairs(tmp_path, "R202")
    assert set(found) == {"tasks/generation.yaml", "tasks/sampling.yaml"}
    assert "generation > sampling > generation" in found["tasks/generation.yaml"]


def test_baseline_file_must_exist_beside_the_catalog(tmp_path: Path) -> None:
    root = write_catalog(tmp_path / "catalog")
    (tmp_path / "baselines").mkdir()
    found = [f for f in check(root, TODAY) if f.code == "R204"]
    assert len(found) == 1 and "baselines/ddpm.py" in found[0].message
    (tmp_path / "baselines" / "ddpm.py").write_text("")
    assert check(root, TODAY) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("task/x.yaml", "did you mean tasks?"),
        ("tasks/x.yml", "rename it to x.yaml"),
        ("x.yaml", "catalog/<kind>/<id>.yaml"),
        ("papers/2020/notes.txt", "read by nobody"),
    ],
)
def test_stray_files_are_told(name: str, says: str, tmp_path: Path) -> None:
    write_catalog(tmp_path, {name: "id: x\n"})
    found = [f for f in check(tmp_path, TODAY) if f.code == "I305"]
    assert len(found) == 1 and says in str(found[0])


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    write_catalog(tmp_path, {"directions/faster.yaml": None, "directions": "x"})
    found = [f for f in check(tmp_path, TODAY) if f.code == "I305"]
    assert [f.message for f in found] == ["directions is not a folder"]


def test_folders_that_cannot_be_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_catalog(tmp_path)
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("tasks"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = [f for f in check(tmp_path, TODAY) if f.code == "Y001"]
    assert [f.message for f in found] == ["cannot be read: Permission denied"]


def test_terms_have_no_folders(tmp_path: Path) -> None:
    write_catalog(tmp_path, {"tasks/deep/deep.yaml": term("task", "deep")})
    assert "I304" in {f.code for f in check(tmp_path, TODAY)}


def test_stale_schema_is_told(tmp_path: Path) -> None:
    write_catalog(tmp_path, {"schema/paper.json": "{}"})
    found = {Path(f.file).name: f.message for f in check(tmp_path, TODAY) if f.code == "F610"}
    assert "out of date" in found["paper.json"] and "missing" in found["task.json"]


def test_missing_path_is_a_finding(tmp_path: Path) -> None:
    assert [f.code for f in check(tmp_path / "nowhere")] == ["Y001"]


def test_every_code_has_a_test() -> None:
    elsewhere = {"Y001", "I301", "I305", "I306", "I307", "I310", "I311", "R204", "F610"}
    assert {case.code for case in CASES} | elsewhere == set(CODES)
    assert all(CODES.values())
