"""Tables: a dash for what is missing, signs for what moved, a source for every figure."""

from __future__ import annotations

import dataclasses
from datetime import date

from books import HALF_YEAR, NAME
from pieces import PLAIN, figure

from xuncha_nb import tables
from xuncha_nb.breakdowns import Round, Team
from xuncha_nb.document import Table
from xuncha_nb.figures import Figure, Figures

TALKS = figure("talks_person_times", "108", "96")
RATE = figure("coverage_rate", "61.0", "63.5")
ALONE = figure("symposia_held", "2")


def texts(table: Table | None) -> list[list[str]]:
    assert table is not None
    return [[cell.text for cell in row] for row in table.rows]


def headers(table: Table | None) -> list[str]:
    assert table is not None
    return [column.header for column in table.columns]


def compared(*items: Figure) -> Table | None:
    return tables.comparison(items, "主要指标", "去年同期", PLAIN)


def test_a_comparison_shows_value_base_change_and_growth() -> None:
    table = compared(TALKS, RATE, ALONE)
    assert headers(table) == ["指标", "单位", "本期", "去年同期", "增减", "同比（%）"]
    assert texts(table) == [
        ["个别谈话", "人次", "108", "96", "+12", "+12.5"],
        ["全覆盖完成率", "%", "61.0", "63.5", "-2.5个百分点", "—"],
        ["召开专题座谈会", "次", "2", "—", "—", "—"],
    ]


def test_without_any_base_there_are_no_columns_of_dashes() -> None:
    table = compared(ALONE)
    assert headers(table) == ["指标", "单位", "本期"]
    assert texts(table) == [["召开专题座谈会", "次", "2"]]


def test_cells_name_the_figures_that_they_print() -> None:
    table = compared(TALKS)
    assert table is not None
    assert [cell.figure for cell in table.rows[0]] == [
        None,
        None,
        "talks_person_times",
        "talks_person_times_base",
        "talks_person_times_change",
        "talks_person_times_yoy",
    ]


def test_a_movement_from_zero_has_no_percentage() -> None:
    assert texts(compared(figure("talks_person_times", "3", "0")))[0][3:] == ["0", "+3", "—"]


def test_printed_movements_keep_their_words() -> None:
    item = figure("talks_person_times", "386", "400", growth="下降3.5%")
    assert texts(compared(item))[0][5] == "下降3.5"


def test_no_figures_no_table() -> None:
    figures = Figures("331124", NAME, HALF_YEAR, {})
    assert compared() is None
    assert tables.by_type({}, [], "空", []) is None
    assert tables.rounds([], "空", 2024) is None
    assert tables.every_figure(figures, ["talks_person_times"], "空", "去年同期", PLAIN) is None


def test_types_with_a_total_row_and_a_dash_for_the_unknown() -> None:
    totals = {m: figure(f"objects_by_type[{m}]", n) for m, n in (("乡镇", "12"), ("学校", "25"))}
    covered = {"乡镇": figure("covered_by_type[乡镇]", "10")}
    table = tables.by_type(
        totals, [("已巡察", covered)], "覆盖", [figure("objects_total", "37"), None]
    )
    assert headers(table) == ["类别", "总数（个）", "已巡察（个）"]
    assert texts(table) == [["乡镇", "12", "10"], ["学校", "25", "—"], ["合计", "37", "—"]]


def round_(state: str, **dates: date) -> Round:
    return Round(
        id="十二届-3",
        name="十二届第三轮专项巡察",
        kind="专项",
        theme="",
        term="十二届",
        number=3,
        state=state,
        dates=dates,
        figures={"teams_count": figure("teams_count@十二届-3", "4")},
    )


def test_rounds_with_dates_and_a_note_on_planned_ends() -> None:
    running = round_("正在开展", start=date(2024, 6, 3), end=date(2024, 8, 15))
    table = tables.rounds([running], "各轮", 2024)
    assert texts(table) == [["十二届第三轮专项巡察", "6月3日—8月15日", "正在开展", "4", "—", "—"]]
    assert table is not None
    assert table.note == "正在开展的轮次，结束日期为计划日期"
    over = tables.rounds([dataclasses.replace(running, state="已完成")], "各轮", 2024)
    assert over is not None
    assert over.note == ""


def test_the_annex_lists_every_figure_with_source_and_definition() -> None:
    counted = dataclasses.replace(TALKS, rows=2)
    known = {f.id: f for f in (counted, RATE)}
    figures = Figures("331124", NAME, HALF_YEAR, known)
    table = tables.every_figure(figures, [*known, "symposia_held"], "附表", "去年同期", PLAIN)
    assert table is not None
    assert table.wide
    assert "不是零" in table.note
    assert [row[0] for row in texts(table)] == ["1", "2"], "what is unknown has no row"
    assert texts(table)[0][:8] == [
        "1",
        "个别谈话",
        "人次",
        "108",
        "96",
        "+12",
        "+12.5",
        "工作量（2行）",
    ]
    assert all(row[8] for row in texts(table)), "a definition each"


def test_the_source_tells_counted_reported_and_computed_apart() -> None:
    assert tables.source(dataclasses.replace(TALKS, rows=2)) == "工作量（2行）"
    assert tables.source(dataclasses.replace(TALKS, origin="填报")) == "填报数"
    assert tables.source(RATE).startswith("计算（")


def test_a_date_has_no_unit_and_no_movement() -> None:
    forecast = figure("coverage_forecast_date", "0")
    assert forecast.unit == ""
    assert texts(compared(forecast, TALKS))[0][1] == ""


def test_the_teams_of_a_round_with_their_units_and_contact_dates() -> None:
    teams = (
        Team("第一巡察组", ("县财政局", "县教育局"), (date(2024, 6, 3), date(2024, 7, 10))),
        Team("第二巡察组", ("县医院",)),
    )
    item = Round("r", "第八轮", "常规", "", "十三届", 8, "正在开展", {}, teams=teams)
    table = tables.teams(item, "分工", 2024)
    assert table is not None
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["第一巡察组", "县财政局、县教育局", "6月3日—7月10日"],
        ["第二巡察组", "县医院", "—"],
    ]
    assert tables.teams(dataclasses.replace(item, teams=()), "分工", 2024) is None
