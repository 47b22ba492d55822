"""What an adjustments file holds: adjusted base figures and chosen looks of charts.

The file lies at ``parameters/adjustments/<county>/<period>.yaml``::

    revision: 2
    adjustments:
      - figure: talks_person_times
        original: 386
        adjusted: 388
        reason: 两人次谈话在截止日当晚补录
        author: 综合科
        time: 2024-07-01T09:30:00+08:00
        fingerprint: <SHA-256 of the source>
    charts:
      - notebook: half_year_summary
        chart: '{{ period_short }}发现问题分布（个）'
        kind: columns
        order: descending
        base: hidden
        title: ''

A figure of one round is named ``talks_person_times@<round>``, a member of a family
``objects_by_type[乡镇]``. A chart is named by its title as the notebook has it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from xuncha_nb.errors import ParameterError, QuantityError
from xuncha_nb.figures import indicator_of
from xuncha_nb.indicators import INDICATORS, nearest
from xuncha_nb.quantities import Quantity

Kind = Literal["", "bars", "columns", "table"]
Order = Literal["", "given", "descending", "ascending"]
Base = Literal["", "shown", "hidden"]

#: What a reason may be long at most; it is printed in the annex.
REASON_LENGTH: Final = 200
TITLE_LENGTH: Final = 40


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Adjustment(_Model):
    """One adjusted figure.

    Attributes
    ----------
    figure : str
        Identifier of a base figure, of a member of a family, or of a round's figure.
    original : str
        The number of the source, as printed; empty when the source has none.
    adjusted : str
        The number that stands instead.
    reason, author, time : str
        Why, who (an office or post), and when (ISO 8601).
    fingerprint : str
        SHA-256 of the source that ``original`` was read from.
    """

    figure: str
    original: str
    adjusted: str
    reason: str = Field(min_length=1)
    author: str = Field(min_length=1)
    time: str = Field(min_length=1)
    fingerprint: str = ""


class ChartChoice(_Model):
    """How one chart of one notebook is to look; an empty value leaves it to the notebook.

    Attributes
    ----------
    notebook, chart : str
        Name of the notebook, and the chart's title as the notebook has it.
    kind, order, base : str
    title : str
        A title instead of the notebook's; carries no number.
    """

    notebook: str
    chart: str
    kind: Kind = ""
    order: Order = ""
    base: Base = ""
    title: str = ""
    author: str = ""
    time: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the notebook's own look is chosen."""
        return not (self.kind or self.order or self.base or self.title)


class State(_Model):
    """Everything that an adjustments file says."""

    adjustments: tuple[Adjustment, ...] = ()
    charts: tuple[ChartChoice, ...] = ()

    def figures(self) -> dict[str, Adjustment]:
        """Return the adjustments by figure."""
        return {item.figure: item for item in self.adjustments}

    def looks(self) -> dict[tuple[str, str], ChartChoice]:
        """Return the chart choices by notebook and chart."""
        return {(item.notebook, item.chart): item for item in self.charts}


def checked(state: State, where: str) -> State:
    """Return the state, or say which line of it may not be.

    Raises
    ------
    ParameterError
        If a line has no reason, names no base figure, adjusts a derived figure or what is no
        number of the figure's unit, or if a title carries a number.
    """
    seen: set[str] = set()
    for item in state.adjustments:
        fault = refusal(item.figure) or _unreasoned(item)
        if not fault and item.figure in seen:
            fault = f"“{item.figure}”调整了两次，请只保留一条"
        if fault:
            raise ParameterError(f"{where}：{fault}")
        seen.add(item.figure)
        try:
            quantity(item.figure, item.adjusted)
        except ParameterError as error:
            raise ParameterError(f"{where}：{error}") from None
    charts: set[tuple[str, str]] = set()
    for choice in state.charts:
        if (choice.notebook, choice.chart) in charts:
            raise ParameterError(f"{where}：图“{choice.chart}”设了两次，请只保留一条")
        charts.add((choice.notebook, choice.chart))
        fault = bad_title(choice.title)
        if fault:
            raise ParameterError(f"{where}：{fault}")
    return state


def _unreasoned(item: Adjustment) -> str:
    if not item.reason.strip():
        return f"“{item.figure}”的调整没有写理由，请补上 reason"
    too_long = _too_long(item.reason)
    return f"“{item.figure}”的{too_long}" if too_long else ""


def _too_long(reason: str) -> str:
    if len(reason) <= REASON_LENGTH:
        return ""
    return f"理由应不超过{REASON_LENGTH}字，实为{len(reason)}字，请写短"


def refusal(figure: str) -> str:
    """Return why a figure cannot be adjusted; empty if it can."""
    stem = figure.partition("@")[0].partition("[")[0]
    if stem not in INDICATORS:
        hint = "、".join(nearest(stem)) or "见 xuncha indicators"
        return f"没有指标“{figure}”，应为 {hint}，请改正"
    indicator = INDICATORS[stem]
    if indicator.kind == "derived":
        return f"“{indicator.label}”由其他指标计算得出，不能直接调整，请调整它的组成部分"
    if indicator.unit == "日期":
        return f"“{indicator.label}”是日期，不能在这里调整，请改台账"
    if bool(indicator.dimension) != ("[" in figure):
        return f"“{figure}”的写法不对，按类的指标应写作 {stem}[类别]，其他指标不带方括号，请改正"
    return ""


def bad_title(title: str) -> str:
    """Return why a chart cannot have a title; empty if it can.

    A title is plain text: a number in it would be a figure that nobody computed.
    """
    if any(unicodedata.category(c) == "Nd" for c in title):
        return f"图的标题“{title[:20]}”里有数字，图题不带数字，请改成文字"
    if any(c in title for c in "{}[]<>"):
        return f"图的标题“{title[:20]}”里有括号一类的符号，请只写文字"
    if len(title) > TITLE_LENGTH or not title.isprintable():
        return f"图的标题应为不超过{TITLE_LENGTH}字的一行文字，请改短"
    return ""


def quantity(figure: str, text: str) -> Quantity:
    """Read an adjusted value.

    Raises
    ------
    ParameterError
        If it is not a number of the figure's unit: counts are whole and not negative.
    """
    unit = indicator_of(figure).unit
    try:
        value = Quantity.parse(text, unit)
    except QuantityError as error:
        raise ParameterError(f"调整“{figure}”：{error}") from None
    whole = unit in ("%", "万元") or value.scale or value.value.denominator == 1
    if value.value < 0 or not whole:
        raise ParameterError(f"调整“{figure}”：应为不小于0的整数，实为 {text}，请改正")
    return value


def judged(figure: str, text: str, reason: str) -> tuple[str, str]:
    """Return what is wrong with a change, else nothing, and its number as it is printed.

    An empty text has no number, and nothing wrong with it: it takes an adjustment back.
    """
    if why := refusal(figure):
        return why, ""
    try:
        value = quantity(figure, text).text if text else ""
    except ParameterError as error:
        return str(error).partition("：")[2], ""
    return _too_long(reason), value


def quantities(adjustments: Iterable[Adjustment]) -> dict[str, Quantity]:
    """Return the adjusted values by identifier.

    Raises
    ------
    ParameterError
        If a value is not a number of the figure's unit.
    """
    return {item.figure: quantity(item.figure, item.adjusted) for item in adjustments}


def audit(adjustments: Iterable[Adjustment]) -> list[Mapping[str, Any]]:
    """Return the adjustments as the manifest records them."""
    return [item.model_dump() for item in adjustments]
