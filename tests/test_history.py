"""Trends: real numbers of earlier periods, by the same definitions; missing is not zero."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pieces import HALF_YEAR_SUMMARY, without_kernel

from xuncha_nb import open_report
from xuncha_nb.adjustments.following import follows
from xuncha_nb.adjustments.model import Adjustment
from xuncha_nb.errors import ParameterError
from xuncha_nb.history import windows
from xuncha_nb.movements import shares
from xuncha_nb.periods import Period, Window


def history(period: str, *ids: str, county: str = "331124", **more: Any) -> dict[str, Any]:
    report = open_report("half_year_summary", county=county, period=period, **more)
    report.key_figures(ids)
    return {key["id"]: key["history"] for key in report.record()["key_figures"]}


def test_every_point_is_what_the_report_of_that_period_says() -> None:
    points = history("2024H1", "findings_total", "rect_rate")
    for id, found in points.items():
        for point in found:
            alone = open_report("half_year_summary", county="331124", period=point["period"])
            assert point["text"] == alone.figures[id].value.text, point["period"]
            assert point["value"] == str(alone.figures[id].value.value)
    assert [p["period"] for p in points["findings_total"]] == [
        "2022H1", "2022H2", "2023H1", "2023H2", "2024H1",
    ]  # fmt: skip


def test_a_period_cut_off_early_is_compared_with_the_same_part_of_other_years() -> None:
    found = windows(Window.of(Period.parse("2024H1"), "2024-02-29"), 3)
    assert [str(w.cutoff) for w in found] == ["2022-02-28", "2023-02-28", "2024-02-29"]


@pytest.mark.parametrize(
    ("period", "before"), [("2024", "2023"), ("2024Q3", "2024Q2"), ("2024Q1-3", "2023Q1-3")]
)
def test_whole_periods_follow_one_another(period: str, before: str) -> None:
    assert str(windows(Window.of(Period.parse(period)))[-2].period) == before


def test_periods_before_the_first_known_one_are_left_out_and_never_zero() -> None:
    points = history("2022H2", "findings_total")["findings_total"]
    assert [p["period"] for p in points] == ["2022H1", "2022H2"]
    assert history("2017H1", "talks_person_times", county="320803") == {
        "talks_person_times": [
            {"period": "2017H1", "name": "2017年上半年", "value": "96", "text": "96"}
        ]
    }


def test_figures_of_every_other_period_are_followed_by_the_year() -> None:
    found = history("2024H1", "petitions_total", "findings_total")
    assert [p["period"] for p in found["petitions_total"]] == ["2022H1", "2023H1", "2024H1"]
    assert all(p["text"] for p in found["petitions_total"])
    assert len(found["findings_total"]) == 5


def test_key_figures_must_be_figures_and_may_be_unknown() -> None:
    with pytest.raises(ParameterError, match="findings_totl"):
        history("2024H1", "findings_totl")
    assert history("2017H1", "clues_found", county="320803") == {}


def test_a_public_edition_has_key_figures_and_no_trend() -> None:
    """Earlier periods come from the ledgers, where nothing small has been suppressed."""
    report = open_report("half_year_summary", county="331124", period="2024H1")
    report.key_figures(["findings_total"])
    parameters = report.material.parameters.model_copy(update={"edition": "公开"})
    report.material = dataclasses.replace(report.material, parameters=parameters)
    assert report.record()["key_figures"] == [{"id": "findings_total", "history": []}]


def test_six_figures_head_a_page_and_unknown_ones_give_way() -> None:
    brief = without_kernel(HALF_YEAR_SUMMARY, county="320803", period="2017H1").record()
    assert [key["id"] for key in brief["key_figures"]] == [
        "teams_count", "petitions_received", "talks_person_times", "questionnaires_issued",
        "symposia_held", "staff_pool",
    ]  # fmt: skip


def test_a_half_year_report_records_its_key_figures() -> None:
    record = without_kernel(HALF_YEAR_SUMMARY).record()
    assert len(record["key_figures"]) == 6
    assert all(len(key["history"]) == 5 for key in record["key_figures"])
    assert all(figure["source"] for figure in record["figures"])


def test_shares_of_a_set_are_of_its_whole() -> None:
    report = without_kernel(HALF_YEAR_SUMMARY)
    found = shares(report.figures)
    whole, share = found["rect_done"]
    assert (whole, share.text) == ("findings_fed_back", "55.7")
    assert "findings_total" not in found
    categories = [s.value for id, (_, s) in found.items() if id.startswith("findings_by_category")]
    assert sum(categories) == 100


def test_derived_figures_follow_adjusted_ones() -> None:
    report = without_kernel(HALF_YEAR_SUMMARY)
    made = Adjustment(
        figure="rect_done", original="64", adjusted="60", reason="核减", author="综合科", time="t"
    )
    found = follows((made,), report.figures)
    assert found["rect_rate"] == ["rect_done"]
    assert "findings_total" not in found
    assert follows((), report.figures) == {}
