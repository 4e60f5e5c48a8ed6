"""``diffatlas new paper``: what it writes is valid, what exists is refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from diffatlas.catalog import arxiv, compiled, drafts
from diffatlas.catalog.check import check
from diffatlas.cli import main
from diffatlas.errors import CatalogError

CATALOG = Path(__file__).resolve().parents[2] / "catalog"


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CATALOG, tmp_path / "catalog"))


def new(catalog: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "diffatlas", "new", "paper", *arguments, "--catalog", str(catalog)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_writes_a_valid_entry(catalog: Path) -> None:
    done = new(
        catalog,
        "https://arxiv.org/abs/2512.12345v2",
        "--title=An Entirely Made-up Title: of 'things' & co",
        "--author=Ana van der Berg",
        "--author=Bo Łi",
    )
    assert done.returncode == 0, done.stderr
    path = catalog / "papers" / "2025" / "vanderberg2025entirely.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert entry["arxiv"] == "2512.12345"
    assert entry["authors"] == ["Ana van der Berg", "Bo Łi"]
    assert entry["origin"] == "beyond"
    assert check(catalog) == []
    assert "frameworks, tasks, conditions, datasets" in done.stdout


@pytest.mark.parametrize("known", ["2112.10752", "arXiv:2112.10752v2", "arxiv.org/pdf/2112.10752"])
def test_refuses_an_id_that_the_catalog_has(catalog: Path, known: str) -> None:
    done = new(catalog, known, "--title=Another", "--author=Some Body")
    assert done.returncode == 2
    assert "rombach2021high.yaml" in done.stderr


def test_refuses_nearly_the_same_title(catalog: Path) -> None:
    done = new(
        catalog, "2512.12345", "--title=Denoising diffusion probabilistic model", "--author=A B"
    )
    assert done.returncode == 2
    assert "ho2020denoising.yaml" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["2513.12345"], "is not an arXiv id"),
        (["nonsense"], "is not an arXiv id"),
        (["10.1/"], "is not a DOI"),
        (["2512.12345"], "--title"),
        (["2512.12345", "--title=Something"], "--author"),
        (["10.1109/x.2020.1", "--title=Something", "--author=A B"], "--year"),
        (["10.1109/x.2020.1", "--fetch"], "needs an arXiv id"),
        (["2512.12345", "--title=Something", "--author=张 三"], "--id"),
    ],
)
def test_says_what_is_missing(catalog: Path, arguments: list[str], says: str) -> None:
    before = sorted(catalog.rglob("*.yaml"))
    done = new(catalog, *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(catalog.rglob("*.yaml")) == before


TYPED = ("--title=An Entirely Made-up Title", "--author=Ana Berg")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["2512.12345", "--id=../../../escaped"], "other signs than a-z"),
        (["2512.12345", "--id=Foo Bar"], "write foo-bar"),
        (["2512.12345", "--id=ho2020denoising"], "choose another with --id"),
        (["2512.12345", "--id=" + "a" * 300], "File name too long"),
        (["2512.12345", "--code=not a url"], "P504"),
        (["2512.12345", "--submitted=2999-01-01"], "D401"),
        (["10.1109/x.2020.1", "--year=99999"], "S106"),
        (["10.1109/x.2020.1", "--year=-5"], "S106"),
        (["2512.12345", "--venue=a\udcffb"], "nothing was written"),
    ],
)
def test_writes_nothing_that_is_not_valid(catalog: Path, arguments: list[str], says: str) -> None:
    before = sorted(catalog.parent.rglob("*"))
    done = new(catalog, *arguments, *TYPED)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(catalog.parent.rglob("*")) == before


def test_white_space_is_no_fact(catalog: Path) -> None:
    done = new(catalog, "2512.12345", *TYPED, "--author=  ", "--author= Bo\nLi", "--venue= ")
    assert done.returncode == 0, done.stderr
    entry = yaml.safe_load((catalog / "papers/2025/berg2025entirely.yaml").read_text())
    assert entry["authors"] == ["Ana Berg", "Bo Li"]
    assert "venue" not in entry


def test_compiled_tables_take_no_entry(tmp_path: Path, catalog: Path) -> None:
    tables = tmp_path / "tables"
    compiled.write(compiled.compile_catalog(catalog), tables)
    done = new(tables, "2512.12345", *TYPED)
    assert done.returncode == 2
    assert "no catalog is here" in done.stderr
    assert not (tables / "papers").exists()


def test_an_id_that_is_taken_gets_a_letter() -> None:
    assert drafts.key_of(["Jonathan Ho"], 2020, "Denoising", []) == "ho2020denoising"
    assert drafts.key_of(["Jonathan Ho"], 2020, "Denoising", ["ho2020denoising"]) == (
        "ho2020denoisingb"
    )
    assert drafts.key_of(["Aäron van den Oord"], 2016, "The Pixel") == "vandenoord2016pixel"


@given(st.text(max_size=60))
def test_any_text_is_an_identifier_or_an_error(text: str) -> None:
    try:
        kind, own = drafts.identifier(text)
    except CatalogError:
        return
    assert kind in ("arxiv", "doi")
    assert own in text


ANSWER = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
<entry><title>A Title
  on two lines</title><published>2025-12-01T10:00:00Z</published>
<author><name>Ana Berg</name></author><author><name>Bo Li</name></author>
<arxiv:doi>10.1000/xyz</arxiv:doi></entry></feed>"""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """A stand-in for arXiv's API on this machine, which answers what a test wants."""
    answer: dict[str, object] = {"status": 200, "body": ANSWER}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(int(str(answer["status"])))
            self.end_headers()
            self.wfile.write(str(answer["body"]).encode())

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(arxiv, "API", f"http://127.0.0.1:{server.server_port}/?id_list=")
    yield answer
    server.shutdown()
    server.server_close()


def test_fetch_takes_title_authors_and_date(api: dict[str, object], catalog: Path) -> None:
    code = main(["new", "paper", "2512.00001", "--fetch", "--catalog", str(catalog)])
    assert code == 0
    entry = yaml.safe_load((catalog / "papers/2025/berg2025title.yaml").read_text())
    assert entry["title"] == "A Title on two lines"
    assert str(entry["submitted"]) == "2025-12-01"
    assert entry["doi"] == "10.1000/xyz"
    assert check(catalog) == []


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (503, "", "answered 503"),
        (200, "<html>", "cannot be read"),
        (200, '<feed xmlns="http://www.w3.org/2005/Atom"/>', "knows no paper"),
    ],
)
def test_fetch_fails_clearly(api: dict[str, object], status: int, body: str, says: str) -> None:
    api |= {"status": status, "body": body}
    with pytest.raises(CatalogError, match=says):
        arxiv.fetch("2512.00001")


def test_fetch_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arxiv, "API", "http://127.0.0.1:9/?id_list=")
    with pytest.raises(CatalogError, match="cannot be reached"):
        arxiv.fetch("2512.00001", timeout=2)


@pytest.mark.parametrize(
    "own, month",
    [
        ("2006.11239", "2020-06"),
        ("1312.6114", "2013-12"),
        ("2600.00001", ""),
        ("2613.00001", ""),
        ("math/0309136", ""),
        ("", ""),
    ],
)
def test_an_id_tells_its_month(own: str, month: str) -> None:
    assert arxiv.month(own) == month
