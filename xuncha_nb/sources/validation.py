"""Raw tables as typed frames, with every fault of every cell listed at once."""

from __future__ import annotations

import difflib
import itertools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from xuncha_nb.errors import SourceError
from xuncha_nb.ledgers import LEDGERS, NUMBER_HEADER, Ledger
from xuncha_nb.ledgers.rows import Rows, among, known
from xuncha_nb.sources import withheld
from xuncha_nb.sources.cells import CellError, parse
from xuncha_nb.sources.tables import RawTable, header_key
from xuncha_nb.verdicts import Verdict

#: What a filled cell of a type is held as; everything else is text.
_HELD: Final[Mapping[str, type]] = {"count": int, "number": float, "date": datetime, "flag": bool}

#: Types of cells that equal nothing of another type.
_APART: Final = frozenset({str, type(None), datetime, date})

#: How many columns a message names; no ledger has as many.
_NAMED: Final = 20


def place(where: str, row: int, header: str) -> str:
    """Return the place of a cell for a message."""
    return f"{where} 第{row}行“{header}”列"


def typed(table: RawTable) -> tuple[Rows, list[Verdict]]:
    """Read a raw table's cells as their columns' types.

    Returns
    -------
    Rows
        The declared columns, with the row numbers of the file. A cell with a fault is empty.
    list of Verdict
        The faults, and warnings for columns that no ledger declares.

    Raises
    ------
    SourceError
        If a required column is missing or a header occurs twice.
    """
    positions, verdicts = _positions(table)
    index = [number for number, _ in table.rows]
    there = _columns(table)
    blank: list[Any] = [None] * len(index)
    data: dict[str, list[Any]] = {}
    for column in table.ledger.columns:
        position = positions.get(column.name, -1)
        keys, cells = _distinct(there[position] if 0 <= position < len(there) else blank)
        read: dict[Any, Any] = {}
        wrong: dict[Any, str] = {}
        for key, cell in cells.items():
            try:
                read[key] = parse(cell, column)
            except CellError as fault:
                read[key], wrong[key] = None, fault.found
        data[column.name] = [*map(read.__getitem__, keys)]
        verdicts += [
            Verdict(
                "error",
                "cell_type",
                "单元格内容不符，请改正",
                expected=column.expected,
                found=wrong[key][:80],
                where=place(table.where, number, column.header),
            )
            for number, key in (zip(index, keys, strict=True) if wrong else ())
            if key in wrong
        ]
    return Rows.of_cells(table.ledger, data, index), verdicts


def _columns(table: RawTable) -> Sequence[Sequence[Any]]:
    """Return the cells column by column, None where a row is too short."""
    return [*itertools.zip_longest(*(cells for _, cells in table.rows))]


def _distinct(cells: Sequence[Any]) -> tuple[Sequence[Any], dict[Any, Any]]:
    """Return a key of each cell, and the cells by key: a column says few things many times.

    1, 1.0 and True are one key to Python, and not one cell.
    """
    if len(set(map(type, cells)) - _APART) <= 1:
        keys = cells  # no number of another type is among them
    else:
        keys = [cell if type(cell) in _APART else (type(cell), cell) for cell in cells]
    try:
        return keys, dict(zip(keys, cells, strict=True))
    except TypeError:  # a list in a Parquet file is no key
        keys = [(type(cell), repr(cell)) for cell in cells]
        return keys, dict(zip(keys, cells, strict=True))


def _positions(table: RawTable) -> tuple[dict[str, int], list[Verdict]]:
    """Map column names to positions in the header."""
    positions: dict[str, int] = {}
    strangers: list[str] = []
    wrong: list[str] = []
    for position, cell in enumerate(table.header):
        key = header_key(cell)
        if key in ("", NUMBER_HEADER):
            continue
        column = table.column_of(key)
        if column is None:
            strangers.append(cell)
        elif column.name in positions:
            wrong.append(f"{table.where}：列“{column.header}”出现两次，请删去一列")
        else:
            positions[column.name] = position
    missing = [c for c in table.ledger.columns if c.name not in positions]
    named = [cell for cell in table.header if cell]
    known_headers = "、".join(named[:_NAMED]) + (" 等" if len(named) > _NAMED else "")
    if table.header and not all(cell == "" for cell in table.header):
        for column in missing:
            near = difflib.get_close_matches(column.header, strangers, 1, 0.5)
            if column.required or near:
                hint = f"是否是“{near[0]}”写错了？" if near else ""
                # Without one known header the first row may be no header at all, but data.
                there = known_headers if positions else "没有一个是台账的"
                wrong.append(
                    f"{table.where}：缺少列“{column.header}”，{hint}实有的列为 {there}，请补上"
                )
    elif table.rows:
        wrong.append(f"{table.where}：第1行没有表头，请按模板恢复表头")
    if wrong:
        raise SourceError("\n".join(wrong))
    return positions, [
        Verdict("note", "unknown_column", f"列“{name}”不是台账的列，没有读入", where=table.where)
        for name in strangers
    ]


def faults(ledgers: Mapping[str, Rows], where: Mapping[str, str]) -> list[Verdict]:
    """Check typed rows: required cells, ranges, allowed values, keys, references, order.

    Parameters
    ----------
    ledgers : mapping of str to Rows
        By ledger name.
    where : mapping of str to str
        Place of each ledger for messages.
    """
    verdicts: list[Verdict] = []
    for name, rows in ledgers.items():
        ledger = LEDGERS[name]
        if not len(rows):
            continue
        verdicts += _schema_faults(ledger, rows, where[name])
        verdicts += _repeated_keys(ledger, rows, where[name])
        verdicts += _unknown_references(ledger, rows, ledgers, where[name])
        for chain in ledger.orders:
            verdicts += _disorder(ledger, rows, chain, where[name])
    return verdicts


def _is_plainly_right(ledger: Ledger, rows: Rows) -> bool:
    """Whether rows cannot have a fault that the schema would find.

    Nearly every ledger is right, and to see that needs a look at each column; the schema, which
    says what is wrong and where, takes a hundred times as long. A doubt means False.
    """
    for column in ledger.columns:
        values = rows.filled(column.name)
        if not set(map(type, values)) <= {_HELD.get(column.type, str)}:
            return False
        if column.required and len(values) < len(rows):
            return False
        if column.unique and len(set(values)) < len(rows):
            return False
        if column.type in ("count", "number") and any(value < 0 for value in values):
            return False
        if column.allowed and not set(values) <= set(column.allowed):
            return False
    return True


def _schema_faults(ledger: Ledger, rows: Rows, where: str) -> Iterator[Verdict]:
    if _is_plainly_right(ledger, rows):
        return
    import pandera.errors

    with warnings.catch_warnings():
        # pandera warns about its own use of pandas' deprecated calls; nothing a user can mend.
        warnings.simplefilter("ignore")
        try:
            ledger.schema().validate(rows.frame(ledger), lazy=True)
            return
        except pandera.errors.SchemaErrors as error:
            cases = error.failure_cases
    for case in cases.sort_values("index", kind="stable").itertuples():
        column = ledger.column(str(case.column))
        spot = place(where, int(case.index), column.header)
        check = str(case.check)
        if check == "not_nullable":
            yield Verdict(
                "error",
                "cell_required",
                "必填的单元格是空的，请补上",
                expected=column.expected,
                found="空",
                where=spot,
            )
        elif check.startswith("greater_than_or_equal_to"):
            yield Verdict(
                "error",
                "cell_negative",
                "数值不能为负，请改正",
                expected=column.expected,
                found=str(case.failure_case),
                where=spot,
            )
        elif check == "field_uniqueness":
            yield Verdict(
                "error",
                "duplicate",
                f"“{column.header}”重复，请改成不同的值或删去一行",
                expected="不重复",
                found=str(case.failure_case),
                where=spot,
            )
        else:
            yield Verdict(
                "error",
                "cell_allowed",
                "不在允许的取值内，请从下拉列表选",
                expected=column.expected,
                found=str(case.failure_case),
                where=spot,
            )


def _repeated_keys(ledger: Ledger, rows: Rows, where: str) -> Iterator[Verdict]:
    if not ledger.keys:
        return
    headers = "、".join(ledger.column(k).header for k in ledger.keys)
    cells = zip(*(rows[k].tolist() for k in ledger.keys), strict=True)
    untold = [ledger.column(k).confidential for k in ledger.keys]
    seen: set[tuple[Any, ...]] = set()
    for number, values in zip(rows.numbers.tolist(), cells, strict=True):
        if values in seen:
            yield Verdict(
                "error",
                "duplicate",
                f"“{headers}”相同的行出现两次，请删去一行或改正",
                expected="不重复",
                found="、".join(
                    withheld.UNTOLD if secret and cell is not None else _printed(cell)
                    for secret, cell in zip(untold, values, strict=True)
                ),
                where=f"{where} 第{number}行",
            )
        seen.add(values)


def _printed(cell: Any) -> str:
    if cell is None:
        return "空"
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def _unknown_references(
    ledger: Ledger, rows: Rows, ledgers: Mapping[str, Rows], where: str
) -> Iterator[Verdict]:
    for column in ledger.columns:
        if not column.refers:
            continue
        target, key = column.refers.split(".")
        # Without the other ledger there is nothing to look up in; that the other ledger is
        # missing shows in the figures that need it.
        if target not in ledgers or not len(ledgers[target]):
            continue
        known_keys = set(ledgers[target].filled(key))
        cells = rows[column.name]
        strange = rows.where(known(cells) & ~among(cells, known_keys))
        for number, value in zip(strange.numbers.tolist(), strange[column.name], strict=True):
            near = difflib.get_close_matches(value, sorted(known_keys), 1, 0.8)
            hint = f"是否应为“{near[0]}”？" if near else ""
            yield Verdict(
                "error",
                "reference",
                f"“{LEDGERS[target].sheet}”表里没有这个{column.header}，{hint}请改正或先登记",
                expected=f"“{LEDGERS[target].sheet}”表里的{LEDGERS[target].column(key).header}",
                found=value,
                where=place(where, number, column.header),
            )


def _disorder(ledger: Ledger, rows: Rows, chain: tuple[str, ...], where: str) -> Iterator[Verdict]:
    """Find dates that run backwards along a chain, blanks skipped."""
    last = rows[chain[0]].tolist()
    last_name = [chain[0]] * len(last)
    for name in chain[1:]:
        for at, day in enumerate(rows[name].tolist()):
            if day is None:
                continue
            if last[at] is not None and day < last[at]:
                earlier, later = ledger.column(last_name[at]), ledger.column(name)
                yield Verdict(
                    "error",
                    "date_order",
                    f"“{later.header}”早于“{earlier.header}”，请核对两个日期",
                    expected=f"不早于 {last[at].date().isoformat()}",
                    found=day.date().isoformat(),
                    where=place(where, int(rows.numbers[at]), later.header),
                )
            last[at], last_name[at] = day, name
