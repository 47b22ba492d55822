"""One cell, read as what the clerk meant; anything else is a fault, never a guess."""

from __future__ import annotations

import contextlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xuncha_nb.ledgers import Column
from xuncha_nb.ledgers.columns import Type
from xuncha_nb.sources.cells import CellError, folded, is_blank, parse, shown

DAY = datetime(2024, 3, 5)


def column(type: Type, **more: Any) -> Column:
    return Column("x", "某列", type, **more)


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2024, 3, 5),
        datetime(2024, 3, 5, 14, 30),
        date(2024, 3, 5),
        "2024-03-05",
        "2024-3-5",
        "2024/3/5",
        "2024.3.5",
        "2024年3月5日",
        "2024 年 3 月 5 日",
        "2024年03月05",
        "２０２４－０３－０５",
        "20240305",
        20240305,
        "2024-03-05 00:00:00",
        "2024-03-05T00:00:00",
        " 2024-03-05 ",
        "\ufeff2024-03-05",
        45356,
        45356.0,
        "45356",
    ],
    ids=repr,
)
def test_a_date_is_understood_however_it_was_typed(cell: Any) -> None:
    assert parse(cell, column("date")) == DAY


@pytest.mark.parametrize(
    "cell",
    [
        "三月",
        "2024-13-01",
        "2024-02-30",
        "2024年3月",
        "3月5日",
        "24-3-5",
        "5",
        5,
        True,
        "2024-03-05 14:30",
        "0001-01-01",
        "99999999",
        "待定",
        45356.5,
    ],
    ids=repr,
)
def test_a_date_without_year_or_day_or_that_does_not_exist_is_a_fault(cell: Any) -> None:
    with pytest.raises(CellError) as caught:
        parse(cell, column("date"))
    assert caught.value.found == shown(cell)


@given(st.dates(date(1955, 1, 1), date(2140, 1, 1)))
def test_a_date_survives_every_way_of_writing_it(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for text in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
        serial,
        float(serial),
    ):
        assert parse(text, column("date")).date() == day


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (12, 12),
        (12.0, 12),
        ("12", 12),
        (" 1 2 ", 12),
        ("１２", 12),
        ("1,200", 1200),
        ("１，２００", 1200),
        ("12.0", 12),
        ("12件次", 12),
        ("12 件次", 12),
        (0, 0),
        ("0", 0),
        ("-3", -3),
        (Decimal("12"), 12),
    ],
    ids=repr,
)
def test_a_count_is_understood_in_full_width_with_separators_and_its_unit(
    cell: Any, number: int
) -> None:
    assert parse(cell, column("count", unit="件次")) == number


@pytest.mark.parametrize(
    "cell",
    [3.5, "3.5", "十二", "12个", "约12", "12+1", "#DIV/0!", True, "1e3", "inf", "9" * 20, 1e20],
    ids=repr,
)
def test_a_fraction_a_word_or_another_unit_is_no_count(cell: Any) -> None:
    with pytest.raises(CellError):
        parse(cell, column("count", unit="件次"))


@pytest.mark.parametrize("type", ["count", "number", "date", "flag", "choice", "text", "period"])
@pytest.mark.parametrize("cell", [None, "", "  ", "\u3000", "\ufeff", "\n", float("nan")], ids=repr)
def test_a_blank_cell_is_missing_and_never_zero(type: Type, cell: Any) -> None:
    assert is_blank(cell)
    assert parse(cell, column(type, allowed=("常规",))) is None


@pytest.mark.parametrize(
    "cell", ["是", "有", "Y", "yes", "√", "✓", "1", 1, 1.0, True, " 是 ", "已"]
)
def test_the_variants_of_yes(cell: Any) -> None:
    assert parse(cell, column("flag")) is True


@pytest.mark.parametrize("cell", ["否", "无", "N", "no", "×", "✗", "0", 0, 0.0, False, "未", "Ｎ"])
def test_the_variants_of_no(cell: Any) -> None:
    assert parse(cell, column("flag")) is False


@pytest.mark.parametrize("cell", ["也许", "2", "是否", "不是", "3月"])
def test_neither_yes_nor_no_is_a_fault(cell: str) -> None:
    with pytest.raises(CellError):
        parse(cell, column("flag"))


@pytest.mark.parametrize("cell", ["回头看", "“回头看”", "巡察“回头看”", " 回头看 "])
def test_a_choice_is_found_behind_quotes_and_spaces(cell: str) -> None:
    kinds = column("choice", allowed=("常规", "回头看"))
    if cell.startswith("巡察"):
        with pytest.raises(CellError):
            parse(cell, kinds)
    else:
        assert parse(cell, kinds) == "回头看"
    assert parse("常规巡察", kinds) == "常规"


def test_the_pool_may_be_called_a_pool() -> None:
    assert parse("组长库", column("choice", allowed=("组长", "专业人员"))) == "组长"


def test_a_value_outside_the_list_is_a_fault_that_says_it() -> None:
    with pytest.raises(CellError, match="临时"):
        parse("临时", column("choice", allowed=("常规", "专项")))


@pytest.mark.parametrize(
    ("cell", "text"),
    [("2024H1", "2024H1"), ("２０２４ｈ１", "2024H1"), (2024, "2024"), (2024.0, "2024")],
)
def test_a_period_is_held_in_its_written_form(cell: Any, text: str) -> None:
    assert parse(cell, column("period")) == text


def test_a_period_in_words_is_a_fault() -> None:
    with pytest.raises(CellError):
        parse("二〇二四年上半年", column("period"))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (331124, "331124"),
        (331124.0, "331124"),
        ("0310", "0310"),
        ("Ｄ００１", "D001"),
        ("D 001", "D001"),
    ],
)
def test_a_code_stays_text_and_compares_folded(cell: Any, code: str) -> None:
    assert parse(cell, column("text", unique=True)) == code
    assert parse(cell, column("text", refers="units.code")) == code


def test_a_name_keeps_its_full_width_characters_but_is_one_line_without_control_characters() -> (
    None
):
    assert parse(" 县财政局（本级）\n二楼\u200b ", column("text")) == "县财政局（本级） 二楼"


@given(st.text())
@example("A´")
def test_shown_text_is_one_printable_line(text: str) -> None:
    line = shown(text)
    assert "\n" not in line
    assert "\x00" not in line
    assert folded(folded(line)) == folded(line)


@given(
    st.none()
    | st.text(max_size=12)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes()
)
def test_no_cell_whatever_makes_the_reader_fail_in_another_way(cell: Any) -> None:
    types: tuple[Type, ...] = ("count", "number", "date", "flag", "period", "printed", "text")
    for type in types:
        with contextlib.suppress(CellError):
            parse(cell, column(type, unit="件"))
