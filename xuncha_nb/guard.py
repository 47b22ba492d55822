"""The guard: nothing that identifies a person or a machine leaves in a report.

Every text of an output is looked at before it becomes a file: the document that web page, PDF
and Word are made of, the drawings, the record, the notebook with its code and what it printed,
the workbook, the manifest. What is found stops the export; the message says where it stands and
what kind of thing it is, and never what it says.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from xuncha_nb.document import (
    MIME,
    Annex,
    Block,
    Cell,
    Chart,
    Document,
    Heading,
    Paragraph,
    Run,
    Table,
    Title,
)
from xuncha_nb.errors import ConfidentialError
from xuncha_nb.personal import Hit, Watchlist, found

#: Environment variable by which a runner says that it looks at the finished notebook itself.
LATER: Final = "XUNCHA_GUARDED"
_MOST: Final = 20
_PICTURES: Final = ("image/png", "image/jpeg", "application/pdf")
_DRAWING: Final = "image/svg+xml"


class Text(NamedTuple):
    """A text of an output with a reader's name for its place.

    ``parts`` gives the same text in smaller pieces, for a closer look when something is found.
    """

    place: str
    text: str
    parts: Callable[[], Iterable[Text]] | None = None


def refuse(
    texts: Iterable[Text],
    allowed: Collection[str] = (),
    watches: Iterable[Watchlist] = (),
    what: str = "报告",
) -> None:
    """Stop an export whose texts have what must not leave.

    Parameters
    ----------
    texts : iterable of Text
    allowed : collection of str
        What the office has declared to be none (``parameters/confidential.yaml``).
    watches : iterable of Watchlist
        Contents of the confidential columns that this process has read.
    what : str
        What is not made, for the message.

    Raises
    ------
    ConfidentialError
        With a line for each place.
    """
    lines = list(dict.fromkeys(_lines(texts, allowed, tuple(watches))))
    if lines:
        raise ConfidentialError(_message(lines, what))


def _lines(
    texts: Iterable[Text], allowed: Collection[str], watches: Sequence[Watchlist]
) -> Iterator[str]:
    """Yield a line for each thing that is found."""
    pieces = list(texts)
    # One look at everything is many times cheaper than one for each text.
    whole = "\n".join(piece.text for piece in pieces)
    hits = found(whole, allowed, watches)
    if not hits:
        return
    starts = list(itertools.accumulate((len(p.text) + 1 for p in pieces), initial=0))
    looked_into = set()
    for hit in hits:
        place = bisect.bisect_right(starts, hit.start) - 1
        piece = pieces[place]
        if piece.parts is None:
            yield _line(piece.place, hit)
        elif place not in looked_into:
            looked_into.add(place)
            yield from list(_lines(piece.parts(), allowed, watches)) or [_line(piece.place, hit)]


def _line(place: str, hit: Hit) -> str:
    same = f"，与{hit.origin}相同" if hit.origin else ""
    return f"{place}：有{'' if hit.origin else '疑似'}{hit.kind}{same}"


def _message(lines: list[str], what: str) -> str:
    told = [f"  {n}. {line}" for n, line in enumerate(lines[:_MOST], 1)]
    told += [f"  ……共{len(lines)}处"] if len(lines) > _MOST else []
    return "\n".join(
        [
            f"{what}里有不得外传的内容，没有导出，请从台账、参数或笔记本中去掉；"
            "确不是个人信息的，写进 parameters/confidential.yaml 的 allowed：",
            *told,
        ]
    )


def of_document(content: Document) -> Iterator[Text]:
    """Yield every text of a document, drawings and record included."""
    yield from of_blocks((content.title, *content.blocks))
    if content.record is not None:
        yield from of_record(content.record)


def of_blocks(blocks: Iterable[Block]) -> Iterator[Text]:
    """Yield every text of blocks in their order, with the heading that they stand under."""
    heading, paragraphs = "", 0
    for block in blocks:
        match block:
            case Title():
                told = (block.title, block.addressee, block.office, block.subject, block.date)
                yield Text("标题、主送机关、署名或文件属性", "\n".join(told))
            case Heading():
                heading, paragraphs = block.number, 0
                yield Text(f"小标题{block.number}", _said(block.runs))
            case Annex():
                heading, paragraphs = block.number, 0
                yield Text(f"{block.number}的标题", block.title)
            case Paragraph():
                paragraphs += 1
                yield Text(f"{heading or '导语'}第{paragraphs}段", _said(block.runs))
            case Table():
                yield from _of_table(block)
            case Chart():
                name = block.number or "图"
                yield Text(f"{name}的名称、说明或注", f"{block.title}\n{block.alt}\n{block.note}")
                yield Text(f"{name}里", "\n".join((block.svg, *block.figures)))


def _said(parts: Iterable[Run | Cell]) -> str:
    """Return what runs say as one text, a number in two of them whole; and their figures."""
    parts = tuple(parts)
    return "\n".join(("".join(p.text for p in parts), *(p.figure for p in parts if p.figure)))


def _of_table(table: Table) -> Iterator[Text]:
    name = table.number or "表"
    yield Text(f"{name}的名称或注", f"{table.title}\n{table.note}")
    for n, column in enumerate(table.columns, 1):
        yield Text(f"{name}表头第{n}列", column.header)
    cells = [part for row in table.rows for c in row for part in (c.text, c.figure) if part]
    yield Text(f"{name}里", "\n".join(cells), functools.partial(_cells, name, table))


def _cells(name: str, table: Table) -> Iterator[Text]:
    for place, cell in table.placed():
        yield Text(f"{name}{place}", _said((cell,)))


def of_record(record: Mapping[str, Any]) -> Iterator[Text]:
    """Yield what a record says: of each figure, each finding, each adjustment."""
    for key, value in record.items():
        parts = functools.partial(_members, key, value) if key == "figures" else None
        yield Text(f"指标数据的 {key}", _json(value), parts)


def _members(key: str, figures: Iterable[Mapping[str, Any]]) -> Iterator[Text]:
    for figure in figures:
        yield Text(f"指标数据的 {key}，“{figure.get('id', '')}”", _json(figure))


def of_json(name: str, data: Mapping[str, Any]) -> Iterator[Text]:
    """Yield what a file of JSON says, by its keys."""
    for key, value in data.items():
        yield Text(f"{name} 的 {key}", f"{key}: {_json(value)}")


def of_notebook(notebook: Any) -> Iterator[Text]:
    """Yield what a notebook holds besides the document: code, what it printed, metadata.

    The document's own data are in :func:`of_document`; drawings that it has are left out here.
    """
    yield Text("report.ipynb 的元数据", _json(notebook.metadata))
    for number, cell in enumerate(notebook.cells, 1):
        where = f"report.ipynb 第{number}个单元格"
        yield Text(where, f"{cell.get('id', '')}\n{cell.source}\n{_json(cell.metadata)}")
        for output in cell.get("outputs", []):
            yield Text(f"{where}的输出", _of_output(output))


def _of_output(output: Mapping[str, Any]) -> str:
    parts = []
    for key, value in output.items():
        if key != "data":
            parts.append(value if isinstance(value, str) else _json(value))
            continue
        drawn = {b.get("svg") for b in (value.get(MIME) or {}).get("blocks", ())}
        for kind, shown in value.items():
            known = kind == MIME or (kind == _DRAWING and shown in drawn)
            if not known and kind not in _PICTURES:
                parts.append(shown if isinstance(shown, str) else _json(shown))
    return "\n".join(parts)


def _json(value: Any) -> str:
    # Some times faster than json's own, and this is asked of every figure of every county.
    return msgspec.json.encode(value).decode()
