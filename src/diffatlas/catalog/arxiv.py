"""What arXiv tells of a paper: by its id, and by its API, the library's only use of a network."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from datetime import date

from diffatlas.catalog.drafts import Draft
from diffatlas.errors import CatalogError

__all__ = ["API", "fetch", "month"]

API = "https://export.arxiv.org/api/query?id_list="
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_LIMIT = 1_000_000  # bytes; an answer about one paper has a few thousand


def month(arxiv: str) -> str:
    """The ``YYYY-MM`` in which a paper of this id was submitted; "" where the id tells none.

    Ids since April 2007 begin with year and month (``2006.11239``).
    """
    found = re.match(r"(\d\d)(0[1-9]|1[0-2])\.", arxiv)
    return f"20{found[1]}-{found[2]}" if found else ""


def fetch(arxiv: str, timeout: float = 10.0) -> Draft:
    """Title, authors, first date and DOI of the arXiv id.

    Raises ``CatalogError`` where there is no network, no answer within ``timeout`` seconds, no
    paper of that id, or an answer that is none.
    """
    request = urllib.request.Request(f"{API}{arxiv}", headers={"User-Agent": "diffatlas"})
    hand = "leave out --fetch and type the facts yourself"
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            body = answer.read(_LIMIT)
    except urllib.error.HTTPError as error:
        raise CatalogError(f"arXiv answered {error.code} {error.reason}; {hand}") from None
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise CatalogError(f"arXiv cannot be reached ({reason}); {hand}") from None
    try:
        entry = ElementTree.fromstring(body).find(f"{_ATOM}entry")
    except ElementTree.ParseError:
        raise CatalogError(f"arXiv's answer cannot be read; {hand}") from None
    title = _text(entry, f"{_ATOM}title")
    day = _text(entry, f"{_ATOM}published")[:10]
    if entry is None or not title or not day:
        raise CatalogError(f"arXiv knows no paper {arxiv}; check the id")
    names = (_text(author, f"{_ATOM}name") for author in entry.findall(f"{_ATOM}author"))
    submitted = date.fromisoformat(day)
    return Draft(
        title=title,
        authors=[name for name in names if name],
        year=submitted.year,
        arxiv=arxiv,
        doi=_text(entry, f"{_ARXIV}doi"),
        submitted=submitted,
        source=f"https://arxiv.org/abs/{arxiv}",
        note="By arXiv's API.",
    )


def _text(parent: ElementTree.Element | None, name: str) -> str:
    found = parent.find(name) if parent is not None else None
    return " ".join((found.text or "").split()) if found is not None else ""
