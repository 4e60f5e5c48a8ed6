"""The papers in view as a timeline and by their relations."""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.sync_api import Page, expect

import diffatlas

ATLAS = diffatlas.load()


def test_the_timeline_has_a_dot_for_each_paper(page: Page, base: str) -> None:
    text = "framework:sde task:inpainting"
    page.goto(f"{base}explore/?{urlencode({'filter': text, 'view': 'timeline'})}")
    dots = page.locator(".explorer .timeline svg a")
    expect(dots).to_have_count(len(ATLAS.find(text)))
    own = dots.evaluate_all("all => all.map((a) => a.getAttribute('href').split('/').at(-2))")
    assert sorted(own) == sorted(ATLAS.find(text)["id"])


def test_the_timeline_takes_the_month_of_the_arxiv_id_where_no_day_is_known(
    page: Page, base: str
) -> None:
    papers = ATLAS.find("year:2024").drop_duplicates("id")
    undated = papers[papers.submitted.isna() & papers.arxiv.notna()]
    assert len(undated) > 10
    page.goto(f"{base}explore/?{urlencode({'filter': 'year:2024', 'view': 'timeline'})}")
    page.locator(".explorer details summary", has_text="as a list").click()
    for row in undated.head(5).itertuples():
        item = page.locator(".explorer details li li", has_text=row.title)
        month = f"{row.arxiv[2:4]}"
        expect(item.first).to_contain_text(f"(2024-{month})")


def test_the_relations_among_the_papers_of_a_view(page: Page, base: str) -> None:
    text = "framework:sde year:2020..2021"
    inside = set(ATLAS.find(text)["id"])
    links = ATLAS.edges
    among = links[
        (links.source_kind == "papers")
        & (links.target_kind == "papers")
        & links.source.isin(inside)
        & links.target.isin(inside)
    ]
    assert len(among) > 3
    page.goto(f"{base}explore/?{urlencode({'filter': text, 'view': 'graph'})}")
    expect(page.locator(".relations path.edge")).to_have_count(len(among))
    page.locator(".explorer details summary", has_text="as a list").click()
    first = ATLAS.records("papers")[among.source.iloc[0]]["title"]
    expect(page.locator(".explorer details li a", has_text=first).first).to_be_visible()


def test_the_papers_of_the_relations_are_told_apart(page: Page, base: str) -> None:
    query = {"filter": "framework:sde year:2020..2022", "view": "graph"}
    page.goto(f"{base}explore/?{urlencode(query)}")
    boxes = page.locator(".relations svg a")
    expect(boxes.first).to_be_visible()
    names = boxes.locator("text").all_text_contents()
    assert len(names) > 20 and len({name.lower() for name in names}) == len(names)
    over = "all => all.map((a) => a.querySelector('text').getComputedTextLength()"
    over += " - a.querySelector('rect').width.baseVal.value)"
    assert max(boxes.evaluate_all(over)) <= -6
    # The last column lies wholly within the drawing.
    ends = boxes.locator("rect").evaluate_all(
        "all => all.map((r) => r.x.baseVal.value + r.width.baseVal.value)"
    )
    drawn = page.locator(".relations svg").evaluate("e => e.width.baseVal.value")
    assert max(ends) < drawn
    titles = boxes.locator("title").all_text_contents()
    assert set(titles) <= set(ATLAS.papers["title"])
