"""A page a baseline: its notebook with executed outputs, what it measured, and the download."""

from __future__ import annotations

import json
from typing import Any

from tools.pages import cifar, differences, figures, measured, notebook, peers
from tools.pages.escape import text
from tools.pages.parts import Page, facts, h2
from tools.pages.site import KINDS, Record, Site

__all__ = ["write"]


def write(site: Site) -> None:
    """Add the index, every baseline's page, its notebook and its pictures to the site's tree."""
    figures.copy_pictures(site)
    for key, record in site.records["baselines"].items():
        _page(site, key, record)
    _index(site)


def load_notebook(site: Site, key: str, record: Record) -> tuple[dict[str, Any], bool] | None:
    """The executed notebook; or the baseline's file without outputs while none is stored."""
    stored = figures.results_folder(site, key) / "notebook.ipynb"
    if stored.is_file():
        return json.loads(stored.read_text(encoding="utf-8")), True
    source = site.folder / str(record["file"])
    if not source.is_file() or site.folder.resolve() not in source.resolve().parents:
        return None
    import jupytext

    plain = jupytext.read(source)
    return json.loads(jupytext.writes(plain, fmt="ipynb")), False


def _page(site: Site, key: str, record: Record) -> None:
    page = Page(site, f"baselines/{key}/", record["name"], toc=True)
    page.section = "baselines/"
    roots = list(dict.fromkeys(site.root(f) for f in record["frameworks"]))
    page.card = (record["summary"], roots[0])
    page.head(
        f'<a href="{page.rel("baselines/")}">Run</a> '
        + " ".join(
            page.a("frameworks", root, site.short(root), css=f"fw {text(root)}") for root in roots
        ),
        text(record["summary"]),
        about=record["summary"],
    )
    page.add(figures.strip(page, record["frameworks"][0]))
    loaded = load_notebook(site, key, record)
    page.add(_facts(page, key, record, loaded is not None))
    measurements = measured.section(page, key)
    if measurements:
        page.h2("Measured", "measured")
        page.add(f"<div data-search-exclude>{measurements}</div>")
    larger = cifar.section(page, key)
    if larger:
        page.h2("CIFAR-10 on a GPU", "cifar-10")
        page.add(f"<div data-search-exclude>{larger}</div>")
    if loaded is not None:
        nb, executed = loaded
        name = f"{figures.ASSETS}/{key}/{key}.ipynb"
        site.tree.put(name, json.dumps(nb, ensure_ascii=False, indent=1) + "\n")
        pictures: dict[str, bytes] = {}
        folder = f"{figures.ASSETS}/{key}/"
        if not executed:
            page.add('<p class="note">The outputs of this notebook have not been stored yet.</p>')
        for part in notebook.cells(nb, pictures, page.rel(folder)):
            page.add(part)
        for file, content in pictures.items():
            site.tree.put(folder + file, content)
    page.doors(
        "<br>".join(page.a("frameworks", root, f"How {site.short(root)} works") for root in roots)
        + "<br>"
        + page.compare(
            list(site.records["baselines"])[:4], "The baselines, side by side", "baselines"
        ),
        f"framework:{roots[0]}" if roots else "",
        f"<code>diffatlas run {text(key)} --data digits</code>",
    )
    page.save()


def _facts(page: Page, key: str, record: Record, downloadable: bool) -> str:
    rows: list[tuple[str, ...]] = []
    for kind in ("frameworks", "tasks", "conditions", "datasets"):
        if record.get(kind):
            rows.append((KINDS[kind].one, page.chips(kind, record[kind])))
    if record.get("variants"):
        rows.append(("Variants", page.chips("frameworks", record["variants"])))
    rows.append(("Papers", "<br>".join(page.paper(paper) for paper in record["papers"])))
    changes = differences.links(page, key)
    if changes:
        rows.append(("Line by line", "<br>".join(changes)))
    rows.append(("Samplers", text(", ".join(record["samplers"]))))
    rows.append(
        (
            "Run it",
            f"<code>diffatlas run {text(key)} --data digits</code><br>"
            f"<code>diffatlas sample {text(key)} -n 64 --seed 0 --out grid.png</code>",
        )
    )
    if downloadable:
        href = page.rel(f"{figures.ASSETS}/{key}/{key}.ipynb")
        rows.append(
            (
                "Notebook",
                f'<a href="{href}" download>Download {text(key)}.ipynb</a> '
                f"<small>the same code as {text(record['file'])}</small>",
            )
        )
    return facts(rows)


def _index(site: Site) -> None:
    page = Page(site, "baselines/", "Run the frameworks")
    page.section = "baselines/"
    page.head(
        "<span>Run</span>", text(KINDS["baselines"].purpose), about=KINDS["baselines"].purpose
    )
    cards = []
    for key, record in site.records["baselines"].items():
        root = site.root(record["frameworks"][0])
        cards.append(
            f"<section>{h2(page.a('baselines', key, css=f'fw {text(root)}'), text(key))}"
            f"{figures.strip(page, record['frameworks'][0], caption=False)}"
            f"<p>{text(record['summary'])}</p>"
            f"<p><code>diffatlas run {text(key)} --data digits</code></p>"
            f'<p class="small">{page.chips("frameworks", record["frameworks"])}</p></section>'
        )
    page.add(f'<div data-search-exclude><div class="cards three">{"".join(cards)}</div>')
    page.add(figures.strips_note(site))
    measurements = measured.overview(page)
    if measurements:
        page.add(h2("What they reach in five minutes", "measured") + measurements)
        page.add(peers.section(page))
    page.add(
        f'{h2("How to run one", "how")}<pre class="output" tabindex="0"><code>'
        "diffatlas list                                   # what can be run\n"
        "diffatlas run ddpm --data digits                 # under a minute, samples on the way\n"
        "diffatlas run ddpm --data fashion-mnist --budget 5m\n"
        "diffatlas sample ddpm -n 64 --seed 0 --out grid.png\n"
        "diffatlas run ddpm --data digits --classes       # told the classes, for what follows\n"
        "diffatlas sample ddpm --weights runs/ddpm-cosine-v-digits/weights.safetensors \\\n"
        "    --class 3 --guidance 2"
        "</code></pre>"
    )
    page.doors(
        "<br>".join(
            page.a("frameworks", root, f"How {site.short(root)} works") for root in site.roots
        ),
        "has:baseline",
        "Each page above is a notebook that you can download and open anywhere.",
    )
    page.add("</div>")
    page.save()
