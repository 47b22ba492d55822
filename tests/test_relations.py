"""Every declared relation holds where it should and fails where it should; so do movements."""

from __future__ import annotations

from dataclasses import replace

import pytest
from books import given, only, rules

from xuncha_nb import movements, relations
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.parameters import Thresholds
from xuncha_nb.relations import declared
from xuncha_nb.verdicts import Verdict

#: rule → figures that satisfy it, and the change that violates it. Written by hand from the
#: dictionary, not from ``relations.yaml``: the two are held against each other here.
CASES = {
    "rounds_by_state": (
        "rounds_completed=1 rounds_in_progress=2 rounds_total=3",
        "rounds_total=4",
    ),
    "rounds_by_kind": (
        "rounds_routine=1 rounds_special=1 rounds_lookback=1 rounds_mobile=1 rounds_elevated=1 "
        "rounds_cross=1 rounds_total=6",
        "rounds_cross=2",
    ),
    "teams_standing": ("teams_count=4 standing_teams=4", "teams_count=5"),
    "villages_extended": (
        "rural_extended=5 community_extended=2 villages_extended=7",
        "villages_extended=8",
    ),
    "petitions_received": (
        "petitions_letter=1 petitions_call=2 petitions_visit=3 petitions_net=4 "
        "petitions_received=10",
        "petitions_net=5",
    ),
    "questionnaires": (
        "questionnaires_returned=105 questionnaires_issued=105",
        "questionnaires_returned=106",
    ),
    "findings_by_category": (
        "findings_by_category[决策部署落实]=3 findings_by_category[群众身边问题]=2 "
        "findings_total=5",
        "findings_total=6",
    ),
    "findings_common": (
        "findings_common=1 findings_individual=4 findings_total=5",
        "findings_common=2",
    ),
    "findings_special": ("findings_special=5 findings_total=5", "findings_special=6"),
    "finding_types": ("finding_types=2 findings_special=2", "finding_types=3"),
    "immediate_rectifications": (
        "immediate_rectifications=5 findings_total=5",
        "immediate_rectifications=6",
    ),
    "lookback_findings": ("lookback_findings=5 findings_total=5", "lookback_findings=6"),
    "clue_persons": ("clue_party_cadres=3 clue_others=1 clue_persons=4", "clue_persons=3"),
    "clues_transferred": ("clues_transferred=3 clues_found=3", "clues_transferred=4"),
    "clues_closed": ("clues_closed=3 clues_transferred=3", "clues_closed=4"),
    "assessed_by_grade": (
        "assessed_by_grade[好]=1 assessed_by_grade[较好]=2 assessed_total=3",
        "assessed_by_grade[好]=0",
    ),
    "assessed_units": ("assessed_total=3 units_inspected=3", "assessed_total=4"),
    "objects_by_type": (
        "objects_by_type[乡镇]=3 objects_by_type[学校]=4 objects_total=7",
        "objects_total=8",
    ),
    "covered_by_type": (
        "covered_by_type[乡镇]=3 covered_by_type[学校]=1 covered_total=4",
        "covered_total=3",
    ),
    "covered_of_type": (
        "covered_by_type[乡镇]=3 covered_by_type[学校]=4 "
        "objects_by_type[乡镇]=3 objects_by_type[学校]=4",
        "covered_by_type[学校]=5",
    ),
    "coverage_by_state": (
        "covered_total=4 coverage_in_progress=2 coverage_not_started=1 objects_total=7",
        "coverage_not_started=2",
    ),
    "coverage_rate": ("coverage_rate=57.1% covered_total=4 objects_total=7", "coverage_rate=57.2%"),
    "village_covered": ("village_covered=9 village_total=9", "village_covered=10"),
    "community_covered": ("community_covered=9 community_total=9", "community_covered=10"),
    "village_community_rate": (
        "village_community_coverage_rate=30.0% village_covered=5 community_covered=1 "
        "village_total=15 community_total=5",
        "village_community_coverage_rate=33.3%",
    ),
    "planned_within_total": (
        "covered_total=4 coverage_in_progress=2 planned_units=1 objects_total=7",
        "planned_units=2",
    ),
    "plan_period_units": ("plan_period_units=96 objects_total=96", "objects_total=95"),
    "findings_fed_back": ("findings_fed_back=5 findings_total=5", "findings_fed_back=6"),
    "rect_by_state": (
        "rect_done=3 rect_partial=1 rect_open=1 findings_fed_back=5",
        "rect_open=0",
    ),
    "rect_overdue": ("rect_overdue=2 rect_partial=1 rect_open=1", "rect_overdue=3"),
    "rect_rate": ("rect_rate=60.0% rect_done=3 findings_fed_back=5", "rect_rate=80.0%"),
    "posts": ("posts_filled=10 posts_vacant=2 posts_approved=12", "posts_vacant=3"),
    "posts_filled": ("posts_filled=12 posts_approved=12", "posts_filled=13"),
    "posts_by_rank": (
        "posts_chief=1 posts_deputy=2 posts_commissioner_chief=3 posts_commissioner_deputy=4 "
        "posts_filled=10",
        "posts_filled=9",
    ),
    "inspection_staff": (
        "posts_filled=10 staff_added=2 staff_seconded=4 inspection_staff=16",
        "inspection_staff=12",
    ),
    "pool_total": ("leader_pool=2 specialist_pool=3 staff_pool=4 pool_total=9", "pool_total=10"),
    "leader_pool_fulltime": ("leader_pool_fulltime=2 leader_pool=2", "leader_pool_fulltime=3"),
    "trainees": ("trainees=60 training_person_times=60", "trainees=61"),
    "tender_filed": ("tender_filed=5 tender_projects=5", "tender_filed=6"),
    "supervision_rectified": (
        "supervision_rectified=9 supervision_problems=9",
        "supervision_rectified=10",
    ),
    "petitions_by_origin": (
        "petitions_own=12 petitions_from_above=8 petitions_total=20",
        "petitions_own=13",
    ),
    "petitions_by_channel": (
        "petitions_total_letter=1 petitions_total_net=2 petitions_total_call=3 "
        "petitions_total_visit=4 petitions_total_other=5 petitions_total=15",
        "petitions_total_other=0",
    ),
    "petitions_by_class": (
        "accusations=1 petitions_out_of_scope=2 petitions_no_substance=3 "
        "petitions_suggestions=4 petitions_appeals=5 petitions_total=15",
        "petitions_appeals=0",
    ),
    "disciplined_by_rank": (
        "disciplined_ministerial=1 disciplined_bureau=2 disciplined_county=3 "
        "disciplined_township=4 disciplined_general=5 disciplined_other=6 persons_disciplined=21",
        "persons_disciplined=20",
    ),
    "party_sanction": ("party_sanction=9 persons_disciplined=9", "party_sanction=10"),
    "admin_sanction": ("admin_sanction=9 persons_disciplined=9", "admin_sanction=10"),
    "sanctions_inclusive": (
        "party_sanction=9 admin_sanction=5 dual_sanction=2 persons_disciplined=12",
        "persons_disciplined=16",
    ),
    "sanctions_exclusive": (
        "party_sanction=9 admin_sanction=5 dual_sanction=2 persons_disciplined=16",
        "persons_disciplined=12",
    ),
    "dual_of_party": ("dual_sanction=9 party_sanction=9", "dual_sanction=10"),
    "dual_of_admin": ("dual_sanction=9 admin_sanction=9", "dual_sanction=10"),
    "forms": ("form1=6 form2=2 form3=1 form4=1 forms_total=10", "forms_total=11"),
    "cases_published": ("cases_published_issues=5 cases_published=5", "cases_published_issues=6"),
}

#: Rules that hold under one declared convention only.
WHEN = {
    "sanctions_inclusive": "inclusive",
    "sanctions_exclusive": "exclusive",
    "dual_of_party": "inclusive",
    "dual_of_admin": "inclusive",
}

WARNINGS = {"teams_standing", "plan_period_units"}
THRESHOLDS = Thresholds.model_validate({})


def values(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


def evaluated(figures: dict[str, str], convention: str = "") -> tuple[Verdict, ...]:
    said = {"sanction_convention": convention} if convention else {}
    return relations.evaluate(replace(given(figures), declared=said))


def verdicts_of(rule: str, figures: dict[str, str]) -> list[str]:
    return [v.severity for v in evaluated(figures, WHEN.get(rule, "")) if v.rule == rule]


def test_every_declared_relation_has_a_case_and_each_rule_its_own_name() -> None:
    names = [relation.rule for relation in declared()]
    assert len(names) == len(set(names))
    assert set(names) == set(CASES)


@pytest.mark.parametrize("rule", CASES)
def test_a_relation_that_holds_says_nothing(rule: str) -> None:
    assert verdicts_of(rule, values(CASES[rule][0])) == []


@pytest.mark.parametrize("rule", CASES)
def test_a_relation_that_is_violated_says_so_once_and_names_the_figures(rule: str) -> None:
    satisfied, violated = (values(text) for text in CASES[rule])
    figures = satisfied | violated
    verdict = only(evaluated(figures, WHEN.get(rule, "")), rule)
    assert verdict.severity == ("warning" if rule in WARNINGS else "error")
    assert set(verdict.figures) <= set(figures)
    assert set(violated) & set(verdict.figures)
    assert verdict.expected != verdict.found != ""
    assert "请核对" in verdict.message
    assert "\n" not in verdict.line


@pytest.mark.parametrize("rule", CASES)
def test_a_relation_with_one_side_missing_says_nothing(rule: str) -> None:
    relation = next(r for r in declared() if r.rule == rule)
    figures = values(CASES[rule][0]) | values(CASES[rule][1])
    whole = set(relation.whole(given(figures))) or {
        id for id in figures if id.partition("[")[0] in relation.names[-1:]
    }
    assert verdicts_of(rule, {k: v for k, v in figures.items() if k not in whole}) == []


@pytest.mark.parametrize(
    "id",
    [i.id for i in INDICATORS.values() if i.kind == "derived" and i.ledgers != ()],
)
def test_every_derived_figure_is_recomputed_by_a_relation(id: str) -> None:
    if id in ("coverage_forecast_date", "teams_needed"):
        assert relations.relations_of(id) == ()
    else:
        assert any(relation.equal for relation in relations.relations_of(id))


@pytest.mark.parametrize("id", ["form1", "form2", "form3", "form4"])
def test_a_printed_share_of_the_four_forms_is_recomputed(id: str) -> None:
    figures = values("form1=6 form2=2 form3=1 form4=1 forms_total=10")
    right = {"form1": "60%", "form2": "20%", "form3": "10%", "form4": "10%"}[id]
    said = given(figures | {f"{id}_share": right})
    assert rules(tuple(movements.evaluate(said, THRESHOLDS))) == []
    said = given(figures | {f"{id}_share": "55%"})
    verdict = only(tuple(movements.evaluate(said, THRESHOLDS)), "share")
    assert verdict.figures == (id, f"{id}_share", "forms_total")
    assert verdict.expected == f"{right.rstrip('%')}.00%"


@pytest.mark.parametrize(
    ("figures", "holds"),
    [
        # 9.25–9.35万 and 6.05–6.15万 can make anything from 15.3万 to 15.5万.
        ("form1=9.3万 form2=6.1万 form3=0 form4=0 forms_total=15.4万", True),
        ("form1=9.3万 form2=6.1万 form3=0 form4=0 forms_total=15.5万", True),
        ("form1=9.3万 form2=6.1万 form3=0 form4=0 forms_total=15.6万", False),
        ("form1=9.3万 form2=6.1万 form3=0 form4=0 forms_total=152000", False),
        # 余 only rounds down, and its upper end is open.
        ("party_sanction=2700余 persons_disciplined=2700", True),
        ("party_sanction=2700余 persons_disciplined=2699", False),
        ("form1=2700余 form2=0 form3=0 form4=0 forms_total=2799", True),
        ("form1=2700余 form2=0 form3=0 form4=0 forms_total=2800", False),
        ("petitions_own=>168万 petitions_from_above=0 petitions_total=170万", True),
        ("petitions_own=>168万 petitions_from_above=0 petitions_total=160万", False),
        # What is missing is some number from zero up.
        ("petitions_letter=5 petitions_received=3", False),
        ("petitions_letter=2 petitions_received=3", True),
    ],
)
def test_a_relation_fails_only_when_no_numbers_inside_the_printed_ones_satisfy_it(
    figures: str, holds: bool
) -> None:
    found = relations.evaluate(given(values(figures)))
    assert (found == ()) is holds


def test_a_rate_printed_in_whole_percent_may_be_off_by_half_a_percent() -> None:
    assert verdicts_of("rect_rate", values("rect_rate=67.0% rect_done=2 findings_fed_back=3")) == [
        "error"
    ]
    assert verdicts_of("rect_rate", values("rect_rate=66.7% rect_done=2 findings_fed_back=3")) == []


def moved(figures: dict[str, str], **companions: str) -> list[tuple[str, str]]:
    said = given(figures, **companions)
    found = movements.evaluate(said, THRESHOLDS)
    return [(v.severity, v.rule) for v in found if v.severity != "note"]


@pytest.mark.parametrize(
    ("growth", "found"),
    [
        ("+25.0%", []),
        ("+25%", []),
        ("+24.9%", [("error", "growth")]),
        ("下降25%", [("error", "growth")]),
    ],
)
def test_printed_growth_is_recomputed_from_value_and_base(
    growth: str, found: list[tuple[str, str]]
) -> None:
    assert moved({"cases_filed": "10"}, cases_filed__base="8", cases_filed__growth=growth) == found


@pytest.mark.parametrize(("change", "found"), [("+2", []), ("-2", [("error", "change")])])
def test_a_printed_change_is_recomputed_from_value_and_base(
    change: str, found: list[tuple[str, str]]
) -> None:
    assert moved({"cases_filed": "10"}, cases_filed__base="8", cases_filed__change=change) == found


def test_a_share_off_by_one_digit_is_forced_only_when_the_set_makes_exactly_100() -> None:
    figures = values("form1=1 form2=1 form3=1 form4=0 forms_total=3")
    forced = {"form1__share": "33.4%", "form2__share": "33.3%", "form3__share": "33.3%"}
    assert moved(figures, **forced, form4__share="0.0%") == [("warning", "share_forced")]
    assert moved(figures, **(forced | {"form2__share": "33.2%"}), form4__share="0.0%") == [
        ("error", "share"),
        ("error", "share"),
    ]
    # Two of the three shares make no 100: nothing was forced.
    del forced["form3__share"]
    assert moved(figures, **forced) == [("error", "share")]


def test_a_share_off_by_two_digits_is_an_error_beside_one_that_was_forced() -> None:
    figures = values("form1=1 form2=1 form3=1 form4=0 forms_total=3")
    shares = {"form1__share": "33.5%", "form2__share": "33.3%", "form3__share": "33.2%"}
    assert moved(figures, **shares, form4__share="0.0%") == [
        ("error", "share"),
        ("warning", "share_forced"),
    ]


def test_a_share_far_off_is_an_error_even_if_the_set_makes_100() -> None:
    figures = values("form1=5 form2=5 form3=0 form4=0 forms_total=10")
    shares = {
        "form1__share": "55.0%",
        "form2__share": "45.0%",
        "form3__share": "0.0%",
        "form4__share": "0.0%",
    }
    assert moved(figures, **shares) == [("error", "share"), ("error", "share")]


@pytest.mark.parametrize(
    ("value", "base", "found"),
    [
        ("21", "10", [("warning", "growth_large")]),
        ("20", "10", []),
        ("21", "9", []),
        ("0", "10", []),
    ],
)
def test_growth_over_the_threshold_is_a_warning_for_bases_that_are_large_enough(
    value: str, base: str, found: list[tuple[str, str]]
) -> None:
    assert moved({"cases_filed": value}, cases_filed__base=base) == found


def test_rounded_figures_and_missing_bases_are_noted() -> None:
    said = given({"cases_filed": "9.3万", "clues_handled": "5"}, clues_handled__base="5")
    notes = {v.rule: v for v in movements.evaluate(said, THRESHOLDS) if v.severity == "note"}
    assert notes["base_missing"].figures == ("cases_filed",)
    assert "2023年上半年" in notes["base_missing"].message
    assert notes["rounded"].figures == ("cases_filed",)


# -- sanction conventions -------------------------------------------------------------------

SANCTIONS = "party_sanction={} admin_sanction={} dual_sanction={} persons_disciplined={}"


@pytest.mark.parametrize("rule", WHEN)
def test_a_line_of_one_convention_binds_only_data_that_declare_it(rule: str) -> None:
    assert {r.rule: r.when[1] for r in declared() if r.when} == WHEN
    satisfied, violated = (values(text) for text in CASES[rule])
    other = {"inclusive": "exclusive", "exclusive": "inclusive"}[WHEN[rule]]
    for convention in (other, ""):
        assert rule not in [v.rule for v in evaluated(satisfied | violated, convention)]


@pytest.mark.parametrize(
    ("total", "convention", "found"),
    [
        ("12", "inclusive", []),
        ("16", "inclusive", ["sanctions_inclusive"]),
        ("16", "exclusive", []),
        ("12", "exclusive", ["sanctions_exclusive"]),
        ("12", "", []),
        ("16", "", []),
        ("14", "", ["convention_impossible"]),
    ],
)
def test_the_declared_convention_decides_what_sanctions_sum_to(
    total: str, convention: str, found: list[str]
) -> None:
    assert rules(evaluated(values(SANCTIONS.format(9, 5, 2, total)), convention)) == found


def test_a_contradicted_convention_is_named_with_the_sum_it_demands() -> None:
    verdict = only(
        evaluated(values(SANCTIONS.format(9, 5, 2, 16)), "inclusive"), "sanctions_inclusive"
    )
    assert verdict.message.startswith("按“含双重处分”的处分统计口径，")
    assert "加减之后" in verdict.message
    assert (verdict.expected, verdict.found) == ("12", "16")


def test_a_declared_convention_is_noted_when_there_are_sanctions() -> None:
    note = only(evaluated({"party_sanction": "9"}, "exclusive"), "convention")
    assert note.severity == "note"
    assert "“不含双重处分”" in note.message
    assert evaluated({"cases_filed": "9"}, "exclusive") == ()


@pytest.mark.parametrize(
    ("numbers", "able", "unable"),
    [
        ((9, 5, 2, 12), ["“含双重处分”"], ["“不含双重处分”"]),
        ((9, 5, 2, 16), ["“不含双重处分”"], ["“含双重处分”"]),
        ((9, 5, 0, 14), ["“含双重处分”", "“不含双重处分”", "都可以"], []),
        # Printed to 0.1万 either may be.
        (("9.3万", "1.1万", 400, "10.4万"), ["“含双重处分”", "“不含双重处分”"], []),
        (("9.3万", "1.1万", 4000, "10.4万"), [], []),
    ],
)
def test_without_a_declaration_the_conventions_that_can_hold_are_told(
    numbers: tuple[object, ...], able: list[str], unable: list[str]
) -> None:
    found = evaluated(values(SANCTIONS.format(*numbers)))
    if not able:
        assert rules(found) == ["convention_impossible"]
        return
    note = only(found, "convention_undeclared")
    assert note.severity == "note"
    assert "请加一行指标“处分统计口径”" in note.message
    assert all(name in note.message for name in able)
    assert not any(name in note.message for name in unable)


def test_numbers_that_fit_no_convention_are_one_error_that_shows_both_sums() -> None:
    verdict = only(evaluated(values(SANCTIONS.format(9, 5, 2, 14))), "convention_impossible")
    assert verdict.expected == "含双重处分：12；不含双重处分：16"
    assert verdict.found == "含双重处分：14；不含双重处分：14"
    assert set(verdict.figures) == set(values(SANCTIONS))


def test_without_a_declaration_missing_sanctions_are_some_number() -> None:
    for missing in ("admin_sanction", "dual_sanction"):
        figures = values(SANCTIONS.format(9, 5, 2, 14))
        del figures[missing]
        assert evaluated(figures) == ()
