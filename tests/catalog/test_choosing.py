"""The guided choice: its rules hang together, and each answer means what it should."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import diffatlas
from diffatlas.catalog import compiled
from diffatlas.catalog.choosing import answered, guide, rank
from diffatlas.cli import main
from diffatlas.cli.choose import QUESTIONS
from diffatlas.errors import CatalogError, UnknownEntity, UnknownField

CATALOG = Path(__file__).resolve().parents[2] / "catalog"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("compiled")
    compiled.write(compiled.compile_catalog(CATALOG), target)
    return target


@pytest.fixture(scope="module")
def atlas(folder: Path) -> Any:
    return diffatlas.load(folder)


@pytest.fixture(scope="module")
def known(atlas: Any) -> dict[str, Any]:
    return guide(atlas)


def few_answers(known: dict[str, Any], most: int) -> Iterator[dict[str, str]]:
    """Every way to answer at most so many questions."""
    options = {q["id"]: [o["id"] for o in q["options"]] for q in known["questions"]}
    for number in range(1, most + 1):
        for names in itertools.combinations(options, number):
            for picked in itertools.product(*(options[name] for name in names)):
                yield dict(zip(names, picked, strict=True))


def written(known: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for candidate in known["candidates"]:
        for rule in candidate["rules"]:
            if rule.get("weight") != 0:
                yield candidate, rule


def order(candidates: list[dict[str, Any]], answers: dict[str, str]) -> list[Any]:
    return [(entry["id"], entry["rank"] is None) for entry in rank(candidates, answers)]


def test_every_option_matters_to_some_rule(known: dict[str, Any]) -> None:
    used = {
        (question, option)
        for _, rule in written(known)
        for question, options in rule["when"].items()
        for option in options
    }
    # These ask for nothing: whoever gives them rules nothing out.
    free = {("likelihood", "none")}
    every = {(q["id"], o["id"]) for q in known["questions"] for o in q["options"]}
    assert every - used == free


def test_every_candidate_comes_first_for_some_answers(known: dict[str, Any]) -> None:
    missing = {candidate["id"] for candidate in known["candidates"]}
    for answers in few_answers(known, 3):
        missing.discard(rank(known["candidates"], answers)[0]["id"])
        if not missing:
            break
    assert not missing


def test_no_rule_is_dead(known: dict[str, Any]) -> None:
    """Without it, some answers would get another list."""
    draw = random.Random(0)
    options = {q["id"]: [o["id"] for o in q["options"]] for q in known["questions"]}
    dead = []
    for candidate, rule in written(known):
        others = [c for c in known["candidates"] if c is not candidate]
        without = {**candidate, "rules": [r for r in candidate["rules"] if r is not rule]}
        for _ in range(300):
            asked = draw.sample(sorted(options), 3)
            answers = {name: draw.choice(options[name]) for name in asked}
            answers |= {name: draw.choice(values) for name, values in rule["when"].items()}
            if order(known["candidates"], answers) != order([*others, without], answers):
                break
        else:
            dead.append((candidate["id"], rule["because"]))
    assert not dead


def test_every_reason_is_sourced(atlas: Any, known: dict[str, Any]) -> None:
    for candidate in known["candidates"]:
        assert candidate["command"] == f"diffatlas run {candidate['baseline']}"
        assert candidate["baseline"] in atlas.records("baselines")
        for rule in candidate["rules"]:
            assert rule["because"].endswith(".") and rule["sources"]
            for source in rule["sources"]:
                kind, _, own = source.partition("/")
                assert own in atlas.records(kind), source


def test_never_first_without_what_is_needed(known: dict[str, Any]) -> None:
    exact = {"sde", "probability-flow-ode", "flow-matching", "edm"}
    bound = exact | {"ddpm", "vdm", "masked-diffusion"}
    trained = {"dpm-solver", "ddim-inversion", "diffusion-distillation", "score-distillation"}
    for answers in few_answers(known, 2):
        listed = [e["id"] for e in rank(known["candidates"], answers) if e["rank"]]
        if answers.get("likelihood") == "exact":
            assert set(listed) <= exact, answers
        if answers.get("likelihood") == "bound":
            assert set(listed) <= bound, answers
        if answers.get("nfe") == "one":
            assert not {"ddpm", "ncsn", "sde", "ddim", "edm", "flow-matching"} & set(listed)
        if answers.get("pretrained") == "missing":
            assert not trained - {"dpm-solver"} & set(listed), answers


def test_the_survey_s_three_frameworks_can_be_chosen(known: dict[str, Any]) -> None:
    """Each is a candidate, also for the tens of evaluations that its baseline draws with."""
    ranks = {e["id"]: e["rank"] for e in rank(known["candidates"], {"nfe": "tens"})}
    assert all(ranks[framework] for framework in ("ddpm", "ncsn", "sde"))


def test_categories_can_be_written_as_real_numbers(known: dict[str, Any]) -> None:
    """As analog bits are, a DDPM in the catalog: a reason against it, behind what suits better."""
    ranks = {e["id"]: e["rank"] for e in rank(known["candidates"], {"data": "categories"})}
    assert ranks["masked-diffusion"] == 1 < ranks["ddpm"]


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({"task": "inpainting", "nfe": 10}, {"task": "restoration", "nfe": "tens"}),
        ({"task": "Super-Resolution"}, {"task": "restoration"}),
        ({"task": "mri-reconstruction"}, {"task": "restoration"}),
        ({"task": "text-to-3d"}, {"task": "3d"}),
        ({"condition": "sketch"}, {"condition": "image"}),
        ({"condition": "low-resolution-image"}, {"condition": "measurement"}),
        ({"nfe": "9", "size": 256}, {"nfe": "few", "size": "medium"}),
        (
            {"likelihood": True, "pretrained": False},
            {"likelihood": "exact", "pretrained": "missing"},
        ),
        ({"likelihood": "no", "size": None}, {"likelihood": "none"}),
    ],
)
def test_what_answers_mean(atlas: Any, given: dict[str, Any], means: dict[str, str]) -> None:
    assert answered(atlas, given) == means


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"taks": "inpainting"}, UnknownField, "did you mean task"),
        ({"task": "inpaintin"}, UnknownEntity, "did you mean inpainting"),
        ({"likelihood": "exct"}, UnknownEntity, "did you mean exact"),
        ({"nfe": 0}, UnknownEntity, "one, few, tens, hundreds"),
        ({}, CatalogError, "at least one question"),
    ],
)
def test_errors_say_how_to_mend(atlas: Any, given: Any, error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        atlas.choose(**given)


def test_the_frame(atlas: Any) -> None:
    found = atlas.choose(task="inpainting", pretrained=True)
    assert list(found.columns[:5]) == ["rank", "id", "name", "score", "reasons"]
    assert found["id"][0] == "diffusion-posterior-sampling"
    assert found["rank"].dropna().tolist() == list(range(1, found["rank"].count() + 1))
    assert all(len(r) == len(s) for r, s in zip(found["reasons"], found["sources"], strict=True))


def test_reported_results_are_reasons(atlas: Any) -> None:
    found = atlas.choose(nfe=1, size=32).set_index("id")
    reasons = " ".join(found.loc["consistency-model", "reasons"])
    assert "CIFAR-10 (32 pixels, unconditional) the best FID" in reasons


def test_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["choose", "--catalog", str(folder)]
    assert main([*base, "--task", "inpainting", "--pretrained", "yes"]) == 0
    shown = capsys.readouterr().out
    assert "1. Diffusion posterior sampling" in shown and "diffatlas run score_sde" in shown
    assert main([*base, "--nfe", "10", "-f", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["answers"] == {"nfe": "tens"} and told["candidates"][0]["rank"] == 1
    assert main([*base, "--likelihood", "exact", "--nfe", "1"]) == 1
    assert "Left out" in capsys.readouterr().out
    assert main([*base, "--task", "inpaintin"]) == 2
    assert "did you mean inpainting" in capsys.readouterr().err
    assert main(base) == 2
    assert "--task" in capsys.readouterr().err


def test_flags_are_the_questions(known: dict[str, Any]) -> None:
    assert list(QUESTIONS) == [question["id"] for question in known["questions"]]


def test_an_answer_leaves_the_vocabulary_as_it_was(atlas: Any) -> None:
    for record in atlas.records("tasks").values():
        with suppress(UnknownEntity):  # not every task is covered by an option
            answered(atlas, {"task": record["name"]})
        assert atlas.vocabulary("tasks").resolve(record["name"]) == [record["id"]]
