"""Horizontal bars, this period with the base period below."""

from __future__ import annotations

from collections.abc import Sequence

from xuncha_nb.charts.letters import text_width
from xuncha_nb.charts.memory import remembered
from xuncha_nb.charts.sheet import INK, WIDTH_MM, Sheet
from xuncha_nb.charts.style import BASE, NOW, SOFT_INK, bar, chart, length, row_name, said_of
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure


@remembered
def bars(
    figures: Sequence[Figure],
    title: str,
    base_name: str,
    *,
    base: bool = True,
    own_scale: bool = False,
) -> Chart | None:
    """Horizontal bars, one row a figure, with the base period's bar below in muted grey.

    Parameters
    ----------
    figures : sequence of Figure
        Known figures; with one scale for all they share a unit.
    title : str
    base_name : str
        去年同期 or 上年.
    base : bool
        Whether the base period is drawn where it is known.
    own_scale : bool
        Scale each row by itself, for figures of different units.

    Returns
    -------
    Chart or None
        None when there is nothing to draw.
    """
    if not figures or (not own_scale and all(length(f) == 0 for f in figures)):
        return None
    with_base = base and any(f.base is not None for f in figures)
    row, thick = (9.4, 3.4) if with_base else (6.5, 4.0)
    labels = [f.short_label for f in figures]
    left = min(58.0, max(text_width(label) for label in labels) + 4)
    most_text = max(text_width(f"{base_name} {f.value.text}{f.unit}") for f in figures)
    room = WIDTH_MM - left - most_text - 6
    height = row * len(figures) + 3
    overall = max(
        [length(f) for f in figures]
        + [float(f.base.value) for f in figures if with_base and f.base is not None]
    )
    sheet = Sheet(height)
    for position, figure in enumerate(figures):
        middle = height - 1.5 - row * (position + 0.5)
        before = figure.base if with_base else None
        scale = max(length(figure), float(before.value) if before else 0) or 1.0
        scale = (scale if own_scale else overall) or 1.0
        y = middle + (thick / 2 + 0.2 if before is not None else 0)
        row_name(sheet, left - 2, middle, labels[position], left - 3, 2 if with_base else 1)
        bar(
            sheet,
            left,
            y,
            room * length(figure) / scale,
            thick,
            NOW,
            f"{figure.value.text}{figure.unit}",
            INK,
            figure.id,
        )
        if before is not None:
            bar(
                sheet,
                left,
                y - thick - 0.4,
                room * max(0.0, float(before.value)) / scale,
                thick,
                BASE,
                f"{base_name} {before.text}{figure.unit}",
                SOFT_INK,
                f"{figure.id}_base",
            )
    sheet.line([left, left], [1, height - 1], color=SOFT_INK, lw=0.6, solid_capstyle="butt")
    note = "各行比例尺不同，只比较同一行的两期" if own_scale and len(figures) > 1 else ""
    return chart(
        sheet, title, (said_of(f, base_name) for f in figures), (f.id for f in figures), note
    )
