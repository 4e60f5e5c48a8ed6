"""What is stored for the site: it came from these sources, and the weights still draw it."""

from __future__ import annotations

import json

import pytest
import torch
from tools.jobs import JOBS, Job, alike, drawn, fingerprint

from diffatlas.diffusion import runner
from tools import jobs

MAIN = [job for job in JOBS if not job.ending]


def record(job: Job) -> dict:
    whole = json.loads((runner.results(job.baseline) / "results.json").read_text())
    return whole["runs"][job.variant]


@pytest.mark.parametrize("job", MAIN, ids=lambda job: job.baseline)
def test_stored_weights_draw_what_was_recorded(job: Job) -> None:
    assert drawn(job) == pytest.approx(record(job)["drawn"], rel=0.05, abs=0.02)


def test_a_fingerprint_tells_another_training_and_not_another_layout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = MAIN[0]
    first = fingerprint(job)
    assert alike(first, fingerprint(job))
    module = runner.find(job.baseline)
    plain = module.loss
    module.loss = lambda model, x0, generator: plain(model, x0 + 0.01, generator)
    monkeypatch.setattr(jobs.runner, "find", lambda name: module)
    assert not alike(first, fingerprint(job))
    assert not alike([1.0], [1.0, 2.0])


@pytest.mark.parametrize("job", JOBS, ids=lambda job: f"{job.baseline}-{job.variant}")
def test_every_job_has_its_record_pictures_and_weights(job: Job) -> None:
    kept = record(job)
    assert kept["framework"] == job.framework and kept["steps"] > 1000
    measured = [(m["sampler"], m["nfe"], m["n"]) for m in kept["metrics"]]
    assert measured == list(job.measurements)
    folder = runner.results(job.baseline)
    for stem in ("samples", "strip", "training"):
        assert (folder / f"{stem}{job.ending}.png").is_file()
    assert job.variant in runner.stored_weights(job.baseline)
    state = runner.trained(job.baseline, job.variant, device="cpu").model.state_dict()
    assert all(torch.isfinite(value).all() for value in state.values())
