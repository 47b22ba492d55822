"""The ledger workbook: read back with another library, looked into, opened by LibreOffice."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from xuncha_nb.errors import OutputError
from xuncha_nb.ledgers import LEDGERS, Column
from xuncha_nb.sources import read
from xuncha_nb.template import EXAMPLE, GUIDE_SHEET, LAST_ROW, NUMBER_HEADER, write_workbook

ROWS: dict[str, list[dict[str, object]]] = {
    "units": [
        {"code": "0310", "name": "=1+1", "type": "乡镇", "valid_from": date(2022, 7, 1)},
        {
            "code": "0311",
            "name": "https://example.invalid",
            "type": "村",
            "parent": "0310",
            "former_names": None,
        },
    ],
    "trainings": [{"date": date(2024, 3, 1), "topic": "", "person_times": 0, "trainees": None}],
    "tenders": [{"date": date(2024, 3, 1), "unit_name": "甲", "project": "乙", "filed": False}],
    "assessments": [
        {"unit": "0310", "round": "1", "date": date(2024, 3, 1), "score": 86.5, "grade": "较好"},
    ],
    "reported": [{"area": "", "period": "2024H1", "figure": "clues_found", "value": "012"}],
}


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "台账.xlsx"
    write_workbook(path, area="瀍河回族区")
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "台账.xlsx"
    write_workbook(path, ROWS, example=False)
    return path


def cells(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()


def xml(path: Path, name: str) -> str:
    """Return the XML of a ledger's sheet."""
    number = list(LEDGERS).index(name) + 2
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"xl/worksheets/sheet{number}.xml").decode("utf-8")


def validation_of(path: Path, ledger: str, column: str) -> str:
    index = [c.name for c in LEDGERS[ledger].columns].index(column) + 1
    found = [
        part
        for part in re.findall(
            r"<dataValidation .*?</dataValidation>", xml(path, ledger), re.DOTALL
        )
        if f'sqref="{chr(65 + index)}2:{chr(65 + index)}{LAST_ROW}"' in part
    ]
    assert len(found) == 1, (ledger, column)
    return str(found[0])


def test_the_sheets_are_the_guide_and_the_ledgers_in_order(blank: Path) -> None:
    names = CalamineWorkbook.from_path(blank).sheet_names
    assert names == [GUIDE_SHEET, *(ledger.sheet for ledger in LEDGERS.values())]


@pytest.mark.parametrize("name", LEDGERS)
def test_a_sheet_has_its_header_and_the_example(blank: Path, name: str) -> None:
    ledger = LEDGERS[name]
    header, example, *rest = cells(blank, ledger.sheet)
    assert header == [NUMBER_HEADER, *(column.title for column in ledger.columns)]
    assert example[0] == EXAMPLE
    assert rest == []
    for column, value in zip(ledger.columns, example[1:], strict=True):
        if not column.example:
            assert value == ""
        elif column.type == "date":
            assert value == date.fromisoformat(column.example)
        elif column.type in ("count", "number"):
            assert value == float(column.example)
        else:
            assert value == column.example


@pytest.mark.parametrize("name", LEDGERS)
def test_a_sheet_is_frozen_and_prints_landscape_on_one_width(blank: Path, name: str) -> None:
    text = xml(blank, name)
    assert '<pane xSplit="1" ySplit="1" topLeftCell="B2"' in text
    assert 'orientation="landscape"' in text
    assert 'fitToHeight="0"' in text
    assert '<pageSetUpPr fitToPage="1"/>' in text


@pytest.mark.parametrize("name", LEDGERS)
def test_every_header_has_a_note(blank: Path, name: str) -> None:
    number = list(LEDGERS).index(name) + 1
    with zipfile.ZipFile(blank) as archive:
        notes = html.unescape(archive.read(f"xl/comments{number}.xml").decode("utf-8"))
    assert notes.count("<comment ref=") == len(LEDGERS[name].columns) + 1
    for column in LEDGERS[name].columns:
        assert column.title in notes
        assert column.note in notes
        assert column.expected in notes


def test_every_typed_column_is_checked_and_text_is_not(blank: Path) -> None:
    def checked(column: Column, ledger: str) -> bool:
        named = f"{ledger}.{column.name}" in ("findings.category", "assessments.grade")
        return (
            named
            or bool(column.refers)
            or column.type in ("choice", "flag", "count", "number", "date")
        )

    for name, ledger in LEDGERS.items():
        count = sum(checked(column, name) for column in ledger.columns)
        assert xml(blank, name).count("<dataValidation ") == count


def test_each_kind_of_check_says_what_it_should(blank: Path) -> None:
    choice = validation_of(blank, "clues", "transferred_to")
    assert "纪委监委,组织部门,公安机关,其他" in choice
    assert "errorStyle" not in choice
    assert '<formula1>"是,否"</formula1>' in validation_of(blank, "findings", "immediate")
    whole = validation_of(blank, "teams", "head_count")
    assert 'type="whole"' in whole
    assert 'operator="greaterThanOrEqual"' in whole
    assert 'type="decimal"' in validation_of(blank, "assessments", "score")
    day = validation_of(blank, "rounds", "start")
    assert "<formula1>32874</formula1><formula2>73050</formula2>" in day
    assert all('errorTitle="填写有误"' in each for each in (choice, whole, day))


def test_other_times_standards_and_unknown_references_only_warn(blank: Path) -> None:
    category = validation_of(blank, "findings", "category")
    assert "决策部署落实,群众身边问题,基层党组织建设" in category
    grade = validation_of(blank, "assessments", "grade")
    assert "好,较好,一般,差" in grade
    unit = validation_of(blank, "findings", "unit")
    assert f"'巡察对象'!$B$2:$B${LAST_ROW}" in unit
    assert all('errorStyle="warning"' in each for each in (category, grade, unit))


def test_drop_downs_stay_within_what_excel_takes(blank: Path) -> None:
    # Excel calls a file with a longer list or message damaged.
    for name in LEDGERS:
        text = xml(blank, name)
        assert all(len(x) <= 257 for x in re.findall(r"<formula1>(.*?)</formula1>", text))
        assert all(len(x) <= 255 for x in re.findall(r' error="(.*?)"', text))


def test_required_headers_have_a_fill_of_their_own(blank: Path) -> None:
    styles = re.findall(r'<c r="[A-Z]+1" s="(\d+)"', xml(blank, "clues"))
    required = {s for s, c in zip(styles[1:], LEDGERS["clues"].columns, strict=True) if c.required}
    optional = {
        s for s, c in zip(styles[1:], LEDGERS["clues"].columns, strict=True) if not c.required
    }
    assert len(required) == len(optional) == 1
    assert required != optional


def test_the_guide_explains_and_lists(blank: Path) -> None:
    text = "\n".join(str(cell) for row in cells(blank, GUIDE_SHEET) for cell in row)
    for words in (
        "瀍河回族区巡察工作台账",
        "留空表示没有统计",
        "填 0 表示确实没有",
        "不填姓名",
        "浅橙色",
        "示例",
        "xuncha check",
        "六围绕一加强",
        "2018-01-01 至 2019-12-31",
        "2020-01-01 至 今",
        "良好、较好、较差",
    ):
        assert words in text
    for ledger in LEDGERS.values():
        assert ledger.sheet in text
        assert ledger.note in text
    with zipfile.ZipFile(blank) as archive:
        guide = archive.read("xl/worksheets/sheet1.xml").decode("utf-8")
    assert guide.count("<hyperlink ") == len(LEDGERS)
    assert "'巡察对象'!A1" in guide


def test_rows_keep_their_types(filled: Path) -> None:
    first, second = cells(filled, "巡察对象")[1:]
    assert first[:5] == ["1", "0310", "=1+1", "", "乡镇"]
    assert first[6] == date(2022, 7, 1)
    assert second[2] == "https://example.invalid"
    assert cells(filled, "培训")[1] == ["1", date(2024, 3, 1), "", 0.0, ""]
    assert cells(filled, "招投标监管")[1][-1] == "否"
    assert cells(filled, "政治生态评估")[1][4:] == [86.5, "较好"]
    assert cells(filled, "填报数")[1] == ["1", "", "2024H1", "clues_found", "012", ""]


def test_text_is_never_a_formula_or_a_link(filled: Path) -> None:
    text = xml(filled, "units")
    assert "<f>" not in text
    assert "<hyperlink" not in text


def test_codes_typed_into_a_text_column_stay_text(blank: Path) -> None:
    with zipfile.ZipFile(blank) as archive:
        styles = archive.read("xl/styles.xml").decode("utf-8")
    formats = re.findall(r"<xf numFmtId=\"(\d+)\"", styles.partition("<cellXfs")[2])
    column = re.search(r'<col min="2" max="2" [^>]*style="(\d+)"', xml(blank, "units"))
    assert column is not None
    assert formats[int(column[1])] == "49"  # the built-in text format


def test_rows_follow_the_example(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", ROWS)
    rows = cells(tmp_path / "a.xlsx", "巡察对象")
    assert [row[0] for row in rows[1:]] == [EXAMPLE, "1", "2"]


def test_the_same_content_gives_the_same_bytes(filled: Path, tmp_path: Path) -> None:
    write_workbook(tmp_path / "again.xlsx", ROWS, example=False)
    assert (tmp_path / "again.xlsx").read_bytes() == filled.read_bytes()
    with zipfile.ZipFile(filled) as archive:
        core = archive.read("docProps/core.xml").decode("utf-8")
    assert str(datetime.now().year) not in core.replace("2024-01-01", "")


@pytest.mark.parametrize("rows", [{"nonsense": []}, {"units": [{"nonsense": 1}]}])
def test_an_unknown_ledger_or_column_is_a_mistake_in_code(
    rows: dict[str, list[dict[str, object]]], tmp_path: Path
) -> None:
    with pytest.raises(KeyError):
        write_workbook(tmp_path / "a.xlsx", rows)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_refused_without_a_path_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_workbook(tmp_path / "没有" / "a.xlsx")
    assert "“没有”不存在" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(source: object, target: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(OutputError, match="请先关闭"):
        write_workbook(path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]
    assert path.read_bytes() == b"old"


def test_libreoffice_reads_the_workbook_back_unchanged(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("soffice (LibreOffice) is not installed")
    path = tmp_path / "ledgers.xlsx"
    write_workbook(path, ROWS, area="淮安区")
    (tmp_path / "out").mkdir()
    subprocess.run(
        [
            soffice,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path / "out"),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    again = tmp_path / "out" / path.name
    assert CalamineWorkbook.from_path(again).sheet_names == (
        CalamineWorkbook.from_path(path).sheet_names
    )
    for name, ledger in LEDGERS.items():
        assert cells(again, ledger.sheet) == cells(path, ledger.sheet)
        # What LibreOffice wrote out is what it had understood.
        assert xml(again, name).count("<dataValidation ") == xml(path, name).count(
            "<dataValidation "
        )


def test_the_reader_takes_nothing_from_a_blank_workbook(blank: Path) -> None:
    book = read(blank)
    assert book.verdicts == ()
    assert not any(len(rows) for rows in book.rows.values())


def test_the_reader_reads_what_was_written(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", ROWS)
    book = read(tmp_path / "a.xlsx")
    assert list(book["units"]["code"]) == ["0310", "0311"]
    assert list(book["units"]["name"]) == ["=1+1", "https://example.invalid"]
    assert book["tenders"]["filed"].tolist() == [False]
    assert book["reported"]["value"].tolist() == ["012"]
