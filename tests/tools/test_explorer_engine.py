"""One filter language, three faces: the explorer's engine finds what the library finds.

The engine runs in node, as the same modules that the page loads, and knows no more than the files
that it said a filter needs. Filters are drawn from the
catalog's own terms and from whatever people may type.
"""

from __future__ import annotations

import io
import json
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tools.pages.explorer import FILES

from diffatlas.catalog.coverage import STANDINGS
from diffatlas.catalog.filters import FACETS, HAS, quote
from diffatlas.cli import main
from diffatlas.errors import FilterError

REPOSITORY = Path(__file__).resolve().parents[2]
ENGINE = REPOSITORY / "docs" / "assets" / "js" / "explorer" / "engine.js"

# Answers a line of JSON (a filter, perhaps two fields to count by) with a line of JSON (the ids,
# the counts, or the error's message).
SCRIPT = """
import {{ createInterface }} from "node:readline";
import {{ readFileSync }} from "node:fs";
import {{ Engine }} from "{engine}";
import {{ FilterError }} from "{filters}";
import {{ crosstab }} from "{pivot}";
const read = (file) => JSON.parse(readFileSync(`{folder}/${{file}}.json`, "utf8"));
const fresh = () => new Engine(read("columns"));
const [all, files] = [fresh(), ["names", "texts"]];
for (const file of files) all.add(file, read(file));
// Engines that know only what filters asked for, by the files that they have.
const engines = new Map([["", fresh()]]);
function knowing(filter) {{
  const needed = engines.get("").needs(filter);
  const key = needed.join();
  if (!engines.has(key)) {{
    engines.set(key, fresh());
    for (const file of needed) engines.get(key).add(file, read(file));
  }}
  return engines.get(key);
}}
for await (const line of createInterface({{ input: process.stdin }})) {{
  let answer;
  try {{
    const [filter, ...axes] = JSON.parse(line);
    const engine = knowing(filter);
    const rows = engine.rows(filter);
    answer = axes.length ? crosstab(engine, ...axes, rows) : rows.map((row) => all.data.id[row]);
  }} catch (error) {{
    if (!(error instanceof FilterError)) throw error;
    answer = {{ error: error.message }};
  }}
  console.log(JSON.stringify(answer));
}}
"""


@pytest.fixture(scope="session")
def ask(atlas: Any, node: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function from a filter to the ids that the engine finds, or to an error's message."""
    folder = tmp_path_factory.mktemp("engine")
    for name, made in FILES.items():
        (folder / f"{name}.json").write_text(json.dumps(made(atlas)), encoding="utf-8")
    (folder / "package.json").write_text('{"type":"module"}')
    script = folder / "ask.mjs"
    script.write_text(
        SCRIPT.format(
            engine=ENGINE.as_uri(),
            filters=(ENGINE.parent / "filters.js").as_uri(),
            pivot=(ENGINE.parent / "pivot.js").as_uri(),
            folder=folder.as_posix(),
        )
    )
    with subprocess.Popen(
        [node, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None

        def answer(text: str, *axes: str) -> Any:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps([text, *axes]) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, "the engine stopped"
            return json.loads(line)

        yield answer
        process.stdin.close()


def filters_of(atlas: Any) -> st.SearchStrategy[str]:
    """Filters as people write them: terms by id, name or alias, ranges, phrases, negations."""
    papers = list(atlas.records("papers").values())
    words = sorted({w for p in papers for w in (p["title"] + " " + p.get("summary", "")).split()})
    spellings = {
        facet: sorted(
            {
                spelling
                for own, record in atlas.records(facet).items()
                for spelling in (own, record["name"], *(record.get("aliases") or ()))
            }
        )
        for facet in FACETS
    }
    days = sorted({p["submitted"] for p in papers if p.get("submitted")})
    years = st.integers(2013, 2027)

    def spans(points: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        both = st.tuples(points, points).map(lambda ab: f"{min(ab)}..{max(ab)}")
        return st.one_of(points, points.map("{}..".format), points.map("..{}".format), both)

    facet = st.sampled_from(FACETS).flatmap(
        lambda f: st.lists(st.sampled_from(spellings[f]).map(quote), min_size=1, max_size=3).map(
            lambda values: f"{f.removesuffix('s')}:{','.join(values)}"
        )
    )
    day = st.sampled_from(days).flatmap(lambda d: st.sampled_from([d, d[:7], d[:4]]))
    free = st.lists(st.sampled_from(words), min_size=1, max_size=2).map(" ".join).map(quote)
    author = st.sampled_from(sorted({a for p in papers for a in p["authors"]}))
    term = st.one_of(
        facet,
        spans(years.map(str)).map("year:{}".format),
        spans(day).map("submitted:{}".format),
        st.sampled_from(HAS).map("has:{}".format),
        st.sampled_from(["survey", "beyond"]).map("origin:{}".format),
        st.sampled_from(STANDINGS).map("provenance:{}".format),
        author.map(lambda name: f"author:{quote(name.split()[-1])}"),
        st.sampled_from(["CVPR", "neurips 2022", "ICLR", "arXiv"]).map(
            lambda venue: f"venue:{quote(venue)}"
        ),
        st.sampled_from([p["arxiv"] for p in papers if p.get("arxiv")]).map("arxiv:{:.6}".format),
        st.sampled_from([p["id"] for p in papers]).map("id:{}".format),
        free,
        free.map("title:{}".format),
    )
    signed = st.tuples(st.sampled_from(["", "", "-"]), term).map("".join)
    return st.lists(signed, max_size=3).map(" ".join)


def expected(atlas: Any, text: str) -> Any:
    try:
        return list(atlas.find(text)["id"])
    except FilterError:
        return None


LENIENT = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


def test_the_engine_finds_what_the_library_finds(atlas: Any, ask: Any) -> None:
    @settings(max_examples=300, deadline=None, suppress_health_check=LENIENT, derandomize=True)
    @given(filters_of(atlas))
    def run(text: str) -> None:
        wanted, found = expected(atlas, text), ask(text)
        assert wanted == (None if isinstance(found, dict) else found), (text, found)

    run()


def test_the_command_finds_what_the_library_and_the_engine_find(
    atlas: Any, ask: Any, compiled_catalog: Path
) -> None:
    @settings(max_examples=200, deadline=None, suppress_health_check=LENIENT, derandomize=True)
    @given(filters_of(atlas))
    def run(text: str) -> None:
        told, complaint = io.StringIO(), io.StringIO()
        with redirect_stdout(told), redirect_stderr(complaint):
            status = main(["find", "-f", "ids", "--catalog", str(compiled_catalog), "--", text])
        found = ask(text)
        if isinstance(found, dict):
            assert status == 2 and complaint.getvalue(), text
        else:
            assert status == 0 and told.getvalue().split() == found, text
        assert expected(atlas, text) == (None if status else found), text

    run()


def test_whatever_is_typed_is_understood_by_both_or_by_neither(atlas: Any, ask: Any) -> None:
    pieces = st.sampled_from(
        [
            "framework:",
            "task:",
            "year:",
            "has:",
            "-",
            '"',
            ",",
            " ",
            "..",
            ":",
            "\\",
            "ddpm",
            "2021",
        ]
        + [
            "inpainting",
            "é",
            "ß",
            "İ",
            "\u00a0",
            "\x1f",
            "\ufeff",
            "ﬁ",
            "²",
            "x_y",
            "id:",
            "arxiv:",
            "date:",
        ]
    )

    @settings(max_examples=400, deadline=None, suppress_health_check=LENIENT, derandomize=True)
    @given(st.one_of(st.lists(pieces, max_size=8).map("".join), st.text(max_size=12)))
    def run(text: str) -> None:
        text = text.encode("utf-8", "ignore").decode()  # JSON carries no half of a pair
        wanted, found = expected(atlas, text), ask(text)
        assert wanted == (None if isinstance(found, dict) else found), (text, found)

    run()


@pytest.mark.parametrize(
    "text",
    [
        "score\ufeffmatching",
        "\ufeff",
        "\ufeffddpm",
        "year:\ufeff2021",
        "framework:ddpm\ufeff",
        "\ufeffyear:2021",
    ],
)
def test_the_mark_of_byte_order_is_no_space(atlas: Any, ask: Any, text: str) -> None:
    found = ask(text)
    assert expected(atlas, text) == (None if isinstance(found, dict) else found)


@pytest.mark.parametrize("version", ["v2", "v²", "v٣", "v", "v2v"])
def test_what_is_no_version_is_none_for_both(atlas: Any, ask: Any, version: str) -> None:
    text = f"arxiv:2006.11239{version}"
    assert ask(text) == expected(atlas, text)


def test_the_matrix_counts_what_the_library_counts(atlas: Any, ask: Any) -> None:
    fields = st.sampled_from([*(facet for facet in FACETS), "year", "origin"])

    @settings(max_examples=60, deadline=None, suppress_health_check=LENIENT, derandomize=True)
    @given(filters_of(atlas), fields, fields)
    def run(text: str, a: str, b: str) -> None:
        if expected(atlas, text) is None:
            return
        wanted, found = atlas.crosstab(a, b, text, rollup=True), ask(text, a, b)
        counts = {
            (one["value"], other["value"]): count
            for one, row in zip(found["down"], found["counts"], strict=True)
            for other, count in zip(found["across"], row, strict=True)
        }
        for (one, other), count in wanted.stack().items():
            assert counts.pop((str(one), str(other))) == count, (text, a, b, one, other)
        # Only an origin that no paper of the selection has is no label of the library's.
        assert not any(counts.values()) and (not counts or "origin" in (a, b)), (text, a, b)

    run()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("task:inpaintin", "did you mean inpainting"),
        ("framwork:ddpm", "did you mean framework"),
        ("year:20", "is not a year"),
        ("has:codes", "did you mean code"),
        ('"open', "never closed"),
        ("origin:here", "survey or beyond"),
        ("provenance:memory", "it may be paper repository"),
        ("provenance:recal", "did you mean recall"),
    ],
)
def test_errors_say_how_to_mend(ask: Any, text: str, says: str) -> None:
    assert says in ask(text)["error"]
