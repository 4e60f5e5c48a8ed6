"""The recurring parts of a page, as HTML strings. All text in them went through `escape`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from diffatlas.catalog import people
from tools.pages.escape import address, front_matter, markdown, text
from tools.pages.site import KINDS, Record, Site

__all__ = [
    "Page",
    "also",
    "byline",
    "details",
    "ext",
    "facts",
    "h2",
    "percent",
    "plural",
    "prose",
    "scroll",
    "shows",
    "thead",
]


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 paper``, ``2,345 papers``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent(part: float, whole: float, digits: int = 1) -> str:
    """The share, which is 0 or 100 % only if nothing or nothing else is left."""
    if not whole:
        return "–"
    step: float = 10.0**-digits
    share = 100 * part / whole
    if 0 < part < whole:
        share = min(max(share, step), 100 - step)
    return f"{share:.{digits}f} %"


def ext(url: object, label: str) -> str:
    """A link to another host, or only its label where the address is not http(s)."""
    href = address(url)
    return f'<a href="{href}" rel="noopener">{text(label)}</a>' if href else text(label)


def details(summary: str, body: str, key: str = "") -> str:
    """A section that folds; ``summary`` and ``body`` are HTML."""
    anchor = f' id="{key}"' if key else ""
    return f"<details{anchor}><summary>{summary}</summary>\n{body}\n</details>"


def facts(rows: Iterable[tuple[str, ...]]) -> str:
    """A list of definitions of label, value (HTML) and the entry's fields that the value shows, if
    they have sources; nothing for no rows."""
    body = "\n".join(
        f"<div{shows(*fields)}><dt>{name}</dt><dd>{value}</dd></div>"
        for name, value, *fields in rows
    )
    return f'<dl class="facts" data-search-exclude>{body}</dl>' if body else ""


def shows(*fields: str) -> str:
    """The attribute of an element that shows these fields of an entry: scripts mark it with their
    sources."""
    return f' data-f="{text(" ".join(fields))}"' if fields else ""


def thead(*columns: str) -> str:
    """A table's head. ``num:Year`` is a column of numbers, ``wide:Tasks`` is hidden on phones."""
    cells = []
    for column in columns:
        css, _, name = column.rpartition(":")
        css = f' class="{css}"' if css else ""
        cells.append(f'<th scope="col"{css}>{name}</th>')
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def scroll(table: str, label: str) -> str:
    """A wide table that scrolls by itself; the keyboard reaches it."""
    return f'<section class="scroll" tabindex="0" aria-label="{label}">{table}</section>'


def h2(title: str, key: str) -> str:
    """A heading inside an HTML block; it is no entry of its own in the search index."""
    return f'<h2 data-search-exclude id="{key}">{title}</h2>'


class Page:
    """One page in the making; ``path`` is its address below the site's root (``tasks/style/``)."""

    def __init__(
        self, site: Site, path: str, title: str, *, toc: bool = False, wide: bool = False
    ) -> None:
        self.site = site
        self.path = path
        self.title = title
        self.toc = toc
        self.wide = wide
        self.section = ""
        self.template = ""
        self.description = ""
        self.card: tuple[str, str] | None = None  # line and framework of its link preview
        self.citation: list[list[str]] = []  # names and contents of citation_* meta tags
        self.data: dict[str, object] = {}  # what the page is about, in schema.org's terms
        self.searched = True  # whether the search of the header finds it
        self.preload: dict[str, list[str]] = {}  # what its scripts ask for at once, by kind
        self.parts: list[str] = []
        self.up = "../" * path.count("/")

    # -- links ---------------------------------------------------------------------------------

    def rel(self, path: str) -> str:
        """The address of ``path`` (below the site's root) seen from this page."""
        return (self.up + path) or "./"

    def href(self, kind: str, key: str) -> str:
        return self.rel(f"{kind}/{key}/")

    def a(self, kind: str, key: str, label: str | None = None, css: str = "") -> str:
        """A link to an entity's page; an id without a page is shown as text."""
        shown = text(label if label is not None else self.site.name(kind, key))
        if key not in self.site.records.get(kind, {}) or kind not in KINDS:
            return shown
        css = f' class="{css}"' if css else ""
        return f'<a{css} href="{self.href(kind, key)}">{shown}</a>'

    def to(self, path: str, label: str) -> str:
        """A link to ``path`` below the site's root; ``label`` is HTML."""
        return f'<a href="{self.rel(path)}">{label}</a>'

    def mark(self, root: str, label: str | None = None) -> str:
        """A group's (top framework's) coloured, linked abbreviation."""
        css, shown = f"fw {text(root)}", text(label or self.site.short(root))
        return f'<a class="{css}" href="{self.rel(self.site.group_href(root))}">{shown}</a>'

    def chip(self, kind: str, key: str) -> str:
        if kind == "frameworks":
            return self.a(kind, key, css=f"chip fw {text(self.site.root(key))}")
        return self.a(kind, key, css="chip")

    def chips(self, kind: str, keys: Iterable[str]) -> str:
        return " ".join(self.chip(kind, key) for key in keys)

    def marks(self, paper: Record) -> str:
        """The coloured abbreviations of a paper's top frameworks."""
        roots = self.site.paper_groups(paper)
        return "".join(
            f'<b class="fw {text(root)}">{text(self.site.short(root))}</b>' for root in roots
        )

    def paper(self, key: str) -> str:
        """A paper in running text: linked title, then authors and year in grey."""
        record = self.site.papers.get(key)
        if record is None:
            return text(key)
        return f"{self.a('papers', key)} <small>{byline(record)}</small>"

    # -- building ------------------------------------------------------------------------------

    def add(self, html: str) -> None:
        self.parts.append(html)

    def head(
        self,
        eyebrow: str,
        lead: str,
        *,
        line: str = "",
        about: str = "",
        fields: Sequence[str] = (),
        search_lead: bool = True,
    ) -> None:
        """Breadcrumbs, title, a small line below it, lead (HTML).

        ``about`` is the page's description (plain), ``fields`` are those of the entry that title
        and lead show. The search finds what stands in the line, and in the lead if it shall.
        """
        self.description = about or self.description
        below = f'<p class="below-title">{line}</p>\n\n' if line else ""
        quiet = "" if search_lead else " data-search-exclude"
        # The title comes first in the source: the search index takes what stands before it for a
        # section of its own. The style sheet shows the breadcrumbs above it.
        self.add(
            f'\0<h1 id="start">{text(self.title)}</h1>\n\n'
            f'<nav class="crumbs" aria-label="Breadcrumb" data-search-exclude>{eyebrow}</nav>\n\n'
            f'{below}<p class="lead"{quiet}{shows(*fields)}>{lead}</p>'
        )

    def h2(self, title: str, key: str) -> None:
        """A heading of the page's outline; ``title`` is layout, never catalog text."""
        self.add(f"\0## {title} {{ #{key} data-search-exclude }}" if self.toc else h2(title, key))

    def works(self, entry: str, *data: str) -> None:
        """The page starts the script ``entry`` (below assets/js), which reads ``data`` at once."""
        self.preload = {"scripts": [f"assets/js/{entry}"], "data": list(data)}

    def doors(self, read: str, query: str, run: str) -> None:
        """Where to go next. ``read`` and ``run`` are HTML, ``query`` is a filter."""
        call = f'atlas.find("{query}")' if query else "atlas.papers"
        self.add(
            '<nav class="doors" aria-label="Where to go next" data-search-exclude>'
            f"<div><h2>Read</h2><p>{read}</p></div>"
            f"<div><h2>Query</h2><p><code>{text(call)}</code></p>"
            f"<p>{self.explore(query, 'See them in the explorer')}<br>"
            f"{self.to('query/', 'How to ask the catalog')}</p></div>"
            f"<div><h2>Run</h2><p>{run}</p></div></nav>"
        )

    def explore(self, query: str, label: str) -> str:
        """A link to the explorer with a filter; ``label`` is HTML."""
        found = f"?filter={quote(query)}" if query else ""
        return f'<a href="{self.rel("explore/")}{found}">{label}</a>'

    def compare(self, ids: Iterable[str], label: str, kind: str = "frameworks") -> str:
        """A link to the comparison of entities of a kind; ``label`` is HTML."""
        query = f"?ids={','.join(ids)}" + ("" if kind == "frameworks" else f"&amp;kind={kind}")
        return f'<a href="{self.rel("compare/")}{query}">{label}</a>'

    def run_door(self, roots: Sequence[str] = ()) -> str:
        """Links to the baselines of the given frameworks, or to all of them."""
        keys = [k for root in roots for k in self.site.baselines_of(root)]
        links = [self.a("baselines", key) for key in dict.fromkeys(keys)]
        if not links:
            return f"{self.to('baselines/', 'The baselines')} train in minutes on two cores."
        return f"{', '.join(links)}: open the notebook, or train it yourself."

    def render(self) -> str:
        values: dict[str, object] = {"title": self.title, "description": self.description[:300]}
        if self.section:
            values["section"] = self.section
        if self.card:
            values["card"] = self.card
        if self.template:
            values["template"] = self.template
        if self.preload:
            values["preload"] = self.preload
        if self.wide:
            values["wide"] = True
        if not self.searched:
            values["search"] = {"exclude": True}
        if self.citation:
            values["citation"] = self.citation
        if self.data:
            values["data"] = {"@context": "https://schema.org", **self.data}
        if not self.toc:
            values["hide"] = ["toc"]
        # One HTML block between two Markdown headings: nothing of it is read as Markdown.
        chunks: list[str] = []
        block: list[str] = []
        for part in [*self.parts, "\0"]:
            if part.startswith("\0"):
                if block:
                    chunks.append("<div>\n" + "\n".join(block) + "\n</div>")
                block = []
                chunks.append(part[1:])
            else:
                block.append(part)
        return front_matter(values) + "\n" + "\n\n".join(c for c in chunks if c) + "\n"

    def save(self) -> None:
        name = f"{self.path}index.md" if self.path.count("/") < 2 else f"{self.path.rstrip('/')}.md"
        self.site.tree.put(name, self.render())


def also(line: str, record: Record, word: str) -> str:
    """``line`` (HTML) and the other names of an entry: ``Ho et al., 2020 · also titled …``."""
    names = text("; ".join(record.get("aliases") or ()))
    return " · ".join(filter(None, (line, f"{word} {names}" if names else "")))


def prose(record: Record, field: str) -> str:
    """A field of Markdown, which is too long for the search's index."""
    attributes = f"data-search-exclude{shows(field)}"
    return f'<div class="prose" {attributes}>{markdown(record[field])}</div>'


def byline(record: Record) -> str:
    """``Ho et al., 2020`` as HTML."""
    who = people.byline(record.get("authors") or ())
    return text(f"{who}, {record.get('year', '')}".lstrip(", "))
