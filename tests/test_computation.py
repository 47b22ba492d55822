"""From ledgers to figures: base periods, growth, reported totals, adjustments that propagate."""

from __future__ import annotations

from pathlib import Path

import pytest
from books import (
    CODE,
    HALF_YEAR,
    NAME,
    STANDARDS,
    Rows,
    activity,
    book,
    computed,
    county,
    figures,
    given,
    only,
    reported,
    rules,
)

from xuncha_nb import relations
from xuncha_nb.breakdowns import round_name, rounds_of
from xuncha_nb.computation import compute
from xuncha_nb.figures import Figures, indicator_of
from xuncha_nb.periods import Period, Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.sources import periods_in


def part(*ledgers: str) -> Rows:
    rows = county()
    return {name: rows[name] for name in ledgers}


def base(found: Figures, id: str) -> str | None:
    value = found[id].base
    return None if value is None else value.printed


def growth(found: Figures, id: str) -> str | None:
    value = found[id].growth()
    return None if value is None else value.printed


def change(found: Figures, id: str) -> str | None:
    value = found[id].change
    return None if value is None else value.printed


def test_the_base_is_the_same_figure_of_the_same_period_last_year(tmp_path: Path) -> None:
    found = figures(tmp_path, part("activities", "trainings"))
    assert base(found, "talks_person_times") == "40人次"
    assert change(found, "talks_person_times") == "20人次"
    assert growth(found, "talks_person_times") == "50.0%"
    assert growth(found, "trainees") == "33.3%"


def test_a_ledger_that_began_after_the_base_period_has_no_base_rather_than_zero(
    tmp_path: Path,
) -> None:
    rows = part("activities", "clues")
    rows["activities"] = rows["activities"][1:]
    found = figures(tmp_path, rows)
    assert base(found, "talks_person_times") is None
    assert change(found, "talks_person_times") is None
    assert growth(found, "talks_person_times") is None
    assert base(found, "clues_found") == "1件"


def test_a_base_of_zero_gives_a_change_and_no_percentage(tmp_path: Path) -> None:
    rows = part("activities")
    rows["activities"][0]["talks_person_times"] = 0
    found = figures(tmp_path, rows)
    assert base(found, "talks_person_times") == "0人次"
    assert change(found, "talks_person_times") == "60人次"
    assert growth(found, "talks_person_times") is None


def test_the_change_of_a_rate_is_in_points_and_has_no_growth(tmp_path: Path) -> None:
    found = figures(tmp_path, part("units", "rounds", "round_units"))
    assert base(found, "coverage_rate") == "20.0%"
    assert change(found, "coverage_rate") == "20.0百分点"
    assert growth(found, "coverage_rate") is None


def test_the_change_of_a_rate_is_what_a_reader_subtracts() -> None:
    # 33.34 - 16.66 is 16.68; the reader sees 33.3 and 16.7.
    figure = given({"rect_rate": "33.3%"}, rect_rate__base="16.7%")["rect_rate"]
    assert figure.change == Quantity.rounded(Quantity.parse("16.6", "").value, "百分点", 1)


def test_a_rate_that_was_reported_in_words_still_has_a_change() -> None:
    figure = given({"rect_rate": "约70%"}, rect_rate__base="60.0%")["rect_rate"]
    assert figure.change is not None
    assert figure.change.text == "10.0"


def test_the_base_of_a_cut_off_period_is_cut_off_too(tmp_path: Path) -> None:
    rows = part("activities")
    rows["activities"].append(activity("十二届-1", "2023-03-20", letters=1, talks=7))
    rows["activities"].append(activity("十二届-2", "2024-03-20", letters=1, talks=8))
    early = Window.of(Period.parse("2024H1"), "2024-03-31")
    found = figures(tmp_path, rows, early)
    assert found["talks_person_times"].value.printed == "8人次"
    assert base(found, "talks_person_times") == "7人次"


def test_a_reported_number_is_the_base_where_there_was_no_ledger(tmp_path: Path) -> None:
    rows = part("activities") | {
        "reported": [reported("talks_person_times", "48", period="2023H1", area=CODE)]
    }
    rows["activities"] = rows["activities"][1:]
    found = figures(tmp_path, rows)
    assert base(found, "talks_person_times") == "48人次"
    assert found["talks_person_times"].base_origin == "填报"
    assert growth(found, "talks_person_times") == "25.0%"


@pytest.mark.parametrize("area", ["", NAME, CODE])
def test_a_reported_row_is_the_countys_by_name_by_code_or_without_an_area(
    tmp_path: Path, area: str
) -> None:
    found = figures(tmp_path, {"reported": [reported("cases_filed", "5", area=area)]})
    assert found["cases_filed"].value.printed == "5件"
    assert found["cases_filed"].origin == "填报"


def test_a_reported_row_of_another_county_or_period_is_not_ours(tmp_path: Path) -> None:
    rows = {
        "reported": [
            reported("cases_filed", "5", area="淮安区"),
            reported("cases_filed", "6", period="2024Q1"),
        ]
    }
    assert "cases_filed" not in figures(tmp_path, rows)


def test_a_reported_total_stands_where_its_parts_are_unknown(tmp_path: Path) -> None:
    found = figures(tmp_path, {"reported": [reported("petitions_received", "3")]})
    assert found["petitions_received"].value.printed == "3件次"
    assert "petitions_letter" not in found


def test_a_reported_total_stands_where_its_parts_are_known_less_precisely(tmp_path: Path) -> None:
    rows = {
        "reported": [
            reported("petitions_total", "11.6万"),
            reported("petitions_own", "7万"),
            reported("petitions_from_above", "5万"),
        ]
    }
    assert figures(tmp_path, rows)["petitions_total"].value.printed == "11.6万件次"


def test_a_counted_and_a_reported_number_that_agree_are_no_conflict(tmp_path: Path) -> None:
    rows = part("clues") | {"reported": [reported("clues_found", "2")]}
    found, verdicts = computed(tmp_path, rows)
    assert rules(verdicts) == []
    assert found["clues_found"].origin == "台账"


def test_two_values_for_one_figure_contradict_each_other(tmp_path: Path) -> None:
    rows = part("clues") | {"reported": [reported("clues_found", "3")]}
    found, verdicts = computed(tmp_path, rows)
    verdict = only(verdicts, "two_values")
    assert verdict.severity == "error"
    assert (verdict.expected, verdict.found) == ("台账合计 2件", "填报数 3件")
    assert verdict.figures == ("clues_found",)
    assert found["clues_found"].value.printed == "2件"


def test_a_blank_cell_in_a_sum_is_warned_about_with_the_number_of_gaps(tmp_path: Path) -> None:
    rows = part("activities")
    rows["activities"][2]["talks_person_times"] = ""
    found, verdicts = computed(tmp_path, rows)
    verdict = only(verdicts, "blank_cells")
    assert verdict.severity == "warning"
    assert verdict.figures == ("talks_person_times",)
    assert "有1行没有填，合计只含已填的1行" in verdict.message
    assert found["talks_person_times"].value.printed == "50人次"


def test_a_printed_change_gives_the_base_that_nobody_reported(tmp_path: Path) -> None:
    rows = {
        "reported": [
            reported("cases_filed", "461"),
            reported("cases_filed_change", "+245"),
            reported("rect_rate", "70.9%"),
            reported("rect_rate_change", "+3.2"),
        ]
    }
    found = figures(tmp_path, rows)
    assert (base(found, "cases_filed"), found["cases_filed"].base_origin) == ("216件", "推算")
    assert base(found, "rect_rate") == "67.7%"
    assert change(found, "rect_rate") == "+3.2百分点"


def test_printed_growth_is_kept_as_printed(tmp_path: Path) -> None:
    rows = {"reported": [reported("cases_filed", "5"), reported("cases_filed_yoy", "下降3.2%")]}
    assert growth(figures(tmp_path, rows), "cases_filed") == "下降3.2%"


def test_companions_of_a_member_of_a_family_belong_to_that_member(tmp_path: Path) -> None:
    rows = {
        "reported": [
            reported("objects_by_type[乡镇]", "3"),
            reported("objects_by_type_share[乡镇]", "30%"),
            reported("objects_by_type_change[乡镇]", "-1"),
        ]
    }
    figure = figures(tmp_path, rows)["objects_by_type[乡镇]"]
    assert figure.printed_share is not None
    assert figure.printed_share.text == "30"
    assert figure.base is not None
    assert figure.base.value == 4
    assert figure.label == "巡察对象：乡镇"


def test_an_adjusted_base_figure_carries_into_everything_derived_from_it(tmp_path: Path) -> None:
    adjusted = {
        "covered_by_type[乡镇]": Quantity.exact(2, "个"),
        "rect_done": Quantity.exact(2, "个"),
    }
    ledgers = part("units", "rounds", "round_units", "findings", "rectification")
    found = figures(tmp_path, ledgers, adjusted=adjusted)
    texts = {
        id: found[id].value.printed
        for id in ("covered_total", "coverage_not_started", "coverage_rate", "rect_rate")
    }
    assert texts == {
        "covered_total": "3个",
        "coverage_not_started": "1个",
        "coverage_rate": "60.0%",
        "rect_rate": "66.7%",
    }
    assert found["rect_done"].origin == "调整"
    assert found["rect_done"].original == Quantity.exact(1, "个")
    assert found["rect_done"].base == Quantity.exact(0, "个")


def test_a_figure_without_data_can_be_adjusted_single_or_in_a_family(tmp_path: Path) -> None:
    adjusted = {
        "cases_filed": Quantity.exact(4, "件"),
        "objects_by_type[学校]": Quantity.exact(6, "个"),
    }
    found = figures(tmp_path, part("clues"), adjusted=adjusted)
    assert found["cases_filed"].value.printed == "4件"
    assert found["cases_filed"].original is None
    assert found["objects_total"].value.printed == "6个"


def test_figures_come_in_the_order_of_the_dictionary(tmp_path: Path) -> None:
    from xuncha_nb.indicators import INDICATORS

    order = list(INDICATORS)
    places = [order.index(indicator_of(id).id) for id in figures(tmp_path, county())]
    assert places == sorted(places)


def test_a_figure_in_json_says_value_unit_source_base_and_change(tmp_path: Path) -> None:
    said = figures(tmp_path, part("activities"))["talks_person_times"].to_json()
    assert said["label"] == "个别谈话"
    assert (said["value"], said["text"], said["unit"]) == ("60", "60", "人次")
    assert (said["rows"], said["ledgers"], said["origin"]) == (2, ["activities"], "台账")
    assert (said["base"], said["change"], said["growth"]) == ("40", "20", "50.0")
    assert said["original"] is None


def test_a_round_has_its_own_figures_dates_and_state(tmp_path: Path) -> None:
    source = book(tmp_path, county())
    done, running = rounds_of(source, CODE, HALF_YEAR, STANDARDS)
    assert (done.name, done.state) == ("十二届第二轮常规巡察", "已完成")
    assert (running.name, running.state) == ("十二届第三轮专项巡察", "正在开展")
    assert done.unit_names == ("城关镇",)
    (team,) = done.teams
    assert team.name == "第一巡察组"
    assert team.unit_names == done.unit_names
    assert done.figures["talks_person_times"].value.printed == "50人次"
    assert running.figures["talks_person_times"].value.printed == "10人次"
    assert done.figures["talks_person_times"].id == "talks_person_times@十二届-2"
    assert "posts_approved" not in done.figures
    assert sorted(running.dates) == ["end", "start"]


def test_dates_of_a_round_after_the_cutoff_are_plans_and_left_out(tmp_path: Path) -> None:
    source = book(tmp_path, part("rounds"))
    early = Window.of(Period.parse("2024H1"), "2024-05-01")
    (only_round,) = rounds_of(source, CODE, early, STANDARDS)
    assert sorted(only_round.dates) == ["end", "start"]
    assert round_name("十四届", 7, "回头看") == "十四届第七轮巡察“回头看”"


def test_the_figures_of_the_rounds_add_up_to_those_of_the_period(tmp_path: Path) -> None:
    source = book(tmp_path, county())
    whole, _ = compute(source, CODE, HALF_YEAR, STANDARDS)
    rounds = rounds_of(source, CODE, HALF_YEAR, STANDARDS)
    for id in ("talks_person_times", "petitions_letter", "findings_total", "clues_found"):
        assert sum(r.figures[id].value.value for r in rounds) == whole[id].value.value


def test_a_book_knows_the_periods_it_says_something_about(tmp_path: Path) -> None:
    assert [str(p) for p in periods_in(book(tmp_path, county()))] == ["2023H1", "2024H1"]


def test_a_member_that_no_standard_knows_is_an_error_that_names_the_known_ones(
    tmp_path: Path,
) -> None:
    rows = {"reported": [reported("objects_by_type[乡]", "12")]}
    _, verdicts = computed(tmp_path, rows)
    verdict = only(verdicts, "unknown_member")
    assert verdict.found == "乡"
    assert "乡镇" in verdict.expected


def test_members_that_were_not_reported_may_make_up_the_rest_of_a_total(tmp_path: Path) -> None:
    some = [reported("findings_by_category[决策部署落实]", "30"), reported("findings_total", "50")]
    known, _ = computed(tmp_path, {"reported": some})
    assert relations.evaluate(known) == ()
    too_much = [*some[:1], reported("findings_total", "20")]
    (tmp_path / "more").mkdir()
    known, _ = computed(tmp_path / "more", {"reported": too_much})
    assert only(relations.evaluate(known), "findings_by_category").severity == "error"
