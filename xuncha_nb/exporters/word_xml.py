"""Names and elements of Word's XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Final

NAMESPACES: Final = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "o": "urn:schemas-microsoft-com:office:office",
    "v": "urn:schemas-microsoft-com:vml",
    "w10": "urn:schemas-microsoft-com:office:word",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
}
TWIPS_PER_MM: Final = 1440 / 25.4
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def w(name: str) -> str:
    """Return the full name of an element or attribute of Word's own namespace."""
    return f"{{{NAMESPACES['w']}}}{name}"


def make(name: str, **attributes: object) -> ET.Element:
    """Make an element of Word's own namespace."""
    return ET.Element(w(name), {w(key): str(value) for key, value in attributes.items()})


def style_of(properties: ET.Element | None) -> str:
    """Return the style that a paragraph's properties name, or nothing."""
    style = None if properties is None else properties.find(w("pStyle"))
    return "" if style is None else style.get(w("val"), "")


def written(root: ET.Element) -> bytes:
    """Write a part with the prefixes that Word's users are used to."""
    for prefix, uri in NAMESPACES.items():
        ET.register_namespace(prefix, uri)
    # As text and encoded at the end: writing bytes piece by piece takes three times as long.
    return (_DECLARATION + ET.tostring(root, encoding="unicode")).encode()
