"""Tables of the Word file: fixed widths, repeated heads, whole rows."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

from xuncha_nb.document import Table
from xuncha_nb.exporters import layout
from xuncha_nb.exporters.word_xml import make, w


def finish_table(element: ET.Element, table: Table, room: int) -> None:
    """Set fixed widths (WPS squeezes tables without), repeat the head, keep rows whole."""
    total = sum(column.width for column in table.columns)
    parts = itertools.accumulate((column.width for column in table.columns), initial=0.0)
    widths = [b - a for a, b in itertools.pairwise(round(room * p / total) for p in parts)]
    properties = element.find(w("tblPr"))
    assert properties is not None
    properties[:] = [
        make("tblStyle", val="Table"),
        make("tblW", w=sum(widths), type="dxa"),
        make("jc", val="center"),
        make("tblLayout", type="fixed"),
        make(
            "tblLook",
            val="0020",
            firstRow=1,
            lastRow=0,
            firstColumn=0,
            lastColumn=0,
            noHBand=1,
            noVBand=1,
        ),
        make("tblCaption", val=layout.caption(table)),
    ]
    grid = element.find(w("tblGrid"))
    assert grid is not None
    grid[:] = [make("gridCol", w=width) for width in widths]
    for place, row in enumerate(element.findall(w("tr"))):
        old = row.find(w("trPr"))
        if old is not None:
            row.remove(old)
        marks = make("trPr")
        marks.append(make("cantSplit"))
        if place == 0:
            marks.append(make("tblHeader"))
        row.insert(0, marks)
        for cell, width in zip(row.findall(w("tc")), widths, strict=True):
            _finish_cell(cell, width, head=place == 0)
        if 0 < place < len(table.rows) <= layout.WHOLE_TABLE_ROWS:
            _keep_with_next(row)


def _keep_with_next(row: ET.Element) -> None:
    """Hold a row of a short table with the next one: it is not torn in two."""
    for paragraph in row.iter(w("p")):
        properties = paragraph.find(w("pPr"))
        assert properties is not None
        style = properties.find(w("pStyle"))
        properties.insert(0 if style is None else 1, make("keepNext"))


def _finish_cell(cell: ET.Element, width: int, *, head: bool) -> None:
    old = cell.find(w("tcPr"))
    if old is not None:
        cell.remove(old)
    properties = make("tcPr")
    properties.append(make("tcW", w=width, type="dxa"))
    if head:
        # Not every program obeys the table style's first row: say it in the cell as well.
        borders = make("tcBorders")
        borders.append(make("bottom", val="single", sz=6, space=0, color="000000"))
        properties.append(borders)
    properties.append(make("vAlign", val="center"))
    cell.insert(0, properties)
