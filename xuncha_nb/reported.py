"""Reported figures (填报数): printed numbers by area, period and figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from xuncha_nb.errors import QuantityError
from xuncha_nb.indicators import COMPANIONS, INDICATORS, nearest, resolve
from xuncha_nb.intervals import Interval
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.rows import among
from xuncha_nb.ledgers.statistics import DECLARATIONS
from xuncha_nb.periods import Period
from xuncha_nb.quantities import Quantity
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict


@dataclass(frozen=True)
class Reported:
    """The printed numbers of one area and period.

    Attributes
    ----------
    values : dict of str to Quantity
        By identifier of a figure or a member of a family.
    companions : dict of str to Quantity
        Printed growth, change and share: ``X_yoy``, ``X_change``, ``X_share``.
    verdicts : tuple of Verdict
        Rows that cannot be read.
    declared : dict of str to str
        Declared conventions: ``sanction_convention`` → 'inclusive' or 'exclusive'.
    """

    values: dict[str, Quantity]
    companions: dict[str, Quantity]
    verdicts: tuple[Verdict, ...] = field(default=())
    declared: dict[str, str] = field(default_factory=dict)

    def members(self, family: str) -> tuple[str, ...]:
        """Return the members of a family that were reported."""
        return tuple(
            id.partition("[")[2].removesuffix("]")
            for id in self.values
            if id.startswith(f"{family}[")
        )


def reported_figures(book: Book, names: set[str], period: Period) -> Reported:
    """Collect what was reported for an area (by any of its names) and period.

    Rows without an area belong to whichever county the book is of. A total that a statistics
    ledger gives (a derived figure) is a reported total like any other; the ledger's other rows
    are only checked here, so that an unknown identifier is named.
    """
    values: dict[str, Quantity] = {}
    companions: dict[str, Quantity] = {}
    verdicts: list[Verdict] = []
    declared: dict[str, str] = {}
    rows = book["reported"].holding(period=str(period))
    mine = rows.where(among(rows["area"], {*names, None}))

    def keep(ledger: str, row: Any) -> None:
        declaration = _declaration(row.figure, ledger)
        if declaration:
            verdicts.extend(_declare(book, ledger, row, declaration, declared))
            return
        read = _read(book, ledger, row, period, verdicts)
        if read is None:
            return
        id, quantity = read
        if ledger != "reported" and INDICATORS[id].kind == "base":
            return  # its indicator reads it from the ledger
        known = companions if _is_companion(id) else values
        if id in known and not known[id].interval.meets(quantity.interval):
            verdicts.append(
                Verdict(
                    "error",
                    "two_values",
                    "同一指标填了两个不同的数，请只保留正确的一个",
                    figures=(id,),
                    expected=known[id].printed,
                    found=quantity.printed,
                    where=_place(book, ledger, row.Index),
                )
            )
        else:
            known[id] = quantity

    for row in mine.records():
        keep("reported", row)
    for ledger in ("petition_stats", "discipline_stats"):
        for row in book[ledger].holding(period=str(period)).records():
            keep(ledger, row)
    return Reported(values, companions, tuple(verdicts), declared)


def _declaration(name: object, ledger: str) -> str:
    """Return the identifier of the convention that a row of a ledger declares, if it does."""
    named = (id for id, d in DECLARATIONS.items() if name in (id, d.label) and ledger in d.ledgers)
    return next(named, "")


def _declare(
    book: Book, ledger: str, row: Any, id: str, declared: dict[str, str]
) -> Iterator[Verdict]:
    """Note what a row declares; say what it cannot mean, or contradicts."""
    if not isinstance(row.value, str):
        return  # blank required cells are faults already
    declaration = DECLARATIONS[id]
    names = declaration.values
    value = declaration.read(row.value)
    where = _place(book, ledger, row.Index, "value")
    if value is None:
        allowed = "或".join(f"{name}（{each}）" for each, name in names.items())
        message = f"“{declaration.label}”没有这一种，请改成规定的写法"
        yield Verdict(
            "error",
            "unknown_convention",
            message,
            period=row.period,
            expected=allowed,
            found=row.value,
            where=where,
        )
    elif declared.setdefault(id, value) != value:
        message = f"同一期间声明了两种“{declaration.label}”，请只保留正确的一种"
        yield Verdict(
            "error",
            "two_conventions",
            message,
            period=row.period,
            figures=declaration.figures,
            expected=names[declared[id]],
            found=names[value],
            where=where,
        )


def _is_companion(id: str) -> bool:
    return id.partition("[")[0] not in INDICATORS


def _misnamed(name: str, resolved: tuple[str, str] | None, ledger: str) -> tuple[str, ...]:
    """Return (message, expected) for a name that no figure of the ledger has; else nothing."""
    if resolved is None:
        hint = "、".join(nearest(name)) or "见 xuncha indicators"
        return "没有这个指标，请改成指标标识或指标名称", hint
    id, member = resolved
    indicator = INDICATORS[_stem(id)]
    if ledger != "reported" and (id != indicator.id or ledger not in indicator.ledgers):
        return f"“{LEDGERS[ledger].sheet}”表不收这个指标，请改填到“填报数”表", "本表的指标"
    if bool(member) != bool(indicator.dimension):
        if member:
            return f"“{indicator.label}”不分类，请去掉方括号", id
        return "这个指标按类填报，请在方括号里写明是哪一类", f"{id}[类别]"
    return ()


def _stem(id: str) -> str:
    """Return the figure that an identifier is, or is a companion of."""
    if id in INDICATORS:
        return id
    stems = (id.removesuffix(suffix) for suffix in COMPANIONS if id.endswith(suffix))
    return next(stem for stem in stems if stem in INDICATORS)


def _place(book: Book, ledger: str, row: object, column: str = "figure") -> str:
    header = LEDGERS[ledger].column(column).header
    return f"{book.where.get(ledger, book.name)} 第{row}行“{header}”列"


def _read(
    book: Book, ledger: str, row: object, period: Period, verdicts: list[Verdict]
) -> tuple[str, Quantity] | None:
    name, text = row.figure, row.value  # type: ignore[attr-defined]
    where = _place(book, ledger, row.Index)  # type: ignore[attr-defined]
    if not isinstance(name, str) or not isinstance(text, str):
        return None  # blank required cells are faults already
    resolved = resolve(name)
    fault = _misnamed(name, resolved, ledger)
    if resolved is None or fault:
        message, hint = fault
        verdicts.append(
            Verdict(
                "error",
                "unknown_figure",
                message,
                period=str(period),
                expected=hint,
                found=name,
                where=where,
            )
        )
        return None
    id, member = resolved
    unit = _unit(id)
    where = _place(book, ledger, row.Index, "value")  # type: ignore[attr-defined]
    try:
        quantity = Quantity.parse(text, unit)
    except QuantityError as error:
        verdicts.append(
            Verdict(
                "error", "cell_type", str(error), period=str(period), figures=(id,), where=where
            )
        )
        return None
    if quantity.value < 0 and id in INDICATORS:
        verdicts.append(
            Verdict(
                "error",
                "cell_negative",
                "数值不能为负，请改正",
                period=str(period),
                figures=(id,),
                expected="不小于0的数",
                found=text,
                where=where,
            )
        )
        return None
    if unit not in ("%", "百分点", "万元", "日期") and quantity.decimals and not quantity.scale:
        verdicts.append(_fraction(id, text, period, where))
        return None
    if unit == "%" and quantity.value == 100 and not id.endswith("_yoy"):
        # 100% is printed only when exactly equal; growth may well be rounded to it.
        quantity = replace(quantity, interval=Interval.point(100))
    return (f"{id}[{member}]" if member else id), quantity


def _fraction(id: str, text: str, period: Period, where: str) -> Verdict:
    return Verdict(
        "error",
        "cell_fraction",
        "计数应为整数，请改正",
        period=str(period),
        figures=(id,),
        expected="整数",
        found=text,
        where=where,
    )


def _unit(id: str) -> str:
    """Return the unit of a figure or companion."""
    stem = _stem(id)
    base = INDICATORS[stem].unit
    if id == stem:
        return base
    return COMPANIONS[id.removeprefix(stem)] or ("百分点" if base == "%" else base)
