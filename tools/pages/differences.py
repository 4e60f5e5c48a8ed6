"""What changes in the code from one baseline to another, stage by stage: ``compare/<a>-<b>/``.

The files have the same stages under the same headings, so each stage is compared with its
counterpart. Left the one, right the other; on a phone the lines that go stand above those that
come. What is equal is shown once, and long stretches of it fold away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from tools.pages.escape import markdown, text
from tools.pages.notebook import highlighted_lines
from tools.pages.parts import Page, details
from tools.pages.site import Site

__all__ = ["links", "pairs", "stages", "write"]

CONTEXT = 3  # equal lines that stay visible around a change
_STAGE = re.compile(r"^# ## (.+)$", re.MULTILINE)
_SETUP = "What it imports and is called"
# The same stage under another heading, or only in some files.
_SAME = {"The samplers": "The sampler", "The measurement, beside its floor": "The measurement"}
_PROSE_ONLY = ("Limits, and what to try next",)


def pairs(site: Site) -> Iterator[tuple[str, str, str]]:
    """(earlier, later, what changes) of baselines, as the catalog tells it."""
    for key, record in site.records["baselines"].items():
        for change in record.get("changes") or ():
            yield change["against"], key, change["what"]


def links(page: Page, baseline: str = "") -> list[str]:
    """Links to the comparisons, or to those that ``baseline`` takes part in."""
    name = page.site.name
    return [
        page.to(f"compare/{a}-{b}/", text(f"{name('baselines', a)} to {name('baselines', b)}"))
        for a, b, _ in pairs(page.site)
        if baseline in ("", a, b)
    ]


def stages(source: str) -> dict[str, list[str]]:
    """The code lines of a py:percent file under each of its headings; prose is left out."""
    found: dict[str, list[str]] = {}
    stage = _SETUP
    for cell in re.split(r"^# %%", source, flags=re.MULTILINE)[1:]:
        kind, _, body = cell.partition("\n")
        if "[markdown]" in kind:
            heading = _STAGE.search(body)
            if heading:
                stage = _SAME.get(heading[1], heading[1])
        elif body.strip():
            lines = found.setdefault(stage, [])
            if lines:
                lines += [""]
            lines += body.strip("\n").rstrip().split("\n")
    return {name: lines for name, lines in found.items() if name not in _PROSE_ONLY}


def write(site: Site) -> None:
    for a, b, what in pairs(site):
        sources = [_source(site, key) for key in (a, b)]
        if all(sources):
            _page(site, a, b, what, *sources)


def _source(site: Site, key: str) -> str:
    path = site.folder / str(site.records["baselines"][key]["file"])
    inside = site.folder.resolve() in path.resolve().parents
    return path.read_text(encoding="utf-8") if inside and path.is_file() else ""


def _page(site: Site, a: str, b: str, what: str, left: str, right: str) -> None:
    names = [site.name("baselines", key) for key in (a, b)]
    page = Page(site, f"compare/{a}-{b}/", f"From {names[0]} to {names[1]}, line by line", toc=True)
    page.section, page.wide = "frameworks/", True
    lead = "Where the code of two baselines differs, and where it is the same."
    crumbs = (
        f'<a href="{page.rel("frameworks/")}">Frameworks</a> '
        f'<a href="{page.rel("compare/")}">Compare</a>'
    )
    page.head(crumbs, lead, about=f"{names[0]} and {names[1]}: {lead[0].lower()}{lead[1:]}")
    page.add(f'<div class="prose" data-search-exclude>{markdown(what)}</div>')
    before, after = stages(left), stages(right)
    order = [*before, *(stage for stage in after if stage not in before)]
    # A stage that only the later file has stands where that file has it.
    order.sort(key=lambda stage: list(after).index(stage) if stage in after else len(after))
    page.add(f'<p class="note">{_told(before, after)}</p>')
    for stage in order:
        key = re.sub(r"[^a-z0-9]+", "-", stage.lower()).strip("-")
        page.h2(stage, key)
        page.add(_table(before.get(stage, []), after.get(stage, []), names))
    page.doors(
        "<br>".join(
            page.a("baselines", key, f"{site.name('baselines', key)}, the whole notebook")
            for key in (a, b)
        ),
        "has:baseline",
        f"<code>diffatlas run {text(a)} --data digits</code><br>"
        f"<code>diffatlas run {text(b)} --data digits</code>",
    )
    page.save()


def _told(before: dict[str, list[str]], after: dict[str, list[str]]) -> str:
    same = gone = come = 0
    for stage in {**before, **after}:
        for kind, left, right in _runs(before.get(stage, []), after.get(stage, [])):
            if kind == "equal":
                same += sum(bool(line.strip()) for line in left)
            else:
                gone += sum(bool(line.strip()) for line in left)
                come += sum(bool(line.strip()) for line in right)
    return (
        f"{same} lines of code are the same, {gone} go, {come} come. The network, the training "
        "loop and the measurement are imported by both and therefore equal."
    )


def _runs(
    left: Sequence[str], right: Sequence[str]
) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        yield ("equal" if kind == "equal" else "change"), left[a:b], right[c:d]


def _table(left: list[str], right: list[str], names: list[str]) -> str:
    """One stage: runs of rows with a cell for each file."""
    shown = {0: highlighted_lines("\n".join(left)), 1: highlighted_lines("\n".join(right))}
    head = (
        '<div class="row names" aria-hidden="true">'
        f"<b>{text(names[0])}</b><b>{text(names[1])}</b></div>"
    )
    parts, at = [], [0, 0]
    for kind, old, new in _runs(left, right):
        a, b = shown[0][at[0] : at[0] + len(old)], shown[1][at[1] : at[1] + len(new)]
        at = [at[0] + len(old), at[1] + len(new)]
        parts.append(_equal(a) if kind == "equal" else _changed(a, b))
    return f'<div class="diff">{head}{"".join(parts)}</div>'


def _equal(lines: list[str]) -> str:
    if len(lines) <= 2 * CONTEXT + 2:
        return _same(lines)
    inner = lines[CONTEXT:-CONTEXT]
    fold = details(f"{len(inner)} equal lines", _same(inner))
    return _same(lines[:CONTEXT]) + fold + _same(lines[-CONTEXT:])


def _same(lines: list[str]) -> str:
    code = "\n".join(lines)
    return f'<div class="row same"><pre><code>{code}</code></pre></div>'


def _changed(old: list[str], new: list[str]) -> str:
    """Lines that go beside lines that come, marked by more than a colour."""
    sides = []
    for tag, sign, lines in (("del", "−", old), ("ins", "+", new)):
        rows = "".join(
            f'<{tag}><i aria-hidden="true">{sign}</i>{line or " "}\n</{tag}>' for line in lines
        )
        sides.append(f"<pre><code>{rows}</code></pre>" if lines else "<pre></pre>")
    return f'<div class="row changed">{"".join(sides)}</div>'
