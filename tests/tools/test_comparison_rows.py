"""The comparison's rows are the same in Python and on the page, whose script runs here in node."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

from tools.pages.comparison import about, numbers
from tools.pages.site import Site

from diffatlas.catalog.reported import speaking

REPOSITORY = Path(__file__).resolve().parents[2]
ROWS = REPOSITORY / "docs" / "assets" / "js" / "compare" / "rows.js"

NUMBERS = ROWS.with_name("numbers.js")

SCRIPT = """
import {{ readFileSync }} from "node:fs";
import {{ compare }} from "{rows}";
const asked = JSON.parse(readFileSync("{asked}", "utf8"));
console.log(JSON.stringify(asked.map(({{ records, order }}) => compare(records, order))));
"""

SPEAKING = """
import {{ readFileSync }} from "node:fs";
import {{ speaking }} from "{numbers}";
const [values, groups] = JSON.parse(readFileSync("{asked}", "utf8"));
const told = (ids) => speaking(values, "frameworks", ids).map((own) => [...own]);
console.log(JSON.stringify(groups.map(told)));
"""


def test_the_page_compares_as_the_library_does(atlas: Any, node: str, tmp_path: Path) -> None:
    kinds = about(Site(atlas, REPOSITORY))["kinds"]
    draw = random.Random(0)
    groups = []
    for kind, known in kinds.items():
        ids = list(atlas.records(kind))
        for _ in range(60 if kind in ("papers", "frameworks") else 12):
            chosen = draw.sample(ids, min(len(ids), draw.randint(2, 4)))
            groups.append((kind, known["fields"], chosen))
    asked = [
        {"records": [atlas.records(kind)[own] for own in ids], "order": order}
        for kind, order, ids in groups
    ]
    (tmp_path / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type":"module"}')
    script = tmp_path / "ask.mjs"
    script.write_text(SCRIPT.format(rows=ROWS.as_uri(), asked=tmp_path / "asked.json"))
    done = subprocess.run([node, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for (kind, _, ids), rows in zip(groups, json.loads(done.stdout), strict=True):
        frame = atlas.compare(*ids, kind=kind)
        assert [row["field"] for row in rows] == list(frame.index), (kind, ids)
        assert [row["differs"] for row in rows] == list(frame["differs"]), (kind, ids)
        for at, own in enumerate(ids):
            assert [row["cells"][at] for row in rows] == list(frame[own]), (kind, own)


def test_no_reported_value_is_lost_or_changes_its_protocol(atlas: Any) -> None:
    written = numbers(Site(atlas, REPOSITORY))
    rows = [row for protocol in written["protocols"] for row in protocol["rows"]]
    assert len(rows) == len(atlas.results)
    labels = [protocol["label"] for protocol in written["protocols"]]
    assert len(set(labels)) == len(labels)


def test_a_value_counts_for_the_framework_that_its_paper_is_about_alone(
    atlas: Any,
) -> None:
    found = speaking(atlas, "ddpm", "ncsn", "sde")
    papers = atlas.records("papers")
    vocabulary = atlas.vocabulary("frameworks")
    for own, listed in found.items():
        for paper in listed:
            assert set(papers[paper]["frameworks"]) <= {own, *vocabulary.narrower(own)}
    assert not {paper for listed in found.values() for paper in listed} & {"karras2022elucidating"}
    assert "song2020score" in found["sde"] and "song2020score" not in found["ncsn"]
    # A kind beside what it is a kind of: the paper is the kind's.
    found = speaking(atlas, "ddpm", "ddim")
    assert "song2020denoising" in found["ddim"] and "song2020denoising" not in found["ddpm"]


def test_the_page_lets_the_same_papers_speak(atlas: Any, node: str, tmp_path: Path) -> None:
    written = numbers(Site(atlas, REPOSITORY))
    known = list(atlas.records("frameworks"))
    told = [own for own in known if speaking(atlas, own)[own]]
    draw = random.Random(0)
    groups = [draw.sample(told, draw.randint(2, 4)) for _ in range(80)]
    groups += [draw.sample(known, 4) for _ in range(40)]
    (tmp_path / "asked.json").write_text(json.dumps([written, groups]), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type":"module"}')
    script = tmp_path / "ask.mjs"
    script.write_text(SPEAKING.format(numbers=NUMBERS.as_uri(), asked=tmp_path / "asked.json"))
    done = subprocess.run([node, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for ids, sets in zip(groups, json.loads(done.stdout), strict=True):
        wanted = speaking(atlas, *ids)
        for own, places in zip(ids, sets, strict=True):
            assert sorted(written["papers"][at] for at in places) == sorted(wanted[own]), ids
