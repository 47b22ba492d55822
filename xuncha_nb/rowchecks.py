"""Rows of the ledgers against each other, against dated standards and against limits.

Every check returns its findings; :mod:`xuncha_nb.checks` decides what becomes of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import pandas as pd

from xuncha_nb import unitnames
from xuncha_nb.errors import ParameterError
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.parameters import GradeScale, Scheme, Standards
from xuncha_nb.periods import Window, full_date
from xuncha_nb.sources import Book
from xuncha_nb.sources.validation import place
from xuncha_nb.verdicts import Verdict


def of_book(book: Book) -> Iterator[Verdict]:
    """Check what holds whatever the period: ledgers against each other, names of units."""
    yield from _findings_in_rounds(book)
    yield from _verified(book)
    yield from unitnames.evaluate(book)


def of_window(book: Book, window: Window, standards: Standards) -> Iterator[Verdict]:
    """Check a period's rows against dated standards and limits (``domain.md``)."""
    yield from _scheme(book, window, standards)
    yield from _idle_rounds(book, window)
    yield from _old_clues(book, window, standards)


def _where(book: Book, ledger: str, row: object, column: object) -> str:
    header = LEDGERS[ledger].column(str(column)).header
    return place(book.where.get(ledger, book.name), int(str(row)), header)


def _scheme(book: Book, window: Window, standards: Standards) -> Iterator[Verdict]:
    """A category or grade that the standard in force for the period does not have."""
    for ledger, column, day in (
        ("findings", "category", "found_on"),
        ("assessments", "grade", "date"),
    ):
        frame = book[ledger]
        in_force = standards.scheme if ledger == "findings" else standards.grades
        for span in (window.same_window_last_year(), window):
            dates = frame[day]
            inside = frame[
                (dates >= pd.Timestamp(span.start)) & (dates <= pd.Timestamp(span.cutoff))
            ]
            if inside.empty:
                continue
            try:
                standard = in_force(span.cutoff)
            except ParameterError as error:
                yield Verdict("error", "standard_missing", str(error), period=str(span.period))
                continue
            strangers = inside[inside[column].notna() & ~inside[column].isin(standard.names)]
            older = strangers[strangers[day] < pd.Timestamp(standard.valid_from)]
            if len(older):
                yield _changed(book, ledger, older[column], standard, span)
            for row, value in strangers.drop(older.index)[column].items():
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


def _changed(
    book: Book, ledger: str, rows: pd.Series, standard: Scheme | GradeScale, window: Window
) -> Verdict:
    """Say once that the standard changed within a period, for all rows of the older one."""
    found = "、".join(dict.fromkeys(map(str, rows)))
    return Verdict(
        "error",
        "standard_changed",
        f"{window.period.name}内标准改用“{standard.name}”（自{full_date(standard.valid_from)}起），"
        f"此前的{len(rows)}行仍按旧标准填写，两种标准不能合计；"
        "请把这些行改按新标准填写，或按标准的有效期分两个期间出报告",
        period=str(window.period),
        expected="、".join(standard.names),
        found=found,
        where=_where(book, ledger, rows.index[0], rows.name),
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
