"""Figures: value, unit, source, base period and change, each existing once.

Everything a report shows of a number (sentence, table, chart, xlsx, JSON) reads a
:class:`Figure`; nobody types it.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from xuncha_nb.indicators import INDICATORS, Indicator
from xuncha_nb.intervals import Interval
from xuncha_nb.periods import Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.verdicts import Severity, Verdict


@dataclass(frozen=True)
class SetShare:
    """The share of a part in its set, as the office's method prints it.

    Attributes
    ----------
    whole : str
        Identifier of the whole that the share is of.
    share : Quantity
    forced : bool
        Whether the method moved it away from its plain rounding.
    """

    whole: str
    share: Quantity
    forced: bool = False


@dataclass(frozen=True)
class Figure:
    """One figure of one county in one period.

    Attributes
    ----------
    id : str
        Identifier; a member of a family carries it in brackets: ``objects_by_type[乡镇]``;
        a figure of one round carries the round: ``talks_person_times@十四届-5``.
    indicator : Indicator
        Label, unit, group, kind, source ledgers and definition.
    value : Quantity
        The number, with its unit and printed precision.
    rows : int
        Number of source rows it rests on; 0 for derived and reported figures.
    origin : str
        '台账', '填报' or '计算'; '调整' once adjusted.
    base : Quantity or None
        The same figure in the base period; None when that is not known.
    base_origin : str
        Where the base came from; '推算' when computed from a printed change.
    member : str
        Member of the family.
    scope : str
        Identifier of the round, for a figure of one round.
    printed_change, printed_growth : Quantity or None
        Change and growth as a source printed them.
    original : Quantity or None
        The value before adjustment.
    set_share : SetShare or None
        The share in a set by a method other than plain rounding, when one is in use.
    forced : bool
        For a figure that is such a share itself: whether its text is not its plain rounding.
    """

    id: str
    indicator: Indicator
    value: Quantity
    rows: int = 0
    origin: str = "台账"
    base: Quantity | None = None
    base_origin: str = ""
    member: str = ""
    scope: str = ""
    printed_change: Quantity | None = None
    printed_growth: Quantity | None = None
    printed_share: Quantity | None = None
    original: Quantity | None = None
    set_share: SetShare | None = None
    forced: bool = False

    @property
    def label(self) -> str:
        """Chinese name; of a family, the name with the member."""
        if not self.member:
            return self.indicator.label
        return f"{self.indicator.label.partition('（')[0]}：{self.member}"

    @property
    def short_label(self) -> str:
        """The member's name, or the label without its heading: for rows under a common heading."""
        return self.member or self.indicator.label.rpartition("：")[2]

    @property
    def unit(self) -> str:
        """Measure word; empty for a date."""
        return "" if self.value.unit == "日期" else self.value.unit

    @cached_property
    def change(self) -> Quantity | None:
        """Value minus base; of a rate, in 百分点. None when the base is not known."""
        if self.printed_change is not None:
            return self.printed_change
        if self.base is None or self.value.unit == "日期":
            return None
        if self.value.unit != "%":
            return self.value - self.base
        # Of rates as printed: a reader subtracts the two printed numbers.
        points = _as_printed(self.value) - _as_printed(self.base)
        decimals = max(self.value.decimals, self.base.decimals)
        return Quantity.rounded(points, "百分点", decimals)

    def growth(self, decimals: int = 1) -> Quantity | None:
        """Year-on-year growth in %; None for rates, and when the base is missing or zero."""
        if decimals not in self._growth:
            self._growth[decimals] = self._grown(decimals)
        return self._growth[decimals]

    @cached_property
    def _growth(self) -> dict[int, Quantity | None]:
        """Growth by decimals: asked for by checks, sentences, tables and the record."""
        return {}

    def _grown(self, decimals: int) -> Quantity | None:
        if self.printed_growth is not None:
            return self.printed_growth
        if self.base is None or self.value.unit in ("%", "日期") or self.base.value == 0:
            return None
        value = (self.value.value / self.base.value - 1) * 100
        if self.value.is_exact and self.base.is_exact and self.base.value > 0:
            return Quantity.rounded(value, "%", decimals)
        ratio = self.value.interval.over(self.base.interval)
        interval = (ratio - Interval.point(1)).scaled(100)
        return replace(Quantity.rounded(value, "%", decimals), interval=interval)

    def to_json(self) -> dict[str, Any]:
        """Return the figure as ``figures.json`` holds it: numbers as printed and as exact text."""
        growth = self.growth()
        share = self.printed_share
        if share is None and self.set_share is not None:
            share = self.set_share.share
        return {
            "id": self.id,
            "label": self.label,
            "unit": self.value.unit,
            "group": self.indicator.group,
            "kind": self.indicator.kind,
            "scope": self.scope,
            "member": self.member,
            "value": str(self.value.value),
            "text": self.value.text,
            "interval": self.value.interval.text,
            "origin": self.origin,
            "rows": self.rows,
            "ledgers": list(self.indicator.ledgers),
            "definition": self.indicator.definition,
            "base": None if self.base is None else self.base.text,
            "base_origin": self.base_origin,
            "change": None if self.change is None else self.change.text,
            "change_unit": "" if self.change is None else self.change.unit,
            "growth": None if growth is None else growth.text,
            "share": None if share is None else share.text,
            "forced": self.forced,
            "original": None if self.original is None else self.original.text,
        }


@dataclass(frozen=True)
class Figures(Mapping[str, Figure]):
    """All known figures of one county in one window; a missing figure is not in here.

    Attributes
    ----------
    county, county_name : str
        Code (or name) as given, and the name for print.
    window : Window
    items_by_id : dict of str to Figure
        In the order of the dictionary.
    members : mapping of str to tuple of str
        Members that each family can have by the standards in force.
    declared : mapping of str to str
        Conventions that the data declare, such as ``sanction_convention``.
    """

    county: str
    county_name: str
    window: Window
    items_by_id: dict[str, Figure] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, id: str) -> Figure:
        return self.items_by_id[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.items_by_id)

    def __len__(self) -> int:
        return len(self.items_by_id)

    # A mapping's own views look up every key in Python, and a report goes through all figures
    # some hundred times.

    def __contains__(self, id: object) -> bool:
        return id in self.items_by_id

    def keys(self) -> KeysView[str]:
        """Identifiers, in order."""
        return self.items_by_id.keys()

    def values(self) -> ValuesView[Figure]:
        """Figures, in order."""
        return self.items_by_id.values()

    def items(self) -> ItemsView[str, Figure]:
        """Identifier and figure, in order."""
        return self.items_by_id.items()

    def family(self, id: str) -> dict[str, Figure]:
        """Return member → figure of a family, in order; empty if nothing is known."""
        return {f.member: f for f in self.values() if f.indicator.id == id and f.member}

    def is_complete(self, id: str) -> bool:
        """Whether every member of a family is known: counted ones are, reported ones may not be."""
        known = self.family(id)
        reported = any(figure.origin == "填报" for figure in known.values())
        return bool(known) and not (reported and set(self.members.get(id, ())) - set(known))

    def verdict(
        self,
        severity: Severity,
        rule: str,
        message: str,
        ids: Iterable[str],
        expected: str = "",
        found: str = "",
    ) -> Verdict:
        """Return a finding about figures of this county and period."""
        return Verdict(
            severity,
            rule,
            message,
            self.county_name,
            str(self.window.period),
            tuple(ids),
            expected,
            found,
        )

    def value(self, id: str) -> Quantity | None:
        """Return the value of a figure, or None if it is not known."""
        figure = self.get(id)
        return None if figure is None else figure.value


def _as_printed(rate: Quantity) -> Fraction:
    """Return a rate as its digits say; the digits of one that was reported are its value."""
    try:
        return Fraction(rate.text)
    except ValueError:  # 约70
        return rate.value


def member_id(id: str, member: str) -> str:
    """Return the identifier of a member of a family."""
    return f"{id}[{member}]"


def indicator_of(id: str) -> Indicator:
    """Return the indicator of a figure's identifier, member or scope left aside.

    Raises
    ------
    KeyError
        If the dictionary has none.
    """
    return INDICATORS[id.partition("@")[0].partition("[")[0]]
