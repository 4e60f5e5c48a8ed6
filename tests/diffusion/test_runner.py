"""Running a baseline by name: weights that do not fit it, and starting over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from diffatlas.diffusion import runner
from diffatlas.diffusion.checkpoints import Checkpoints, load_weights, save_weights
from diffatlas.diffusion.problems import CheckpointError

STORED = runner.results("ddpm") / "weights.safetensors"


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"shape": None}, "no note of shape"),
        ({"variant": None, "data": None}, "no note of variant, data"),
        ({"variant": "old-name"}, "no variant 'old-name'.*choose one of cosine-v"),
        ({"shape": "[1, 28"}, "delimiter"),
        ({"shape": "[1, 30, 30]"}, "multiples of 4"),
        ({"shape": "28"}, "int"),
        ({"network": '{"depth": 3}'}, "depth"),
        ({"network": '{"width": 2}'}, "size mismatch"),
    ],
)
def test_weights_with_notes_that_do_not_fit_say_so(
    changed: dict[str, str | None], said: str, tmp_path: Path
) -> None:
    state, notes = load_weights(STORED)
    notes = {key: value for key, value in {**notes, **changed}.items() if value is not None}
    check_refused(tmp_path, state, notes, said)


def test_weights_with_missing_tensors_say_so(tmp_path: Path) -> None:
    state, notes = load_weights(STORED)
    name, value = state.popitem()
    check_refused(tmp_path, state, notes, f"Missing key.*{name}")
    check_refused(tmp_path, {**state, name: value, "more": value}, notes, "Unexpected key.*more")


def check_refused(
    folder: Path, state: dict[str, torch.Tensor], notes: dict[str, str], said: str
) -> None:
    path = folder / "w.safetensors"
    save_weights(path, state, notes)
    with pytest.raises(CheckpointError, match=said) as caught:
        runner.trained("ddpm", weights=path, device="cpu")
    message = str(caught.value)
    assert str(path) in message and "--weights" in message and "\n" not in message


def test_starting_over_is_left_to_the_process_that_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other might delete the checkpoint that the first has just written."""
    Checkpoints(tmp_path).save({"step": 1, "done": False})
    asked: list[bool] = []

    def instead(*_: Any, fresh: bool, **__: Any) -> Any:
        assert Checkpoints(tmp_path).exists()
        asked.append(fresh)
        raise CheckpointError("enough")

    monkeypatch.setattr(runner, "train", instead)
    with pytest.raises(CheckpointError, match="enough"):
        runner.run("ddpm", out=tmp_path, fresh=True, quiet=True)
    assert asked == [True]
    monkeypatch.undo()
    runner.run("ddpm", out=tmp_path, fresh=True, quiet=True, budget="2steps", device="cpu")
    state, _ = Checkpoints(tmp_path).load()
    assert state["step"] == 2 and state["done"]
