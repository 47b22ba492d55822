"""Rows of the ledgers against each other, against dated standards and against limits.

Every check returns its findings; :mod:`xuncha_nb.checks` decides what becomes of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from xuncha_nb import unitnames
from xuncha_nb.errors import ParameterError
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.rows import Rows, among, day, known
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


def _days(rows: Rows, column: str) -> dict[str, datetime]:
    """Return identifier → day, of the first row where an identifier stands twice."""
    days: dict[str, datetime] = {}
    for id, begin in zip(rows["id"].tolist(), rows[column].tolist(), strict=True):
        if id is not None:
            days.setdefault(id, begin)
    return days


def _before(
    rows: Rows, column: str, refers: str, begun: Mapping[str, datetime]
) -> Iterator[tuple[int, str, str]]:
    """Yield the rows dated before the day of what they refer to: row number and both days."""
    cells = zip(rows.numbers.tolist(), rows[column].tolist(), rows[refers].tolist(), strict=True)
    for number, told, reference in cells:
        begin = begun.get(reference)
        if told is not None and begin is not None and told < begin:
            yield number, begin.date().isoformat(), told.date().isoformat()


def _scheme(book: Book, window: Window, standards: Standards) -> Iterator[Verdict]:
    """A category or grade that the standard in force for the period does not have."""
    for ledger, column, dated in (
        ("findings", "category", "found_on"),
        ("assessments", "grade", "date"),
    ):
        rows = book[ledger]
        in_force = standards.scheme if ledger == "findings" else standards.grades
        for span in (window.same_window_last_year(), window):
            dates = rows[dated]
            inside = rows.where((dates >= day(span.start)) & (dates <= day(span.cutoff)))
            if not len(inside):
                continue
            try:
                standard = in_force(span.cutoff)
            except ParameterError as error:
                yield Verdict("error", "standard_missing", str(error), period=str(span.period))
                continue
            strangers = inside.where(~among(inside[column], {*standard.names, None}))
            early = strangers[dated] < day(standard.valid_from)
            if early.any():
                yield _changed(book, ledger, column, strangers.where(early), standard, span)
            newer = strangers.where(~early)
            for row, value in zip(newer.numbers, newer[column], strict=True):
                near = difflib.get_close_matches(value, standard.names, 1)
                hint = f"是否应为“{near[0]}”？" if near else ""
                yield Verdict(
                    "error",
                    "scheme",
                    f"{span.period.name}的标准“{standard.name}”没有这一类，{hint}"
                    "请改正，或在 parameters/ 里登记新标准",
                    period=str(span.period),
                    expected="、".join(standard.names),
                    found=value,
                    where=_where(book, ledger, row, column),
                )


def _changed(
    book: Book,
    ledger: str,
    column: str,
    rows: Rows,
    standard: Scheme | GradeScale,
    window: Window,
) -> Verdict:
    """Say once that the standard changed within a period, for all rows of the older one."""
    found = "、".join(dict.fromkeys(rows[column]))
    return Verdict(
        "error",
        "standard_changed",
        f"{window.period.name}内标准改用“{standard.name}”（自{full_date(standard.valid_from)}起），"
        f"此前的{len(rows)}行仍按旧标准填写，两种标准不能合计；"
        "请把这些行改按新标准填写，或按标准的有效期分两个期间出报告",
        period=str(window.period),
        expected="、".join(standard.names),
        found=found,
        where=_where(book, ledger, rows.numbers[0], column),
    )


def _findings_in_rounds(book: Book) -> Iterator[Verdict]:
    """Findings and clues dated before their round began."""
    starts = _days(book["rounds"], "start")
    for ledger in ("findings", "clues"):
        rows = book[ledger]
        for row, begin, day_found in _before(rows, "found_on", "round", starts):
            yield Verdict(
                "error",
                "date_order",
                "发现日期早于所在轮次的开始日期，请核对日期或轮次",
                expected=f"不早于 {begin}",
                found=day_found,
                where=_where(book, ledger, row, "found_on"),
            )


def _verified(book: Book) -> Iterator[Verdict]:
    """Rectification verified before the finding was found, or done without a date."""
    rows = book["rectification"]
    found_on = _days(book["findings"], "found_on")
    if not len(rows) or not found_on:
        return
    for row, begin, verified in _before(rows, "verified_on", "finding", found_on):
        yield Verdict(
            "error",
            "date_order",
            "验收日期早于问题的发现日期，请核对两个日期",
            expected=f"不早于 {begin}",
            found=verified,
            where=_where(book, "rectification", row, "verified_on"),
        )
    yield from _unregistered(book)
    undated = rows.where((rows["status"] == "完成") & ~known(rows["verified_on"]))
    for row in undated.numbers:
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
    findings, registered = book["findings"], set(book["rectification"]["finding"])
    missing = findings.where(known(findings["fed_back_on"]) & ~among(findings["id"], registered))
    if len(missing) and registered:
        yield Verdict(
            "warning",
            "rect_unregistered",
            f"有{len(missing)}个已反馈的问题没有在“整改”表登记（如“{missing['id'][0]}”），请补登",
            expected="每个已反馈的问题一行",
            found=f"缺{len(missing)}行",
            where=book.where.get("rectification", book.name),
        )


def _idle_rounds(book: Book, window: Window) -> Iterator[Verdict]:
    """Finished rounds of the window without any activity, when activity is kept at all."""
    active = set(book["activities"]["round"])
    if not active:
        return
    rounds = book["rounds"]
    ends = rounds["end"]
    idle = rounds.where(
        (ends >= day(window.start)) & (ends <= day(window.cutoff)) & ~among(rounds["id"], active)
    )
    for row, id in zip(idle.numbers, idle["id"], strict=True):
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
    clues = book["clues"]
    limit = standards.thresholds.clue_open_days
    before = day(window.cutoff - timedelta(days=limit))
    old = clues.where((clues["found_on"] < before) & ~(clues["closed_on"] <= day(window.cutoff)))
    if len(old):
        yield Verdict(
            "warning",
            "clue_open_long",
            f"截至{full_date(window.cutoff)}，{len(old)}件线索发现后超过{limit}天仍未办结（如“{old['id'][0]}”），请催办或补填办结日期",
            period=str(window.period),
            expected=f"{limit}天内办结",
            found=f"{len(old)}件未办结",
            where=book.where.get("clues", book.name),
        )
