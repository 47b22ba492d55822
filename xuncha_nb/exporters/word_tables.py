"""Tables of the Word file: fixed widths, repeated heads, whole rows."""

from __future__ import annotations

import itertools
from typing import Final

from xuncha_nb.document import Table
from xuncha_nb.exporters import columns, layout
from xuncha_nb.exporters.word_xml import (
    TWIPS_PER_MM,
    Xml,
    attribute,
    lines,
    paragraph,
    run,
    tag,
)

_LOOK: Final = Xml(
    '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
    'w:noHBand="1" w:noVBand="1"/>'
)
# Not every program obeys the table style's first row: the cells say it as well.
_HEAD_BORDER: Final = Xml(
    '<w:tcBorders><w:bottom w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:tcBorders>'
)
_WHOLE_ROW: Final = Xml("<w:cantSplit/>")
_HEAD_ROW: Final = Xml("<w:cantSplit/><w:tblHeader/>")
_KEPT: Final = Xml("<w:keepNext/>")
_NOTHING: Final = Xml("")
_PLACE: Final = Xml("\0")  # no text has it


def table(item: Table, room: float, *, kept: bool = False) -> Xml:
    """Return a table without its caption.

    Parameters
    ----------
    item : Table
    room : float
        Width to fill, in millimetres.
    kept : bool
        Whether its last row stays on the page of what follows.
    """
    wide = columns.widths(item, room)
    edges = itertools.accumulate(wide, initial=0.0)
    twips = [round(edge * TWIPS_PER_MM) for edge in edges]
    widths = [right - left for left, right in itertools.pairwise(twips)]
    small = "Small" if item.wide else ""
    justified = [_NOTHING if c.align == "left" else tag("jc", val=c.align) for c in item.columns]
    head = [
        _cell(width, paragraph(f"TableHead{small}", lines(texts), align), head=True)
        for width, texts, align in zip(widths, columns.headers(item, wide), justified, strict=True)
    ]
    # What stands around a cell's text is the same all the way down its column.
    frames = {
        keeping: [
            _cell(width, paragraph(f"TableText{small}", _PLACE, keeping, align)).split(_PLACE)
            for width, align in zip(widths, justified, strict=True)
        ]
        for keeping in (_KEPT, _NOTHING)
    }
    rows = [_row(_HEAD_ROW, head)]
    for place, row in enumerate(item.rows):
        last = place == len(item.rows) - 1
        stays = kept if last else _stays(item, place)
        cells = [
            Xml(f"{before}{run(cell.text, bold=cell.bold)}{after}")
            for cell, (before, after) in zip(row, frames[_KEPT if stays else _NOTHING], strict=True)
        ]
        rows.append(_row(_WHOLE_ROW, cells))
    return tag("tbl", _properties(item, sum(widths)), _grid(widths), *rows)


def _stays(item: Table, place: int) -> bool:
    """Return whether a row stays with the next one: short tables, and the ends of long ones."""
    return layout.is_whole(item) or place >= len(item.rows) - layout.LAST_ROWS


def _properties(item: Table, width: int) -> Xml:
    return tag(
        "tblPr",
        tag("tblStyle", val="Table"),
        tag("tblW", w=width, type="dxa"),
        tag("jc", val="center"),
        tag("tblLayout", type="fixed"),
        _LOOK,
        Xml(f"<w:tblCaption w:val={attribute(layout.caption(item))}/>"),
    )


def _grid(widths: list[int]) -> Xml:
    # Explicit widths: WPS squeezes the columns of a table without them.
    return tag("tblGrid", *(tag("gridCol", w=width) for width in widths))


def _row(marks: Xml, cells: list[Xml]) -> Xml:
    return tag("tr", tag("trPr", marks), *cells)


def _cell(width: int, content: Xml, *, head: bool = False) -> Xml:
    return Xml(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{_HEAD_BORDER if head else ""}'
        f'<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'
    )
