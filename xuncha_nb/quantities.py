"""A value with its unit and printed precision, as an interval.

Bulletins print rounded numbers. ``9.3万`` stands for anything in [92500, 93500], ``2700余`` for
[2700, 2800), ``>168万`` for anything above 1680000, ``24163`` for itself. Arithmetic and
comparison work on these intervals, so that a relation fails only when no values inside them
satisfy it (rule: ``domain.md``, Relations).

Bounds and values are :class:`fractions.Fraction`: no rounding enters before printing.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from xuncha_nb.errors import QuantityError
from xuncha_nb.intervals import Interval, Number, decimal_text, rounded_text

#: Chinese scale words and their factors.
SCALES: Final[dict[str, int]] = {"": 1, "万": 10_000, "亿": 100_000_000}

_DOWN: Final = ("下降", "减少", "降低")
_UP: Final = ("增长", "上升", "增加", "提高")
_ABOVE: Final = (">", "超过", "超", "逾", "大于")
_BELOW: Final = ("<", "不足", "低于", "小于")
_NUMBER: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>\d+(?:\.(?P<fraction>\d+))?)"
    r"(?P<more1>[余多])?(?P<scale>[万亿]?)(?P<more2>[余多])?"
)
#: What most printed numbers are; the unit cannot be in it, and nothing is to be stripped.
_PLAIN: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, as known and as printed.

    Attributes
    ----------
    value : Fraction
        The number itself; for a rounded print, the printed number.
    unit : str
        Measure word or '%', '百分点'.
    interval : Interval
        Where the true number lies.
    text : str
        The number as it is printed, without the unit (``9.3万``, ``105``, ``70.9``).
    decimals : int
        Printed decimals, at the printed scale.
    scale : str
        '', '万' or '亿'.
    """

    value: Fraction
    unit: str
    interval: Interval
    text: str
    decimals: int = 0
    scale: str = ""

    @classmethod
    def exact(cls, value: Number, unit: str) -> Quantity:
        """Return a number that is known exactly, printed in full.

        Examples
        --------
        >>> Quantity.exact(105, "份").printed
        '105份'
        """
        if type(value) is Fraction and value.denominator == 1:
            value = value.numerator  # found sooner
        return _exactly(value, unit)

    @classmethod
    def rounded(cls, value: Number, unit: str, decimals: int) -> Quantity:
        """Return a number that is known exactly but printed with fewer decimals.

        The interval stays a point: only the text is rounded (half away from zero).
        """
        exact = Fraction(value)
        return cls(exact, unit, Interval.point(exact), rounded_text(exact, decimals), decimals)

    @classmethod
    @lru_cache(maxsize=8192)  # a report reads the same printed numbers for each of its files
    def parse(cls, text: str, unit: str) -> Quantity:
        """Read a printed number.

        Parameters
        ----------
        text : str
            ``62万``, ``691``, ``2700余``, ``>168万``, ``70.9%``, ``+123.8%``, ``下降3.2%``;
            full-width characters, thousands separators and the unit itself may occur.
        unit : str
            Unit of the figure, which the text may repeat.

        Raises
        ------
        QuantityError
            If the text is not a printed number, or carries another unit.
        """
        text = str(text)
        if _PLAIN.fullmatch(text):
            value = Fraction(text)
            decimals = len(text.partition(".")[2])
            half = Fraction(1, 2 * 10**decimals)
            interval = Interval(value - half, value + half) if decimals else Interval.point(value)
            return cls(value, unit, interval, text, decimals)
        clean = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace(" ", "")
        clean = clean.replace("−", "-").replace("—", "-")
        percent = clean.endswith("%")
        body = clean.removesuffix("%") if percent else clean.removesuffix(unit) if unit else clean
        if percent and unit not in ("%", "百分点"):
            raise QuantityError(f"“{text}”带有百分号，但该指标的单位是{unit}，请改正")
        if body in ("持平", "与去年同期持平"):
            body = "0"
        body, above = _strip_prefix(body, _ABOVE)
        body, below = _strip_prefix(body, _BELOW)
        body, about = _strip_prefix(body, ("约",))
        body, down = _strip_prefix(body, _DOWN)
        body, _ = _strip_prefix(body, _UP)
        match = _NUMBER.fullmatch(body)
        if match is None:
            raise QuantityError(
                f"“{text}”不是可识别的数值：应如 105、9.3万、2700余、>168万、70.9%、+123.8%，请改正"
            )
        factor = SCALES[match["scale"]]
        fraction = match["fraction"] or ""
        magnitude = Fraction(match["digits"]) * factor
        negative = down or match["sign"] == "-"
        value = -magnitude if negative else magnitude
        step = Fraction(factor, 10 ** len(fraction))
        if above:
            interval = Interval(value, None, low_open=True)
        elif below:
            interval = Interval(Fraction(0), value, high_open=True)
        elif match["more1"] or match["more2"]:
            if not fraction:
                zeros = len(match["digits"]) - len(match["digits"].rstrip("0"))
                step *= 10 ** min(zeros, len(match["digits"]) - 1)
            interval = Interval(value, value + step, high_open=True)
        elif about and not fraction and factor == 1:
            zeros = len(match["digits"]) - len(match["digits"].rstrip("0"))
            step *= 10 ** min(zeros, len(match["digits"]) - 1)
            interval = Interval(value - step / 2, value + step / 2)
        elif fraction or factor > 1 or percent or about:
            interval = Interval(value - step / 2, value + step / 2)
        else:
            interval = Interval.point(value)
        printed = (
            clean.removesuffix("%") if percent else clean.removesuffix(unit) if unit else clean
        )
        return cls(value, unit, interval, printed, len(fraction), match["scale"])

    @property
    def is_exact(self) -> bool:
        """Whether the number itself is known, not only an interval."""
        return self.interval.is_point

    @property
    def is_zero(self) -> bool:
        """Whether the number is known to be zero."""
        return self.is_exact and self.value == 0

    @property
    def printed(self) -> str:
        """The number with its unit, as a document prints it; a date has none."""
        return self.text if self.unit == "日期" else f"{self.text}{self.unit}"

    def __add__(self, other: Quantity) -> Quantity:
        return self._combined(other, operator.add)

    def __sub__(self, other: Quantity) -> Quantity:
        return self._combined(other, operator.sub)

    def _combined(self, other: Quantity, combine: Callable[[Any, Any], Any]) -> Quantity:
        if self.unit != other.unit:
            raise QuantityError(
                f"单位不同不能相加减：{self.printed} 与 {other.printed}，请核对指标的单位"
            )
        value = combine(self.value, other.value)
        if self.is_exact and other.is_exact:
            return Quantity.exact(value, self.unit)
        interval = combine(self.interval, other.interval)
        # The coarser operand decides how much of the result can be printed.
        coarse = max((self, other), key=lambda q: -1 if q.is_exact else q.step)
        text = rounded_text(value / SCALES[coarse.scale], coarse.decimals) + coarse.scale
        return Quantity(value, self.unit, interval, text, coarse.decimals, coarse.scale)

    @property
    def step(self) -> Fraction:
        """One unit of the last printed digit."""
        return Fraction(SCALES[self.scale], 10**self.decimals)


@lru_cache(maxsize=8192, typed=True)  # counts of a report are small, and many are the same
def _exactly(value: Number, unit: str) -> Quantity:
    exact = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    text = decimal_text(exact)
    decimals = len(text.partition(".")[2])
    return Quantity(exact, unit, Interval.point(exact), text, decimals)


def total(quantities: list[Quantity]) -> Quantity:
    """Add quantities of one unit; the list must not be empty."""
    first, *rest = quantities
    for quantity in rest:
        first = first + quantity
    return first


def magnitude(text: str) -> str:
    """Return a printed movement without its sign or direction word.

    Examples
    --------
    >>> magnitude("下降3.2"), magnitude("+4")
    ('3.2', '4')
    """
    for mark in ("+", "-", *_DOWN, *_UP):
        text = text.removeprefix(mark)
    return text


def _strip_prefix(text: str, prefixes: tuple[str, ...]) -> tuple[str, bool]:
    for prefix in prefixes:
        if text.startswith(prefix):
            return text.removeprefix(prefix), True
    return text, False
