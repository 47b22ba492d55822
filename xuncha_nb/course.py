"""The course of coverage through the term: what was covered after each finished round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from xuncha_nb.figures import Figure, Figures
from xuncha_nb.indicators import INDICATORS, Slices
from xuncha_nb.indicators.pace import begun, steps
from xuncha_nb.quantities import Quantity

if TYPE_CHECKING:
    from xuncha_nb.parameters import Standards
    from xuncha_nb.sources import Book

#: The figure whose course it is.
COVERED: Final = "covered_total"


@dataclass(frozen=True)
class Course:
    """Coverage over time, each point a figure of its own: ``covered_total@<round>``.

    Attributes
    ----------
    start : date
        The day the first finished round of the term began.
    points : tuple of (date, Figure)
        The day a round ended, and how many objects the term had covered by then; of objects
        that still exist at the cut-off, so that the last point is ``covered_total`` itself.
    deadline : date or None
        The plan's deadline of full coverage.
    """

    start: date
    points: tuple[tuple[date, Figure], ...]
    deadline: date | None

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of the points."""
        return tuple(figure for _, figure in self.points)


def course_of(book: Book, figures: Figures, standards: Standards) -> Course | None:
    """Return the course of coverage up to the cut-off; None before a round of the term ended."""
    slices = Slices(book.rows, figures.window, standards)
    needed = (slices.term_rounds, slices.all_round_units, slices.objects)
    if any(part is None for part in needed) or COVERED not in figures:
        return None
    rounds, units, objects = needed
    assert rounds is not None
    assert units is not None
    assert objects is not None
    cutoff = figures.window.cutoff
    start = begun(rounds, cutoff)
    if start is None:
        return None
    points = []
    covered = 0
    for step in steps(rounds, units, set(objects["code"]), cutoff):
        covered += step.units
        round_id = step.rounds[-1]
        value = Quantity.exact(covered, INDICATORS[COVERED].unit)
        figure = Figure(
            f"{COVERED}@{round_id}", INDICATORS[COVERED], value, origin="计算", scope=round_id
        )
        points.append((step.end, figure))
    plan: dict[str, Any] = slices.term_plan or {}
    deadline = plan["deadline"].date() if "deadline" in plan else None
    return Course(start, tuple(points), deadline) if points else None
