"""``xuncha-pdf``: the official layout as PDF, set by typst in this process.

Neither a browser nor LaTeX is needed. The document goes to a fixed template as JSON, so no
text of it can become code.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any

from traitlets import default

from xuncha_nb import fonts
from xuncha_nb.document import Annex, Chart, Document, Heading, Paragraph, Run, Table
from xuncha_nb.exporters import columns, layout, placement, signing, svg, titles, typesetting
from xuncha_nb.exporters.base import DocumentExporter
from xuncha_nb.exporters.glyphs import check_glyphs
from xuncha_nb.paper import PaperLayout

TEMPLATE = "official.typ"
_LANDSCAPE_TITLE_ROOM = 28.0


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
            TEMPLATE, {"document": source(content, options)}, layout.timestamp(content.title)
        )


def source(content: Document, options: PaperLayout) -> str:
    """Return what the template reads: the whole document as JSON."""
    return json.dumps(data(content, options), ensure_ascii=False)


def data(content: Document, options: PaperLayout) -> dict[str, Any]:
    """Return what the template reads: the whole document as plain data."""
    title = content.title
    language, _, region = title.language.partition("-")
    date = layout.property_day(title)
    # Items of the document are the same objects as its blocks: identity gives the outline.
    outline = {id(content.blocks[place]): n for place, n in layout.outline(content).items()}
    return _setting(options) | {
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
        "sections": [
            {
                "landscape": section.landscape,
                "items": list(_items(section, outline)),
            }
            for section in placement.sections(content, options)
        ],
    }


def sample(items: Sequence[layout.Item], options: PaperLayout) -> dict[str, Any]:
    """Return what the template reads to measure items of a portrait page instead of setting them.

    Charts are as large as they are, and empty.
    """
    outline = {id(item): item.level for item in items if isinstance(item, Heading)}
    empty = ({"svg": ""} if isinstance(item, Chart) else {} for item in items)
    shown = [_item(item, False, outline) | less for item, less in zip(items, empty, strict=True)]
    return _setting(options) | {
        "measured": True,
        "title": "",
        "author": "",
        "subject": "",
        "date": [1980, 1, 1],
        "lang": "zh",
        "region": None,
        "sections": [{"landscape": False, "items": shown}],
    }


def _setting(options: PaperLayout) -> dict[str, Any]:
    """Return fonts and options of the layout, which are the same for every document."""
    return {
        "measured": False,
        "fonts": {role: _stack(role, options) for role in fonts.ROLES}
        | {"folio": fonts.available("song", options.preferred("song"))},
        "heavy": not fonts.heavy_title(options.preferred("song_title")),
        "paper": {
            "pitch": options.pitch_pt,
            "bold": options.bold_headings,
            "folio": options.page_number,
            "sealed": options.signature == "sealed",
        },
    }


def _stack(role: fonts.Role, options: PaperLayout) -> list[Any]:
    """Return a role's families; one for digits and letters alone says so to typst."""
    latin = fonts.available("latin")
    own = fonts.available(role, options.preferred(role))
    return [
        name if name in own else {"name": name, "covers": "latin-in-cjk"}
        for name in options.families(role)
        if name in own or name in latin
    ]


def _items(section: layout.Section, outline: dict[int, int]) -> Iterator[dict[str, Any]]:
    """Give the items, with what signs the body drawn into its last paragraph."""
    pending = list(section.items)
    while pending:
        item = pending.pop(0)
        tail = list(itertools.takewhile(_signs, pending))
        if _signs(item):
            tail = [item, *tail]
        elif tail and isinstance(item, Table | Chart):
            del pending[: len(tail)]
            tails = [_item(part, section.landscape, outline) for part in tail]
            yield _item(item, section.landscape, outline) | {"tail": tails}
            continue
        elif not isinstance(item, Paragraph) or not tail:
            yield _item(item, section.landscape, outline)
            continue
        del pending[: len(tail) - _signs(item)]
        runs = _runs(item.runs) if isinstance(item, Paragraph) else []
        tails = [_item(part, section.landscape, outline) for part in tail]
        yield {"type": "ending", "runs": runs, "tail": tails}


def _signs(item: layout.Item) -> bool:
    return isinstance(item, layout.AnnexNote | layout.Signature)


def _item(item: layout.Item, landscape: bool, outline: dict[int, int]) -> dict[str, Any]:
    room = layout.TYPE_HEIGHT_MM if landscape else layout.TYPE_WIDTH_MM
    match item:
        case Heading():
            return {
                "type": "heading",
                "level": item.level,
                "outline": outline[id(item)],
                "number": item.number,
                "runs": _runs(item.runs),
            }
        case Paragraph():
            return {"type": "paragraph", "runs": _runs(item.runs)}
        case Table():
            widths = columns.widths(item, room)
            return {
                "type": "table",
                "caption": layout.caption(item),
                "note": layout.note(item),
                "tail": [],
                "wide": item.wide,
                "whole": len(item.rows) <= layout.WHOLE_TABLE_ROWS,
                "columns": [
                    {"header": header, "align": column.align, "width": width}
                    for column, header, width in zip(
                        item.columns,
                        columns.headers(item, widths),
                        widths,
                        strict=True,
                    )
                ],
                "rows": [
                    [{"text": layout.clean(c.text), "bold": c.bold} for c in row]
                    for row in item.rows
                ],
            }
        case Chart():
            width, height = layout.millimetres(item, room)
            return {
                "type": "chart",
                "caption": layout.caption(item),
                "note": layout.note(item),
                "tail": [],
                "alt": layout.clean(item.alt) or layout.caption(item),
                "svg": svg.clean(item.svg),
                "width": width,
                "height": height,
            }
        case Annex():
            wide = _LANDSCAPE_TITLE_ROOM if landscape else 20.0
            return {
                "type": "annex",
                "number": item.number,
                "lines": titles.lines(item.title, wide),
            }
        case layout.AnnexNote():
            return {"type": "annex-note", "lines": layout.annex_lines(item)}
        case layout.Signature():
            return {"type": "signature", "office": signing.lines(item), "date": item.date}


def _runs(runs: tuple[Run, ...]) -> list[dict[str, Any]]:
    return [{"text": layout.clean(run.text), "bold": run.bold} for run in runs]
