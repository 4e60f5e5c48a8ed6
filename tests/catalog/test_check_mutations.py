"""Whatever a catalog's file turns into, the check tells about it and does not fall over."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from catalog_samples import FILES, TODAY, write_catalog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diffatlas.catalog.check import check
from diffatlas.catalog.fix import fix
from diffatlas.catalog.rules import CODES
from diffatlas.cli import main

ROOT = Path(__file__).resolve().parents[2]
REAL = sorted((ROOT / "catalog").rglob("*.yaml"))
SETTINGS = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def real_or_sample() -> list[tuple[str, bytes]]:
    """(name in a catalog, bytes) of the sample's files and a spread of the real ones."""
    chosen = random.Random(0).sample(REAL, min(40, len(REAL)))
    found = [(path.relative_to(ROOT / "catalog").as_posix(), path.read_bytes()) for path in chosen]
    return found + [(name, text.encode()) for name, text in FILES.items()]


ORIGINALS = real_or_sample()


def survives(name: str, raw: bytes) -> list[Any]:
    """Check a catalog in which ``name`` holds ``raw``: findings are well-formed, nothing raises."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_catalog(Path(folder), {name: raw})
        findings = check(root, TODAY)
        lines = {name: raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")}
        for finding in findings:
            assert finding.code in CODES
            assert finding.severity in ("error", "warning")
            assert finding.message and "\n" not in str(finding)
            assert finding.line >= 1 and finding.column >= 1
            if finding.file.endswith(name):
                assert finding.line <= len(lines[name])
        assert findings == sorted(findings)
        fix(root)
        after = (root / name).read_bytes()
        assert fix(root) == []  # idempotent
        if {f.code[0] for f in findings if f.file.endswith(name)} & {"Y"}:
            assert after == raw  # what cannot be understood is left alone
    return findings


@SETTINGS
@given(data=st.data())
def test_truncated_files(data: st.DataObject) -> None:
    name, raw = data.draw(st.sampled_from(ORIGINALS))
    survives(name, raw[: data.draw(st.integers(0, len(raw)))])


@SETTINGS
@given(data=st.data())
def test_damaged_bytes(data: st.DataObject) -> None:
    name, raw = data.draw(st.sampled_from(ORIGINALS))
    damaged = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, max(len(damaged) - 1, 0)))
        piece = data.draw(
            st.binary(max_size=6)
            | st.sampled_from([b"\t", b"\r\n", b"\r", b"[", b"{", b"&a ", b"*a", b"!!x ", b"\xff"])
            | st.sampled_from([b"'", b'"', b"|", b"- ", b": ", b"#", b"\n", b"\n\n", b"...", b"\0"])
            | st.sampled_from(["\u2028".encode(), "\ufeff".encode(), b"\x85", b"%", b"<<: ", b"?"])
        )
        damaged[at : at + data.draw(st.integers(0, 4))] = piece
    survives(name, bytes(damaged))


@SETTINGS
@given(name=st.sampled_from(sorted(FILES)), raw=st.binary(max_size=300))
def test_random_bytes(name: str, raw: bytes) -> None:
    survives(name, raw)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates().map(str)
    | st.sampled_from(["ddpm", "ho2020denoising", "2006.11239", "frameworks.ddpm", "memory", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@SETTINGS
@given(data=st.data())
def test_values_of_wrong_types_and_missing_keys(data: st.DataObject) -> None:
    name, raw = data.draw(st.sampled_from(ORIGINALS))
    entity = yaml.load(raw, Loader=yaml.CSafeLoader)
    for _ in range(data.draw(st.integers(1, 4))):
        target: Any = entity
        while True:
            keys = list(target) if isinstance(target, dict) else list(range(len(target)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            inner = target[key]
            if isinstance(inner, (dict, list)) and inner and data.draw(st.booleans()):
                target = inner
                continue
            if data.draw(st.integers(0, 3)) == 0:
                del target[key]
            else:
                target[key] = data.draw(VALUES)
            break
    text = yaml.dump(entity, allow_unicode=True, sort_keys=False, Dumper=yaml.CSafeDumper)
    survives(name, text.encode("utf-8", "surrogatepass"))


@SETTINGS
@given(data=st.data())
def test_shuffled_and_doubled_lines(data: st.DataObject) -> None:
    name, raw = data.draw(st.sampled_from(ORIGINALS))
    lines = raw.split(b"\n")
    for _ in range(data.draw(st.integers(1, 4))):
        i, j = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        if data.draw(st.booleans()):
            lines[i], lines[j] = lines[j], lines[i]
        else:
            lines.insert(i, lines[j])
    survives(name, b"\n".join(lines))


LAUGHS = b"a: &a [x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c]\n" % (c + 1, c + 1, c, c, c) for c in range(97, 120)
)
BOMBS = {
    "brackets": b"[" * 1_000_000,
    "braces": b"{" * 1_000_000,
    "mappings": b"{a: " * 400_000,
    "dashes": b"- " * 500_000,
    "questions": b"? " * 500_000,
    "indented": b"\n".join(b" " * i + b"a:" for i in range(1_000)),
    "laughs": LAUGHS,
    "self": b"id: &a [*a]\n",
    "long text": b"id: " + b"x" * 1_500_000 + b"\n",
    "long key": b"x" * 1_500_000 + b": id\n",
    "long quoted": b'id: "' + b"x" * 1_500_000 + b'"\n',
    "long unclosed": b'id: "' + b"\\n" * 500_000,
    "long number": b"year: " + b"9" * 1_000_000 + b"\n",
    "long float": b"year: 1e" + b"9" * 3_000 + b"\n",
    "many keys": b"".join(b"k%d: 1\n" % i for i in range(20_000)),
    "same keys": b"id: a\n" * 20_000,
    "many ids": b"tasks: [" + b", ".join(b"t%d" % i for i in range(5_000)) + b"]\n",
    "one id often": b"tasks: [" + b", ".join([b"x"] * 20_000) + b"]\n",
    "many spaces": b"id: x " + b" " * 1_000_000 + b"\n",
    "many tabs": b"id: x\n" + b"\t\n" * 20_000,
    "many lines": b"\n" * 1_900_000,
    "many comments": b"# x\n" * 300_000 + b"id: x\n",
    "too large": b"id: x\n" + b"#" * 3_000_000,
    "utf-16": "id: x\n".encode("utf-16"),
    "latin-1": "title: Schrödinger\n".encode("latin-1"),
    "nul": b"id: \0\n",
    "only mark": b"\xef\xbb\xbf",
    "surrogate": b'title: "\\ud800"\n',
    "directive": b"%YAML 9.9\n---\nid: x\n",
    "tag": b"!!python/object/apply:os.system [echo]\n",
    "old mac": FILES["tasks/generation.yaml"].replace("\n", "\r").encode(),
    "windows": FILES["tasks/generation.yaml"].replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("what", BOMBS)
@pytest.mark.parametrize("name", ["tasks/generation.yaml", "papers/2020/ho2020denoising.yaml"])
def test_bombs(what: str, name: str) -> None:
    assert survives(name, BOMBS[what])


def test_a_second_key_never_takes_the_place_of_the_first() -> None:
    name = "papers/2020/ho2020denoising.yaml"
    doubled = FILES[name].replace("provenance:\n", "provenance: 7\nprovenance:\n")
    codes = {finding.code for finding in survives(name, doubled.encode())}
    assert {"Y004", "S103"} <= codes


def test_titles_that_are_hard_to_compare(tmp_path: Path) -> None:
    words = " ".join(f"word{i}" for i in range(400))
    for number in range(60):
        paper = FILES["papers/2020/song2020score.yaml"]
        paper = paper.replace("song2020score", f"p{number}").replace("Score-based", words)
        path = tmp_path / f"papers/2020/p{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(paper)
    write_catalog(tmp_path)
    assert "I310" in {finding.code for finding in check(tmp_path, TODAY)}


def test_odd_folders_and_files(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_catalog(tmp_path)
    (tmp_path / "tasks" / "folder.yaml").mkdir()
    (tmp_path / "tasks" / "broken.yaml").symlink_to("nowhere")
    (tmp_path / "tasks" / "loop").symlink_to(tmp_path, target_is_directory=True)
    with open(bytes(tmp_path / "tasks") + b"/\xff\n.yaml", "w") as handle:
        handle.write("id: x\n")
    assert main(["check", str(tmp_path)]) == 1
    out = capfd.readouterr().out
    assert "Traceback" not in out and "broken.yaml:1:1 Y001" in out
    for line in out.splitlines():
        assert line.startswith(str(tmp_path))


@pytest.mark.parametrize("path", ["", "\0", "nowhere/at/all", "/dev/null", "/proc/self/mem"])
def test_paths_that_hold_no_catalog(path: str) -> None:
    findings = check(path)
    assert [finding.code for finding in findings] == ["Y001"]
    assert fix(path) == []
