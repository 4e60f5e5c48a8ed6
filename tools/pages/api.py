"""What programs read: stable JSON at ``api/v1/``, the exports at ``data/``, a feed, and their page.

``api/v1/index.json`` names the kinds; ``api/v1/<kind>.json`` lists a kind's entities;
``api/v1/<kind>/<id>.json`` is one entity as the catalog has it. What version 1 gives keeps its name
and meaning; keys may be added.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

import diffatlas
from diffatlas.catalog import csl, datapackage, export
from tools.pages import metadata
from tools.pages.escape import text
from tools.pages.parts import Page, thead
from tools.pages.site import Record, Site

__all__ = ["write"]

STAMP = "catalog"  # names the catalog that the files of data/ are of
_LATEST = 60  # entries in the feed
_NEW = "New entry."
_WHAT = {
    "papers": "one row a paper",
    "results": "one row a reported value with its protocol",
    "terms": "one row a term of a vocabulary",
    "edges": "one row a typed link between two entities",
    "provenance": "one row a fact and source",
}


def write(site: Site) -> None:
    """Add the API, the exports, the feed and the page that documents them."""
    _api(site)
    _feed(site)
    sizes = _exports(site)
    _page(site, sizes)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _api(site: Site) -> None:
    kinds = {}
    for kind in site.atlas.kinds:
        records = site.atlas.records(kind)
        kinds[kind] = {"count": len(records), "list": f"{kind}.json"}
        listed = []
        for own, record in records.items():
            item = {"id": own, "name": record.get("title") or record.get("name") or own}
            page = f"../../{kind}/{own}/" if kind in site.records and kind != "sources" else None
            if page and kind != "results":
                item["page"] = page
            listed.append({**item, "url": f"{kind}/{own}.json"})
            site.tree.put(f"api/v1/{kind}/{own}.json", _json({"kind": kind, **record}))
        site.tree.put(f"api/v1/{kind}.json", _json(listed))
    index = {
        "api": 1,
        "catalog": site.atlas.version,
        "diffatlas": diffatlas.__version__,
        "license": "CC-BY-4.0",
        "kinds": kinds,
    }
    site.tree.put("api/v1/index.json", _json(index))


def _exports(site: Site) -> list[tuple[str, int]]:
    """Put every export into ``data/``; names and sizes in bytes.

    They take a third of the whole run, so those of the same catalog are taken over as they lie.
    """
    code = "".join(module.__name__ + _digest(module) for module in (csl, datapackage, export))
    stamp = hashlib.sha256(f"{site.atlas.version} {diffatlas.__version__} {code}".encode())
    old = site.tree.root / "data"
    key, *names = _read(old / STAMP).decode().split() or [""]
    same = site.atlas.version and key == stamp.hexdigest()
    if not (same and all((old / name).is_file() for name in names)):
        names = []
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        place = old if names else Path(folder)
        for name in names or site.atlas.export(folder):
            content = (place / name).read_bytes()
            site.tree.put(f"data/{name}", content)
            sizes.append((name, len(content)))
    site.tree.put(f"data/{STAMP}", "\n".join([stamp.hexdigest(), *dict(sizes)]))
    return sizes


def _digest(module: ModuleType) -> str:
    return hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest()


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _changes(papers: Mapping[str, Record]) -> list[tuple[str, str, str]]:
    """(day, paper, what) of every new or corrected entry, each once, latest first."""
    changes = set()
    for own, record in papers.items():
        if record.get("added"):
            changes.add((str(record["added"]), own, _NEW))
        for correction in record.get("corrected") or ():
            changes.add((str(correction["date"]), own, f"Corrected: {correction['what']}"))
    return sorted(changes, key=lambda c: (*c[:2], c[2] != _NEW, c[2]), reverse=True)


def _tag(day: str, own: str, what: str) -> str:
    """The id of a change for ever: others of the paper on that day differ in what they say."""
    said = "" if what == _NEW else f"/{hashlib.sha256(what.encode()).hexdigest()[:12]}"
    return f"tag:diffusion-atlas,2026:papers/{own}/{day}{said}"


def _feed(site: Site) -> None:
    base = site.address
    changes = _changes(site.papers)[:_LATEST]
    updated = f"{changes[0][0] if changes else '2026-11-24'}T00:00:00Z"
    entries = []
    for day, own, what in changes:
        record = site.papers[own]
        summary = f"{what} {record.get('summary') or ''}".strip()
        link = f"{base}/papers/{own}/" if base else f"papers/{own}/"
        entries.append(
            f"<entry><id>{xml_escape(_tag(day, own, what))}</id>"
            f"<title>{_xml(record['title'])}</title><updated>{day}T00:00:00Z</updated>"
            f"<link href={quoteattr(link)}/>"
            + "".join(
                f"<author><name>{_xml(name)}</name></author>" for name in record["authors"][:20]
            )
            + f"<summary>{_xml(summary)}</summary></entry>"
        )
    own = f"{base}/feed.xml" if base else "feed.xml"
    site.tree.put(
        "feed.xml",
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        "<title>Diffusion Atlas: new and corrected entries</title>"
        "<id>tag:diffusion-atlas,2026:feed</id>"
        f'<link rel="self" href={quoteattr(own)}/><updated>{updated}</updated>'
        "<author><name>The Diffusion Atlas contributors</name></author>\n"
        + "\n".join(entries)
        + "\n</feed>\n",
    )


def _xml(value: object) -> str:
    # XML 1.0 has no way to write most control characters.
    return xml_escape("".join(c for c in str(value) if c in "\t\n" or c >= " "))


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


def _page(site: Site, sizes: list[tuple[str, int]]) -> None:
    page = Page(site, "data/", "Download and API")
    page.section = "query/"
    lead = (
        "The whole catalog as files for spreadsheets, databases and bibliographies, and as JSON at "
        "fixed addresses for programs."
    )
    page.data = metadata.dataset(lead, [name for name, _ in sizes])
    page.head(f"{page.to('query/', 'Query')} <span>Data</span>", lead, about=lead)
    page.add("<div data-search-exclude>")
    page.h2("Files", "files")
    page.add(_files(page, dict(sizes)))
    page.h2("JSON at fixed addresses", "api")
    page.add(_documentation(page))
    page.h2("What is new", "feed")
    page.add(
        f'<p><a href="{page.rel("feed.xml")}">An Atom feed</a> names new and corrected entries.</p>'
    )
    page.add(_latest(page))
    page.doors(
        page.to("about/#licences", "Under which licence"), "year:2020..", page.run_door(site.roots)
    )
    page.add("</div>")
    page.save()


def _files(page: Page, sizes: dict[str, int]) -> str:
    def link(name: str, label: str) -> str:
        if name not in sizes:
            return ""
        href = page.rel(f"data/{name}")
        return f'<a href="{href}" download>{label}</a> <small>{_size(sizes[name])}</small>'

    rows = "".join(
        f'<tr><th scope="row">{table}<br><small>{what}</small></th>'
        + "".join(
            f"<td>{link(f'{table}.{ending}', label)}</td>"
            for ending, label in (("csv", "CSV"), ("json", "JSON"), ("parquet", "Parquet"))
        )
        + "</tr>"
        for table, what in _WHAT.items()
    )
    others = (
        ("atlas.sqlite", "atlas.sqlite", "everything, with indices and full-text search"),
        ("papers.bib", "papers.bib", "BibTeX"),
        ("papers.csl.json", "papers.csl.json", "CSL-JSON, for Zotero and pandoc"),
        ("datapackage.json", "datapackage.json", "describes the CSV files (Frictionless)"),
    )
    more = "".join(
        f"<li>{link(name, label)}: {what}</li>" for name, label, what in others if name in sizes
    )
    head = thead("Table", "CSV", "JSON", "Parquet")
    return (
        f'<table class="plain">{head}<tbody>{rows}</tbody></table><ul class="plain">{more}</ul>'
        '<p class="note">The same by <code>diffatlas export DIR</code>. In CSV, lists are joined '
        "by semicolons.</p>"
    )


def _documentation(page: Page) -> str:
    example = next(iter(page.site.papers), "")
    rows: list[tuple[str, str]] = [
        ("api/v1/index.json", "the kinds with their counts; versions of API and catalog"),
        ("api/v1/papers.json", "every entity of a kind: id, name, addresses"),
        (f"api/v1/papers/{example}.json", "one entity as the catalog has it, with its provenance"),
        ("api/v1/results/cifar-10.json", "the reported values on one data set"),
    ]
    known = page.site.tree.files
    items = "".join(
        f'<tr><td><a href="{page.rel(path)}"><code>{text(path)}</code></a></td><td>{what}</td></tr>'
        for path, what in rows
        if path in known
    )
    return (
        f'<table class="plain">{thead("Address", "Holds")}<tbody>{items}</tbody></table>'
        '<p class="note">Keys are those of the YAML files; their meaning stands in '
        "<code>catalog/schema/</code>. Within version 1 keys may be added, and none changes its "
        "meaning or goes. Ids are stable; an entity that was merged leaves its old title as an "
        "alias.</p>"
    )


def _latest(page: Page) -> str:
    changes: list[Any] = _changes(page.site.papers)[:12]
    items = "".join(
        f"<li>{text(day)} {page.paper(own)}<br><small>{text(what)}</small></li>"
        for day, own, what in changes
    )
    return f'<ul class="plain">{items}</ul>' if items else ""
