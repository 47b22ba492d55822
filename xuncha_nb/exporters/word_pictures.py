"""Charts of the Word file: as vectors, with pixels for programs that cannot draw those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xuncha_nb.document import Chart
from xuncha_nb.exporters import layout, outlines, pixels, typesetting
from xuncha_nb.exporters.word_xml import EMU_PER_MM, Xml, attribute

#: Resolution of the stand-in that programs before Word 2016 show: two pixels a point.
PIXELS_PER_INCH: Final = 144
_PICTURE: Final = "http://schemas.openxmlformats.org/drawingml/2006/picture"
_VECTOR: Final = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
# By this number Word knows that the extension holds the vectors.
_EXTENSION: Final = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"


def files(charts: Sequence[tuple[Chart, float]]) -> dict[str, bytes]:
    """Return the vectors and pixels of charts, by their names in the package.

    Parameters
    ----------
    charts : sequence of (Chart, float)
        In their order in the document, each with the room that it has, in millimetres.
    """
    pictures = [
        typesetting.Picture(outlines.outlined(chart.svg), *layout.millimetres(chart, room))
        for chart, room in charts
    ]
    drawn = pixels.pngs(pictures, PIXELS_PER_INCH)
    made = {}
    for place, (picture, png) in enumerate(zip(pictures, drawn, strict=True), 1):
        made[f"word/media/chart{place}.svg"] = picture.svg.encode()
        made[f"word/media/chart{place}.png"] = png
    return made


def relations(place: int) -> dict[str, str]:
    """Return relation → target of a chart's two files."""
    return {
        f"rIdChart{place}": f"media/chart{place}.png",
        f"rIdVector{place}": f"media/chart{place}.svg",
    }


def drawing(chart: Chart, place: int, room: float) -> Xml:
    """Return the run that shows a chart, with its alternative text."""
    width, height = (round(mm * EMU_PER_MM) for mm in layout.millimetres(chart, room))
    alt = attribute(layout.clean(chart.alt) or layout.caption(chart))
    name = attribute(chart.number)
    return Xml(
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="{100 + place}" name={name} descr={alt}/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        f'<a:graphic><a:graphicData uri="{_PICTURE}"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="{100 + place}" name={name} descr={alt}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="rIdChart{place}"><a:extLst><a:ext uri="{_EXTENSION}">'
        f'<asvg:svgBlip xmlns:asvg="{_VECTOR}" r:embed="rIdVector{place}"/></a:ext></a:extLst>'
        "</a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>"
        f'<a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )
