"""How high tables and charts stand in the Word file, so that the text below is on the grid.

The PDF measures what it has laid out. A Word file cannot, so its heights are worked out from
the same sizes; a text that wraps is counted by the width of its characters.
"""

from __future__ import annotations

import math
import re
from typing import Final

from xuncha_nb.document import Chart, Table
from xuncha_nb.exporters import columns, layout
from xuncha_nb.exporters.kept import kept_of_tables

_MM_PER_PT: Final = 25.4 / 72
#: Caption with the gap to what it names; first and further line of a note; in points.
CAPTION_PT: Final = 18.0
#: Above the caption of a chart (style Image Caption).
CAPTION_BEFORE_PT: Final = 3.0
#: Above a table that may run over pages (official.typ).
ABOVE_LONG_PT: Final = 4.0
_NOTE_PT: Final = 9.0
_NOTE_LINE_PT: Final = 13.05
_NOTE_BEFORE_PT: Final = 5.0
# A page has room for its lines and less than a point more: what stands above them may be a
# little lower than worked out, but never higher. LibreOffice adds the rules of a table.
_SLACK_PT: Final = {Chart: 0.5, Table: 2.5}
# No line begins with a closing mark or ends with an opening one, and no number is parted.
_UNIT: Final = re.compile(r"[“‘（《〈【]*(?:[!-~]+|.)[”’）》〉】、，。；：！？]*")
# A line of a cell, and what stands above and below its lines (see the styles Table Text …).
_ROW: Final = {False: (15.2, 2.5), True: (13.05, 1.05)}


def of_chart(chart: Chart, room: float) -> float:
    """Return the height of a chart with caption and note, in points."""
    _, height = layout.millimetres(chart, room)
    caption = CAPTION_BEFORE_PT + CAPTION_PT
    return height / _MM_PER_PT + caption + of_note(layout.note(chart), room)


def of_table(table: Table, room: float) -> float:
    """Return the height of a table with caption and note, in points."""
    return sum(of_rows(table, room)) + CAPTION_PT + of_note(layout.note(table), room)


@kept_of_tables
def of_rows(table: Table, room: float) -> tuple[float, ...]:
    """Return the heights of a table's head and of its rows, in points."""
    widths = columns.widths(table, room)
    size = columns.size(table)
    line, around = _ROW[table.wide]
    rooms = [width - columns.PADDING_MM for width in widths]
    heads = zip(columns.headers(table, widths), rooms, strict=True)
    most = max(sum(_lines(text, size, width) for text in texts) for texts, width in heads)
    highs = [most * line + around]
    for row in table.rows:
        texts = (layout.clean(cell.text) for cell in row)
        most = max(_lines(text, size, width) for text, width in zip(texts, rooms, strict=True))
        highs.append(most * line + around)
    return tuple(highs)


def of_note(note: str, room: float) -> float:
    """Return the height of a note with the space in front of it, in points."""
    return _NOTE_BEFORE_PT + _lines(note, _NOTE_PT, room) * _NOTE_LINE_PT if note else 0.0


def spare(
    item: Chart | Table, room: float, pitch: float, stand: layout.Stand
) -> tuple[float, float]:
    """Return the space above and below that makes a height a whole number of lines, in points.

    Where it is known, the PDF's number of lines. A line's type stands low in its line: there is
    more room above than below it already. At the top of a page all of it is below, since readers
    differ in whether they print space there; a table that may run over pages has a given space
    above it.
    """
    if stand.below is not None:
        return ABOVE_LONG_PT, stand.below
    high = of_chart(item, room) if isinstance(item, Chart) else of_table(item, room)
    lines = stand.lines or math.ceil((high + pitch / 3) / pitch)
    left = max(0.0, lines * pitch - high - (_SLACK_PT[type(item)] if stand.lines else 0.0))
    if isinstance(item, Table) and not layout.is_whole(item):
        return ABOVE_LONG_PT, max(0.0, left - ABOVE_LONG_PT)
    return (0.0, left) if stand.top else (left * 0.6, left * 0.4)


def _lines(text: str, size: float, room: float) -> int:
    """Return how many lines a text takes: filled one after the other, as both programs do."""
    most = room / (size * _MM_PER_PT) + 0.02 * room / (size * _MM_PER_PT)
    if layout.width(text) <= most:
        return 1
    count, filled = 1, 0.0
    for unit in _UNIT.findall(text):
        wide = layout.width(unit)
        if filled and filled + wide > most:
            count, filled = count + 1, 0.0
        filled += wide
        if filled > most:  # wider than a line by itself
            count, filled = count + math.ceil(filled / most) - 1, filled % most
    return count
