"""What search engines and link previews read on every page, and the pictures that they show."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from html_reading import read
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def metas(site_dir: Path) -> dict[str, dict[str, str]]:
    """Every page's metadata by name or property, by the page's address."""
    found = {}
    for file in site_dir.rglob("index.html"):
        at = file.parent.relative_to(site_dir).as_posix()
        elements = read(file.read_text(encoding="utf-8")).elements
        found["" if at == "." else f"{at}/"] = {
            str(a.get("name") or a.get("property")): str(a.get("content"))
            for tag, a in elements
            if tag == "meta"
        }
    return found


def test_every_page_has_a_title_and_a_description_of_its_own(
    metas: dict[str, dict[str, str]],
) -> None:
    by_description: dict[str, list[str]] = {}
    for address, meta in metas.items():
        assert meta["og:title"] and meta["og:type"] in ("article", "website"), address
        assert meta["description"] == meta["og:description"], address
        assert 20 <= len(meta["description"]) <= 300, (address, meta["description"])
        by_description.setdefault(meta["description"], []).append(address)
    assert not [same for same in by_description.values() if len(same) > 1]


def test_every_page_has_a_picture(metas: dict[str, dict[str, str]], base: str) -> None:
    from tools.cards import FOLDER, cards

    drawn = cards(REPOSITORY / "docs")
    assert set(drawn) == set(metas)
    for address, meta in metas.items():
        assert meta["og:image"] == f"{base}{FOLDER}/{address}card.png"
        assert meta["og:url"] == base + address
        assert meta["twitter:card"] == "summary_large_image"
    paper = drawn["papers/ho2020denoising/"]
    assert paper.title == "Denoising Diffusion Probabilistic Models"
    assert paper.line == "Jonathan Ho, Ajay Jain, Pieter Abbeel · 2020" and paper.group == "ddpm"


def test_pictures_are_small_and_drawn_once(tmp_path: Path) -> None:
    from tools import cards

    docs = tmp_path / "docs"
    (docs / "papers").mkdir(parents=True)
    title = "A very long title of a paper " * 12
    (docs / "papers/long.md").write_text(
        f'---\ntitle: "{title}"\ncard: ["Ä. Öz, Šimůnek", "sde"]\n---\n', encoding="utf-8"
    )
    (docs / "index.md").write_text("---\ntitle: Home\ndescription: Said in short.\n---\n")
    assert cards.write(tmp_path, tmp_path / "site") == (2, 2)
    files = {p.parent.name: p for p in (tmp_path / "site").rglob("card.png")}
    assert set(files) == {"cards", "long"}
    for file in files.values():
        data = file.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (1200, 630) and image.mode == "P"
            assert image.convert("RGB").getpixel((1190, 10)) == (255, 255, 255)
        assert len(data) < 25_000
    with Image.open(files["long"]) as image:
        assert image.convert("RGB").getpixel((4, 300)) == cards.COLOURS["sde"]
    assert cards.write(tmp_path, tmp_path / "site") == (2, 0)
    (docs / "index.md").write_text("---\ntitle: Home\ndescription: Said otherwise.\n---\n")
    assert cards.write(tmp_path, tmp_path / "site") == (2, 1)
