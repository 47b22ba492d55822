"""Earlier periods of a few figures, for trend lines: real numbers of the same ledgers.

A point is computed by the same definitions as the report's own figures. A period that the
ledgers do not reach has no point: missing is not zero, and nothing is drawn through a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xuncha_nb import computation
from xuncha_nb.figures import Figures
from xuncha_nb.memory import Memory
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Period, Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.sources import Book

#: How many periods a trend looks back over, the report's own included.
POINTS: Final = 5
#: A trend needs more than two periods.
LEAST: Final = 3


@dataclass(frozen=True)
class Point:
    """A figure in one period; ``value`` is None when it is not known there."""

    period: Period
    value: Quantity | None

    def to_json(self) -> dict[str, Any]:
        """Return the point as the record holds it: the number exact and as printed."""
        return {
            "period": str(self.period),
            "name": self.period.name,
            "value": None if self.value is None else str(self.value.value),
            "text": None if self.value is None else self.value.text,
        }


def windows(window: Window, points: int = POINTS, yearly: bool = False) -> tuple[Window, ...]:
    """Return the windows of a trend, oldest first, the given one last.

    A whole period follows the one before it (half-years one another), unless ``yearly`` asks
    for the same period of earlier years. A period cut off before its end is only comparable
    with the same part of earlier years.

    Examples
    --------
    >>> [str(w.period) for w in windows(Window.of(Period.parse("2024H1")), 3)]
    ['2023H1', '2023H2', '2024H1']
    >>> [str(w.cutoff) for w in windows(Window.of(Period.parse("2024H1"), "2024-06-20"), 3)]
    ['2022-06-20', '2023-06-20', '2024-06-20']
    """
    whole = window.cutoff == window.period.end and not yearly
    found = [window]
    while len(found) < points:
        last = found[-1]
        found.append(Window.of(last.period.previous()) if whole else last.same_window_last_year())
    return tuple(reversed(found))


def histories(
    figures: Figures,
    book: Book,
    standards: Standards,
    ids: Sequence[str],
    memory: Memory | None = None,
) -> dict[str, tuple[Point, ...]]:
    """Return the points of each figure that is known now, oldest first.

    The last point is the report's own figure, adjusted or not; periods in front of the first
    known one are left out. Where every other period is missing (figures that are reported for
    half of the year only), the same period of earlier years is taken instead. ``memory`` is of a
    caller that has computed figures of the book.
    """
    ids = [id for id in ids if id in figures]
    memory = memory or Memory()
    found = _points(figures, book, standards, ids, memory, yearly=False)
    broken = [id for id, points in found.items() if any(p.value is None for p in points)]
    for id, points in _points(figures, book, standards, broken, memory, yearly=True).items():
        if len(points) >= LEAST and all(p.value is not None for p in points):
            found[id] = points
    return found


def _points(
    figures: Figures,
    book: Book,
    standards: Standards,
    ids: Sequence[str],
    memory: Memory,
    *,
    yearly: bool,
) -> dict[str, tuple[Point, ...]]:
    if not ids:
        return {}
    *earlier, now = windows(figures.window, yearly=yearly)
    known = [computation.values(book, figures.county, w, standards, ids, memory) for w in earlier]
    found = {}
    for id in ids:
        points = [Point(w.period, k.get(id)) for w, k in zip(earlier, known, strict=True)]
        points.append(Point(now.period, figures[id].value))
        found[id] = tuple(_from_first_known(points))
    return found


def _from_first_known(points: Sequence[Point]) -> Iterator[Point]:
    begun = False
    for point in points:
        begun = begun or point.value is not None
        if begun:
            yield point
