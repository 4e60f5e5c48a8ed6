"""A catalog of any size, made up, for benchmarks and tests: same shape as the real one."""

from __future__ import annotations

import random
from typing import Any

from diffatlas.catalog import compiled, models
from diffatlas.catalog.coverage import STANDINGS

FACET_SIZES = {
    "frameworks": 40,
    "tasks": 60,
    "conditions": 30,
    "datasets": 120,
    "architectures": 20,
}
_TEXT = """
denoising diffusion probabilistic models score matching stochastic differential equations image
synthesis guided latent text conditional video restoration inpainting segmentation medical learning
fast sampling consistency transformer Schrödinger bridge Langevin unsupervised anomaly detection
high resolution photorealistic cascaded adaptive implicit improved variational perspective inverse
problems editing translation point cloud shape generation representation zero shot personalized
"""
_WORDS = _TEXT.split()
_GIVEN = "Jonathan Yang Prafulla Rémi Jiaming Chitwan Özgür Łukasz Tero Hyungjin Anna Mei"
_FAMILY = "Ho Song Dhariwal Piché-Taillefer Çiçek Kaiser Karras Chung Nichol Müller Wang Li"
_FIRST, _LAST = _GIVEN.split(), _FAMILY.split()
_VENUES = (None, "NeurIPS 2022", "CVPR 2023", "ICLR 2021", "ICCV 2023", "ECCV 2022")


def tables(papers: int, seed: int = 0) -> dict[str, Any]:
    """Tables as ``diffatlas.catalog.compiled`` makes them, with ``papers`` papers."""
    rng = random.Random(seed)
    found: dict[str, Any] = {}
    for kind, model in models.KINDS.items():
        names = [key for key in models.keys(model) if key != "provenance"]
        rows: list[dict[str, Any]] = []
        if kind in FACET_SIZES:
            rows = [_term(kind, at, rng) for at in range(FACET_SIZES[kind])]
        elif kind == "papers":
            rows = [_paper(at, papers, rng) for at in range(papers)]
            rows.sort(key=lambda row: row["id"])
        if kind == "results":
            names = ["dataset", *models.keys(models.Result)]
            rows = [_result(rng, papers) for _ in range(papers // 4)]
        if kind == "metrics":
            rows = [{**_term(kind, 0, rng), "id": "fid", "name": "FID", "direction": "lower"}]
        found[kind] = {name: [row.get(name) for row in rows] for name in names}
    found["provenance"] = _provenance(found["papers"])
    found["manifest"] = {
        "format": compiled.FORMAT,
        "version": "synthetic",
        "sources": f"synthetic-{papers}-{seed}",
        "counts": {kind: len(next(iter(found[kind].values()))) for kind in models.KINDS},
    }
    return found


def _term(kind: str, at: int, rng: random.Random) -> dict[str, Any]:
    stem = kind.removesuffix("s")
    row: dict[str, Any] = {
        "id": f"{stem}-{at}",
        "name": f"{stem.title()} {rng.choice(_WORDS)} no. {at}",
        "aliases": [f"{stem} alias {at}"] if at % 3 == 0 else None,
        "summary": "What it is in a sentence.",
        "definition": "What it is in a paragraph, with $x_t$.",
        # Five roots; every other term below an earlier one.
        "broader": [f"{stem}-{rng.randrange(at)}"] if at >= 5 else None,
    }
    return row


def _paper(at: int, total: int, rng: random.Random) -> dict[str, Any]:
    year = 2015 + at % 9
    title = " ".join(rng.choices(_WORDS, k=rng.randint(5, 12))).capitalize()
    dated = rng.random() < 0.9
    row: dict[str, Any] = {
        "id": _paper_id(at),
        "title": title,
        "aliases": [title + " (draft)"] if at % 17 == 0 else None,
        "authors": [f"{rng.choice(_FIRST)} {rng.choice(_LAST)}" for _ in range(rng.randint(1, 6))],
        "year": year,
        "submitted": f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}" if dated else None,
        "venue": rng.choice(_VENUES),
        "arxiv": f"{year % 100}{rng.randint(1, 12):02}.{at:05}" if rng.random() < 0.95 else None,
        "doi": f"10.1000/{at}" if rng.random() < 0.3 else None,
        "code": [f"https://github.com/someone/{at}"] if rng.random() < 0.6 else None,
        "survey_heading": ["Image Generation"] if at % 2 else None,
        "in_table1": at % 5 == 0 or None,
        "origin": "beyond" if at % 4 == 0 else None,
        "summary": " ".join(rng.choices(_WORDS, k=25)) + "." if rng.random() < 0.8 else None,
        "relations": {"builds_on": [_paper_id(rng.randrange(at))]} if at else None,
    }
    for facet, size in FACET_SIZES.items():
        terms = rng.sample(range(size), k=rng.randint(0, 3))
        row[facet] = [f"{facet.removesuffix('s')}-{term}" for term in terms]
    return row


def _paper_id(at: int) -> str:
    return f"author{2015 + at % 9}word{at}"


def _result(rng: random.Random, papers: int) -> dict[str, Any]:
    return {
        "dataset": f"dataset-{rng.randrange(FACET_SIZES['datasets'])}",
        "paper": _paper_id(rng.randrange(papers)),
        "model": "Some model",
        "metric": "fid",
        "value": round(rng.uniform(1, 50), 2),
        "nfe": rng.choice([None, 50, "250x2"]),
        "source": "memory",
    }


def _provenance(papers: dict[str, list[Any]]) -> dict[str, list[Any]]:
    rows = [
        ("papers", own, 0, field, None, STANDINGS[at % len(STANDINGS)], "companion", None, False)
        for at, own in enumerate(papers["id"])
        for field in models.FACT_FIELDS
    ]
    return {name: [row[at] for row in rows] for at, name in enumerate(compiled.PROVENANCE_COLUMNS)}
