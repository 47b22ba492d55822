"""Small multiples: a panel a measure, a bar a row."""

from __future__ import annotations

from collections.abc import Sequence

from xuncha_nb.charts.letters import SIZE, text_width
from xuncha_nb.charts.memory import remembered
from xuncha_nb.charts.sheet import INK, WIDTH_MM, Sheet
from xuncha_nb.charts.style import NOW, SOFT_INK, bar, chart, length, row_name, shortened
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure


@remembered
def panels(
    rows: Sequence[tuple[str, dict[str, Figure]]],
    measures: Sequence[Figure],
    title: str,
) -> Chart | None:
    """Small multiples: a panel a measure, a bar a row in each; a family has one scale.

    Parameters
    ----------
    rows : sequence of (name, figures by identifier without the row's scope)
        For instance the rounds of a half-year with their own figures.
    measures : sequence of Figure
        One figure a panel, of which label and unit head the panel.
    title : str
    """
    if not rows or not measures:
        return None
    left = min(44.0, max(text_width(name) for name, _ in rows) + 4)
    across = min(4, len(measures))
    gap, head, row = 3.0, 10.0, 7.0
    panel = (WIDTH_MM - left - gap * (across - 1)) / across
    bands = -(-len(measures) // across)
    band = head + row * len(rows) + 3
    height = band * bands
    drawn, said = [], []
    sheet = Sheet(height)
    for position, measure in enumerate(measures):
        id = measure.id
        top = height - band * (position // across)
        x = left + (panel + gap) * (position % across)
        label, unit = measure.short_label, f"（{measure.unit}）"
        both = text_width(label + unit) <= panel
        sheet.text(
            x,
            top - 6.5,
            label + unit if both else shortened(label, panel),
            va="center" if both else "bottom",
            color=INK,
        )
        if not both:
            sheet.text(x - 1.6, top - 6.7, unit, va="top", color=INK, fontsize=SIZE - 1)
        # Members of one family are parts of one whole: their panels share a scale.
        kin = [m.id for m in measures if m.indicator is measure.indicator]
        scaled = [figures[k] for _, figures in rows for k in kin if k in figures]
        most = max((length(f) for f in scaled), default=0) or 1.0
        widest = max((text_width(f.value.text) for f in scaled), default=0)
        room = panel - widest - 3
        for line, (name, figures) in enumerate(rows):
            y = top - head - row * (line + 0.5)
            if position % across == 0:
                row_name(sheet, left - 2, y, name, left - 3, 2)
            figure = figures.get(id)
            if figure is None:
                sheet.text(x + 1.5, y, "未统计", va="center", color=SOFT_INK, fontsize=SIZE - 1)
                continue
            bar(
                sheet,
                x,
                y,
                room * length(figure) / most,
                3.8,
                NOW,
                figure.value.text,
                INK,
                figure.id,
            )
            drawn.append(figure.id)
            said.append(f"{name}{measure.label}{figure.value.text}{figure.unit}")
        sheet.line([x, x], [top - head - row * len(rows), top - head], color=SOFT_INK, lw=0.6)
    return chart(sheet, title, said, drawn)
