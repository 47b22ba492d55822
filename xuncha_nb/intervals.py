"""Intervals of exact numbers: what a printed number can stand for.

Bounds are :class:`fractions.Fraction`: no rounding enters before printing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

Number = int | Fraction | Decimal | float


#: Word of a one-sided interval → (whether it bounds from below, whether the bound is outside).
_BOUNDS: Final = {
    "大于": (True, True),
    "不小于": (True, False),
    "小于": (False, True),
    "不大于": (False, False),
}


@dataclass(frozen=True)
class Interval:
    """A set of numbers between two bounds; ``None`` is unbounded on that side.

    Attributes
    ----------
    low, high : Fraction or None
    low_open, high_open : bool
        Whether the bound itself is excluded.
    """

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def point(cls, value: Number) -> Interval:
        """Return the interval that holds one number."""
        exact = Fraction(value)
        return cls(exact, exact)

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read what :attr:`text` wrote.

        Raises
        ------
        ValueError
            If the text is not one of its forms.

        Examples
        --------
        >>> Interval.parse("92500～93500（不含）").text
        '92500～93500（不含）'
        """
        if text == "任意值":
            return cls(None, None)
        for word, (is_low, is_open) in _BOUNDS.items():
            if text.startswith(word):
                bound = Fraction(text.removeprefix(word))
                if is_low:
                    return cls(bound, None, low_open=is_open)
                return cls(None, bound, high_open=is_open)
        low, tilde, high = text.removesuffix("（不含）").partition("～")
        if not tilde:
            return cls.point(Fraction(low))
        return cls(Fraction(low), Fraction(high), high_open=text.endswith("（不含）"))

    @property
    def is_point(self) -> bool:
        """Whether exactly one number is inside."""
        # A fraction's comparison is written in Python, and a point's bounds are one object.
        return self.low is not None and (self.low is self.high or self.low == self.high)

    def __neg__(self) -> Interval:
        return Interval(
            None if self.high is None else -self.high,
            None if self.low is None else -self.low,
            self.high_open,
            self.low_open,
        )

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            None if self.low is None or other.low is None else self.low + other.low,
            None if self.high is None or other.high is None else self.high + other.high,
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )

    def __sub__(self, other: Interval) -> Interval:
        return self + (-other)

    def scaled(self, factor: Number) -> Interval:
        """Return the interval multiplied by a positive number."""
        k = Fraction(factor)
        return replace(
            self,
            low=None if self.low is None else self.low * k,
            high=None if self.high is None else self.high * k,
        )

    def over(self, other: Interval) -> Interval:
        """Return the quotient, for a divisor that is a count: what of it is negative is cut.

        A divisor that may be zero leaves the quotient unbounded on the side it grows to.
        """

        def ratio(a: Fraction | None, b: Fraction | None) -> Fraction | None:
            return None if a is None or b is None or b <= 0 else a / b

        if self.low is None:
            low = None
        elif self.low >= 0:
            low = Fraction(0) if other.high is None else ratio(self.low, other.high)
        else:
            low = ratio(self.low, other.low)
        if self.high is None:
            high = None
        elif self.high >= 0:
            high = ratio(self.high, other.low)
        else:
            high = Fraction(0) if other.high is None else ratio(self.high, other.high)
        return Interval(low, high)

    def meets(self, other: Interval) -> bool:
        """Whether some number lies in both."""
        return self.may_reach(other) and other.may_reach(self)

    def may_reach(self, other: Interval) -> bool:
        """Whether some number of this one is at most some number of the other."""
        if self.low is None or other.high is None:
            return True
        if self.low == other.high:
            return not (self.low_open or other.high_open)
        return self.low < other.high

    def rounded(self) -> str:
        """The bounds with two decimals, for a message about percentages."""
        bounds = [rounded_text(b, 2) for b in (self.low, self.high) if b is not None]
        return "～".join(dict.fromkeys(bounds))

    @property
    def text(self) -> str:
        """The interval for a message: 92500～93500, 大于1680000, 461."""
        if self.is_point and self.low is not None:
            return decimal_text(self.low)
        if self.low is None and self.high is None:
            return "任意值"
        if self.high is None and self.low is not None:
            return f"{'大于' if self.low_open else '不小于'}{decimal_text(self.low)}"
        if self.low is None and self.high is not None:
            return f"{'小于' if self.high_open else '不大于'}{decimal_text(self.high)}"
        assert self.low is not None
        assert self.high is not None
        tail = "（不含）" if self.high_open else ""
        return f"{decimal_text(self.low)}～{decimal_text(self.high)}{tail}"


#: Every number from zero up: what is known of a count that was not given.
NOT_NEGATIVE: Final = Interval(Fraction(0), None)


def decimal_text(value: Fraction) -> str:
    """Write a number in plain decimals: in full when it ends, else with four decimals."""
    ends = (decimals for decimals in range(5) if 10**decimals % value.denominator == 0)
    return rounded_text(value, next(ends, 4))


def rounded_text(value: Fraction, decimals: int) -> str:
    """Round half away from zero, as printed tables do, and keep trailing zeros.

    Examples
    --------
    >>> rounded_text(Fraction(5975, 1000), 1)
    '6.0'
    """
    # In whole numbers: a report prints thousands of them.
    whole = (2 * abs(value.numerator) * 10**decimals + value.denominator) // (2 * value.denominator)
    sign = "-" if value < 0 and whole else ""
    if decimals == 0:
        return f"{sign}{whole}"
    digits = f"{whole:0{decimals + 1}d}"
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"
