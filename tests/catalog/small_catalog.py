"""A catalog of a dozen entities, small enough to know every answer by heart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def term(own: str, name: str, **more: Any) -> dict[str, Any]:
    """A valid term with the given extras."""
    text = {"summary": f"{name} in a sentence.", "definition": f"{name}, told at length."}
    return {"id": own, "name": name, **text, **more}


def paper(own: str, title: str, authors: list[str], year: int, **more: Any) -> dict[str, Any]:
    """A valid paper; facets are empty unless given."""
    facets: dict[str, Any] = {"frameworks": [], "tasks": [], "conditions": [], "datasets": []}
    known = [f"{facet}.{value}" for facet in facets for value in more.get(facet, [])]
    facts = [{"status": "recall", "source": "memory", "facts": ["title", "authors", *known]}]
    return {
        "id": own,
        "title": title,
        "authors": authors,
        "year": year,
        **facets,
        **more,
        "provenance": facts,
    }


ENTITIES: dict[str, list[dict[str, Any]]] = {
    "frameworks": [
        term("ddpm", "Denoising diffusion probabilistic model", aliases=["DDPM"], forward="$q$"),
        term("ddim", "Denoising diffusion implicit model", broader=["ddpm"]),
        term("ncsn", "Noise-conditioned score network", links=[{"to": "ddpm", "how": "by $s$"}]),
    ],
    "tasks": [
        term("restoration", "Image restoration"),
        term("inpainting", "Inpainting", broader=["restoration"]),
        term("generation", "Image generation"),
        term("never-tried", "A task that nobody tried"),
    ],
    "conditions": [
        term("text", "Text", aliases=["caption"]),
        term("image", "Image"),
        term("low-resolution-image", "Low-resolution image", broader=["image"], aliases=["LR"]),
    ],
    "datasets": [term("cifar-10", "CIFAR-10", modality="image"), term("lsun", "LSUN")],
    "metrics": [
        term("fid", "FID", direction="lower", measures="Distance.", does_not_measure="Recall.")
    ],
    "sources": [{"id": "companion", "name": "The list", "url": "https://example.org/list"}],
    "papers": [
        paper(
            "ho2020denoising",
            "Denoising diffusion probabilistic models",
            ["Jonathan Ho", "Ajay Jain", "Pieter Abbeel"],
            2020,
            submitted="2020-06-19",
            venue="NeurIPS 2020",
            arxiv="2006.11239",
            code=["https://github.com/hojonathanho/diffusion", "https://example.org/a"],
            frameworks=["ddpm"],
            tasks=["generation"],
            datasets=["cifar-10", "lsun"],
            survey_heading=["Unconditional Generation"],
            in_table1=True,
            summary="A reweighted bound trains a network that removes noise step by step.",
        ),
        paper(
            "song2019generative",
            "Generative modeling by estimating gradients",
            ["Yang Song", "Stefano Ermon"],
            2019,
            submitted="2019-07-12",
            arxiv="1907.05600",
            frameworks=["ncsn"],
            tasks=["generation", "inpainting"],
            datasets=["cifar-10"],
        ),
        paper(
            "rombach2021high",
            'High-Resolution "Image" Synthesis & 50% more {braces}',
            ["Robin Rombach", "Björn Ommer", "Valentin De Bortoli"],
            2021,
            submitted="2021-12-20",
            doi="10.1109/CVPR52688.2022.01042",
            venue="CVPR 2022 (Oral)",
            frameworks=["ddim"],
            tasks=["restoration"],
            conditions=["low-resolution-image", "text"],
            aliases=["Latent, diffusion; models"],
            relations={"builds_on": ["ho2020denoising"], "applies": ["song2019generative"]},
        ),
        paper("noyear2021x", "Über SDEs on CIFAR_10", ["Łukasz Çiçek"], 2021, origin="beyond"),
        paper(
            "early2021y", "An Earlier Gaussian Paper", ["A. Müller"], 2021, submitted="2021-01-02"
        ),
    ],
    "baselines": [
        {
            "id": "ddpm",
            "name": "DDPM on digits",
            "summary": "It runs.",
            "frameworks": ["ddpm"],
            "tasks": ["generation"],
            "conditions": ["text"],
            "datasets": ["cifar-10"],
            "papers": ["ho2020denoising"],
            "file": "baselines/ddpm.py",
            "samplers": ["ancestral", "ddim"],
        }
    ],
}
RESULTS = [
    {"paper": "ho2020denoising", "model": "DDPM", "resolution": 32, "metric": "fid", "value": 3.17,
     "conditional": "unconditional", "nfe": 1000, "source": "arxiv:2006.11239"},
    {"paper": "song2019generative", "model": "NCSN", "metric": "fid", "value": 25.32,
     "bound": "upper", "nfe": "10x100", "source": "companion"},
]  # fmt: skip

# The papers in the order that every selection has.
ORDER = [
    "song2019generative",
    "ho2020denoising",
    "early2021y",
    "rombach2021high",
    "noyear2021x",
]


def write(root: Path) -> Path:
    """The catalog as YAML files under ``root``."""
    from diffatlas.catalog import models

    for kind, entities in ENTITIES.items():
        keys = models.keys(models.KINDS[kind])
        for entity in entities:
            folder = root / kind / (str(entity["year"]) if kind == "papers" else "")
            ordered = {key: entity[key] for key in keys if key in entity}
            _dump(folder / f"{entity['id']}.yaml", ordered)
    _dump(root / "results" / "cifar-10.yaml", {"dataset": "cifar-10", "results": RESULTS})
    return root


def _dump(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    # Dates stand in the files without quotes.
    text = "".join(
        line.replace("'", "") if line.startswith("submitted:") else line
        for line in text.splitlines(keepends=True)
    )
    path.write_text(text, encoding="utf-8")
