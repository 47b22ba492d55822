"""The sheets of lists: about the file, trends, verdicts, adjustments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from xuncha_nb.verdicts import SEVERITY_NAMES
from xuncha_nb.workbook.cells import Cells, Column, Item, Number, Sheet


def write_history(cells: Cells, record: Mapping[str, Any]) -> bool:
    """Write the earlier periods of the key figures; nothing when there are none."""
    chosen = [k for k in record.get("key_figures") or () if k["history"]]
    if not chosen:
        return False
    figures = {f["id"]: f for f in record["figures"]}
    periods = sorted({(p["period"], p["name"]) for key in chosen for p in key["history"]})
    columns = (
        Column("指标", 26),
        Column("单位", 7, "centre"),
        *(Column(name, 14, "number") for _, name in periods),
        Column("标识", 30),
    )
    sheet = cells.sheet("历期", columns, 2, len(chosen))
    for row, key in enumerate(chosen, 1):
        figure = figures[key["id"]]
        known = {p["period"]: p for p in key["history"]}
        line: list[Item] = [figure["label"], figure["unit"]]
        for period, _ in periods:
            point = known.get(period, {})
            printed = Number.read(point.get("text"), figure["unit"])
            decimals = printed.decimals if printed else 0
            line.append(Number(Fraction(point["value"]), decimals) if printed else None)
        line.append(key["id"])
        sheet.row(row, line)
    return True


def write_verdicts(cells: Cells, record: Mapping[str, Any]) -> bool:
    """Write what the check said, gravest first."""
    verdicts = record.get("verdicts") or ()
    labels = {f["id"]: f["label"] for f in record["figures"]}
    columns = (
        Column("程度", 8, "centre"),
        Column("内容", 70),
        Column("应为", 30),
        Column("实为", 24),
        Column("指标", 40),
        Column("规则", 24),
    )
    sheet = cells.sheet("校验结果", columns, 1, len(verdicts))
    if not verdicts:
        sheet.row(1, ["无", "校验没有发现问题。", None, None, None, None])
    for row, verdict in enumerate(verdicts, 1):
        line = [
            SEVERITY_NAMES.get(verdict["severity"], verdict["severity"]),
            verdict["message"],
            verdict["expected"],
            verdict["found"],
            _listed([labels.get(id, id) for id in verdict["figures"]]),
            verdict["rule"],
        ]
        sheet.row(row, line)
    return True


def _listed(names: Sequence[str], most: int = 12) -> str:
    return "、".join(names[:most]) + (f"等{len(names)}项" if len(names) > most else "")


def write_adjustments(cells: Cells, record: Mapping[str, Any]) -> bool:
    """Write the adjustments; nothing when there are none."""
    made = record.get("adjustments") or ()
    if not made:
        return False
    figures = {f["id"]: f for f in record["figures"]}
    columns = (
        Column("指标", 26),
        Column("单位", 7, "centre"),
        Column("调整前", 12, "number"),
        Column("调整后", 12, "number"),
        Column("理由", 50),
        Column("经手", 14),
        Column("时间", 20),
        Column("标识", 30),
    )
    sheet = cells.sheet("调整记录", columns, 1, len(made))
    for row, change in enumerate(made, 1):
        figure = figures.get(change["figure"], {})
        unit = figure.get("unit", "")
        line = [
            figure.get("label", change["figure"]),
            unit,
            Number.read(change["original"], unit) or change["original"] or "无数据",
            Number.read(change["adjusted"], unit) or change["adjusted"],
            change["reason"],
            change["author"],
            str(change["time"]).replace("T", " "),
            change["figure"],
        ]
        sheet.row(row, line)
    return True


def add_about(cells: Cells) -> Sheet:
    """Add the sheet that says what the file is; it is filled in last, and stands first."""
    sheet = cells.bare_sheet("说明", (Column("", 16), Column("", 90)))
    sheet.worksheet.hide_gridlines(2)
    return sheet


def write_about(
    cells: Cells, sheet: Sheet, record: Mapping[str, Any], sheets: Sequence[tuple[str, str]]
) -> None:
    """Write what the file is, what it rests on, and what each sheet is for."""
    title = f"{record.get('county_name', '')}{record.get('period_name', '')}指标"
    sheet.worksheet.put(0, [title], [cells.heading])
    source = record.get("source") or {}
    lines = [
        ("截止日期", record.get("cutoff")),
        ("版本", record.get("edition")),
        ("数据来源", source.get("name")),
        ("来源 SHA-256", source.get("sha256")),
        ("程序版本", record.get("version")),
        ("空格", "没有数据，不是零；零写作 0。"),
        ("本期", "按台账算出的准确数，显示的小数位与文中一致；文中写法另列一栏。"),
        *sheets,
    ]
    for row, (name, text) in enumerate(lines, 2):
        sheet.row(row, [name, text])
