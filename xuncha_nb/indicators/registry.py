"""How an indicator is declared: a short decorated function named by its identifier.

A *base* indicator is counted, summed or read from ledgers; its function's parameters name the
ledger slices it needs (attributes of :class:`~xuncha_nb.indicators.slices.Slices`). A
*derived* indicator follows from other figures; its function's parameters name those figures,
or slices. A missing input leaves the figure missing: never zero.
"""

from __future__ import annotations

import inspect
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal

from xuncha_nb.quantities import Quantity

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows

Kind = Literal["base", "derived"]
#: Along which dimension a family of figures runs; empty for a single figure.
Dimension = Literal["", "category", "type", "grade"]


@dataclass(frozen=True)
class Tally:
    """What a base indicator's function returns.

    Attributes
    ----------
    value : int, Fraction or Quantity
        The count, sum, or printed number.
    rows : int
        Number of source rows it rests on.
    gaps : int
        Rows whose cell was blank and was left out of a sum: missing, not zero.
    """

    value: int | Fraction | Quantity
    rows: int
    gaps: int = 0


#: One tally, a tally per member of a family, or nothing known.
Result = Tally | dict[str, Tally] | None


@dataclass(frozen=True)
class Indicator:
    """One entry of the dictionary.

    Attributes
    ----------
    id : str
        Identifier of ``figures.csv``.
    label : str
        Chinese name, as tables and charts print it.
    unit : str
        Measure word; '%' for rates, '日期' for dates.
    group : str
        Group of the dictionary.
    kind : {'base', 'derived'}
    ledgers : tuple of str
        Source ledgers.
    definition : str
        Chinese definition, as the annex prints it.
    dimension : str
        'category', 'type' or 'grade' when the identifier stands for a family of figures.
    needs : tuple of str
        What the function asks for.
    partial : bool
        Derived only: computed as soon as one input is known (unknown ones come as None).
    function : callable
    """

    id: str
    label: str
    unit: str
    group: str
    kind: Kind
    ledgers: tuple[str, ...]
    definition: str
    dimension: Dimension = ""
    needs: tuple[str, ...] = ()
    partial: bool = False
    function: Callable[..., Any] = field(repr=False, compare=False, default=lambda: None)


#: The dictionary, in the order of declaration.
INDICATORS: Final[dict[str, Indicator]] = {}


def base(
    label: str, unit: str, group: str, ledger: str, definition: str, *, by: Dimension = ""
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Declare a base indicator; ``ledger`` lists source ledgers joined by '+'."""

    def declare(function: Callable[..., Result]) -> Callable[..., Result]:
        _add(
            Indicator(
                function.__name__,
                label,
                unit,
                group,
                "base",
                tuple(ledger.split("+")),
                definition,
                by,
                tuple(inspect.signature(function).parameters),
                False,
                function,
            )
        )
        return function

    return declare


def derived(
    label: str,
    unit: str,
    group: str,
    ledger: str,
    definition: str,
    *,
    partial: bool = False,
) -> Callable[[Callable[..., Quantity | None]], Callable[..., Quantity | None]]:
    """Declare a derived indicator, computed from other figures."""

    def declare(function: Callable[..., Quantity | None]) -> Callable[..., Quantity | None]:
        _add(
            Indicator(
                function.__name__,
                label,
                unit,
                group,
                "derived",
                tuple(ledger.split("+")) if ledger else (),
                definition,
                "",
                tuple(inspect.signature(function).parameters),
                partial,
                function,
            )
        )
        return function

    return declare


def statistic(
    id: str, label: str, unit: str, group: str, ledger: str, definition: str = ""
) -> None:
    """Declare a base indicator that a statistics ledger gives as a printed number."""

    def read(**slices: Any) -> Result:
        printed = slices[ledger]
        value = printed.get(id, printed.get(folded(label)))
        return None if value is None else Tally(Quantity.parse(value, unit), 1)

    text = definition or f"{label}，按统计报表填报"
    _add(Indicator(id, label, unit, group, "base", (ledger,), text, "", (ledger,), False, read))


def folded(label: str) -> str:
    """Return a label as ledgers are read: full-width letters and brackets folded, no spaces."""
    return "".join(unicodedata.normalize("NFKC", label).split())


def _add(indicator: Indicator) -> None:
    if indicator.id in INDICATORS:
        raise ValueError(f"indicator declared twice: {indicator.id}")
    INDICATORS[indicator.id] = indicator


def count(rows: Rows, **where: Any) -> Tally:
    """Count the rows whose columns equal the given values."""
    number = len(rows.holding(**where))
    return Tally(number, number)


def distinct(rows: Rows, column: str, **where: Any) -> Tally | None:
    """Count different values of a column; None when every cell of it is blank."""
    chosen = rows.holding(**where)
    values = chosen.filled(column)
    if len(chosen) and not values:
        return None
    return Tally(len(set(values)), len(chosen))


def total(rows: Rows, column: str, **where: Any) -> Tally | None:
    """Add up a column; None when every cell of it is blank."""
    chosen = rows.holding(**where)
    values = chosen.filled(column)
    if len(chosen) and not values:
        return None
    return Tally(sum(values), len(values), len(chosen) - len(values))


def grouped(rows: Rows, column: str, members: tuple[str, ...]) -> dict[str, Tally]:
    """Count rows by the members of a column; a member without rows is a reported zero."""
    counts = Counter(rows[column].tolist())
    return {m: Tally(counts[m], counts[m]) for m in members}


def percentage(part: Quantity, whole: Quantity, decimals: int) -> Quantity | None:
    """Return part / whole in %, with the interval of the operands; None for an empty whole.

    A percentage that rounds to 100 without being equal is cut, not rounded: 100 % is printed
    only when exactly equal (``domain.md``, Wording of figures). The same holds for 0.
    """
    if whole.value == 0:
        return None
    value = part.value / whole.value * 100
    interval = part.interval.over(whole.interval).scaled(100)
    shown = Quantity.rounded(value, "%", decimals)
    step = Fraction(1, 10**decimals)
    if 100 - step < value < 100 and Fraction(shown.text) == 100:
        shown = Quantity.rounded(100 - step, "%", decimals)
    elif 0 < value < step and Fraction(shown.text) == 0:
        shown = Quantity.rounded(step, "%", decimals)
    return Quantity(value, "%", interval, shown.text, decimals)
