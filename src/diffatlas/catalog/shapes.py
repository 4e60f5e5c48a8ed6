"""What pydantic finds, said in the catalog's words and at the place in the file."""

from __future__ import annotations

import re
from typing import Any, get_args

from pydantic import BaseModel

from diffatlas.catalog.models import KINDS, keys
from diffatlas.catalog.reading import Document, Node, Problem
from diffatlas.errors import nearest

__all__ = ["inner_model", "model_at", "shape_problems"]

_NAMES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "date_type": "a date as YYYY-MM-DD without quotes",
    "date_from_datetime_parsing": "a date as YYYY-MM-DD without quotes",
    "list_type": "a list",
    "model_type": "a mapping of keys",
    "dict_type": "a mapping of keys",
}


def shape_problems(kind: str, document: Document, errors: list[Any]) -> list[Problem]:
    """One problem a place: the branches of a union are joined in one message."""
    wanted: dict[tuple[Any, ...], list[str]] = {}
    problems: list[Problem] = []
    for error in errors:
        path = _existing(document.root, error["loc"])
        if error["type"] in _NAMES:
            wanted.setdefault(path, []).append(_NAMES[error["type"]])
        else:
            problems.append(_problem(kind, document, error, path))
    for path, names in wanted.items():
        problems.append(_wrong_type(document, path, names))
    return problems


def _existing(root: Node | None, loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """The part of a location that exists in the file; a union adds names of its branches."""
    path: list[Any] = []
    node = root
    for step in loc:
        node = node.get(step) if node is not None else None
        if node is None:
            break
        path.append(step)
    return tuple(path)


def _named(path: tuple[Any, ...]) -> str:
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return _short(text)


def _short(text: str, limit: int = 60) -> str:
    shown = text if text.isprintable() else repr(text)[1:-1]
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def _show(node: Node | None) -> str:
    if node is None or node.kind != "scalar":
        return "a list" if node is not None and node.kind == "list" else "a mapping"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, str):
        return f"the text {_short(node.value)!r}"
    return _short(str(node.value))


def _node(document: Document, path: tuple[Any, ...]) -> Node | None:
    node = document.root
    for step in path:
        node = node.get(step) if node is not None else None
    return node


def _wrong_type(document: Document, path: tuple[Any, ...], names: list[str]) -> Problem:
    line, column = document.place(*path)
    node = _node(document, path)
    expected = " or ".join(dict.fromkeys(names))
    message = f"{_named(path)} should be {expected}, not {_show(node)}"
    suggestion = ""
    if node is not None and node.kind == "scalar" and node.value is None:
        message = f"{_named(path)} is empty"
        suggestion = f"fill it in ({expected}) or leave the key out"
        return Problem(line, column, "S105", message, suggestion)
    if "text" in names and node is not None and node.kind == "scalar":
        suggestion = "put it in quotes"
    elif "a list" in names and node is not None and node.kind == "scalar":
        suggestion = f"write [{_short(str(node.value))}]"
    return Problem(line, column, "S103", message, suggestion)


def _problem(
    kind: str, document: Document, error: dict[str, Any], path: tuple[Any, ...]
) -> Problem:
    line, column = document.place(*path)
    context = error.get("ctx", {})
    name = _named(path)
    match error["type"]:
        case "missing":
            key = error["loc"][-1]
            parent = f"{name}: " if name else ""
            model = model_at(KINDS[kind], path)
            described = _description(model, str(key)) if model else ""
            return Problem(line, column, "S101", f"{parent}the key {key!r} is missing", described)
        case "extra_forbidden":
            model = model_at(KINDS[kind], path[:-1])
            known = keys(model) if model else []
            line, column = document.place(*path, key=True)
            unknown = _short(str(path[-1])) if path else "?"
            guess = nearest(str(path[-1]), known) if path else []
            hint = f"did you mean {' or '.join(guess)}?" if guess else f"keys: {', '.join(known)}"
            return Problem(line, column, "S102", f"unknown key {unknown!r}", hint)
        case "literal_error" | "enum":
            allowed = re.findall(r"'([^']+)'", str(context.get("expected", "")))
            node = _node(document, path)
            given = str(node.value) if node is not None and node.kind == "scalar" else ""
            guess = nearest(given, allowed)
            hint = f"did you mean {guess[0]}?" if guess else f"one of {', '.join(allowed)}"
            return Problem(line, column, "S104", f"{name} may not be {_show(node)}", hint)
        case "string_too_short" | "too_short":
            hint = "fill it in or leave the key out"
            return Problem(line, column, "S105", f"{name} is empty", hint)
    reason = str(error.get("msg", "is not valid")).removeprefix("Input ")
    return Problem(line, column, "S106", f"{name} {_short(reason, 200)}")


def model_at(model: type[BaseModel], path: tuple[Any, ...]) -> type[BaseModel] | None:
    """The model of the mapping at a path of keys, if there is one."""
    current: Any = model
    for step in path:
        if isinstance(step, int):
            continue
        fields = {field.alias or name: field for name, field in current.model_fields.items()}
        found = inner_model(fields[step].annotation) if step in fields else None
        if found is None:
            return None
        current = found
    return current


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as ``list[Model]``, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = inner_model(argument)
        if found is not None:
            return found
    return None


def _description(model: type[BaseModel], key: str) -> str:
    for name, field in model.model_fields.items():
        if (field.alias or name) == key:
            return f"add it: {field.description}".rstrip(".") if field.description else ""
    return ""
