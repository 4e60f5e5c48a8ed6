"""D: dates that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from diffatlas.catalog.findings import Finding
from diffatlas.catalog.rules.base import Catalog, File, file_rule
from diffatlas.catalog.rules.identifiers import arxiv_month

# A paper sent in on the last days of a month can get its id in the next; its running number is low.
_SLACK = timedelta(days=4)
_LOW = 2500


def _may_be_late(submitted: date, first: date, number: int) -> bool:
    return first - _SLACK <= submitted < first and number <= _LOW


@file_rule("D401", "papers")
def in_the_future(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A date or year that is still to come."""
    submitted, year = file.data.get("submitted"), file.data.get("year")
    if submitted is not None and submitted > catalog.today:
        message = f"{submitted} is in the future (today is {catalog.today})"
        yield file.finding("D401", message, "check the date", "submitted")
    own = file.data
    days: dict[tuple[str | int, ...], date | None] = {("added",): own.get("added")}
    for i, correction in enumerate(own.get("corrected", ())):
        days["corrected", i, "date"] = correction.get("date")
    for path, day in days.items():
        if day is not None and day > catalog.today:
            yield file.finding("D401", f"{day} is in the future", "check the date", *path)
    if year is not None and year > catalog.today.year:
        yield file.finding("D401", f"the year {year} is in the future", "check it", "year")


@file_rule("D402", "papers")
def outside_the_arxiv_month(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A day of submission that is not in the month which the arXiv id names."""
    submitted, month = file.data.get("submitted"), arxiv_month(file.data.get("arxiv", ""))
    if submitted is None or month is None:
        return
    first = date(month[0], month[1], 1)
    given = date(submitted.year, submitted.month, 1)
    if given != first and not _may_be_late(submitted, first, month[2]):
        side = "before" if given < first else "after"
        message = f"{submitted} is {side} the month of the arXiv id {file.data['arxiv']}"
        mend = f"`submitted` is the day of version 1, in {first:%Y-%m}"
        yield file.finding("D402", message, mend, "submitted")


@file_rule("D403", "papers")
def year_is_not_of_the_date(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A year other than that of the day of submission."""
    submitted, year = file.data.get("submitted"), file.data.get("year")
    if submitted is not None and year is not None and submitted.year != year:
        message = f"the year is {year}, but the paper was submitted on {submitted}"
        yield file.finding("D403", message, f"write {submitted.year} or mend the date", "year")


@file_rule("D404", "papers")
def year_after_the_arxiv_id(file: File, catalog: Catalog) -> Iterator[Finding]:
    """A first public version that is younger than its arXiv id."""
    year, month = file.data.get("year"), arxiv_month(file.data.get("arxiv", ""))
    if year is not None and month is not None and year > month[0]:
        message = f"the year is {year}, but the arXiv id is of {month[0]}"
        mend = f"write {month[0]}: the year is that of the first public version"
        yield file.finding("D404", message, mend, "year")
