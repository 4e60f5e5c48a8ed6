"""Every rule of the check: importing this package fills ``RULES``.

Codes by their first letter: Y reading YAML, S shape (types and keys), R references, I identity,
D dates, P provenance, F formatting, G guided choice. Y and S are found while files are read
(``diffatlas.catalog.reading``, ``diffatlas.catalog.shapes``); ``CODES`` explains all.
"""

from __future__ import annotations

from diffatlas.catalog.rules import (  # noqa: F401  (imported for what they register)
    dates,
    duplicates,
    formatting,
    guide,
    identifiers,
    placement,
    pointers,
    provenance,
    references,
)
from diffatlas.catalog.rules.base import RULES, Catalog, File, Rule

__all__ = ["CODES", "RULES", "Catalog", "File", "Rule"]

CODES: dict[str, str] = {
    "Y001": "A path or file that cannot be read.",
    "Y002": "A file that is not UTF-8.",
    "Y003": "Broken YAML.",
    "Y004": "A key that stands in a mapping twice.",
    "Y005": "An anchor, alias or merge key.",
    "Y006": "A tag.",
    "Y007": "Nesting deeper than any entity needs.",
    "Y008": "A file or value that is too long.",
    "Y009": "An invisible character that breaks lines or is not allowed.",
    "Y010": "A file without an entity.",
    "Y011": "A second document in a file.",
    "S101": "A missing key.",
    "S102": "An unknown key.",
    "S103": "A value of the wrong type.",
    "S104": "A word that is not one of those allowed.",
    "S105": "An empty value: the key should be left out.",
    "S106": "A value out of range.",
    **{code: rule.finds for code, rule in sorted(RULES.items())},
}
