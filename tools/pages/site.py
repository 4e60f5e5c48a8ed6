"""What the page writers share: the atlas, its records, where each page lies, who links to whom."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tools.pages.write import Tree

__all__ = ["BEYOND", "KINDS", "Kind", "Record", "Site"]

# The group of papers whose framework is none of the survey's; no id of a framework.
BEYOND = "beyond"

Record = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """How a kind of entity is called on pages, and the field that filters papers by it."""

    one: str
    many: str
    purpose: str
    field: str | None = None


KINDS = {
    "frameworks": Kind(
        "Framework",
        "Frameworks",
        "Three ways to turn noise into images, their variants, and what stands beside them.",
        "framework",
    ),
    "families": Kind(
        "Family",
        "Related families",
        "Other generative models: what they share with diffusion, and where they part.",
    ),
    "tasks": Kind("Task", "Tasks", "What the papers use diffusion models for.", "task"),
    "conditions": Kind(
        "Condition", "Conditions", "What the denoiser is told besides the noisy image.", "condition"
    ),
    "datasets": Kind("Data set", "Data sets", "What the papers train and measure on.", "dataset"),
    "architectures": Kind(
        "Architecture", "Architectures", "The networks that do the denoising.", "architecture"
    ),
    "metrics": Kind(
        "Metric", "Metrics", "What the reported numbers measure, and what they do not."
    ),
    "limitations": Kind(
        "Limitation", "Limitations", "What holds diffusion models back, and who works on it."
    ),
    "directions": Kind(
        "Direction",
        "Directions",
        "Where the field may go, by the survey and by us; who went there.",
    ),
    "papers": Kind("Paper", "Papers", "Every paper of the catalog."),
    "baselines": Kind(
        "Baseline",
        "Baselines",
        "Each of the three frameworks as one file that trains in front of you.",
    ),
}
TERM_KINDS = [kind for kind in KINDS if kind not in ("papers", "baselines")]
FACETS = [kind for kind, info in KINDS.items() if info.field]


class Site:
    """The atlas as the writers see it. ``root`` is the repository (or a test's copy of it)."""

    def __init__(self, atlas: Any, root: Path) -> None:
        self.atlas = atlas
        self.folder = root
        self.tree = Tree(root / "docs")
        self.cells: dict[tuple[str, str], str] = {}  # parts of tables that many pages share
        self.records: dict[str, dict[str, Record]] = {
            kind: dict(atlas.records(kind)) for kind in (*KINDS, "sources", "results")
        }

    @cached_property
    def address(self) -> str:
        """Where the site will be, without a slash at its end; empty while nobody has said so."""
        return os.environ.get("SITE_URL", "").rstrip("/")

    @property
    def papers(self) -> dict[str, Record]:
        return self.records["papers"]

    def name(self, kind: str, key: str) -> str:
        record = self.records[kind].get(key, {})
        return str(record.get("name") or record.get("title") or key)

    @cached_property
    def roots(self) -> list[str]:
        """The survey's frameworks that no other is broader than, in the catalog's order."""
        return self._tops("survey")

    @cached_property
    def beyond(self) -> list[str]:
        """The top frameworks that are none of the survey's."""
        return self._tops("beyond")

    def _tops(self, origin: str) -> list[str]:
        return [
            key
            for key, record in self.records["frameworks"].items()
            if not record.get("broader") and record.get("origin", "survey") == origin
        ]

    def variants(self, tops: list[str]) -> set[str]:
        """What is narrower than any of these frameworks."""
        return {key for top in tops for key in self.atlas.narrower("frameworks", top)}

    @cached_property
    def groups(self) -> list[str]:
        """By what papers are grouped: the survey's frameworks, and ``BEYOND`` if there are any."""
        return [*self.roots, *([BEYOND] if self.beyond else [])]

    @cached_property
    def _root_of(self) -> dict[str, str]:
        above = {
            key: (record.get("broader") or [None])[0]
            for key, record in self.records["frameworks"].items()
        }
        result = {}
        for key in above:
            current, seen = key, {key}
            while (parent := above.get(current)) is not None and parent not in seen:
                seen.add(parent)
                current = parent
            result[key] = current
        return result

    def root(self, framework: str) -> str:
        """The top framework that ``framework`` belongs to; its colour is the page's colour."""
        return self._root_of.get(framework, framework)

    def paper_groups(self, paper: Record) -> list[str]:
        """The ``groups`` under which the library finds a paper, in their order."""
        return [group for group in self.groups if paper["id"] in self._under[group]]

    def group_filter(self, group: str) -> str:
        """The filter that finds the papers of a group."""
        return f"framework:{','.join(self.beyond) if group == BEYOND else group}"

    def group_href(self, group: str) -> str:
        """The address below the site's root of the page about a group."""
        return "frameworks/#beyond" if group == BEYOND else f"frameworks/{group}/"

    @cached_property
    def _under(self) -> dict[str, set[str]]:
        found = {root: set(self.under("frameworks", root)) for root in (*self.roots, *self.beyond)}
        found[BEYOND] = set().union(*(found[root] for root in self.beyond))
        return found

    def short(self, framework: str) -> str:
        """``DDPM`` for the top frameworks whose id is an abbreviation, else the name."""
        if framework == BEYOND:
            return "Beyond"
        return framework.upper() if len(framework) <= 4 else self.name("frameworks", framework)

    def children(self, kind: str, key: str) -> list[str]:
        return self._children[kind].get(key, [])

    @cached_property
    def _children(self) -> dict[str, dict[str, list[str]]]:
        result: dict[str, dict[str, list[str]]] = {}
        for kind in TERM_KINDS:
            below: dict[str, list[str]] = defaultdict(list)
            for key, record in self.records[kind].items():
                for parent in record.get("broader") or ():
                    below[parent].append(key)
            result[kind] = below
        return result

    def lineage(self, kind: str, key: str) -> list[str]:
        """The broader terms of ``key``, widest first, along its first parent."""
        line: list[str] = []
        current = key
        while parents := self.records[kind].get(current, {}).get("broader"):
            current = parents[0]
            if current in line or current == key:
                break
            line.append(current)
        return line[::-1]

    def under(self, kind: str, key: str) -> list[str]:
        """The papers under a term of a facet or under what is narrower, as ``find`` gives them."""
        if (kind, key) not in self._terms:
            direct = self._direct[kind]
            own = set(direct.get(key, ()))
            for below in self.atlas.narrower(kind, key):
                own.update(direct.get(below, ()))
            self._terms[kind, key] = [paper for paper in self._order if paper in own]
        return self._terms[kind, key]

    def in_time(self, kind: str, key: str) -> list[str]:
        """The papers under a term, the oldest first."""
        if (kind, key) not in self._times:
            self._times[kind, key] = sorted(
                self.under(kind, key),
                key=lambda own: (
                    str(self.papers[own].get("submitted") or self.papers[own]["year"]),
                    own,
                ),
            )
        return self._times[kind, key]

    @cached_property
    def _times(self) -> dict[tuple[str, str], list[str]]:
        return {}

    @cached_property
    def _terms(self) -> dict[tuple[str, str], list[str]]:
        return {}

    @cached_property
    def _order(self) -> list[str]:
        return list(self.atlas.papers["id"])

    @cached_property
    def _direct(self) -> dict[str, dict[str, list[str]]]:
        result: dict[str, dict[str, list[str]]] = {}
        for kind in FACETS:
            terms: dict[str, list[str]] = defaultdict(list)
            for paper, record in self.papers.items():
                for term in record.get(kind) or ():
                    terms[term].append(paper)
            result[kind] = terms
        return result

    def found(self, query: str) -> list[str]:
        """The papers that the filter finds, in the library's order."""
        if query not in self._found:
            self._found[query] = list(self.atlas.find(query)["id"])
        return self._found[query]

    @cached_property
    def _found(self) -> dict[str, list[str]]:
        return {}

    def term_query(self, kind: str, key: str) -> str | None:
        field = KINDS[kind].field
        return f"{field}:{key}" if field else None

    @cached_property
    def relations_back(self) -> dict[str, list[tuple[str, str]]]:
        """A paper -> (relation, the papers that have it to this one)."""
        back: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for key, record in self.papers.items():
            for relation, targets in (record.get("relations") or {}).items():
                for target in targets:
                    back[target].append((relation, key))
        return back

    @cached_property
    def mentions(self) -> dict[str, list[tuple[str, str, str]]]:
        """A paper -> (kind, term, how) for the terms that it defines, bridges or addresses."""
        found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for kind in TERM_KINDS:
            for key, record in self.records[kind].items():
                for paper in record.get("papers") or ():
                    found[paper].append((kind, key, ""))
                for entry in (*(record.get("bridges") or ()), *(record.get("addressed_by") or ())):
                    found[entry["paper"]].append((kind, key, entry.get("how") or ""))
        return found

    @cached_property
    def results(self) -> list[Record]:
        """All reported results, each with its data set."""
        return [
            {"dataset": record["dataset"], **row}
            for record in self.records["results"].values()
            for row in record.get("results", [record])
        ]

    def runs(self, framework: str) -> list[str]:
        """The baselines that name ``framework`` itself, as what they run or as a variant."""
        return [
            key
            for key, record in self.records["baselines"].items()
            if framework in (*(record.get("frameworks") or ()), *(record.get("variants") or ()))
        ]

    def baselines_of(self, framework: str) -> list[str]:
        """The baselines that run ``framework``, a variant of it, or what it is a variant of."""
        return [
            key
            for key, record in self.records["baselines"].items()
            if self.root(framework) in {self.root(f) for f in record.get("frameworks") or ()}
        ]
