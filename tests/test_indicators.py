"""The dictionary of figures, and what each one counts in the tiny county of ``books``."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from books import HALF_YEAR, Rows, county, figures, finding, round_, taken, unit

from xuncha_nb.figures import Figures
from xuncha_nb.indicators import COMPANIONS, GROUPS, INDICATORS, nearest, percentage, resolve
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.periods import Period, Window
from xuncha_nb.quantities import Quantity

DATA = Path(__file__).parent / "data"

#: Counted by hand from the rows of ``books.county`` for 2024H1.
BY_HAND = """
rounds_total=2轮 rounds_routine=1轮 rounds_special=1轮 rounds_lookback=0轮 rounds_mobile=0轮
rounds_elevated=0轮 rounds_cross=0轮 rounds_completed=1轮 rounds_in_progress=1轮
teams_count=1个 units_inspected=2个 villages_extended=1个 rural_extended=1个
community_extended=0个 petitions_received=8件次 petitions_letter=8件次 petitions_call=0件次
petitions_visit=0件次 petitions_net=0件次 talks_person_times=60人次 findings_total=4个
findings_by_category[决策部署落实]=3个 findings_by_category[群众身边问题]=1个
findings_by_category[基层党组织建设]=0个 findings_common=0个 findings_individual=4个
findings_special=1个 finding_types=1类 immediate_rectifications=1个 clues_found=2件
clue_persons=4人 clue_party_cadres=3人 clue_others=1人 clues_transferred=1件 clues_closed=0件
assessed_total=1个 assessed_by_grade[好]=0个 assessed_by_grade[较好]=1个
assessed_by_grade[一般]=0个 assessed_by_grade[差]=0个 objects_total=5个
objects_by_type[县直党群行政]=2个 objects_by_type[乡镇]=2个 objects_by_type[科级事业]=1个
covered_total=2个 covered_by_type[县直党群行政]=1个 covered_by_type[乡镇]=1个
covered_by_type[科级事业]=0个 coverage_in_progress=1个 coverage_not_started=2个
coverage_rate=40.0% village_total=2个 village_covered=1个 community_total=1个
community_covered=0个 village_community_coverage_rate=33.3% coverage_forecast_date=2026年3月
teams_needed=1个 findings_fed_back=3个 lookback_findings=0个 rect_done=1个 rect_partial=1个
rect_open=1个 rect_overdue=1个 rect_rate=33.3% rect_measures=6条 posts_approved=12名
posts_filled=10名 posts_vacant=2名 posts_chief=1名 posts_deputy=2名
posts_commissioner_chief=3名 posts_commissioner_deputy=2名 staff_added=2名 staff_seconded=4名
inspection_staff=16人 standing_teams=4个 pool_total=4人 leader_pool=2人
leader_pool_fulltime=1人 specialist_pool=1人 staff_pool=1人 training_sessions=1期
training_person_times=45人次 trainees=40人 documents_issued=1项 tender_units=1个
tender_projects=2项 tender_filed=1项 supervision_teams=2个 supervision_vehicles=4台次
supervision_person_times=16人次 supervision_places=22个 supervision_problems=9个
supervision_rectified=8个 petitions_own=12件次 petitions_from_above=8件次
petitions_total=20件次 cases_filed=7件 base_groups=6批 base_visits=240人次 sms_sent=800条
cases_published_issues=2期 cases_published=5件 research_topics=0个 planned_rounds_routine=1轮
planned_rounds_special=0轮 planned_units=1个 planned_villages=1个 planned_communities=0个
plan_period_units=5个
"""


def part(*ledgers: str) -> Rows:
    """Return some ledgers of the tiny county."""
    rows = county()
    return {name: rows[name] for name in ledgers}


def printed(found: Figures, *ids: str) -> list[str | None]:
    return [None if (value := found.value(id)) is None else value.printed for id in ids]


def test_every_identifier_of_the_dictionary_is_declared_with_its_unit_kind_and_group() -> None:
    with (DATA / "figures.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["id"]: row for row in csv.DictReader(file)}
    declared = {
        i.id: {"id": i.id, "unit": i.unit, "kind": i.kind, "group": i.group}
        for i in INDICATORS.values()
    }
    assert declared == expected


def test_labels_are_unlike_each_other_and_every_entry_is_complete() -> None:
    labels = [indicator.label for indicator in INDICATORS.values()]
    assert len(set(labels)) == len(labels)
    for indicator in INDICATORS.values():
        assert indicator.definition
        assert indicator.group in GROUPS
        assert set(indicator.ledgers) <= set(LEDGERS)
        assert indicator.ledgers or indicator.unit == "%"
        if indicator.kind == "derived":
            assert set(indicator.needs) & set(INDICATORS)


def test_no_companion_suffix_makes_two_figures_out_of_one_name() -> None:
    made = {f"{id}{suffix}" for id in INDICATORS for suffix in COMPANIONS}
    assert made & set(INDICATORS) == {f"form{n}_share" for n in range(1, 5)}


@pytest.mark.parametrize("id", INDICATORS)
def test_a_figure_is_found_by_identifier_and_by_its_chinese_name(id: str) -> None:
    assert resolve(id) == (id, "")
    assert resolve(INDICATORS[id].label) == (id, "")


def test_a_member_is_in_brackets_a_companion_is_itself_and_a_stranger_is_nothing() -> None:
    assert resolve("objects_by_type[乡镇]") == ("objects_by_type", "乡镇")
    assert resolve("延伸巡察村(社区)党组织") == ("villages_extended", "")
    assert resolve("cases_filed_yoy") == ("cases_filed_yoy", "")
    assert resolve("objects_by_type_share[乡镇]") == ("objects_by_type_share", "乡镇")
    assert resolve("cases_field") is None
    assert nearest("cases_field")[0] == "cases_filed"


def test_every_figure_of_the_tiny_county_is_what_a_hand_count_gives(tmp_path: Path) -> None:
    found = {id: figure.value.printed for id, figure in figures(tmp_path, county()).items()}
    assert found == dict(pair.split("=") for pair in BY_HAND.split())


def test_a_figure_knows_how_many_rows_it_rests_on_and_where_it_came_from(tmp_path: Path) -> None:
    found = figures(tmp_path, part("units", "rounds", "round_units", "activities", "reported"))
    assert (found["talks_person_times"].rows, found["talks_person_times"].origin) == (2, "台账")
    assert (found["coverage_rate"].rows, found["coverage_rate"].origin) == (0, "计算")
    assert found["objects_total"].value.value == sum(
        f.value.value for f in found.family("objects_by_type").values()
    )


# Missing is not zero.


def test_an_empty_ledger_leaves_its_figures_missing(tmp_path: Path) -> None:
    found = figures(tmp_path, part("units", "rounds", "round_units"))
    assert printed(found, "talks_person_times", "findings_total", "clues_found") == [None] * 3
    assert "rect_rate" not in found


def test_a_ledger_that_has_begun_and_has_no_row_in_the_period_reports_zero(tmp_path: Path) -> None:
    rows = part("clues", "trainings", "findings")
    rows["clues"] = rows["clues"][:1]
    rows["trainings"] = rows["trainings"][:1]
    rows["findings"] = rows["findings"][:1]
    found = figures(tmp_path, rows)
    assert printed(found, "clues_found", "training_sessions", "findings_total") == [
        "0件",
        "0期",
        "0个",
    ]


def test_a_ledger_that_begins_after_the_cutoff_is_missing_not_zero(tmp_path: Path) -> None:
    rows = part("clues", "trainings")
    rows["clues"] = rows["clues"][1:]
    early = Window.of(Period.parse("2024H1"), "2024-03-31")
    found = figures(tmp_path, rows, early)
    assert printed(found, "clues_found", "training_sessions") == [None, "1期"]


def test_a_blank_column_is_missing_and_a_blank_cell_is_left_out(tmp_path: Path) -> None:
    rows = part("activities")
    for row in rows["activities"]:
        row["petitions_visit"] = ""
    rows["activities"][1]["petitions_letter"] = ""
    found = figures(tmp_path, rows)
    assert printed(found, "petitions_visit", "petitions_letter") == [None, "2件次"]
    assert found["petitions_letter"].rows == 1
    # The sum of the channels says only what is known.
    assert printed(found, "petitions_received") == ["2件次"]


def test_a_column_that_nobody_fills_in_is_missing_not_none_of_that_kind(tmp_path: Path) -> None:
    rows = part("findings", "rounds")
    for row in rows["findings"]:
        row["common"] = row["immediate"] = ""
    found = figures(tmp_path, rows)
    ids = ("findings_common", "findings_individual", "immediate_rectifications", "findings_total")
    assert printed(found, *ids) == [None, None, None, "4个"]


def test_villages_are_missing_where_the_register_has_none(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units")
    rows["units"] = rows["units"][:5]
    rows["round_units"] = [r for r in rows["round_units"] if r["unit"] != "C001"]
    found = figures(tmp_path, rows)
    ids = ("village_total", "village_covered", "village_community_coverage_rate", "objects_total")
    assert printed(found, *ids) == [None, None, None, "5个"]


def test_rounds_whose_units_are_not_listed_leave_their_number_unknown(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units")
    rows["round_units"] = rows["round_units"][:1]  # those of the year before
    assert printed(figures(tmp_path, rows), "units_inspected", "teams_count") == [None, None]


# Coverage.


def coverage(path: Path, rows: Rows, window: Window = HALF_YEAR) -> list[str | None]:
    ids = ("covered_total", "coverage_in_progress", "coverage_not_started", "coverage_rate")
    return printed(figures(path, rows, window), *ids)


def test_a_unit_inspected_twice_in_a_term_is_covered_once(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units")
    rows["round_units"].append(taken("十二届-2", "D001"))
    rows["round_units"].append(taken("十二届-3", "X001"))
    assert coverage(tmp_path, rows) == ["2个", "1个", "2个", "40.0%"]


def test_a_look_back_does_not_cover(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units")
    rows["rounds"][1]["kind"] = "回头看"
    assert coverage(tmp_path, rows) == ["1个", "1个", "3个", "20.0%"]


def test_what_an_earlier_term_covered_does_not_count(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units")
    rows["rounds"][0]["term"] = "十一届"
    assert coverage(tmp_path, rows) == ["1个", "1个", "3个", "20.0%"]


def test_a_merged_unit_leaves_the_denominator_on_the_day_of_the_merger(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units")
    rows["units"][3]["valid_to"] = "2024-05-01"
    assert coverage(tmp_path, rows) == ["2个", "1个", "1个", "50.0%"]
    before = Window.of(Period.parse("2024H1"), "2024-04-30")
    assert coverage(tmp_path, rows, before) == ["2个", "0个", "3个", "40.0%"]


def test_a_unit_founded_later_enters_the_denominator_on_its_day(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units")
    rows["units"].append(unit("D003", "县数据局", "县直党群行政", valid_from="2024-06-30"))
    assert printed(figures(tmp_path, rows), "objects_total") == ["6个"]
    before = Window.of(Period.parse("2024H1"), "2024-06-29")
    assert printed(figures(tmp_path, rows, before), "objects_total") == ["5个"]


def test_a_round_covers_on_the_day_it_ends_and_is_running_the_day_before(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units")
    half = Period.parse("2024H1")
    last, eve = Window.of(half, "2024-04-30"), Window.of(half, "2024-04-29")
    assert coverage(tmp_path, rows, last)[:2] == ["2个", "0个"]
    assert coverage(tmp_path, rows, eve)[:2] == ["1个", "1个"]
    ids = ("rounds_total", "rounds_completed", "rounds_in_progress")
    assert printed(figures(tmp_path, rows, eve), *ids) == ["1轮", "0轮", "1轮"]


def test_a_rate_is_100_only_when_every_unit_is_covered(tmp_path: Path) -> None:
    many = [unit(f"D{n:04d}", f"单位{n}", "乡镇") for n in range(3000)]
    rows = {
        "units": many,
        "rounds": [round_("十二届-1", 1, "常规", "2024-03-01", "2024-04-30")],
        "round_units": [taken("十二届-1", row["code"]) for row in many[1:]],
    }
    found = figures(tmp_path, rows)
    assert printed(found, "covered_total", "coverage_rate") == ["2999个", "99.9%"]
    assert found["coverage_rate"].value.interval.low < 100
    rows["round_units"].append(taken("十二届-1", many[0]["code"]))
    assert printed(figures(tmp_path, rows), "coverage_rate") == ["100.0%"]


@pytest.mark.parametrize(
    ("part_of", "whole", "text"),
    [
        (1, 3, "33.3"),
        (9996, 10000, "99.9"),
        (10000, 10000, "100.0"),
        (1, 10000, "0.1"),
        (0, 9, "0.0"),
    ],
)
def test_a_percentage_is_cut_before_100_and_lifted_above_0(
    part_of: int, whole: int, text: str
) -> None:
    share = percentage(Quantity.exact(part_of, "个"), Quantity.exact(whole, "个"), 1)
    assert share is not None
    assert share.text == text
    assert share.value == Quantity.exact(part_of, "个").value / whole * 100


def test_a_percentage_of_nothing_is_missing() -> None:
    assert percentage(Quantity.exact(0, "个"), Quantity.exact(0, "个"), 1) is None


def test_the_forecast_carries_the_pace_of_the_finished_rounds_on(tmp_path: Path) -> None:
    forecast = figures(tmp_path, part("units", "rounds", "round_units"))["coverage_forecast_date"]
    # 2 units in the 91 + 335 days from 2023-03-01 to 2024-04-30; 3 units remain.
    day = date.fromordinal(int(forecast.value.value))
    assert day == date(2026, 3, 31)
    low, high = forecast.value.interval.low, forecast.value.interval.high
    assert low is not None
    assert high is not None
    assert (date.fromordinal(int(low)) - date(2024, 6, 30)).days == 3 * 91
    assert (date.fromordinal(int(high)) - date(2024, 6, 30)).days == 3 * 335


def test_one_finished_round_makes_no_forecast(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units", "plan")
    rows["rounds"] = rows["rounds"][1:]
    rows["round_units"] = rows["round_units"][1:]
    ids = ("coverage_forecast_date", "teams_needed")
    assert printed(figures(tmp_path, rows), *ids) == [None, None]


def test_a_tight_deadline_needs_more_teams_and_a_passed_one_gives_no_number(tmp_path: Path) -> None:
    rows = part("units", "rounds", "round_units", "plan")
    rows["units"] += [unit(f"Y{n}", f"乡{n}", "乡镇") for n in range(8)]
    # 10 units not started; one unit a team and round; a round every 213 days.
    assert printed(figures(tmp_path, rows), "teams_needed") == ["4个"]
    rows["plan"][0]["deadline"] = "2025-03-01"
    assert printed(figures(tmp_path, rows), "teams_needed") == ["10个"]
    rows["plan"][0]["deadline"] = "2024-07-31"
    assert printed(figures(tmp_path, rows), "teams_needed") == [None]


# Rectification, clues and findings at the cut-off.


def test_rectification_is_in_the_state_it_had_at_the_cutoff(tmp_path: Path) -> None:
    rows = part("findings", "rounds", "rectification")
    ids = ("findings_fed_back", "rect_done", "rect_partial", "rect_open", "rect_overdue")
    half = Period.parse("2024H1")
    found = {
        day: printed(figures(tmp_path, rows, Window.of(half, day)), *ids)
        for day in ("2024-05-27", "2024-05-28", "2024-06-16", "2024-06-20")
    }
    assert found == {
        "2024-05-27": ["0个", "0个", "0个", "0个", "0个"],
        "2024-05-28": ["3个", "0个", "2个", "1个", "0个"],
        "2024-06-16": ["3个", "0个", "2个", "1个", "1个"],
        "2024-06-20": ["3个", "1个", "1个", "1个", "1个"],
    }


def test_partial_rectification_never_counts_as_done(tmp_path: Path) -> None:
    rows = part("findings", "rounds", "rectification")
    for row in rows["rectification"]:
        row.update(status="基本完成", verified_on="")
    assert printed(figures(tmp_path, rows), "rect_rate") == ["0.0%"]


def test_a_clue_counts_as_transferred_from_its_day_on(tmp_path: Path) -> None:
    rows = part("clues")
    eve = Window.of(Period.parse("2024H1"), "2024-05-19")
    assert printed(figures(tmp_path, rows, eve), "clues_found", "clues_transferred") == [
        "2件",
        "0件",
    ]
    assert printed(figures(tmp_path, rows), "clues_transferred") == ["1件"]


def test_a_clue_closed_without_a_transfer_does_not_break_the_chain(tmp_path: Path) -> None:
    rows = part("clues")
    rows["clues"][2]["closed_on"] = "2024-05-01"
    assert printed(figures(tmp_path, rows), "clues_closed") == ["0件"]


def test_findings_follow_the_scheme_of_their_period(tmp_path: Path) -> None:
    rows = {
        "findings": [
            finding("W1", "十一届-1", "D001", "2019-05-10", category="作风建设"),
            finding("W2", "十一届-1", "D001", "2019-05-10", category="政治建设"),
        ]
    }
    found = figures(tmp_path, rows, Window.of(Period.parse("2019H1")))
    members = found.family("findings_by_category")
    assert list(members)[:4] == ["政治建设", "思想建设", "组织建设", "作风建设"]
    assert [f.value.text for f in members.values()] == ["1", "0", "0", "1", "0", "0", "0"]
    assert printed(found, "findings_total") == ["2个"]


def test_look_back_findings_are_those_of_look_back_rounds(tmp_path: Path) -> None:
    rows = part("findings", "rounds")
    rows["rounds"][1]["kind"] = "回头看"
    ids = ("lookback_findings", "findings_special", "findings_total")
    assert printed(figures(tmp_path, rows), *ids) == ["3个", "1个", "4个"]


def test_posts_are_the_last_snapshot_up_to_the_cutoff(tmp_path: Path) -> None:
    rows = part("posts")
    rows["posts"].insert(0, rows["posts"][0] | {"date": "2023-12-31", "filled": 8})
    assert printed(figures(tmp_path, rows), "posts_filled", "posts_vacant") == ["10名", "2名"]
    eve = Window.of(Period.parse("2024H1"), "2024-06-29")
    assert printed(figures(tmp_path, rows, eve), "posts_filled", "posts_vacant") == ["8名", "4名"]


def test_the_pool_is_who_is_in_it_at_the_cutoff(tmp_path: Path) -> None:
    rows = part("talent_pool")
    rows["talent_pool"][0]["left_on"] = "2024-06-30"
    rows["talent_pool"][1]["joined_on"] = "2024-07-01"
    assert printed(figures(tmp_path, rows), "leader_pool", "pool_total") == ["0人", "2人"]


def test_a_training_after_the_cutoff_is_a_plan_and_does_not_count(tmp_path: Path) -> None:
    rows = part("trainings")
    rows["trainings"].append({"date": "2024-06-25", "person_times": 9, "trainees": 9})
    early = Window.of(Period.parse("2024H1"), "2024-06-20")
    assert printed(figures(tmp_path, rows, early), "training_sessions") == ["1期"]
    assert printed(figures(tmp_path, rows), "training_sessions") == ["2期"]


def test_the_plan_is_the_one_for_the_following_period(tmp_path: Path) -> None:
    rows = part("plan")
    assert printed(figures(tmp_path, rows), "planned_units", "plan_period_units") == ["1个", "5个"]
    later = Window.of(Period.parse("2024H2"))
    assert printed(figures(tmp_path, rows, later), "planned_units", "plan_period_units") == [
        None,
        "5个",
    ]


def test_statistics_are_read_by_identifier_or_by_chinese_name(tmp_path: Path) -> None:
    rows = {
        "petition_stats": [
            {"period": "2024H1", "figure": "本级受理", "value": "12"},
            {"period": "2024H1", "figure": "信访举报：来信", "value": "9.3万"},
        ]
    }
    ids = ("petitions_own", "petitions_total_letter")
    assert printed(figures(tmp_path, rows), *ids) == ["12件次", "9.3万件次"]


def test_persons_disciplined_need_the_levels_from_township_down(tmp_path: Path) -> None:
    ranks = {"disciplined_township": "4", "disciplined_general": "5", "disciplined_other": "6"}
    rows = {
        "discipline_stats": [
            {"period": "2024H1", "figure": id, "value": value} for id, value in ranks.items()
        ]
    }
    assert printed(figures(tmp_path, rows), "persons_disciplined") == ["15人"]
    rows["discipline_stats"].pop()
    assert printed(figures(tmp_path, rows), "persons_disciplined") == [None]
