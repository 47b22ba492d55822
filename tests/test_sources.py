"""Reading: every kind of file gives the same ledgers; every fault of every cell is listed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import books
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from books import CODE, county, csv_bytes, folder, grid, rules, workbook

from xuncha_nb.errors import SourceError
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.sources import Book, locate, read

#: Enough of the county for the reading of files: text, counts, dates, flags, choices.
FEW = ("units", "rounds", "round_units", "activities", "findings", "reported")


def few() -> books.Rows:
    rows = county()
    return {name: rows[name] for name in FEW}


def same(one: Book, other: Book) -> None:
    for name in LEDGERS:
        pd.testing.assert_frame_equal(one.frame(name), other.frame(name), obj=name)
    assert one.verdicts == other.verdicts == ()


def parquet_folder(path: Path, rows: books.Rows) -> Path:
    """Write Parquet files as an export would: by column name, typed where pandas types them."""
    path.mkdir()
    for name, table in rows.items():
        columns = {
            c.name: [
                datetime.fromisoformat(cell).date() if c.type == "date" and cell else cell
                for cell in (row.get(c.name) for row in table)
            ]
            for c in LEDGERS[name].columns
        }
        pq.write_table(pa.table(columns), path / f"{name}.parquet")
    return path


def typed_workbook(path: Path, rows: books.Rows) -> Path:
    """Write a workbook whose dates are real Excel dates and whose sheet order is turned round."""
    sheets = {}
    for name in reversed(rows):
        dated = [c.type == "date" for c in LEDGERS[name].columns]
        header, *body = grid(name, rows[name])
        sheets[LEDGERS[name].sheet] = [
            header,
            *(
                [datetime.fromisoformat(v) if d and v else v for v, d in zip(r, dated, strict=True)]
                for r in body
            ),
        ]
    return workbook(path, sheets)


WRITERS: dict[str, Callable[[Path, books.Rows], Path]] = {
    "GB18030": lambda path, rows: folder(path / "gbk", rows, "gb18030"),
    "UTF-8 without BOM": lambda path, rows: folder(path / "plain", rows, "utf-8"),
    "Parquet": lambda path, rows: parquet_folder(path / "parquet", rows),
    "xlsx with real dates": lambda path, rows: typed_workbook(path / "dates.xlsx", rows),
    "xlsx with typed dates": lambda path, rows: workbook(
        path / "text.xlsx", {LEDGERS[name].sheet: grid(name, rows[name]) for name in rows}
    ),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_data_gives_the_same_ledgers_whatever_the_file(tmp_path: Path, kind: str) -> None:
    same(read(folder(tmp_path / "bom", few())), read(WRITERS[kind](tmp_path, few())))


def test_the_same_data_gives_the_same_figures_from_a_folder_and_from_a_workbook(
    tmp_path: Path,
) -> None:
    from xuncha_nb.computation import compute

    from_folder = books.figures(tmp_path, county())
    book = read(typed_workbook(tmp_path / "book.xlsx", county()))
    from_workbook, _ = compute(book, CODE, books.HALF_YEAR, books.STANDARDS)
    assert [f.to_json() for f in from_folder.values()] == [
        f.to_json() for f in from_workbook.values()
    ]


def test_a_single_file_is_recognised_by_its_name_or_by_its_header(tmp_path: Path) -> None:
    for name in ("轮次.csv", "rounds.csv", "今年的巡察.csv"):
        (tmp_path / name).write_bytes(csv_bytes(grid("rounds", county()["rounds"])))
        assert list(read(tmp_path / name).where) == ["rounds"]
    plain = tmp_path / "huaian.csv"
    plain.write_text("area,period,figure,value\n淮安区,2017H1,teams_count,4\n", "utf-8")
    assert list(read(plain).where) == ["reported"]


def test_full_width_codes_and_digits_are_read_as_what_they_mean(tmp_path: Path) -> None:
    rows = few()
    rows["round_units"][0]["unit"] = "Ｄ００１ "
    rows["activities"][0]["talks_person_times"] = "４０人次"
    rows["findings"][0]["found_on"] = "2023年5月10日"
    rows["findings"][1]["found_on"] = "2024.4.18"
    rows["findings"][2]["found_on"] = "45401"
    rows["findings"][4]["immediate"] = "√"
    same(read(folder(tmp_path / "a", few())), read(folder(tmp_path / "b", rows)))


def test_a_header_is_recognised_with_or_without_unit_stars_spaces_and_in_any_order(
    tmp_path: Path,
) -> None:
    plain = [
        ["统计日期*", " 轮次编号 ", "个别谈话", "来信(件次)"],
        ["2024-04-30", "十二届-2", "50", "6"],
    ]
    (tmp_path / "工作量.csv").write_bytes(csv_bytes(plain))
    (row,) = read(tmp_path / "工作量.csv").frame("activities").to_dict("records")
    assert (row["round"], row["talks_person_times"], row["petitions_letter"]) == ("十二届-2", 50, 6)
    assert pd.isna(row["petitions_call"])


def test_the_example_row_numbered_blank_rows_and_the_explanation_sheet_are_skipped(
    tmp_path: Path,
) -> None:
    header, *body = grid("rounds", county()["rounds"])
    example = [c.example for c in LEDGERS["rounds"].columns]
    blank = [None] * len(header)
    table = [
        ["序号", *header],
        ["示例", *example],
        [1, *body[0]],
        [2, *blank],
        [None, *body[1]],
        [None, *blank],
    ]
    path = workbook(tmp_path / "台账.xlsx", {"说明": [["怎样填写"]], "轮次": table})
    frame = read(path).frame("rounds")
    assert list(frame["id"]) == ["十二届-1", "十二届-2"]
    assert list(frame.index) == [3, 5]


@pytest.mark.parametrize("row", [3, 60])
def test_a_stray_cell_beside_the_table_makes_no_row(tmp_path: Path, row: int) -> None:
    table = grid("rounds", county()["rounds"])
    table += [[] for _ in range(row - len(table))] + [[None] * 40 + ["待核"]]
    path = workbook(tmp_path / "台账.xlsx", {"轮次": table})
    book = read(path)
    assert len(book["rounds"]) == 3
    assert not [v for v in book.verdicts if v.rule == "cell_required"]


def test_columns_of_the_clerks_own_are_ignored_with_a_note(tmp_path: Path) -> None:
    header, *body = grid("rounds", county()["rounds"])
    table = [[*header, "备注", ""], *([*row, "补录", "x"] for row in body)]
    (tmp_path / "轮次.csv").write_bytes(csv_bytes(table))
    book = read(tmp_path / "轮次.csv")
    (note,) = book.verdicts
    assert (note.severity, note.rule) == ("note", "unknown_column")
    assert "“备注”" in note.message
    assert len(book["rounds"]) == 3


def test_sheets_of_the_clerks_own_are_left_alone(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "台账.xlsx",
        {"通讯录": [["姓名", "职务"]], "轮次": grid("rounds", county()["rounds"])},
    )
    assert list(read(path).where) == ["rounds"]


def test_row_numbers_are_those_of_the_file_even_after_a_cell_with_line_breaks(
    tmp_path: Path,
) -> None:
    text = '日期,文件名称\n2024-03-15,"评估\n办法"\n三月,督办办法\n'
    (tmp_path / "制度.csv").write_text(text, "utf-8")
    (fault,) = read(tmp_path / "制度.csv").verdicts
    assert "第4行“日期”列" in fault.where


def test_a_ledger_that_the_source_lacks_is_an_empty_frame_of_the_declared_types(
    tmp_path: Path,
) -> None:
    book = read(folder(tmp_path / "a", {"rounds": county()["rounds"]}))
    assert book.frame("findings").empty
    assert list(book.frame("findings").columns) == [c.name for c in LEDGERS["findings"].columns]
    assert str(book.frame("findings")["found_on"].dtype) == "datetime64[us]"
    assert set(book.where) == {"rounds"}


def test_the_fingerprint_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    one = read(folder(tmp_path / "a", few())).fingerprint
    again = read(folder(tmp_path / "b", few())).fingerprint
    rows = few()
    rows["activities"][0]["talks_person_times"] = 41
    assert one == again != read(folder(tmp_path / "c", rows)).fingerprint
    assert len(one) == 64


WHOLE = "不小于0的整数"
A_ROUND = "“轮次”表里的轮次编号"
A_UNIT = "“巡察对象”表里的单位编码"

#: ledger, row, changed cells → rule, row in the file, header, expected, found
BAD_CELLS: tuple[tuple[str, int, books.Row, str, int, str, str, str], ...] = (
    ("activities", 0, {"talks_person_times": -3}, "cell_negative", 2, "个别谈话", WHOLE, "-3"),
    ("activities", 1, {"petitions_net": "2.5"}, "cell_type", 3, "网络举报", WHOLE, "2.5"),
    ("activities", 1, {"petitions_net": "若干"}, "cell_type", 3, "网络举报", WHOLE, "若干"),
    ("activities", 0, {"petitions_call": "9" * 20}, "cell_type", 2, "来电", WHOLE, "9" * 20),
    ("rounds", 1, {"start": "三月"}, "cell_type", 3, "开始日期", "日期，如 2024-03-15", "三月"),
    ("rounds", 1, {"end": ""}, "cell_required", 3, "结束日期", "日期，如 2024-03-15", "空"),
    ("rounds", 1, {"number": ""}, "cell_required", 3, "第几轮", "1至99的整数", "空"),
    ("rounds", 2, {"kind": "临时"}, "cell_type", 4, "巡察方式", "常规、专项、回头看", "临时"),
    ("units", 0, {"type": "局"}, "cell_type", 2, "单位类别", "县直党群行政、乡镇", "局"),
    ("units", 6, {"code": "C001"}, "duplicate", 8, "单位编码", "不重复", "C001"),
    ("findings", 4, {"id": "W1"}, "duplicate", 6, "问题编号", "不重复", "W1"),
    ("findings", 4, {"immediate": "可能"}, "cell_type", 6, "立行立改", "是 或 否", "可能"),
    ("findings", 0, {"round": "十二届-9"}, "reference", 2, "轮次编号", A_ROUND, "十二届-9"),
    ("findings", 0, {"unit": "D999"}, "reference", 2, "单位编码", A_UNIT, "D999"),
    ("round_units", 0, {"unit": "D999"}, "reference", 2, "单位编码", A_UNIT, "D999"),
    ("units", 5, {"parent": "X999"}, "reference", 7, "上级单位编码", A_UNIT, "X999"),
    (
        "rounds",
        1,
        {"end": "2024-02-28"},
        "date_order",
        3,
        "结束日期",
        "不早于 2024-03-01",
        "2024-02-28",
    ),
    (
        "rounds",
        1,
        {"feedback_from": "2024-04-01"},
        "date_order",
        3,
        "反馈开始日期",
        "不早于 2024-04-30",
        "2024-04-01",
    ),
    (
        "rounds",
        1,
        {"entry": "2024-02-20"},
        "date_order",
        3,
        "进驻日期",
        "不早于 2024-03-01",
        "2024-02-20",
    ),
    (
        "findings",
        0,
        {"fed_back_on": "2023-05-09"},
        "date_order",
        2,
        "反馈日期",
        "不早于 2023-05-10",
        "2023-05-09",
    ),
    (
        "units",
        0,
        {"valid_from": "2024-01-01", "valid_to": "2023-01-01"},
        "date_order",
        2,
        "撤并日期",
        "不早于 2024-01-01",
        "2023-01-01",
    ),
    ("reported", 0, {"period": "二〇二三"}, "cell_type", 2, "期间", "期间，如 2024H1", "二〇二三"),
    ("reported", 0, {"value": ""}, "cell_required", 2, "数值", "数值，如 105", "空"),
)


@pytest.mark.parametrize(
    ("ledger", "row", "changes", "rule", "line", "header", "expected", "found"),
    BAD_CELLS,
    ids=[f"{case[3]}-{case[0]}-{next(iter(case[2]))}" for case in BAD_CELLS],
)
def test_a_bad_cell_is_one_line_with_file_row_column_expected_found_and_what_to_do(
    tmp_path: Path,
    ledger: str,
    row: int,
    changes: books.Row,
    rule: str,
    line: int,
    header: str,
    expected: str,
    found: str,
) -> None:
    needed = {ledger, *(c.refers.partition(".")[0] for c in LEDGERS[ledger].columns if c.refers)}
    rows = {name: table for name, table in few().items() if name in needed}
    rows[ledger][row] |= changes
    faults = [
        v
        for v in books.book(tmp_path, rows).verdicts
        if v.rule == rule and f"第{line}行" in v.where
    ]
    (fault,) = faults
    assert fault.severity == "error"
    assert fault.where == f"{LEDGERS[ledger].sheet}.csv 第{line}行“{header}”列"
    assert fault.expected.startswith(expected)
    assert fault.found == found
    assert "请" in fault.message
    assert "\n" not in fault.line
    assert str(tmp_path) not in fault.line


def test_a_cell_that_cannot_be_read_is_one_fault_and_not_also_an_empty_cell(tmp_path: Path) -> None:
    rows = few()
    rows["rounds"][1]["start"] = "三月"
    assert rules(books.book(tmp_path, rows).verdicts) == ["cell_type"]


def test_a_row_typed_twice_is_found_by_the_columns_that_make_it_up(tmp_path: Path) -> None:
    rows = few()
    rows["round_units"].append(dict(rows["round_units"][0]))
    rows["reported"].append(dict(rows["reported"][0]))
    said = {v.where: v for v in books.book(tmp_path, rows).verdicts}
    assert {v.rule for v in said.values()} == {"duplicate"}
    assert said["轮次单位.csv 第6行"].found == "十二届-1、D001"
    assert "“地区、期间、指标”相同的行" in said["填报数.csv 第3行"].message


def test_a_nearly_right_reference_is_answered_with_the_right_one(tmp_path: Path) -> None:
    rows = few()
    rows["findings"][0]["round"] = "十二届1"
    (fault,) = books.book(tmp_path, rows).verdicts
    assert "是否应为“十二届-" in fault.message


def test_all_faults_of_all_ledgers_are_listed_in_one_go(tmp_path: Path) -> None:
    rows = few()
    for ledger, row, changes, *_ in BAD_CELLS[:4] + BAD_CELLS[10:13] + BAD_CELLS[21:]:
        rows[ledger][row] |= changes
    found = rules(books.book(tmp_path, rows).verdicts)
    assert sorted(found) == [
        "cell_negative",
        "cell_required",
        "cell_type",
        "cell_type",
        "cell_type",
        "cell_type",
        "duplicate",
        "duplicate",
        "reference",
    ]


def refusal(path: Path) -> str:
    """Return what a source is refused with as unreadable (exit code 2): a line for each fault."""
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.exit_code == 2
    said = str(caught.value)
    assert str(path.parent) not in said
    for line in said.splitlines():
        assert line.startswith(path.name)
        assert "请" in line
    return said


NOT_READABLE: tuple[tuple[str, bytes, str], ...] = (
    ("台账.xlsx", b"", "不能作为 Excel 工作簿打开"),
    ("台账.xlsx", b"PK\x03\x04 broken", "不能作为 Excel 工作簿打开"),
    ("台账.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "另存为 .xlsx"),
    ("台账.xls", b"\xd0\xcf\x11\xe0", "不支持“.xls”文件，应为 .xlsx、.csv、.parquet"),
    ("台账.docx", b"x", "不支持“.docx”文件"),
    ("台账", b"x", "不支持“无后缀”文件"),
    ("填报数.parquet", b"PAR1 broken PAR1", "不能作为 Parquet 读取"),
    ("轮次.csv", b"\x00\x01\x02", "不是文本文件，应为 CSV"),
    ("轮次.csv", b"\x81\xff\xff\xfe", "应为 UTF-8 或 GB18030"),
    ("轮次.csv", '轮次编号,届次\n十二届-1,"十二届\n'.encode(), "第2行：引号不成对"),
    ("轮次.csv", "轮次编号,届次\n十二届-1,十二届\n".encode(), "缺少列“第几轮”"),
    ("轮次.csv", ",,\n十二届-1,十二届,1\n".encode(), "第1行没有表头"),
    ("政治生态评古.csv", "甲,乙\n1,2\n".encode(), "认不出是哪个台账.*是否应为“政治生态评估”"),
    ("数据.csv", "甲,乙\n1,2\n".encode(), "填报数的表头为 area,period,figure,value,source"),
    ("制度.csv", "日期,日期,文件名称\n".encode(), "列“日期”出现两次"),
    (
        "工作量.csv",
        "轮次编号,统计日期,个别谈活\n".encode(),
        "缺少列“个别谈话”，是否是“个别谈活”写错了",
    ),
)


@pytest.mark.parametrize(
    ("name", "content", "said"), NOT_READABLE, ids=[f"{n}-{s[:12]}" for n, _, s in NOT_READABLE]
)
def test_a_file_that_is_not_what_it_should_be_is_refused_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert re.search(said, refusal(tmp_path / name))


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    assert "文件不存在，请核对" in refusal(tmp_path / "没有.xlsx")
    (tmp_path / "空").mkdir()
    assert "文件夹里没有台账" in refusal(tmp_path / "空")


def test_a_workbook_without_a_ledger_or_with_a_misnamed_sheet_is_refused(tmp_path: Path) -> None:
    rounds = grid("rounds", county()["rounds"])
    own = workbook(tmp_path / "a.xlsx", {"通讯录": [["姓名"]]})
    assert "工作表“通讯录”：不是台账，应为 巡察对象、轮次" in refusal(own)
    misnamed = workbook(tmp_path / "b.xlsx", {"轮次": rounds, "巡查对象": [["单位编码"]]})
    assert "工作表“巡查对象”：不是台账，是否应为“巡察对象”？" in refusal(misnamed)
    empty = workbook(tmp_path / "c.xlsx", {"Sheet1": []})
    assert "没有一张台账工作表，请用 xuncha template" in refusal(empty)


def test_a_column_missing_from_a_sheet_is_named_with_the_sheet(tmp_path: Path) -> None:
    header, *body = grid("rounds", county()["rounds"])
    table = [header[1:], *(row[1:] for row in body)]
    line = refusal(workbook(tmp_path / "a.xlsx", {"轮次": table}))
    assert line.startswith("a.xlsx 工作表“轮次”：缺少列“轮次编号”")
    assert "实有的列为 届次、第几轮（轮）" in line


def test_every_missing_column_of_every_file_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "台账"
    path.mkdir()
    (path / "轮次.csv").write_text("轮次编号,届次,第几轮,巡察方式,结束日期\n", "utf-8")
    (path / "制度.csv").write_text("类别\n整改\n", "utf-8")
    with pytest.raises(SourceError) as caught:
        read(path)
    said = [line.partition("，")[0] for line in str(caught.value).splitlines()]
    assert sorted(said) == [
        "制度.csv：缺少列“文件名称”",
        "制度.csv：缺少列“日期”",
        "轮次.csv：缺少列“开始日期”",
    ]


def test_the_same_ledger_twice_is_refused(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", {"rounds": county()["rounds"]})
    (path / "rounds.csv").write_bytes((path / "轮次.csv").read_bytes())
    with pytest.raises(SourceError, match="台账“轮次”出现两次，另一处是"):
        read(path)


def test_a_source_is_located_with_code_or_county_filled_in(tmp_path: Path) -> None:
    (tmp_path / "331124.csv").write_bytes(b"")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "松阳县.csv").write_bytes(b"")
    for named in ("331124", "松阳县"):
        assert locate("{code}.csv", named, tmp_path) == tmp_path / "331124.csv"
        assert locate("b/{county}.csv", named, tmp_path) == tmp_path / "b" / "松阳县.csv"
    with pytest.raises(SourceError, match=r"320803.csv：文件不存在，请核对 source"):
        locate("{code}.csv", "320803", tmp_path)


def test_the_packaged_sample_is_found_by_code_and_by_name_and_names_its_counties() -> None:
    assert locate("sample", "331124") == locate("sample", "松阳县")
    assert locate("sample", "淮安区").name == "320803.csv"
    with pytest.raises(SourceError, match="有样例的是 .*331124.*，请改 county"):  # noqa: RUF043
        locate("sample", "110105")


def no_fault(book: Book) -> Any:
    return [v.line for v in book.verdicts if v.severity == "error"]


def test_cells_around_the_table_do_not_disturb(tmp_path: Path) -> None:
    header, *body = grid("rounds", county()["rounds"])
    table = [[*header, None, None], *([*row, None, "旁注"] for row in body), [], [None] * 30]
    assert not no_fault(read(workbook(tmp_path / "a.xlsx", {"轮次": table})))


def test_two_files_of_one_county_are_not_chosen_between(tmp_path: Path) -> None:
    for name in ("331124.xlsx", "松阳县.csv"):
        (tmp_path / name).touch()
    with pytest.raises(SourceError, match=r"松阳县有两份台账：.*331124\.xlsx.*松阳县\.csv"):
        locate("{code}.xlsx", "331124", tmp_path)
    with pytest.raises(SourceError, match="两份台账"):
        locate("{county}.csv", "331124", tmp_path)
    (tmp_path / "松阳县.csv").unlink()
    assert locate("{code}.xlsx", "松阳县", tmp_path).name == "331124.xlsx"
