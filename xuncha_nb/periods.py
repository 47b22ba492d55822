"""Reporting periods: half-years, quarters, years, cumulative quarters and month ranges.

Written forms: ``2020H1``, ``2020Q3``, ``2020``, ``2020Q1-3``, ``2018-01``, ``2018-01..2018-11``.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from xuncha_nb.errors import PeriodError

Kind = Literal["year", "half", "quarter", "quarters", "month", "months"]

_PATTERN: Final = re.compile(
    r"(?P<year>\d{4})"
    r"(?:H(?P<half>[12])"
    r"|Q(?P<q1>[1-4])(?:-(?P<q2>[1-4]))?"
    r"|-(?P<m1>\d{2})(?:\.\.(?P<year2>\d{4})-(?P<m2>\d{2}))?"
    r")?",
)
_FORMS: Final = "2020H1、2020Q3、2020、2020Q1-3、2018-01..2018-11"
_ORDINALS: Final = "一二三四"

#: How much of what is no period a message prints.
_QUOTED: Final = 40


@dataclass(frozen=True, order=True)
class Period:
    """A span of whole months within one year, with the name under which it is reported.

    Attributes
    ----------
    start, end : datetime.date
        First and last day, both included.
    kind : str
        'year', 'half', 'quarter', 'quarters' (cumulative), 'month' or 'months'.
    """

    start: date
    end: date
    kind: Kind

    @classmethod
    def parse(cls, text: str | int) -> Period:
        """Read a written period.

        Parameters
        ----------
        text : str or int
            One of the forms in the module's docstring. An integer is a year: papermill's
            ``-p period 2020`` arrives as one.

        Raises
        ------
        PeriodError
            If the text is none of the forms, or runs backwards or over the turn of a year.

        Examples
        --------
        >>> Period.parse("2020Q1-3").name
        '2020年前三季度'
        """
        typed = str(text)[:_QUOTED]
        clean = unicodedata.normalize("NFKC", str(text)).strip().upper()
        match = _PATTERN.fullmatch(clean)
        if isinstance(text, bool) or match is None:
            raise PeriodError(f"期间“{typed}”无法识别：应写作 {_FORMS} 之一，请改正")
        part = match.groupdict()
        year = int(part["year"])
        if not 1949 <= year <= 2199:
            raise PeriodError(f"期间“{typed}”的年份不合理：应在1949至2199之间，请改正")
        if part["half"]:
            first = 1 if part["half"] == "1" else 7
            return cls._months(year, first, first + 5, "half")
        if part["q1"]:
            q1, q2 = int(part["q1"]), int(part["q2"] or part["q1"])
            if part["q2"] and (q1 != 1 or q2 <= q1):
                raise PeriodError(
                    f"期间“{typed}”无法识别：累计季度应从一季度起、顺序向后，如 {year}Q1-3，请改正"
                )
            kind: Kind = "quarters" if part["q2"] else "quarter"
            return cls._months(year, 3 * q1 - 2, 3 * q2, kind)
        if part["m1"]:
            m1, m2 = int(part["m1"]), int(part["m2"] or part["m1"])
            if not (1 <= m1 <= m2 <= 12) or int(part["year2"] or year) != year:
                raise PeriodError(
                    f"期间“{typed}”无法识别：月份应在同一年内、顺序向后，"
                    f"如 {year}-01..{year}-11，请改正"
                )
            return cls._months(year, m1, m2, "months" if part["m2"] else "month")
        return cls._months(year, 1, 12, "year")

    @classmethod
    def _months(cls, year: int, first: int, last: int, kind: Kind) -> Period:
        return cls(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), kind)

    @property
    def year(self) -> int:
        """The calendar year."""
        return self.start.year

    def __str__(self) -> str:
        first, last = self.start.month, self.end.month
        match self.kind:
            case "year":
                return f"{self.year}"
            case "half":
                return f"{self.year}H{1 if first == 1 else 2}"
            case "quarter":
                return f"{self.year}Q{last // 3}"
            case "quarters":
                return f"{self.year}Q1-{last // 3}"
            case "month":
                return f"{self.year}-{first:02d}"
            case "months":
                return f"{self.year}-{first:02d}..{self.year}-{last:02d}"

    @property
    def name(self) -> str:
        """Chinese name with the year, as in a title: 2020年上半年."""
        return f"{self.year}年{self.short_name}"

    @property
    def short_name(self) -> str:
        """Chinese name without the year: 上半年, 第一季度, 前三季度, 1—11月; empty for a year."""
        first, last = self.start.month, self.end.month
        match self.kind:
            case "year":
                return ""
            case "half":
                return "上半年" if first == 1 else "下半年"
            case "quarter":
                return f"第{_ORDINALS[last // 3 - 1]}季度"
            case "quarters":
                return f"前{'一两三四'[last // 3 - 1]}季度"
            case "month":
                return f"{first}月"
            case "months":
                return f"{first}—{last}月"

    @property
    def base_name(self) -> str:
        """How the comparison period is called: 上年 for a year, 去年同期 otherwise."""
        return "上年" if self.kind == "year" else "去年同期"

    def same_period_last_year(self) -> Period:
        """Return the base period of a year-on-year comparison (同比)."""
        return self._months(self.year - 1, self.start.month, self.end.month, self.kind)

    def following(self) -> Period:
        """Return the period a plan would be made for: 2020H1 -> 2020H2, 2020 -> 2021.

        A cumulative or month range is followed by the rest of its year, or by the next
        year when nothing is left of it.
        """
        if self.end.month == 12:
            if self.kind in ("half", "quarter", "month"):
                return self._months(self.year + 1, 1, 13 - self.start.month, self.kind)
            return self._months(self.year + 1, 1, 12, "year")
        length = self.end.month - self.start.month + 1
        first = self.end.month + 1
        if self.kind in ("half", "quarter", "month"):
            return self._months(self.year, first, first + length - 1, self.kind)
        if self.kind == "quarters":
            return Period.parse(f"{self.year}H2" if first == 7 else f"{self.year}Q4")
        return self._months(self.year, first, 12, "months" if first < 12 else "month")

    def previous(self) -> Period:
        """Return the period before this one (环比): 2020H1 -> 2019H2, 2020Q2 -> 2020Q1.

        Cumulative and month ranges have none of their own and fall back on the same
        period last year.
        """
        length = self.end.month - self.start.month + 1
        if self.kind in ("quarters", "months", "year"):
            return self.same_period_last_year()
        if self.start.month == 1:
            return self._months(self.year - 1, 13 - length, 12, self.kind)
        first = self.start.month - length
        return self._months(self.year, first, first + length - 1, self.kind)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def full_date(day: date) -> str:
    """Return a date as documents write it: 2024年7月5日, no zero padding."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Window:
    """A period up to its cut-off date (截至): what has happened by then is counted.

    Attributes
    ----------
    period : Period
    cutoff : datetime.date
        Inside the period; its last day unless told otherwise.
    """

    period: Period
    cutoff: date

    @classmethod
    def of(cls, period: Period, cutoff: str | date | None = None) -> Window:
        """Build the window, with the period's end as the default cut-off.

        Raises
        ------
        PeriodError
            If the cut-off is not a date (``2020-06-20``) or lies outside the period.
        """
        if cutoff is None or cutoff == "":
            return cls(period, period.end)
        try:
            day = cutoff if isinstance(cutoff, date) else date.fromisoformat(str(cutoff).strip())
        except ValueError:
            typed = str(cutoff)[:_QUOTED]
            raise PeriodError(
                f"截止日期“{typed}”无法识别：应写作 {period.end.isoformat()} 的形式，请改正"
            ) from None
        if day not in period:
            raise PeriodError(
                f"截止日期 {day.isoformat()} 不在期间 {period} 之内：应在 "
                f"{period.start.isoformat()} 至 {period.end.isoformat()} 之间，请改正"
            )
        return cls(period, day)

    @property
    def start(self) -> date:
        """First day of the period."""
        return self.period.start

    def same_window_last_year(self) -> Window:
        """Return the base window: the same period last year up to the same day."""
        base = self.period.same_period_last_year()
        if self.cutoff == self.period.end:
            return Window(base, base.end)
        last = calendar.monthrange(base.year, self.cutoff.month)[1]
        return Window(base, date(base.year, self.cutoff.month, min(self.cutoff.day, last)))
