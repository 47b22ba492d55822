"""Adding up counties: counts are added, rates are recomputed from the sums, never averaged.

A figure that only some of the counties have is a sum *of these*: its interval is open upwards,
so that no relation is held against it, and who lacks it is told. A base period is known of a sum
only when every county in the sum knows its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from xuncha_nb.figures import Figure
from xuncha_nb.indicators import INDICATORS, Indicator
from xuncha_nb.intervals import Interval
from xuncha_nb.quantities import Quantity
from xuncha_nb.rollup.files import CountyFile, Entry

#: Counts that are no sums: different kinds may be the same in two counties, and how many teams
#: a county needs says nothing of its neighbour.
_NOT_ADDED: Final = frozenset(("finding_types", "teams_needed"))


def _is_rate(indicator: Indicator) -> bool:
    return indicator.unit == "%"


#: Rate → the figures it is computed from.
RATES: Final[dict[str, tuple[str, ...]]] = {
    id: tuple(need for need in indicator.needs if need in INDICATORS)
    for id, indicator in INDICATORS.items()
    if _is_rate(indicator)
}


@dataclass
class _Sum:
    """A running sum: whole numbers apart, since almost all of them are."""

    whole: int = 0
    rest: Quantity | None = None
    counties: int = 0

    def add(self, text: str, interval: str | None, unit: str) -> None:
        self.counties += 1
        if text.isdecimal() and interval in (None, text):
            self.whole += int(text)
            return
        quantity = Quantity.parse(text, unit)
        if interval is not None and quantity.interval.text != interval:
            quantity = replace(quantity, interval=Interval.parse(interval))
        self.rest = quantity if self.rest is None else self.rest + quantity

    def merge(self, other: _Sum) -> None:
        self.whole += other.whole
        self.counties += other.counties
        if other.rest is not None:
            self.rest = other.rest if self.rest is None else self.rest + other.rest

    def total(self, unit: str) -> Quantity:
        whole = Quantity.exact(self.whole, unit)
        return whole if self.rest is None else whole + self.rest


@dataclass
class _Both:
    """The sum of a figure and of its base."""

    now: _Sum = field(default_factory=_Sum)
    base: _Sum = field(default_factory=_Sum)

    def add(self, entry: Entry) -> None:
        self.now.add(entry.text, entry.interval, entry.unit)
        if entry.base is not None:
            self.base.add(entry.base, None, entry.unit)

    def merge(self, other: _Both) -> None:
        self.now.merge(other.now)
        self.base.merge(other.base)


@dataclass
class Sums:
    """The running sums of a group of counties.

    Attributes
    ----------
    counties : int
        Counties that were added.
    """

    counties: int = 0
    _figures: dict[str, _Both] = field(default_factory=dict)
    _operands: dict[str, dict[str, _Both]] = field(default_factory=dict)

    def add(self, file: CountyFile) -> None:
        """Add a county."""
        self.counties += 1
        known = {entry.id: entry for entry in file.entries}
        for id, entry in known.items():
            indicator = INDICATORS.get(id.partition("[")[0])
            if indicator is None or indicator.unit in ("%", "日期") or indicator.id in _NOT_ADDED:
                continue
            self._figures.setdefault(id, _Both()).add(entry)
        for rate, needs in RATES.items():
            # Part and whole of a rate are of the same counties, or the rate is of nobody.
            if all(need in known for need in needs):
                operands = self._operands.setdefault(rate, {})
                for need in needs:
                    operands.setdefault(need, _Both()).add(known[need])

    def merge(self, other: Sums) -> None:
        """Add another group."""
        self.counties += other.counties
        for id, both in other._figures.items():
            self._figures.setdefault(id, _Both()).merge(both)
        for rate, operands in other._operands.items():
            mine = self._operands.setdefault(rate, {})
            for need, both in operands.items():
                mine.setdefault(need, _Both()).merge(both)

    def lacking(self) -> dict[str, int]:
        """Return figure → number of counties that have it, where not all have."""
        return {
            id: both.now.counties
            for id, both in self._figures.items()
            if both.now.counties < self.counties
        }

    def figures(self, decimals: int, scope: str = "") -> dict[str, Figure]:
        """Return the sums as figures, in the order of the dictionary.

        Parameters
        ----------
        decimals : int
            Decimals of a rate.
        scope : str
            Code of the group: identifiers then end in ``@code``; empty for the whole.
        """
        order = {id: place for place, id in enumerate(INDICATORS)}
        made = [self._sum(id, both, scope) for id, both in self._figures.items()]
        made += [f for f in (self._rate(rate, decimals, scope) for rate in self._operands) if f]
        made.sort(key=lambda f: order[f.indicator.id])
        return {f.id: f for f in made}

    def _sum(self, id: str, both: _Both, scope: str) -> Figure:
        indicator = INDICATORS[id.partition("[")[0]]
        value = both.now.total(indicator.unit)
        if both.now.counties < self.counties:
            # What the others have is not known, and it is not zero.
            value = replace(value, interval=replace(value.interval, high=None))
        complete = both.base.counties == both.now.counties
        base = both.base.total(indicator.unit) if complete else None
        return _figure(id, indicator, value, base, both.now.counties, scope)

    def _rate(self, id: str, decimals: int, scope: str) -> Figure | None:
        operands = self._operands[id]
        indicator = INDICATORS[id]
        value = _quotient(indicator, {n: b.now for n, b in operands.items()}, decimals)
        if value is None:
            return None
        counties = next(iter(operands.values())).now.counties
        complete = all(both.base.counties == counties for both in operands.values())
        bases = {need: both.base for need, both in operands.items()}
        base = _quotient(indicator, bases, decimals) if complete else None
        if counties < self.counties and value.interval.high is not None:
            # Of the counties that have both: of the whole it is not the rate.
            value = replace(value, interval=Interval(Fraction(0), Fraction(100)))
        return _figure(id, indicator, value, base, counties, scope)


def _quotient(indicator: Indicator, sums: Mapping[str, _Sum], decimals: int) -> Quantity | None:
    """Return a rate by the dictionary's own definition of it."""
    operands = {need: total.total(INDICATORS[need].unit) for need, total in sums.items()}
    value: Quantity | None = indicator.function(**operands, decimals=decimals)
    return value


def _figure(
    id: str, indicator: Indicator, value: Quantity, base: Quantity | None, rows: int, scope: str
) -> Figure:
    member = id.partition("[")[2].removesuffix("]")
    return Figure(
        f"{id}@{scope}" if scope else id,
        indicator,
        value,
        rows,
        "汇总",
        base=base,
        base_origin="" if base is None else "汇总",
        member=member,
        scope=scope,
    )
