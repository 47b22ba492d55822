"""Columns of a printed table: wide enough for their numbers, heads broken before the unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xuncha_nb.document import Table
from xuncha_nb.exporters import heads, layout
from xuncha_nb.exporters.kept import kept_of_tables

_MM_PER_PT: Final = 25.4 / 72
#: Size of type in a table, in points: 五号, and 小五 for lists to look things up in.
TABLE_PT: Final = 10.5
WIDE_PT: Final = 9.0
#: Left and right of a cell's text, in both formats.
PADDING_MM: Final = 8 * _MM_PER_PT
# A text of a column of words keeps the room that it has, if that is for so many characters and
# more, or else for so many lines.
_SHORT: Final = 12.0
_LEAST_MM: Final = 8.0
#: Digits and signs are a little wider than half a character in some faces.
_WIDER: Final = 1.06
_ROUNDING: Final = 0.05


@kept_of_tables
def widths(table: Table, room: float) -> tuple[float, ...]:
    """Return each column's width in millimetres; together they fill ``room``.

    The widths a table asks for are kept as far as no number, unit or date has to be broken for
    them; what a narrow column lacks is taken from those that have more than they need. Heads get
    room to take a line less where no column of long texts has to give it.
    """
    total = sum(column.width for column in table.columns)
    asked = [column.width / total * room for column in table.columns]
    for spacious in (True, False):
        least = [_least(table, place, width, spacious) for place, width in enumerate(asked)]
        lacking = sum(max(0.0, n - a) for n, a in zip(least, asked, strict=True))
        free = [max(0.0, a - n) for n, a in zip(least, asked, strict=True)]
        if lacking <= sum(free):
            break
    if not lacking or not sum(free):
        return tuple(asked)
    # Where there is not enough for all, each lacking column gets its share.
    given = min(1.0, sum(free) / lacking)
    taken = min(1.0, lacking / sum(free))
    return tuple(
        a + (n - a) * given if n > a else a - f * taken
        for n, a, f in zip(least, asked, free, strict=True)
    )


def headers(table: Table, widths: Sequence[float]) -> tuple[tuple[str, ...], ...]:
    """Return the lines of each head: 发现问题（个） that does not fit breaks before the unit.

    Parameters
    ----------
    table : Table
    widths : sequence of float
        The columns' widths in millimetres, as :func:`widths` gives them.
    """
    return tuple(
        heads.lines(layout.clean(column.header), room)
        for column, room in zip(table.columns, rooms(table, widths), strict=True)
    )


def rooms(table: Table, widths: Sequence[float]) -> list[float]:
    """Return the room for each column's text, in full-width characters."""
    return [(width - PADDING_MM) / (size(table) * _MM_PER_PT) for width in widths]


def size(table: Table) -> float:
    """Return the size of type in a table, in points."""
    return WIDE_PT if table.wide else TABLE_PT


def _least(table: Table, place: int, asked: float, spacious: bool) -> float:
    """Return the width that a column needs to break nothing that should not be broken.

    Words may be broken anywhere: a column of words needs no more than it asks for.
    """
    points = size(table)
    column = table.columns[place]
    wide = [layout.width(layout.clean(row[place].text)) for row in table.rows]
    if column.align == "left":
        if spacious and max(wide, default=0.0) > _SHORT:
            return asked
        wide = [width if width <= _SHORT else width / heads.MOST_LINES for width in wide]
    head = heads.narrowest(layout.clean(column.header), spacious)
    widest = max(head + _ROUNDING, *(width * _WIDER for width in wide), 0.0)
    least = max(_LEAST_MM, widest * points * _MM_PER_PT + PADDING_MM)
    return min(least, asked) if column.align == "left" else least
