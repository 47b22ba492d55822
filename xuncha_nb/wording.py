"""Numbers, comparisons, dates and lists in plain official Chinese.

Rules: ``domain.md``, Wording of figures. Everything returns a :class:`Phrase`, text with the
figures it prints, or ``None`` when the data do not carry the wording (then the sentence
leaves itself out; never a blank, never a zero).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from xuncha_nb.document import Run, chinese_number
from xuncha_nb.figures import Figure
from xuncha_nb.indicators.registry import percentage
from xuncha_nb.parameters import Thresholds
from xuncha_nb.quantities import magnitude


@dataclass(frozen=True)
class Phrase:
    """Text in runs, each naming the figure it prints."""

    runs: tuple[Run, ...]

    @classmethod
    def of(cls, text: str, figure: str | None = None) -> Phrase:
        """Return a phrase of one run."""
        return cls((Run(text=text, figure=figure),))

    @property
    def text(self) -> str:
        """The plain text."""
        return "".join(run.text for run in self.runs)

    def __add__(self, other: Phrase) -> Phrase:
        return Phrase(self.runs + other.runs)


def amount(figure: Figure) -> Phrase:
    """The number with its measure word: 105份."""
    return Phrase.of(f"{figure.value.text}{figure.unit}", figure.id)


def number(figure: Figure) -> Phrase:
    """The number without its measure word: 105."""
    return Phrase.of(figure.value.text, figure.id)


def base_amount(figure: Figure) -> Phrase | None:
    """The base period's number with its measure word."""
    if figure.base is None:
        return None
    return Phrase.of(f"{figure.base.text}{figure.unit}", f"{figure.id}_base")


def percent_text(text: str, thresholds: Thresholds) -> str:
    """A percentage's digits with or without trailing zeros, as the office has chosen."""
    if thresholds.percent_trailing_zero or "." not in text:
        return text
    return text.rstrip("0").rstrip(".")


def comparison(figure: Figure, thresholds: Thresholds) -> Phrase | None:
    """Year-on-year movement: 同比增长12.5%, 同比下降3.0%, 与去年同期持平, 由0件增至3件.

    Rates move in 百分点. None when the base period is not known.
    """
    period_word = "与去年同期持平"
    if figure.value.unit == "%":
        points = figure.change
        if points is None:
            return None
        if points.value == 0:
            return Phrase.of(period_word)
        word = "提高" if points.value > 0 else "下降"
        text = percent_text(magnitude(points.text), thresholds)
        return Phrase.of(f"同比{word}") + Phrase.of(f"{text}个百分点", f"{figure.id}_change")
    growth = figure.growth(thresholds.percent_decimals)
    if growth is None:
        if figure.base is None or figure.value.unit == "日期":
            return None
        if figure.value.value == 0:
            return Phrase.of(period_word)
        return (
            Phrase.of("由")
            + Phrase.of(f"0{figure.unit}", f"{figure.id}_base")
            + Phrase.of("增至")
            + amount(figure)
        )
    if abs(growth.value) < Fraction(str(thresholds.flat_change)):
        return Phrase.of(period_word)
    word = "增长" if growth.value > 0 else "下降"
    text = percent_text(magnitude(growth.text), thresholds)
    return Phrase.of(f"同比{word}") + Phrase.of(f"{text}%", f"{figure.id}_yoy")


def share(part: Figure, whole: Figure, thresholds: Thresholds) -> Phrase | None:
    """A part's share of its whole: 44.7%; 100% and 0% only when exactly so."""
    if part.printed_share is not None:
        return Phrase.of(part.printed_share.printed, f"{part.id}_share")
    if part.set_share is not None and part.set_share.whole == whole.id:
        text = percent_text(part.set_share.share.text, thresholds)
        return Phrase.of(f"{text}%", f"{part.id}_share")
    rate = percentage(part.value, whole.value, thresholds.percent_decimals)
    if rate is None:
        return None
    return Phrase.of(f"{percent_text(rate.text, thresholds)}%", f"{part.id}_share")


def breakdown(figures: Iterable[Figure], names: dict[str, str] | None = None) -> Phrase | None:
    """Parts of a whole in one list: 来信12件次、来电9件次; parts that are zero are left out.

    ``names`` replaces a member's or a figure's name by how a sentence says it.
    """
    known = [f for f in figures if not f.value.is_zero]
    if not known:
        return None
    said = names or {}
    phrase = Phrase(())
    for position, figure in enumerate(known):
        name = said.get(figure.member) or said.get(figure.indicator.id) or figure.short_label
        phrase += Phrase.of(("、" if position else "") + name) + amount(figure)
    return phrase


def day(value: date | datetime | None, year: int) -> Phrase | None:
    """A date as X月X日, with the year when it is not the document's."""
    if value is None or value != value:
        return None
    head = "" if value.year == year else f"{value.year}年"
    return Phrase.of(f"{head}{value.month}月{value.day}日")


def span(first: date | None, last: date | None, year: int) -> Phrase | None:
    """A range of dates: 3月1日—4月30日, 5月13日—17日; one day once."""
    begin, end = day(first, year), day(last, year)
    if begin is None or end is None:
        return None
    if begin == end:
        return begin
    assert first is not None
    assert last is not None
    if first.year == last.year:
        # What the first date has said is not said again.
        same_month = first.month == last.month
        end = Phrase.of(f"{last.day}日" if same_month else f"{last.month}月{last.day}日")
    return begin + Phrase.of("—") + end


def interval(figure: Figure) -> Phrase | None:
    """The bounds of a forecast date: 2025年3月至2026年1月; without an upper bound, 以后."""
    low, high = figure.value.interval.low, figure.value.interval.high
    if figure.value.unit != "日期" or low is None:
        return None
    months = [
        f"{d.year}年{d.month}月" for d in map(date.fromordinal, map(int, filter(None, (low, high))))
    ]
    text = "至".join(dict.fromkeys(months)) if high is not None else f"{months[0]}以后"
    return Phrase.of(text, figure.id)


def ordinal(value: int) -> str:
    """An ordinal as titles print it: 第三."""
    return f"第{chinese_number(value)}"


def listed(names: Sequence[str], most: int = 0) -> str:
    """Names joined by 、; with ``most`` given, the first ones and 等 for the rest."""
    if most and len(names) > most:
        return "、".join(names[:most]) + "等"
    return "、".join(names)
