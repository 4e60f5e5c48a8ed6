"""A catalog of few entities in which every free text tries to break out of its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EVIL = "</title><script>alert(1)</script>\"'><img src=https://evil.example/x onerror=alert(1)>"
LINK = 'https://evil.example/"onmouseover=alert(1)'
FIELD = (
    f"{EVIL}\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](https://evil.example/z.png)"
    "\n\n```\n</div></article>\n```\n\n{: onclick=alert(1) }\n\n$\\href{javascript:alert(1)}{x}$"
)


def term(key: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "name": f"{key} {EVIL}",
        "aliases": [EVIL],
        "summary": EVIL,
        "definition": FIELD,
        "not": FIELD,
        **more,
    }


PAPER = {
    "id": "evil2020title",
    "title": EVIL,
    "aliases": [f"old {EVIL}"],
    "authors": [EVIL, "``` ~~~"],
    "year": 2020,
    "venue": EVIL,
    "arxiv": "2006.11239",
    "doi": "10.1/<script>alert(1)</script>",
    "url": LINK,
    "code": [LINK],
    "survey_heading": [EVIL],
    "frameworks": ["ddpm"],
    "tasks": ["painting"],
    "conditions": ["text"],
    "datasets": ["pets"],
    "architectures": ["unet"],
    "summary": EVIL,
    "provenance": [
        {"status": "list", "source": "evil", "facts": ["title", "tasks.painting"], "note": EVIL},
        {"status": "paper", "source": LINK, "facts": ["venue"], "contradicts": ["authors"]},
        {"status": "paper", "source": "javascript:alert(1)", "facts": ["doi"]},
    ],
}
NOTE = [{"paper": "evil2020title", "how": FIELD}]
ENTITIES: dict[str, list[dict[str, Any]]] = {
    "frameworks": [
        term(
            "ddpm",
            forward=FIELD,
            objective=FIELD,
            reverse=FIELD,
            properties={"time": FIELD, "sampler": EVIL},
            links=[{"to": "ncsn", "how": FIELD}],
            papers=["evil2020title"],
        ),
        term("ncsn"),
    ],
    "families": [term("vae", shares=FIELD, differs=FIELD, bridges=NOTE)],
    "tasks": [term("painting", headings=[EVIL]), term("daubing", broader=["painting"])],
    "conditions": [term("text")],
    "datasets": [term("pets", modality=EVIL, homepage=LINK)],
    "architectures": [term("unet")],
    "metrics": [term("fid", direction="lower", unit=EVIL, measures=FIELD, does_not_measure=FIELD)],
    "limitations": [term("slow", addressed_by=NOTE)],
    "directions": [term("fast", addressed_by=NOTE)],
    "sources": [{"id": "evil", "name": EVIL, "url": LINK, "note": EVIL}],
    "baselines": [
        {
            "id": "ddpm",
            "name": EVIL,
            "summary": EVIL,
            "frameworks": ["ddpm"],
            "tasks": ["painting"],
            "conditions": ["text"],
            "datasets": ["pets"],
            "papers": ["evil2020title"],
            "file": "../../../../etc/passwd",
            "samplers": [EVIL],
        }
    ],
    "results": [
        {
            "dataset": "pets",
            "results": [
                {
                    "paper": "evil2020title",
                    "model": EVIL,
                    "metric": "fid",
                    "value": 1.5,
                    "sampler": EVIL,
                    "source": LINK,
                    "note": EVIL,
                }
            ],
        }
    ],
}


def write_hostile_catalog(root: Path) -> None:
    """Write the catalog as YAML (of which JSON is a part)."""
    for kind, entities in ENTITIES.items():
        (root / kind).mkdir(parents=True, exist_ok=True)
        for entity in entities:
            name = entity.get("id") or entity["dataset"]
            (root / kind / f"{name}.yaml").write_text(json.dumps(entity), encoding="utf-8")
    folder = root / "papers" / "2020"
    folder.mkdir(parents=True)
    (folder / f"{PAPER['id']}.yaml").write_text(json.dumps(PAPER), encoding="utf-8")
