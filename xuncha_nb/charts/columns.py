"""Vertical columns, this period with the base period beside."""

from __future__ import annotations

from collections.abc import Sequence

from xuncha_nb.charts.letters import SIZE, text_width
from xuncha_nb.charts.memory import remembered
from xuncha_nb.charts.sheet import INK, WIDTH_MM, Sheet
from xuncha_nb.charts.style import BASE, NOW, SOFT_INK, chart, length, marked, said_of
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure

_ROOM, _HEAD, _LINE = 42.0, 7.0, 4.4


@remembered
def columns(
    figures: Sequence[Figure],
    title: str,
    base_name: str,
    *,
    base: bool = True,
    own_scale: bool = False,
) -> Chart | None:
    """Vertical columns, one a figure, with the base period's column beside in muted grey.

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
        Scale each figure by itself, for figures of different units.

    Returns
    -------
    Chart or None
        None when there is nothing to draw.
    """
    if not figures or (not own_scale and all(length(f) == 0 for f in figures)):
        return None
    with_base = base and any(f.base is not None for f in figures)
    slot = WIDTH_MM / len(figures)
    labels = [_wrapped(f.short_label, slot - 2) for f in figures]
    foot = _LINE * max(map(len, labels)) + 2
    key = 7.0 if with_base else 0.0
    height = foot + _ROOM + _HEAD + key
    tops = [_top(f, with_base) for f in figures]
    wide = min(12.0, slot * (0.36 if with_base else 0.5))
    sheet = Sheet(height)
    if with_base:
        x = 2.0
        for name, colour in (("本期", NOW), (base_name, BASE)):
            sheet.box(x, height - 5.5, 4, 3, color=colour)
            sheet.text(x + 5, height - 4.1, name, va="center", fontsize=SIZE - 0.5)
            x += text_width(name) + 11
    for position, (figure, label, top) in enumerate(zip(figures, labels, tops, strict=True)):
        middle = slot * (position + 0.5)
        scale = (top if own_scale else max(tops)) or 1.0
        before = figure.base if with_base else None
        pair = [(length(figure), figure.value.text, NOW, INK, figure.id)]
        if before is not None:
            size = max(0.0, float(before.value))
            pair.append((size, before.text, BASE, SOFT_INK, f"{figure.id}_base"))
        left = middle - wide * len(pair) / 2
        for place, (size, text, colour, ink, id) in enumerate(pair):
            tall = _ROOM * size / scale
            x = left + wide * (place + 0.5)
            if tall > 0:
                sheet.box(x - (wide - 1) / 2, foot, wide - 1, max(tall, 0.4), color=colour)
            sheet.text(
                x, foot + tall + 1, text, ha="center", va="bottom", color=ink,
                fontsize=SIZE - 0.5, gid=marked(id),
            )  # fmt: skip
        for number, line in enumerate(label):
            # Each line is a text of its own, so that a wider font still centres it.
            sheet.text(
                middle, foot - 1.5 - _LINE * (number + 0.5), line, ha="center", va="center",
                fontsize=SIZE - 0.5,
            )  # fmt: skip
    sheet.line([1, WIDTH_MM - 1], [foot, foot], color=SOFT_INK, lw=0.6, solid_capstyle="butt")
    note = "各项比例尺不同，只比较同一项的两期" if own_scale and len(figures) > 1 else ""
    return chart(
        sheet, title, (said_of(f, base_name) for f in figures), (f.id for f in figures), note
    )


def _top(figure: Figure, with_base: bool) -> float:
    before = figure.base if with_base else None
    return max(length(figure), float(before.value) if before is not None else 0.0)


def _wrapped(text: str, room: float) -> list[str]:
    """Break a label into lines that fit."""
    lines = [""]
    for character in text:
        if lines[-1] and text_width(lines[-1] + character, SIZE - 0.5) > room:
            lines.append("")
        lines[-1] += character
    return lines
