"""A catalog of few entities in which every free text tries to break out of its page.

The models say which keys take text, so a new key is planted by itself.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints

import yaml
from pydantic import BaseModel

from diffatlas.catalog.fields import MARKDOWN, Properties, Text, Texts
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.shapes import inner_model

EVIL = "</title><script>alert(1)</script>\"'><img src=https://evil.example/x onerror=alert(1)>"
LINK = 'https://evil.example/"onmouseover=alert(1)'
FIELD = (
    f"{EVIL}\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](https://evil.example/z.png)"
    "\n\n```\n</div></article>\n```\n\n{: onclick=alert(1) }\n\n$\\href{javascript:alert(1)}{x}$"
)


def text_fields(model: type[BaseModel]) -> dict[str, Any]:
    """Key -> what is planted there, for each key of a model that takes free text."""
    found: dict[str, Any] = {}
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        value = FIELD if MARKDOWN in (field.description or "") or model is Properties else EVIL
        if hints[name] == Text or Text in get_args(hints[name]):
            found[field.alias or name] = value
        elif hints[name] == Texts:
            found[field.alias or name] = [value]
    return found


def planted(model: type[BaseModel], given: Any) -> Any:
    """``given`` with hostile text in every key of the model that takes text and is not given."""
    if isinstance(given, list):
        return [planted(model, item) for item in given]
    entity = {**text_fields(model), **given}
    for name, field in model.model_fields.items():
        inner, key = inner_model(field.annotation), field.alias or name
        if inner is not None and key in given:
            entity[key] = planted(inner, given[key])
    return entity


def term(key: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "name": f"{key} {EVIL}", **more}


PAPER = "evil2020title"
FACTS = ["title", "tasks.painting"]
NOTE = [{"paper": PAPER}]
# What is no free text; the rest is planted by the models.
GIVEN: dict[str, list[dict[str, Any]]] = {
    "frameworks": [
        term("ddpm", properties={}, links=[{"to": "ncsn"}], papers=[PAPER]),
        term("ncsn"),
    ],
    "families": [term("vae", bridges=NOTE)],
    "tasks": [term("painting"), term("daubing", broader=["painting"])],
    "conditions": [term("text")],
    "datasets": [term("pets", homepage=LINK)],
    "architectures": [term("unet")],
    "metrics": [term("fid", direction="lower")],
    "limitations": [term("slow", addressed_by=NOTE)],
    "directions": [term("fast", addressed_by=NOTE)],
    "sources": [{"id": "evil", "url": LINK}],
    "papers": [
        {
            "id": PAPER,
            "authors": [EVIL, "``` ~~~"],
            "year": 2020,
            "arxiv": "2006.11239",
            "doi": "10.1/<script>alert(1)</script>",
            "url": LINK,
            "code": [LINK],
            "frameworks": ["ddpm"],
            "tasks": ["painting"],
            "conditions": ["text"],
            "datasets": ["pets"],
            "architectures": ["unet"],
            "added": date(2026, 11, 1),
            "corrected": [{"date": date(2026, 11, 2)}],
            "provenance": [
                {"status": "list", "source": "evil", "facts": FACTS, "contradicts": ["year"]},
                {"status": "paper", "source": LINK, "facts": ["venue"], "contradicts": ["authors"]},
                {"status": "paper", "source": "javascript:alert(1)", "facts": ["doi"]},
            ],
        }
    ],
    "baselines": [
        {
            "id": own,
            "frameworks": [own],
            "tasks": ["painting"],
            "conditions": ["text"],
            "datasets": ["pets"],
            "papers": [PAPER],
            "file": "../../../../etc/passwd",
            **more,
        }
        for own, more in (("ddpm", {}), ("ncsn", {"changes": [{"against": "ddpm"}]}))
    ],
    "results": [
        {
            "dataset": "pets",
            "results": [
                {"paper": PAPER, "metric": "fid", "value": 1.5, "source": LINK},
                {"paper": PAPER, "metric": "fid", "value": 2.5, "source": LINK, "nfe": 10},
            ],
        }
    ],
    "questions": [
        {
            "id": "task",
            "place": 1,
            "vocabulary": "tasks",
            "options": [{"id": "paint", "terms": ["painting"]}, {"id": "daub"}],
        }
    ],
    "candidates": [
        {
            "id": own,
            "rules": [
                {"when": {"task": ["paint"]}, "sources": ["frameworks/ddpm"], **rule},
                {"when": {"task": ["daub"]}, "sources": [f"papers/{PAPER}"], "weight": 1},
            ],
        }
        for own, rule in (("ddpm", {"weight": 1}), ("ncsn", {"excludes": True}))
    ],
}
ENTITIES = {kind: planted(KINDS[kind], entities) for kind, entities in GIVEN.items()}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True  # the catalog has none


def write_entity(root: Path, kind: str, entity: dict[str, Any]) -> None:
    """Write one file of a catalog."""
    folder = root / kind / (str(entity["year"]) if kind == "papers" else "")
    folder.mkdir(parents=True, exist_ok=True)
    name = entity.get("id") or entity["dataset"]
    written = yaml.dump(entity, Dumper=_Dumper, allow_unicode=True)
    (folder / f"{name}.yaml").write_text(written, encoding="utf-8")


def write_hostile_catalog(root: Path) -> None:
    """Write the whole catalog."""
    for kind, entities in ENTITIES.items():
        for entity in entities:
            write_entity(root, kind, entity)
