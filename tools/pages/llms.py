"""``llms.txt``: what a language model should read first, and where the facts lie as plain data."""

from __future__ import annotations

from tools.pages.site import KINDS, Site

__all__ = ["write"]


def write(site: Site) -> None:
    """Add ``llms.txt`` (llmstxt.org): a title, a summary, and sections of links with notes."""
    kinds = [kind for kind in KINDS if kind not in ("papers", "baselines")]
    lines = [
        "# Diffusion Atlas",
        "",
        "> A knowledge base of diffusion models in vision: papers, frameworks, tasks, conditions "
        "and data sets with the source of every fact, and runnable baselines of DDPM, NCSN and "
        "score SDEs. It follows the survey Diffusion Models in Vision (arXiv 2209.04747) and goes "
        "on to later work.",
        "",
        "Every entity has its facts as JSON at api/v1/KIND/ID.json, with provenance: a fact whose "
        "status is recall has not been checked. Reported values carry their protocol; values of "
        "different protocols must not be ranked together.",
        "",
        "Every page is there as Markdown: add index.html.md to its address, as in "
        "[the home page](index.html.md) or [DDPM](frameworks/ddpm/index.html.md).",
        "",
        "## Data",
        "",
        "- [All of it](api/v1/index.json): the lists of every kind of entity",
        f"- [Papers](api/v1/papers.json): {len(site.papers)} papers by id and title",
        "- [BibTeX](data/papers.bib): every paper, ready to cite",
        "- [SQLite](data/atlas.sqlite): everything in one file",
        "",
        "## Vocabulary",
        "",
        *(f"- [{KINDS[kind].many}](api/v1/{kind}.json): {KINDS[kind].purpose}" for kind in kinds),
        "",
        "## Baselines",
        "",
        *(
            f"- [{record['name']}](assets/generated/{key}/{key}.ipynb): {record['summary']}"
            for key, record in site.records["baselines"].items()
        ),
        "",
        "## Pages",
        "",
        "- [Sitemap](sitemap.xml): the address of every page",
        "- [Query](query/): the catalog in Python and in the shell, with its filter language",
        "- [Explorer](explore/): the papers by facets; a view is a link",
        "- [Choice](choose/): a few questions rank the frameworks, with reasons",
        "- [Comparison](compare/): the three frameworks, point by point and line by line",
        "",
    ]
    site.tree.put("llms.txt", "\n".join(lines))
