"""Where in a document each figure is printed, in words that a reader finds it by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from xuncha_nb.document import Annex, Chart, Document, Heading, Paragraph, Table

_COMPANIONS: Final = ("_base", "_change", "_yoy", "_share")


def places(content: Document) -> dict[str, tuple[str, ...]]:
    """Return figure → the places where it or its base, change, growth or share is printed.

    Places are said as 一、（五）第2段, 表3, 图2, 附件表4, in the order of the document.
    """
    record: Mapping[str, Any] = content.record or {}
    known = {f["id"] for f in record.get("figures", ())}
    found: dict[str, dict[str, None]] = {}
    for key in record.get("key_figures", ()):
        found.setdefault(key["id"], {})["网页页首"] = None
    for place, ids in _printed(content):
        for id in ids:
            if (stem := _stem(id, known)) in known:
                found.setdefault(stem, {})[place] = None
    return {id: tuple(where) for id, where in found.items()}


def _printed(content: Document) -> Iterator[tuple[str, Iterable[str]]]:
    headings: list[tuple[int, str]] = []
    annex, paragraphs = "", 0
    for block in content.blocks:
        match block:
            case Annex():
                headings, annex, paragraphs = [], block.number, 0
            case Heading():
                headings = [h for h in headings if h[0] < block.level]
                headings.append((block.level, block.number))
                paragraphs = 0
                where = annex + "".join(number for _, number in headings)
                yield f"{where}标题", [run.figure for run in block.runs if run.figure]
            case Paragraph():
                paragraphs += 1
                where = annex + "".join(number for _, number in headings)
                ids = [run.figure for run in block.runs if run.figure]
                yield f"{where or '导语'}第{paragraphs}段", ids
            case Table():
                cells = (cell.figure for row in block.rows for cell in row)
                yield f"{annex}{block.number}", [id for id in cells if id]
            case Chart():
                yield f"{annex}{block.number}", block.figures


def _stem(id: str, known: set[str]) -> str:
    if id in known:
        return id
    return next((s for c in _COMPANIONS if (s := id.removesuffix(c)) in known), id)
