"""The atlas on the small catalog: what a person types and gets."""

import pandas as pd
import pytest
import small_catalog

import diffatlas
from diffatlas.catalog import compiled
from diffatlas.catalog.frames import PAPER_COLUMNS
from diffatlas.catalog.tables import compare
from diffatlas.errors import CatalogError, NotCompiled, UnknownEntity, UnknownField


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_catalog.write(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def atlas(folder):
    return diffatlas.load(folder)


def test_papers_have_the_promised_columns_types_and_order(atlas):
    papers = atlas.papers
    assert tuple(papers.columns) == PAPER_COLUMNS
    assert papers["id"].tolist() == small_catalog.ORDER
    assert papers["year"].dtype == "int64" and papers["in_table1"].dtype == bool
    assert papers["submitted"].dt.year.tolist()[:4] == [2019, 2020, 2021, 2021]
    assert pd.isna(papers["submitted"].iloc[4])
    assert papers["frameworks"].iloc[1] == ["ddpm"] and papers["code"].iloc[0] == []
    assert papers["origin"].tolist()[-1] == "beyond" and papers["origin"].iloc[0] == "survey"
    assert papers["relations"].iloc[3]["builds_on"] == ["ho2020denoising"]
    assert pd.isna(papers["venue"].iloc[0])


def test_every_kind_is_a_frame_of_its_entities(atlas):
    for kind in atlas.kinds:
        assert isinstance(getattr(atlas, kind), pd.DataFrame)
        assert len(getattr(atlas, kind)) == atlas.counts[kind]
    assert atlas.results["value"].tolist() == [3.17, 25.32]
    assert atlas.results["dataset"].tolist() == ["cifar-10", "cifar-10"]
    assert "provenance" not in atlas.frameworks.columns


def test_changing_a_frame_changes_neither_the_atlas_nor_find(atlas):
    papers = atlas.papers
    papers["year"] = 0
    papers.drop(index=papers.index, inplace=True)
    assert len(atlas.papers) == len(atlas.find("")) == 5
    assert atlas.find("year:2020")["id"].tolist() == ["ho2020denoising"]


def test_yaml_compiled_and_reloaded_are_the_same(folder, atlas, tmp_path):
    compiled.write(compiled.compile_catalog(folder), tmp_path)
    again = diffatlas.load(tmp_path)
    for name in (*atlas.kinds, "terms", "edges", "provenance"):
        pd.testing.assert_frame_equal(getattr(atlas, name), getattr(again, name))
    for kind in atlas.kinds:
        assert atlas.records(kind) == again.records(kind)
    assert atlas.version == again.version


def test_records_are_the_yaml_again(atlas):
    for kind, entities in small_catalog.ENTITIES.items():
        records = atlas.records(kind)
        assert sorted(records) == sorted(entity["id"] for entity in entities)
        for entity in entities:
            assert records[entity["id"]] == entity
    assert atlas.records("results")["cifar-10"]["results"] == small_catalog.RESULTS


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("task:restoration", ["song2019generative", "rombach2021high"]),
        ('condition:"low-resolution image"', ["rombach2021high"]),
        ("condition:LR,caption", ["rombach2021high"]),
        ("condition:image -condition:text", []),
        ("framework:DDPM", ["ho2020denoising", "rombach2021high"]),
        ("author:bjorn", ["rombach2021high"]),
        ("cicek", ["noyear2021x"]),
        ("uber -year:2020", ["noyear2021x"]),
        ("submitted:..2020-06-19", ["song2019generative", "ho2020denoising"]),
        ("has:baseline", ["ho2020denoising"]),
        ("has:results -has:code", ["song2019generative"]),
        ("latent", ["rombach2021high"]),
        ("heading:unconditional", ["ho2020denoising"]),
        ('paper:"latent diffusion models"', ["rombach2021high"]),
        ("doi:https://doi.org/10.1109/cvpr52688", ["rombach2021high"]),
        ("origin:beyond", ["noyear2021x"]),
        ("task:never-tried", []),
    ],
)
def test_find(atlas, filter, expected):
    assert atlas.find(filter)["id"].tolist() == expected


def test_long(atlas):
    rows = atlas.long("tasks")
    assert rows[["id", "task"]].values.tolist() == [
        ["song2019generative", "generation"],
        ["song2019generative", "inpainting"],
        ["ho2020denoising", "generation"],
        ["rombach2021high", "restoration"],
    ]
    assert rows.equals(atlas.long("task"))
    assert atlas.long("authors")["author"].tolist()[0] == "Yang Song"
    with pytest.raises(UnknownField, match="did you mean task"):
        atlas.long("taks")


def test_crosstab_keeps_zeros_and_rolls_up(atlas):
    table = atlas.crosstab("framework", "tasks")
    assert table.index.name == "framework" and table.columns.name == "task"
    assert table.index.tolist() == ["ddim", "ddpm", "ncsn"]
    assert table.loc["ddpm", "restoration"] == 0 and table["never-tried"].sum() == 0
    rolled = atlas.crosstab("framework", "task", rollup=True)
    for framework in rolled.index:
        for task in rolled.columns:
            found = atlas.find(f"framework:{framework} task:{task}")
            assert rolled.loc[framework, task] == len(found)
    top = atlas.crosstab("framework", "task", top=True)
    assert top.index.tolist() == ["ddpm", "ncsn"] and "inpainting" not in top.columns
    assert atlas.crosstab("year", "origin", filter="year:2021").loc[2021].tolist() == [1, 2]
    with pytest.raises(UnknownField, match="cannot be counted by 'titel'"):
        atlas.crosstab("titel", "year")


def test_entity_and_its_names(atlas):
    assert atlas.entity("ddpm")["kind"] == "frameworks"
    assert atlas.entity("baselines/ddpm")["kind"] == "baselines"
    assert atlas.entity("framework/DDPM")["id"] == "ddpm"
    assert atlas.entity("Image restoration")["id"] == "restoration"
    assert atlas.entity("results/cifar-10")["results"] == small_catalog.RESULTS
    assert atlas.narrower("task", "restoration") == ["inpainting"]
    with pytest.raises(UnknownEntity, match="did you mean inpainting"):
        atlas.entity("inpaintin")
    with pytest.raises(UnknownField, match="did you mean tasks"):
        atlas.entity("taks/inpainting")


def test_compare(atlas):
    frame = atlas.compare("ddpm", "ncsn")
    assert frame.columns.tolist() == ["ddpm", "ncsn", "differs"]
    assert frame.loc["links", "ncsn"] == "ddpm: by $s$" and frame.loc["forward", "ncsn"] == ""
    assert bool(frame.loc["name", "differs"])
    papers = atlas.compare("ho2020denoising", "song2019generative", "rombach2021high")
    assert papers.loc["relations.builds_on", "rombach2021high"] == "ho2020denoising"
    assert atlas.compare("text", "image").loc["definition", "differs"] is not None
    with pytest.raises(CatalogError, match="two to four"):
        atlas.compare("ddpm")
    with pytest.raises(CatalogError, match="one kind, but ddpm is one of the frameworks"):
        atlas.compare("ddpm", "inpainting")
    with pytest.raises(CatalogError, match="named twice"):
        atlas.compare("ddpm", "DDPM")


def test_rows_differ_only_where_the_values_do(atlas):
    metrics = compare([{"id": "a", "x": ["1", "2"]}, {"id": "b", "x": ["2", "1"], "y": True}])
    assert metrics["differs"].tolist() == [False, True] and metrics.loc["y", "b"] == "yes"
    same = atlas.compare("song2019generative", "ho2020denoising")
    assert "conditions" not in same.index  # neither has one
    assert same.loc["tasks", "differs"] and same.loc["venue", "song2019generative"] == ""


def test_provenance_and_edges(atlas):
    provenance = atlas.provenance
    row = provenance[(provenance.entity == "ho2020denoising") & (provenance.field == "frameworks")]
    assert row[["value", "status", "source"]].values.tolist() == [["ddpm", "recall", "memory"]]
    edges = {tuple(row) for row in atlas.edges.values.tolist()}
    assert ("tasks", "inpainting", "broader", "tasks", "restoration") in edges
    assert ("papers", "rombach2021high", "applies", "papers", "song2019generative") in edges
    assert ("frameworks", "ncsn", "links", "frameworks", "ddpm") in edges
    assert ("baselines", "ddpm", "papers", "papers", "ho2020denoising") in edges


def test_what_cannot_be_loaded_says_why(tmp_path, monkeypatch):
    with pytest.raises(CatalogError, match="there is no folder"):
        diffatlas.load(tmp_path / "nowhere")
    with pytest.raises(CatalogError, match="is no catalog"):
        diffatlas.load(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 0}')
    with pytest.raises(NotCompiled, match="another version"):
        diffatlas.load(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(NotCompiled, match="damaged"):
        diffatlas.load(tmp_path)
    monkeypatch.setattr("diffatlas.catalog.stored._PACKAGED", tmp_path / "none")
    with pytest.raises(NotCompiled, match="make catalog"):
        diffatlas.load()


def test_yaml_that_is_not_valid_is_refused_with_its_findings(tmp_path):
    folder = small_catalog.write(tmp_path)
    (folder / "tasks" / "inpainting.yaml").write_text("id: inpainting\nnam: x\n")
    with pytest.raises(CatalogError, match=r"inpainting\.yaml:2:1") as caught:
        diffatlas.load(folder)
    assert caught.value.findings


def test_a_catalog_without_papers_still_answers(tmp_path):
    (tmp_path / "tasks").mkdir()
    empty = diffatlas.load(tmp_path)
    assert empty.find("has:code").empty and empty.papers.columns.tolist() == list(PAPER_COLUMNS)
    assert empty.crosstab("year", "task").empty and empty.long("tasks").empty
    assert empty.bibtex() == "" and empty.edges.empty and empty.terms.empty


@pytest.mark.parametrize(
    "text", ["{}", "[]", "null", '{"id": []}', '{"id": "x"}', '{"id": ["a"], "year": []}']
)
@pytest.mark.parametrize("kind", ["papers", "frameworks", "results", "provenance"])
def test_a_damaged_table_is_told(folder, tmp_path, kind, text):
    compiled.write(compiled.compile_catalog(folder), tmp_path)
    (tmp_path / f"{kind}.json").write_text(text)
    atlas = diffatlas.load(tmp_path)
    with pytest.raises(NotCompiled, match=rf"{kind}\.json: it "):
        getattr(atlas, kind)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("papers/2020/ho2020denoising.yaml", "- ddpm\n", "- nosuch\n", "no framework 'nosuch'"),
        ("papers/2020/ho2020denoising.yaml", "id: ho2020", "id: song2020", "no paper 'ho2020"),
        ("metrics/fid.yaml", "id: fid", "id: frechet", "there is no metric 'fid'"),
        ("tasks/restoration.yaml", "id: restoration", "id: inpainting", "is also that of"),
        ("frameworks/ddpm.yaml", "forward:", "broader: [ddim]\nforward:", "broader than itself"),
    ],
)
def test_references_are_checked_when_yaml_is_loaded(tmp_path, file, old, new, says):
    path = small_catalog.write(tmp_path) / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError, match=says) as caught:
        diffatlas.load(tmp_path)
    assert caught.value.findings
