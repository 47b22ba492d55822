"""figures.xlsx: numbers as numbers, texts as texts, live relations, same bytes twice."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pieces import HALF_YEAR_SUMMARY, figure, without_kernel
from python_calamine import CalamineWorkbook
from xlsxwriter.worksheet import Worksheet

from xuncha_nb.document import (
    Annex,
    Cell,
    Chart,
    Column,
    Document,
    Heading,
    Paragraph,
    Run,
    Table,
    Title,
)
from xuncha_nb.figures import Figure
from xuncha_nb.places import places
from xuncha_nb.workbook import cells, figures_workbook, plain_sheet

HEADERS = [
    "序号", "指标", "单位", "本期", "基期", "增减", "增减单位", "同比（%）", "占比（%）",
    "占比的总数", "文中写法", "取得方式", "来源", "口径", "调整", "文中位置", "标识",
]  # fmt: skip


def recorded(*figures: Figure | dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = [f.to_json() if isinstance(f, Figure) else f for f in figures]
    return {"county_name": "松阳县", "period_name": "2024年上半年", "figures": listed} | more


def sheet(made: bytes, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_name(name).to_python()


def row(*figures: Figure | dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the first figure's row by its heads."""
    head, first, *_ = sheet(figures_workbook(recorded(*figures, **more)), "全部指标")
    return dict(zip(head, first, strict=True))


@cache
def report() -> tuple[dict[str, Any], Document, bytes]:
    made = without_kernel(HALF_YEAR_SUMMARY)
    record = made.record()
    document = made.document()
    return record, document, figures_workbook(record, places(document))


def names(made: bytes) -> list[str]:
    return CalamineWorkbook.from_filelike(io.BytesIO(made)).sheet_names


# ---------------------------------------------------------------- one figure


def test_a_figure_is_one_row_under_chinese_headers() -> None:
    found = row(figure("talks_person_times", "108", "96").to_json() | {"source": "工作量（6行）"})
    assert list(found) == HEADERS
    assert found["标识"] == "talks_person_times"
    assert (found["本期"], found["基期"], found["增减"], found["同比（%）"]) == (108, 96, 12, 12.5)
    assert (found["单位"], found["增减单位"], found["来源"]) == ("人次", "人次", "工作量（6行）")
    assert found["口径"]


@pytest.mark.parametrize(
    ("printed", "value"), [("9.3万", 93000), ("2700余", 2700), (">168万", 1680000), ("105", 105)]
)
def test_a_rounded_print_is_a_number_and_its_print_stands_beside_it(
    printed: str, value: int
) -> None:
    found = row(figure("talks_person_times", printed))
    assert (found["本期"], found["文中写法"]) == (value, printed)


def formats(made: bytes) -> dict[str, str]:
    """Return cell reference → number format of the sheet of figures."""
    package = zipfile.ZipFile(io.BytesIO(made))
    styles = package.read("xl/styles.xml").decode()
    own = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    cells = styles[styles.index("<cellXfs") :]
    known = [own.get(n, n) for n in re.findall(r'<xf numFmtId="(\d+)"', cells)]
    text = package.read("xl/worksheets/sheet2.xml").decode()
    return {
        ref: known[int(style)] for ref, style in re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', text)
    }


def test_numbers_show_the_decimals_that_are_printed() -> None:
    made = figures_workbook(
        recorded(figure("coverage_rate", "70.0", "32.4"), figure("talks_person_times", "1200", "9"))
    )
    found = formats(made)
    assert found["D2"] == "#,##0.0"
    assert found["F2"] == "+#,##0.0;-#,##0.0;0.0"
    assert found["D3"] == "#,##0"
    assert found["H3"] == "+#,##0.0;-#,##0.0;0.0"


def test_a_rate_keeps_its_exact_value_and_moves_in_points() -> None:
    record, _, made = report()
    rate = next(f for f in record["figures"] if f["id"] == "rect_rate")
    rows = {r[-1]: dict(zip(HEADERS, r, strict=True)) for r in sheet(made, "全部指标")[1:]}
    part, _, whole = rate["value"].partition("/")
    assert rows["rect_rate"]["本期"] == pytest.approx(int(part) / int(whole))
    assert rows["rect_rate"]["增减单位"] == "百分点"
    assert rows["rect_done"]["占比（%）"] == 55.7
    assert rows["rect_done"]["占比的总数"] == "反馈问题"
    assert str(rows["coverage_forecast_date"]["本期"]).startswith("2025-11")


def test_what_is_missing_is_blank_and_what_is_zero_is_zero() -> None:
    found = row(figure("talks_person_times", "0"))
    assert found["本期"] == 0
    assert [found[head] for head in ("基期", "增减", "同比（%）", "占比（%）", "调整")] == [""] * 5


@pytest.mark.parametrize("hostile", ["=1+1", "@cmd", "http://x.example/", "+1", "-2+3", "\t=1"])
def test_texts_of_the_data_are_no_formulas(hostile: str) -> None:
    data = figure("talks_person_times", "1").to_json()
    data |= {"label": hostile, "definition": hostile, "source": hostile, "text": hostile}
    verdict = {"severity": "note", "rule": hostile, "message": hostile, "expected": hostile,
               "found": hostile, "figures": [hostile]}  # fmt: skip
    change = {"figure": "talks_person_times", "original": hostile, "adjusted": hostile,
              "reason": hostile, "author": hostile, "time": hostile}  # fmt: skip
    record = recorded(data, verdicts=[verdict], adjustments=[change], county_name=hostile)
    made = figures_workbook(record, {"talks_person_times": (hostile,)})
    found = dict(zip(HEADERS, sheet(made, "全部指标")[1], strict=True))
    assert found["指标"] == found["口径"] == found["来源"] == found["文中位置"] == hostile
    assert sheet(made, "校验结果")[1][1] == hostile
    assert sheet(made, "调整记录")[1][4] == hostile
    package = zipfile.ZipFile(io.BytesIO(made))
    parts = [package.read(n).decode() for n in package.namelist() if "worksheets/sheet" in n]
    assert not any("<f>" in part or "hyperlink" in part for part in parts)


def test_an_adjustment_and_what_follows_it_are_said() -> None:
    change = {"figure": "rect_done", "original": "60", "adjusted": "64", "reason": "补录",
              "author": "综合科", "time": "2024-07-01T09:30:00"}  # fmt: skip
    record = recorded(
        figure("rect_done", "64"),
        figure("rect_rate", "55.7"),
        adjustments=[change],
        follows={"rect_rate": ["rect_done"]},
    )
    made = figures_workbook(record)
    rows = [dict(zip(HEADERS, r, strict=True)) for r in sheet(made, "全部指标")[1:]]
    assert [r["调整"] for r in rows] == ["由60调整为64：补录", "由调整后的整改完成计算"]
    assert sheet(made, "调整记录")[1][:7] == [
        "整改完成", "个", 60, 64, "补录", "综合科", "2024-07-01 09:30:00",
    ]  # fmt: skip


# ---------------------------------------------------------------- the whole book


def test_a_report_has_a_sheet_for_each_purpose() -> None:
    record, _, made = report()
    assert names(made) == ["说明", "全部指标", "按轮次", "历期", "勾稽关系", "校验结果"]
    listed = [f for f in record["figures"] if not f["scope"]]
    assert len(sheet(made, "全部指标")) == len(listed) + 1
    about = [text for line in sheet(made, "说明") for text in line]
    assert {"2024-06-30", "内部", "勾稽关系"} <= set(about)
    by_round = sheet(made, "按轮次")
    assert len(by_round[0]) >= 4 + 2
    history = sheet(made, "历期")
    assert history[0][2:7] == [
        "2022年上半年", "2022年下半年", "2023年上半年", "2023年下半年", "2024年上半年",
    ]  # fmt: skip
    assert len(history) == 7


def test_every_number_of_the_document_says_where_it_stands() -> None:
    record, document, made = report()
    where = {r[-1]: r[-2] for r in sheet(made, "全部指标")[1:]}
    assert where["findings_total"].startswith("网页页首、导语第1段、")
    assert "表3" in where["findings_total"].split("、")
    assert "附件表4" in where["findings_total"].split("、")
    known = {f["id"] for f in record["figures"]}
    assert set(places(document)) <= known


def test_places_are_said_as_a_reader_finds_them() -> None:
    def line(*ids: str) -> Paragraph:
        return Paragraph(runs=tuple(Run(text="1", figure=id) for id in ids))

    def table(number: str, id: str) -> Table:
        cells = ((Cell(text="1", figure=id),),)
        return Table(title="t", columns=(Column(header="h"),), rows=cells, number=number)

    heading = Heading(level=1, runs=(Run(text="工作"),), number="一、")
    below = Heading(level=2, runs=(Run(text="巡察"),), number="（二）")
    chart = Chart(title="c", alt="", svg="", width_mm=1, height_mm=1, figures=("a",), number="图1")
    document = Document(
        title=Title(title="t"),
        blocks=(
            line("a"), heading, line("b"), below, line("b_yoy", "a_base"), line("unknown"),
            table("表1", "a_change"), chart, Annex(title="x", number="附件"), table("表2", "b"),
        ),
        record={"figures": [{"id": "a"}, {"id": "b"}], "key_figures": [{"id": "b"}]},
    )  # fmt: skip
    assert places(document) == {
        "b": ("网页页首", "一、第1段", "一、（二）第1段", "附件表2"),
        "a": ("导语第1段", "一、（二）第1段", "表1", "图1"),
    }


def test_sheets_stay_readable_while_scrolled_and_on_paper() -> None:
    package = zipfile.ZipFile(io.BytesIO(report()[2]))
    for number in range(2, 7):
        text = package.read(f"xl/worksheets/sheet{number}.xml").decode()
        assert 'state="frozen"' in text
        assert "<autoFilter" in text
        assert 'orientation="landscape"' in text
        assert 'fitToHeight="0"' in text
    assert "_xlnm.Print_Titles" in package.read("xl/workbook.xml").decode()


# ---------------------------------------------------------------- relations


def relation_rows(made: bytes) -> dict[str, list[Any]]:
    return {f"{r[6]} {r[0]}": r for r in sheet(made, "勾稽关系")[1:]}


def test_relations_agree_in_a_report_that_was_made() -> None:
    rows = relation_rows(report()[2])
    assert len(rows) > 40
    assert {r[5] for r in rows.values()} == {"一致"}
    assert rows["rect_by_state 整改完成＋基本完成（正在整改）＋未完成 = 反馈问题"][1:5] == [
        115,
        "=",
        115,
        0,
    ]


@pytest.mark.parametrize(
    ("texts", "result"),
    [
        (("2", "1", "4", "7"), "一致"),
        (("2", "1", "4", "8"), "不一致"),
        (("2", "1", "4", "7余"), "有约数"),
    ],
)
def test_a_relation_that_does_not_hold_shows(texts: tuple[str, ...], result: str) -> None:
    ids = ("rect_done", "rect_partial", "rect_open", "findings_fed_back")
    record = recorded(*(figure(id, text) for id, text in zip(ids, texts, strict=True)))
    rows = relation_rows(figures_workbook(record))
    found = [r for name, r in rows.items() if name.startswith("rect_by_state")]
    assert [r[5] for r in found] == [result]


def test_a_convention_counts_only_when_declared() -> None:
    ids = {"party_sanction": "5", "admin_sanction": "3", "dual_sanction": "2"}
    made = [figure(id, text) for id, text in ids.items()]
    assert "勾稽关系" not in names(figures_workbook(recorded(*made)))
    declared = recorded(*made, declared={"sanction_convention": "inclusive"})
    assert len(relation_rows(figures_workbook(declared))) == 2


_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
 oor:op="fuse"><value>0</value></prop></item></oor:items>
"""


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_a_spreadsheet_program_computes_the_same(tmp_path: Path) -> None:
    """LibreOffice computes every formula anew: the stored results are spoilt beforehand."""
    source = zipfile.ZipFile(io.BytesIO(report()[2]))
    with zipfile.ZipFile(tmp_path / "figures.xlsx", "w") as spoilt:
        for name in source.namelist():
            text = source.read(name).decode()
            spoilt.writestr(name, re.sub(r"(</f><v>)[^<]*", r"\1spoilt", text))
    profile = tmp_path / "home" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, "utf-8")
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(tmp_path / 'home').as_uri()}", "--headless",
         "--convert-to", "ods", "--outdir", str(tmp_path), str(tmp_path / "figures.xlsx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    content = zipfile.ZipFile(tmp_path / "figures.ods").read("content.xml").decode()
    table = content[content.index('table:name="勾稽关系"') :]
    table = table[: table.index("</table:table>")]
    assert "spoilt" not in table
    assert "Err:" not in table
    assert "#NAME?" not in table
    assert table.count(">一致<") == len(relation_rows(report()[2]))
    assert table.count('table:formula="of:=IF') == table.count(">一致<")


# ---------------------------------------------------------------- bytes


def test_the_same_figures_give_the_same_bytes() -> None:
    record, document, first = report()
    time.sleep(2.1)  # times inside a zip file have a grain of two seconds
    assert figures_workbook(record, places(document)) == first


class ByTheLibrary(Worksheet):
    """A sheet whose cells XlsxWriter writes itself."""

    def put(self, row: int, contents: Sequence[plain_sheet.Content], styles: Any) -> None:
        for column, (content, style) in enumerate(zip(contents, styles, strict=True)):
            if content is None:
                self.write_blank(row, column, None, style)
            elif isinstance(content, str):
                self.write_string(row, column, content, style)
            elif isinstance(content, plain_sheet.Formula):
                self.write_formula(row, column, f"={content.formula}", style, content.value)
            else:
                self.write_number(row, column, content, style)


def by_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the library write the cells; it is given formats, numbered in the same order."""
    numbered = cells.style_of
    monkeypatch.setattr(cells, "plain_sheet", lambda: ByTheLibrary)
    monkeypatch.setattr(cells, "style_of", lambda form: form if numbered(form) else None)


def test_the_file_is_what_the_library_writes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    record, document, made = report()
    by_the_library(monkeypatch)
    assert figures_workbook(record, places(document)) == made


def test_texts_are_written_and_cut_as_the_library_does(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [" <&>\"' ", "_x0041_ \x07", "𠮷" * 16_390, "乡" * 33_000, "=1+1", "<r>"]
    figures = [
        figure("talks_person_times", "105").to_json() | {"definition": text} for text in texts
    ]
    made = figures_workbook(recorded(*figures))
    by_the_library(monkeypatch)
    assert figures_workbook(recorded(*figures)) == made


def test_a_text_that_looks_like_formatted_text_is_a_text() -> None:
    """XlsxWriter writes what stands between <r> and </r> as it is: then the file is broken."""
    text = "<r><t>不是文字</r>"
    figures = figure("talks_person_times", "105").to_json() | {"definition": text}
    head, first = sheet(figures_workbook(recorded(figures)), "全部指标")
    assert dict(zip(head, first, strict=True))["口径"].strip() == text
