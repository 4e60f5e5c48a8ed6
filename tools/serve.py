"""Serve the built site on this machine: ``python tools/serve.py [PORT]``.

Only the standard library is used, because ``make serve`` asks for a free port (``--probe``)
before the environment exists: nobody should wait for a build to learn that the port is taken.
"""

from __future__ import annotations

import argparse
import socket
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
# Every page carries the policy in a meta element, for hosts that send no headers; frame-ancestors
# works in a header alone.
POLICY = ROOT / "docs" / "theme" / "partials" / "policy.html"


def port_number(text: str) -> int:
    """Return the port in ``text``; raises ``argparse.ArgumentTypeError`` outside 1..65535."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(
            f"PORT={text} is not a port: give a number from 1 to 65535"
        )
    return int(text)


def is_free(port: int) -> bool:
    """Say whether a server could listen on ``HOST:port`` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class Handler(SimpleHTTPRequestHandler):
    """Static files with the site's own policy and 404 page, quiet on success."""

    def end_headers(self) -> None:
        policy = POLICY.read_text(encoding="utf-8").strip()
        self.send_header("Content-Security-Policy", f"{policy}; frame-ancestors 'none'")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = SITE / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if str(code) not in {"200", "304"}:
            super().log_request(code, size)


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve the built site on this machine.")
    parser.add_argument("port", type=port_number, nargs="?", default=8000)
    parser.add_argument("--probe", action="store_true", help="only say whether the port is free")
    args = parser.parse_args()
    taken = (
        f"Port {args.port} on {HOST} is taken (or not allowed). "
        f"Choose another one: make serve PORT={args.port + 1 if args.port < 65535 else 8000}"
    )
    if args.probe:
        if not is_free(args.port):
            print(taken, file=sys.stderr)
            return 1
        return 0
    if not (SITE / "index.html").is_file():
        print("There is no built site yet. Build it first: make site", file=sys.stderr)
        return 1
    try:
        server = ThreadingHTTPServer((HOST, args.port), partial(Handler, directory=str(SITE)))
    except OSError:
        print(taken, file=sys.stderr)
        return 1
    print(f"Diffusion Atlas is at http://{HOST}:{args.port}  (Ctrl+C stops it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
