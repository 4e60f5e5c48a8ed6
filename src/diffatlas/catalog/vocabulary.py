"""The terms of one kind as a hierarchy: resolves what a person typed, walks to narrower terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from diffatlas.catalog.text import normalize
from diffatlas.errors import nearest

__all__ = ["Vocabulary"]


def _as_typed(text: str) -> str:
    return text.strip().lower()


def _layered(
    layers: Sequence[Sequence[tuple[str, str]]], key_of: Callable[[str], str]
) -> dict[str, list[str]]:
    """Key -> ids. An id beats a name and a name an alias: each layer only fills what is free."""
    known: dict[str, list[str]] = {}
    for layer in layers:
        fresh: dict[str, list[str]] = {}
        for text, target in layer:
            key = key_of(text)
            if key and key not in known and target not in fresh.setdefault(key, []):
                fresh[key].append(target)
        known |= {key: targets for key, targets in fresh.items() if targets}
    return known


@dataclass
class Vocabulary:
    """Ids, names, aliases and broader terms of one kind, in the catalog's order."""

    ids: Sequence[str]
    names: Sequence[str]
    aliases: Sequence[Sequence[str]]
    broader: Sequence[Sequence[str]]
    _children: dict[str, list[str]] = field(init=False, repr=False)
    _exact: dict[str, list[str]] = field(init=False, repr=False)
    _known: dict[str, list[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        children: dict[str, list[str]] = {i: [] for i in self.ids}
        for child, parents in zip(self.ids, self.broader, strict=True):
            for parent in parents:
                if parent in children:
                    children[parent].append(child)
        self._children = children
        layers: list[list[tuple[str, str]]] = [
            [(i, i) for i in self.ids],
            list(zip(self.names, self.ids, strict=True)),
            [(a, i) for i, names in zip(self.ids, self.aliases, strict=True) for a in names],
        ]
        self._exact = _layered(layers, _as_typed)
        self._known = _layered(layers, normalize)

    def __contains__(self, term: str) -> bool:
        return term in self._children

    def resolve(self, text: str) -> list[str]:
        """The ids that ``text`` may mean: one, none, or several where an alias is shared."""
        if text in self._children:
            return [text]
        # As typed first: "DDPM++" without its punctuation would be another term.
        found = self._exact.get(_as_typed(text)) or self._known.get(normalize(text), [])
        return list(found)  # the caller may add to it

    def suggestions(self, text: str, n: int = 3) -> list[str]:
        """Ids whose id, name or alias looks like ``text``."""
        keys = nearest(normalize(text), self._known, n)
        return list(dict.fromkeys(i for key in keys for i in self._known[key]))[:n]

    def children(self, term: str) -> list[str]:
        """The terms whose ``broader`` names ``term``."""
        return list(self._children.get(term, ()))

    def narrower(self, term: str) -> list[str]:
        """All terms below ``term``, nearest first, without itself; a cycle does no harm."""
        seen = {term: None}
        queue = [term]
        for current in queue:
            for child in self._children.get(current, ()):
                if child not in seen:
                    seen[child] = None
                    queue.append(child)
        return queue[1:]

    def roots(self) -> list[str]:
        """The terms that no other term of the vocabulary is broader than."""
        return [
            i
            for i, parents in zip(self.ids, self.broader, strict=True)
            if not any(p in self._children for p in parents)
        ]
