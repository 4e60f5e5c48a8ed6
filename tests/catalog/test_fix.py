"""``--fix`` mends order and formatting, keeps every comment and every fact, and stops there."""

from __future__ import annotations

import random
import re
import stat
from pathlib import Path

import pytest
import yaml
from catalog_samples import FILES, HEAD, HO, TODAY, write_catalog
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from diffatlas.catalog.check import check
from diffatlas.catalog.fix import fix, mended

P_HO = "papers/2020/ho2020denoising.yaml"
ROOT = Path(__file__).resolve().parents[2]
REAL = sorted((ROOT / "catalog").rglob("*.yaml"))

DAMAGED = """\
# a remark on the file
---
# belongs to name
name: Noise   \t
id: noise   # the id
summary: a # b
papers:
  # inner
  - ho2020denoising  # why
  - song2020score
  - ho2020denoising  # again
links:
  # link
  - how: |
      text # no comment
        - more

      end
    # about to
    to: ddpm
  - {how: x, to: sde}  # flow
provenance:
- source: companion
  # facts
  facts: [name, name, summary]
  status: list
definition: >-
  folded
  # not a comment
  text
# at the end


"""

MENDED = """\
# yaml-language-server: $schema=../schema/framework.json
id: noise   # the id
# a remark on the file
# belongs to name
name: Noise
summary: a # b
definition: >-
  folded
  # not a comment
  text
# at the end
papers:
  # inner
- ho2020denoising  # why
- song2020score
# again
links:
  # link
# about to
- to: ddpm
  how: |
    text # no comment
      - more

    end
- {to: sde, how: x}  # flow
provenance:
- status: list
  source: companion
  # facts
  facts: [name, summary]
"""


def test_a_damaged_file_becomes_canonical(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, {"frameworks/noise.yaml": DAMAGED}) / "frameworks/noise.yaml"
    assert {f.code for f in check(tmp_path, TODAY)} >= {"F601", "F602", "F604", "F605", "F606"}
    assert fix(tmp_path) == [path]
    assert path.read_text() == MENDED
    assert check(tmp_path, TODAY) == []
    assert fix(tmp_path) == []


@pytest.mark.parametrize(
    "damaged",
    [
        HO.replace("\n", "\r\n").encode(),
        HO.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + HO.encode(),
        HO[:-1].encode(),
        (HO + "\n\n").encode(),
        HO.partition("\n")[2].encode(),
        HO.replace("../../schema/paper", "paper").encode(),
        HO.replace("id: ho", "---\nid: ho", 1).encode(),
        HO.replace("[ddpm]", "[ddpm, ddpm]").encode(),
        HO.replace("'2006.11239'", "2006.11239").encode(),
        HO.replace("- Jona", "  - Jona").replace("- Ajay", "  - Ajay").replace(
            "- Piet", "  - Piet").encode(),
        HO.replace("- status", "    - status").replace("\n  source", "\n      source").replace(
            "\n  facts", "\n      facts").replace("\n  note", "\n      note").encode(),
    ],
)  # fmt: skip
def test_each_defect_is_mended_to_the_same_text(damaged: bytes) -> None:
    assert damaged != HO.encode()
    assert mended("papers", damaged) == HO


def test_one_mend_that_makes_room_for_another() -> None:
    lines = HO.splitlines()
    lines[0], lines[2] = lines[2], lines[0]  # the title on top, the schema's line below the id
    once = mended("papers", ("\n".join(lines) + "\n").encode())
    assert once == HO
    assert mended("papers", once.encode()) == once


def test_what_a_person_must_decide_is_left_alone(tmp_path: Path) -> None:
    changes: dict[str, str | bytes | None] = {
        "tasks/generation.yaml": FILES["tasks/generation.yaml"] + "id: twice\n",
        "tasks/sampling.yaml": "id: [  \n",
        "conditions/class.yaml": b"id: \xff  \n",
        "datasets/cifar-10.yaml": FILES["datasets/cifar-10.yaml"].replace("name", "nmae"),
    }
    write_catalog(tmp_path, changes)
    assert fix(tmp_path) == []
    for name, content in changes.items():
        assert content is not None
        expected = content if isinstance(content, bytes) else content.encode()
        assert (tmp_path / name).read_bytes() == expected


def test_links_and_modes_of_files_stay(tmp_path: Path) -> None:
    root = write_catalog(tmp_path / "catalog")
    path = root / "tasks" / "generation.yaml"
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text(path.read_text() + "\n")
    elsewhere.chmod(0o640)
    path.unlink()
    path.symlink_to(elsewhere)
    assert fix(root) == [path]
    assert path.is_symlink() and not elsewhere.read_text().endswith("\n\n")
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["catalog", "elsewhere.yaml"]


def test_only_files_below_the_path_are_mended(tmp_path: Path) -> None:
    write_catalog(tmp_path, {name: FILES[name] + "\n" for name in ("tasks/generation.yaml", P_HO)})
    assert fix(tmp_path / "tasks") == [tmp_path / "tasks/generation.yaml"]
    assert [Path(f.file).name for f in check(tmp_path, TODAY)] == ["ho2020denoising.yaml"]
    assert check(tmp_path / "tasks", TODAY) == []


def comments_of(text: str) -> list[str]:
    """Every comment, as an independent parser sees it."""
    tokens: list[str] = []
    for token in YAML(typ="rt", pure=True).scan(text):
        for part in token.comment or ():
            for comment in part if isinstance(part, list) else [part]:
                if comment is not None:
                    tokens += re.findall(r"#.*", comment.value)
    return sorted(t.rstrip() for t in tokens if "yaml-language-server" not in t)


def in_disorder(text: str, rng: random.Random) -> str:
    """The file with its top keys shuffled, comments sprinkled in, lists indented, spaces added."""
    lines = text.splitlines()[1:]
    chunks: list[list[str]] = []
    for line in lines:
        if re.match(r"[a-z_0-9]+:", line):
            chunks.append([])
        chunks[-1].append(line)
    rng.shuffle(chunks)
    out = []
    for number, chunk in enumerate(chunks):
        if rng.random() < 0.4:
            out.append(f"# above {number}")
        plain = not any(re.search(r": [|>]", line) for line in chunk)
        indent = "  " if len(chunk) > 1 and plain and rng.random() < 0.5 else ""
        quoted = any(line.count("'") % 2 or line.count('"') % 2 for line in chunk)
        for row, line in enumerate(chunk):
            if plain and not quoted and row == 0 and len(chunk) == 1 and rng.random() < 0.3:
                line += f"  # beside {number}"
            out.append((indent if row and chunk[1].startswith("-") else "") + line)
    return "\n".join(out) + "\n" * rng.randint(0, 3)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(path=st.sampled_from(REAL or [ROOT]), seed=st.integers(0, 10**6))
def test_disorder_of_real_files_is_mended(path: Path, seed: int) -> None:
    kind = path.relative_to(ROOT / "catalog").parts[0]
    text = path.read_text(encoding="utf-8")
    messy = in_disorder(text, random.Random(seed))
    after = mended(kind, messy.encode())
    load = yaml.CSafeLoader
    assert yaml.load(after, load) == yaml.load(text, load)
    assert list(yaml.load(after, load)) == list(yaml.load(text, load))
    assert comments_of(after) == comments_of(messy)
    assert mended(kind, after.encode()) == after
    assert after.splitlines()[0] == text.splitlines()[0]


def test_canonical_files_stay_byte_for_byte() -> None:
    for path in REAL:
        kind = path.relative_to(ROOT / "catalog").parts[0]
        assert mended(kind, path.read_bytes()).encode() == path.read_bytes(), path


def test_head_of_sample_is_the_schema_line() -> None:
    assert FILES["tasks/generation.yaml"].startswith(HEAD.format("task"))
