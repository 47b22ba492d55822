"""``xuncha-pdf``: the official layout as PDF, set by typst in this process.

Neither a browser nor LaTeX is needed. The document goes to a fixed template as JSON, so no
text of it can become code.
"""

from __future__ import annotations

from typing import Any

from traitlets import default

from xuncha_nb.document import Document
from xuncha_nb.exporters import layout, official, placement, titles, typesetting
from xuncha_nb.exporters.base import DocumentExporter
from xuncha_nb.exporters.glyphs import check_glyphs
from xuncha_nb.exporters.kept import kept
from xuncha_nb.paper import PaperLayout


class XunchaPDFExporter(DocumentExporter):
    """Exports an executed report notebook as PDF/A-2a and PDF/UA-1."""

    output_mimetype = "application/pdf"
    export_from_notebook = "公文 PDF（xuncha）"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def render(self, content: Document) -> bytes:
        """Return the PDF.

        Raises
        ------
        FontError
            If a character cannot be shown with the fonts there are.
        """
        options = self.paper()
        check_glyphs(content, options)
        if said := options.substitutes():
            self.log.info(said)
        return typesetting.pdf(
            official.TEMPLATE,
            {"document": source(content, options)},
            layout.timestamp(content.title),
        )


@kept
def source(content: Document, options: PaperLayout) -> str:
    """Return what the template reads: the whole document as JSON. Word asks for it as well."""
    return typesetting.packed(data(content, options))


def data(content: Document, options: PaperLayout) -> dict[str, Any]:
    """Return what the template reads: the whole document as plain data."""
    title = content.title
    language, _, region = title.language.partition("-")
    date = layout.property_day(title)
    return official.setting(options) | {
        "title": layout.clean(title.title),
        "lines": titles.lines(title.title),
        "addressee": layout.addressee(title),
        "author": layout.clean(title.office),
        "subject": layout.clean(title.subject),
        "date": [date.year, date.month, date.day],
        "lang": language or "zh",
        "region": region or None,
        "contents": (
            {"title": layout.CONTENTS_TITLE} if layout.has_contents(content, options) else {}
        ),
        "sections": _sections(content, options),
    }


def _sections(content: Document, options: PaperLayout) -> list[dict[str, Any]]:
    # Items of the document are the same objects as its blocks: identity gives the outline.
    outline = {id(content.blocks[place]): n for place, n in layout.outline(content).items()}
    return [
        {"landscape": section.landscape, "items": list(official.items_of(section, outline))}
        for section in placement.sections(content, options)
    ]
