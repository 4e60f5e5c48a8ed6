"""The guided choice ranks alike in Python and on the page, whose script runs here in node."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tools.pages.choose import data
from tools.pages.site import Site

from diffatlas.catalog.choosing import answered, guide, rank
from diffatlas.errors import UnknownEntity

REPOSITORY = Path(__file__).resolve().parents[2]
RANK = REPOSITORY / "docs" / "assets" / "js" / "choose" / "rank.js"

# Ranks the candidates for each of many answers; addresses go through the page's own reading.
SCRIPT = """
import {{ readFileSync }} from "node:fs";
import {{ parse, rank }} from "{rank}";
const {{ guide, searches }} = JSON.parse(readFileSync("{asked}", "utf8"));
const found = searches.map((search) => {{
  const {{ answers, unknown }} = parse(guide.questions, search);
  return {{ answers, unknown, ranked: rank(guide.candidates, answers) }};
}});
console.log(JSON.stringify(found));
"""


def in_node(node: str, folder: Path, known: Any, searches: list[str]) -> list[dict[str, Any]]:
    asked = folder / "asked.json"
    asked.write_text(json.dumps({"guide": known, "searches": searches}), encoding="utf-8")
    (folder / "package.json").write_text('{"type":"module"}')
    script = folder / "ask.mjs"
    script.write_text(SCRIPT.format(rank=RANK.as_uri(), asked=asked))
    done = subprocess.run([node, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: list[dict[str, Any]] = json.loads(done.stdout)
    return answer


def test_the_page_ranks_as_the_library_does(atlas: Any, node: str, tmp_path: Path) -> None:
    known = guide(atlas)
    options = {q["id"]: [o["id"] for o in q["options"]] for q in known["questions"]}
    draw = random.Random(0)
    drawn = []
    for _ in range(400):
        names = draw.sample(list(options), draw.randint(0, len(options)))
        drawn.append({name: draw.choice(options[name]) for name in names})
    searches = ["?" + "&".join(f"{q}={o}" for q, o in answers.items()) for answers in drawn]
    for answers, found in zip(drawn, in_node(node, tmp_path, known, searches), strict=True):
        assert found["answers"] == answers and found["unknown"] == []
        assert found["ranked"] == rank(known["candidates"], answers), answers


def test_an_address_takes_what_the_library_takes(atlas: Any, node: str, tmp_path: Path) -> None:
    """Numbers, capitals, terms and their aliases; and neither takes what the other does not."""
    typed: dict[str, set[str]] = {}
    for own, question in atlas.records("questions").items():
        values = {
            "",
            " ",
            "0",
            "1",
            "10",
            "64",
            "65",
            "1000",
            "9" * 30,
            "-1",
            "1.5",
            "٣",
            "knitting",
        }
        for option in question["options"]:
            values |= {option["id"], option["label"], *(option.get("aliases") or ())}
        for record in atlas.records(question.get("vocabulary") or "questions").values():
            values |= {record["id"], record["name"], *(record.get("aliases") or ())}
        values |= {value.replace("-", " ") for value in values}
        typed[own] = values | {v.upper() for v in values} | {f" {v.title()}\x1f" for v in values}
    asked = [(own, value) for own, values in typed.items() for value in sorted(values) if value]
    known = data(Site(atlas, REPOSITORY), guide(atlas))
    searches = [f"?{urlencode({own: value})}" for own, value in asked]
    for (own, value), found in zip(asked, in_node(node, tmp_path, known, searches), strict=True):
        try:
            wanted = answered(atlas, {own: value})
        except UnknownEntity:
            wanted = {}
        assert found["answers"] == wanted, (own, value)
        assert len(found["unknown"]) == (not wanted)
    for search, option in (("nfe=10", "tens"), ("task=Inpainting", "restoration")):
        assert in_node(node, tmp_path, known, [search])[0]["answers"] == {
            search.split("=")[0]: option
        }


def test_what_an_address_asks_in_vain_is_told(atlas: Any, node: str, tmp_path: Path) -> None:
    search = "?task=knitting&colour=red&nfe=few&constructor=1&likelihood="
    (found,) = in_node(node, tmp_path, guide(atlas), [search])
    assert found["answers"] == {"nfe": "few"}
    assert found["unknown"] == [
        "task: no option is called “knitting”",
        "there is no question “colour”",
        "there is no question “constructor”",
    ]


def test_every_reason_leads_to_a_named_page(atlas: Any) -> None:
    site = Site(atlas, REPOSITORY)
    known = data(site, guide(atlas))
    for candidate in known["candidates"]:
        for rule in candidate["rules"]:
            for source in rule["sources"]:
                kind, _, own = source.partition("/")
                assert own in site.records[kind], source
                assert known["sources"][source] not in ("", own), source
