"""Puts the compiled catalog and the baselines into the wheel, so that ``pip install`` is enough."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def baselines(folder: Path) -> dict[str, str]:
    """Return what the wheel takes of the baselines: the programs, their measurements and weights.

    Notebooks and pictures stay in the repository; they are for the site.
    """
    wanted = [*folder.glob("*.py"), *folder.glob("results/**/*.json")]
    wanted += folder.glob("results/**/*.safetensors")
    return {str(path): f"diffatlas/_baselines/{path.relative_to(folder)}" for path in wanted}


class CompileCatalog(BuildHookInterface):
    """The custom build hook of the target ``wheel``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        try:
            from diffatlas.catalog.build import Refused, build
        finally:
            sys.path.remove(str(root / "src"))
        data = root / "src" / "diffatlas" / "_data"
        try:
            force = version != "editable"
            build(root / "catalog", data, force=force, version=self.metadata.version)
        except Refused as refused:
            # An editable install is how the catalog gets mended, so errors must not prevent it.
            if version != "editable":
                raise SystemExit(f"{refused}") from None
            self.app.display_warning(f"{refused}")
        # Ignored by git and so, without this, by the build.
        build_data["artifacts"].append("src/diffatlas/_data/*.json")
        if version != "editable":
            build_data["force_include"].update(baselines(root / "baselines"))
