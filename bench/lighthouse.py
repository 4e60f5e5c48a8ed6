"""What Lighthouse says of the site: ``python -m bench.lighthouse --out FILE``.

The built site (``make site``) is served on this machine, compressed with gzip (level 6) and with an
hour of caching as a static host would, and opened in Debian's Chromium. Lighthouse throttles as it
does by default, a phone with a slow connection, by simulation; the median of a page's runs counts.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bench._report import Row, options, report, row

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
NODE = Path(__file__).resolve().parent / "node"
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking"
PAGES = {
    "home": "",
    "explorer": "explore/",
    "framework": "frameworks/ddpm/",
    "paper": "papers/ho2020denoising/",
}
# Category of Lighthouse -> the least score that is wanted of it.
GOALS = {"performance": 0.97, "accessibility": 1.0, "best-practices": 1.0, "seo": 1.0}
RUNS = 3
PREFIX = "/atlas/"
FIRST_LOAD = 150_000  # bytes of a paper's page with all that it asks for, and the search index
COMPRESSED = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml", ".txt"}


@lru_cache(maxsize=128)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 6)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = (
        True  # as servers do; else the body waits 40 ms for an acknowledgement
    )
    served: dict[str, int] = {}
    replaced: dict[str, bytes] = {}  # what is served in place of a file of the site

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        file = (SITE / path.removeprefix(PREFIX)).resolve()
        if file.is_dir():
            file = file / "index.html"
        if not path.startswith(PREFIX) or not file.is_relative_to(SITE) or not file.is_file():
            self.send_error(404)
            return
        body = self.replaced.get(path.removeprefix(PREFIX)) or file.read_bytes()
        packed = file.suffix in COMPRESSED
        if packed:
            body = _packed(body)
        self.served[path] = len(body)
        self.send_response(200)
        self.send_header("Content-Type", guess_type(file)[0] or "application/octet-stream")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "max-age=3600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """The address of the site while it is served, ending in a slash."""
    if not (SITE / "index.html").is_file():
        raise SystemExit("There is no built site yet. Build it first: make site")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
        server.shutdown()


def lighthouse(address: str) -> dict[str, Any]:
    """One run of Lighthouse: its report."""
    with tempfile.TemporaryDirectory(prefix="lighthouse-") as folder:
        out = Path(folder) / "report.json"
        done = subprocess.run(
            [
                "node",
                str(NODE / "node_modules/lighthouse/cli/index.js"),
                address,
                "--quiet",
                "--output=json",
                f"--output-path={out}",
                f"--only-categories={','.join(GOALS)}",
                f"--chrome-flags={FLAGS} --user-data-dir={folder}/profile",
            ],
            env={**os.environ, "CHROME_PATH": shutil.which("chromium") or "chromium"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not out.is_file():
            raise SystemExit(f"lighthouse failed on {address}:\n{done.stderr}")
        return json.loads(out.read_text(encoding="utf-8"))


def first_load(address: str) -> int:
    """Compressed bytes of a first visit: the page and all that it asks for until it is at rest."""
    from playwright.sync_api import sync_playwright

    _Handler.served.clear()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS.split()[1:]
        )
        browser.new_page().goto(address, wait_until="networkidle")
        time.sleep(0.5)
        browser.close()
    return sum(_Handler.served.values())


def complaints(found: dict[str, Any]) -> list[str]:
    """The audits of a report that cost score in a category where nothing may be wrong."""
    lines = []
    for category in (name for name, goal in GOALS.items() if goal == 1.0):
        for reference in found["categories"][category]["auditRefs"]:
            audit = found["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                lines.append(f"{category}: {audit['title']}")
    return lines


def measure() -> list[Row]:
    rows = []
    with serving() as address:
        for name, path in PAGES.items():
            runs = [lighthouse(address + path) for _ in range(RUNS)]
            for category, goal in GOALS.items():
                scores = [run["categories"][category]["score"] for run in runs]
                what = f"{name}: {category.replace('-', ' ')}, median of {RUNS}"
                rows.append(row(what, statistics.median(scores), "of 1", least=goal))
            for line in sorted({line for run in runs for line in complaints(run)}):
                print(f"  {name}: {line}")
        weight = first_load(address + PAGES["paper"])
        index = len(gzip.compress((SITE / "search/search_index.json").read_bytes(), 6))
        rows.append(row("paper: first load, gzip", weight, "B"))
        both = "paper: first load and the search index, which comes on demand, gzip"
        rows.append(row(both, weight + index, "B", most=FIRST_LOAD))
    return rows


def main() -> int:
    out = options(__doc__).parse_args().out
    if shutil.which("node") is None or not (NODE / "node_modules/lighthouse").is_dir():
        raise SystemExit("Lighthouse is missing. Install Node.js 18.20 or newer, then: make bench")
    report("Lighthouse 12 on the built site, served with gzip", measure(), out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
