"""Places the names of points in a chart: beside their points, over no other point or name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Label", "place"]

LETTER, RISE, FALL, CLEAR = 5.6, 9.0, 3.0, 6.0  # of a letter of 10.5 px; the radius of a point

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Label:
    """A name with its anchor; ``end`` is true where the text ends there."""

    name: str
    x: float
    y: float
    end: bool

    @property
    def box(self) -> Box:
        wide = LETTER * len(self.name)
        left = self.x - wide if self.end else self.x
        return left, self.y - RISE, left + wide, self.y + FALL


def place(named: Sequence[tuple[str, Point]], points: Sequence[Point], room: Box) -> list[Label]:
    """A label for each name that fits into ``room``, in order; the others have none."""
    placed: list[Label] = []
    for name, point in named:
        for label in _around(name, *point):
            if _inside(label.box, room) and not (
                any(_covers(label.box, other) for other in points)
                or any(_meet(label.box, other.box) for other in placed)
            ):
                placed.append(label)
                break
    return placed


def _around(name: str, x: float, y: float) -> Iterator[Label]:
    for dx, dy in ((0, -10), (0, 18), (9, 4), (6, -18), (6, 26), (6, -30), (6, 38)):
        yield Label(name, x + dx, y + dy, end=False)
        yield Label(name, x - dx, y + dy, end=True)


def _inside(box: Box, room: Box) -> bool:
    return box[0] >= room[0] and box[1] >= room[1] and box[2] <= room[2] and box[3] <= room[3]


def _covers(box: Box, point: Point) -> bool:
    x, y = point
    return box[0] - CLEAR < x < box[2] + CLEAR and box[1] - CLEAR < y < box[3] + CLEAR


def _meet(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
