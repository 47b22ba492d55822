"""All checks of a county together, and ``inspect``: what is wrong is said, once, in one line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from books import (
    CODE,
    HALF_YEAR,
    NAME,
    STANDARDS,
    Row,
    Rows,
    book,
    county,
    csv_bytes,
    folder,
    grid,
    only,
    reported,
    rules,
    unit,
    workbook,
)

from xuncha_nb.checks import check
from xuncha_nb.errors import NoDataError, ParameterError, SourceError
from xuncha_nb.inspection import inspect
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.periods import Period, Window
from xuncha_nb.verdicts import Verdict


def checked(path: Path, rows: Rows, window: Window = HALF_YEAR) -> tuple[Verdict, ...]:
    return check(book(path, rows), CODE, window, STANDARDS)[1]


def part(*ledgers: str) -> Rows:
    rows = county()
    return {name: rows[name] for name in ledgers}


def test_the_tiny_county_is_without_fault_and_without_warning(tmp_path: Path) -> None:
    found = checked(tmp_path, county())
    assert [v.line for v in found if v.severity != "note"] == []
    assert rules(found, "note") == ["base_missing"]


#: What is changed in the tiny county → the rule that says so, where, and a part of the message.
SLIPS: tuple[tuple[str, str, int, Row, str, str, str], ...] = (
    (
        "error",
        "findings",
        4,
        {"category": "决策部属落实"},
        "scheme",
        "问题.csv 第6行“聚焦方面”列",
        "是否应为“决策部署落实”",
    ),
    (
        "error",
        "assessments",
        0,
        {"grade": "良好"},
        "scheme",
        "政治生态评估.csv 第2行“等次”列",
        "标准“四等次”没有这一类",
    ),
    (
        "error",
        "findings",
        1,
        {"found_on": "2024-02-20"},
        "date_order",
        "问题.csv 第3行“发现日期”列",
        "早于所在轮次的开始日期",
    ),
    (
        "error",
        "clues",
        1,
        {"found_on": "2024-02-20"},
        "date_order",
        "线索.csv 第3行“发现日期”列",
        "早于所在轮次的开始日期",
    ),
    (
        "error",
        "rectification",
        1,
        {"verified_on": "2024-04-01"},
        "date_order",
        "整改.csv 第3行“验收日期”列",
        "验收日期早于问题的发现日期",
    ),
    (
        "error",
        "findings",
        1,
        {"round": "十二届-8"},
        "reference",
        "问题.csv 第3行“轮次编号”列",
        "“轮次”表里没有这个轮次编号",
    ),
    ("error", "posts", 0, {"filled": 13}, "posts_filled", "", "大于“核定编制”12名"),
    (
        "error",
        "supervision",
        0,
        {"rectified": 10},
        "supervision_rectified",
        "",
        "大于“督查发现问题”9个",
    ),
    ("error", "plan", 0, {"planned_units": 3}, "planned_within_total", "", "大于“巡察对象总数”5个"),
    ("warning", "plan", 0, {"plan_period_units": 6}, "plan_period_units", "", "不相等"),
    ("warning", "posts", 0, {"standing_teams": 0}, "teams_standing", "", "大于“常设巡察组”0个"),
    (
        "warning",
        "rectification",
        1,
        {"verified_on": ""},
        "rect_undated",
        "整改.csv 第3行“验收日期”列",
        "没有验收日期",
    ),
    (
        "warning",
        "activities",
        1,
        {"round": "十二届-3"},
        "round_idle",
        "轮次.csv 第3行“轮次编号”列",
        "“工作量”表里没有它",
    ),
    (
        "warning",
        "clues",
        0,
        {"closed_on": ""},
        "clue_open_long",
        "线索.csv",
        "1件线索发现后超过180天仍未办结（如“X1”）",
    ),
    (
        "warning",
        "units",
        1,
        {"former_names": "县体委、县财政局"},
        "unit_twice",
        "巡察对象.csv 第3行“曾用名”列",
        "“县财政局”既是现有单位，又是“县教育局”的曾用名",
    ),
    ("warning", "activities", 1, {"petitions_net": ""}, "blank_cells", "", "“网络举报”有1行没有填"),
    (
        "warning",
        "activities",
        0,
        {"talks_person_times": 20},
        "growth_large",
        "",
        "由20人次变为60人次",
    ),
)

#: What a slip needs around it, besides units, rounds and the units of the rounds.
AROUND = {
    "findings": ("findings",),
    "rectification": ("findings", "rectification"),
    "clues": ("clues",),
    "assessments": ("assessments",),
    "posts": ("posts",),
    "supervision": ("supervision",),
}


@pytest.mark.parametrize(
    ("severity", "ledger", "row", "changes", "rule", "where", "message"),
    SLIPS,
    ids=[f"{slip[4]}-{slip[1]}" for slip in SLIPS],
)
def test_a_slip_in_the_ledgers_is_found_and_said_in_one_line(
    tmp_path: Path,
    severity: str,
    ledger: str,
    row: int,
    changes: Row,
    rule: str,
    where: str,
    message: str,
) -> None:
    rows = part("units", "rounds", "round_units", *AROUND.get(ledger, ("activities", "plan")))
    rows[ledger][row] |= changes
    verdict = only(checked(tmp_path, rows), rule)
    assert verdict.severity == severity
    assert verdict.where == where
    assert message in verdict.line
    assert "请" in verdict.message
    assert "\n" not in verdict.line
    assert where or (verdict.area, verdict.period) == (NAME, "2024H1")
    assert verdict.expected
    assert verdict.found


def test_one_unit_registered_twice_is_warned_about_but_a_successor_is_not(tmp_path: Path) -> None:
    rows = part("units")
    rows["units"].append(unit("D009", "县财政局", "县直党群行政"))
    assert only(checked(tmp_path, rows), "unit_twice").where == "巡察对象.csv 第10行“单位名称”列"
    rows["units"][0]["valid_to"] = "2024-01-01"
    assert rules(checked(tmp_path, rows), "warning") == []


def test_villages_of_one_name_in_two_towns_are_two_villages(tmp_path: Path) -> None:
    rows = part("units")
    rows["units"].append(unit("C009", "东门村", "村", parent="X002"))
    assert rules(checked(tmp_path, rows), "warning") == []


def test_a_category_is_judged_by_the_scheme_of_its_own_period(tmp_path: Path) -> None:
    rows = part("findings")
    rows["findings"][0]["category"] = "政治建设"
    # In the base period it is wrong as well; a year before the scheme changed it is not.
    assert rules(checked(tmp_path, rows)) == ["scheme"]
    for row in rows["findings"]:
        row["category"] = "政治建设"
        for day in ("found_on", "fed_back_on"):
            if row.get(day):
                row[day] = f"2019{row[day][4:]}"
    window = Window.of(Period.parse("2019H1"))
    assert rules(checked(tmp_path, rows, window)) == []


def test_a_period_without_a_scheme_in_force_is_an_error_only_where_it_is_needed(
    tmp_path: Path,
) -> None:
    window = Window.of(Period.parse("2012H1"))
    rows = part("units")
    assert rules(checked(tmp_path / "a", rows, window)) == []
    rows["assessments"] = [
        {"unit": "X001", "round": "十届-1", "date": "2012-05-10", "grade": "较好"}
    ]
    verdict = only(checked(tmp_path / "b", rows, window), "standard_missing")
    assert "2012-06-30 没有有效的评估等次标准（parameters/grades.yaml）" in verdict.message
    assert verdict.severity == "error"


def test_missing_ledgers_are_listed_with_the_number_of_figures_they_leave_out(
    tmp_path: Path,
) -> None:
    verdict = only(checked(tmp_path, part("clues")), "ledger_missing")
    assert verdict.severity == "note"
    assert "“轮次”" in verdict.message
    assert "“线索”" not in verdict.message
    assert "（不是零）" in verdict.message
    assert "rounds_total" in verdict.figures
    assert "clues_found" not in verdict.figures


def test_many_slips_are_all_listed_with_errors_first(tmp_path: Path) -> None:
    rows = county()
    slips = [
        slip
        for slip in SLIPS
        if slip[4] in ("scheme", "posts_filled", "rect_undated", "unit_twice")
    ]
    for _, ledger, row, changes, *_ in slips:
        rows[ledger][row] |= changes
    found = checked(tmp_path, rows)
    assert {slip[4] for slip in slips} <= {v.rule for v in found}
    severities = [v.severity for v in found]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)


# inspect: what ``xuncha check`` prints.


def test_every_period_of_a_source_is_checked_and_each_finding_is_said_once(
    tmp_path: Path,
) -> None:
    rows = county()
    rows["clues"][0]["closed_on"] = "2023-05-01"  # before it was found: a fault of the row
    rows["reported"].append(reported("trainees", "31", period="2023H1"))
    found = inspect(folder(tmp_path / CODE, rows))
    assert [v.rule for v in found if v.severity == "error"] == ["date_order", "two_values"]
    assert only(found, "two_values").period == "2023H1"
    assert len(found) == len(set(found))


def test_a_check_may_be_limited_to_a_period_and_a_county(tmp_path: Path) -> None:
    rows = {
        "reported": [
            reported("cases_filed", "X", period="2023H1"),
            reported("cases_filed", "Y", period="2024H1"),
            reported("cases_filed", "Z", period="2024H1", area="淮安区"),
        ]
    }
    path = folder(tmp_path / "填报", rows)

    def texts(**limits: str) -> str:
        found = inspect(path, **limits)
        return "".join(v.message[1] for v in found if v.severity == "error")

    assert texts() == "XYZ"
    assert texts(period="2024H1") == "YZ"
    assert texts(county=NAME) == texts(county=CODE) == "XY"
    assert texts(county="320803", period="2024H1") == "Z"


def test_a_figure_of_another_area_in_a_countys_workbook_is_not_held_against_its_ledgers(
    tmp_path: Path,
) -> None:
    rows = county()
    rows["reported"].append(reported("cases_filed", "700", area="丽水市"))
    assert rules(inspect(folder(tmp_path / CODE, rows))) == []
    rows["reported"].append(reported("cases_filed", "700"))
    assert rules(inspect(folder(tmp_path / CODE, rows))) == ["two_values"]


def test_a_workbook_under_any_name_is_that_of_the_county_its_reported_rows_name(
    tmp_path: Path,
) -> None:
    rows = county()
    rows["reported"].append(reported("cases_filed", "700"))
    verdict = only(inspect(folder(tmp_path / "今年台账", rows)), "two_values")
    assert verdict.area == NAME


def test_a_period_with_no_data_is_said_with_the_periods_that_have_some(tmp_path: Path) -> None:
    path = folder(tmp_path / CODE, part("units", "rounds"))
    with pytest.raises(NoDataError) as caught:
        inspect(path, period="2031H1")
    assert caught.value.exit_code == 1
    assert str(caught.value) == (
        f"{CODE}：没有2031H1的数据；有数据的期间为 2023H1、2024H1，请核对 --county 和 --period"
    )


def test_a_register_alone_says_nothing_about_any_period(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="没有任何期间的数据"):
        inspect(folder(tmp_path / CODE, part("units")))


def test_a_county_name_that_occurs_twice_is_asked_for_by_code(tmp_path: Path) -> None:
    path = folder(tmp_path / CODE, part("rounds"))
    with pytest.raises(ParameterError, match="110105 北京市朝阳区"):
        inspect(path, county="朝阳区")


def test_an_unreadable_source_is_no_finding_but_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        inspect(tmp_path / "没有.xlsx")


def test_findings_of_a_workbook_name_its_sheet(tmp_path: Path) -> None:
    rows = part("rounds", "activities")
    rows["activities"][1]["talks_person_times"] = -5
    sheets = {LEDGERS[name].sheet: grid(name, table) for name, table in rows.items()}
    found = inspect(workbook(tmp_path / f"{CODE}.xlsx", sheets))
    fault = only(found, "cell_negative")
    assert fault.where == f"{CODE}.xlsx 工作表“工作量” 第3行“个别谈话”列"
    assert fault.to_json()["message"].startswith(fault.where)


def test_a_bad_row_is_reported_even_if_the_source_has_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "填报数.csv"
    path.write_bytes(
        csv_bytes([["area", "period", "figure", "value"], [NAME, "今年", "立案", "5"]])
    )
    assert rules(inspect(path)) == ["cell_type"]


def test_findings_fed_back_without_a_row_of_rectification_are_counted_and_named(
    tmp_path: Path,
) -> None:
    rows = part("units", "rounds", "round_units", "findings", "rectification")
    missing = rows["rectification"].pop()["finding"]
    verdict = only(checked(tmp_path, rows), "rect_unregistered")
    assert verdict.severity == "warning"
    assert str(missing) in verdict.message


# -- names, standards and periods that do not go together ------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("县财政局", "财政局党组"),
        ("县财政局", "松阳县财政局"),
        ("县财政局", "县财政局机关党委"),
        ("县财政局", "县财 政局"),
        ("县委办公室", "松阳县委办公室"),
    ],
)
def test_variants_of_one_name_are_warned_about(tmp_path: Path, first: str, second: str) -> None:
    rows = {"units": [unit("D1", first, "县直党群行政"), unit("D2", second, "县直党群行政")]}
    verdict = only(checked(tmp_path, rows), "unit_twice")
    assert verdict.severity == "warning"
    assert {verdict.expected, verdict.found} == {first, second.replace(" ", "")} or (
        verdict.found == second
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("东门村", "西门村"),
        ("县第一中学", "县第二中学"),
        ("城区街道", "新区街道"),
        ("县委办公室", "县政府办公室"),
        ("市场监督管理局", "监督管理局"),
        ("县农业农村局", "县林业局"),
    ],
)
def test_names_that_only_look_alike_are_two_units(tmp_path: Path, first: str, second: str) -> None:
    rows = {"units": [unit("D1", first, "县直党群行政"), unit("D2", second, "县直党群行政")]}
    assert "unit_twice" not in rules(checked(tmp_path, rows), "warning")


def test_a_standard_that_changed_within_the_period_is_said_once(tmp_path: Path) -> None:
    rows = part("units")
    rows["assessments"] = [
        {"unit": "X001", "round": "十二届-2", "date": "2019-11-10", "grade": "良好"},
        {"unit": "X002", "round": "十二届-2", "date": "2019-12-10", "grade": "较差"},
    ]
    # The scale of three grades ended with 2019: a period over the turn of the year is none.
    window = Window.of(Period.parse("2019H2"))
    assert "standard_changed" not in rules(checked(tmp_path / "a", rows, window))
    scales = STANDARDS.grade_scales
    old = scales[0].model_copy(update={"valid_to": date(2019, 11, 30)})
    new = scales[1].model_copy(update={"valid_from": date(2019, 12, 1)})
    changed = STANDARDS.model_copy(update={"grade_scales": (old, new)})
    rows["assessments"][1]["grade"] = "一般"
    found = check(book(tmp_path / "b", rows), CODE, window, changed)[1]
    verdict = only(found, "standard_changed")
    assert verdict.severity == "error"
    assert verdict.found == "良好"
    assert "自2019年12月1日起" in verdict.message
    assert "scheme" not in rules(found), "said once, not row by row"


def test_a_part_of_a_period_may_not_exceed_the_whole(tmp_path: Path) -> None:
    rows = {
        "reported": [
            reported("cases_filed", "40", "2024H1"),
            reported("cases_filed", "39", "2024"),
            reported("petitions_total", "9.3万", "2024H1"),
            reported("petitions_total", "9.2万", "2024"),  # the intervals meet
            reported("posts_filled", "12", "2024H1"),
            reported("posts_filled", "11", "2024"),  # how things stand, not what happened
        ]
    }
    for period in ("2024H1", "2024"):
        found = checked(tmp_path / period, rows, Window.of(Period.parse(period)))
        verdict = only(found, "period_overlap")
        assert verdict.severity == "error"
        assert verdict.period == "2024"
        assert "2024年上半年40件，大于包含它的2024年39件" in verdict.message


def test_parts_that_make_up_a_period_are_added_up(tmp_path: Path) -> None:
    rows = {
        "reported": [
            reported("cases_filed", "10", "2024Q1"),
            reported("cases_filed", "12", "2024Q2"),
            reported("cases_filed", "25", "2024H1"),
            reported("trainees", "10", "2024Q1"),
            reported("trainees", "12", "2024Q2"),
            reported("trainees", "15", "2024H1"),  # the same persons may come twice
        ]
    }
    found = checked(tmp_path, rows)
    verdict = only(found, "period_sum")
    assert verdict.severity == "warning"
    assert (verdict.expected, verdict.found) == ("25", "22")
    rows["reported"][2] = reported("cases_filed", "22", "2024H1")
    assert "period_sum" not in rules(checked(tmp_path / "b", rows), "warning")


def test_the_change_of_a_rate_is_in_points(tmp_path: Path) -> None:
    rows = {"reported": [reported("rect_rate", "90%"), reported("rect_rate_yoy", "+5%")]}
    assert only(checked(tmp_path, rows), "share_growth").severity == "warning"
    rows["reported"][1] = reported("rect_rate_change", "+5个百分点")
    assert "share_growth" not in rules(checked(tmp_path / "b", rows), "warning")


# -- a folder of counties ---------------------------------------------------------------------


def test_a_folder_of_workbooks_is_checked_county_by_county(tmp_path: Path) -> None:
    good = {LEDGERS["units"].sheet: grid("units", county()["units"])}
    workbook(tmp_path / "331124.xlsx", good | {"轮次": grid("rounds", county()["rounds"])})
    (tmp_path / "320803.xlsx").write_bytes(b"no workbook")
    found = inspect(tmp_path)
    assert rules(found) == ["source_unreadable"]
    assert "320803.xlsx" in only(found, "source_unreadable").message
    assert any(v.area == NAME for v in found), "the other county is checked all the same"


def test_two_files_of_one_county_are_an_error(tmp_path: Path) -> None:
    sheets = {"轮次": grid("rounds", county()["rounds"])}
    workbook(tmp_path / "331124.xlsx", sheets)
    workbook(tmp_path / "松阳县.xlsx", sheets)
    verdict = only(inspect(tmp_path, period="2024H1"), "county_twice")
    assert verdict.found == "331124.xlsx、松阳县.xlsx"
    with pytest.raises(NoDataError, match="没有320803的数据"):
        inspect(tmp_path, "320803")
