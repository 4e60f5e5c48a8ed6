"""The page of measured speed, from the files that the benchmarks left in docs/measurements/."""

from __future__ import annotations

import json

from tools.pages.escape import text
from tools.pages.parts import Page, scroll, thead
from tools.pages.site import Record, Site

__all__ = ["write"]


def write(site: Site) -> None:
    """Add the page; without measurements it says which command makes them."""
    page = Page(site, "speed/", "Measured speed")
    page.section = "about/"
    lead = (
        "How fast the library, the samplers and this site are, beside their peers on the same "
        "machine in the same run, and how closely the samplers agree with them."
    )
    page.head(f"{page.to('about/', 'About')} <span>Speed</span>", lead, about=lead)
    page.add("<div data-search-exclude>")
    files = sorted((site.folder / "docs" / "measurements").glob("*.json"))
    for file in files:
        page.add(_bench(file.stem, json.loads(file.read_text(encoding="utf-8"))))
    if not files:
        page.add('<p class="note">Nothing is stored yet: <code>make bench</code> measures.</p>')
    page.doors(page.to("about/", "About the atlas"), "", page.run_door(site.roots))
    page.add("</div>")
    page.save()


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "" if value is None else text(value)


def _verdict(met: object) -> str:
    if met is None:
        return ""
    return '<span class="met">met</span>' if met else '<span class="missed">missed</span>'


def _machine(told: Record) -> str:
    torch = f", torch {told['torch']}" if "torch" in told else ""
    return text(f"{told['cores']} cores, {told['cpu']}, Python {told['python']}{torch}")


def _bench(name: str, data: Record) -> str:
    """One benchmark's rows; a goal that was missed says so."""
    rows = []
    for row in data["rows"]:
        unit = text(row.get("unit") or "")
        peer = _number(row.get("peer"))
        peer = f"{peer} {unit}" if peer else ""
        if row.get("peer_name"):
            peer += f"<br><small>{text(row['peer_name'])}</small>"
        rows.append(
            f'<tr><th scope="row">{text(row["what"])}</th>'
            f'<td class="num">{_number(row.get("ours"))} {unit}</td>'
            f'<td class="num">{peer}</td><td class="num">{_number(row.get("ratio"))}</td>'
            f"<td>{text(row.get('goal') or '')}</td><td>{_verdict(row.get('met'))}</td></tr>"
        )
    about = f"<p>{text(data['about'])}</p>" if data.get("about") else ""
    head = thead("What", "num:Here", "num:Peer", "num:Ratio", "Goal", "Verdict")
    table = f'<table class="plain">{head}<tbody>' + "".join(rows) + "</tbody></table>"
    return (
        f'<h2 data-search-exclude id="{text(name)}">{text(data.get("bench", name))}</h2>'
        f'<p class="note"><code>python -m bench {text(name)}</code> on '
        f"{_machine(data['machine'])}, {text(data['date'])}</p>"
        f"{about}{scroll(table, text(name))}"
    )
