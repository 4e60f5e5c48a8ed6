"""The generated tree as a whole: real catalog, hostile catalog, nothing at all."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hostile import ENTITIES, text_fields, write_hostile_catalog
from html_reading import read
from PIL import Image
from pydantic import BaseModel
from tools.pages import generate
from tools.pages.site import FACETS, Site
from tools.pages.tables import GROUP

from diffatlas.catalog.coverage import STANDINGS
from diffatlas.catalog.models import KINDS
from diffatlas.catalog.shapes import inner_model

REPOSITORY = Path(__file__).resolve().parents[2]


def build(root: Path) -> Path:
    """The strict build of a root; its warnings are errors."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(root / "site")],
        cwd=root,
        capture_output=True,
        text=True,
        env={"NO_MKDOCS_2_WARNING": "1", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return root / "site"


def test_a_second_run_writes_nothing(atlas: Any, empty_root: Path) -> None:
    total, written, removed = generate(atlas, empty_root)
    assert (total, removed) == (written, 0)
    assert generate(atlas, empty_root) == (total, 0, 0)


def test_every_entity_has_its_page(atlas: Any, empty_root: Path) -> None:
    generate(atlas, empty_root)
    for kind in atlas.kinds:
        if kind not in ("sources", "results", "questions", "candidates"):
            for key in atlas.records(kind):
                assert (empty_root / "docs" / kind / f"{key}.md").is_file(), (kind, key)


def test_a_term_lists_what_the_filter_finds(atlas: Any, empty_root: Path) -> None:
    site = Site(atlas, empty_root)
    for kind in FACETS:
        for key in list(atlas.records(kind))[::3]:
            assert site.under(kind, key) == list(atlas.find(f"{kind}:{key}")["id"]), (kind, key)


def test_every_framework_links_to_its_baseline_and_back(atlas: Any, empty_root: Path) -> None:
    generate(atlas, empty_root)
    for key, record in atlas.records("baselines").items():
        page = read((empty_root / f"docs/baselines/{key}.md").read_text(encoding="utf-8"))
        for framework in record["frameworks"]:
            assert f"../../frameworks/{framework}/" in page.links
    runs = {f for r in atlas.records("baselines").values() for f in r["frameworks"]}
    tops = {
        key
        for key, record in atlas.records("frameworks").items()
        if not record.get("broader") and record.get("origin") != "beyond"
    }
    assert tops <= runs
    for key in atlas.records("frameworks"):
        page = read((empty_root / f"docs/frameworks/{key}.md").read_text(encoding="utf-8"))
        assert any(link.startswith("../../baselines/") for link in page.links), key


def test_the_examples_of_the_query_page_work(atlas: Any, empty_root: Path) -> None:
    generate(atlas, empty_root)
    page = (empty_root / "docs/query/index.md").read_text(encoding="utf-8")
    outputs = re.findall(r"<samp>(.*?)</samp>", page, re.S)
    assert len(outputs) >= 8
    assert not [o for o in outputs if re.match(r"\w+(Error|Entity|Field): ", o)]
    assert sum("did you mean" in o for o in outputs) == 1
    assert f"{len(atlas.papers)} papers" in outputs[0]


def test_matrix_cells_count_the_papers_that_they_link_to(atlas: Any, empty_root: Path) -> None:
    generate(atlas, empty_root)
    matrix = (empty_root / "docs/matrix/index.md").read_text(encoding="utf-8")
    cells = re.findall(r'<a href="\.\./(\w+)/([\w-]+)/#([\w-]+)">(\d+)</a>', matrix)
    assert len(cells) > 100
    for kind, term, root, count in cells[::7]:
        page = (empty_root / f"docs/{kind}/{term}.md").read_text(encoding="utf-8")
        body = page.split(f'<tbody id="{root}">')[1].split("</tbody>")[0]
        head = re.search(r"<small>(\d+)</small></th>", body)
        assert head is not None and head[1] == count, (kind, term, root)
        # Of a long group the newest are shown, with a link to all of them.
        assert body.count("<tr><td>") == min(int(count), GROUP), (kind, term, root)
        assert ("../explore/?filter=" in body) == (int(count) > GROUP)


@pytest.fixture
def hostile_site(tmp_path: Path, empty_root: Path) -> Path:
    import diffatlas
    from diffatlas.catalog import compiled

    write_hostile_catalog(tmp_path / "catalog")
    compiled.write(compiled.compile_catalog(tmp_path / "catalog"), tmp_path / "compiled")
    generate(diffatlas.load(tmp_path / "compiled"), empty_root)
    return build(empty_root)


def test_every_key_that_takes_text_is_planted() -> None:
    """A mapping that has ids, too, is planted only where ``hostile.GIVEN`` has one."""
    left = {(m, key) for m in models(KINDS.values()) for key in text_fields(m)}

    def tick(model: type[BaseModel], value: Any) -> None:
        for item in value if isinstance(value, list) else [value]:
            for name, field in model.model_fields.items():
                key = field.alias or name
                if key in item:
                    left.discard((model, key))
                    inner = inner_model(field.annotation)
                    if inner is not None:
                        tick(inner, item[key])

    for kind, entities in ENTITIES.items():
        tick(KINDS[kind], entities)
    assert not left


def models(roots: Iterable[type[BaseModel]]) -> set[type[BaseModel]]:
    found = set(roots)
    for model in roots:
        inner = {inner_model(field.annotation) for field in model.model_fields.values()}
        found |= models({m for m in inner if m is not None})
    return found


def test_hostile_text_only_shows(hostile_site: Path) -> None:
    pages = sorted(hostile_site.rglob("*.html"))
    assert len(pages) > 30
    harmless = scripts(read((hostile_site / "404.html").read_text(encoding="utf-8")))
    shown = 0
    for file in pages:
        page = read(file.read_text(encoding="utf-8"))
        assert scripts(page) <= harmless + 1, file
        for tag, attributes in page.elements:
            assert tag not in {"iframe", "object", "embed", "base"}, (file, tag)
            assert not [a for a in attributes if a.startswith("on")], (file, attributes)
            assert "evil.example" not in str(attributes.get("src")), (file, attributes)
        for link in page.links:
            assert not re.match(r"\s*(javascript|data|vbscript):", link, re.I), (file, link)
        shown += page.text.count("<script>alert(1)</script>")
    assert shown > 20
    title = read((hostile_site / "papers/evil2020title/index.html").read_text(encoding="utf-8"))
    assert [t for t, _ in title.elements].count("h1") == 1
    assert "</title><script>alert(1)</script>" in title.text


def scripts(page: Any) -> int:
    return sum(tag == "script" for tag, _ in page.elements)


def test_hostile_text_leaves_the_search_index_harmless(hostile_site: Path) -> None:

    index = json.loads((hostile_site / "search/search_index.json").read_text(encoding="utf-8"))
    for entry in index["docs"]:
        for value in (entry["title"], entry["text"]):
            assert not {t for t, _ in read(value).elements} & {"script", "img", "iframe"}, entry


def test_an_empty_catalog_makes_a_site_too(tmp_path: Path, empty_root: Path) -> None:
    import diffatlas
    from diffatlas.catalog import compiled

    (tmp_path / "catalog/papers").mkdir(parents=True)
    compiled.write(compiled.compile_catalog(tmp_path / "catalog"), tmp_path / "compiled")
    generate(diffatlas.load(tmp_path / "compiled"), empty_root)
    assert (build(empty_root) / "papers/index.html").is_file()


def test_pictures_of_the_baselines_are_shown(atlas: Any, empty_root: Path) -> None:
    folder = empty_root / "baselines/results/ddpm"
    folder.mkdir(parents=True)
    frames = [Image.new("L", (40, 20), shade) for shade in (0, 120, 255)]
    frames[0].save(folder / "forming.webp", save_all=True, append_images=frames[1:], loop=0)
    frames[2].save(folder / "strip.png")
    generate(atlas, empty_root)
    stored = empty_root / "docs/assets/generated/ddpm"
    assert (stored / "strip.png").read_bytes() == (folder / "strip.png").read_bytes()
    with Image.open(stored / "forming-still.webp") as still:
        assert still.size == (40, 20) and still.getpixel((0, 0)) == (255, 255, 255)
    home = read((empty_root / "docs/index.md").read_text(encoding="utf-8"))
    assert "assets/generated/ddpm/forming.webp" in home.links
    assert "assets/generated/ddpm/forming-still.webp" in home.links
    page = read((empty_root / "docs/frameworks/ddpm.md").read_text(encoding="utf-8"))
    assert "../../assets/generated/ddpm/strip.png" in page.links
    assert all(a.get("alt") for tag, a in [*home.elements, *page.elements] if tag == "img")


def test_measurements_stand_beside_what_real_images_score(atlas: Any, empty_root: Path) -> None:
    folder = empty_root / "baselines/results/ddpm"
    folder.mkdir(parents=True)
    metric = {"sampler": "<b>x", "nfe": 50, "n": 2000, "fd": 12.345, "floor": 0.4321}
    new = {**metric, "sampler": "new", "kid": 0.1234, "kid_error": 0.0051, "features": "f" * 16}
    new["real"] = {"fd": 0.52, "kid": -0.001}
    points = {"uniform <noise>": {"fd": 247.297, "coverage": 0.024}}
    scale = {"features": "f" * 16, "n": 2000, "parameters": 89770, "accuracy": 0.9048}
    run = {
        "metrics": [{**metric, "coverage": 0.8, "real_coverage": 0.98}, new],
        "scale": {**scale, "points": points},
        "bits_per_dim": {"mean": 3.2, "standard_error": 0.01, "n": 100},
        "budget": "300s",
        "steps": 1234,
        "cpu_seconds": 300.0,
        "parameters": 300000,
        "seed": 0,
        "hardware": "2 cores",
        "versions": {"torch": "2.13.0"},
    }
    again = {"budget": "300s", "steps": 1200, "cpu_seconds": 300.1, "seed": 1}
    run["repeats"] = [{**again, "fd": 14.345, "coverage": 0.9}]
    stored = {"data": "fashion-mnist", "runs": {"cosine-v": run}}
    (folder / "results.json").write_text(json.dumps(stored))
    generate(atlas, empty_root)
    page = read((empty_root / "docs/baselines/ddpm.md").read_text(encoding="utf-8"))
    # Over the two seeds: the median, the smallest and the largest.
    for shown in ("13.35 12.35 – 14.35", "0.850 0.800 – 0.900"):
        assert shown in page.text, shown
    for shown in ("12.35 0.43", "0.800 0.980", "<b>x", "1,234 steps", "3.200 ± 0.010 bits/dim"):
        assert shown in page.text, shown
    for shown in (
        "Likelihood of test images of fashion-mnist",
        "mean ± its standard error over the images",
        "12.35 0.52",
        "0.123 ± 0.005 -0.001",
        "–",
        "uniform <noise> 247.3 (coverage 0.024)",
    ):
        assert shown in page.text, shown
    # The scale of another feature network says nothing about these distances.
    run["scale"]["features"] = "0" * 16
    (folder / "results.json").write_text(json.dumps(stored))
    generate(atlas, empty_root)
    page = read((empty_root / "docs/baselines/ddpm.md").read_text(encoding="utf-8"))
    assert "247.3" not in page.text and "12.35 0.52" in page.text


def test_the_marks_of_facts_rank_sources_as_the_library_does() -> None:
    script = (REPOSITORY / "docs/assets/js/sources.js").read_text(encoding="utf-8")
    found = re.search(r"const RANK = (\[.*?\]);", script)
    assert found
    assert tuple(json.loads(found[1])) == STANDINGS
