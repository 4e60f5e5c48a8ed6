"""The built site under a sub-path, as a project page would serve it, and Debian's Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "tools")]
PREFIX = "/kb"


@pytest.fixture(scope="session")
def site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site, generated from the catalog and built strictly, so that it is never stale."""
    from tools.pages import generate

    import diffatlas
    from diffatlas.catalog import compiled

    folder = tmp_path_factory.mktemp("site")
    compiled.write(compiled.compile_catalog(REPOSITORY / "catalog"), folder / "compiled")
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
            "REPOSITORY_URL": "https://example.org/atlas",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        inside = path == PREFIX or path.startswith(f"{PREFIX}/")
        return super().translate_path(path[len(PREFIX) :] if inside else "/outside-the-site")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def base(site_dir: Path) -> Iterator[str]:
    """The address of the site, ending in a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(site_dir)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    flags = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    return {"executable_path": "/usr/bin/chromium", "args": flags.split()}
