"""A first entry of a paper, valid from the start: what ``diffatlas new paper`` writes.

Bibliographic facts come from the person at the keyboard or, with a network, from arXiv's public
API. Facets, summary and relations are left to fill in: they need somebody who has read the paper.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from diffatlas.catalog.check import check_draft, find_root
from diffatlas.catalog.people import person
from diffatlas.catalog.rules.identifiers import arxiv_problem, doi_problem
from diffatlas.catalog.rules.placement import id_problem
from diffatlas.catalog.rules.titles import near_pairs
from diffatlas.catalog.schema import replace_file
from diffatlas.errors import CatalogError

__all__ = ["Draft", "duplicates", "identifier", "key_of", "write"]

_MEND = "mend what was given"
_SMALL_WORDS = "a an the on of for in to and with from by at is are via using towards"
_SMALL = frozenset(_SMALL_WORDS.split())
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "đ": "d", "ı": "i"})


@dataclass
class Draft:
    """What is known of a paper before anybody described it."""

    title: str
    authors: list[str]
    year: int
    arxiv: str = ""
    doi: str = ""
    submitted: date | None = None
    venue: str = ""
    code: list[str] = field(default_factory=list)
    origin: str = "beyond"
    source: str = ""
    note: str = ""


def identifier(text: str) -> tuple[str, str]:
    """``("arxiv", id)`` or ``("doi", id)`` of what a person typed or pasted.

    Addresses, ``arXiv:`` and version numbers are taken off. Raises ``CatalogError``.
    """
    address = r"^(https?://)?(www\.)?(arxiv\.org/(abs|pdf)/|(dx\.)?doi\.org/)"
    bare = re.sub(address, "", text.strip())
    bare = re.sub(r"^(arxiv|doi):\s*", "", bare, flags=re.I)
    if bare.startswith("10."):
        problem, kind = doi_problem(bare), "doi"
    else:
        bare, kind = re.sub(r"(\.pdf)?$", "", re.sub(r"v[0-9]+(\.pdf)?$", "", bare)), "arxiv"
        problem = arxiv_problem(bare)
    if problem:
        raise CatalogError(f"{problem[0]}; give an arXiv id such as 2006.11239, or a DOI")
    return kind, bare


def key_of(authors: Iterable[str], year: int, title: str, taken: Iterable[str] = ()) -> str:
    """The id of a paper: family name, year, first word of weight; a letter more if it is taken.

    Raises ``CatalogError`` where no letter of the name or the title can be written in ASCII.
    """
    name = _plain(person(next(iter(authors), "")).family)
    parts = (_plain(word) for word in re.split(r"[^\w]+", title))
    word = next((part for part in parts if part and part not in _SMALL), "")
    if not name or not word:
        raise CatalogError("no id can be made of this author and title; give one with --id")
    base, known = f"{name}{year}{word}", set(taken)
    return next(own for own in (base, *(base + c for c in "bcdefghijkl")) if own not in known)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    return re.sub(r"[^a-z0-9]", "", decomposed)


def duplicates(draft: Draft, papers: dict[str, dict[str, object]]) -> list[str]:
    """The ids of papers that have the draft's arXiv id or DOI, or nearly its title."""
    titles, owners = [draft.title], [""]
    found = []
    for own, paper in papers.items():
        same = any(
            getattr(draft, key) and str(paper.get(key, "")).lower() == getattr(draft, key).lower()
            for key in ("arxiv", "doi")
        )
        aliases = paper.get("aliases")
        for title in (paper["title"], *(aliases if isinstance(aliases, list) else ())):
            titles.append(str(title))
            owners.append(own)
        if same:
            found.append(own)
    found += [owners[j] for i, j in near_pairs(titles) if i == 0]
    return list(dict.fromkeys(found))


def write(draft: Draft, catalog: str | os.PathLike[str], key: str, today: date) -> Path:
    """Write the entry ``key`` into its year's folder; the path.

    Raises ``CatalogError`` with all that ``diffatlas check`` would find in it; then nothing is
    written.
    """
    problem = id_problem(key, "papers")
    if problem:
        raise CatalogError("; ".join((*problem, "nothing was written")))
    root, (complaint, mend) = find_root(Path(catalog))
    if root is None or root != Path(catalog):
        why = complaint or "it is no folder of YAML files"
        raise CatalogError(f"{catalog}: {why}; {mend or 'name the catalog with --catalog'}")
    relative = Path("papers", str(draft.year), f"{key}.yaml")
    path = root / relative
    if path.exists():
        raise CatalogError(f"{path} is there already; choose another id with --id")
    raw = _text(draft, key, today).encode()
    findings = check_draft(root, "papers", relative, raw, today)
    if findings:
        told = "\n".join(f"  {f.code} {f.message}; {f.suggestion or _MEND}" for f in findings)
        raise CatalogError(f"the entry {key} would not be valid; nothing was written:\n{told}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, raw)
    except OSError as error:
        raise CatalogError(f"cannot write {path}: {error.strerror or error}") from error
    return path


class _Flow(list[str]):
    """A list that YAML shows on one line."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True)
)


def _text(draft: Draft, key: str, today: date) -> str:
    known = {
        "title": draft.title,
        "authors": draft.authors,
        "year": draft.year,
        "submitted": draft.submitted,
        "venue": draft.venue,
        "arxiv": draft.arxiv,
        "doi": draft.doi,
        "code": draft.code,
    }
    entity: dict[str, object] = {
        "id": key,
        **{name: value for name, value in known.items() if value},
    }
    if draft.origin != "survey":
        entity["origin"] = draft.origin
    entity |= {facet: _Flow() for facet in ("frameworks", "tasks", "conditions", "datasets")}
    attested = [name for name in entity if name in known and name != "year"]
    record: dict[str, object] = {
        "status": "paper",
        "source": draft.source,
        "facts": _Flow(attested),
    }
    if draft.note:
        record["note"] = draft.note
    entity["added"] = today
    entity["provenance"] = [record]
    dumped = yaml.dump(entity, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    return f"# yaml-language-server: $schema=../../schema/paper.json\n{dumped}"
