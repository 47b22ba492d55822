"""All checks of one county and period in one place: rows, figures, relations.

The report and ``xuncha check`` call :func:`check`; an empty list of errors lets the report go
on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xuncha_nb import movements, overlaps, relations, rowchecks
from xuncha_nb.computation import Adjusted, compute
from xuncha_nb.figures import Figures
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.rows import among, day
from xuncha_nb.memory import Memory
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Window
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence


def check(
    book: Book,
    county: str,
    window: Window,
    standards: Standards,
    adjusted: Adjusted | None = None,
    standing: Sequence[Verdict] | None = None,
    memory: Memory | None = None,
) -> tuple[Figures, tuple[Verdict, ...]]:
    """Compute the figures of a county and window, and everything that is to be said of them.

    ``standing`` is what :func:`xuncha_nb.rowchecks.of_book` found, for a caller that goes
    through many periods of one book.

    Returns
    -------
    Figures
    tuple of Verdict
        Faults of cells and rows, figures that contradict each other, warnings, notes.
    """
    figures, computed = compute(book, county, window, standards, adjusted, memory=memory)
    memory = memory or Memory()
    if window not in memory.rows:
        memory.rows[window] = tuple(rowchecks.of_window(book, window, standards))
    # Of what was printed for several periods, adjusted or not.
    overlapping = (window, "overlaps")
    if overlapping not in memory.plain:
        memory.plain[overlapping] = tuple(overlaps.evaluate(book, figures))
    if standing is None:
        key = (window, "rows of the book")
        if key not in memory.plain:
            memory.plain[key] = tuple(rowchecks.of_book(book))
        standing = memory.plain[key]
    found = [
        *book.verdicts,
        *memory.rows[window],
        *standing,
        *computed,
        *relations.evaluate(figures),
        *movements.evaluate(figures, standards.thresholds),
        *memory.plain[overlapping],
        *_gaps(figures),
    ]
    return figures, in_order(found)


def has_data(book: Book, names: Sequence[str], window: Window) -> bool:
    """Whether the book says anything of its own about the window.

    Registers (units, pools) and earlier snapshots are valid at any later date and do not
    count.
    """
    start, cutoff = day(window.start), day(window.cutoff)
    for name, ledger in LEDGERS.items():
        rows = book[name]
        if not len(rows):
            continue
        match ledger.belongs:
            case "event" | "snapshot":
                dates = rows[ledger.by[0]]
                inside = (dates >= start) & (dates <= cutoff)
            case "overlap":
                first, last = (rows[column] for column in ledger.by)
                inside = (first <= cutoff) & (last >= start)
            case "period" if name != "plan":
                inside = rows["period"] == str(window.period)
                if name == "reported":
                    inside &= among(rows["area"], {*names, None})
            case _:
                continue
        if inside.any():
            return True
    return False


def _gaps(figures: Figures) -> Iterator[Verdict]:
    """Say which ledgers gave nothing for the period: their figures are missing, not zero."""
    sheets: list[str] = []
    missing: list[str] = []
    for name, ledger in LEDGERS.items():
        ids = [i.id for i in INDICATORS.values() if i.ledgers and i.ledgers[0] == name]
        if ids and not any(f.indicator.id in ids for f in figures.values()):
            sheets.append(f"“{ledger.sheet}”")
            missing += ids
    if sheets:
        yield Verdict(
            "note",
            "ledger_missing",
            f"{'、'.join(sheets)}没有本期数据，{len(missing)}个指标缺失（不是零），相关文字不写入报告",
            figures.county_name,
            str(figures.window.period),
            tuple(missing),
        )
