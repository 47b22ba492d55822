"""``xuncha-docx``: the official layout as a Word file, written part by part in this process."""

from __future__ import annotations

from traitlets import default

from xuncha_nb.document import Chart, Document, Table
from xuncha_nb.exporters import layout, official, pdf, placement, typesetting, word
from xuncha_nb.exporters.base import DocumentExporter
from xuncha_nb.exporters.glyphs import check_glyphs
from xuncha_nb.paper import PaperLayout


class XunchaDocxExporter(DocumentExporter):
    """Exports an executed report notebook as a Word file."""

    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    export_from_notebook = "公文 Word（xuncha）"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".docx"

    def render(self, content: Document) -> bytes:
        """Return the Word file.

        Raises
        ------
        FontError
            If a character cannot be shown with the fonts there are.
        ExportError
            If a chart cannot be drawn.
        """
        options = self.paper()
        printed = check_glyphs(content, options)
        if said := options.substitutes():
            self.log.info(said)
        return word.package(content, options, _pages(content, options), printed)


def _pages(content: Document, options: PaperLayout) -> dict[str, int]:
    """Return number of each table and chart → its page, for the list of figures.

    Only a program that lays out knows pages. The PDF has the same lines on the same pages, and
    typst remembers a document that it has just laid out.
    """
    if not layout.has_contents(content, options):
        return {}
    inputs = {"document": pdf.source(content, options)}
    (found,) = typesetting.query(official.TEMPLATE, inputs, "<pages>")
    items = (item for s in placement.sections(content, options) for item in s.items)
    captioned = [item.number for item in items if isinstance(item, Table | Chart)]
    return dict(zip(captioned, found, strict=True))


def preload() -> None:
    """Load what the first Word file would otherwise wait for."""
    from xuncha_nb.exporters import outlines, pixels

    outlines.preload()
    pixels.preload()
    word.preload()
