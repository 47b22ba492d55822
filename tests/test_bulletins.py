"""A bulletin from a bulletin's figures: every printed number stands in the report, as printed."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest

from xuncha_nb import sources, views
from xuncha_nb.document import Table
from xuncha_nb.errors import CheckError
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.opening import build
from xuncha_nb.parameters import RunParameters, load_standards
from xuncha_nb.report import Report

ROOT = Path(__file__).parent.parent
PUBLISHED = Path(__file__).parent / "data" / "published"
BULLETINS = (
    ("national.csv", "全国", "2020Q1"),
    ("national.csv", "全国", "2020"),
    ("national.csv", "全国", "2023"),
    ("guangdong-2019.csv", "广东省", "2019"),
)


def bulletin(file: str, county: str, period: str) -> Report:
    parameters = RunParameters(county=county, period=period, source=file)
    book = sources.read(PUBLISHED / file)
    report = build("discipline_half_year", parameters, book, load_standards())
    notebook = nbformat.read(ROOT / "notebooks" / "discipline_half_year.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type != "code" or {"parameters", "checks"} & set(
            cell.metadata.get("tags", [])
        ):
            continue
        if cell.source.startswith("%%narrative"):
            report.narrative(cell.source.partition("\n")[2])
        elif "open_report" not in cell.source:
            exec(cell.source, {"report": report})
    return report


@pytest.mark.parametrize(("file", "county", "period"), BULLETINS)
def test_every_published_number_stands_in_the_prose_with_its_unit(
    file: str, county: str, period: str
) -> None:
    document = bulletin(file, county, period).document()
    prose = "".join(views.plain(b) for b in document.blocks if not isinstance(b, Table))
    with (PUBLISHED / file).open(encoding="utf-8") as stream:
        rows = [r for r in csv.DictReader(stream) if r["period"] == period]
    assert rows
    for row in rows:
        unit = INDICATORS[row["figure"]].unit
        assert f"{row['value'].removesuffix(unit)}{unit}" in prose, row


def test_nothing_is_said_of_what_the_bulletin_does_not_give() -> None:
    document = bulletin("national.csv", "全国", "2020Q1").document()
    prose = "".join(views.plain(b) for b in document.blocks)
    for absent in ("同比", "巡察党组织", "督查组", "政务处分", "委巡察", "None", "{{"):
        assert absent not in prose
    assert document.title.office == "全国纪检监察机关"


def test_a_bulletin_that_contradicts_itself_makes_no_report() -> None:
    with pytest.raises(CheckError, match=r"增幅与重算结果不符"):
        bulletin("lincang-2018H1.csv", "临沧市", "2018H1")
