"""A document as pandoc's own tree, built as data: no text of it is ever parsed as markup."""

from __future__ import annotations

import base64
from typing import Any, Final

from xuncha_nb.document import Annex, Cell, Chart, Column, Document, Heading, Paragraph, Run, Table
from xuncha_nb.exporters import layout, titles

_VERSION: Final = [1, 23, 1]
_NO_ATTRIBUTES: Final = ["", [], []]
_ALIGNMENT: Final = {"left": "AlignLeft", "center": "AlignCenter", "right": "AlignRight"}
# Where a section ends; what its page looks like is filled in afterwards (see word.py), because
# only then the numbers of the footers are known.
SECTION_END: Final = '<w:p><w:pPr><w:pStyle w:val="SectionEnd"/><w:sectPr/></w:pPr></w:p>'

# Stands in for a chart on its way through pandoc, which is faster without the real pixels.
_PIXEL: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

Node = dict[str, Any]


def build(content: Document) -> Node:
    """Return the document as pandoc's JSON tree."""
    title = content.title
    blocks = [_styled("Title", _lines(titles.lines(title.title)))]
    if name := layout.addressee(title):
        blocks.append(_styled("Addressee", [_text(name)]))
    sections = layout.sections(content)
    for place, section in enumerate(sections):
        room = layout.TYPE_HEIGHT_MM if section.landscape else layout.TYPE_WIDTH_MM
        for item in section.items:
            blocks += _item(item, room)
        if place < len(sections) - 1 or section.landscape:
            blocks.append({"t": "RawBlock", "c": ["openxml", SECTION_END]})
    return {"pandoc-api-version": _VERSION, "meta": {}, "blocks": blocks}


def _item(item: layout.Item, room: float) -> list[Node]:
    match item:
        case Heading():
            return [_header(item)]
        case Paragraph():
            return [_styled("Body Text", _runs(item.runs))]
        case Table():
            table = [_styled("Table Caption", [_text(layout.caption(item))]), _table(item)]
            return table + _note(item)
        case Chart():
            return [
                _styled("Figure", [_image(item, room)]),
                _styled("Image Caption", [_text(layout.caption(item))]),
                *_note(item),
            ]
        case Annex():
            lines = titles.lines(item.title, 28.0 if room > layout.TYPE_WIDTH_MM else 20.0)
            return [
                _styled("Annex Label", [_text(item.number)]),
                _styled("Annex Title", _lines(lines)),
            ]
        case layout.AnnexNote():
            return _annex_note(item)
        case layout.Signature():
            return [
                _styled(style, [_text(text)])
                for style, text in (("Office", item.office), ("Signature Date", item.date))
                if text
            ]


def _header(item: Heading) -> Node:
    runs = [_text(item.number), *_runs(item.runs)]
    return {"t": "Header", "c": [item.level, _NO_ATTRIBUTES, runs]}


def _annex_note(item: layout.AnnexNote) -> list[Node]:
    lines = layout.annex_lines(item)
    numbered = "Numbered " if lines[0][0] else ""
    made = []
    for place, (number, name) in enumerate(lines):
        label = "附件：" if place == 0 else ""
        style = f"{numbered}Annex Note" if place == 0 else "Next Annex Note"
        made.append(_styled(style, [_text(f"{label}{number}{' ' if number else ''}{name}")]))
    return made


def _note(item: Table | Chart) -> list[Node]:
    note = layout.note(item)
    return [_styled("Note", [_text(note)])] if note else []


def _image(item: Chart, room: float) -> Node:
    width, height = layout.millimetres(item, room)
    # Each has bytes of its own, or pandoc would store equal ones once.
    source = base64.b64encode(_PIXEL + item.number.encode()).decode("ascii")
    size = [["width", f"{width:.2f}mm"], ["height", f"{height:.2f}mm"]]
    alt = layout.clean(item.alt) or layout.caption(item)
    return {
        "t": "Image",
        "c": [["", [], size], [_text(alt)], [f"data:image/png;base64,{source}", ""]],
    }


def _table(item: Table) -> Node:
    total = sum(column.width for column in item.columns)
    columns = [
        [{"t": _ALIGNMENT[c.align]}, {"t": "ColWidth", "c": c.width / total}] for c in item.columns
    ]
    # A wide table is a list to look things up in: smaller, and closer set.
    small = " Small" if item.wide else ""
    head = [_row([_head_cell(column, small) for column in item.columns])]
    body = [_row([_cell(cell, small) for cell in row]) for row in item.rows]
    return {
        "t": "Table",
        "c": [
            _NO_ATTRIBUTES,
            [None, []],
            columns,
            [_NO_ATTRIBUTES, head],
            [[_NO_ATTRIBUTES, 0, [], body]],
            [_NO_ATTRIBUTES, []],
        ],
    }


def _row(cells: list[list[Any]]) -> list[Any]:
    return [_NO_ATTRIBUTES, cells]


def _head_cell(column: Column, small: str) -> list[Any]:
    return _boxed(_styled(f"Table Head{small}", [_text(column.header)]))


def _cell(cell: Cell, small: str) -> list[Any]:
    inline = _strong(cell.text) if cell.bold else _text(cell.text)
    return _boxed(_styled(f"Table Text{small}", [inline]))


def _boxed(block: Node) -> list[Any]:
    return [_NO_ATTRIBUTES, {"t": "AlignDefault"}, 1, 1, [block]]


def _styled(style: str, inlines: list[Node]) -> Node:
    block = {"t": "Para", "c": inlines}
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], [block]]}


def _runs(runs: tuple[Run, ...]) -> list[Node]:
    return [_strong(run.text) if run.bold else _text(run.text) for run in runs]


def _text(text: str) -> Node:
    return {"t": "Str", "c": layout.clean(text)}


def _strong(text: str) -> Node:
    return {"t": "Strong", "c": [_text(text)]}


def _lines(lines: tuple[str, ...]) -> list[Node]:
    nodes: list[Node] = []
    for line in lines:
        if nodes:
            nodes.append({"t": "LineBreak"})
        nodes.append(_text(line))
    return nodes
