"""Sections of the Word file: portrait pages, and landscape pages for wide tables."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET

from xuncha_nb.exporters import layout
from xuncha_nb.exporters.word_xml import TWIPS_PER_MM, make, style_of, w


def finish_sections(body: ET.Element, sections: tuple[layout.Section, ...]) -> None:
    """Give every section its page; the last one's stands in the body itself."""
    last = body.find(w("sectPr"))
    assert last is not None
    ends = [p for p in body.findall(w("p")) if p.find(f"{w('pPr')}/{w('sectPr')}") is not None]
    for end, section in zip(ends, sections, strict=False):
        properties = end.find(w("pPr"))
        assert properties is not None
        for old in properties.findall(w("sectPr")):
            properties.remove(old)
        made = _page(last, landscape=section.landscape)
        before = _before(body, end)
        if before is not None and before.tag == w("p"):
            # The paragraph in front can carry the end: an empty one would cost a line.
            own = before.find(w("pPr"))
            if own is None:
                own = make("pPr")
                before.insert(0, own)
            own.append(made)
            body.remove(end)
        else:
            properties.append(made)
    _drop_double_breaks(body)
    if len(ends) == len(sections):
        _end_last_section(body, last, ends[-1], sections[-1])


def _end_last_section(
    body: ET.Element, last: ET.Element, end: ET.Element, section: layout.Section
) -> None:
    """Let a landscape page end the file: the last section's page stands in the body itself."""
    body.remove(last)
    body.append(_page(last, landscape=section.landscape))
    for paragraph in reversed(body.findall(w("p"))):
        properties = paragraph.find(w("pPr"))
        own = None if properties is None else properties.find(w("sectPr"))
        if properties is not None and own is not None:
            properties.remove(own)
            return


def _before(body: ET.Element, element: ET.Element) -> ET.Element | None:
    place = list(body).index(element)
    return body[place - 1] if place else None


def _drop_double_breaks(body: ET.Element) -> None:
    """Break no page twice: an annex that starts a section is on a new page already."""
    fresh = False
    for element in body:
        properties = element.find(w("pPr"))
        if fresh and properties is not None and style_of(properties) == "AnnexLabel":
            style = properties.find(w("pStyle"))
            assert style is not None
            properties.insert(list(properties).index(style) + 1, make("pageBreakBefore", val=0))
        fresh = properties is not None and properties.find(w("sectPr")) is not None


def _page(model: ET.Element, *, landscape: bool) -> ET.Element:
    made = copy.deepcopy(model)
    if landscape:
        size, margins = made.find(w("pgSz")), made.find(w("pgMar"))
        assert size is not None
        assert margins is not None
        width, height = size.get(w("w"), ""), size.get(w("h"), "")
        size.attrib.update({w("w"): height, w("h"): width, w("orient"): "landscape"})
        # A portrait page turned clockwise: its left edge is on top.
        turned = {"top": "left", "right": "top", "bottom": "right", "left": "bottom"}
        old = dict(margins.attrib)
        margins.attrib.update({w(new): old[w(was)] for new, was in turned.items()})
        margins.set(w("footer"), str(round((26 - 9.5) * TWIPS_PER_MM)))
    return made
