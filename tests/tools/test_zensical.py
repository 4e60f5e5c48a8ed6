"""The comparison of two built sites: themes may differ, pages and our own files may not."""

from __future__ import annotations

from pathlib import Path

from tools.zensical import differences

PAGE = "<title>{} · Atlas</title><h1 id='start'>{}</h1>"


def site(folder: Path, pages: dict[str, str], others: tuple[str, ...] = ()) -> Path:
    for path, name in pages.items():
        (folder / path).mkdir(parents=True, exist_ok=True)
        (folder / path / "index.html").write_text(PAGE.format(name, name), encoding="utf-8")
    for path in others:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")
    return folder


def test_themes_may_bring_what_they_like(tmp_path: Path) -> None:
    one = site(tmp_path / "one", {"papers/a": "A"}, ("assets/javascripts/bundle.1.js", ".inputs"))
    two = site(
        tmp_path / "two", {"papers/a": "A"}, ("assets/javascripts/bundle.2.js", "search.json")
    )
    assert differences(one, two) == []


def test_a_missing_page_file_or_title_is_named(tmp_path: Path) -> None:
    one = site(tmp_path / "one", {"papers/a": "A", "papers/b": "B"}, ("api/v1/a.json",))
    two = site(tmp_path / "two", {"papers/a": "A &amp; C", "papers/c": "C"})
    assert differences(one, two) == [
        "only MkDocs writes api/v1/a.json",
        "only MkDocs writes papers/b/index.html",
        "only Zensical writes papers/c/index.html",
        "papers/a/index.html is called ['A · Atlas', 'A'] by MkDocs and "
        "['A & C · Atlas', 'A & C'] by Zensical",
    ]
