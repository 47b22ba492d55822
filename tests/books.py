"""Builders for tests: a tiny county whose ledgers agree with each other, and ways to write it.

``county()`` returns fresh rows by ledger, each row by column name; a test changes what it is
about and leaves the rest. The county is looked at in 2024H1; its first round was a year before,
so that a base period exists.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from xuncha_nb.computation import compute
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.parameters import load_standards
from xuncha_nb.periods import Period, Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.sources import Book, read
from xuncha_nb.verdicts import Verdict

Row = dict[str, Any]
Rows = dict[str, list[Row]]

CODE = "331124"
NAME = "松阳县"
STANDARDS = load_standards()
HALF_YEAR = Window.of(Period.parse("2024H1"))


def county() -> Rows:
    """Return the rows of the tiny county: five units, three rounds, nothing contradictory.

    In 2024H1: 十二届-2 took 城关镇 (with 东门村) and is finished; 十二届-3, a special one, has
    taken 县教育局 and is running. 县财政局 was covered in 2023H1 by 十二届-1.
    """
    return {
        "units": [
            unit("D001", "县财政局", "县直党群行政"),
            unit("D002", "县教育局", "县直党群行政"),
            unit("X001", "城关镇", "乡镇"),
            unit("X002", "河西镇", "乡镇"),
            unit("S001", "县林业总场", "科级事业"),
            unit("C001", "东门村", "村", parent="X001"),
            unit("C002", "西门村", "村", parent="X001"),
            unit("Q001", "南门社区", "社区", parent="X001"),
        ],
        "rounds": [
            round_("十二届-1", 1, "常规", "2023-03-01", "2023-05-31"),
            round_("十二届-2", 2, "常规", "2024-03-01", "2024-04-30", feedback_from="2024-05-27"),
            round_("十二届-3", 3, "专项", "2024-06-03", "2024-08-15"),
        ],
        "teams": [
            {"round": "十二届-2", "team": "第一巡察组", "head_count": 7, "seconded": 3},
        ],
        "round_units": [
            taken("十二届-1", "D001"),
            taken("十二届-2", "X001"),
            taken("十二届-2", "C001"),
            taken("十二届-3", "D002"),
        ],
        "activities": [
            activity("十二届-1", "2023-05-31", letters=5, talks=40),
            activity("十二届-2", "2024-04-30", letters=6, talks=50),
            activity("十二届-3", "2024-06-28", letters=2, talks=10),
        ],
        "findings": [
            finding("W1", "十二届-1", "D001", "2023-05-10", fed_back_on="2023-06-20"),
            finding("W2", "十二届-2", "X001", "2024-04-18", fed_back_on="2024-05-28"),
            finding("W3", "十二届-2", "X001", "2024-04-19", fed_back_on="2024-05-28"),
            finding("W4", "十二届-2", "X001", "2024-04-20", fed_back_on="2024-05-28"),
            finding(
                "W5",
                "十二届-3",
                "D002",
                "2024-06-20",
                category="群众身边问题",
                type="公务接待",
                immediate="是",
            ),
        ],
        "rectification": [
            {"finding": "W1", "measures": 2, "status": "完成", "verified_on": "2023-09-01"},
            {"finding": "W2", "measures": 2, "status": "完成", "verified_on": "2024-06-20"},
            {"finding": "W3", "measures": 1, "status": "基本完成", "deadline": "2024-08-28"},
            {"finding": "W4", "measures": 3, "status": "未完成", "deadline": "2024-06-15"},
        ],
        "clues": [
            clue("X1", "十二届-1", "D001", "2023-05-12", closed_on="2023-09-01"),
            clue("X2", "十二届-2", "X001", "2024-04-10", transferred_on="2024-05-20"),
            clue("X3", "十二届-2", "X001", "2024-04-11", party_cadres=2, others=1),
        ],
        "assessments": [
            {"unit": "X001", "round": "十二届-2", "date": "2024-05-10", "grade": "较好"},
        ],
        "posts": [
            {
                "date": "2024-06-30",
                "approved": 12,
                "filled": 10,
                "chief": 1,
                "deputy": 2,
                "commissioner_chief": 3,
                "commissioner_deputy": 2,
                "added": 2,
                "seconded": 4,
                "standing_teams": 4,
            },
        ],
        "talent_pool": [
            {"id": "R1", "pool": "组长", "full_time": "是"},
            {"id": "R2", "pool": "组长", "full_time": "否"},
            {"id": "R3", "pool": "专业人员", "full_time": "否"},
            {"id": "R4", "pool": "工作人员", "full_time": "否"},
        ],
        "trainings": [
            {"date": "2023-02-20", "person_times": 30, "trainees": 30},
            {"date": "2024-02-26", "person_times": 45, "trainees": 40},
        ],
        "rule_documents": [
            {"date": "2024-03-15", "name": "巡察整改评估办法", "kind": "整改"},
        ],
        "tenders": [
            {"date": "2024-03-15", "unit_name": "县水利局", "project": "河道", "filed": "是"},
            {"date": "2024-04-15", "unit_name": "县水利局", "project": "水库", "filed": "否"},
        ],
        "supervision": [
            {
                "date": "2024-03-15",
                "teams": 2,
                "vehicles": 4,
                "person_times": 16,
                "places": 22,
                "problems": 9,
                "rectified": 8,
            },
        ],
        "education": [
            {
                "date": "2024-03-15",
                "base_groups": 6,
                "base_visits": 240,
                "sms_sent": 800,
                "cases_published_issues": 2,
                "cases_published": 5,
                "research_topics": 0,
            },
        ],
        "plan": [
            {
                "period": "2024H2",
                "planned_rounds_routine": 1,
                "planned_rounds_special": 0,
                "planned_units": 1,
                "planned_villages": 1,
                "planned_communities": 0,
                "plan_period_units": 5,
                "deadline": "2026-09-30",
            },
        ],
        "petition_stats": [
            {"period": "2024H1", "figure": "petitions_own", "value": "12"},
            {"period": "2024H1", "figure": "petitions_from_above", "value": "8"},
        ],
        "discipline_stats": [
            {"period": "2024H1", "figure": "cases_filed", "value": "7"},
        ],
        "reported": [
            reported("documents_issued", "2", period="2023H1"),
        ],
    }


def unit(code: str, name: str, type: str, **more: Any) -> Row:
    """Return a row of 巡察对象."""
    return {"code": code, "name": name, "type": type, "term": "十二届"} | more


def round_(id: str, number: int, kind: str, start: str, end: str, **more: Any) -> Row:
    """Return a row of 轮次."""
    row = {"id": id, "term": "十二届", "number": number, "kind": kind, "start": start, "end": end}
    return row | more


def taken(round: str, unit: str, team: str = "第一巡察组") -> Row:
    """Return a row of 轮次单位."""
    return {"round": round, "team": team, "unit": unit}


def activity(round: str, date: str, letters: Any, talks: Any, **more: Any) -> Row:
    """Return a row of 工作量 with letters and talks; call, visit and net are zero."""
    return {
        "round": round,
        "team": "第一巡察组",
        "date": date,
        "petitions_letter": letters,
        "petitions_call": 0,
        "petitions_visit": 0,
        "petitions_net": 0,
        "talks_person_times": talks,
    } | more


def finding(id: str, round: str, unit: str, found_on: str, **more: Any) -> Row:
    """Return a row of 问题, individual and not immediate unless told otherwise."""
    return {
        "id": id,
        "round": round,
        "unit": unit,
        "found_on": found_on,
        "category": "决策部署落实",
        "common": "个性",
        "immediate": "否",
    } | more


def clue(id: str, round: str, unit: str, found_on: str, **more: Any) -> Row:
    """Return a row of 线索 about one cadre."""
    return {
        "id": id,
        "round": round,
        "unit": unit,
        "found_on": found_on,
        "party_cadres": 1,
        "others": 0,
    } | more


def reported(figure: str, value: str, period: str = "2024H1", area: str = NAME) -> Row:
    """Return a row of 填报数."""
    return {"area": area, "period": period, "figure": figure, "value": value}


def grid(ledger: str, rows: list[Row]) -> list[list[Any]]:
    """Return a ledger as header and rows, with the headers that the template writes."""
    columns = LEDGERS[ledger].columns
    return [[c.title for c in columns], *([row.get(c.name) for c in columns] for row in rows)]


def csv_bytes(table: list[list[Any]], encoding: str = "utf-8-sig") -> bytes:
    """Return a table as the bytes of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue().encode(encoding)


def folder(path: Path, rows: Rows, encoding: str = "utf-8-sig") -> Path:
    """Write a folder of CSV files named like the sheets, and return it."""
    path.mkdir(parents=True, exist_ok=True)
    for name, table in rows.items():
        file = path / f"{LEDGERS[name].sheet}.csv"
        file.write_bytes(csv_bytes(grid(name, table), encoding))
    return path


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """Write a workbook from cells by sheet name, and return its path."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            for r, cells in enumerate(table):
                for c, cell in enumerate(cells):
                    if hasattr(cell, "year"):
                        sheet.write_datetime(r, c, cell, form)
                    elif cell is not None:
                        sheet.write(r, c, cell)
    return path


def book(path: Path, rows: Rows) -> Book:
    """Write the rows as a folder of the county and read it."""
    return read(folder(path / CODE, rows))


def figures(path: Path, rows: Rows, window: Window = HALF_YEAR, **options: Any) -> Figures:
    """Return the figures of the rows in a window."""
    return computed(path, rows, window, **options)[0]


def computed(
    path: Path, rows: Rows, window: Window = HALF_YEAR, **options: Any
) -> tuple[Figures, tuple[Verdict, ...]]:
    """Return the figures of the rows and what the computation had to say."""
    return compute(book(path, rows), CODE, window, STANDARDS, **options)


def given(values: dict[str, str], **companions: str) -> Figures:
    """Return figures as if they had been reported: identifier → printed number.

    Companions of a figure are named ``<figure>__growth``, ``__change``, ``__share``, ``__base``.
    """
    made = {}
    for id, text in values.items():
        stem, _, member = id.partition("[")
        indicator = INDICATORS[stem]
        extra: dict[str, Any] = {}
        for name, said in companions.items():
            owner, _, what = name.partition("__")
            if owner == id:
                unit = "%" if what in ("growth", "share") else indicator.unit
                extra["base" if what == "base" else f"printed_{what}"] = Quantity.parse(said, unit)
        made[id] = Figure(
            id,
            indicator,
            Quantity.parse(text, indicator.unit),
            origin="填报",
            member=member.removesuffix("]"),
            **extra,
        )
    return Figures(CODE, NAME, HALF_YEAR, made)


def rules(verdicts: tuple[Verdict, ...], severity: str = "error") -> list[str]:
    """Return the rules of the findings of one severity, in order."""
    return [v.rule for v in verdicts if v.severity == severity]


def only(verdicts: tuple[Verdict, ...], rule: str) -> Verdict:
    """Return the one finding of a rule; it is a mistake if there are more or none."""
    found = [v for v in verdicts if v.rule == rule]
    assert len(found) == 1, [v.line for v in verdicts]
    return found[0]
