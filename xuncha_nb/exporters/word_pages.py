"""Pages of the Word file: sections, grid, and page numbers on their outer edges."""

from __future__ import annotations

from typing import Final

from xuncha_nb.exporters.word_xml import (
    TWIPS_PER_MM,
    Xml,
    field,
    paragraph,
    part,
    run,
    tag,
)
from xuncha_nb.paper import PaperLayout

#: Names of the footers' parts by orientation and kind of page, with their relations.
FOOTERS: Final = {
    (False, "default"): ("footer1.xml", "rId11"),
    (False, "even"): ("footer2.xml", "rId12"),
    (True, "default"): ("footer3.xml", "rId13"),
    (True, "even"): ("footer4.xml", "rId14"),
}
_MARGINS_MM: Final = {"top": 37.0, "right": 26.0, "bottom": 35.0, "left": 28.0}
# A portrait page turned clockwise: its left edge is on top.
_TURNED: Final = {"top": "left", "right": "top", "bottom": "right", "left": "bottom"}
_A4: Final = (11906, 16838)
# 28 characters of 16 pt are a little wider than 156 mm; in 4096ths of a point.
_CHARACTER_SPACE: Final = -848
# From the lower edge of the paper to the foot of the page number's line, which is 16 pt high and
# has its dash in the middle: the dash stands 7 mm below the type area.
_FOOTER_TWIPS: Final = round((35 - 7) * TWIPS_PER_MM) - 160
_FOLIO_MM: Final = 14 / 72 * 25.4
_BOX_MM: Final = (6.0, 50.0)


def section(options: PaperLayout, *, landscape: bool) -> Xml:
    """Return the properties of a section."""
    margins = dict(_MARGINS_MM)
    width, height = _A4
    if landscape:
        margins = {new: _MARGINS_MM[was] for new, was in _TURNED.items()}
        width, height = height, width
    references = (
        ()
        if options.page_number == "none"
        else (
            Xml(f'<w:footerReference w:type="{kind}" r:id="{relation}"/>')
            for (turned, kind), (_, relation) in FOOTERS.items()
            if turned == landscape
        )
    )
    turned = {"orient": "landscape"} if landscape else {}
    # Tables stand on no grid; LibreOffice would put them in the middle of what it leaves over.
    grid = {} if landscape else {"type": "linesAndChars"}
    sides = {side: round(mm * TWIPS_PER_MM) for side, mm in margins.items()}
    return tag(
        "sectPr",
        *references,
        tag("pgSz", w=width, h=height, **turned),
        # A footer that reached into the type area would take lines from it.
        tag("pgMar", **sides, header=851, footer=851 if landscape else _FOOTER_TWIPS, gutter=0),
        tag("cols", space=425),
        tag("docGrid", **grid, linePitch=options.pitch_twips, charSpace=_CHARACTER_SPACE),
    )


def footers(options: PaperLayout) -> dict[str, bytes]:
    """Return the footers' parts by name; none where no page number is wanted."""
    if options.page_number == "none":
        return {}
    made = {}
    for (landscape, kind), (name, _) in FOOTERS.items():
        side = "right" if kind == "default" else "left"
        if options.page_number == "centre":
            side = "center"
        made[name] = part("ftr", _turned(side) if landscape else _footer(side))
    return made


def _number() -> Xml:
    return Xml(run("— ") + field("PAGE", "1") + run(" —"))


def _footer(side: str) -> Xml:
    """Return the line with the page number, one character in from its side."""
    indent = {} if side == "center" else {f"{side}Chars": 100, side: 280}
    return paragraph("Footer", _number(), tag("ind", **indent), tag("jc", val=side))


def _turned(side: str) -> Xml:
    """Return a footer whose number stands where the portrait pages have it.

    The sheet is turned clockwise to be read, so the number stands on the left edge and reads
    downwards. A cell in a table at a fixed place is what Word, WPS and LibreOffice all turn;
    text boxes are not turned by LibreOffice on even pages.
    """
    across, along = (round(mm * TWIPS_PER_MM) for mm in _BOX_MM)
    left = 28.0 - _BOX_MM[0] / 2
    top = {
        "right": 210 - _MARGINS_MM["right"] - _FOLIO_MM - _BOX_MM[1],
        "left": _MARGINS_MM["left"] + _FOLIO_MM,
        "center": _MARGINS_MM["left"] + (156 - _BOX_MM[1]) / 2,
    }[side]
    x, y = (round(mm * TWIPS_PER_MM) for mm in (left, top))
    none = {"w": 0, "type": "dxa"}
    table = tag(
        "tbl",
        tag(
            "tblPr",
            tag("tblpPr", vertAnchor="page", horzAnchor="page", tblpX=x, tblpY=y),
            tag("tblW", w=across, type="dxa"),
            tag("tblLayout", type="fixed"),
            tag("tblCellMar", tag("left", **none), tag("right", **none)),
        ),
        tag("tblGrid", tag("gridCol", w=across)),
        tag(
            "tr",
            tag("trPr", tag("trHeight", val=along, hRule="exact")),
            tag(
                "tc",
                tag(
                    "tcPr",
                    tag("tcW", w=across, type="dxa"),
                    tag("textDirection", val="tbRl"),
                    tag("vAlign", val="center"),
                ),
                paragraph("Footer", _number(), tag("jc", val=side)),
            ),
        ),
    )
    return Xml(table + paragraph("Footer", Xml("")))
