"""The sheet of relations: both sides as formulas over the sheet of figures, live for a checker."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from xuncha_nb.figures import member_id
from xuncha_nb.relations import Relation, declared
from xuncha_nb.workbook.cells import Cells, Column, Item
from xuncha_nb.workbook.figures import SHEET, VALUE, value, whole_period
from xuncha_nb.workbook.plain_sheet import Formula

_COLUMNS: Final = (
    Column("关系", 60),
    Column("左边", 12, "number"),
    Column("应", 6, "centre"),
    Column("右边", 12, "number"),
    Column("差", 11, "signed"),
    Column("结果", 12, "centre"),
    Column("规则", 26),
)
_LETTER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[VALUE]
_AGREES, _DIFFERS = "一致", "不一致"


class _UnknownError(LookupError):
    """A figure of the relation is not known: then there is nothing to recompute."""


@dataclass(frozen=True)
class _Side:
    """One side: its formula, its value now, how it reads, and whether it is exact."""

    formula: str
    value: Fraction
    said: str
    exact: bool
    decimals: int = 0


def write(cells: Cells, record: Mapping[str, Any], where: Mapping[str, int]) -> bool:
    """Write the relations whose figures are all known; nothing when there are none.

    Parameters
    ----------
    cells : Cells
    record : mapping
    where : mapping of str to int
        Figure → its row on the sheet of figures.
    """
    figures = {f["id"]: f for f in whole_period(record)}
    lines = list(_lines(figures, where, record.get("declared") or {}))
    if not lines:
        return False
    sheet = cells.sheet("勾稽关系", _COLUMNS, 1, len(lines))
    for row, (relation, left, right) in enumerate(lines, 1):
        at = row + 1
        sign = "=" if relation.equal else "≤"
        decimals = max(left.decimals, right.decimals)
        gap = left.value - right.value
        line: list[Item] = [
            f"{left.said} {sign} {right.said}",
            (Formula(left.formula, float(left.value)), decimals),
            sign,
            (Formula(right.formula, float(right.value)), decimals),
            (Formula(f"B{at}-D{at}", float(gap)), decimals),
        ]
        if left.exact and right.exact:
            # A rate is printed rounded: half a unit of its last digit is no difference.
            slack = Fraction(1, 2 * 10**left.decimals) if left.decimals else Fraction(0)
            holds = abs(gap) <= slack if relation.equal else gap <= slack
            near = f"{float(slack) + 1e-9:.10f}"
            test = f"ABS(B{at}-D{at})<={near}" if relation.equal else f"B{at}-D{at}<={near}"
            formula = f'IF({test},"{_AGREES}","{_DIFFERS}")'
            line.append((Formula(formula, _AGREES if holds else _DIFFERS), 0))
        else:
            line.append("有约数")
        sheet.row(row, [*line, relation.rule])
    sheet.worksheet.conditional_format(
        1,
        5,
        len(lines),
        5,
        {
            "type": "cell",
            "criteria": "==",
            "value": f'"{_DIFFERS}"',
            "format": cells.book.add_format({"bold": True, "font_color": "#8C1D22"}),
        },
    )
    return True


def _lines(
    figures: Mapping[str, Mapping[str, Any]],
    where: Mapping[str, int],
    conventions: Mapping[str, str],
) -> Iterator[tuple[Relation, _Side, _Side]]:
    for relation in declared():
        if relation.when and conventions.get(relation.when[0]) != relation.when[1]:
            continue
        members = [""]
        if relation.through_members:
            members = list(dict.fromkeys(f["member"] for f in figures.values() if f["member"]))
        for member in members:
            try:
                sides = [
                    _side(node, figures, where, member) for node in (relation.left, relation.right)
                ]
            except _UnknownError:
                continue
            yield relation, sides[0], sides[1]


def _side(
    node: ast.expr,
    figures: Mapping[str, Mapping[str, Any]],
    where: Mapping[str, int],
    member: str,
) -> _Side:
    match node:
        case ast.Name(id=id):
            return _cell(id, figures, where)
        case ast.Call(func=ast.Name(id="each"), args=[ast.Name(id=id)]):
            return _cell(member_id(id, member), figures, where)
        case ast.Call(args=[ast.Name(id=id)]):
            members = [i for i in figures if i.startswith(f"{id}[")]
            if not members:
                raise _UnknownError(id)
            parts = [_cell(each, figures, where) for each in members]
            label = str(figures[members[0]]["label"])
            return _Side(
                "+".join(p.formula for p in parts),
                sum((p.value for p in parts), Fraction(0)),
                f"各{label.partition('：')[0]}之和",
                all(p.exact for p in parts),
            )
        case ast.BinOp(left=left, op=op, right=right):
            one = _side(left, figures, where, member)
            other = _side(right, figures, where, member)
            exact, decimals = one.exact and other.exact, max(one.decimals, other.decimals)
            if isinstance(op, ast.Div):
                if other.value == 0:
                    raise _UnknownError("division by zero")
                said = f"{one.said}÷{other.said}×100"
                formula = f"({one.formula})/({other.formula})*100"
                return _Side(formula, one.value / other.value * 100, said, exact, 1)
            minus = isinstance(op, ast.Sub)
            made = one.value - other.value if minus else one.value + other.value
            sign, said = ("-", "－") if minus else ("+", "＋")
            formula = f"{one.formula}{sign}{other.formula}"
            return _Side(formula, made, f"{one.said}{said}{other.said}", exact, decimals)
    raise _UnknownError(ast.dump(node))


def _cell(id: str, figures: Mapping[str, Mapping[str, Any]], where: Mapping[str, int]) -> _Side:
    figure = figures.get(id)
    if figure is None or figure["unit"] == "日期":
        raise _UnknownError(id)
    number = value(figure)
    # The interval of an exact figure is the number itself.
    exact = figure["unit"] == "%" or not set("～大小不") & set(figure["interval"])
    formula = f"'{SHEET}'!${_LETTER}${where[id] + 1}"
    return _Side(formula, number.value, str(figure["label"]), exact, number.decimals)
