"""What comes of a book with some adjustments: the one way from ledgers to a report's figures.

The report of tonight's batch, the panel while somebody types, and ``xuncha adjust`` all come
through :func:`outcome`; so what is on the screen is what the batch makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from xuncha_nb.adjustments.model import Adjustment, quantities
from xuncha_nb.adjustments.staleness import Stale, moved_sources, sift
from xuncha_nb.breakdowns import Round, rounds_of
from xuncha_nb.checks import check
from xuncha_nb.computation import compute
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.memory import Memory
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict, in_order


@dataclass(frozen=True)
class Outcome:
    """Figures with their adjustments, and everything that is to be said of them.

    Attributes
    ----------
    figures : Figures
    rounds : tuple of Round
    verdicts : tuple of Verdict
        Errors first, stale adjustments among them.
    applied : tuple of Adjustment
        Those that were applied; one that a round's or a total's adjustment brought with it
        stands after its cause.
    stale : tuple of Stale
    source : mapping of str to Figure
        Every figure as the source gives it, rounds' figures by their full name.
    """

    figures: Figures
    rounds: tuple[Round, ...]
    verdicts: tuple[Verdict, ...]
    applied: tuple[Adjustment, ...]
    stale: tuple[Stale, ...]
    source: Mapping[str, Figure]

    @property
    def known(self) -> dict[str, Figure]:
        """Every figure as adjusted, rounds' figures by their full name."""
        return _together(self.figures, self.rounds)


def outcome(
    book: Book,
    county: str,
    window: Window,
    standards: Standards,
    adjustments: tuple[Adjustment, ...] = (),
    memory: Memory | None = None,
) -> Outcome:
    """Compute, adjust and check.

    Parameters
    ----------
    book, county, window, standards
        As for :func:`xuncha_nb.computation.compute`.
    adjustments : tuple of Adjustment
        Stale ones are left out and reported.
    memory : Memory, optional
        Kept while the same book is tried with other adjustments.

    Returns
    -------
    Outcome
    """
    memory = memory or Memory()
    if not adjustments:
        figures, verdicts = check(book, county, window, standards, memory=memory)
        rounds = rounds_of(book, county, window, standards, memory=memory)
        return Outcome(figures, rounds, verdicts, (), (), _together(figures, rounds))
    key = (window, "unadjusted")
    if key not in memory.plain:
        computed, _ = compute(book, county, window, standards, memory=memory)
        memory.plain[key] = (computed, rounds_of(book, county, window, standards, memory=memory))
    plain, plain_rounds = memory.plain[key]
    source = _together(plain, plain_rounds)
    fresh, stale = sift(adjustments, source)
    applied = tuple(_carried(fresh, plain, plain_rounds))
    values = quantities(applied)
    totals = {id: value for id, value in values.items() if "@" not in id}
    figures, verdicts = check(book, county, window, standards, totals, memory=memory)
    rounds = rounds_of(book, county, window, standards, values, memory)
    found = [
        *(item.verdict(figures) for item in stale),
        *_parted(applied, plain, plain_rounds, figures, rounds),
        *moved_sources(fresh, figures, book.fingerprint),
        *verdicts,
    ]
    return Outcome(figures, rounds, in_order(found), applied, stale, source)


def _together(figures: Mapping[str, Figure], rounds: Iterable[Round]) -> dict[str, Figure]:
    return dict(figures) | {f.id: f for r in rounds for f in r.figures.values()}


def _shares(id: str, rounds: Iterable[Round]) -> dict[str, Quantity]:
    """Return each round's part of a figure, by the round's full name of it."""
    return {r.figures[id].id: r.figures[id].value for r in rounds if id in r.figures}


def _sums_up(total: Figure | None, parts: Mapping[str, Quantity]) -> bool:
    """Whether the rounds make up the total, as far as printed numbers can tell."""
    if total is None or not parts or total.unit == "%":
        return False
    return sum((part.value for part in parts.values()), Fraction(0)) == total.value.value


def _carried(
    fresh: Iterable[Adjustment], plain: Figures, rounds: tuple[Round, ...]
) -> Iterator[Adjustment]:
    """Yield the adjustments, each followed by what it brings with it.

    Where the rounds make up a total, an adjusted round changes the total by as much; and an
    adjusted total changes the round, if only one has a part in it.
    """
    items = {item.figure: item for item in fresh}
    done: set[str] = set()
    for item in items.values():
        yield item
        id, _, scope = item.figure.partition("@")
        parts = _shares(id, rounds)
        if not _sums_up(plain.get(id), parts):
            continue
        if scope and id not in items and id not in done:
            done.add(id)
            adjusted = quantities(i for i in items.values() if i.figure in parts)
            total = sum((adjusted.get(name, parts[name]).value for name in parts), Fraction(0))
            yield _brought(item, id, plain[id].value.text, total, "随所属轮次的调整")
        elif not scope:
            having = [name for name, part in parts.items() if part.value]
            if len(having) == 1 and not any(name in items for name in parts):
                value = quantities([item])[id].value
                yield _brought(item, having[0], plain[id].value.text, value, "随合计的调整")


def _brought(
    cause: Adjustment, figure: str, original: str, value: Fraction, why: str
) -> Adjustment:
    text = str(value.numerator) if value.denominator == 1 else str(float(value))
    return cause.model_copy(
        update={
            "figure": figure,
            "original": original,
            "adjusted": text,
            "reason": f"{why}：{cause.reason}",
        }
    )


def _parted(
    applied: Iterable[Adjustment],
    plain: Figures,
    plain_rounds: tuple[Round, ...],
    figures: Figures,
    rounds: tuple[Round, ...],
) -> Iterator[Verdict]:
    """Yield an error for each total that its rounds made up before the adjustment, not after."""
    for id in dict.fromkeys(item.figure.partition("@")[0] for item in applied):
        if not _sums_up(plain.get(id), _shares(id, plain_rounds)):
            continue
        parts = _shares(id, rounds)
        if id in figures and not _sums_up(figures[id], parts):
            total = sum((part.value for part in parts.values()), Fraction(0))
            yield figures.verdict(
                "error",
                "adjustment_rounds",
                f"“{figures[id].label}”调整后与各轮之和不相等，请改在所属的那一轮里调整",
                (id, *parts),
                f"各轮之和 {total}{figures[id].unit}",
                figures[id].value.printed,
            )
