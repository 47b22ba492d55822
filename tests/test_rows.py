"""Rows of a ledger: chosen, sorted and joined without losing what is blank."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest

from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.rows import Rows, among, array, day, found, known

CLUES = LEDGERS["clues"]


@pytest.fixture
def clues() -> Rows:
    cells = {c.name: [None] * 4 for c in CLUES.columns} | {
        "id": ["甲", "乙", None, "丁"],
        "found_on": [datetime(2024, 3, 1), None, date(2024, 1, 5), datetime(2024, 3, 1)],
        "party_cadres": [2, None, 0, 5],
    }
    return Rows.of_cells(CLUES, cells, [3, 4, 7, 9])


def test_blank_cells_equal_nothing_and_come_last(clues: Rows) -> None:
    assert known(clues["id"]).tolist() == [True, True, False, True]
    assert known(clues["found_on"]).tolist() == [True, False, True, True]
    assert (clues["found_on"] <= day(date(2024, 2, 1))).tolist() == [False, False, True, False]
    assert clues.sorted_by("found_on").numbers.tolist() == [7, 3, 9, 4]
    assert clues.filled("party_cadres") == [2, 0, 5]
    assert among(clues["id"], ("甲", "丁")).tolist() == [True, False, False, True]
    assert found(clues["id"], {"甲": 1}).tolist() == [1, None, None, None]


def test_a_choice_of_a_choice_keeps_its_row_numbers(clues: Rows) -> None:
    chosen = clues.where(known(clues["id"])).where(np.array([False, True, True]))
    assert chosen.numbers.tolist() == [4, 9]
    assert chosen.holding(id="丁")["party_cadres"].tolist() == [5]
    assert chosen.holding(id=("乙", "丁"), party_cadres=5).numbers.tolist() == [9]
    assert len(chosen.holding(id="甲")) == 0
    assert len(clues.holding()) == 4


def test_further_columns_belong_to_the_chosen_rows_alone(clues: Rows) -> None:
    chosen = clues.where(clues["id"] == "丁").assign(late=array([True]))
    assert chosen.last() == {
        "id": "丁",
        "found_on": datetime(2024, 3, 1),
        "party_cadres": 5,
        "late": True,
    }
    assert "late" in chosen
    assert "late" not in clues


def test_no_rows_have_no_last_one(clues: Rows) -> None:
    none = clues.where(clues["id"] == "戊")
    assert (len(none), none.last(), list(none.records())) == (0, None, [])
    assert len(Rows.empty(CLUES)) == 0


def test_a_frame_has_the_declared_types_and_the_row_numbers(clues: Rows) -> None:
    frame = clues.frame(CLUES)
    assert frame.index.tolist() == [3, 4, 7, 9]
    assert str(frame["found_on"].dtype) == "datetime64[us]"
    assert str(frame["party_cadres"].dtype) == "Int64"
    assert frame["party_cadres"].sum() == 7
    assert frame["id"].isna().tolist() == [False, False, True, False]


def test_dates_are_those_that_numpy_makes() -> None:
    cells = [
        None, date(1899, 12, 31), date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29),
        date(2199, 12, 31), datetime(1900, 1, 1), datetime(2024, 6, 30),
        datetime(2024, 6, 30, 23, 59, 59, 999_999), datetime(1969, 12, 31, 12, 0, 0, 1), None,
    ]  # fmt: skip
    np.testing.assert_array_equal(array(cells, dated=True), np.array(cells, "datetime64[us]"))


def test_a_cell_may_be_a_list() -> None:
    assert array([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert array([[1, 2], [3, 4]]).shape == (2,)
