"""Words of Word's XML, put together as text: what is text of the document is always escaped."""

from __future__ import annotations

import functools
from typing import Final, NewType
from xml.sax.saxutils import escape, quoteattr

from xuncha_nb.document import Run
from xuncha_nb.exporters import layout

#: XML that is well formed already.
Xml = NewType("Xml", str)

NAMESPACES: Final = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TWIPS_PER_MM: Final = 1440 / 25.4
TWIPS_PER_PT: Final = 20
EMU_PER_MM: Final = 36_000
# What every part declares: documents and footers alike may hold pictures.
_DECLARED: Final = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
BREAK: Final = Xml("<w:r><w:br/></w:r>")
TAB: Final = Xml("<w:r><w:tab/></w:r>")


def tag(name: str, /, *children: Xml, **attributes: object) -> Xml:
    """Make an element of Word's own namespace; its attributes are of that namespace too."""
    said = "".join(f" w:{key}={quoteattr(str(value))}" for key, value in attributes.items())
    if not children:
        return Xml(f"<w:{name}{said}/>")
    return Xml(f"<w:{name}{said}>{''.join(children)}</w:{name}>")


def part(name: str, *children: Xml) -> bytes:
    """Return a whole part, with its root element."""
    return f"{DECLARATION}<w:{name} {_DECLARED}>{''.join(children)}</w:{name}>".encode()


def attribute(text: str) -> str:
    """Return a text as the quoted value of an attribute."""
    return quoteattr(layout.clean(text))


def run(text: str, *, bold: bool = False) -> Xml:
    """Return a run of text; bold where the document says so, everything else by the style."""
    look = "<w:rPr><w:b/><w:bCs/></w:rPr>" if bold else ""
    return Xml(f'<w:r>{look}<w:t xml:space="preserve">{_words(text)}</w:t></w:r>')


@functools.lru_cache(maxsize=8192)
def _words(text: str) -> str:
    return escape(layout.clean(text))


def runs(parts: tuple[Run, ...]) -> Xml:
    """Return the runs of a paragraph or heading."""
    return Xml("".join(run(one.text, bold=one.bold) for one in parts))


def lines(texts: tuple[str, ...]) -> Xml:
    """Return a text in lines that are broken where we say."""
    return Xml(BREAK.join(run(text) for text in texts))


def field(code: str, shown: str) -> Xml:
    """Return a field with the result that is shown until somebody renews it."""
    return Xml(field_start(code) + run(shown) + FIELD_END)


def field_start(code: str) -> Xml:
    """Return the beginning of a field whose result runs over what comes next."""
    instruction = escape(f" {code} ")
    return Xml(
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{instruction}</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


FIELD_END: Final = Xml('<w:r><w:fldChar w:fldCharType="end"/></w:r>')


def paragraph(style: str, content: Xml, *properties: Xml) -> Xml:
    """Return a paragraph.

    Parameters
    ----------
    style : str
        Identifier of the paragraph style.
    content : Xml
        Its runs.
    *properties : Xml
        Properties besides the style, in the order of the schema.
    """
    return Xml(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{"".join(properties)}</w:pPr>{content}</w:p>'
    )


def bookmark(number: int, name: str, content: Xml) -> Xml:
    """Return content that a field or a link can refer to."""
    start = tag("bookmarkStart", id=number, name=name)
    return Xml(start + content + tag("bookmarkEnd", id=number))
