"""Adjustments of base figures: each with its original, a reason, an author and a time.

The file lies at ``parameters/adjustments/<county>/<period>.yaml``::

    adjustments:
      - figure: talks_person_times
        original: 386
        adjusted: 388
        reason: 两人次谈话在截止日当晚补录
        author: 综合科
        time: 2024-07-01T09:30:00
        fingerprint: <SHA-256 of the source>
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from xuncha_nb import workspace
from xuncha_nb.errors import CheckError, ParameterError, QuantityError
from xuncha_nb.figures import Figures, indicator_of
from xuncha_nb.indicators import INDICATORS, nearest
from xuncha_nb.parameters import read_yaml, validated
from xuncha_nb.quantities import Quantity
from xuncha_nb.verdicts import Verdict


class Adjustment(BaseModel):
    """One adjusted figure, as the file holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    figure: str
    original: str
    adjusted: str
    reason: str = Field(min_length=1)
    author: str = Field(min_length=1)
    time: str = Field(min_length=1)
    fingerprint: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    adjustments: tuple[Adjustment, ...]


def load(path: Path) -> tuple[Adjustment, ...]:
    """Read an adjustments file.

    Raises
    ------
    ParameterError
        If a line has no reason, names no base figure, or adjusts a derived figure.
    """
    where = workspace.display_path(path)
    read = validated(_File, read_yaml(path), where).adjustments
    seen: set[str] = set()
    for item in read:
        stem = item.figure.partition("[")[0]
        if stem not in INDICATORS:
            hint = "、".join(nearest(stem)) or "见 xuncha indicators"
            raise ParameterError(f"{where}：没有指标“{item.figure}”，应为 {hint}，请改正")
        if INDICATORS[stem].kind == "derived":
            raise ParameterError(
                f"{where}：“{INDICATORS[stem].label}”由其他指标计算得出，不能直接调整，"
                "请调整它的组成部分"
            )
        if bool(INDICATORS[stem].dimension) != ("[" in item.figure):
            raise ParameterError(
                f"{where}：“{item.figure}”的写法不对，按类的指标应写作 {stem}[类别]，"
                "其他指标不带方括号，请改正"
            )
        if not item.reason.strip():
            raise ParameterError(f"{where}：“{item.figure}”的调整没有写理由，请补上 reason")
        if item.figure in seen:
            raise ParameterError(f"{where}：“{item.figure}”调整了两次，请只保留一条")
        seen.add(item.figure)
    return read


def quantities(adjustments: tuple[Adjustment, ...]) -> dict[str, Quantity]:
    """Return the adjusted values by identifier.

    Raises
    ------
    ParameterError
        If a value is not a number of the figure's unit.
    """
    values = {}
    for item in adjustments:
        try:
            value = Quantity.parse(item.adjusted, indicator_of(item.figure).unit)
        except QuantityError as error:
            raise ParameterError(f"调整“{item.figure}”：{error}") from None
        whole = value.unit in ("%", "万元") or value.scale or value.value.denominator == 1
        if value.value < 0 or not whole:
            raise ParameterError(
                f"调整“{item.figure}”：应为不小于0的整数，实为 {item.adjusted}，请改正"
            )
        values[item.figure] = value
    return values


def check_fresh(adjustments: tuple[Adjustment, ...], computed: Figures) -> None:
    """Refuse adjustments whose source has changed since they were made.

    Raises
    ------
    CheckError
        One error per stale adjustment: old source value, new source value, adjusted value.
    """
    stale = []
    for item in adjustments:
        figure = computed.get(item.figure)
        now = "没有数据" if figure is None else figure.value.text
        if now != (item.original or "没有数据"):
            label = INDICATORS[item.figure.partition("[")[0]].label
            stale.append(
                Verdict(
                    "error",
                    "adjustment_stale",
                    f"“{label}”的来源数在调整后变了：调整时来源为 {item.original}，"
                    f"现在为 {now}，调整值为 {item.adjusted}；请核对后改 original 或删去这条调整",
                    computed.county_name,
                    str(computed.window.period),
                    (item.figure,),
                )
            )
    if stale:
        raise CheckError(tuple(stale))


def follows(adjustments: tuple[Adjustment, ...], figures: Figures) -> dict[str, list[str]]:
    """Return derived figure → adjusted figures that it is computed from, directly or not."""
    changed: dict[str, list[str]] = {}
    for item in adjustments:
        changed.setdefault(item.figure.partition("[")[0], []).append(item.figure)
    found = {}
    for id, figure in figures.items():
        if figure.indicator.kind == "derived" and figure.origin == "计算":
            needed = _needed(figure.indicator.id)
            if mine := [a for name, ids in changed.items() if name in needed for a in ids]:
                found[id] = mine
    return found


def _needed(id: str) -> set[str]:
    seen: set[str] = set()
    todo = [id]
    while todo:
        name = todo.pop()
        more = set(INDICATORS[name].needs) - seen if name in INDICATORS else set()
        seen |= more
        todo += more
    return seen


def audit(adjustments: tuple[Adjustment, ...]) -> list[Mapping[str, Any]]:
    """Return the adjustments as the manifest records them."""
    return [item.model_dump() for item in adjustments]
