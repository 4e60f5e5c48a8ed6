"""The benchmarks' own machinery: what is stored, resumed and left out."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
from bench import peers
from bench.__main__ import LONG, benchmarks

from diffatlas.diffusion import runner

REPOSITORY = Path(__file__).resolve().parents[1]
STORED = sorted((REPOSITORY / "docs" / "measurements").glob("*.json"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored_figures_have_the_form_that_the_site_reads(path):
    data = json.loads(path.read_text(encoding="utf-8"))
    assert path.stem in benchmarks()
    assert {"cpu", "cores", "python"} <= set(data["machine"]) and data["date"]
    assert data["rows"] and all(row["what"] for row in data["rows"])


def test_the_long_benchmark_runs_only_by_name():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "all but peers if none is given" in " ".join(done.stdout.split())
    assert set(benchmarks()) > LONG


@pytest.fixture
def contest(monkeypatch, tmp_path):
    """Two contestants that return noise, on digits; and how often each was trained."""
    trained = []

    def make(name):
        def steps(images):
            trained.append(name)
            while True:
                torch.randn(200, 200) @ torch.randn(200, 200)
                yield lambda n: torch.randn(n, *images.shape[1:])

        return partial(peers.theirs, steps, peers.MARKS)

    chosen = {name: make(name) for name in ("ours-a-twentieth", "theirs-b")}
    monkeypatch.setattr(peers, "contestants", lambda: chosen)
    out = tmp_path / "peers.json"

    def run(*options: str) -> dict:
        words = ["--out", str(out), "--data", "digits", "--samples", "40", *options]
        monkeypatch.setattr(sys, "argv", ["peers", *words])
        peers.main()
        return json.loads(out.read_text(encoding="utf-8"))

    return run, trained


def test_every_mark_is_measured_and_nothing_twice(contest):
    run, trained = contest
    result = run("--budget", "0.2", "--only", "ours-a-twentieth")
    assert trained == ["ours-a-twentieth"] and result["rows"] == []
    reached = result["runs"]["ours-a-twentieth"]["reached"]
    assert len(reached) == len(peers.MARKS)
    assert [r["cpu_seconds"] for r in reached] == sorted(r["cpu_seconds"] for r in reached)
    assert all(r["fd"] > 0 and r["steps"] > 0 and r["n"] == 40 for r in reached)
    result = run("--budget", "0.2")
    assert trained == ["ours-a-twentieth", "theirs-b"]
    (row,) = result["rows"]
    mine, theirs = (r["reached"][-1]["fd"] for r in result["runs"].values())
    assert row["ours"] == pytest.approx(mine, rel=1e-3)
    assert row["peer"] == pytest.approx(theirs, rel=1e-3)
    assert row["met"] == (mine <= theirs)
    run("--budget", "0.3", "--only", "theirs-b")  # another budget is another run
    assert trained == ["ours-a-twentieth", "theirs-b", "theirs-b"]


def test_ours_take_part_with_a_share_of_the_budget():
    everybody = peers.contestants()
    ours = [name for name in everybody if name.startswith("ours-")]
    assert len(ours) == 2 * len(runner.names())
    run = {"budget": 600.0, "samples": 1000}
    reached = {"ours-ddpm-twentieth": 30.0, "ours-ncsn-quarter": 5.0, "ours-ddpm-quarter": 6.0,
               "theirs": 90.0, "theirs-our-network": 4.0}  # fmt: skip
    runs = {name: run | {"reached": [{"fd": fd}]} for name, fd in reached.items()}
    found = {row["peer_name"].split(",")[0]: row for row in peers.rows(runs)}
    assert found["theirs"]["ours"] == 30.0 and found["theirs"]["met"]
    assert "30 CPU s" in found["theirs"]["what"]
    other = found["theirs-our-network"]
    assert other["ours"] == 5.0 and not other["met"] and "150 CPU s" in other["what"]


@pytest.mark.parametrize("wrong", [["--budget", "0"], ["--samples", "3"], ["--only", "nobody"]])
def test_wrong_options_are_refused(contest, wrong, capsys):
    run, _ = contest
    with pytest.raises(SystemExit) as stop:
        run(*wrong)
    assert stop.value.code == 2
    assert "error" in capsys.readouterr().err
