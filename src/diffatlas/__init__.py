"""A queryable atlas of diffusion models in vision whose every framework runs.

>>> import diffatlas
>>> atlas = diffatlas.load()
>>> atlas.find("framework:sde year:2021..")      # a pandas.DataFrame

Importing this package loads neither pandas nor torch: each name below is fetched when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diffatlas.catalog.atlas import Atlas, load
    from diffatlas.errors import (
        CatalogError,
        ExportError,
        FilterError,
        MissingExtra,
        NotCompiled,
        UnknownEntity,
        UnknownField,
    )

    __version__: str

_HOMES = {
    "load": "diffatlas.catalog.atlas",
    "Atlas": "diffatlas.catalog.atlas",
    "CatalogError": "diffatlas.errors",
    "ExportError": "diffatlas.errors",
    "FilterError": "diffatlas.errors",
    "MissingExtra": "diffatlas.errors",
    "NotCompiled": "diffatlas.errors",
    "UnknownEntity": "diffatlas.errors",
    "UnknownField": "diffatlas.errors",
}

__all__ = [
    "Atlas",
    "CatalogError",
    "ExportError",
    "FilterError",
    "MissingExtra",
    "NotCompiled",
    "UnknownEntity",
    "UnknownField",
    "__version__",
    "load",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = _version()
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name == "errors":
        return import_module("diffatlas.errors")
    else:
        raise AttributeError(f"module 'diffatlas' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "errors"})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("diffatlas")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0+unknown"
