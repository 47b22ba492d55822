"""Where charts and tables of the body stand, so that no page ends in a hole.

A chart that does not fit below the text opens a page and leaves the rest of the last one blank.
As a typesetter would, the text that follows it moves up in front of it, or the charts of the
page are set a little smaller to let it in, or a little larger to fill what it leaves. So are they
where a page more would be begun for a few lines and the signature. A chart never comes before the
text that leads to it, never crosses a heading, and charts keep their order among each other, as
tables do. PDF and Word print the same order.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xuncha_nb.document import Annex, Chart, Document, Heading, Paragraph, Table
from xuncha_nb.exporters import heights, layout, official, signing, titles, typesetting
from xuncha_nb.paper import BODY_PT, TYPE_HEIGHT_MM, PaperLayout

#: The text in a chart is 9 pt; it never gets smaller than 六号, 7.5 pt, nor larger than 五号.
LEAST_SCALE: Final = 0.85
GREATEST_SCALE: Final = 1.16
#: So many lines may stay blank at the foot of a page.
_FEW: Final = 1
_PT_PER_MM: Final = 72 / 25.4
#: So many lines of the last paragraph stay together.
_LAST: Final = 2
_TITLE_GAP: Final = 1
_BELOW_NOTE_PT: Final = 3.95


@dataclass(frozen=True)
class _Entry:
    """An item with its height in points; what is ``fixed`` is never torn."""

    item: layout.Item
    high: float
    pitch: float
    fixed: bool

    @property
    def lines(self) -> int:
        """Whole lines of the grid that it takes."""
        return max(1, math.ceil((self.high + self.pitch - BODY_PT) / self.pitch - 0.01))

    def resized(self, lines: int) -> _Entry | None:
        """Return the chart so that it takes ``lines``; None if it would get too small or large."""
        if not isinstance(self.item, Chart) or lines <= 0:
            return None
        width, height = layout.millimetres(self.item, layout.TYPE_WIDTH_MM)
        room = lines * self.pitch - (self.pitch - BODY_PT)
        scale = 1 - (self.high - room) / (height * _PT_PER_MM)
        if not LEAST_SCALE <= scale <= min(GREATEST_SCALE, layout.TYPE_WIDTH_MM / width):
            return None
        item = self.item.model_copy(update={"width_mm": width * scale, "height_mm": height * scale})
        return dataclasses.replace(self, item=item, high=room)


def sections(content: Document, options: PaperLayout) -> tuple[layout.Section, ...]:
    """Return the document's sections with the charts and tables of the body in their places.

    Parameters
    ----------
    content : Document
    options : PaperLayout

    Returns
    -------
    tuple of Section
        As :func:`layout.sections`; charts may be smaller copies.
    """
    plain = layout.sections(content)
    if not plain or plain[0].landscape:
        return plain
    # Only the beginning is known to start on a page of its own at a known height.
    items = plain[0].items
    body = tuple(itertools.takewhile(lambda item: not isinstance(item, Annex), items))
    if not any(isinstance(item, Chart | Table) for item in body):
        return plain
    entries = _measured(body, options)
    first = len(titles.lines(content.title.title)) + _TITLE_GAP
    first += 1 if layout.addressee(content.title) else 0
    lines = math.floor(TYPE_HEIGHT_MM * _PT_PER_MM / options.pitch_pt + 0.001)
    placed, tops = _placed(entries, first, lines)
    section = layout.Section(
        False,
        (*(entry.item for entry in placed), *items[len(body) :]),
        tuple(layout.Stand(entry.lines, place in tops) for place, entry in enumerate(placed)),
    )
    return (section, *plain[1:])


def _measured(body: Sequence[layout.Item], options: PaperLayout) -> list[_Entry]:
    """Return the items with the heights that typst gives them."""
    shown = [item for item in body if not isinstance(item, layout.SIGNING)]
    texts = [item for item in shown if isinstance(item, Heading | Paragraph)]
    gap = options.pitch_pt - BODY_PT
    # What a text takes only typst knows; charts and tables are worked out, which costs nothing.
    highs = iter(_heights(json.dumps(official.sample(texts, options), ensure_ascii=False)))
    found = [
        _Entry(item, _worked_out(item, gap) or next(highs), options.pitch_pt, _fixed(item))
        for item in shown
    ]
    # Annex note and signature end the last paragraph; they stay behind it whatever comes.
    rest = body[len(shown) :]
    return found + [
        _Entry(item, _signing_lines(item) * options.pitch_pt - gap, options.pitch_pt, fixed=False)
        for item in rest
    ]


def _signing_lines(item: layout.Item) -> int:
    """Return how many lines annex note or signature take, with the one above them."""
    if isinstance(item, layout.AnnexNote):
        rooms = [layout.CHARACTERS - 5 - 2 * bool(number) for number, _ in layout.annex_lines(item)]
        names = [layout.width(name) for _, name in layout.annex_lines(item)]
        return 1 + sum(math.ceil(n / room) for n, room in zip(names, rooms, strict=True))
    assert isinstance(item, layout.Signature)
    return 1 + len(signing.lines(item)) + bool(item.date)


@functools.lru_cache(maxsize=4)
def _heights(sample: str) -> tuple[float, ...]:
    """Return the heights of a sample's items, in points; PDF and Word ask for the same."""
    ((highs,),) = typesetting.query(official.TEMPLATE, {"document": sample}, "<heights>")
    return tuple(highs)


def _worked_out(item: layout.Item, gap: float) -> float:
    """Return the height of a chart or a table in points, without ``gap``; zero for a text."""
    if not isinstance(item, Chart | Table):
        return 0.0
    # The PDF has more room below a note, and less above the caption of a chart, than Word.
    more = _BELOW_NOTE_PT if layout.note(item) else 0.0
    if isinstance(item, Table):
        high = heights.of_table(item, layout.TYPE_WIDTH_MM) + more
        # A table that may be torn stands with less around it than a line's leading.
        return high if _fixed(item) else high + heights.ABOVE_LONG_PT - gap
    return heights.of_chart(item, layout.TYPE_WIDTH_MM) - heights.CAPTION_BEFORE_PT + more


def _fixed(item: layout.Item) -> bool:
    return isinstance(item, Chart) or (
        isinstance(item, Table) and len(item.rows) <= layout.WHOLE_TABLE_ROWS
    )


def _placed(entries: list[_Entry], used: int, lines: int) -> tuple[list[_Entry], set[int]]:
    """Return the entries in the order in which they are printed, and which begin a page.

    Parameters
    ----------
    entries : list of _Entry
        In the order of the document.
    used : int
        Lines of the first page that are taken already.
    lines : int
        Lines of a page.
    """
    placed: list[_Entry] = []
    tops: set[int] = set()
    page = 0  # where in ``placed`` the page began that is being filled
    waiting = list(entries)
    closed = False  # whether room for the end of the body was looked for
    while waiting:
        if waiting[0].fixed:
            waiting = _best_order(waiting, used, lines)
            blank = lines - used
            if _FEW < blank < waiting[0].lines:
                if fitted := _fitted([*placed[page:], waiting[0]], waiting[0].lines - blank):
                    *placed[page:], waiting[0] = fitted
                    used = lines - waiting[0].lines
                elif moved := _movable(waiting, blank):
                    waiting = [*moved, *(e for e in waiting if not any(e is m for m in moved))]
        elif not closed and (lacking := _closing(waiting) - (lines - used)) > 0:
            closed = True
            if fitted := _fitted(placed[page:], lacking):
                placed[page:] = fitted
                used -= lacking
            else:
                blank = lines - used - (stays := _stays(waiting, lines - used))
                over = max(0, blank - _FEW)
                placed[page:], left = _stretched(placed[page:], over, 1)
                used = used + over - left if stays else lines
        entry = waiting.pop(0)
        before, used = used, _after(entry, waiting, used, lines)
        if used == entry.lines and before:
            # The entry begins a page. What the last one has left is shared among its charts.
            if (blank := lines - before) > _FEW:
                placed[page:], _ = _stretched(placed[page:], blank - _FEW, 1)
            page = len(placed)
            tops.add(page)
        elif used != before + entry.lines:
            page = len(placed)
        placed.append(entry)
    return placed, tops


def _closing(waiting: Sequence[_Entry]) -> int:
    """Return how many lines the end of the body takes, from its last headings on; else zero."""
    texts = itertools.dropwhile(lambda entry: isinstance(entry.item, Heading), waiting)
    items = [entry.item for entry in texts]
    signed = len(items) > 1 and all(isinstance(item, layout.SIGNING) for item in items[1:])
    return sum(e.lines for e in waiting) if signed and isinstance(items[0], Paragraph) else 0


def _stays(waiting: Sequence[_Entry], room: int) -> int:
    """Return how many lines of the end of the body stay on a page that has not room for all.

    Two go with the signature, and no line is left behind alone, as typst and Word have it.
    """
    headings = len([e for e in waiting if isinstance(e.item, Heading)])
    text = min(room, sum(e.lines for e in waiting[: headings + 1]) - _LAST) - headings
    return text + headings if text >= _LAST else 0


def _fitted(page: Sequence[_Entry], lacking: int) -> list[_Entry]:
    """Return a page's entries with charts so much smaller that ``lacking`` lines come free.

    The last ones come first. Nothing is returned when it cannot be done.
    """
    made, left = _stretched(page, lacking, -1)
    return [] if left else made


def _stretched(page: Sequence[_Entry], change: int, step: int) -> tuple[list[_Entry], int]:
    """Return a page's entries with charts ``change`` lines taller or smaller, and what is left.

    The last ones come first, each a line at a time as far as it goes.
    """
    made = list(page)
    for place in reversed(range(len(made))):
        while change and (other := page[place].resized(made[place].lines + step)) is not None:
            made[place] = other
            change -= 1
    return made, change


def _after(entry: _Entry, following: Sequence[_Entry], used: int, lines: int) -> int:
    """Return how many lines of the page are taken once an entry stands."""
    if entry.fixed:
        return used + entry.lines if used + entry.lines <= lines else entry.lines
    if isinstance(entry.item, Heading):
        # A heading stays with what it heads.
        after = next((e for e in following if not isinstance(e.item, Heading)), None)
        kept = after.lines if after is not None and after.fixed else 1
        return (used if used + entry.lines + kept <= lines else 0) + entry.lines
    return (used + entry.lines - 1) % lines + 1


def _movable(waiting: Sequence[_Entry], blank: int) -> list[_Entry]:
    """Return the paragraphs behind a chart or table that fill what it leaves blank."""
    moved: list[_Entry] = []
    room = blank
    # The last paragraph carries annex note and signature.
    last = next((e for e in reversed(waiting) if isinstance(e.item, Paragraph)), None)
    for entry in waiting[1:]:
        if isinstance(entry.item, Heading) or room <= 0 or entry is last:
            break
        if isinstance(entry.item, Paragraph):
            moved.append(entry)
            room -= entry.lines
        elif not entry.fixed:
            break
    return moved


def _best_order(waiting: list[_Entry], used: int, lines: int) -> list[_Entry]:
    """Return the entries with the charts and tables at their head in the order that fits best.

    Charts stay in their order among each other, and tables; the two have numbers of their own.
    """
    run = list(itertools.takewhile(lambda entry: entry.fixed, waiting))
    charts = [entry for entry in run if isinstance(entry.item, Chart)]
    tables = [entry for entry in run if isinstance(entry.item, Table)]
    if not charts or not tables:
        return waiting
    best, least = run, _wasted(run, used, lines)
    for places in itertools.combinations(range(len(run)), len(charts)):
        of_charts, of_tables = iter(charts), iter(tables)
        order = [next(of_charts if p in places else of_tables) for p in range(len(run))]
        wasted = _wasted(order, used, lines)
        if wasted < least:
            best, least = order, wasted
    return [*best, *waiting[len(run) :]]


def _wasted(run: Sequence[_Entry], used: int, lines: int) -> int:
    """Return how many lines stay blank at the feet of pages if these come one after the other."""
    wasted = 0
    for entry in run:
        blank = lines - used
        if entry.lines > blank and entry.resized(blank) is None:
            wasted += blank
            used = entry.lines
        else:
            used = min(lines, used + entry.lines)
    return wasted
