"""Which sources a stored result depends on, as one hash that comments do not change."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

import diffatlas.diffusion
from diffatlas.diffusion import features, runner

__all__ = ["bare", "imported", "measured_hash", "notebook_hash", "training_hash"]

_PACKAGE = "diffatlas.diffusion"
_ROOT = Path(diffatlas.diffusion.__file__).parent
# What neither a training nor a measurement depends on: pictures, messages, files, settings.
_NEVER = {"__init__", "images", "progress", "problems", "files", "checkpoints", "device", "budget"}
# What comes after the training.
_LATER = {"samplers", "likelihood", "ode", "evaluation", "features", "draw"}


def training_hash(name: str) -> str:
    """Changes when the weights of baseline ``name`` could come out differently."""
    return _hash(name, _NEVER | _LATER, b"")


def measured_hash(name: str) -> str:
    """Changes when the measurements of baseline ``name`` could."""
    weights = features.STORED / f"{runner.STORED_DATA}.safetensors"
    return _hash(name, _NEVER, weights.read_bytes())


def notebook_hash(name: str) -> str:
    """Changes when the executed notebook could: with any character of the file as well."""
    return _hash(name, {"__init__", "progress", "problems", "files"}, _baseline(name).read_bytes())


def _baseline(name: str) -> Path:
    return runner.folder() / f"{name}.py"


def _hash(name: str, without: set[str], more: bytes) -> str:
    digest = hashlib.sha256(more)
    for path in [_baseline(name), *imported(_baseline(name))]:
        relative = path.relative_to(_ROOT).parts if path.is_relative_to(_ROOT) else ("",)
        if relative[0].removesuffix(".py") not in without:
            digest.update(bare(path.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:16]


def imported(path: Path) -> list[Path]:
    """The files of ``diffatlas.diffusion`` that ``path`` imports, directly or through another."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        tree = ast.parse(waiting.pop().read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            for file in _files(node):
                if file not in found:
                    found.add(file)
                    waiting.append(file)
    return sorted(found)


def _files(node: ast.AST) -> list[Path]:
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE):
        base = _ROOT.joinpath(*(node.module or "").split(".")[2:])
        # `from package import module`, or `from module import name`
        stems = [base, *(base / alias.name for alias in node.names)]
    elif isinstance(node, ast.Import):
        modules = [a.name.split(".")[2:] for a in node.names if a.name.startswith(_PACKAGE)]
        stems = [_ROOT.joinpath(*parts) for parts in modules]
    else:
        return []
    files = [stem.with_suffix(".py") for stem in stems] + [stem / "__init__.py" for stem in stems]
    return [file for file in files if file.is_file()]


def bare(source: str) -> str:
    """``source`` without comments, docstrings, blank lines and cells that only run things."""
    tree = ast.parse(source)
    dropped: set[int] = set()
    for node in ast.walk(tree):
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            dropped.update(_lines(node.body[0]))
    for statement in tree.body:
        if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
            dropped.update(_lines(statement))
    kept = []
    for number, line in enumerate(source.splitlines(), 1):
        code = re.sub(r"(^|\s+)#( .*)?$", "", line).rstrip()
        if code and number not in dropped:
            kept.append(code)
    return "\n".join(kept)


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
