"""The Word file as a package of parts: document, styles, fonts, pictures, properties."""

from __future__ import annotations

import datetime
import functools
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import escape

from xuncha_nb.document import Chart, Document
from xuncha_nb.exporters import (
    embedding,
    glyphs,
    layout,
    placement,
    word_body,
    word_pages,
    word_pictures,
    word_styles,
)
from xuncha_nb.exporters.word_xml import DECLARATION
from xuncha_nb.paper import PaperLayout

_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TYPES: Final = {
    "/word/document.xml": f"{_WORD}.document.main+xml",
    "/word/styles.xml": f"{_WORD}.styles+xml",
    "/word/settings.xml": f"{_WORD}.settings+xml",
    "/word/fontTable.xml": f"{_WORD}.fontTable+xml",
    "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}
_EXTENSIONS: Final = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
    "png": "image/png",
    "svg": "image/svg+xml",
    "odttf": "application/vnd.openxmlformats-officedocument.obfuscatedFont",
}
_LEVEL: Final = 3  # less than half of the time of the usual level; the whole file is 0.4 % larger
#: For what is compressed once in a process.
_SHARED_LEVEL: Final = 6
# Compressed already: a second time costs time and gains nothing.
_STORED: Final = (".png",)
#: What shared parts are dated by: the first day that a zip file can name.
_SHARED_MOMENT: Final = (1980, 1, 1, 0, 0, 0)


def package(
    content: Document,
    options: PaperLayout,
    pages: word_body.Pages,
    printed: glyphs.Printed,
) -> bytes:
    """Return the Word file.

    Parameters
    ----------
    content : Document
    options : PaperLayout
    pages : mapping of str to int
        Number of a table or chart → page, for the list of figures.
    printed : mapping of str to set of str
        The characters that the document has in each role (:func:`glyphs.printed`).

    Returns
    -------
    bytes
        The same document and options give the same bytes.
    """
    footers = word_pages.footers(options)
    sections = placement.sections(content, options)
    parts = {
        "word/document.xml": word_body.document(content, options, sections, pages),
        "word/styles.xml": word_styles.styles(options),
        "word/settings.xml": word_styles.settings(),
        "docProps/core.xml": "".join(_core(content)).encode(),
        "docProps/app.xml": _APP,
    }
    parts |= {f"word/{name}": data for name, data in footers.items()}
    relations = {
        "rId1": ("styles", "styles.xml"),
        "rId2": ("settings", "settings.xml"),
        "rId3": ("fontTable", "fontTable.xml"),
    }
    relations |= {
        relation: ("footer", name)
        for name, relation in word_pages.FOOTERS.values()
        if name in footers
    }
    charts = [
        (item, layout.TYPE_HEIGHT_MM if section.landscape else layout.TYPE_WIDTH_MM)
        for section in sections
        for item in section.items
        if isinstance(item, Chart)
    ]
    parts |= word_pictures.files(charts)
    for place in range(1, len(charts) + 1):
        targets = word_pictures.relations(place)
        relations |= {key: ("image", target) for key, target in targets.items()}
    fonts, own, embedded = embedding.word_fonts(
        _printed(content, printed), word_styles.families(options)
    )
    parts |= own
    parts["word/fontTable.xml"] = word_styles.font_table(options, embedded)
    parts["word/_rels/document.xml.rels"] = _relations(relations)
    parts["_rels/.rels"] = _ROOT_RELATIONS
    types = _TYPES | {f"/word/{name}": f"{_WORD}.footer+xml" for name in footers}
    parts["[Content_Types].xml"] = _content_types(types)
    day = layout.property_day(content.title)
    moment = (day.year, day.month, day.day, 0, 0, 0)
    return packed(sorted(parts.items()), moment, _zipped(tuple(fonts.items())))


def _printed(content: Document, printed: glyphs.Printed) -> dict[embedding.Face, set[str]]:
    """Return the characters that the file prints in each open face; charts bring their own."""
    found: dict[embedding.Face, set[str]] = {"serif": set(), "sans": set()}
    for role, characters in printed.items():
        if role is not None:
            found[word_styles.FACES[role]] |= characters
    found["serif"].update(layout.signed(content.title).date)
    found["sans"].update(layout.CONTENTS_TITLE)
    # The list of figures repeats the captions in the face of the body.
    found["serif"] |= found["sans"]
    return found


@functools.lru_cache(maxsize=4)
def _zipped(parts: tuple[tuple[str, bytes], ...]) -> bytes:
    """Return parts that documents share as the beginning of a package, compressed once."""
    return packed(parts, _SHARED_MOMENT, level=_SHARED_LEVEL)


def packed(
    parts: Iterable[tuple[str, bytes]],
    moment: tuple[int, int, int, int, int, int],
    begun: bytes = b"",
    level: int = _LEVEL,
) -> bytes:
    """Zip parts so that the same parts always give the same bytes.

    Parameters
    ----------
    parts : iterable of (name, content)
    moment : tuple of int
        What the entries are dated by.
    begun : bytes
        An archive to go on with.
    level : int
        How hard to try, as zlib counts.
    """
    target = io.BytesIO(begun)
    with zipfile.ZipFile(target, "a" if begun else "w") as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, moment)
            stored = name.endswith(_STORED)
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            entry.create_system = 3  # else it tells Windows from Linux
            entry.external_attr = 0o644 << 16
            # The archive's own level is not used for entries that are handed over.
            archive.writestr(entry, content, compresslevel=level)
    return target.getvalue()


def preload() -> None:
    """Compress what every file brings: the fonts of a document without rare characters."""
    fonts, *_ = embedding.word_fonts({"serif": (), "sans": ()}, {})
    _zipped(tuple(fonts.items()))


def _content_types(types: dict[str, str]) -> bytes:
    said = "".join(
        f'<Default Extension="{extension}" ContentType="{kind}"/>'
        for extension, kind in _EXTENSIONS.items()
    )
    said += "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in types.items()
    )
    return f'{DECLARATION}<Types xmlns="{_PACKAGE}/content-types">{said}</Types>'.encode()


def _relations(relations: dict[str, tuple[str, str]]) -> bytes:
    said = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in relations.items()
    )
    return (
        f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{said}</Relationships>'
    ).encode()


def _core(content: Document) -> Iterator[str]:
    title = content.title
    moment = datetime.datetime.combine(layout.property_day(title), datetime.time())
    stamp = f'xsi:type="dcterms:W3CDTF">{moment.isoformat()}Z<'
    office = escape(layout.clean(title.office))
    yield f"{DECLARATION}<cp:coreProperties "
    yield f'xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    yield 'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    yield 'xmlns:dcterms="http://purl.org/dc/terms/" '
    yield 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    yield f"<dc:title>{escape(layout.clean(title.title))}</dc:title>"
    yield f"<dc:subject>{escape(layout.clean(title.subject))}</dc:subject>"
    yield f"<dc:creator>{office}</dc:creator><cp:lastModifiedBy>{office}</cp:lastModifiedBy>"
    yield f"<dcterms:created {stamp}/dcterms:created>"
    yield f"<dcterms:modified {stamp}/dcterms:modified>"
    yield f"<dc:language>{escape(title.language)}</dc:language></cp:coreProperties>"


_APP: Final = (
    f"{DECLARATION}<Properties "
    'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>xuncha_nb</Application></Properties>"
).encode()
_ROOT_RELATIONS: Final = (
    f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/extended-properties" Target="docProps/app.xml"/>'
    "</Relationships>"
).encode()
