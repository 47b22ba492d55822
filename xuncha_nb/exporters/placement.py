"""Where charts and tables of the body stand, so that no page ends in a hole.

A chart that does not fit below the text opens a page and leaves the rest of the last one blank.
As a typesetter would, the text that follows it moves up in front of it, or the charts of the
page are set a little smaller to let it in, or a little larger to fill what it leaves. So are they
where a page more would be begun for a few lines and the signature. A chart never comes before the
text that leads to it, never crosses a heading, and charts keep their order among each other, as
tables do. PDF and Word print the same order.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

from xuncha_nb.document import Annex, Chart, Document, Heading, Paragraph, Table
from xuncha_nb.exporters import layout, titles
from xuncha_nb.exporters.entries import Entry, fitted, measured, stretched
from xuncha_nb.exporters.kept import kept
from xuncha_nb.paper import BODY_PT, TYPE_HEIGHT_MM, PaperLayout

#: So many lines may stay blank at the foot of a page.
_FEW: Final = 1
_PT_PER_MM: Final = 72 / 25.4
#: So many lines of the last paragraph stay together.
_LAST: Final = 2
_TITLE_GAP: Final = 1
#: So many charts and tables in a row are tried in every order, 252 at most.
_ORDERED: Final = 10


@kept
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
    first = len(titles.lines(content.title.title)) + _TITLE_GAP
    first += 1 if layout.addressee(content.title) else 0
    plain = layout.sections(content)
    return tuple(
        section if section.landscape else _placed(section, options, first if place == 0 else 0)
        for place, section in enumerate(plain)
    )


def _placed(section: layout.Section, options: PaperLayout, used: int) -> layout.Section:
    """Place what a section begins with, on a page of which so many lines are taken."""
    items = section.items
    body = tuple(itertools.takewhile(lambda item: not isinstance(item, Annex), items))
    if not body:
        return section
    lines = math.floor(TYPE_HEIGHT_MM * _PT_PER_MM / options.pitch_pt + 0.001)
    pages = _Pages(used, lines)
    pages.fill(measured(body, options))
    return layout.Section(
        False,
        (*(entry.item for entry in pages.placed), *items[len(body) :]),
        tuple(
            layout.Stand(entry.lines, n in pages.tops, n in pages.torn, pages.below.get(n))
            for n, entry in enumerate(pages.placed)
        ),
    )


class _Pages:
    """Pages being filled, one entry after the other.

    Attributes
    ----------
    placed : list of Entry
        In the order in which they are printed.
    tops : set of int
        Which of them begin a page.
    torn : set of int
        Which of them a page ends in, with two lines or more on either side.
    below : dict of int to float
        Points that tables which run over pages leave of their last line.
    """

    def __init__(self, used: int, lines: int) -> None:
        self.placed: list[Entry] = []
        self.tops: set[int] = set()
        self.torn: set[int] = set()
        self.below: dict[int, float] = {}
        self._used = used  # lines of the page that are taken
        self._lines = lines  # lines of a page
        self._begin = 0  # where in ``placed`` the page began
        self._closed = False  # whether room for the end of the body was looked for

    def fill(self, entries: Sequence[Entry]) -> None:
        """Place entries, which come in the order of the document."""
        waiting = list(entries)
        while waiting:
            if waiting[0].fixed:
                waiting = self._made_room(_best_order(waiting, self._used, self._lines))
            elif not self._closed:
                self._close(waiting)
            self._put(waiting.pop(0), waiting)

    @property
    def _room(self) -> int:
        return self._lines - self._used

    @property
    def _page(self) -> list[Entry]:
        return self.placed[self._begin :]

    def _made_room(self, waiting: list[Entry]) -> list[Entry]:
        """Return what waits, so that a chart or table that does not fit leaves no hole."""
        if not _FEW < self._room < waiting[0].lines:
            return waiting
        if fitting := fitted([*self._page, waiting[0]], waiting[0].lines - self._room):
            *self.placed[self._begin :], waiting[0] = fitting
            self._used = self._lines - waiting[0].lines
            return waiting
        moved = _movable(waiting, self._room)
        return [*moved, *(e for e in waiting if not any(e is m for m in moved))]

    def _close(self, waiting: Sequence[Entry]) -> None:
        """Let the charts of the page take in the end of the body, or fill what it leaves."""
        lacking = _closing(waiting) - self._room
        if lacking <= 0:
            return
        self._closed = True
        if fitting := fitted(self._page, lacking):
            self.placed[self._begin :] = fitting
            self._used -= lacking
            return
        stays = _stays(waiting, self._room)
        grown = self._grow(self._room - stays - _FEW)
        self._used = self._used + grown if stays else self._lines

    def _grow(self, lines: int) -> int:
        """Share blank lines among the charts of the page; return how many they took."""
        if lines <= 0:
            return 0
        self.placed[self._begin :], left = stretched(self._page, lines, 1)
        return lines - left

    def _put(self, entry: Entry, following: Sequence[Entry]) -> None:
        used = _after(entry, following, self._used, self._lines)
        stays = min(self._room, entry.lines - _LAST)
        opens = used == entry.lines
        if entry.parts:
            opens = entry.opens_page(self._used, self._lines)
            reached = entry.reach(self._used, self._lines)
            self.below[len(self.placed)] = used * entry.pitch - reached
        elif not entry.fixed and self._room < entry.lines and stays >= _LAST:
            self.torn.add(len(self.placed))
        if opens and self._used:
            # It begins a page.
            self._grow(self._room - _FEW)
            self._begin = len(self.placed)
            self.tops.add(self._begin)
        elif used != self._used + entry.lines:
            self._begin = len(self.placed)
        self.placed.append(entry)
        self._used = used


def _closing(waiting: Sequence[Entry]) -> int:
    """Return how many lines the end of the body takes, from its last headings on; else zero."""
    texts = itertools.dropwhile(lambda entry: isinstance(entry.item, Heading), waiting)
    items = [entry.item for entry in texts]
    signed = len(items) > 1 and all(isinstance(item, layout.SIGNING) for item in items[1:])
    return sum(e.lines for e in waiting) if signed and isinstance(items[0], Paragraph) else 0


def _stays(waiting: Sequence[Entry], room: int) -> int:
    """Return how many lines of the end of the body stay on a page that has not room for all.

    Two go with the signature, and no line is left behind alone, as typst and Word have it.
    """
    headings = len([e for e in waiting if isinstance(e.item, Heading)])
    text = min(room, sum(e.lines for e in waiting[: headings + 1]) - _LAST) - headings
    return text + headings if text >= _LAST else 0


def _after(entry: Entry, following: Sequence[Entry], used: int, lines: int) -> int:
    """Return how many lines of the page are taken once an entry stands."""
    if entry.fixed:
        return used + entry.lines if used + entry.lines <= lines else entry.lines
    if isinstance(entry.item, Heading):
        # A heading stays with what it heads.
        after = next((e for e in following if not isinstance(e.item, Heading)), None)
        kept = after.lines if after is not None and after.fixed else 1
        return (used if used + entry.lines + kept <= lines else 0) + entry.lines
    if entry.parts:
        leading = entry.pitch - BODY_PT
        return math.ceil((entry.reach(used, lines) + leading) / entry.pitch - 0.01)
    return (used + entry.lines - 1) % lines + 1


def _movable(waiting: Sequence[Entry], blank: int) -> list[Entry]:
    """Return the paragraphs behind a chart or table that fill what it leaves blank."""
    moved: list[Entry] = []
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


def _best_order(waiting: list[Entry], used: int, lines: int) -> list[Entry]:
    """Return the entries with the charts and tables at their head in the order that fits best.

    Charts stay in their order among each other, and tables; the two have numbers of their own.
    """
    run = list(itertools.takewhile(lambda entry: entry.fixed, waiting[:_ORDERED]))
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


def _wasted(run: Sequence[Entry], used: int, lines: int) -> int:
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
