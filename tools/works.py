"""What works in a page (explorer, comparison, guided choice) leaves as one script each.

They are written as small modules that import each other. Asked for one by one they would be many
requests, and together they pack a fifth smaller. A module becomes a function that gives what it
exports, so that local names stay local. What ``import()`` names stays a file that is asked for when
it is wanted. The modules stay beside the scripts: others import some of them too.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

__all__ = ["bundle", "join"]

IMPORT = re.compile(r'^import (\{[^{}]*\}) from "(\.[^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
# What is left of other imports and exports; ``import()`` of a neighbor names the same file in both
# as long as the module lies where the script does.
LATER = re.compile(r".*\bimport\(.*")
OTHER = re.compile(r'^(?:import|export)\b.*|.*\bimport\((?!"\./[\w-]+\.js"\)).*', re.MULTILINE)


def bundle(folder: Path, entry: str) -> tuple[str, list[str]]:
    """The module ``entry`` of ``folder`` with all that it imports as one, and what is in it.

    Raises ``ValueError`` for an import or export that is not written as ours are, which are what
    the patterns above say.
    """
    parts: dict[str, str] = {}

    def read(module: str) -> None:
        source = (folder / module).read_text(encoding="utf-8")

        def at(path: str) -> str:
            return posixpath.normpath(posixpath.join(posixpath.dirname(module), path))

        def imported(found: re.Match[str]) -> str:
            return f"const {found[1].replace(' as ', ': ')} = {_named(at(found[2]))};"

        for _, path in IMPORT.findall(source):
            if at(path) not in parts:
                read(at(path))
        given = ", ".join(EXPORT.findall(source))
        body = EXPORT.sub("", IMPORT.sub(imported, source))
        beside = posixpath.dirname(module) == posixpath.dirname(entry)
        if found := OTHER.search(body) or (None if beside else LATER.search(body)):
            raise ValueError(
                f"{folder / module}: cannot be put into one script: {found[0].strip()}"
            )
        parts[module] = f"const {_named(module)} = (() => {{\n{body}\nreturn {{ {given} }};\n}})();"

    read(entry)
    names = ", ".join(EXPORT.findall((folder / entry).read_text(encoding="utf-8")))
    last = f"export const {{ {names} }} = {_named(entry)};"
    return "\n".join([*parts.values(), last]), list(parts)


def _named(module: str) -> str:
    """What a module is called in the script."""
    return "$" + re.sub(r"\W", "_", module.removesuffix(".js"))


def join(folder: Path) -> None:
    """Make each ``main.js`` below ``folder`` hold all that it imports."""
    entries = [file.relative_to(folder).as_posix() for file in sorted(folder.glob("*/main.js"))]
    for entry, script in {entry: bundle(folder, entry)[0] for entry in entries}.items():
        (folder / entry).write_text(script, encoding="utf-8")
