"""The explorer with 10,000 made-up papers: ``python -m bench.explorer --out FILE``.

The built site (``make site``) is served on this machine and opened in Debian's Chromium; the
explorer's data are replaced by those of a catalog of the wanted size. Filtering to painting is
from submitting a filter until the picture with the new count has been painted. Filters name terms,
years, words, titles and authors. The first that searches texts fetches and indexes them and has a
row of its own; the others find them there. Computing is the engine alone, in node, which has read
and indexed everything and has no answer left from an earlier filter.
"""

from __future__ import annotations

import gzip
import json
import random
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tools.pages.explorer import FILES, address

import diffatlas
from bench._report import Row, options, report, row
from bench._synthetic import FACET_SIZES, tables
from bench.lighthouse import FLAGS, PREFIX, SITE, _Handler, serving
from diffatlas.catalog import compiled
from diffatlas.catalog.filters import quote
from diffatlas.catalog.people import person

PAPERS, FILTERS, VISITS = 10_000, 60, 15
QUIET = 1000  # milliseconds
JS = Path("assets/js/explorer")
INTERACTIVE, PAINT, COMPUTE = 300, 80, 8  # milliseconds
SCRIPTS, DATA = 15_000, 30_000  # bytes: in all, and of 1,000 papers
LATER = {
    "names": "titles and names of all papers, once a pointer or key is used in the explorer",
    "texts": "texts, for searches, exports and opened rows",
    "relations": "relations, for their graph",
}

WATCH = """
addEventListener("DOMContentLoaded", () => {
  const look = () => /papers of/.test(document.querySelector("[role=status]")?.textContent ?? "")
    && (window.ready ??= performance.now());
  new MutationObserver(look).observe(document.documentElement, { subtree: true, childList: true });
});
"""
SUBMIT = """
async (filter) => {
  const frame = () => new Promise(requestAnimationFrame);
  const input = document.querySelector("#explorer-filter");
  await frame();
  const told = new Promise((done, failed) => {
    new MutationObserver(done).observe(document.querySelector(".found"), { childList: true });
    setTimeout(() => failed(new Error(`no answer to ${filter}`)), 20_000);
  });
  const began = performance.now();
  input.value = filter;
  input.form.requestSubmit();
  await told; // the count, which is written after the papers, even where it is the same
  await frame();
  await new Promise((done) => setTimeout(done)); // what waits for a frame runs before its painting
  return performance.now() - began;
}
"""
COMPUTING = """
import { readFileSync } from "node:fs";
import { Engine } from "%s";
const read = (name) => JSON.parse(readFileSync(`${process.argv[2]}/${name}.json`, "utf8"));
const engine = new Engine(read("columns"));
for (const name of ["names", "texts"]) engine.add(name, read(name));
const [first, filters] = JSON.parse(process.argv[3]);
for (const filter of first) engine.rows(filter);
const times = [];
for (const filter of filters) {
  engine.masks.clear();
  const began = performance.now();
  engine.rows(filter);
  times.push(performance.now() - began);
}
console.log(JSON.stringify(times));
"""
# What fetches the texts and indexes them, each field once.
FIRST = ("score", "title:score", "author:song")


def filters(atlas: Any, seed: int = 0) -> list[str]:
    """Filters of one to three terms, as facets make them and as people type them."""
    rng = random.Random(seed)
    papers = list(atlas.records("papers").values())

    def term() -> str:
        kind = rng.choice([*FACET_SIZES, "year", "has", "origin", "words", "title", "author"])
        if kind in FACET_SIZES:
            own = rng.sample(list(atlas.records(kind)), rng.choice([1, 1, 2]))
            return f"{rng.choice(['', '', '-'])}{kind.removesuffix('s')}:{','.join(own)}"
        paper, year = rng.choice(papers), rng.randint(2019, 2025)
        words = paper["title"].split()[: rng.choice([1, 1, 2])]
        return {
            "year": f"year:{year}..",
            "has": "has:code",
            "origin": "origin:survey",
            "words": quote(" ".join(words)),
            "title": f"title:{quote(' '.join(words))}",
            "author": f"author:{quote(person(paper['authors'][0]).family)}",
        }[kind]

    return [" ".join(term() for _ in range(rng.randint(1, 3))) for _ in range(FILTERS)]


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


class Seen(NamedTuple):
    """What a browser showed, in milliseconds."""

    ready: float
    first: float
    painted: list[float]
    asked: list[Path]  # files of the explorer, below the site, that a visit without a click needs


def painting(chosen: list[str], files: dict[str, str]) -> Seen:
    """Visit the explorer and submit each filter."""
    from playwright.sync_api import expect, sync_playwright

    for path, text in files.items():
        _Handler.replaced[path] = text.encode()
    with serving() as address, sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS.split()[1:]
        )
        ready: list[float] = []
        asked: list[Path] = []
        for _ in range(VISITS):
            _Handler.served.clear()
            page = browser.new_page(viewport={"width": 1280, "height": 900})  # a cache of its own
            page.add_init_script(WATCH)
            page.wait_for_timeout(QUIET / 2)
            page.goto(f"{address}explore/")
            # Nothing asks meanwhile, and no earlier visit is still at work.
            page.wait_for_timeout(QUIET)
            expect(page.get_by_role("status")).to_contain_text("papers of", timeout=20_000)
            ready.append(float(page.evaluate("window.ready")))
            asked = [Path(path.removeprefix(PREFIX)) for path in _Handler.served]
            page.close()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}explore/")
        expect(page.get_by_role("status")).to_contain_text("papers of", timeout=20_000)
        first, *_ = [float(page.evaluate(SUBMIT, one)) for one in FIRST]
        times = [float(page.evaluate(SUBMIT, one)) for one in chosen]
        browser.close()
    own = [path for path in asked if path.is_relative_to(JS) or str(path) in files]
    return Seen(statistics.median(ready), first, times, own)


def computing(chosen: list[str], files: dict[str, str]) -> list[float]:
    """Milliseconds that the engine takes for each filter."""
    with tempfile.TemporaryDirectory(prefix="explorer-") as folder:
        script = Path(folder) / "run.mjs"
        for name, content in files.items():
            (Path(folder) / f"{name}.json").write_text(content, encoding="utf-8")
        engine = SITE / JS / "engine.js"
        script.write_text(COMPUTING % engine.as_uri(), encoding="utf-8")
        done = subprocess.run(
            ["node", str(script), folder, json.dumps([FIRST, chosen])],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"the engine stopped:\n{done.stderr}")
    return list(json.loads(done.stdout))


def compact(value: object) -> str:
    """As the generator writes the explorer's files."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def packed(text: bytes) -> int:
    return len(gzip.compress(text, 9))


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="explorer-") as folder:
        compiled.write(tables(PAPERS), Path(folder))
        atlas = diffatlas.load(folder)
        made = {name: compact(make(atlas)) for name, make in FILES.items()}
        chosen = filters(atlas)
    took = computing(chosen, made)
    seen = painting(chosen, {address(name): text for name, text in made.items()})
    many = f"{PAPERS:,} papers"
    ready = f"{many}: first visit to the first answer, median of {VISITS}"
    fetching = f"{many}: the first filter that searches texts, which fetches them, to paint"
    return [
        row(ready, seen.ready, "ms", most=INTERACTIVE),
        row(f"{many}: filter to paint, p95 of {FILTERS}", p95(seen.painted), "ms", most=PAINT),
        row(f"{many}: filter to paint, median", statistics.median(seen.painted), "ms"),
        row(fetching, seen.first, "ms"),
        row(f"{many}: the engine alone, p95 of {FILTERS}", p95(took), "ms", most=COMPUTE),
        *sizes(seen.asked),
    ]


def sizes(asked: list[Path]) -> list[Row]:
    """What is sent, compressed: scripts, and data per 1,000 papers of the real catalog."""
    papers = len(diffatlas.load().papers)

    def sent(paths: list[Path]) -> int:
        return sum(packed((SITE / path).read_bytes()) for path in paths)

    def data(paths: list[Path]) -> int:
        return round(sent(paths) / papers * 1000)

    scripts = [path for path in asked if path.suffix == ".js"]
    graph = [JS / "graph.js", JS / "dom.js"]
    first = [path for path in asked if path.suffix == ".json"]
    by = "per 1,000 papers of the catalog, gzip"
    return [
        row(
            "scripts, with every view but the relation graph, gzip",
            sent(scripts),
            "B",
            most=SCRIPTS,
        ),
        row("scripts of the relation graph, gzip", sent(graph), "B"),
        row(f"data of a first visit, {by}", data(first), "B", most=DATA),
        *(
            row(f"{what}, {by}", data([Path(address(name))]), "B")
            for name, what in LATER.items()
            if Path(address(name)) not in first
        ),
    ]


def main() -> int:
    out = options(__doc__).parse_args().out
    report(f"The explorer with {PAPERS:,} made-up papers in Chromium", measure(), out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
