"""A folder of YAML of any size, made up, that passes the check; papers as long as real ones."""

from __future__ import annotations

import random
from pathlib import Path

from diffatlas.catalog.models import KINDS, singular
from diffatlas.catalog.rules.formatting import schema_line

TERMS = {"frameworks": 40, "tasks": 60, "conditions": 30, "datasets": 100, "architectures": 20}
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def write(folder: Path, papers: int, seed: int = 0) -> None:
    """Write ``papers`` papers and a vocabulary for them below ``folder``."""
    rng = random.Random(seed)
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
    head = schema_line("sources")
    source = f"{head}\nid: companion\nname: A list\nurl: https://github.com/someone/list\n"
    (folder / "sources" / "companion.yaml").write_text(source)
    for kind, number in TERMS.items():
        for at in range(number):
            _write_term(folder, kind, at)
    for at in range(papers):
        _write_paper(folder, at, rng)


def _write_term(folder: Path, kind: str, at: int) -> None:
    name = f"{singular(kind)}-{at}"
    text = (
        f"{schema_line(kind)}\nid: {name}\nname: The {singular(kind)} {at}\n"
        "summary: What it is, in one plain sentence of ordinary length.\n"
        "definition: |\n  What it is in some more words, and with $x_t = \\alpha_t x_0$ in it.\n"
        "papers: [author2015word0]\n"
    )
    (folder / kind / f"{name}.yaml").write_text(text)


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4)))


def _write_paper(folder: Path, at: int, rng: random.Random) -> None:
    year, month = 2015 + at % 9, 1 + at % 12
    name = f"author{year}word{at}"
    arxiv = f"{year % 100:02}{month:02}.{at:05}"
    facets = {
        kind: [f"{singular(kind)}-{term}" for term in rng.sample(range(TERMS[kind]), k=3)]
        for kind in TERMS
    }
    authors = "".join(f"- {_word(rng).title()} {_word(rng).title()}\n" for _ in range(5))
    lists = "".join(f"{kind}: [{', '.join(terms)}]\n" for kind, terms in facets.items())
    facts = [f"{kind}.{term}" for kind, terms in facets.items() for term in terms]
    text = (
        f"{schema_line('papers')}\nid: {name}\n"
        f"title: {' '.join(_word(rng) for _ in range(9)).capitalize()}\nauthors:\n{authors}"
        f"year: {year}\nsubmitted: {year}-{month:02}-{1 + at % 28:02}\nvenue: NeurIPS {year}\n"
        f"arxiv: '{arxiv}'\nurl: https://arxiv.org/abs/{arxiv}\n"
        f"code:\n- https://github.com/someone/{name}\nsurvey_heading:\n- Image Generation\n"
        f"in_table1: true\n{lists}"
        f"summary: {' '.join(_word(rng) for _ in range(30)).capitalize()}.\n"
        "provenance:\n- status: list\n  source: companion\n"
        "  facts: [title, authors, submitted, arxiv, venue, survey_heading, in_table1]\n"
        f"- status: repository\n  source: github:someone/{name}\n"
        f"  facts: [code, {', '.join(facts[:8])}]\n"
        f"- status: paper\n  source: arxiv:{arxiv}\n  facts: [{', '.join(facts[8:])}]\n"
        "  note: text of the paper, read in a stored copy\n"
    )
    path = folder / "papers" / str(year) / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
