"""`make serve`: the server that it starts, and what it says when it cannot."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVE = [sys.executable, str(ROOT / "tools" / "serve.py")]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


@pytest.mark.parametrize("flags", [["--probe"], []])
def test_taken_port_gets_a_clear_message(taken: int, flags: list[str]) -> None:
    done = subprocess.run(
        [*SERVE, *flags, str(taken)], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 1
    assert f"Port {taken} on 127.0.0.1 is taken" in done.stderr
    assert "make serve PORT=" in done.stderr
    assert "Traceback" not in done.stderr


def test_make_serve_stops_before_the_build_when_the_port_is_taken(taken: int) -> None:
    done = subprocess.run(
        ["make", "serve", f"PORT={taken}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode != 0
    assert f"Port {taken} on 127.0.0.1 is taken" in done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80.5"])
def test_what_is_no_port_is_refused(port: str) -> None:
    done = subprocess.run([*SERVE, "--probe", port], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_serves_the_site_and_its_404_page(free: int) -> None:
    server = subprocess.Popen([*SERVE, str(free)], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert f"http://127.0.0.1:{free}" in server.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{free}/", timeout=10) as page:
            assert b"Diffusion Atlas" in page.read()
            policy = page.headers["Content-Security-Policy"]
            assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"http://127.0.0.1:{free}/no-such-page/", timeout=10)
        assert missing.value.code == 404
        assert b"Diffusion Atlas" in missing.value.read()
    finally:
        server.terminate()
        server.wait(timeout=10)
