"""The document between notebook and exporters: blocks, numbered headings, nothing empty.

A notebook of ours shows every narrative cell, table and chart with the MIME type
:data:`MIME`, whose JSON is a :class:`Piece`. The exporters read the pieces back with
:func:`from_notebook`, in the order of the notebook, and never see the code. Text is data
everywhere: a run is printed as it is, in every format, and executed by nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from xuncha_nb.errors import ExportError

MIME: Final = "application/vnd.xuncha.document+json"

_DIGITS: Final = "零一二三四五六七八九"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Run(_Model):
    """A stretch of text; ``figure`` names the figure whose number it prints, if it does."""

    text: str
    figure: str | None = None
    bold: bool = False


class Heading(_Model):
    """A heading without its number: levels 1 to 4 print as 一、 （一） 1. （1）."""

    type: Literal["heading"] = "heading"
    level: int = Field(ge=1, le=4)
    runs: tuple[Run, ...]
    number: str = ""


class Paragraph(_Model):
    """A paragraph of the body, first line indented by two characters."""

    type: Literal["paragraph"] = "paragraph"
    runs: tuple[Run, ...]


class Title(_Model):
    """The title with what the first page and the file's properties need.

    ``addressee`` is the 主送 line (empty: none); ``office`` and ``date`` (ISO) sign the
    document at the end of the body; ``subject`` and ``language`` go to the file properties.
    """

    type: Literal["title"] = "title"
    title: str
    addressee: str = ""
    office: str = ""
    date: str = ""
    subject: str = ""
    language: str = "zh-CN"


class Cell(_Model):
    """One table cell."""

    text: str
    figure: str | None = None
    bold: bool = False


class Column(_Model):
    """One table column; ``width`` is relative to the other columns' widths."""

    header: str
    align: Literal["left", "center", "right"] = "left"
    width: float = 1


class Table(_Model):
    """A captioned table. ``wide`` asks for a landscape page."""

    type: Literal["table"] = "table"
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    wide: bool = False
    number: str = ""

    def placed(self) -> Iterator[tuple[str, Cell]]:
        """Yield each cell with a reader's name for its place: 第2行第3列."""
        for row_number, row in enumerate(self.rows, 1):
            for number, cell in enumerate(row, 1):
                yield f"第{row_number}行第{number}列", cell


class Chart(_Model):
    """A captioned chart: SVG with live text, its size, and the figures it draws."""

    type: Literal["chart"] = "chart"
    title: str
    alt: str
    svg: str
    width_mm: float
    height_mm: float
    figures: tuple[str, ...] = ()
    note: str = ""
    number: str = ""


class Annex(_Model):
    """The start of an annex: a new page headed 附件, with a title of its own."""

    type: Literal["annex"] = "annex"
    title: str
    number: str = ""


Block = Annotated[Heading | Paragraph | Title | Table | Chart | Annex, Field(discriminator="type")]


#: Block by identity → itself, which keeps the identity its own, and its copy with a number.
Copies = dict[int, tuple[Block, Block]]


class Said(dict[str, Any]):
    """A piece as JSON has it, which whoever is given it may keep: nobody changes it any more."""


class Piece(_Model):
    """What one notebook cell contributes: blocks to print, and data to record.

    ``record`` is set by the cell that records the figures; it is never printed.
    """

    blocks: tuple[Block, ...] = ()
    record: dict[str, Any] | None = None

    def to_json(self) -> Said:
        """Return the piece as a notebook holds it: what is as usual is not said.

        Most runs and cells are neither bold nor a figure; a notebook is smaller by a tenth.
        """
        said = self.model_dump(mode="json", exclude_defaults=True)
        for block, form in zip(self.blocks, said.get("blocks", ()), strict=True):
            form["type"] = block.type  # tells the reader what it is, though it is as usual
        return Said(said)


class Document(_Model):
    """A whole document, ready to be laid out."""

    title: Title
    blocks: tuple[Block, ...]
    record: dict[str, Any] | None = None


def compose(pieces: Iterable[Piece]) -> Document:
    """Put pieces together: drop headings with nothing under them, number what is left.

    Raises
    ------
    ExportError
        If no piece carries a title: the notebook is not one of ours, or was not executed.
    """
    blocks: list[Block] = []
    title: Title | None = None
    record: dict[str, Any] | None = None
    for piece in pieces:
        record = piece.record or record
        for block in piece.blocks:
            if isinstance(block, Title):
                title = block
            else:
                blocks.append(block)
    if title is None:
        raise ExportError("笔记本里没有报告内容：应为执行过的 xuncha_nb 报告笔记本，请先执行再导出")
    return Document(title=title, blocks=tuple(_numbered(_pruned(blocks), {})), record=record)


def composed_pieces(
    pieces: Sequence[Piece], made: Copies | None = None
) -> tuple[tuple[Block, ...], ...]:
    """Return each piece's blocks as they stand in the whole: pruned, numbered.

    Parameters
    ----------
    pieces : sequence of Piece
    made : dict, optional
        The numbered copies of the last time, for a caller that composes again and again: a
        block whose number stands is then the same object, and what is gone is taken out.
    """
    made = {} if made is None else made
    owned = [(place, block) for place, piece in enumerate(pieces) for block in piece.blocks]
    kept = _pruned([block for _, block in owned if not isinstance(block, Title)])
    # Blocks that say the same are equal: only identity tells whose a kept block is.
    identities = {id(block) for block in kept}
    numbered = iter(tuple(_numbered(kept, made)))
    for gone in made.keys() - identities:
        del made[gone]
    result: list[list[Block]] = [[] for _ in pieces]
    for place, block in owned:
        if isinstance(block, Title):
            result[place].append(block)
        elif id(block) in identities:
            result[place].append(next(numbered))
    return tuple(tuple(blocks) for blocks in result)


#: The last document that a notebook gave, with what it was made of.
_last: tuple[bytes, Document] | None = None


def from_notebook(notebook: Any) -> Document:
    """Collect the pieces of an executed notebook (``nbformat.NotebookNode``) and compose them.

    A notebook that says the same as the last one gives the same object: each format of a report
    asks for it.
    """
    global _last
    said = msgspec.json.encode([bundle[MIME] for bundle in _bundles(notebook)])
    known = _last
    if known is None or known[0] != said:
        known = (said, compose(piece for piece, _ in displayed(notebook)))
        _last = known
    return known[1]


def displayed(notebook: Any) -> Iterator[tuple[Piece, dict[str, Any]]]:
    """Yield each piece that an executed notebook shows, with its whole MIME bundle.

    The panel's cell shows controls, not the document, and is passed over.
    """
    for bundle in _bundles(notebook):
        yield Piece.model_validate(bundle[MIME]), dict(bundle)


def _bundles(notebook: Any) -> Iterator[Any]:
    for cell in notebook.cells:
        if "panel" in cell.get("metadata", {}).get("tags", []):
            continue
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME in data:
                yield data


def _pruned(blocks: Sequence[Block]) -> list[Block]:
    """Drop every heading that no content follows before a heading of its level or above."""
    kept: list[Block] = []
    for block in reversed(blocks):
        if isinstance(block, Heading | Annex):
            level = block.level if isinstance(block, Heading) else 0
            follower = kept[-1] if kept else None
            if follower is None or isinstance(follower, Annex):
                continue
            if isinstance(follower, Heading) and follower.level <= level:
                continue
        kept.append(block)
    return kept[::-1]


def _with_number(number: str, block: Block, made: Copies) -> Block:
    """Return a block with its number, the copy that there is already where that stands."""
    known = made.get(id(block))
    if known is None or known[1].number != number:  # type: ignore[union-attr]
        known = made[id(block)] = (block, block.model_copy(update={"number": number}))
    return known[1]


def _numbered(blocks: Sequence[Block], made: Copies) -> Iterable[Block]:
    headings = [0, 0, 0, 0]
    tables = charts = annexes = 0
    annex_total = sum(isinstance(b, Annex) for b in blocks)
    for block in blocks:
        if isinstance(block, Heading):
            headings[block.level - 1] += 1
            headings[block.level :] = [0] * (4 - block.level)
            yield _with_number(heading_number(block.level, headings[block.level - 1]), block, made)
        elif isinstance(block, Table):
            tables += 1
            yield _with_number(f"表{tables}", block, made)
        elif isinstance(block, Chart):
            charts += 1
            yield _with_number(f"图{charts}", block, made)
        elif isinstance(block, Annex):
            annexes += 1
            headings = [0, 0, 0, 0]
            yield _with_number("附件" if annex_total == 1 else f"附件{annexes}", block, made)
        else:
            yield block


def heading_number(level: int, count: int) -> str:
    """Return the number in front of a heading (GB/T 9704: 一、 （一） 1. （1）)."""
    match level:
        case 1:
            return f"{chinese_number(count)}、"
        case 2:
            return f"（{chinese_number(count)}）"
        case 3:
            return f"{count}."
        case _:
            return f"（{count}）"


def chinese_number(number: int) -> str:
    """Write 0 to 9999 in Chinese: 零, 一, 十, 十二, 一百零五, 一千零二十.

    Raises
    ------
    ValueError
        If the number is outside; no list of a report is longer.
    """
    if not 0 <= number <= 9999:
        raise ValueError(number)
    text, skipped = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, power)
        if digit:
            text += ("零" if skipped else "") + _DIGITS[digit] + unit
            skipped = False
        else:
            skipped = bool(text)
    return text.removeprefix("一") if text.startswith("一十") else text or _DIGITS[0]
