"""Each baseline is a notebook, a script and a module at once, and reads from top to bottom."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import jupytext
import pytest
import torch
from tools.execute import execute
from tools.sources import bare

from diffatlas.diffusion import runner
from diffatlas.diffusion.data import load
from diffatlas.diffusion.draw import draw
from diffatlas.diffusion.evaluation import measure
from diffatlas.diffusion.training import train

HEADINGS = ("forward process", "loss", "sampler", "training", "samples", "measurement", "limits")


def code_of(notebook: object) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]  # type: ignore[attr-defined]


def test_the_notebook_holds_the_code_of_the_file_and_turns_back_into_it(module: ModuleType) -> None:
    path = runner.folder() / f"{module.ID}.py"
    notebook = jupytext.read(path)
    joined = "\n".join(code_of(notebook))
    assert ast.dump(ast.parse(joined)) == ast.dump(ast.parse(path.read_text()))
    back = jupytext.reads(jupytext.writes(notebook, fmt="ipynb"), fmt="ipynb")
    assert code_of(back) == code_of(notebook)


def test_cells_either_define_or_run_and_those_that_run_are_short(module: ModuleType) -> None:
    notebook = jupytext.read(runner.folder() / f"{module.ID}.py")
    defining = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign)
    for source in code_of(notebook):
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.If):
                assert ast.unparse(statement.test) == "__name__ == '__main__'"
                assert len(statement.body) <= 5
            else:
                assert isinstance(statement, defining), ast.unparse(statement)


def test_the_order_is_the_same_in_all_and_the_code_is_short(module: ModuleType) -> None:
    text = (runner.folder() / f"{module.ID}.py").read_text()
    headings = [line[5:].lower() for line in text.splitlines() if line.startswith("# ## ")]
    places = [next(i for i, h in enumerate(headings) if wanted in h) for wanted in HEADINGS]
    assert places == sorted(places)
    assert len(bare(text).splitlines()) <= 150
    assert module.ID in runner.names() and runner.title(module.ID) in text


def test_public_functions_say_what_shapes_they_take(module: ModuleType) -> None:
    tree = ast.parse((runner.folder() / f"{module.ID}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name not in ("__init__", "both"):
            assert ast.get_docstring(node), node.name
    for name in ("loss", "build"):
        assert re.search(r"\(.*C, H, W\)", getattr(module, name).__doc__)


def shortened(name: str, folder: Path) -> Path:
    """A copy that trains for six steps and draws few images: the same code, in seconds."""
    text = (runner.folder() / f"{name}.py").read_text()
    text = text.replace('"15s"', '"6steps"').replace("n=500", "n=40").replace("[:100]", "[:4]")
    assert '"6steps"' in text and "n=40" in text
    path = folder / f"{name}.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["ddpm", "ncsn", "score_sde"])
def test_notebook_script_and_module_give_the_same_measurement(
    name: str, tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shortened(name, tmp_path)
    done = subprocess.run(
        [sys.executable, path], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout[done.stdout.index("digits, N = 40") :].splitlines()
    said = "\n".join(lines[:3])  # distance and coverage, the other measures, the scale
    assert {p.name for p in (tmp_path / "runs").glob("*.png")} >= {
        f"{name}-{part}.png" for part in ("training", "strip", "samples")
    }

    for key in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "DIFFATLAS_OFFLINE"):
        monkeypatch.setenv(key, environment[key])
    notebook = json.loads(execute(path))
    outputs = [out for cell in notebook["cells"] for out in cell.get("outputs", [])]
    assert said in "".join("".join(out.get("text", "")) for out in outputs)
    assert sum("image/png" in out.get("data", {}) for out in outputs) >= 3
    assert str(tmp_path) not in json.dumps(notebook)

    spec = importlib.util.spec_from_file_location(f"short_{name}", path)
    assert spec is not None and spec.loader is not None
    imported = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(imported)
    torch.manual_seed(0)
    data, model = load("digits"), imported.build((1, 8, 8))
    run = train(model, imported.loss, data.train, "6steps", quiet=True)
    assert str(measure(draw(imported.sample, run.model, n=40), data)) == said
