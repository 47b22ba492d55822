"""Periods: every written form, its Chinese name, what comes before, after and a year before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xuncha_nb.errors import PeriodError
from xuncha_nb.periods import Period, Window, full_date

#: written, first day, last day, name, same period last year, previous, following
FORMS = (
    ("2020", "2020-01-01", "2020-12-31", "2020年", "2019", "2019", "2021"),
    ("2020H1", "2020-01-01", "2020-06-30", "2020年上半年", "2019H1", "2019H2", "2020H2"),
    ("2020H2", "2020-07-01", "2020-12-31", "2020年下半年", "2019H2", "2020H1", "2021H1"),
    ("2020Q1", "2020-01-01", "2020-03-31", "2020年第一季度", "2019Q1", "2019Q4", "2020Q2"),
    ("2020Q3", "2020-07-01", "2020-09-30", "2020年第三季度", "2019Q3", "2020Q2", "2020Q4"),
    ("2020Q4", "2020-10-01", "2020-12-31", "2020年第四季度", "2019Q4", "2020Q3", "2021Q1"),
    ("2020Q1-2", "2020-01-01", "2020-06-30", "2020年前两季度", "2019Q1-2", "2019Q1-2", "2020H2"),
    ("2020Q1-3", "2020-01-01", "2020-09-30", "2020年前三季度", "2019Q1-3", "2019Q1-3", "2020Q4"),
    ("2020Q1-4", "2020-01-01", "2020-12-31", "2020年前四季度", "2019Q1-4", "2019Q1-4", "2021"),
    ("2020-02", "2020-02-01", "2020-02-29", "2020年2月", "2019-02", "2020-01", "2020-03"),
    ("2020-12", "2020-12-01", "2020-12-31", "2020年12月", "2019-12", "2020-11", "2021-01"),
    (
        "2018-01..2018-11",
        "2018-01-01",
        "2018-11-30",
        "2018年1—11月",
        "2017-01..2017-11",
        "2017-01..2017-11",
        "2018-12",
    ),
    (
        "2018-03..2018-10",
        "2018-03-01",
        "2018-10-31",
        "2018年3—10月",
        "2017-03..2017-10",
        "2017-03..2017-10",
        "2018-11..2018-12",
    ),
)

periods = st.builds(
    lambda year, tail: Period.parse(tail.format(year=year)),
    st.integers(1950, 2198),
    st.sampled_from([form[0].replace(form[0][:4], "{year}") for form in FORMS]),
)


@pytest.mark.parametrize(
    ("text", "first", "last", "name", "year_before", "before", "after"),
    FORMS,
    ids=[form[0] for form in FORMS],
)
def test_a_written_form_is_read_named_and_placed_among_its_neighbours(
    text: str, first: str, last: str, name: str, year_before: str, before: str, after: str
) -> None:
    period = Period.parse(text)
    assert (period.start.isoformat(), period.end.isoformat()) == (first, last)
    assert period.name == name
    assert str(period) == text
    assert str(period.same_period_last_year()) == year_before
    assert str(period.previous()) == before
    assert str(period.following()) == after


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (2020, "2020"),
        (" 2020h1 ", "2020H1"),
        ("２０２０Ｈ１", "2020H1"),
        ("2020q1-3", "2020Q1-3"),
    ],
)
def test_an_integer_year_lower_case_and_full_width_are_understood(
    typed: str | int, meant: str
) -> None:
    assert str(Period.parse(typed)) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "无法识别"),
        ("2020年上半年", "无法识别"),
        ("2020H3", "无法识别"),
        ("2020Q5", "无法识别"),
        ("2020H", "无法识别"),
        ("20H1", "无法识别"),
        (True, "无法识别"),
        ("2020Q2-3", "从一季度起"),
        ("2020Q1-1", "从一季度起"),
        ("2020-13", "月份"),
        ("2020-00", "月份"),
        ("2020-05..2020-02", "月份"),
        ("2019-11..2020-02", "同一年内"),
        ("1890H1", "年份不合理"),
    ],
)
def test_anything_else_is_refused_with_what_was_typed(text: str, why: str) -> None:
    with pytest.raises(PeriodError, match=why) as caught:
        Period.parse(text)
    assert f"“{text}”" in str(caught.value)
    assert str(caught.value).endswith("请改正")
    assert "\n" not in str(caught.value)


@given(periods)
def test_a_period_read_back_from_its_written_form_is_the_same(period: Period) -> None:
    assert Period.parse(str(period)) == period


@given(periods)
def test_the_year_before_has_the_same_months_and_the_following_period_starts_next_day(
    period: Period,
) -> None:
    base = period.same_period_last_year()
    assert (base.start.month, base.end.month, base.year) == (
        period.start.month,
        period.end.month,
        period.year - 1,
    )
    assert period.following().start == period.end + timedelta(days=1)
    assert period.previous().end < period.start or period.kind in ("quarters", "months", "year")


@given(periods, st.dates(date(1950, 1, 1), date(2198, 12, 31)))
def test_a_day_is_in_a_period_from_the_first_day_to_the_last(period: Period, day: date) -> None:
    assert (day in period) == (period.start <= day <= period.end)
    assert period.start in period
    assert period.end in period


def test_the_base_period_of_a_year_is_called_by_another_name() -> None:
    assert Period.parse("2020").base_name == "上年"
    assert Period.parse("2020H1").base_name == "去年同期"
    assert Period.parse("2020").short_name == ""


def test_dates_are_written_without_zero_padding() -> None:
    assert full_date(date(2024, 7, 5)) == "2024年7月5日"


def test_a_window_ends_with_its_period_unless_cut_off_earlier() -> None:
    period = Period.parse("2020H1")
    assert Window.of(period).cutoff == date(2020, 6, 30)
    assert Window.of(period, "").cutoff == date(2020, 6, 30)
    assert Window.of(period, "2020-06-20").cutoff == date(2020, 6, 20)
    assert Window.of(period, date(2020, 6, 20)).cutoff == date(2020, 6, 20)


@pytest.mark.parametrize(
    ("cutoff", "why"),
    [
        ("2020-07-01", "不在期间 2020H1 之内"),
        ("2019-12-31", "2020-01-01 至 2020-06-30"),
        ("六月底", "应写作 2020-06-30 的形式"),
        ("2020-06-31", "无法识别"),
    ],
)
def test_a_cutoff_that_is_no_date_or_outside_the_period_is_refused(cutoff: str, why: str) -> None:
    with pytest.raises(PeriodError, match=why):
        Window.of(Period.parse("2020H1"), cutoff)


def test_the_base_window_is_cut_off_on_the_same_day_of_the_year_before() -> None:
    half = Period.parse("2020H1")
    assert Window.of(half, "2020-06-20").same_window_last_year().cutoff == date(2019, 6, 20)
    # 29 February has no counterpart; the last day of the month stands for it.
    assert Window.of(half, "2020-02-29").same_window_last_year().cutoff == date(2019, 2, 28)


def test_the_base_window_of_a_whole_period_is_the_whole_period() -> None:
    # February 2023 ends on the 28th, February 2024 on the 29th: both whole.
    leap = Window.of(Period.parse("2025-02")).same_window_last_year()
    assert leap.cutoff == date(2024, 2, 29)
