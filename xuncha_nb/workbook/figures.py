"""The sheets of figures: all of the report, and those of its rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from xuncha_nb.workbook.cells import Cells, Column, Item, Month, Number

SHEET: Final = "全部指标"
_COLUMNS: Final = (
    Column("序号", 6, "count"),
    Column("指标", 26),
    Column("单位", 7, "centre"),
    Column("本期", 12, "number"),
    Column("基期", 12, "number"),
    Column("增减", 11, "signed"),
    Column("增减单位", 9, "centre"),
    Column("同比（%）", 10, "signed"),
    Column("占比（%）", 10, "number"),
    Column("占比的总数", 16),
    Column("文中写法", 14),
    Column("取得方式", 9, "centre"),
    Column("来源", 26),
    Column("口径", 46),
    Column("调整", 34),
    Column("文中位置", 34),
    Column("标识", 34),
)
VALUE: Final = 3
_ORIGINS: Final = {"台账": "台账", "填报": "填报", "计算": "计算", "调整": "调整"}


def whole_period(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the figures of the whole period, rounds left aside."""
    return [f for f in record["figures"] if not f["scope"]]


def value(figure: Mapping[str, Any]) -> Number:
    """Return a figure's number, exact, with as many decimals as are printed."""
    return _number(figure["value"], figure["text"], figure["unit"])


@lru_cache(maxsize=4096)  # a figure is asked for by every relation that it is in
def _number(exact: str, text: str, unit: str) -> Number:
    printed = Number.read(text, unit)
    return Number(Fraction(exact), printed.decimals if printed else 0)


def write(
    cells: Cells, record: Mapping[str, Any], places: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Write the sheet of all figures.

    Returns
    -------
    dict of str to int
        Figure → its row, for formulas of other sheets.
    """
    figures = whole_period(record)
    labels = {f["id"]: f["label"] for f in figures}
    made = {a["figure"]: a for a in record.get("adjustments") or ()}
    sheet = cells.sheet(SHEET, _COLUMNS, 2, len(figures))
    where = {}
    for row, figure in enumerate(figures, 1):
        where[figure["id"]] = row
        share = (record.get("shares") or {}).get(figure["id"], {})
        line: list[Item] = [
            row,
            figure["label"],
            "" if figure["unit"] == "日期" else figure["unit"],
            Month(int(Fraction(figure["value"]))) if figure["unit"] == "日期" else value(figure),
            Number.read(figure["base"], figure["unit"]) or figure["base"],
            Number.read(figure["change"], figure["change_unit"]) or figure["change"],
            figure["change_unit"],
            Number.read(figure["growth"], "%") or figure["growth"],
            Number.read(share.get("text") or figure["share"], "%"),
            labels.get(share.get("whole", ""), ""),
            figure["text"],
            _ORIGINS.get(figure["origin"], figure["origin"]),
            figure.get("source", ""),
            figure["definition"],
            _adjustment(figure, made, record.get("follows") or {}, labels),
            "、".join(places.get(figure["id"], ())),
            figure["id"],
        ]
        sheet.row(row, line)
    return where


def _adjustment(
    figure: Mapping[str, Any],
    made: Mapping[str, Mapping[str, Any]],
    follows: Mapping[str, Sequence[str]],
    labels: Mapping[str, str],
) -> str:
    change = made.get(figure["id"])
    if change is not None:
        before = change.get("original") or "无数据"
        return f"由{before}调整为{change['adjusted']}：{change['reason']}"
    names = [labels.get(id, id) for id in follows.get(figure["id"], ())]
    return f"由调整后的{'、'.join(names)}计算" if names else ""


def write_rounds(cells: Cells, record: Mapping[str, Any]) -> bool:
    """Write the sheet of figures by round, a column a round; nothing when there are none."""
    figures = [f for f in record["figures"] if f["scope"]]
    rounds = list(dict.fromkeys(f["scope"] for f in figures))
    if not rounds:
        return False
    totals = {f["id"]: f for f in whole_period(record)}
    rows: dict[str, dict[str, Mapping[str, Any]]] = {}
    for figure in figures:
        rows.setdefault(figure["id"].partition("@")[0], {})[figure["scope"]] = figure
    columns = (
        Column("指标", 30),
        Column("单位", 7, "centre"),
        *(Column(name, 16, "number") for name in rounds),
        Column("全期", 12, "number"),
        Column("标识", 34),
    )
    sheet = cells.sheet("按轮次", columns, 2, len(rows))
    for row, (id, found) in enumerate(rows.items(), 1):
        first = next(iter(found.values()))
        whole = totals.get(id)
        line: list[Item] = [
            first["label"],
            first["unit"],
            *(value(found[name]) if name in found else None for name in rounds),
            value(whole) if whole else None,
            id,
        ]
        sheet.row(row, line)
    return True
