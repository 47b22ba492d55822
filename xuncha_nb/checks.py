"""All checks of one county and period in one place: rows, figures, relations.

The report and ``xuncha check`` call :func:`check`; an empty list of errors lets the report go
on.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from xuncha_nb import movements, relations
from xuncha_nb.computation import Adjusted, compute
from xuncha_nb.errors import ParameterError
from xuncha_nb.figures import Figures
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Window, full_date
from xuncha_nb.sources import Book
from xuncha_nb.sources.validation import place
from xuncha_nb.verdicts import Verdict, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence


def check(
    book: Book,
    county: str,
    window: Window,
    standards: Standards,
    adjusted: Adjusted | None = None,
) -> tuple[Figures, tuple[Verdict, ...]]:
    """Compute the figures of a county and window, and everything that is to be said of them.

    Returns
    -------
    Figures
    tuple of Verdict
        Faults of cells and rows, figures that contradict each other, warnings, notes.
    """
    figures, computed = compute(book, county, window, standards, adjusted)
    found = [
        *book.verdicts,
        *row_checks(book, window, standards),
        *computed,
        *relations.evaluate(figures),
        *movements.evaluate(figures, standards.thresholds),
        *_gaps(figures),
    ]
    return figures, in_order(found)


def has_data(book: Book, names: Sequence[str], window: Window) -> bool:
    """Whether the book says anything of its own about the window.

    Registers (units, pools) and earlier snapshots are valid at any later date and do not
    count.
    """
    start, cutoff = pd.Timestamp(window.start), pd.Timestamp(window.cutoff)
    for name, ledger in LEDGERS.items():
        frame = book[name]
        if frame.empty:
            continue
        match ledger.belongs:
            case "event" | "snapshot":
                dates = frame[ledger.by[0]]
                inside = (dates >= start) & (dates <= cutoff)
            case "overlap":
                first, last = (frame[column] for column in ledger.by)
                inside = (first <= cutoff) & (last >= start)
            case "period" if name != "plan":
                inside = frame["period"] == str(window.period)
                if name == "reported":
                    inside &= frame["area"].isna() | frame["area"].isin(list(names))
            case _:
                continue
        if inside.fillna(False).any():
            return True
    return False


def _gaps(figures: Figures) -> Iterator[Verdict]:
    """Say which ledgers gave nothing for the period: their figures are missing, not zero."""
    sheets: list[str] = []
    missing: list[str] = []
    for name, ledger in LEDGERS.items():
        ids = [i.id for i in INDICATORS.values() if i.ledgers and i.ledgers[0] == name]
        if ids and not any(f.indicator.id in ids for f in figures.values()):
            sheets.append(f"“{ledger.sheet}”")
            missing += ids
    if sheets:
        yield Verdict(
            "note",
            "ledger_missing",
            f"{'、'.join(sheets)}没有本期数据，{len(missing)}个指标缺失（不是零），相关文字不写入报告",
            figures.county_name,
            str(figures.window.period),
            tuple(missing),
        )


def row_checks(book: Book, window: Window, standards: Standards) -> Iterator[Verdict]:
    """Check rows against other ledgers, dated standards and limits (``domain.md``)."""
    yield from _scheme(book, window, standards)
    yield from _findings_in_rounds(book)
    yield from _verified(book)
    yield from _idle_rounds(book, window)
    yield from _old_clues(book, window, standards)
    yield from _same_unit_twice(book)


def _where(book: Book, ledger: str, row: object, column: str) -> str:
    header = LEDGERS[ledger].column(column).header
    return place(book.where.get(ledger, book.name), int(str(row)), header)


def _scheme(book: Book, window: Window, standards: Standards) -> Iterator[Verdict]:
    """A category or grade that the scheme in force on its date does not have."""
    for ledger, column, day in (
        ("findings", "category", "found_on"),
        ("assessments", "grade", "date"),
    ):
        frame = book[ledger]
        base = window.same_window_last_year()
        for span in (base, window):
            inside = frame[
                (frame[day] >= pd.Timestamp(span.start)) & (frame[day] <= pd.Timestamp(span.cutoff))
            ]
            if inside.empty:
                continue
            try:
                standard = (
                    standards.scheme(span.cutoff)
                    if ledger == "findings"
                    else standards.grades(span.cutoff)
                )
            except ParameterError as error:
                yield Verdict("error", "standard_missing", str(error), period=str(span.period))
                continue
            strangers = inside[inside[column].notna() & ~inside[column].isin(standard.names)]
            for row, value in strangers[column].items():
                near = difflib.get_close_matches(str(value), standard.names, 1)
                hint = f"是否应为“{near[0]}”？" if near else ""
                yield Verdict(
                    "error",
                    "scheme",
                    f"{span.period.name}的标准“{standard.name}”没有这一类，{hint}"
                    "请改正，或在 parameters/ 里登记新标准",
                    period=str(span.period),
                    expected="、".join(standard.names),
                    found=str(value),
                    where=_where(book, ledger, row, column),
                )


def _findings_in_rounds(book: Book) -> Iterator[Verdict]:
    """Findings and clues dated before their round began."""
    starts = book["rounds"].dropna(subset=["id"]).drop_duplicates("id").set_index("id")["start"]
    for ledger in ("findings", "clues"):
        frame = book[ledger]
        if frame.empty or starts.empty:
            continue
        begin = frame["round"].map(starts)
        for row in frame.index[(frame["found_on"] < begin).fillna(False)]:
            yield Verdict(
                "error",
                "date_order",
                "发现日期早于所在轮次的开始日期，请核对日期或轮次",
                expected=f"不早于 {begin[row].date().isoformat()}",
                found=frame["found_on"][row].date().isoformat(),
                where=_where(book, ledger, row, "found_on"),
            )


def _verified(book: Book) -> Iterator[Verdict]:
    """Rectification verified before the finding was found, or done without a date."""
    frame = book["rectification"]
    found_on = (
        book["findings"].dropna(subset=["id"]).drop_duplicates("id").set_index("id")["found_on"]
    )
    if frame.empty or found_on.empty:
        return
    found = frame["finding"].map(found_on)
    for row in frame.index[(frame["verified_on"] < found).fillna(False)]:
        yield Verdict(
            "error",
            "date_order",
            "验收日期早于问题的发现日期，请核对两个日期",
            expected=f"不早于 {found[row].date().isoformat()}",
            found=frame["verified_on"][row].date().isoformat(),
            where=_where(book, "rectification", row, "verified_on"),
        )
    yield from _unregistered(book)
    undated = frame[(frame["status"] == "完成") & frame["verified_on"].isna()]
    for row in undated.index:
        yield Verdict(
            "warning",
            "rect_undated",
            "整改状态为完成，但没有验收日期，各期都按已完成计，请补填",
            expected="验收日期",
            found="空",
            where=_where(book, "rectification", row, "verified_on"),
        )


def _unregistered(book: Book) -> Iterator[Verdict]:
    """Findings fed back that the rectification ledger does not have, when it is kept at all."""
    findings, known = book["findings"], book["rectification"]["finding"]
    fed_back = findings[findings["fed_back_on"].notna()]
    missing = fed_back[~fed_back["id"].isin(known)]
    if len(missing) and len(known):
        yield Verdict(
            "warning",
            "rect_unregistered",
            f"有{len(missing)}个已反馈的问题没有在“整改”表登记（如“{missing['id'].iloc[0]}”），请补登",
            expected="每个已反馈的问题一行",
            found=f"缺{len(missing)}行",
            where=book.where.get("rectification", book.name),
        )


def _idle_rounds(book: Book, window: Window) -> Iterator[Verdict]:
    """Finished rounds of the window without any activity, when activity is kept at all."""
    if book["activities"].empty:
        return
    rounds = book["rounds"]
    inside = rounds[
        (rounds["end"] >= pd.Timestamp(window.start))
        & (rounds["end"] <= pd.Timestamp(window.cutoff))
    ]
    for row, id in inside.loc[~inside["id"].isin(book["activities"]["round"]), "id"].items():
        yield Verdict(
            "warning",
            "round_idle",
            f"轮次“{id}”已结束，但“工作量”表里没有它，请补填",
            expected="至少一行工作量",
            found="没有",
            where=_where(book, "rounds", row, "id"),
        )


def _old_clues(book: Book, window: Window, standards: Standards) -> Iterator[Verdict]:
    """Clues open for longer than the limit, as one warning with their number."""
    frame = book["clues"]
    cutoff = pd.Timestamp(window.cutoff)
    limit = standards.thresholds.clue_open_days
    open_then = frame[(frame["found_on"] <= cutoff) & ~(frame["closed_on"] <= cutoff).fillna(False)]
    old = open_then[(cutoff - open_then["found_on"]).dt.days > limit]
    if len(old):
        yield Verdict(
            "warning",
            "clue_open_long",
            f"截至{full_date(window.cutoff)}，{len(old)}件线索发现后超过{limit}天仍未办结（如“{old['id'].iloc[0]}”），请催办或补填办结日期",
            period=str(window.period),
            expected=f"{limit}天内办结",
            found=f"{len(old)}件未办结",
            where=book.where.get("clues", book.name),
        )


def _same_unit_twice(book: Book) -> Iterator[Verdict]:
    """Units valid at the same time under one name, or one as another's former name."""
    units = book["units"]
    current = units[units["valid_to"].isna()]
    repeated = current[current.duplicated(["name", "parent", "type"], keep="first")]
    for row, name in repeated["name"].items():
        yield Verdict(
            "warning",
            "unit_twice",
            f"单位“{name}”登记了两次，请合并或注明区别",
            expected="一个单位一行",
            found=str(name),
            where=_where(book, "units", row, "name"),
        )
    names = set(current["name"].dropna())
    for row, former in units["former_names"].dropna().items():
        owner = str(units.at[row, "name"])
        for name in str(former).replace(",", "、").replace("，", "、").split("、"):
            if name.strip() in names:
                yield Verdict(
                    "warning",
                    "unit_twice",
                    f"“{name.strip()}”既是现有单位，又是“{owner}”的曾用名，请核对",
                    expected="一个单位一个名称",
                    found=name.strip(),
                    where=_where(book, "units", row, "former_names"),
                )
