"""What the pages say of themselves holds against the catalog and the stored measurements."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from html_reading import Read, read
from roots import bare_root
from tools.pages import generate
from tools.pages.labels import Label
from tools.pages.parts import percent
from tools.pages.peers import RECIPES

from diffatlas.catalog import coverage

REPOSITORY = Path(__file__).resolve().parents[2]
# What only a run of that framework itself may show.
DRAWN = {"ddpm", "ncsn", "sde", "vp-sde", "ve-sde", "sub-vp-sde"}


@pytest.fixture(scope="module")
def made(atlas: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the real catalog with everything that is stored beside it."""
    root = bare_root(tmp_path_factory.mktemp("made") / "root")
    shutil.copytree(REPOSITORY / "docs/measurements", root / "docs/measurements")
    shutil.copytree(
        REPOSITORY / "baselines", root / "baselines", ignore=shutil.ignore_patterns("*.safetensors")
    )
    generate(atlas, root)
    return root / "docs"


@pytest.fixture
def page(made: Path) -> Callable[[str], Read]:
    def open_(path: str) -> Read:
        return read((made / f"{path}.md").read_text(encoding="utf-8"))

    return open_


def words(page: Read) -> str:
    return " ".join(page.text.split())


def test_runs_as_stands_only_where_the_baseline_names_the_framework(
    atlas: Any, page: Callable[[str], Read]
) -> None:
    baselines = atlas.records("baselines").values()
    named = {f for r in baselines for f in (*r["frameworks"], *r["variants"])}
    assert {"ddim", "ddpm"} <= named and "d3pm" not in named
    for key in atlas.records("frameworks"):
        shown = page(f"frameworks/{key}")
        assert ("Runs as" in shown.text) == (key in named), key
        assert ("Nearest baseline" in shown.text) == (key not in named), key
        assert any(link.startswith("../../baselines/") for link in shown.links), key


def test_a_strip_stands_only_where_the_framework_itself_was_trained(
    atlas: Any, page: Callable[[str], Read]
) -> None:
    with_strip = {
        key
        for key in atlas.records("frameworks")
        if any("/strip" in link for link in page(f"frameworks/{key}").links)
    }
    assert with_strip == DRAWN


def test_a_figure_says_which_sampler_drew_it(page: Callable[[str], Read]) -> None:
    how = "by its default multistep sampler, 50 evaluations, not the paper’s own"
    for path in ("index", "frameworks/index", "frameworks/ddpm", "frameworks/ve-sde"):
        assert how in words(page(path)), path
    for path in ("baselines/index", "baselines/ncsn"):
        assert how in words(page(path)), path


def test_who_is_said_to_stand_on_the_surveys_list_does(
    atlas: Any, made: Path, page: Callable[[str], Read]
) -> None:
    papers = atlas.records("papers")
    seen = 0
    for kind in ("limitations", "directions"):
        for key, record in atlas.records(kind).items():
            html = (made / f"{kind}/{key}.md").read_text(encoding="utf-8")
            listed = html.partition('id="addressed_by"')[2].partition("<h2")[0]
            named = re.findall(r"/papers/([^/]+)/", listed)
            on_list = [e["paper"] for e in record["addressed_by"]]
            on_list = [paper for paper in on_list if papers[paper].get("survey_heading")]
            assert named == on_list, key
            assert "in the survey<" not in html and "since<" not in html, key
            seen += len(named)
    assert seen > 100
    told = words(page("coverage/index"))
    count = len(atlas.find("origin:survey"))
    assert f"the {count} papers that the survey or its companion list names" in told


def test_only_what_the_survey_is_known_to_name_is_called_its_own(
    atlas: Any, page: Callable[[str], Read]
) -> None:
    theirs = 0
    for kind in ("limitations", "directions"):
        index = words(page(f"{kind}/index"))
        for key, record in atlas.records(kind).items():
            named = any(
                entry["source"] == "survey" and "name" in entry["facts"]
                for entry in record["provenance"]
            )
            theirs += named
            assert ("Named bythe survey" in words(page(f"{kind}/{key}"))) == named, key
            assert f"{record['name']} {'the survey’s' if named else 'ours'}" in index, key
    assert theirs >= 6
    table = atlas.provenance
    own = (table["source"] == "survey") & ~table["contradicts"].astype(bool)
    count = int((own & (table["status"] == "survey")).sum())
    about = words(page("about/index"))
    assert f"{count} facts of this catalog rest on that abstract, {own.sum() - count} more" in about
    assert "full text was not at hand" in about
    assert "of which the abstract and the companion list" in words(page("index"))


def test_a_share_is_whole_only_if_nothing_is_missing() -> None:
    assert percent(9999, 10000) == "99.9 %" and percent(1, 10000) == "0.1 %"
    assert percent(5, 5) == "100.0 %" and percent(0, 5) == "0.0 %" and percent(0, 0) == "–"
    assert percent(999, 1000, 0) == "99 %" and percent(2, 3, 0) == "67 %"


def test_facts_on_memory_are_counted_where_sources_are_promised(
    atlas: Any, page: Callable[[str], Read]
) -> None:
    standings = coverage.facts(atlas)["standing"]
    own = int((standings == "recall").sum())
    assert own, "say so in another way once nothing rests on memory"
    assert f"{own} of {len(standings):,} facts of papers rest on memory" in words(page("index"))
    shares = re.findall(r"([\d.]+) % of the frameworks", words(page("coverage/index")))
    exact = [coverage.attested(atlas, f"origin:{name}") for name in ("survey", "beyond")]
    assert len(shares) == 2
    for shown, share in zip(shares, exact, strict=True):
        assert (float(shown) == 100) == (share == 1), (shown, share)


def test_the_counts_of_frameworks_add_up(atlas: Any, page: Callable[[str], Read]) -> None:
    records = atlas.records("frameworks")
    tops = {k: r.get("origin", "survey") for k, r in records.items() if not r.get("broader")}
    of = {key: set(atlas.narrower("frameworks", key)) for key in tops}
    three = set().union(*(of[key] for key, origin in tops.items() if origin == "survey"))
    beyond = [key for key, origin in tops.items() if origin == "beyond"]
    more = len(records) - 3 - len(three)
    assert f"3 frameworks, {len(three)} variants, {more} beside them" in words(page("index"))
    index = words(page("frameworks/index"))
    assert f"{len(records)} in all: 3 frameworks, {len(three)} variants" in index
    assert f"{len(beyond)} beyond with {more - len(beyond)} of their own" in index
    assert f"{len(of['ddpm'])} variants" in index
    assert f"here, {len(of['ddpm'])} with their own variants" in words(page("frameworks/ddpm"))
    for path in ("frameworks/index", "about/index", "vocabulary/index"):
        assert "The three ways to turn noise" not in words(page(path)), path


def test_coverage_counts_what_values_state_of_their_protocol(
    atlas: Any, made: Path, page: Callable[[str], Read]
) -> None:
    html = (made / "coverage/index.md").read_text(encoding="utf-8")
    rows = re.findall(r"<tr>(.*?)</tr>", html.partition('id="protocols"')[2].partition("<h2")[0])
    told = {row[0]: row[1:3] for row in (re.findall(r">([^<]+)<", row) for row in rows)}
    table = atlas.results
    for field, name in (
        ("samples", "Number of samples"),
        ("nfe", "Network evaluations (NFE)"),
        ("sampler", "Sampler"),
        ("conditional", "Conditional or not"),
    ):
        values = table[field]
        stated = int((values.notna() & ~values.astype("str").isin(["unknown", "None"])).sum())
        assert told[name] == [str(stated), str(len(table) - stated)], name
    assert "as far as its source states it" in words(page("about/index"))


def test_an_empty_cell_speaks_of_this_catalog_only(page: Callable[[str], Read]) -> None:
    for path in ("matrix/index", "query/index"):
        assert "means only that no paper of this catalog joins the two" in words(page(path))
        assert "open question" not in words(page(path))


def test_the_timeline_puts_no_paper_into_a_quarter_that_is_not_known(
    atlas: Any, made: Path
) -> None:
    html = (made / "timeline/index.md").read_text(encoding="utf-8")
    dots = re.findall(
        r'<a href="../papers/([^/]+)/"(?: class="([^"]*)")?>.*?cx="(\d+)"', html, re.S
    )
    papers = atlas.records("papers")
    assert len(dots) == len(papers)
    pale = {int(x) for key, css, x in dots if "undated" in css}
    columns: dict[str, set[int]] = {}
    for key, css, x in dots:
        paper = papers[key]
        day, year, arxiv = paper.get("submitted"), paper["year"], paper.get("arxiv") or ""
        if "undated" in css:
            assert not day and not arxiv.startswith(f"{year % 100:02d}"), key
        else:
            assert day or arxiv.startswith(f"{year % 100:02d}") or year < 2017, key
            assert int(x) not in pale, key
        if arxiv.startswith("2402"):
            columns.setdefault("day" if day else "id", set()).add(int(x))
    # Dots of a quarter stand side by side: those placed by the id where those of the days are.
    together = columns["id"] | columns["day"]
    assert max(together) - min(together) < 18  # less than a column
    vague = sum("undated" in css for _, css, _ in dots)
    assert 0 < vague < 30 and f"{vague} papers of which the catalog knows only the year" in html
    rows = dict(re.findall(r'class="lane [^>]*>([^<]+)</text>.*?>([\d,]+) papers?<', html))
    assert {"only DDPM", "only NCSN", "only SDE", "several"} <= set(rows)


def test_no_line_joins_distances_of_different_numbers_of_samples(
    page: Callable[[str], Read], made: Path
) -> None:
    results = json.loads((REPOSITORY / "baselines/results/ddpm/results.json").read_text())
    metrics = results["runs"]["cosine-v"]["metrics"]
    html = (made / "baselines/ddpm.md").read_text(encoding="utf-8")
    chart = next(f for f in html.split("<figure") if "of cosine-v against network" in f)
    dots = re.findall(r'<circle( class=few)? cx="([\d.]+)" [^>]*><title>[^<]*N = ([\d,]+)<', chart)
    assert len(dots) == len(metrics)
    number = {(x, bool(few)): int(n.replace(",", "")) for few, x, n in dots}
    most = max(metric["n"] for metric in metrics)
    for few, _, n in dots:
        assert bool(few) == (int(n.replace(",", "")) < most)
    by_x: dict[str, int] = {x: n for (x, _), n in number.items()}
    for path in re.findall(r'class="line[^"]*" d="M([^"]*)"', chart):
        for part in path.split("M"):
            assert len({by_x[point.split()[0]] for point in part.split("L")}) == 1, part
    assert "Filled dots: N = 2,000; rings: N = 1,000" in chart
    # Two points make no chart.
    assert "of linear-eps against network" not in html
    assert "multistep, 50 evaluations, N = 2,000" in html


def test_other_implementations_stand_with_times_recipes_and_the_number_of_runs(
    page: Callable[[str], Read],
) -> None:
    told = words(page("baselines/index"))
    assert "Ours had 30 or 150 CPU seconds, theirs up to 600; each was trained once." in told
    loops = (REPOSITORY / "bench/_peer_loops.py").read_text(encoding="utf-8")
    for name in ("smalldiffusion", "denoising-diffusion-pytorch"):
        recipe = RECIPES[name]
        assert f"{name}: {recipe}" in told
        for number in re.findall(r"[\d.]+e-\d+|\d+", recipe):
            assert number in loops, number


def test_charts_of_results_tell_axes_colours_and_what_they_leave_out(
    atlas: Any, made: Path, page: Callable[[str], Read]
) -> None:
    told = words(page("results/index"))
    assert "Pareto front" not in told and "A dotted edge: read in another work" in told
    assert "DDPM, NCSN, SDE" in told
    table = atlas.results
    own = table[
        (table["dataset"] == "imagenet")
        & (table["resolution"].astype("str") == "256")
        & (table["metric"] == "fid")
    ]
    vague = int((own["conditional"] == "unknown").sum())
    assert vague and f"Left out: {vague} whose source does not say" in told
    html = (made / "results/index.md").read_text(encoding="utf-8")
    charts = re.findall(r"<svg.*?</svg>", html, re.S)
    assert len(charts) >= 3
    for chart in charts:
        assert ">FID</text>" in chart and ">Network evaluations for one sample</text>" in chart
        dots = [
            (float(x), float(y))
            for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', chart)
        ]
        found = re.findall(r'<text class="label( end)?" x="([\d.]+)" y="([\d.]+)">([^<]*)<', chart)
        assert found
        for end, x, y, name in found:
            left, _, right, _ = Label(unescape(name), float(x), float(y), bool(end)).box
            for at, high in dots:
                assert not (left < at < right and float(y) - 9 < high < float(y)), (name, at)
    rows = html.partition('id="contradictions"')[2].partition("</table>")[0]
    for row in re.findall(r"<tr>(.*?)</tr>", rows, re.S)[1:]:
        assert " px, " in row and "NFE" in row and "/metrics/fid/" in row, row
        assert re.search(r'<td><a href="https?://[^"]+"[^>]*>[^<]+</a></td>$', row), row


def test_a_papers_own_values_come_first_and_those_of_one_model_share_a_row(made: Path) -> None:
    html = (made / "papers/ho2020denoising.md").read_text(encoding="utf-8")
    table = html.partition('id="results"')[2].partition("</table>")[0]
    group = next(g for g in table.split("<tbody>") if "datasets/cifar-10/" in g)
    rows = [" ".join(read(row).text.split()) for row in group.split("<tr>")[1:]]
    # All are repeated by others; what others made again says so in its name, and stands later.
    assert all("re-cited by the source" in row for row in rows)
    remade = ["(re-implemented)" in row for row in rows]
    assert any(remade) and not remade[0]
    simple = [row for row in rows if row.startswith("DDPM L_simple")]
    assert len(simple) == 1
    assert all(value in simple[0] for value in ("3.17", "9.46", "≤ 3.75"))


def test_records_that_say_the_same_share_a_row_with_all_their_sources(
    atlas: Any, made: Path
) -> None:
    record = atlas.records("papers")["ho2020denoising"]
    alone = [e["source"] for e in record["provenance"] if e["facts"] == ["arxiv"]]
    assert len(alone) > 1
    html = (made / "papers" / "ho2020denoising.md").read_text(encoding="utf-8")
    (row,) = re.findall(r'<tr data-f="arxiv">.*?</tr>', html, re.S)
    for source in alone:
        assert f'href="{atlas.records("sources")[source]["url"]}"' in row
    rows = re.findall(r"<tr data-f=.*?</tr>", html, re.S)
    assert len(rows) < len(record["provenance"])
