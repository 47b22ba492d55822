"""One sheet a ledger: headers with their notes, checks of what is typed, rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from xuncha_nb.ledgers import EXAMPLE, LEDGERS, NUMBER_HEADER, Column, Ledger
from xuncha_nb.template.formats import FONT, Formats, set_up_print

if TYPE_CHECKING:
    from xuncha_nb.parameters import Standards

#: Last row (counted from 1) that the drop-downs and checks reach.
LAST_ROW: Final = 3000

_FLAGS: Final = ("是", "否")
_TYPE_WIDTHS: Final = {"date": 12, "figure": 26, "printed": 12, "period": 11}
_LONG_TEXTS: Final = ("name", "topic", "project", "theme", "unit_name", "source")
#: Characters above it are Chinese ones or their punctuation here, twice as wide.
_LATIN_END: Final = 255
_FIRST_DAY: Final = date(1990, 1, 1)
_LAST_DAY: Final = date(2099, 12, 31)


def write_ledger(
    sheet: Any,
    ledger: Ledger,
    rows: Sequence[Mapping[str, object]],
    formats: Formats,
    standards: Standards,
    example: bool,
) -> None:
    """Write a ledger's sheet.

    Parameters
    ----------
    sheet : xlsxwriter.worksheet.Worksheet
    ledger : Ledger
    rows : sequence of mapping
        Column name to value.
    formats : Formats
    standards : Standards
        For the drop-downs of categories and grades.
    example : bool
        Whether an example row comes first.

    Raises
    ------
    KeyError
        If a row has a column that the ledger has not.
    """
    # A little higher than usual: the fonts that stand in for 宋体 on Linux need it.
    sheet.set_default_row(18)
    sheet.set_row(0, 33)
    sheet.set_column(0, 0, 6, formats.cells["text"])
    sheet.write_string(0, 0, NUMBER_HEADER, formats.optional)
    sheet.write_comment(
        0, 0, f"可以不填。以“{EXAMPLE}”开头的行只作示范，不会被读取。", _comment_box(2)
    )
    for index, column in enumerate(ledger.columns, 1):
        sheet.set_column(index, index, _width(column), formats.cell(column))
        head = formats.required if column.required else formats.optional
        sheet.write_string(0, index, column.title, head)
        lines = _comment(column, ledger, standards)
        sheet.write_comment(0, index, "\n".join(lines), _comment_box(len(lines)))
        validation = _validation(column, ledger, standards)
        if validation is not None:
            sheet.data_validation(1, index, LAST_ROW - 1, index, validation)
    first = 1
    if example:
        sheet.write_string(1, 0, EXAMPLE, formats.examples["text"])
        for index, column in enumerate(ledger.columns, 1):
            value = _example_value(column)
            _write(sheet, 1, index, column, value, formats.cell(column, example=True))
        first = 2
    positions = {column.name: index for index, column in enumerate(ledger.columns, 1)}
    columns = {column.name: column for column in ledger.columns}
    for number, row in enumerate(rows, 1):
        line = first + number - 1
        sheet.write_string(line, 0, str(number), formats.cells["text"])
        for name, value in row.items():
            column = columns[name]
            _write(sheet, line, positions[name], column, value, formats.cell(column))
    sheet.freeze_panes(1, 1)
    set_up_print(sheet, ledger.sheet)


def _write(
    sheet: Any, row: int, index: int, column: Column, value: object, cell_format: Any
) -> None:
    """Write one cell by its type; text is never taken for a formula, a link or a number."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, index, _FLAGS[0] if value else _FLAGS[1], cell_format)
    elif isinstance(value, date):
        sheet.write_datetime(row, index, value, cell_format)
    elif isinstance(value, int | float) and column.type in ("count", "number"):
        sheet.write_number(row, index, value, cell_format)
    else:
        sheet.write_string(row, index, str(value), cell_format)


def _example_value(column: Column) -> object:
    if not column.example:
        return None
    match column.type:
        case "date":
            return date.fromisoformat(column.example)
        case "count":
            return int(column.example)
        case "number":
            return float(column.example)
        case _:
            return column.example


def _width(column: Column) -> int:
    """Return a column's width in characters, of which a Chinese one takes two."""
    longest = max(_columns(text) for text in (*column.allowed, column.example)) + 3
    if column.name in _LONG_TEXTS:
        longest = max(longest, 28)
    head = min(_columns(column.title), 22) + 2
    return min(34, max(9, head, longest, _TYPE_WIDTHS.get(column.type, 0)))


def _columns(text: str) -> int:
    return sum(2 if ord(character) > _LATIN_END else 1 for character in text)


def _comment(column: Column, ledger: Ledger, standards: Standards) -> list[str]:
    lines = [f"{column.title}：{'必填' if column.required else '选填'}"]
    if column.note:
        lines.append(column.note)
    lines.append(f"填法：{column.expected}")
    named = _named_values(column, ledger, standards)
    if named:
        lines.append(f"现行标准：{'、'.join(named)}")
    if column.refers:
        target, name = column.refers.split(".")
        lines.append(f"取自“{LEDGERS[target].sheet}”表的“{LEDGERS[target].column(name).header}”")
    if column.unique:
        lines.append("不得重复")
    return lines


def _comment_box(lines: int) -> dict[str, object]:
    return {
        "font_name": FONT,
        "font_size": 10,
        "x_scale": 2,
        "y_scale": max(0.8, lines * 0.42),
    }


def _named_values(column: Column, ledger: Ledger, standards: Standards) -> tuple[str, ...]:
    """Return the names of the newest scheme or scale, for the columns that follow one."""
    match f"{ledger.name}.{column.name}":
        case "findings.category":
            return max(standards.schemes, key=lambda scheme: scheme.valid_from).names
        case "assessments.grade":
            return max(standards.grade_scales, key=lambda scale: scale.valid_from).names
        case _:
            return ()


def _validation(column: Column, ledger: Ledger, standards: Standards) -> dict[str, object] | None:
    """Return what Excel should check in a column; a warning lets the value stand."""
    message = f"“{column.header}”应为：{column.expected}"
    stop = {"error_title": "填写有误", "error_message": message[:225], "error_type": "stop"}
    warn = {**stop, "error_title": "请核对", "error_type": "warning"}
    named = _named_values(column, ledger, standards)
    if named:
        note = "不是现行标准中的名称；其他时期的标准见“说明”表。确实要这样填吗？"
        return {"validate": "list", "source": list(named), **warn, "error_message": note}
    if column.refers:
        target, name = column.refers.split(".")
        note = f"“{LEDGERS[target].sheet}”表里没有这个{column.header}。确实要这样填吗？"
        return {
            "validate": "list",
            "source": _range(LEDGERS[target], name),
            **warn,
            "error_message": note,
        }
    match column.type:
        case "choice":
            return {"validate": "list", "source": list(column.allowed), **stop}
        case "flag":
            return {"validate": "list", "source": list(_FLAGS), **stop}
        case "count":
            return {"validate": "integer", "criteria": ">=", "value": 0, **stop}
        case "number":
            return {"validate": "decimal", "criteria": ">=", "value": 0, **stop}
        case "date":
            span = {"minimum": _FIRST_DAY, "maximum": _LAST_DAY}
            return {"validate": "date", "criteria": "between", **span, **stop}
        case _:
            return None


def _range(ledger: Ledger, name: str) -> str:
    from xlsxwriter.utility import xl_col_to_name

    letter = xl_col_to_name([column.name for column in ledger.columns].index(name) + 1)
    return f"='{ledger.sheet}'!${letter}$2:${letter}${LAST_ROW}"
