"""A paper as one line of a bibliography: APA style, or Markdown with a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diffatlas.catalog import csl
from diffatlas.catalog.people import byline, person
from diffatlas.catalog.writers import plain_markdown

__all__ = ["apa", "link", "markdown"]


def apa(record: Mapping[str, Any]) -> str:
    """The reference of a paper record in APA style (7th edition), as plain text.

    Up to twenty authors are named; of more, the first nineteen and the last. Plain text has no
    italics, and titles keep their capitals, which are the paper's own.
    """
    item = csl.entry(record)
    title = str(item["title"])
    parts = [
        _authors(record.get("authors") or ()),
        f"({item['issued']['date-parts'][0][0]}).",
        _ended(title),
        _place(item),
        link(record),
    ]
    return " ".join(part for part in parts if part)


def markdown(record: Mapping[str, Any]) -> str:
    """``[Title](address). Ho et al., 2020.``; without an address the title alone."""
    title, address = plain_markdown(str(record["title"])), link(record)
    who = plain_markdown(byline(record.get("authors") or ()))
    told = ", ".join(part for part in (who, str(record["year"])) if part)
    if address:
        return f"[{title}]({address}). {told}."
    return f"{_ended(title)} {told}."


def link(record: Mapping[str, Any]) -> str:
    """Where the paper can be read: its DOI's address, its page, or arXiv; empty for none."""
    if record.get("doi"):
        return f"https://doi.org/{record['doi']}"
    return str(csl.entry(record).get("URL") or "")


def _authors(people: Sequence[str]) -> str:
    names = [_inverted(name) for name in people]
    if len(names) > 20:
        return f"{', '.join(names[:19])}, . . . {names[-1]}"
    if len(names) > 1:
        return f"{', '.join(names[:-1])}, & {names[-1]}"
    return _ended(names[0]) if names else ""


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _inverted(name: str) -> str:
    """``Ho, J.``; a group keeps its name."""
    family, given, junior = person(name)
    # A hyphen joins two initials; what is already an initial stays one.
    initials = " ".join(
        "-".join(f"{part[0]}." for part in word.split("-") if part) for word in given.split()
    )
    return ", ".join(part for part in (family, initials, junior) if part)


def _place(item: Mapping[str, Any]) -> str:
    container = item.get("container-title")
    if item["type"] == "paper-conference":
        return f"In {container}." if container else ""
    if item["type"] == "article-journal":
        volume = str(item.get("volume") or "")
        number = f"({item['issue']})" if item.get("issue") else ""
        told = [str(container), f"{volume}{number}", str(item.get("page") or "")]
        return f"{', '.join(part for part in told if part)}."
    return "arXiv." if item.get("number") else ""
