"""Coverage over time: steps so far, the plan's line, and the forecast with its bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from xuncha_nb.charts.letters import SIZE, text_width
from xuncha_nb.charts.memory import remembered
from xuncha_nb.charts.sheet import WIDTH_MM, Sheet
from xuncha_nb.charts.style import NOW, REST, SECOND, SOFT_INK, THIRD, chart, length, marked
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure
from xuncha_nb.periods import full_date

_HEIGHT: Final = 84.0
_KEY: Final = 6.0
_FOOT: Final = 7.0
_LEFT: Final = 4.0
_EDGE: Final = WIDTH_MM - 20.0
_DASHED: Final[dict[str, Any]] = {"lw": 1.1, "dashes": (4.0, 2.0)}
#: A forecast beyond this many times the time gone by is cut off at the edge of the picture.
_FARTHEST: Final = 3.0


@dataclass(frozen=True)
class _Scale:
    """From days and numbers to millimetres; a day beyond the last one lies beyond the edge."""

    start: date
    last: date
    most: float
    top: float

    def x(self, ordinal: float) -> float:
        gone = ordinal - self.start.toordinal()
        return _LEFT + (_EDGE - _LEFT) * gone / max(1, (self.last - self.start).days)

    def y(self, figure: Figure) -> float:
        return _FOOT + (self.top - _FOOT) * length(figure) / self.most


@remembered
def course(
    points: Sequence[tuple[date, Figure]],
    start: date,
    cutoff: date,
    covered: Figure,
    whole: Figure,
    title: str,
    deadline: date | None = None,
    forecast: Figure | None = None,
) -> Chart | None:
    """Steps of coverage on a time axis, the plan's straight line, and the forecast.

    Parameters
    ----------
    points : sequence of (date, Figure)
        The day a round ended and the number covered by then; nothing is drawn between two
        rounds, since nothing is known there.
    start, cutoff : date
        The begin of the term's first round, and the last day that counts.
    covered, whole : Figure
        Covered at the cut-off, and all objects: the height of the picture.
    title : str
    deadline : date, optional
        Where the plan's line reaches the top; none is drawn without it.
    forecast : Figure, optional
        ``coverage_forecast_date``; its interval is the light wedge, its value the broken line.

    Returns
    -------
    Chart or None
        None when there is no point, or nothing to cover.
    """
    if not points or length(whole) == 0:
        return None
    last = _last_day(start, cutoff, deadline, forecast)
    keys = list(_keys(deadline, forecast))
    scale = _Scale(start, last, length(whole), _HEIGHT - _KEY * len(_lines(keys)) - 4)
    here = (scale.x(cutoff.toordinal()), scale.y(covered))
    sheet = Sheet(_HEIGHT)
    _years(sheet, scale)
    sheet.line([_LEFT, _EDGE], [scale.top] * 2, color=SOFT_INK, lw=0.6)
    total = f"共{whole.value.text}{whole.unit}"
    sheet.text(_EDGE + 1.5, scale.top, total, va="center", gid=marked(whole.id))
    if deadline is not None:
        sheet.line(
            [_LEFT, scale.x(deadline.toordinal())], [_FOOT, scale.top], color=THIRD, **_DASHED
        )
    if forecast is not None:
        _forecast(sheet, forecast, here, scale)
    _steps(sheet, points, covered, here, scale)
    _legend(sheet, keys, forecast)
    said = [f"{full_date(day)}{f.value.text}{f.unit}" for day, f in points]
    said += [f"截至{full_date(cutoff)}{covered.label}{covered.value.text}{covered.unit}"]
    said += [f"{whole.label}{whole.value.text}{whole.unit}", *(text for text, *_ in keys[1:])]
    drawn = [*(f.id for _, f in points), covered.id, whole.id]
    drawn += [forecast.id] if forecast is not None else []
    note = "计划进度按首轮开始至期限匀速推进画出；浅色区域为按近几轮最快、最慢进度推算的范围"
    parts = note.split("；")
    shown = [p for p, there in zip(parts, (deadline, forecast), strict=True) if there is not None]
    return chart(sheet, title, said, dict.fromkeys(drawn), "；".join(shown))


def _last_day(start: date, cutoff: date, deadline: date | None, forecast: Figure | None) -> date:
    """Return the right edge: deadline and forecast are inside unless they are very far away."""
    reach = [cutoff.toordinal(), deadline.toordinal() if deadline else 0]
    if forecast is not None:
        farthest = start.toordinal() + _FARTHEST * max(365, (cutoff - start).days)
        high = forecast.value.interval.high
        reach += [
            int(min(float(bound), farthest)) for bound in (forecast.value.value, high) if bound
        ]
    return date.fromordinal(max(reach) + 20)


def _years(sheet: Sheet, scale: _Scale) -> None:
    """Draw a light line and a label at every turn of a year."""
    sheet.line([_LEFT, _EDGE], [_FOOT, _FOOT], color=SOFT_INK, lw=0.6)
    for year in range(scale.start.year, scale.last.year + 1):
        first = scale.x(max(scale.start, date(year, 1, 1)).toordinal())
        final = scale.x(min(scale.last, date(year, 12, 31)).toordinal())
        if year > scale.start.year:
            sheet.line([first, first], [_FOOT, scale.top], color=REST, lw=0.8, zorder=0)
        label = f"{year}年"
        if final - first > text_width(label, SIZE - 1):
            middle = (first + final) / 2
            small: dict[str, Any] = {"color": SOFT_INK, "fontsize": SIZE - 1}
            sheet.text(middle, 3, label, ha="center", va="center", **small)


def _forecast(sheet: Sheet, forecast: Figure, here: tuple[float, float], scale: _Scale) -> None:
    """Draw the wedge between fastest and slowest pace, and the line of the mean pace."""
    low, high = forecast.value.interval.low, forecast.value.interval.high
    mean = _until_edge(here, scale.x(float(forecast.value.value)), scale.top)
    fast = _until_edge(here, _EDGE if low is None else scale.x(float(low)), scale.top)
    slow = _until_edge(here, math.inf if high is None else scale.x(float(high)), scale.top)
    corner = [(_EDGE, scale.top)] if slow[1] < scale.top else []
    sheet.area([here, fast, *corner, slow], SECOND, 0.25)
    sheet.line([here[0], mean[0]], [here[1], mean[1]], color=SECOND, lw=1.2)


def _until_edge(here: tuple[float, float], x: float, top: float) -> tuple[float, float]:
    """Return where a straight line to (x, top) ends: there, or lower down at the right edge."""
    if x <= _EDGE:
        return x, top
    share = 0.0 if math.isinf(x) else (_EDGE - here[0]) / (x - here[0])
    return _EDGE, here[1] + (top - here[1]) * share


def _steps(
    sheet: Sheet,
    points: Sequence[tuple[date, Figure]],
    covered: Figure,
    here: tuple[float, float],
    scale: _Scale,
) -> None:
    """Draw the steps; each has its number unless the one before leaves no room for it."""
    xs, ys = [_LEFT], [_FOOT]
    for day, figure in points:
        xs += [scale.x(day.toordinal())] * 2
        ys += [ys[-1], scale.y(figure)]
    # At the cut-off stands the figure itself, which an adjustment may have moved.
    sheet.line([*xs, here[0], here[0]], [*ys, ys[-1], here[1]], color=NOW, lw=1.8)
    last = covered.value.text + covered.unit
    free, before = _LEFT - 1.0, here[0] - text_width(last) - 1.0
    # The plan's line passes behind a number, not through it.
    tied = marked(covered.id)
    sheet.clear_text(here[0] - 0.8, here[1] + 2.4, last, "right", gid=tied)
    for day, figure in points[:-1]:
        text, right = figure.value.text, scale.x(day.toordinal()) - 0.8
        if right - text_width(text) > free and right < before:
            y = scale.y(figure) + 2.2
            sheet.clear_text(right, y, text, "right", gid=marked(figure.id))
            free = right


def _keys(deadline: date | None, forecast: Figure | None) -> Iterator[tuple[str, str]]:
    yield "各轮结束后已巡察", "steps"
    if deadline is not None:
        yield f"计划进度（期限{full_date(deadline)}）", "plan"
    if forecast is not None:
        yield f"按平均进度推算（约{forecast.value.text}）", "forecast"


def _lines(keys: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Break the key into lines that fit the width."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for text, kind in keys:
        width = text_width(text, SIZE - 0.5) + 16
        if lines[-1] and used + width > WIDTH_MM - _LEFT:
            lines.append([])
            used = 0.0
        lines[-1].append((text, kind))
        used += width
    return lines


def _legend(sheet: Sheet, keys: Sequence[tuple[str, str]], forecast: Figure | None) -> None:
    looks: dict[str, dict[str, Any]] = {
        "steps": {"color": NOW, "lw": 1.8},
        "plan": {"color": THIRD, **_DASHED},
        "forecast": {"color": SECOND, "lw": 1.2},
    }
    for line, entries in enumerate(_lines(keys)):
        y, x = _HEIGHT - 3.5 - _KEY * line, _LEFT
        for text, kind in entries:
            sheet.line([x, x + 8], [y, y], **looks[kind])
            tied = marked(forecast.id) if forecast is not None and kind == "forecast" else None
            sheet.text(x + 10, y - 0.1, text, va="center", fontsize=SIZE - 0.5, gid=tied)
            x += text_width(text, SIZE - 0.5) + 16
