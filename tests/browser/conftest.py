"""The built site under a sub-path, as a project page would serve it, and Debian's Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "tools"), str(Path(__file__).parent)]
PREFIX = "/kb"


@pytest.fixture(scope="session")
def listening() -> Iterator[ThreadingHTTPServer]:
    """The server of the site. It has its port before the site is built: the site knows its address,
    without which there are neither a sitemap nor instant navigation nor link previews."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        yield server


@pytest.fixture(scope="session")
def address(listening: ThreadingHTTPServer) -> str:
    """The address of the site, ending in a slash."""
    return f"http://127.0.0.1:{listening.server_port}{PREFIX}/"


@pytest.fixture(scope="session")
def site_dir(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site, generated from the catalog and built strictly, so that it is never stale."""
    from tools.build import finish
    from tools.pages import generate

    import diffatlas
    from diffatlas.catalog import compiled

    folder = tmp_path_factory.mktemp("site")
    compiled.write(compiled.compile_catalog(REPOSITORY / "catalog"), folder / "compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SITE_URL", address)
        generate(diffatlas.load(folder / "compiled"), REPOSITORY)
    target = folder / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "SITE_URL": address,
            "REPOSITORY_URL": "https://example.org/atlas",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    finish(target)
    return target


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        inside = path == PREFIX or path.startswith(f"{PREFIX}/")
        return super().translate_path(path[len(PREFIX) :] if inside else "/outside-the-site")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404:
            super().send_error(code, message, explain)
            return
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.read_bytes())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def base(address: str, listening: ThreadingHTTPServer, site_dir: Path) -> Iterator[str]:
    """The address of the site, once it is served."""
    listening.RequestHandlerClass = partial(_Handler, directory=str(site_dir))  # type: ignore[assignment]
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield address
    listening.shutdown()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    flags = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    return {"executable_path": "/usr/bin/chromium", "args": flags.split()}


@pytest.fixture
def visit(page: Page, base: str) -> Iterator[Callable[[str], Page]]:
    """Open a page of the site; no error in the console and no other host may follow from it."""
    asked: list[str] = []
    trouble: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # What a page still asks for when the next one is opened is aborted: that is no trouble.
    page.on("requestfailed", lambda r: 0 if "ABORTED" in r.failure else trouble.append(r.url))
    page.on("response", lambda r: trouble.append(f"{r.status} {r.url}") if r.status >= 400 else 0)
    page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else 0)
    page.on("pageerror", lambda error: trouble.append(str(error)))

    def go(path: str) -> Page:
        page.goto(base + path, wait_until="load")
        for place in page.locator("div[data-root]:is(#choose, #compare, #explorer)").all():
            expect(place.get_by_role("status")).not_to_be_empty()
        return page

    yield go
    own = urlsplit(base).netloc
    assert not [u for u in asked if urlsplit(u).netloc not in (own, "")]
    assert not trouble
