"""Printed figures of periods that lie within each other: a part may not exceed the whole.

A half-year's petitions cannot be more than the year's; where quarters or half-years make up a
longer period exactly, their sum is held against it. Only printed figures (填报数 and the
statistics ledgers) are compared: events of a ledger are the same rows whatever the period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from xuncha_nb import areas
from xuncha_nb.errors import ParameterError, QuantityError
from xuncha_nb.figures import Figures, indicator_of
from xuncha_nb.indicators import INDICATORS, resolve
from xuncha_nb.intervals import Interval
from xuncha_nb.ledgers.rows import among
from xuncha_nb.periods import Period
from xuncha_nb.quantities import Quantity
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict

#: Groups whose figures count what happened in the period; the others say how things stand.
_FLOWS: Final = frozenset(
    (
        "activity",
        "training",
        "rules",
        "tender",
        "supervision",
        "petitions",
        "discipline",
        "forms",
        "special",
        "daily",
        "education",
    )
)
#: Different ones are counted, so that parts may add up to more than the whole.
_DISTINCT: Final = frozenset(("trainees", "tender_units", "supervision_teams"))

_Printed = Mapping[str, Quantity]


def evaluate(book: Book, figures: Figures) -> Iterator[Verdict]:
    """Yield contradictions between the window's period and the periods around and inside it.

    The same contradiction, seen from either period, is the same finding.
    """
    here = figures.window.period
    printed = _printed(book, figures.county)
    if here not in printed or len(printed) < 2:
        return
    for whole in sorted(p for p in printed if p == here or _inside(here, p)):
        parts = sorted(p for p in printed if p != whole and _inside(p, whole))
        for part in parts:
            if here in (part, whole):
                yield from _exceeding(figures, part, printed[part], whole, printed[whole])
        for tiles in _tilings(whole, parts):
            if here == whole or here in tiles:
                yield from _sums(figures, tiles, whole, printed)


def _printed(book: Book, county: str) -> dict[Period, dict[str, Quantity]]:
    """Return period → identifier → printed number of the county; what is unreadable is left out.

    Unreadable cells are faults that the reading has named already.
    """
    try:
        area = areas.find(county)
    except ParameterError:
        area = None
    names = {county, *((area.code, area.name) if area else ())}
    found: dict[Period, dict[str, Quantity]] = {}
    for ledger in ("reported", "petition_stats", "discipline_stats"):
        rows = book[ledger]
        if ledger == "reported":
            rows = rows.where(among(rows["area"], {*names, None}))
        for text, name, value in zip(rows["period"], rows["figure"], rows["value"], strict=True):
            resolved = resolve(name) if isinstance(name, str) else None
            if resolved is None or resolved[0] not in INDICATORS or not isinstance(value, str):
                continue
            indicator = INDICATORS[resolved[0]]
            if indicator.group not in _FLOWS or indicator.unit == "%":
                continue
            try:
                period, quantity = Period.parse(text), Quantity.parse(value, indicator.unit)
            except (ParameterError, QuantityError):
                continue
            id = f"{resolved[0]}[{resolved[1]}]" if resolved[1] else resolved[0]
            found.setdefault(period, {})[id] = quantity
    return found


def _inside(part: Period, whole: Period) -> bool:
    return part != whole and whole.start <= part.start and part.end <= whole.end


def _exceeding(
    figures: Figures, part: Period, small: _Printed, whole: Period, large: _Printed
) -> Iterator[Verdict]:
    for id in small:
        if id in large and not small[id].interval.may_reach(large[id].interval):
            label = indicator_of(id).label
            yield Verdict(
                "error",
                "period_overlap",
                f"“{label}”{part.name}{small[id].printed}，大于包含它的{whole.name}"
                f"{large[id].printed}，请核对两个期间的填报数",
                figures.county_name,
                str(whole),
                (id,),
                f"不大于{large[id].text}",
                small[id].text,
            )


def _sums(
    figures: Figures, tiles: Sequence[Period], whole: Period, printed: Mapping[Period, _Printed]
) -> Iterator[Verdict]:
    for id, total in printed[whole].items():
        if id in _DISTINCT or not all(id in printed[tile] for tile in tiles):
            continue
        added = Interval.point(0)
        for tile in tiles:
            added = added + printed[tile][id].interval
        if not added.meets(total.interval):
            said = "、".join(f"{tile.name}{printed[tile][id].printed}" for tile in tiles)
            yield Verdict(
                "warning",
                "period_sum",
                f"“{indicator_of(id).label}”{said}之和与{whole.name}{total.printed}不相等，"
                "请核对是否后来有更正，并统一口径",
                figures.county_name,
                str(whole),
                (id,),
                total.interval.text,
                added.text,
            )


def _tilings(whole: Period, parts: Sequence[Period]) -> Iterator[tuple[Period, ...]]:
    """Yield the ways in which parts follow on each other from the first day to the last."""

    def grow(tiles: tuple[Period, ...]) -> Iterator[tuple[Period, ...]]:
        day = tiles[-1].end + timedelta(days=1) if tiles else whole.start
        if day > whole.end:
            yield tiles
            return
        for part in parts:
            if part.start == day:
                yield from grow((*tiles, part))

    yield from grow(())
