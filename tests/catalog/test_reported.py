"""Fronts and contradictions of reported numbers, against brute force and by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import small_catalog
import yaml
from hypothesis import given
from hypothesis import strategies as st

import diffatlas
from diffatlas.catalog import reported
from diffatlas.catalog.compiled import PROVENANCE_COLUMNS
from diffatlas.catalog.stored import Tables


@pytest.mark.parametrize(
    ("nfe", "count"),
    [(1, 1), (250, 250), ("250x2", 500), ("50 x 2", 100), ("35", 35), ("unknown", None)]
    + [(None, None), ("about 100", None), (True, None), ("x2", None)],
)
def test_evaluations(nfe: Any, count: int | None) -> None:
    assert reported.evaluations(nfe) == count


def atlas_of(tmp_path: Path, rows: list[dict[str, Any]]) -> diffatlas.Atlas:
    folder = small_catalog.write(tmp_path / "catalog")
    results = {"dataset": "cifar-10", "results": rows}
    (Path(folder) / "results" / "cifar-10.yaml").write_text(yaml.safe_dump(results))
    return diffatlas.load(folder)


def row(nfe: Any, value: float, **more: Any) -> dict[str, Any]:
    return {
        "paper": "ho2020denoising",
        "model": "DDPM",
        "resolution": 32,
        "metric": "fid",
        "value": value,
        "conditional": "unconditional",
        "nfe": nfe,
        "source": "companion",
        **more,
    }


def test_the_front_never_crosses_protocols(tmp_path: Path) -> None:
    rows = [
        row(1, 9.0),
        row(10, 3.0),
        row(10, 4.0),
        row(100, 3.5),
        row(1000, 2.0),
        row(1, 1.0, conditional="conditional"),
        row(1, 0.5, resolution=64),
        row(1, 0.1, conditional="unknown"),
        row(1, 0.1, bound="upper"),
        row("unknown", 0.1),
    ]
    found = reported.front(atlas_of(tmp_path, rows))
    own = found[(found["resolution"] == "32") & (found["conditional"] == "unconditional")]
    assert list(own["value"]) == [9.0, 3.0, 4.0, 3.5, 2.0]
    assert list(own["front"]) == [True, True, False, False, True]
    assert len(found) == 7
    assert found["front"].sum() == 5


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=12))
def test_the_front_is_what_brute_force_finds(points: list[tuple[int, int]]) -> None:
    """A point stays off the front exactly if another one beats it, or is its earlier twin."""
    rows = [row(nfe, float(value)) for nfe, value in points]
    columns = {key: [own[key] for own in rows] for key in rows[0]}
    columns = {"dataset": ["cifar-10"] * len(rows), **columns}
    for name in ("bound", "guidance", "sampler", "samples", "recited", "note"):
        columns[name] = [None] * len(rows)
    nothing: dict[str, list[Any]] = {name: [] for name in PROVENANCE_COLUMNS}
    metrics = {"id": ["fid"], "name": ["FID"], "direction": ["lower"]}
    atlas = diffatlas.Atlas(Tables({"results": columns, "metrics": metrics, "provenance": nothing}))
    found = reported.front(atlas)
    on_front = {(r.evaluations, r.value) for r in found.itertuples() if r.front}
    best = {
        (n, v)
        for n, v in points
        if not any((m <= n and w <= v) and (m, w) != (n, v) for m, w in points)
    }
    assert on_front == best


def test_contradictions_keep_both(tmp_path: Path) -> None:
    rows = [row(10, 3.0), row(10, 3.2, source="arxiv:2006.11239"), row(20, 2.0), row(30, 1.0)]
    found = reported.contradictions(atlas_of(tmp_path, rows))
    assert list(found["value"]) == [3.0, 3.2]
