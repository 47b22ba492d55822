"""figures.xlsx: numbers as numbers, texts as texts, same bytes twice."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from pieces import figure
from python_calamine import CalamineWorkbook

from xuncha_nb.workbook import figures_workbook

HEADERS = [
    "标识",
    "指标",
    "本期",
    "单位",
    "基期",
    "增减",
    "同比（%）",
    "取得方式",
    "来源台账",
    "台账行数",
    "轮次",
    "口径",
]


def rows(*figures: dict[str, Any]) -> list[list[Any]]:
    stream = io.BytesIO(figures_workbook(figures, "松阳县 2024年上半年"))
    return CalamineWorkbook.from_filelike(stream).get_sheet_by_name("指标").to_python()


def cell(text: str) -> Any:
    """Return what a number printed like that becomes in the sheet."""
    return rows(figure("talks_person_times", text).to_json())[1][2]


def test_a_figure_is_one_row_under_chinese_headers() -> None:
    header, row = rows(figure("talks_person_times", "108", "96").to_json())
    assert header == HEADERS
    assert row[:8] == ["talks_person_times", "个别谈话", 108, "人次", 96, 12, 12.5, "台账"]
    assert row[8] != "activities", "ledgers go by their Chinese names"
    assert row[11]


@pytest.mark.parametrize("printed", ["9.3万", "2700余", ">168万"])
def test_a_rounded_print_stays_text(printed: str) -> None:
    assert cell(printed) == printed


def test_a_trailing_zero_is_not_lost() -> None:
    assert rows(figure("coverage_rate", "70.0").to_json())[1][2] == "70.0"
    assert rows(figure("coverage_rate", "70.9").to_json())[1][2] == 70.9


def test_what_is_missing_is_blank_and_what_is_zero_is_zero() -> None:
    row = rows(figure("talks_person_times", "0").to_json())[1]
    assert row[2] == 0
    assert row[4:7] == ["", "", ""]


@pytest.mark.parametrize("hostile", ["=1+1", "@cmd", "http://x.example/", "+1"])
def test_texts_of_the_data_are_no_formulas(hostile: str) -> None:
    data = figure("talks_person_times", "1").to_json() | {"label": hostile}
    assert rows(data)[1][1] == hostile


def test_the_same_figures_give_the_same_bytes() -> None:
    data = [figure("talks_person_times", "108", "96").to_json()]
    first = figures_workbook(data, "甲")
    time.sleep(2.1)  # times inside a zip file have a grain of two seconds
    assert figures_workbook(data, "甲") == first
