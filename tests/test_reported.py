"""Reported figures (填报数): printed numbers, their names, and rows that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from books import CODE, NAME, Row, book, computed, only, reported, rules

from xuncha_nb.figures import Figures
from xuncha_nb.intervals import Interval
from xuncha_nb.periods import Period
from xuncha_nb.reported import Reported, reported_figures
from xuncha_nb.verdicts import Verdict


def said(path: Path, *rows: Row, **ledgers: list[Row]) -> Reported:
    source = book(path, {"reported": list(rows)} | ledgers)
    return reported_figures(source, {NAME, CODE}, Period.parse("2024H1"))


@pytest.mark.parametrize(
    ("figure", "value", "printed"),
    [
        ("cases_filed", "105", "105件"),
        ("cases_filed", "9.3万", "9.3万件"),
        ("cases_filed", "2700余", "2700余件"),
        ("cases_filed", ">168万", ">168万件"),
        ("rect_rate", "70.9%", "70.9%"),
        ("立案", "１０５", "105件"),
        ("延伸巡察村（社区）党组织", "3", "3个"),
        ("funds_surrendered", "12.5", "12.5万元"),
    ],
)
def test_a_number_is_kept_as_it_was_printed(
    tmp_path: Path, figure: str, value: str, printed: str
) -> None:
    found = said(tmp_path, reported(figure, value))
    assert found.verdicts == ()
    assert [quantity.printed for quantity in found.values.values()] == [printed]


def test_growth_change_and_share_are_kept_apart_from_the_figures(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        reported("cases_filed_yoy", "+123.8%"),
        reported("cases_filed_change", "+245"),
        reported("petitions_own_share", "44.7%"),
        reported("rect_rate_change", "3.2"),
        reported("form1_share", "70.9%"),
    )
    assert found.verdicts == ()
    assert {id: q.printed for id, q in found.companions.items()} == {
        "cases_filed_yoy": "+123.8%",
        "cases_filed_change": "+245件",
        "petitions_own_share": "44.7%",
        "rect_rate_change": "3.2百分点",
    }
    assert list(found.values) == ["form1_share"]


def test_members_of_a_family_are_in_brackets(tmp_path: Path) -> None:
    found = said(tmp_path, reported("objects_by_type[乡镇]", "9"), reported("cases_filed", "1"))
    assert found.members("objects_by_type") == ("乡镇",)


#: figure, value → rule, column, part of what is said, expected
BAD_ROWS = (
    ("cases_field", "5", "unknown_figure", "指标", "没有这个指标", "cases_filed"),
    ("立按", "5", "unknown_figure", "指标", "没有这个指标", "立案"),
    ("天气", "5", "unknown_figure", "指标", "没有这个指标", "见 xuncha indicators"),
    ("objects_by_type", "5", "unknown_figure", "指标", "按类填报", "objects_by_type[类别]"),
    ("cases_filed[乡镇]", "5", "unknown_figure", "指标", "不分类", "cases_filed"),
    ("cases_filed", "XX", "cell_type", "数值", "“XX”不是可识别的数值", ""),
    ("cases_filed", "5%", "cell_type", "数值", "单位是件", ""),
    ("cases_filed", "-5", "cell_negative", "数值", "不能为负", "不小于0的数"),
    ("cases_filed", "5.5", "cell_fraction", "数值", "应为整数", "整数"),
)


@pytest.mark.parametrize(("figure", "value", "rule", "column", "message", "expected"), BAD_ROWS)
def test_a_row_that_cannot_be_read_is_one_line_that_says_where_and_what_instead(
    tmp_path: Path, figure: str, value: str, rule: str, column: str, message: str, expected: str
) -> None:
    found = said(tmp_path, reported("clues_handled", "7"), reported(figure, value))
    verdict = only(found.verdicts, rule)
    assert verdict.severity == "error"
    assert verdict.where == f"填报数.csv 第3行“{column}”列"
    assert message in verdict.message
    assert "请" in verdict.message
    assert verdict.expected.startswith(expected)
    assert "\n" not in verdict.line
    assert list(found.values) == ["clues_handled"]


def test_all_rows_that_cannot_be_read_are_listed_in_one_go(tmp_path: Path) -> None:
    rows = [reported(figure, value) for figure, value, *_ in BAD_ROWS[:6]]
    assert len(said(tmp_path, *rows).verdicts) == 6


def test_one_figure_under_two_names_with_two_values_is_a_contradiction(tmp_path: Path) -> None:
    found = said(tmp_path, reported("cases_filed", "5"), reported("立案", "6"))
    verdict = only(found.verdicts, "two_values")
    assert (verdict.expected, verdict.found) == ("5件", "6件")
    assert verdict.where == "填报数.csv 第3行“指标”列"


def test_the_same_number_by_name_and_by_code_of_the_county_is_no_contradiction(
    tmp_path: Path,
) -> None:
    found = said(
        tmp_path,
        reported("cases_filed", "9.3万"),
        reported("cases_filed", "93012", area=CODE),
    )
    assert found.verdicts == ()


def test_100_percent_is_exact_but_growth_of_100_percent_may_be_rounded(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        reported("rect_rate", "100%"),
        reported("petitions_own_share", "100.0%"),
        reported("cases_filed_yoy", "+100.0%"),
        reported("coverage_rate", "99.9%"),
    )
    assert found.values["rect_rate"].interval == Interval.point(100)
    assert found.companions["petitions_own_share"].is_exact
    assert not found.companions["cases_filed_yoy"].is_exact
    assert not found.values["coverage_rate"].is_exact


@pytest.mark.parametrize(
    ("ledger", "figure", "value", "rule"),
    [
        ("petition_stats", "petitions_won", "5", "unknown_figure"),
        ("petition_stats", "petitions_own", "许多", "cell_type"),
        ("petition_stats", "petitions_own", "5.5", "cell_fraction"),
        ("discipline_stats", "cases_filed", "-5", "cell_negative"),
        # A figure that this sheet is not read for would be lost without a word.
        ("petition_stats", "cases_filed", "5", "unknown_figure"),
        ("discipline_stats", "cases_filed_yoy", "5%", "unknown_figure"),
        ("discipline_stats", "talks_person_times", "5", "unknown_figure"),
    ],
)
def test_statistics_are_read_as_strictly_as_reported_figures(
    tmp_path: Path, ledger: str, figure: str, value: str, rule: str
) -> None:
    row = {"period": "2024H1", "figure": figure, "value": value}
    found = said(tmp_path, **{ledger: [row]})
    assert rules(found.verdicts) == [rule]


def test_statistics_by_chinese_name_are_understood(tmp_path: Path) -> None:
    row = {"period": "2024H1", "figure": "信访举报：来信", "value": "5"}
    assert said(tmp_path, petition_stats=[row]).verdicts == ()


def test_a_total_in_the_statistics_is_a_reported_total(tmp_path: Path) -> None:
    row = {"period": "2024H1", "figure": "petitions_total", "value": "20"}
    found = said(tmp_path, petition_stats=[row, row | {"figure": "petitions_own", "value": "12"}])
    assert {id: q.printed for id, q in found.values.items()} == {"petitions_total": "20件次"}
    contradicted = said(tmp_path, reported("petitions_total", "21"), petition_stats=[row])
    assert rules(contradicted.verdicts) == ["two_values"]


# -- declared conventions -------------------------------------------------------------------


@pytest.mark.parametrize("figure", ["sanction_convention", "处分统计口径"])
@pytest.mark.parametrize("value", ["inclusive", "Inclusive", "含双重处分", " 含双重处分 "])
@pytest.mark.parametrize("ledger", ["reported", "discipline_stats"])
def test_the_data_declare_a_sanction_convention(
    tmp_path: Path, figure: str, value: str, ledger: str
) -> None:
    row = {"period": "2024H1", "figure": figure, "value": value}
    found = said(tmp_path, **{ledger: [row]}) if ledger != "reported" else said(tmp_path, row)
    assert found.verdicts == ()
    assert found.declared == {"sanction_convention": "inclusive"}
    assert (found.values, found.companions) == ({}, {})


def test_what_is_declared_for_another_period_or_area_is_not_declared_here(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        reported("处分统计口径", "含双重处分", period="2023H1"),
        reported("处分统计口径", "含双重处分", area="遂昌县"),
    )
    assert found.declared == {}
    assert found.verdicts == ()


def test_two_conventions_for_one_period_are_an_error_and_one_told_twice_is_not(
    tmp_path: Path,
) -> None:
    row = {"period": "2024H1", "figure": "sanction_convention", "value": "exclusive"}
    same = said(tmp_path, reported("处分统计口径", "不含双重处分"), discipline_stats=[row])
    assert same.verdicts == ()
    assert same.declared == {"sanction_convention": "exclusive"}
    found = said(tmp_path, reported("处分统计口径", "含双重处分"), discipline_stats=[row])
    verdict = only(found.verdicts, "two_conventions")
    assert verdict.severity == "error"
    assert (verdict.expected, verdict.found) == ("含双重处分", "不含双重处分")
    assert verdict.where == "监督执纪.csv 第2行“数值”列"
    assert verdict.period == "2024H1"


def test_an_unknown_convention_is_told_with_the_two_that_are_allowed(tmp_path: Path) -> None:
    found = said(tmp_path, reported("处分统计口径", "双重处分另计"))
    verdict = only(found.verdicts, "unknown_convention")
    assert verdict.severity == "error"
    assert verdict.expected == "含双重处分（inclusive）或不含双重处分（exclusive）"
    assert verdict.found == "双重处分另计"
    assert verdict.where == "填报数.csv 第2行“数值”列"
    assert found.declared == {}


def test_petition_statistics_declare_no_sanction_convention(tmp_path: Path) -> None:
    row = {"period": "2024H1", "figure": "处分统计口径", "value": "inclusive"}
    assert rules(said(tmp_path, petition_stats=[row]).verdicts) == ["unknown_figure"]


def sanctions(path: Path, now: str, before: str) -> tuple[Figures, tuple[Verdict, ...]]:
    rows = [reported("party_sanction", "9"), reported("admin_sanction", "5")]
    rows += [reported("party_sanction", "8", period="2023H1")]
    rows += [reported("处分统计口径", now)] if now else []
    rows += [reported("处分统计口径", before, period="2023H1")] if before else []
    return computed(path, {"reported": rows})


def test_the_figures_carry_what_the_data_declare(tmp_path: Path) -> None:
    found, verdicts = sanctions(tmp_path, "不含双重处分", "")
    assert dict(found.declared) == {"sanction_convention": "exclusive"}
    assert verdicts == ()


@pytest.mark.parametrize(
    ("now", "before", "warned"),
    [
        ("inclusive", "exclusive", ["convention_changed"]),
        ("inclusive", "含双重处分", []),
        ("inclusive", "", []),
        ("", "inclusive", []),
    ],
)
def test_a_base_counted_by_another_convention_is_not_comparable(
    tmp_path: Path, now: str, before: str, warned: list[str]
) -> None:
    verdicts = sanctions(tmp_path, now, before)[1]
    assert [v.rule for v in verdicts] == warned
    for verdict in verdicts:
        assert verdict.severity == "warning"
        # Only what has a base can be compared.
        assert verdict.figures == ("party_sanction",)
        assert (verdict.expected, verdict.found) == ("不含双重处分", "含双重处分")
