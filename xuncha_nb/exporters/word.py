"""What pandoc's Word file still lacks: table widths, landscape pages, properties, fixed dates."""

from __future__ import annotations

import datetime
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from xuncha_nb.document import Chart, Document, Table
from xuncha_nb.exporters import embedding, layout, reference, typesetting
from xuncha_nb.exporters.word_pages import finish_sections
from xuncha_nb.exporters.word_tables import finish_table
from xuncha_nb.exporters.word_xml import NAMESPACES, TWIPS_PER_MM, make, style_of, w, written

_CHARACTER: Final = layout.TYPE_WIDTH_MM / layout.CHARACTERS * TWIPS_PER_MM
_PICTURE: Final = (("wp", "docPr"), ("pic", "cNvPr"), ("a", "blip"))
_SIGNING: Final = ("AnnexNote", "NumberedAnnexNote", "Office", "SignatureDate")
# Parts of pandoc's own template that nothing refers to: comments, footnotes, lists, theme.
_UNUSED: Final = ("comments", "footnotes", "numbering", "webSettings", "theme/", "custom")


def finished(package: bytes, content: Document) -> bytes:
    """Finish the Word file that pandoc made.

    Parameters
    ----------
    package : bytes
        What pandoc wrote.
    content : Document
        The document it was written from: tables and sections come in its order.

    Returns
    -------
    bytes
        The finished file; the same document gives the same bytes.
    """
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts = {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}
    parts = {name: data for name, data in parts.items() if not _unused(name)}
    for name in ("[Content_Types].xml", "word/_rels/document.xml.rels", "_rels/.rels"):
        parts[name] = _without_unused(parts[name])
    parts.pop("word/_rels/footnotes.xml.rels", None)
    # Pandoc adds styles and settings of its own, with theme fonts: ours are complete.
    for name in ("word/styles.xml", "word/settings.xml", "word/fontTable.xml"):
        parts[name] = reference.part(name)
    parts["word/document.xml"] = _document(parts, content)
    parts["docProps/core.xml"] = _core(content)
    parts["docProps/app.xml"] = _APP
    embedding.embed(parts)
    day = layout.property_day(content.title)
    return reference.packed(sorted(parts.items()), (day.year, day.month, day.day, 0, 0, 0))


def _unused(name: str) -> bool:
    return any(word in name for word in _UNUSED)


def _without_unused(source: bytes) -> bytes:
    text = source.decode()
    pattern = r"<(?:Override|Relationship)\b[^>]*/>"
    return re.sub(pattern, lambda m: "" if _unused(m[0]) else m[0], text).encode()


def _document(parts: dict[str, bytes], content: Document) -> bytes:
    root = ET.fromstring(parts["word/document.xml"])  # noqa: S314 - pandoc wrote it
    body = root.find(w("body"))
    assert body is not None
    sections = layout.sections(content)
    items = [(item, section) for section in sections for item in section.items]
    tables = [(item, section) for item, section in items if isinstance(item, Table)]
    for element, (table, section) in zip(body.findall(w("tbl")), tables, strict=True):
        room = layout.TYPE_HEIGHT_MM if section.landscape else layout.TYPE_WIDTH_MM
        finish_table(element, table, round(room * TWIPS_PER_MM))
    charts = [item for item, _ in items if isinstance(item, Chart)]
    _finish_pictures(root, charts, parts)
    _finish_signature(body, content)
    _keep_with_signature(body)
    finish_sections(body, sections)
    return written(root)


def _finish_pictures(root: ET.Element, charts: list[Chart], parts: dict[str, bytes]) -> None:
    """Put the charts' pixels in place of the stand-ins, with names and alternative texts."""
    relations = ET.fromstring(parts["word/_rels/document.xml.rels"])  # noqa: S314 - pandoc's
    targets = {relation.get("Id"): relation.get("Target") for relation in relations}
    embed = f"{{{NAMESPACES['r']}}}embed"
    found = [root.iter(f"{{{NAMESPACES[p]}}}{n}") for p, n in _PICTURE]
    for place, (chart, frame, picture, pixels) in enumerate(zip(charts, *found, strict=True), 1):
        alt = layout.clean(chart.alt) or layout.caption(chart)
        for node in (frame, picture):
            node.set("id", str(place))
            node.set("name", chart.number)
            node.set("descr", alt)
            node.attrib.pop("title", None)
        size = layout.millimetres(chart, layout.TYPE_WIDTH_MM)
        parts[f"word/{targets[pixels.get(embed)]}"] = typesetting.rasterise(chart.svg, *size)


def _finish_signature(body: ET.Element, content: Document) -> None:
    """Move office and date in from the right as far as their lengths ask for."""
    item = layout.signed(content.title)
    for style, indent in zip(
        ("Office", "SignatureDate"), layout.signature_indents(item), strict=True
    ):
        for paragraph in body.findall(w("p")):
            properties = paragraph.find(w("pPr"))
            if properties is not None and style_of(properties) == style:
                properties.append(
                    make("ind", rightChars=round(indent * 100), right=round(indent * _CHARACTER))
                )


def _keep_with_signature(body: ET.Element) -> None:
    """Keep the end of the body on the page of the signature: it never stands alone."""
    before: ET.Element | None = None
    for element in body:
        properties = element.find(w("pPr"))
        if properties is not None and style_of(properties) in _SIGNING:
            own = None if before is None else before.find(w("pPr"))
            if own is not None and before is not None and before.tag == w("p"):
                own.insert(1, make("keepNext"))
            return
        before = element


def _core(content: Document) -> bytes:
    title = content.title
    moment = datetime.datetime.combine(layout.property_day(title), datetime.time())
    stamp = f'xsi:type="dcterms:W3CDTF">{moment.isoformat()}Z<'
    return "".join(_core_lines(content, stamp)).encode()


def _core_lines(content: Document, stamp: str) -> Iterator[str]:
    title = content.title
    office = escape(layout.clean(title.office))
    yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties '
    yield 'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
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
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>xuncha_nb</Application></Properties>"
)
