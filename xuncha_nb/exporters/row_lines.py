"""How many lines the rows of a table take in the PDF, where that is sure beforehand.

Typst lays out a row whose height it is given in half the time: it does not measure it first.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xuncha_nb.document import Table
from xuncha_nb.exporters import columns, layout

#: Sums of widths are not exact: a text this close to its room may fit or not.
_ROUNDING: Final = 0.01
# Where a line surely may break (UAX #14): between two Chinese characters, between them and letters
# or digits, and not in front of closing marks or behind opening ones. Of any other character it is
# taken that no line breaks on either side of it.
_WORD: Final = "0-9A-Za-z."
_CHINESE: Final = "\u4e00-\u9fff"
_OPENS, _CLOSES = "（《", "）》，。、：；"
_OTHER: Final = f"[^{_WORD}{_CHINESE}{_OPENS}{_CLOSES}]"
_CORE: Final = f"(?:[{_WORD}]+|.)"
_BEFORE: Final = f"(?:[{_OPENS}]|{_OTHER})*"
_UNIT: Final = re.compile(f"{_BEFORE}{_CORE}(?:[{_CLOSES}]|{_OTHER}{_BEFORE}{_CORE}?)*")
# What takes less room than it has: marks are halved at the two ends of a line and beside each
# other, letters and digits are narrow, and what else there is may take none.
_MARKS: Final = re.compile(f"[^{_WORD}{_CHINESE}]+")
_HALF: Final = 0.5
_LETTER: Final = 0.2
_KINDS: Final = tuple(re.compile(f"[{kind}]") for kind in (_CHINESE, _WORD, _OPENS + _CLOSES))
_OPENING: Final = frozenset("“‘《〈（『「【〖〔［｛")
_CLOSING: Final = frozenset("”’，．。、：；》〉）』」】〗〕］｝？！")


@dataclass(frozen=True)
class RowLines:
    """What is sure of a table's lines.

    Attributes
    ----------
    head : int
        How many lines the head takes; zero where that is not sure.
    rows : list of int
        The same for each row.
    inset : list of int
        The cells, counted row by row, that need an inset of their own: those that are not surely
        one line, and those with a mark at their edge, which typst halves at the edge of a line
        and would not beside a space.
    """

    head: int
    rows: list[int]
    inset: list[int]


def of_table(table: Table, widths: Sequence[float]) -> RowLines:
    """Return what is sure of a table whose columns are so wide.

    Parameters
    ----------
    table : Table
    widths : sequence of float
        In millimetres, as :func:`columns.widths` gives them.
    """
    across = len(table.columns)
    rooms = columns.rooms(table, widths)
    texts = [layout.clean(cell.text) for row in table.rows for cell in row]
    found = [bounds(*asked) for asked in zip(texts, rooms * len(table.rows), strict=True)]
    aligned = [column.align for column in table.columns] * len(table.rows)
    heads = [
        (len(lines), sum(bounds(line, room)[1] for line in lines))
        for lines, room in zip(columns.headers(table, widths), rooms, strict=True)
    ]
    return RowLines(
        _surely(heads),
        [_surely(found[first : first + across]) for first in range(0, len(found), across)],
        [
            place
            for place, ((_, most), text, align) in enumerate(
                zip(found, texts, aligned, strict=True)
            )
            if most > 1 or _halved_at_edge(text, align)
        ],
    )


def _halved_at_edge(text: str, align: str) -> bool:
    if align == "left":
        return text[:1] in _OPENING
    return align == "right" and text[-1:] in _CLOSING


def _surely(cells: Sequence[tuple[int, float]]) -> int:
    least, most = max(least for least, _ in cells), max(most for _, most in cells)
    return least if least == most else 0


@functools.lru_cache(maxsize=8192)
def bounds(text: str, room: float) -> tuple[int, float]:
    """Return how many lines a text takes at least and at most, in so many full-width characters.

    It is filled into the lines twice: with all characters as narrow as they may be and parted
    anywhere, and as wide as they may be and parted only where they surely are.
    """
    if layout.widest(text) <= room:
        return 1, 1
    most, filled = 1, 0.0
    for unit in _UNIT.findall(text):
        wide = layout.widest(unit)
        if wide > room - _ROUNDING:
            return 1, math.inf
        if filled + wide > room - _ROUNDING:
            most, filled = most + 1, 0.0
        filled += wide
    return _least(text, room + _ROUNDING), most


def _least(text: str, room: float) -> int:
    """Return the lines that a text takes at the very least."""
    chinese, letters, marks = (len(kind.findall(text)) for kind in _KINDS)
    lone = [
        match.start()
        for match in _MARKS.finditer(text)
        if match.end() - match.start() == 1 and match[0] in _OPENS + _CLOSES
    ]
    outer = sum(place in (0, len(text) - 1) for place in lone)
    inner = len(lone) - outer
    wide = chinese + _LETTER * letters + _HALF * (marks - inner) + inner
    lines = 1
    while wide - _HALF * min(inner, 2 * (lines - 1)) > lines * room:
        lines += 1
    return lines
