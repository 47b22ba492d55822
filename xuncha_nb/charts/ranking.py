"""Members of a whole by one figure, highest first, with the whole as a line through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xuncha_nb.charts.letters import SIZE, text_width
from xuncha_nb.charts.memory import remembered
from xuncha_nb.charts.sheet import INK, WIDTH_MM, Sheet
from xuncha_nb.charts.style import (
    BASE,
    NOW,
    SECOND,
    SOFT_INK,
    THIRD,
    bar,
    chart,
    length,
    marked,
    shortened,
)
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure

_HEAD: Final = 7.0


@remembered
def ranking(
    rows: Sequence[tuple[str, Figure]], whole: Figure, whole_name: str, title: str, base_name: str
) -> Chart | None:
    """Horizontal bars in the order given, and a line where the whole stands.

    Parameters
    ----------
    rows : sequence of (name, Figure)
        The same figure of each member, highest first; members below the whole are lighter.
        Where a member's base is known, a short grey mark stands at its base period's value.
    whole : Figure
        The figure of the whole: a rate recomputed from sums, not an average of the rows.
    whole_name : str
        全市, 全省 …
    title : str
    base_name : str
        去年同期 or 上年, for the note about the marks.
    """
    if not rows:
        return None
    left = min(52.0, max(text_width(name) for name, _ in rows) + 4)
    widest = max(text_width(f.value.text + f.unit) for _, f in rows)
    room = WIDTH_MM - left - widest - 6
    # A country has 31 rows and a page: rows close up when there are many.
    row = 6.5 if len(rows) <= 20 else 5.6
    height = row * len(rows) + _HEAD + 2
    bases = [f.base for _, f in rows if f.base is not None]
    most = max([length(f) for _, f in rows] + [float(b.value) for b in bases]) or 1.0
    said = f"{whole_name}{whole.value.text}{whole.unit}"
    sheet = Sheet(height)
    for position, (name, figure) in enumerate(rows):
        y = height - _HEAD - row * (position + 0.5)
        sheet.text(left - 2, y, shortened(name, left - 3), ha="right", va="center")
        below = figure.value.value < whole.value.value
        text = f"{figure.value.text}{figure.unit}"
        end = room * length(figure) / most
        colour = SECOND if below else NOW
        # The line of the whole passes behind the numbers, not through them.
        bar(sheet, left, y, end, row - 2.5, colour, text, INK, figure.id, clear=True)
        if figure.base is not None:
            x = left + room * float(figure.base.value) / most
            sheet.line([x, x], [y - row / 2 + 0.6, y + row / 2 - 0.6], color=BASE, lw=2.2)
    sheet.line([left, left], [1, height - _HEAD], color=SOFT_INK, lw=0.6)
    line = left + room * length(whole) / most
    sheet.line([line, line], [1, height - _HEAD + 1], color=THIRD, lw=1.1, dashes=(4.0, 2.0))
    # Centred on its line, pulled in where it would leave the picture.
    half = text_width(said) / 2
    at = min(max(line, left + half), WIDTH_MM - half - 1)
    y = height - _HEAD + 3.2
    sheet.text(at, y, said, ha="center", va="center", fontsize=SIZE, gid=marked(whole.id))
    parts = [f"虚线为{whole_name}按合计数计算的水平，浅色为低于{whole_name}的"]
    if bases:
        parts.append(f"灰色竖线为{base_name}")
    names = (f"{name}{f.value.text}{f.unit}" for name, f in rows)
    drawn = (*(f.id for _, f in rows), whole.id)
    return chart(sheet, title, (*names, said), drawn, "；".join(parts))
