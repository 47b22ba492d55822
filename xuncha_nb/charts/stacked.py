"""Stacked bars: parts of wholes on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xuncha_nb.charts.letters import SIZE, text_width
from xuncha_nb.charts.memory import remembered
from xuncha_nb.charts.sheet import INK, WIDTH_MM, Sheet
from xuncha_nb.charts.style import (
    NOW,
    REST,
    SECOND,
    SOFT_INK,
    THIRD,
    chart,
    length,
    marked,
    row_name,
)
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar: its name, the figure, and how it is drawn."""

    name: str
    figure: Figure


#: The longest bar is never shorter, in millimetres.
_LEAST: Final = 40.0
#: Tones of the parts in their order; the third is striped, to be told apart in grey print.
_TONES: Final = (NOW, SECOND, THIRD)
_STRIPED: Final = THIRD


@remembered
def stacked(
    rows: Sequence[tuple[str, Sequence[Segment]]],
    wholes: Sequence[Figure],
    title: str,
) -> Chart | None:
    """Stacked horizontal bars on one scale: a row a name, its segments, and its whole behind.

    Parameters
    ----------
    rows : sequence of (name, segments)
        Up to three segments a row, drawn in the order given; their names make the key.
    wholes : sequence of Figure
        The whole of each row, drawn behind in the lightest tone and printed at the end.
    title : str
    """
    if not rows:
        return None
    names = list(dict.fromkeys(s.name for _, segments in rows for s in segments))
    left = min(46.0, max(text_width(name) for name, _ in rows) + 4)
    ends = [f"共{whole.value.text}{whole.unit}" for whole in wholes]
    room = _room(rows, wholes, ends, left)
    row, thick, key = 8.5, 5.4, 8.0
    height = row * len(rows) + key + 2
    longest = max(length(whole) for whole in wholes) or 1.0
    sheet = Sheet(height)
    x = left
    for name, tone in zip([*names, "其余"], [*_TONES[: len(names)], REST], strict=True):
        _part(sheet, x, height - 5.5, 4, 3, tone)
        sheet.text(x + 5, height - 4.1, name, va="center", fontsize=SIZE - 0.5)
        x += text_width(name) + 11
    for position, ((name, segments), whole) in enumerate(zip(rows, wholes, strict=True)):
        y = height - key - row * (position + 0.5)
        low = y - thick / 2
        row_name(sheet, left - 2, y, name, left - 3, 2)
        sheet.box(left, low, room * length(whole) / longest, thick, color=REST)
        start = left
        outside: list[Segment] = []  # those that have no room for their number
        for segment in segments:
            width = room * length(segment.figure) / longest
            tone = _TONES[names.index(segment.name)]
            if width > 0:
                _part(sheet, start, low, width, thick, tone)
            if _has_room(segment, width):
                _number(sheet, start + width / 2, y - 0.1, segment.figure, tone)
            elif width > 0:
                outside.append(segment)
            start += width
        end = left + room * length(whole) / longest + 1.5
        _label(sheet, end, y - 0.1, outside, ends[position], whole)
    sheet.line([left, left], [1, height - key], color=SOFT_INK, lw=0.6)
    said = (
        f"{name}"
        + "、".join(f"{s.name}{s.figure.value.text}{s.figure.unit}" for s in segments)
        + f"，{end}"
        for (name, segments), end in zip(rows, ends, strict=True)
    )
    drawn = [s.figure.id for _, segments in rows for s in segments] + [w.id for w in wholes]
    return chart(sheet, title, said, dict.fromkeys(drawn))


def _number(sheet: Sheet, x: float, y: float, figure: Figure, tone: str) -> None:
    text, size, tied = figure.value.text, SIZE - 0.5, marked(figure.id)
    if tone == _STRIPED:
        sheet.clear_text(x, y, text, "center", size, color=INK, gid=tied)
    else:
        ink = "#ffffff" if tone == NOW else INK
        sheet.text(x, y, text, ha="center", va="center", color=ink, fontsize=size, gid=tied)


def _part(sheet: Sheet, left: float, low: float, width: float, height: float, tone: str) -> None:
    if tone == _STRIPED:
        sheet.striped(left, low, width, height, tone)
    else:
        sheet.box(left, low, width, height, color=tone)


def _has_room(segment: Segment, width: float) -> bool:
    return width > text_width(segment.figure.value.text) + 1


def _said(segment: Segment) -> str:
    return f"{segment.name}{segment.figure.value.text}，"


def _room(
    rows: Sequence[tuple[str, Sequence[Segment]]],
    wholes: Sequence[Figure],
    ends: Sequence[str],
    left: float,
) -> float:
    """Return how long the longest bar may be, so that every label finds room behind its bar."""
    most = WIDTH_MM - left - max(text_width(end) for end in ends) - 6
    longest = max(length(whole) for whole in wholes) or 1.0
    room = most
    # A shorter bar may push another number out of it: a few rounds settle that.
    for _ in range(4):
        for (_, segments), whole, end in zip(rows, wholes, ends, strict=True):
            sizes = [(s, room * length(s.figure) / longest) for s in segments]
            outside = "".join(_said(s) for s, size in sizes if size > 0 and not _has_room(s, size))
            needed = text_width(outside + end, SIZE - 0.5) + 3
            share = length(whole) / longest or 1.0
            room = min(room, max(_LEAST, (WIDTH_MM - left - needed) / share))
    return room


def _label(
    sheet: Sheet, x: float, y: float, outside: Sequence[Segment], end: str, whole: Figure
) -> None:
    """Write the numbers that found no room, and the whole.

    What is too long for a line leaves the names to the key; a number is never cut short.
    """
    small: dict[str, Any] = {"va": "center", "color": SOFT_INK, "fontsize": SIZE - 0.5}
    parts = [(_said(segment), segment.figure.id) for segment in outside]
    if text_width("".join(t for t, _ in parts) + end, SIZE - 0.5) > WIDTH_MM - x - 1:
        parts = [(f"{s.figure.value.text}，", s.figure.id) for s in outside]
        if text_width("".join(t for t, _ in parts) + end, SIZE - 0.5) > WIDTH_MM - x - 1:
            parts = []  # the table and the alternative text have them
    for text, id in (*parts, (end, whole.id)):
        sheet.text(x, y, text, gid=marked(id), **small)
        x += text_width(text, SIZE - 0.5)
