"""Reads HTML as a browser would see it: elements with attributes, ids, links, text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Read(HTMLParser):
    """What a document holds. ``elements`` is (tag, attributes) in order."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def ids(self) -> set[str]:
        return {a["id"] or "" for _, a in self.elements if "id" in a}

    @property
    def links(self) -> list[str]:
        """Every address that the document names, whatever the attribute."""
        names = ("href", "src", "srcset", "poster", "action", "data")
        return [v for _, attrs in self.elements for k, v in attrs.items() if k in names and v]


def read(html: str) -> Read:
    found = Read()
    found.feed(html)
    found.close()
    return found
