"""What the template of the official layout reads, piece by piece, as plain data."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from xuncha_nb import fonts
from xuncha_nb.document import Annex, Chart, Heading, Paragraph, Run, Table
from xuncha_nb.exporters import columns, layout, row_lines, signing, svg, titles, typesetting
from xuncha_nb.paper import PaperLayout

TEMPLATE: Final = "official.typ"
_LANDSCAPE_TITLE_ROOM: Final = 28.0
#: So many characters are one line of a chart's caption or note, be they all a wide W.
_CAPTION_LINE: Final = 33
_NOTE_LINE: Final = 44
#: More than caption, note and the rest of a line take.
_AROUND_CHART_MM: Final = 25.0
#: No line break parts a closing mark from what it closes.
_LAST_UNIT: Final = re.compile(r"(?:[!-~]+|[^!-~])[。！？；，、：）》〉】”’]+\Z")


def sample(items: Sequence[layout.Item], options: PaperLayout) -> dict[str, Any]:
    """Return what the template reads to measure items of a portrait page instead of setting them.

    Charts are as large as they are, and empty.
    """
    outline = {id(item): item.level for item in items if isinstance(item, Heading)}
    empty = ({"svg": ""} if isinstance(item, Chart) else {} for item in items)
    shown = [_item(item, False, outline) | less for item, less in zip(items, empty, strict=True)]
    return setting(options) | {
        "measured": True,
        "title": "",
        "author": "",
        "subject": "",
        "date": [1980, 1, 1],
        "lang": "zh",
        "region": None,
        "sections": [{"landscape": False, "items": shown}],
    }


def setting(options: PaperLayout) -> dict[str, Any]:
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


def items_of(section: layout.Section, outline: dict[int, int]) -> Iterator[dict[str, Any]]:
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
            yield _item(item, section.landscape, outline) | {"tail": tails, "plain": False}
            continue
        elif not isinstance(item, Paragraph) or not tail:
            yield _item(item, section.landscape, outline)
            continue
        del pending[: len(tail) - _signs(item)]
        runs = _runs(item.runs) if isinstance(item, Paragraph) else []
        tails = [_item(part, section.landscape, outline) for part in tail]
        yield {"type": "ending", "tail": tails} | _closed(runs)


def _closed(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return runs, and apart from them the closing marks they end with and what these go with."""
    found = _LAST_UNIT.search(runs[-1]["text"]) if runs else None
    if found is None:
        return {"runs": runs, "closing": {"text": "", "bold": False}}
    *before, last = runs
    return {
        "runs": [*before, last | {"text": last["text"][: found.start()]}],
        "closing": last | {"text": found[0]},
    }


def _signs(item: layout.Item) -> bool:
    return isinstance(item, layout.SIGNING)


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
            lines = row_lines.of_table(item, widths)
            return {
                "type": "table",
                "caption": layout.caption(item),
                "note": layout.note(item),
                "tail": [],
                "wide": item.wide,
                "whole": layout.is_whole(item),
                "end": layout.LAST_ROWS,
                "columns": [
                    {"header": header, "align": column.align, "width": width}
                    for column, header, width in zip(
                        item.columns,
                        columns.headers(item, widths),
                        widths,
                        strict=True,
                    )
                ],
                "head": lines.head,
                "lines": lines.rows,
                "inset": lines.inset,
                "cells": [layout.clean(cell.text) for row in item.rows for cell in row],
                "strong": [n for n, cell in enumerate(itertools.chain(*item.rows)) if cell.bold],
            }
        case Chart():
            width, height = layout.millimetres(item, room)
            return {
                "type": "chart",
                "caption": layout.caption(item),
                "note": layout.note(item),
                "tail": [],
                "alt": layout.clean(item.alt) or layout.caption(item),
                "plain": _is_plain(item, height, landscape),
                "svg": typesetting.lettered(svg.clean(item.svg)),
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


def _is_plain(item: Chart, height: float, landscape: bool) -> bool:
    """Whether caption and note are one line each: then typst need not measure how high it stands.

    What signs the body below a chart is higher; then it is measured.
    """
    high = layout.TYPE_WIDTH_MM if landscape else layout.TYPE_HEIGHT_MM
    return (
        len(layout.caption(item)) <= _CAPTION_LINE
        and len(layout.note(item)) <= _NOTE_LINE
        and height + _AROUND_CHART_MM <= high
    )


def _runs(runs: tuple[Run, ...]) -> list[dict[str, Any]]:
    return [{"text": layout.clean(run.text), "bold": run.bold} for run in runs]
