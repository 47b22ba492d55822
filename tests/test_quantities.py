"""Printed numbers and the intervals they stand for; interval arithmetic never loses the truth."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xuncha_nb.errors import QuantityError
from xuncha_nb.intervals import Interval, decimal_text, rounded_text
from xuncha_nb.quantities import Quantity, total

numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=60)
counts = st.fractions(min_value=0, max_value=1000, max_denominator=60)


def holds(interval: Interval, number: Fraction) -> bool:
    """Whether a number lies in an interval, said independently of the class."""
    above = interval.low is None or (
        number > interval.low if interval.low_open else number >= interval.low
    )
    below = interval.high is None or (
        number < interval.high if interval.high_open else number <= interval.high
    )
    return above and below


@st.composite
def around(draw: st.DrawFn, truth: st.SearchStrategy[Fraction]) -> tuple[Fraction, Interval]:
    """Draw a true number and an interval that holds it, with open, closed or no bounds."""
    number = draw(truth)
    slack = st.fractions(min_value=0, max_value=50, max_denominator=60)
    below, above = draw(st.none() | slack), draw(st.none() | slack)
    interval = Interval(
        None if below is None else number - below,
        None if above is None else number + above,
        draw(st.booleans()) if below else False,
        draw(st.booleans()) if above else False,
    )
    assert holds(interval, number)
    return number, interval


@settings(max_examples=60)
@given(around(numbers), around(numbers))
def test_the_true_sum_and_difference_lie_in_the_computed_interval(
    one: tuple[Fraction, Interval], two: tuple[Fraction, Interval]
) -> None:
    (x, a), (y, b) = one, two
    assert holds(a + b, x + y)
    assert holds(a - b, x - y)
    assert holds(-a, -x)


@settings(max_examples=60)
@given(around(numbers), st.fractions(min_value=Fraction(1, 100), max_value=100))
def test_the_true_multiple_lies_in_the_scaled_interval(
    one: tuple[Fraction, Interval], factor: Fraction
) -> None:
    x, a = one
    assert holds(a.scaled(factor), x * factor)


@settings(max_examples=60)
@given(around(numbers), around(counts))
def test_the_true_quotient_lies_in_the_computed_interval_even_if_the_divisor_reaches_below_zero(
    one: tuple[Fraction, Interval], two: tuple[Fraction, Interval]
) -> None:
    (x, a), (y, b) = one, two
    assume(y > 0)
    assert holds(a.over(b), x / y)


@settings(max_examples=60)
@given(around(numbers), numbers)
def test_two_intervals_that_share_a_number_meet(
    one: tuple[Fraction, Interval], other: Fraction
) -> None:
    x, a = one
    assert a.meets(Interval.point(x))
    assert Interval.point(x).meets(a)
    assert a.meets(Interval.point(other)) == holds(a, other)


@settings(max_examples=60)
@given(around(numbers), around(numbers))
def test_one_interval_may_reach_another_when_its_truth_is_the_smaller(
    one: tuple[Fraction, Interval], two: tuple[Fraction, Interval]
) -> None:
    (x, a), (y, b) = one, two
    assume(x <= y)
    assert a.may_reach(b)


def test_intervals_that_only_touch_at_an_open_end_do_not_meet() -> None:
    below = Quantity.parse("2700余", "件").interval
    assert not below.meets(Interval.point(2800))
    assert below.meets(Interval.point(2700))
    assert below.meets(Interval.point(Fraction("2799.9")))
    assert not Quantity.parse(">168万", "件").interval.meets(Interval.point(1_680_000))


def test_a_sum_with_an_open_end_never_reaches_that_end() -> None:
    more = Quantity.parse("2700余", "件").interval + Interval.point(5)
    assert not more.meets(Interval.point(2805))
    assert more.meets(Interval.point(2705))
    assert (Interval.point(5) - more).low_open


def test_a_division_by_an_interval_that_reaches_zero_is_unbounded_and_not_inverted() -> None:
    wide = Interval(Fraction(5000), Fraction(15000)).over(Interval(Fraction(-4500), Fraction(6500)))
    assert wide.high is None
    assert wide.low == Fraction(5000, 6500)


@given(st.integers(0, 10**10), st.sampled_from([("万", 10**4), ("亿", 10**8)]), st.integers(0, 2))
def test_a_number_printed_in_ten_thousands_is_read_as_an_interval_with_the_number_in_it(
    number: int, scale: tuple[str, int], decimals: int
) -> None:
    word, factor = scale
    printed = rounded_text(Fraction(number, factor), decimals) + word
    assert holds(Quantity.parse(printed, "件").interval, Fraction(number))


@given(st.integers(10, 10**7), st.integers(1, 6))
def test_a_number_cut_down_to_its_first_digits_and_more_is_read_with_the_number_in_it(
    number: int, kept: int
) -> None:
    unit = 10 ** max(0, len(str(number)) - kept)
    printed = f"{number // unit * unit}余"
    interval = Quantity.parse(printed, "件").interval
    assert holds(interval, Fraction(number))
    assert not holds(interval, Fraction(number // unit * unit - 1))


@given(st.fractions(min_value=0, max_value=1000), st.integers(0, 3))
def test_a_printed_percentage_is_read_with_the_true_one_in_it(share: Fraction, digits: int) -> None:
    assert holds(Quantity.parse(rounded_text(share, digits) + "%", "%").interval, share)


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("24163", "人", "24163", "24163"),
        ("9.3万", "人", "92500", "93500"),
        ("62万", "件次", "615000", "625000"),
        ("7.0万", "件", "69500", "70500"),
        ("1.2亿", "件", "115000000", "125000000"),
        ("70.9%", "%", "70.85", "70.95"),
        ("6.0%", "%", "5.95", "6.05"),
        ("+123.8%", "%", "123.75", "123.85"),
        ("下降3.2%", "%", "-3.25", "-3.15"),
        ("增长3.2%", "%", "3.15", "3.25"),
        ("-5%", "%", "-5.5", "-4.5"),
        ("+245", "件次", "245", "245"),
        ("1,200份", "份", "1200", "1200"),
        ("１０５", "份", "105", "105"),
        (" 105 份 ", "份", "105", "105"),
        ("9.3万件", "件", "92500", "93500"),
        ("约2700", "件", "2650", "2750"),
        ("持平", "%", "0", "0"),
    ],
)
def test_a_printed_number_stands_for_half_a_unit_of_its_last_digit_either_way(
    text: str, unit: str, low: str, high: str
) -> None:
    assert Quantity.parse(text, unit).interval == Interval(Fraction(low), Fraction(high))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2700余", 2700, 2800),
        ("2700多", 2700, 2800),
        ("20余", 20, 30),
        ("1万余", 10_000, 20_000),
        ("9.3万余", 93_000, 94_000),
        ("9.3余万", 93_000, 94_000),
        ("不足3万", 0, 30_000),
    ],
)
def test_more_only_rounds_down_and_less_only_up(text: str, low: int, high: int) -> None:
    expected = Interval(Fraction(low), Fraction(high), high_open=True)
    assert Quantity.parse(text, "件").interval == expected


@pytest.mark.parametrize("text", [">168万", "超过168万", "逾168万", "＞168万"])
def test_above_is_an_open_lower_bound(text: str) -> None:
    expected = Interval(Fraction(1_680_000), None, low_open=True)
    assert Quantity.parse(text, "件").interval == expected


@pytest.mark.parametrize("text", ["", "XX", "***", "约", "三百", "10-20", "3.", "1e3", "5万万"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(QuantityError, match=r"不是可识别的数值.*请改正$") as caught:
        Quantity.parse(text, "件")
    assert f"“{text}”" in str(caught.value)


def test_a_percentage_is_refused_where_a_count_is_due() -> None:
    with pytest.raises(QuantityError, match="单位是件"):
        Quantity.parse("5%", "件")


def test_a_number_with_another_measure_word_is_refused() -> None:
    with pytest.raises(QuantityError, match="不是可识别的数值"):
        Quantity.parse("5个", "件")


def test_different_units_are_never_added() -> None:
    with pytest.raises(QuantityError, match="5份 与 3本"):
        Quantity.exact(5, "份") + Quantity.exact(3, "本")
    with pytest.raises(QuantityError, match="单位不同"):
        Quantity.exact(5, "件") - Quantity.exact(3, "个")


def test_exact_numbers_add_up_exactly() -> None:
    assert total([Quantity.exact(n, "件") for n in (12, 9, 6)]).printed == "27件"
    assert (Quantity.exact(5, "件") - Quantity.exact(8, "件")).printed == "-3件"


def test_a_sum_is_printed_no_finer_than_its_coarsest_part() -> None:
    coarse = Quantity.parse("9.3万", "人") + Quantity.exact(1234, "人")
    assert coarse.printed == "9.4万人"
    assert coarse.interval == Interval(Fraction(93734), Fraction(94734))


@settings(max_examples=60)
@given(st.lists(around(counts), min_size=1, max_size=6))
def test_a_total_of_rounded_numbers_holds_the_true_total(
    parts: list[tuple[Fraction, Interval]],
) -> None:
    quantities = [Quantity(x, "件", a, decimal_text(x)) for x, a in parts]
    assert holds(total(quantities).interval, sum((x for x, _ in parts), Fraction(0)))


@given(st.fractions(min_value=-1000, max_value=1000), st.integers(0, 4))
def test_rounding_is_half_away_from_zero_and_within_half_a_digit(
    value: Fraction, decimals: int
) -> None:
    text = rounded_text(value, decimals)
    assert abs(Fraction(text) - value) <= Fraction(1, 2 * 10**decimals)
    assert len(text.partition(".")[2]) == decimals
    assert rounded_text(-value, decimals).lstrip("-") == text.lstrip("-")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Fraction("0.05"), 1, "0.1"),
        (Fraction("-0.05"), 1, "-0.1"),
        (Fraction("2.5"), 0, "3"),
        (Fraction("-0.04"), 1, "0.0"),
        (Fraction(2, 3), 2, "0.67"),
    ],
)
def test_rounding_as_printed_tables_do(value: Fraction, decimals: int, text: str) -> None:
    assert rounded_text(value, decimals) == text


@given(st.integers(0, 10**9), st.integers(0, 4))
def test_decimal_text_writes_an_ending_decimal_in_full(whole: int, decimals: int) -> None:
    value = Fraction(whole, 10**decimals)
    assert Fraction(decimal_text(value)) == value


def test_floats_enter_as_they_are_printed() -> None:
    assert Quantity.exact(0.1, "万元").value == Fraction(1, 10)
    assert math.isclose(float(Quantity.exact(12.5, "万元").value), 12.5)


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval.point(461), "461"),
        (Interval(Fraction(92500), Fraction(93500)), "92500～93500"),
        (Interval(Fraction(1_680_000), None, low_open=True), "大于1680000"),
        (Interval(Fraction(0), None), "不小于0"),
        (Interval(None, Fraction(5), high_open=True), "小于5"),
        (Interval(None, Fraction(5)), "不大于5"),
        (Interval(None, None), "任意值"),
        (Interval(Fraction(2700), Fraction(2800), high_open=True), "2700～2800（不含）"),
    ],
)
def test_an_interval_is_said_in_plain_words(interval: Interval, text: str) -> None:
    assert interval.text == text


def test_a_date_is_printed_without_a_unit_and_zero_is_known_as_zero() -> None:
    day = Quantity(Fraction(1), "日期", Interval.point(1), "2026年3月")
    assert day.printed == "2026年3月"
    assert Quantity.exact(0, "件").is_zero
    assert not Quantity.parse("0.0%", "%").is_zero
