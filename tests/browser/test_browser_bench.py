"""The benchmark of the explorer sees what a reader waits for."""

from __future__ import annotations

import pytest
from bench.explorer import SUBMIT, filters
from playwright.sync_api import Page

# An explorer that answers after ANSWER milliseconds and then paints for PAINT.
SLOW = """<form><input id="explorer-filter"></form><p class="found">1 paper of 2</p><script>
const busy = (ms) => { for (const end = performance.now() + ms; performance.now() < end;); };
document.forms[0].addEventListener("submit", (event) => {
  event.preventDefault();
  setTimeout(() => {
    document.querySelector(".found").textContent = "1 paper of 2";
    requestAnimationFrame(() => busy(PAINT));
  }, ANSWER);
});
</script>"""


@pytest.mark.parametrize(("answer", "paint"), [(300, 0), (0, 300)])
def test_a_slow_answer_and_a_slow_picture_are_measured(page: Page, answer: int, paint: int) -> None:
    page.set_content(SLOW.replace("ANSWER", str(answer)).replace("PAINT", str(paint)))
    assert page.evaluate(SUBMIT, "framework:sde") >= 300


def test_filters_search_texts_too() -> None:
    import diffatlas

    chosen = " ".join(filters(diffatlas.load()))
    assert all(f" {field}:" in chosen for field in ("title", "author", "framework", "year"))
