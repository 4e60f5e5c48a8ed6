"""The explorer with 10,000 made-up papers: ``python -m bench.explorer --out FILE``.

The built site (``make site``) is served on this machine and opened in Debian's Chromium; the
explorer's data are replaced by those of a catalog of the wanted size. Filtering to painting is
from submitting a filter until the second frame after it; computing is the engine alone, in node,
each filter once and on a fresh engine.
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
from typing import Any

from tools.pages.explorer import FILES, address

import diffatlas
from bench._report import Row, options, report, row
from bench._synthetic import FACET_SIZES, tables
from bench.lighthouse import FLAGS, SITE, _Handler, serving
from diffatlas.catalog import compiled

PAPERS, FILTERS, VISITS = 10_000, 60, 15
QUIET = 1000  # milliseconds
JS = SITE / "assets" / "js" / "explorer"
INTERACTIVE, PAINT, COMPUTE = 300, 80, 8  # milliseconds
SCRIPTS, DATA = 15_000, 30_000  # bytes: in all, and of 1,000 papers

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
  const began = performance.now();
  input.value = filter;
  input.form.requestSubmit();
  await frame();
  await frame();
  return performance.now() - began;
}
"""
COMPUTING = """
import { readFileSync } from "node:fs";
import { Engine } from "%s";
const text = readFileSync(process.argv[2], "utf8");
const engine = new Engine(JSON.parse(text));
const times = [];
for (const filter of JSON.parse(process.argv[3])) {
  engine.masks.clear();
  const began = performance.now();
  engine.rows(filter);
  times.push(performance.now() - began);
}
console.log(JSON.stringify(times));
"""


def filters(atlas: Any, seed: int = 0) -> list[str]:
    """Filters of one to three terms, as facets make them: what needs no second file."""
    rng = random.Random(seed)

    def term() -> str:
        kind = rng.choice([*FACET_SIZES, "year", "has", "origin"])
        if kind in FACET_SIZES:
            own = rng.sample(list(atlas.records(kind)), rng.choice([1, 1, 2]))
            return f"{rng.choice(['', '', '-'])}{kind.removesuffix('s')}:{','.join(own)}"
        year = rng.randint(2019, 2025)
        return {"year": f"year:{year}..", "has": "has:code", "origin": "origin:survey"}[kind]

    return [" ".join(term() for _ in range(rng.randint(1, 3))) for _ in range(FILTERS)]


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def painting(chosen: list[str], files: dict[str, str]) -> tuple[float, list[float], list[str]]:
    """Milliseconds until it answers, those from each filter to its picture, and its scripts."""
    from playwright.sync_api import expect, sync_playwright

    for path, text in files.items():
        _Handler.replaced[path] = text.encode()
    with serving() as address, sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS.split()[1:]
        )
        ready: list[float] = []
        loaded: list[str] = []
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
            loaded = [path for path in _Handler.served if "/js/explorer/" in path]
            page.close()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}explore/")
        expect(page.get_by_role("status")).to_contain_text("papers of", timeout=20_000)
        times = [float(page.evaluate(SUBMIT, one)) for one in chosen]
        browser.close()
    return statistics.median(ready), times, loaded


def computing(chosen: list[str], first_file: str) -> list[float]:
    """Milliseconds that the engine takes for each filter."""
    with tempfile.TemporaryDirectory(prefix="explorer-") as folder:
        data, script = Path(folder) / "columns.json", Path(folder) / "run.mjs"
        data.write_text(first_file, encoding="utf-8")
        script.write_text(COMPUTING % (JS / "engine.js").as_uri(), encoding="utf-8")
        done = subprocess.run(
            ["node", str(script), str(data), json.dumps(chosen)],
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
        made = {name: make(atlas) for name, make in FILES.items()}
        chosen = filters(atlas)
    files = {address(name): compact(part) for name, part in made.items()}
    took = computing(chosen, files[address("columns")])
    ready, painted, scripts = painting(chosen, files)
    own = {name: (SITE / address(name)).read_bytes() for name in ("columns", "names")}
    papers = len(json.loads(own["names"])["id"])
    first, rest = (round(packed(own[name]) / papers * 1000) for name in ("columns", "names"))
    script = sum(packed((JS / Path(path).name).read_bytes()) for path in scripts)
    many = f"{PAPERS:,} papers"
    return [
        row(
            f"{many}: first visit to the first answer, median of {VISITS}",
            ready,
            "ms",
            most=INTERACTIVE,
        ),
        row(f"{many}: filter to paint, p95 of {FILTERS}", p95(painted), "ms", most=PAINT),
        row(f"{many}: filter to paint, median", statistics.median(painted), "ms"),
        row(f"{many}: the engine alone, p95 of {FILTERS}", p95(took), "ms", most=COMPUTE),
        row(f"scripts of the table view, {len(scripts)} files, gzip", script, "B", most=SCRIPTS),
        row("data to filter by, per 1,000 papers of the catalog, gzip", first, "B", most=DATA),
        row("their titles and names, which come afterwards, gzip", rest, "B"),
    ]


def main() -> int:
    out = options(__doc__).parse_args().out
    report(f"The explorer with {PAPERS:,} made-up papers in Chromium", measure(), out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
