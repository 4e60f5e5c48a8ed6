"""Which scripts and data a page needs at once, so that browsers ask for all of them together."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

__all__ = ["modules"]

SCRIPTS = Path(__file__).resolve().parents[2] / "docs" / "assets" / "js"
IMPORT = re.compile(r'^import [^;]*? from "(\.[^"]+)";', re.MULTILINE)


def modules(entry: str) -> list[str]:
    """The modules that ``entry`` (below ``assets/js``) imports, itself first; without scripts
    that are imported later, on demand."""
    found = [entry]
    for name in found:
        source = (SCRIPTS / name).read_text(encoding="utf-8")
        for path in IMPORT.findall(source):
            wanted = posixpath.normpath(f"{posixpath.dirname(name)}/{path}")
            if wanted not in found:
                found.append(wanted)
    return found
