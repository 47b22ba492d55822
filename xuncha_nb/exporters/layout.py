"""Decisions all formats share: order of the parts, dates, captions, signature, annex notes."""

from __future__ import annotations

import datetime
import functools
import itertools
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xuncha_nb.document import (
    Annex,
    Block,
    Chart,
    Document,
    Heading,
    Paragraph,
    Run,
    Table,
    Title,
)
from xuncha_nb.errors import ExportError
from xuncha_nb.exporters import svg
from xuncha_nb.paper import CHARACTERS, LINES, TYPE_HEIGHT_MM, TYPE_WIDTH_MM, PaperLayout

__all__ = ["CHARACTERS", "LINES", "TYPE_HEIGHT_MM", "TYPE_WIDTH_MM"]

FULL_SPACE = "\u3000"
#: A table with no more rows stays whole on a page; a longer one may run over it, with its head
#: repeated, rather than leave half a page empty.
WHOLE_TABLE_ROWS = 10
#: So many rows of a longer one stay together at its end, with its note.
LAST_ROWS = 3
CONTENTS_TITLE = "图表目录"
# With fewer, whoever reads finds them by leafing.
_CONTENTS_FROM = 6

# A document without a date still needs one in its file properties (PDF/A asks for it), and it
# may not be today's, or two runs would differ. It is the first day that a zip file can name.
_NO_DATE = datetime.date(1980, 1, 1)
# No character of these is wider than the type is high, but some letters; digits are narrower by a
# third and more.
_AT_MOST_FULL_WIDTH: Final = re.compile(r"[ -~·×÷‘’“”…—≤≥\u3000-\u9fff\uff00-\uffef]*")
_NARROW: Final = re.compile("[0-9.,:;()+-]")
_NARROWER: Final = 0.33
_BROAD: Final = re.compile("[@MW]")
_BROADER: Final = 0.1
_SPEAKS_FOR_ITSELF = ("注", "说明", "资料来源", "数据来源", "来源", "备注", "口径")


@dataclass(frozen=True)
class AnnexNote:
    """The 附件 lines under the body: one title each, numbered when there are several."""

    titles: tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """Office and Chinese date at the end of the body; either may be empty."""

    office: str
    date: str


Item = Heading | Paragraph | Table | Chart | Annex | AnnexNote | Signature
#: What signs the body.
SIGNING: Final = (AnnexNote, Signature)


@dataclass(frozen=True)
class Stand:
    """How an item stands on its page.

    Attributes
    ----------
    lines : int
        Lines of the grid that it takes; zero where that has not been measured.
    top : bool
        Whether it is what a page begins with.
    torn : bool
        Whether a page ends in it, with two lines or more on either side.
    below : float, optional
        Points that a table which runs over pages leaves of its last line.
    """

    lines: int = 0
    top: bool = False
    torn: bool = False
    below: float | None = None


@dataclass(frozen=True)
class Section:
    """A run of items on portrait pages, or on landscape pages for wide tables.

    ``stands`` says how each item stands, where that is known.
    """

    landscape: bool
    items: tuple[Item, ...]
    stands: tuple[Stand, ...] = ()


def sections(content: Document) -> tuple[Section, ...]:
    """Put annex note and signature behind the body, and wide tables on landscape pages."""
    items: list[Item] = []
    body = list(itertools.takewhile(lambda b: not isinstance(b, Annex), content.blocks))
    items += [b for b in body if not isinstance(b, Title)]
    annexes = [b for b in content.blocks if isinstance(b, Annex)]
    if annexes:
        items.append(AnnexNote(tuple(clean(a.title) for a in annexes)))
    signature = signed(content.title)
    if signature.office or signature.date:
        items.append(signature)
    items += [b for b in content.blocks[len(body) :] if not isinstance(b, Title)]
    return tuple(_split(items))


def _split(items: Sequence[Item]) -> Iterator[Section]:
    landscape = [isinstance(i, Table) and i.wide for i in items]
    # A signature stands on a page with the body, so it follows a wide table onto its page.
    for place in range(1, len(items)):
        if isinstance(items[place], SIGNING) and landscape[place - 1]:
            landscape[place] = True
    # Headings stay with what they head: they go onto the landscape page with the table.
    for place in range(len(items) - 2, -1, -1):
        if isinstance(items[place], Heading | Annex) and landscape[place + 1]:
            landscape[place] = True
    for wide, group in itertools.groupby(zip(landscape, items, strict=True), lambda p: p[0]):
        yield Section(wide, tuple(item for _, item in group))


def is_whole(table: Table) -> bool:
    """Return whether a table is short enough never to be torn."""
    return len(table.rows) <= WHOLE_TABLE_ROWS


@functools.lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """Return the text without characters that no format can hold; line ends become spaces."""
    if text.isprintable():
        return text
    kept = (" " if c in "\n\r\t\v\f\u2028\u2029" else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in {"Cc", "Cs", "Cn"})


def plain(runs: Sequence[Run]) -> str:
    """Return the text of runs without their marks."""
    return clean("".join(run.text for run in runs))


def caption(block: Table | Chart) -> str:
    """Return the line that names a table or a chart: 表1　各轮巡察基本情况."""
    return clean(f"{block.number}{FULL_SPACE}{block.title}".strip())


def note(block: Table | Chart) -> str:
    """Return the note under a table or a chart, saying that it is one."""
    text = clean(block.note.strip())
    return text if not text or text.startswith(_SPEAKS_FOR_ITSELF) else f"注：{text}"


def addressee(title: Title) -> str:
    """Return the 主送 line with its full-width colon, or nothing."""
    name = clean(title.addressee.strip()).rstrip(":：")
    return f"{name}：" if name else ""


def annex_lines(item: AnnexNote) -> tuple[tuple[str, str], ...]:
    """Return number and name of each annex; a single annex has no number (GB/T 9704 7.3.4)."""
    names = [name.rstrip("。；，、.;,") for name in item.titles]
    if len(names) == 1:
        return (("", names[0]),)
    return tuple((f"{i}.", name) for i, name in enumerate(names, 1))


def day(title: Title) -> datetime.date | None:
    """Return the document's date, or nothing when it has none.

    Raises
    ------
    ExportError
        If the date is not written as 2024-07-05.
    """
    if not title.date.strip():
        return None
    try:
        return datetime.date.fromisoformat(title.date.strip()[:10])
    except ValueError:
        raise ExportError(
            f"标题的成文日期：应为 2024-07-05 的写法，实际为“{title.date}”，请改正后重新执行笔记本"
        ) from None


def property_day(title: Title) -> datetime.date:
    """Return the date for the file's properties, which are never the clock's."""
    date = day(title) or _NO_DATE
    return max(date, _NO_DATE)


def timestamp(title: Title) -> int:
    """Return the seconds since 1970 at the start of the document's day, UTC."""
    moment = datetime.datetime.combine(property_day(title), datetime.time(), datetime.UTC)
    return int(moment.timestamp())


def chinese_date(date: datetime.date) -> str:
    """Return 2024年7月5日: Arabic figures, no zero in front."""
    return f"{date.year}年{date.month}月{date.day}日"


def signed(title: Title) -> Signature:
    """Return office and date as they sign the body."""
    date = day(title)
    return Signature(clean(title.office.strip()), chinese_date(date) if date else "")


def has_contents(content: Document, options: PaperLayout) -> bool:
    """Return whether a list of figures and tables stands on the last page."""
    count = sum(isinstance(block, Table | Chart) for block in content.blocks)
    if options.contents == "auto":
        return count >= _CONTENTS_FROM
    return options.contents == "always" and count > 0


@functools.lru_cache(maxsize=8192)
def width(text: str) -> float:
    """Return the width of a text in full-width characters; Latin letters count half.

    A percent sign is nearly as wide as a Chinese character.
    """
    return sum(1.0 if c == "%" or unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text)


@functools.lru_cache(maxsize=8192)
def widest(text: str) -> float:
    """Return the most full-width characters that a text may take; infinity if that is not known."""
    if not _AT_MOST_FULL_WIDTH.fullmatch(text):
        return math.inf
    broader = _BROADER * len(_BROAD.findall(text))
    return len(text) - _NARROWER * len(_NARROW.findall(text)) + broader


def outline(content: Document) -> dict[int, int]:
    """Return position of each heading → level in the outline: starts at 1, skips no level.

    Headings look as their own level says; readers of tagged PDF and of HTML need an outline
    without holes.
    """
    levels: dict[int, int] = {}
    stack: list[int] = []
    for place, block in enumerate(content.blocks):
        if isinstance(block, Annex):
            stack = [0]
        elif isinstance(block, Heading):
            while stack and stack[-1] >= block.level:
                stack.pop()
            stack.append(block.level)
        else:
            continue
        levels[place] = len(stack)
    return levels


def texts(block: Block | Title) -> Iterator[str]:
    """Give every text of a block that is printed, for the check of the fonts."""
    match block:
        case Title():
            yield from (block.title, addressee(block), block.office)
        case Heading() | Paragraph():
            yield plain(block.runs)
        case Annex():
            yield clean(block.title)
        case Table():
            yield from (caption(block), note(block))
            yield from (clean(column.header) for column in block.columns)
            yield from (clean(cell.text) for row in block.rows for cell in row)
        case Chart():
            yield from (caption(block), note(block))
            yield from svg.texts(block.svg)


def millimetres(block: Chart, room: float) -> tuple[float, float]:
    """Return width and height of a chart, scaled down to fit into ``room`` and a page."""
    tallest = TYPE_HEIGHT_MM * 0.8
    scale = min(1.0, room / block.width_mm, tallest / block.height_mm)
    return block.width_mm * scale, block.height_mm * scale


def is_number(text: str) -> bool:
    """Return whether a cell holds a number as it is printed: 1,234.5, -3%, 2.1万."""
    return re.fullmatch(r"[+\-−±]?[\d,，. ]+(万|亿)?[%‰]?", text.strip()) is not None
