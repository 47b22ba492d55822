"""Numbers, comparisons, dates and lists in Chinese."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pieces import PLAIN, figure

from xuncha_nb import wording
from xuncha_nb.parameters import Thresholds
from xuncha_nb.wording import Phrase

SHORT = Thresholds(percent_trailing_zero=False)


def text(phrase: Phrase | None) -> str | None:
    return None if phrase is None else phrase.text


def test_an_amount_carries_its_measure_word_and_names_its_figure() -> None:
    phrase = wording.amount(figure("questionnaires_issued", "105"))
    assert [(r.text, r.figure) for r in phrase.runs] == [("105份", "questionnaires_issued")]
    assert wording.number(figure("questionnaires_issued", "105")).text == "105"


@pytest.mark.parametrize("printed", ["9.3万", "2700余", ">168万", "62万", "24163"])
def test_a_printed_number_is_repeated_as_printed(printed: str) -> None:
    assert wording.amount(figure("talks_person_times", printed)).text == f"{printed}人次"


@pytest.mark.parametrize(
    ("now", "base", "expected"),
    [
        ("108", "96", "同比增长12.5%"),
        ("97", "100", "同比下降3.0%"),
        ("96", "96", "与去年同期持平"),
        ("100049", "100000", "与去年同期持平"),
        ("99951", "100000", "与去年同期持平"),
        ("100050", "100000", "同比增长0.1%"),
        ("3", "0", "由0人次增至3人次"),
        ("0", "0", "与去年同期持平"),
        ("0", "5", "同比下降100.0%"),
        ("3", None, None),
    ],
)
def test_the_movement_of_a_count(now: str, base: str | None, expected: str | None) -> None:
    assert text(wording.comparison(figure("talks_person_times", now, base), PLAIN)) == expected


@pytest.mark.parametrize(
    ("now", "base", "expected"),
    [
        ("61.0", "32.4", "同比提高28.6个百分点"),
        ("32.4", "61.0", "同比下降28.6个百分点"),
        ("61.0", "61.0", "与去年同期持平"),
        ("61.0", "0", "同比提高61.0个百分点"),
        ("61.0", None, None),
    ],
)
def test_a_rate_moves_in_points(now: str, base: str | None, expected: str | None) -> None:
    assert text(wording.comparison(figure("coverage_rate", now, base), PLAIN)) == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("+123.8%", "同比增长123.8%"),
        ("-3.2%", "同比下降3.2%"),
        ("下降3.2%", "同比下降3.2%"),
        ("增长12%", "同比增长12%"),
        ("持平", "与去年同期持平"),
    ],
)
def test_growth_that_a_source_printed_is_said_as_printed(printed: str, expected: str) -> None:
    item = figure("talks_person_times", "386", growth=printed)
    assert text(wording.comparison(item, PLAIN)) == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("+3.2", "同比提高3.2个百分点"),
        ("提高3.2", "同比提高3.2个百分点"),
        ("下降3.2", "同比下降3.2个百分点"),
        ("-3.2", "同比下降3.2个百分点"),
    ],
)
def test_points_that_a_source_printed_say_their_direction_once(printed: str, expected: str) -> None:
    item = figure("coverage_rate", "70.9", change=printed)
    assert text(wording.comparison(item, PLAIN)) == expected


def test_a_movement_names_the_figure_that_it_prints() -> None:
    phrase = wording.comparison(figure("talks_person_times", "108", "96"), PLAIN)
    assert phrase is not None
    assert [(r.text, r.figure) for r in phrase.runs] == [
        ("同比增长", None),
        ("12.5%", "talks_person_times_yoy"),
    ]


def test_trailing_zeros_of_a_percentage_are_the_offices_choice() -> None:
    item = figure("talks_person_times", "97", "100")
    assert text(wording.comparison(item, SHORT)) == "同比下降3%"
    rate = figure("coverage_rate", "64.0", "61.0")
    assert text(wording.comparison(rate, SHORT)) == "同比提高3个百分点"
    part, whole = figure("covered_total", "7"), figure("objects_total", "10")
    assert text(wording.share(part, whole, SHORT)) == "70%"
    assert text(wording.share(part, whole, PLAIN)) == "70.0%"


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ("43", "96", "44.8%"),
        ("96", "96", "100.0%"),
        ("9999", "10000", "99.9%"),
        ("1", "10000", "0.1%"),
        ("0", "10000", "0.0%"),
        ("0", "0", None),
    ],
)
def test_a_share_is_all_or_nothing_only_when_exactly_so(
    part: str, whole: str, expected: str | None
) -> None:
    phrase = wording.share(figure("covered_total", part), figure("objects_total", whole), PLAIN)
    assert text(phrase) == expected


def test_a_printed_share_stands() -> None:
    part = figure("covered_total", "43", share="44.7%")
    assert text(wording.share(part, figure("objects_total", "96"), PLAIN)) == "44.7%"


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_no_share_of_a_real_part_prints_as_none_or_all(part: int, rest: int) -> None:
    whole = figure("objects_total", str(part + rest))
    phrase = wording.share(figure("covered_total", str(part)), whole, PLAIN)
    assert phrase is not None
    assert phrase.text not in ("0.0%", "100.0%")


def test_a_breakdown_leaves_zeros_out_and_says_members_in_the_offices_words() -> None:
    parts = [
        figure("findings_by_category[甲]", "7"),
        figure("findings_by_category[乙]", "0"),
        figure("findings_by_category[丙]", "2"),
    ]
    phrase = wording.breakdown(parts, {"甲": "甲方面"})
    assert phrase is not None
    assert phrase.text == "甲方面7个、丙2个"
    assert [r.figure for r in phrase.runs if r.figure] == [parts[0].id, parts[2].id]
    assert wording.breakdown([parts[1]]) is None


def test_days_carry_the_year_only_when_it_is_another() -> None:
    assert text(wording.day(date(2024, 7, 5), 2024)) == "7月5日"
    assert text(wording.day(datetime(2023, 11, 30), 2024)) == "2023年11月30日"
    assert wording.day(None, 2024) is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2024, 3, 1), date(2024, 4, 30), "3月1日—4月30日"),
        (date(2024, 5, 13), date(2024, 5, 17), "5月13日—17日"),
        (date(2024, 5, 13), date(2024, 5, 13), "5月13日"),
        (date(2023, 11, 20), date(2023, 12, 29), "2023年11月20日—12月29日"),
        (date(2023, 12, 20), date(2024, 1, 15), "2023年12月20日—1月15日"),
        (date(2024, 12, 20), date(2025, 1, 15), "12月20日—2025年1月15日"),
        (date(2024, 3, 1), None, None),
    ],
)
def test_a_span_says_nothing_twice(
    first: date | None, last: date | None, expected: str | None
) -> None:
    assert text(wording.span(first, last, 2024)) == expected


def test_names_in_a_list_are_cut_with_a_word() -> None:
    assert wording.listed(["甲", "乙", "丙"]) == "甲、乙、丙"
    assert wording.listed(["甲", "乙", "丙"], 2) == "甲、乙等"
    assert wording.listed(["甲", "乙"], 2) == "甲、乙"


def test_ordinals() -> None:
    assert [wording.ordinal(n) for n in (1, 10, 12, 20, 23)] == [
        "第一",
        "第十",
        "第十二",
        "第二十",
        "第二十三",
    ]
