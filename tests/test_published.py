"""Published bulletins: the check says of each what ``expected.csv`` says a correct one does."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from books import only

from xuncha_nb.computation import compute
from xuncha_nb.inspection import inspect
from xuncha_nb.parameters import load_standards
from xuncha_nb.periods import Period, Window
from xuncha_nb.sources import read

PUBLISHED = Path(__file__).parent / "data" / "published"
with (PUBLISHED / "expected.csv").open(encoding="utf-8", newline="") as _file:
    EXPECTED = list(csv.DictReader(_file))


def test_every_published_file_is_expected_and_every_expected_one_is_there() -> None:
    files = {path.name for path in PUBLISHED.glob("*.csv")} - {"expected.csv"}
    assert files == {row["file"] for row in EXPECTED}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: row["file"])
def test_the_check_of_a_published_file_finds_what_is_wrong_and_nothing_else(
    expected: dict[str, str],
) -> None:
    found = inspect(PUBLISHED / expected["file"])
    errors = [v.line for v in found if v.severity == "error"]
    warnings = [v.line for v in found if v.severity == "warning"]
    assert len(errors) == int(expected["errors"]), errors
    assert len(warnings) >= int(expected["min_warnings"]), warnings


def test_lincangs_growth_is_on_the_wrong_base_and_one_share_was_forced() -> None:
    found = inspect(PUBLISHED / "lincang-2018H1.csv")
    growth = only(found, "growth")
    assert growth.severity == "error"
    assert growth.figures[0] == "petitions_total"
    assert (growth.expected, growth.found) == ("113.43%", "+123.8%")
    assert "216" in growth.message
    forced = only(found, "share_forced")
    assert forced.severity == "warning"
    assert forced.figures[0] == "petitions_no_substance"
    assert (forced.expected, forced.found) == ("7.38%", "7.3%")


def test_no_warning_is_raised_where_there_is_nothing_to_warn_about() -> None:
    for name in ("guangdong-2019.csv", "huaian-2017.csv"):
        assert [v.line for v in inspect(PUBLISHED / name) if v.severity == "warning"] == []


def test_huaians_figures_are_those_that_were_printed() -> None:
    book = read(PUBLISHED / "huaian-2017.csv")
    window = Window.of(Period.parse("2017H1"))
    found, _ = compute(book, "320803", window, load_standards())
    assert {id: figure.value.printed for id, figure in found.items()} == {
        "teams_count": "4个",
        "petitions_received": "3件次",
        "talks_person_times": "96人次",
        "symposia_held": "2次",
        "questionnaires_issued": "105份",
        "leader_pool": "20人",
        "staff_pool": "150人",
        "plan_period_units": "96个",
    }


@pytest.mark.parametrize(
    ("file", "figure", "changed", "rule"),
    [
        ("guangdong-2019.csv", "form4,3754", "form4,3755", "forms"),
        ("guangdong-2019.csv", "form4_share,6.0%", "form4_share,6.1%", "share"),
        (
            "guangdong-2019.csv",
            "persons_disciplined,24163",
            "persons_disciplined,24162",
            "disciplined_by_rank",
        ),
        ("national.csv", "2020Q1,form1,23.6万", "2020Q1,form1,23.9万", "forms"),
        ("lincang-2018H1.csv", "_visit,50", "_visit,51", "petitions_by_channel"),
    ],
)
def test_one_changed_digit_in_a_published_file_is_found(
    tmp_path: Path, file: str, figure: str, changed: str, rule: str
) -> None:
    text = (PUBLISHED / file).read_text("utf-8")
    assert text.count(figure) == 1
    (tmp_path / file).write_text(text.replace(figure, changed), "utf-8")
    before = {v.rule for v in inspect(PUBLISHED / file) if v.severity == "error"}
    after = {v.rule for v in inspect(tmp_path / file) if v.severity == "error"}
    assert rule in after - before
