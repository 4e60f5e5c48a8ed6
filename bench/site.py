"""How long the site takes, and how heavy its pages are: ``python -m bench.site --out FILE``.

The catalog is compiled, its papers are repeated under new ids and titles until there are 1,000,
pages are generated and built strictly in a temporary folder. Sizes are those of today's catalog,
compressed as a server does (gzip, level 6).
"""

from __future__ import annotations

import copy
import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._report import Row, options, report, row

ROOT = Path(__file__).resolve().parent.parent
PAPERS = 1000
LIMIT = 8 * 1024  # bytes of a compressed page


def enlarged(tables: dict[str, Any], size: int) -> dict[str, Any]:
    """The tables with copies of their papers, each with its provenance, up to ``size`` papers."""
    tables = copy.deepcopy(tables)
    papers, facts = tables["papers"], tables["provenance"]
    own = len(papers["id"])
    places: dict[str, list[int]] = {}
    for at, entity in enumerate(facts["entity"]):
        if facts["kind"][at] == "papers":
            places.setdefault(entity, []).append(at)
    for number in range(size - own):
        row = number % own
        key = f"{papers['id'][row]}-copy{number // own}"
        for values in papers.values():
            values.append(values[row])
        papers["id"][-1] = key
        papers["title"][-1] = f"{papers['title'][row]} ({number})"
        for at in places[papers["id"][row]]:
            for column, values in facts.items():
                values.append(key if column == "entity" else values[at])
    tables["manifest"]["counts"]["papers"] = max(size, own)
    return tables


def make_root(folder: Path) -> Path:
    """What the generator and MkDocs need, without any generated page."""
    for name in ("prose", "theme", "assets", "measurements"):
        if (ROOT / "docs" / name).is_dir():
            shutil.copytree(
                ROOT / "docs" / name,
                folder / "docs" / name,
                ignore=shutil.ignore_patterns("generated"),
            )
    shutil.copytree(ROOT / "baselines", folder / "baselines")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return folder


def run(*command: str, cwd: Path) -> float:
    """Wall seconds of a command; its output is shown if it fails."""
    start = time.perf_counter()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env={**env, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def build(tables: dict[str, Any], folder: Path) -> tuple[float, float, float, Path]:
    """Seconds to generate, to generate again, and to build; and the built site."""
    from diffatlas.catalog import compiled

    root = make_root(folder / "root")
    compiled.write(tables, folder / "compiled")
    pages = ("tools.pages", "--catalog", str(folder / "compiled"), "--root", str(root))
    first = run(*pages, cwd=ROOT)
    again = min(run(*pages, cwd=ROOT) for _ in range(3))
    site = folder / "site"
    built = run("mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site), cwd=root)
    return first, again, built, site


def sizes(site: Path) -> dict[str, int]:
    """Compressed bytes of every page, by its address."""
    return {
        page.parent.relative_to(site).as_posix() + "/": len(gzip.compress(page.read_bytes(), 6))
        for page in site.rglob("index.html")
    }


def measure() -> list[Row]:
    from diffatlas.catalog import compiled

    tables = compiled.compile_catalog(ROOT / "catalog")
    with tempfile.TemporaryDirectory(prefix="bench-site-") as name:
        folder = Path(name)
        *_, site = build(tables, folder / "today")
        weights = sizes(site)
        first, again, built, large = build(enlarged(tables, PAPERS), folder / "large")
        pages = len(sizes(large))
        index = len(gzip.compress((large / "search/search_index.json").read_bytes(), 6))
    # A page of one entity has two parts in its address; what lists many entities has one or three.
    single = {path: size for path, size in weights.items() if path.count("/") == 2}
    papers = {path: size for path, size in single.items() if path.startswith("papers/")}
    lists = {path: size for path, size in weights.items() if path.count("/") != 2}
    heavy, long = max(single, key=single.__getitem__), max(lists, key=lists.__getitem__)
    return [
        row(f"generate, per 1,000 pages ({pages:,} made)", first / pages * 1000, "s", most=2),
        row("generate again, nothing changed, per 1,000 pages", again / pages * 1000, "s", most=2),
        row(f"strict build, per 1,000 pages ({pages:,} built)", built / pages * 1000, "s", most=20),
        row(
            "page of a paper, median, gzip",
            round(statistics.median(papers.values())),
            "B",
            most=LIMIT,
        ),
        row("page of a paper, largest, gzip", max(papers.values()), "B", most=LIMIT),
        row(f"page of one entity, largest ({heavy}), gzip", single[heavy], "B", most=LIMIT),
        row(f"list page, largest ({long}), gzip", lists[long], "B", most=LIMIT),
        row(f"search index at {PAPERS:,} papers, gzip", index, "B", most=120_000),
    ]


def main() -> int:
    out = options(__doc__).parse_args().out
    report("Generating and building the site", measure(), out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
