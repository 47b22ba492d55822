"""Items of the body with their heights in lines, and charts that give and take lines."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xuncha_nb.document import Chart, Heading, Paragraph, Run, Table
from xuncha_nb.exporters import heights, layout, official, signing, typesetting
from xuncha_nb.paper import BODY_PT, PaperLayout

#: The text in a chart is 9 pt; it never gets smaller than 六号, 7.5 pt, nor larger than 五号.
LEAST_SCALE: Final = 0.85
GREATEST_SCALE: Final = 1.16
_PT_PER_MM: Final = 72 / 25.4
_BELOW_NOTE_PT: Final = 3.95
#: So many characters go into one line with two blank ones before them, be they all a wide W.
_ONE_LINE: Final = 22


@dataclass(frozen=True)
class Entry:
    """An item with its height in points; what is ``fixed`` is never torn.

    Attributes
    ----------
    parts : tuple of float
        Of a table that may be torn: the heights of its head, of what is never torn, and of its
        end, in points.
    """

    item: layout.Item
    high: float
    pitch: float
    fixed: bool
    parts: tuple[float, ...] = ()

    @property
    def lines(self) -> int:
        """Whole lines of the grid that it takes."""
        return max(1, math.ceil((self.high + self.pitch - BODY_PT) / self.pitch - 0.01))

    def opens_page(self, used: int, lines: int) -> bool:
        """Return whether a table that may be torn has no room for its head and its first row."""
        head, first, *_ = self.parts
        opening = heights.ABOVE_LONG_PT + heights.CAPTION_PT + head + first
        return used * self.pitch + opening > lines * self.pitch

    def reach(self, used: int, lines: int) -> float:
        """Return where on its last page a table ends that may be torn, in points from the top.

        Parameters
        ----------
        used : int
            Lines of the page that are taken before it.
        lines : int
            Lines of a page.
        """
        head, *rows = self.parts
        foot = lines * self.pitch
        reached = 0.0 if self.opens_page(used, lines) else used * self.pitch
        reached += heights.ABOVE_LONG_PT + heights.CAPTION_PT + head
        for high in rows:
            # The head is there again on every page.
            reached = (reached if reached + high <= foot else head) + high
        return reached

    def resized(self, lines: int) -> Entry | None:
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


def measured(body: Sequence[layout.Item], options: PaperLayout) -> list[Entry]:
    """Return the items with the heights that typst gives them."""
    shown = [item for item in body if not isinstance(item, layout.SIGNING)]
    gap = options.pitch_pt - BODY_PT
    # What a text takes only typst knows; charts and tables are worked out, which costs nothing.
    known = [_worked_out(item, gap) for item in shown]
    texts = [item for item, high in zip(shown, known, strict=True) if not high]
    highs = iter(_heights(typesetting.packed(official.sample(texts, options))) if texts else ())
    found = [
        Entry(
            item,
            high or next(highs),
            options.pitch_pt,
            _fixed(item),
            _parts(item),
        )
        for item, high in zip(shown, known, strict=True)
    ]
    # Annex note and signature end the last paragraph; they stay behind it whatever comes.
    rest = body[len(shown) :]
    return found + [
        Entry(item, _signing_lines(item) * options.pitch_pt - gap, options.pitch_pt, fixed=False)
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
    return tuple(typesetting.answer(official.TEMPLATE, {"document": sample}))


def preload() -> None:
    """Have the template of the official layout read, starting no thread."""
    measured([Paragraph(runs=(Run(text="一" * 2 * _ONE_LINE),))], PaperLayout())


def _worked_out(item: layout.Item, gap: float) -> float:
    """Return the height of an item in points, without ``gap``; zero for a text of many lines."""
    if isinstance(item, Heading | Paragraph):
        begun = item.number if isinstance(item, Heading) else ""
        long = len(begun) + sum(len(run.text) for run in item.runs) > _ONE_LINE
        return 0.0 if long else BODY_PT
    assert isinstance(item, Chart | Table), "annexes and what signs the body are not measured"
    # The PDF has more room below a note, and less above the caption of a chart, than Word.
    more = _BELOW_NOTE_PT if layout.note(item) else 0.0
    if isinstance(item, Table):
        high = heights.of_table(item, layout.TYPE_WIDTH_MM) + more
        # A table that may be torn stands with less around it than a line's leading.
        return high if _fixed(item) else high + heights.ABOVE_LONG_PT - gap
    return heights.of_chart(item, layout.TYPE_WIDTH_MM) - heights.CAPTION_BEFORE_PT + more


def _parts(item: layout.Item) -> tuple[float, ...]:
    """Return the parts of a table that may be torn; nothing for anything else."""
    if not isinstance(item, Table) or _fixed(item):
        return ()
    head, *rows = heights.of_rows(item, layout.TYPE_WIDTH_MM)
    note = heights.of_note(layout.note(item), layout.TYPE_WIDTH_MM)
    # Its last rows stay together, with the note.
    end = sum(rows[-layout.LAST_ROWS :]) + note
    return (head, *rows[: -layout.LAST_ROWS], end)


def _fixed(item: layout.Item) -> bool:
    return isinstance(item, Chart) or (isinstance(item, Table) and layout.is_whole(item))


def fitted(page: Sequence[Entry], lacking: int) -> list[Entry]:
    """Return a page's entries with charts so much smaller that ``lacking`` lines come free.

    The last ones come first. Nothing is returned when it cannot be done.
    """
    made, left = stretched(page, lacking, -1)
    return [] if left else made


def stretched(page: Sequence[Entry], change: int, step: int) -> tuple[list[Entry], int]:
    """Return a page's entries with charts ``change`` lines taller or smaller, and what is left.

    The last ones come first, each a line at a time as far as it goes.
    """
    made = list(page)
    for place in reversed(range(len(made))):
        while change and (other := page[place].resized(made[place].lines + step)) is not None:
            made[place] = other
            change -= 1
    return made, change
