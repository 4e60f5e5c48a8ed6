"""What a page is about, for machines: citation tags and schema.org's terms."""

from __future__ import annotations

from diffatlas.catalog import citations, csl
from tools.pages.site import KINDS, Record

__all__ = ["citation", "dataset", "paper", "term"]

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def citation(record: Record) -> list[list[str]]:
    """The ``citation_*`` tags of a paper, without that beginning: name and content of each."""
    item = csl.entry(record)
    venue = {"paper-conference": "conference_title", "article-journal": "journal_title"}
    date = str(record.get("submitted") or record["year"]).replace("-", "/")
    tags = [
        ("title", record["title"]),
        *(("author", name) for name in record.get("authors") or ()),
        ("publication_date", date),
        (venue.get(item["type"], "journal_title"), item.get("container-title")),
        ("volume", item.get("volume")),
        ("arxiv_id", record.get("arxiv")),
        ("doi", record.get("doi")),
    ]
    return [[name, str(content)] for name, content in tags if content]


def paper(record: Record) -> dict[str, object]:
    """A ScholarlyArticle."""
    arxiv = f"https://arxiv.org/abs/{record['arxiv']}" if record.get("arxiv") else ""
    doi = f"https://doi.org/{record['doi']}" if record.get("doi") else ""
    about = {
        "@type": "ScholarlyArticle",
        "name": record["title"],
        "author": [{"@type": "Person", "name": name} for name in record.get("authors") or ()],
        "datePublished": str(record.get("submitted") or record["year"]),
        "url": citations.link(record),
        "sameAs": [address for address in (arxiv, doi) if address],
    }
    return {key: value for key, value in about.items() if value}


def term(kind: str, record: Record) -> dict[str, object]:
    """A DefinedTerm of the vocabulary that its kind is."""
    about = {
        "@type": "DefinedTerm",
        "name": record["name"],
        "alternateName": list(record.get("aliases") or ()),
        "description": record.get("summary") or "",
        "inDefinedTermSet": f"Diffusion Atlas: {KINDS[kind].many}",
    }
    return {key: value for key, value in about.items() if value}


def dataset(description: str, files: list[str]) -> dict[str, object]:
    """The catalog itself as a Dataset; ``files`` are the names of its downloads."""
    return {
        "@type": "Dataset",
        "name": "Diffusion Atlas",
        "description": description,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "keywords": ["diffusion models", "score-based generative models", "computer vision"],
        "distribution": [{"@type": "DataDownload", "name": name} for name in files],
    }
