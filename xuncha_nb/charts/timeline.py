"""Spans on a time axis: when each round ran, by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from xuncha_nb.charts.letters import SIZE, text_width
from xuncha_nb.charts.memory import remembered
from xuncha_nb.charts.sheet import WIDTH_MM, Sheet
from xuncha_nb.charts.style import NOW, REST, SECOND, SOFT_INK, chart, row_name
from xuncha_nb.document import Chart


@remembered
def timeline(
    rows: Sequence[tuple[str, date, date, str]], first: date, last: date, title: str
) -> Chart | None:
    """Bars from start to end on an axis of months.

    Parameters
    ----------
    rows : sequence of (name, start, end, printed span)
    first, last : date
        What the axis covers at least; rows that reach beyond it widen it to whole months.
    title : str
    """
    if not rows:
        return None
    begin = min(first, *(row[1] for row in rows)).replace(day=1)
    finish = _next_month(max(last, *(row[2] for row in rows)))
    left = min(52.0, max(text_width(name) for name, *_ in rows) + 4)
    room = WIDTH_MM - left - 4
    days = (finish - begin).days
    row, foot = 9.0, 7.0
    height = row * len(rows) + foot + 2
    sheet = Sheet(height)
    month = begin
    while month < finish:
        x = left + room * (month - begin).days / days
        after = _next_month(month)
        width = room * (after - month).days / days
        sheet.line([x, x], [foot, height - 1], color=REST, lw=0.8, zorder=0)
        label = f"{month.month}月" if month.month > 1 or month == begin else f"{month.year}年"
        if width > text_width(label, SIZE - 1):
            sheet.text(
                x + width / 2, 3, label, ha="center", va="center", color=SOFT_INK,
                fontsize=SIZE - 1,
            )  # fmt: skip
        month = after
    for place, (name, start, end, printed) in enumerate(rows):
        y = height - 1 - row * (place + 0.5)
        x = left + room * (start - begin).days / days
        width = max(0.8, room * ((end - start).days + 1) / days)
        row_name(sheet, left - 2, y, name, left - 3, 2)
        sheet.box(x, y - 0.6, width, 3.6, color=NOW if end <= last else SECOND)
        # The dates stand below their bar, pulled in where they would leave the picture.
        at = min(x, WIDTH_MM - text_width(printed, SIZE - 1) - 1)
        sheet.text(at, y - 2.6, printed, va="center", color=SOFT_INK, fontsize=SIZE - 1)
    sheet.line([left, left], [foot, height - 1], color=SOFT_INK, lw=0.6)
    said = (f"{name}{printed}" for name, _, _, printed in rows)
    unfinished = any(row[2] > last for row in rows)
    note = "浅色为截止日尚未结束的轮次，未到的日期为计划日期" if unfinished else ""
    return chart(sheet, title, said, (), note)


def _next_month(day: date) -> date:
    """Return the first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
