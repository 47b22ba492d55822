"""Which figures a report's larger charts draw: rounds, their dates, coverage and its course."""

from __future__ import annotations

from collections.abc import Sequence

from xuncha_nb import charts
from xuncha_nb.breakdowns import Round
from xuncha_nb.course import Course
from xuncha_nb.document import Chart
from xuncha_nb.errors import ParameterError
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.periods import Window
from xuncha_nb.wording import ordinal, span


def known(figures: Figures, ids: Sequence[str]) -> list[Figure]:
    """Return the known figures of a list, families as their members.

    Raises
    ------
    ParameterError
        If an identifier is not in the dictionary.
    """
    found: list[Figure] = []
    for id in ids:
        if id not in INDICATORS:
            raise ParameterError(f"图表用到的“{id}”不是指标，请核对（见 xuncha indicators）")
        if INDICATORS[id].dimension:
            found += figures.family(id).values()
        elif id in figures:
            found.append(figures[id])
    return found


def ordered(figures: Sequence[Figure], order: str) -> list[Figure]:
    """Return figures as given, or by their value: 'given', 'descending', 'ascending'."""
    if order == "given":
        return list(figures)
    return sorted(figures, key=lambda f: f.value.value, reverse=order == "descending")


def by_round(
    rounds: Sequence[Round], measures: Sequence[Figure], most: int, title: str
) -> Chart | None:
    """Draw figures by round: a small panel a figure, a bar a round, the last ``most`` rounds."""
    rows = [(_name(r), dict(r.figures)) for r in rounds][-most:]
    shown = [m for m in measures if any(m.id in figures for _, figures in rows)]
    return charts.panels(rows, shown, title)


def timeline(rounds: Sequence[Round], window: Window, title: str) -> Chart | None:
    """Draw when each round ran."""
    rows = []
    for item in rounds:
        start, end = item.dates["start"], item.dates["end"]
        printed = span(start, end, window.period.year)
        rows.append((_name(item), start, end, printed.text if printed else ""))
    return charts.timeline(rows, window.start, window.cutoff, title)


def _name(item: Round) -> str:
    return f"{ordinal(item.number)}轮{item.kind}"


def course(made: Course | None, figures: Figures, title: str) -> Chart | None:
    """Draw coverage over time: the steps so far, the plan's line, the forecast."""
    if made is None or "objects_total" not in figures:
        return None
    return charts.course(
        made.points,
        made.start,
        figures.window.cutoff,
        figures["covered_total"],
        figures["objects_total"],
        title,
        made.deadline,
        figures.get("coverage_forecast_date"),
    )


def coverage(figures: Figures, title: str) -> Chart | None:
    """Draw coverage by type of unit, and the total with what is running and planned."""
    totals = figures.family("objects_by_type")
    covered = figures.family("covered_by_type")
    rows = [
        (member, [charts.Segment("已巡察", covered[member])])
        for member in totals
        if member in covered
    ]
    wholes = [totals[member] for member, _ in rows]
    if "objects_total" in figures and "covered_total" in figures:
        names = {
            "covered_total": "已巡察",
            "coverage_in_progress": "正在巡察",
            "planned_units": f"{figures.window.period.following().short_name}计划巡察",
        }
        parts = [charts.Segment(name, figures[id]) for id, name in names.items() if id in figures]
        rows.append(("合计", parts))
        wholes.append(figures["objects_total"])
    return charts.stacked(rows, wholes, title)
