"""A plan of several counties: checked first, each on its own, all of them told of."""

from __future__ import annotations

import csv
import io
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from commands import Done, refused, xuncha
from nbformat.v4 import new_code_cell
from pieces import HALF_YEAR_SUMMARY, ROOT

from xuncha_nb import workspace
from xuncha_nb.batch import Outcome, jobs, summarise
from xuncha_nb.errors import ParameterError, SourceError

GOOD, UNREADABLE, DYING = "320507", "331124", "500236"
PLAN = """
notebook: half_year_summary
period: 2024H1
formats: [html, pdf]
source: data/{code}.xlsx
counties: counties.csv
"""


def plan(folder: Path, text: str = PLAN, counties: str = "code,county\n320507,相城区\n") -> Path:
    (folder / "counties.csv").write_text(counties, "utf-8")
    path = folder / "plan.yaml"
    path.write_text(text, "utf-8")
    return path


# -- the road, once -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """Run three counties: one good, one unreadable, one whose kernel dies."""
    here = tmp_path_factory.mktemp("batch")
    shutil.copytree(ROOT / "parameters", here / "parameters")
    notebook = nbformat.read(HALF_YEAR_SUMMARY, as_version=4)
    dying = new_code_cell(f'import os\nos._exit(1) if county == "{DYING}" else None')
    notebook.cells.insert(2, dying)
    (here / "notebooks").mkdir()
    nbformat.write(notebook, here / "notebooks" / "half_year_summary.ipynb")
    (here / "data").mkdir()
    for code in (GOOD, DYING):
        shutil.copy(workspace.samples() / "data" / f"{code}.xlsx", here / "data")
    (here / "data" / f"{UNREADABLE}.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    listed = "code,county\n" + "".join(f"{c},\n" for c in (UNREADABLE, DYING, GOOD))
    plan(here, PLAN, listed)
    done = xuncha("batch", "plan.yaml", "--out", "out", cwd=here)
    return here / "out" / "2024H1" / "half_year_summary", done


@pytest.mark.kernel
def test_a_failure_stays_with_its_county(ran: tuple[Path, Done]) -> None:
    folder, done = ran
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert {p.name for p in folder.iterdir()} == {
        GOOD,
        "failed",
        "summary.csv",
        "index.html",
        "batch.jsonl",
        ".lock",
    }
    assert "/3] 320507 相城区 完成" in done.stdout
    assert "共3个县（区）：完成1个，失败2个" in done.stdout
    assert f"] {UNREADABLE} 松阳县 失败：" in done.stderr
    assert f"] {DYING} 奉节县 失败：" in done.stderr


@pytest.mark.kernel
def test_the_summary_tells_of_every_county(ran: tuple[Path, Done]) -> None:
    raw = (ran[0] / "summary.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "WPS opens it as UTF-8"
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [(r["code"], r["county"], r["state"]) for r in rows] == [
        (UNREADABLE, "松阳县", "失败"),
        (DYING, "奉节县", "失败"),
        (GOOD, "相城区", "完成"),
    ]
    assert f"{UNREADABLE}.xlsx" in rows[0]["message"]
    assert "第4个单元格：执行中断" in rows[1]["message"]
    assert rows[1]["cell"] == "4"
    assert rows[2]["message"] == ""
    assert "seconds" not in rows[2], "times belong in the log"
    assert str(ran[0].parent) not in raw.decode("utf-8")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.kernel
def test_the_index_links_what_there_is(ran: tuple[Path, Done]) -> None:
    page = (ran[0] / "index.html").read_text("utf-8")
    links = _Links()
    links.feed(page)
    assert links.found == [f"{GOOD}/report.html", f"{GOOD}/report.pdf"]
    for link in links.found:
        assert (ran[0] / link).is_file()
    assert "共3个县（区），完成1个，失败2个。" in page
    assert page.count("失败</td>") == 2
    assert re.search(r"相城区</td><td>完成.*?轮</td>", page)


# -- before anything starts -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("counties", "told"),
    [
        ("code,county\n320507,\n999999,\n", "“999999”"),
        ("code,county\n320507,\n320507,\n", "320507 在 counties 中出现两次"),
        ("code,county\n320507,\n相城区,\n", "相城区 在 counties 中出现两次"),
        ("code,county\n相城区,\n320507,\n", "320507 在 counties 中出现两次"),
        ("code,county\n松阳市,\n", "松阳县"),
        ("code,county\n朝阳区,\n", "110105"),
        ("county\n相城区\n", "缺少列“code”"),
        ("code,county\n", "至少填一个"),
        ("", "至少填一个"),
    ],
)
def test_wrong_counties_are_refused(tmp_path: Path, counties: str, told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        jobs(plan(tmp_path, PLAN, counties), tmp_path / "out")


def test_all_wrong_counties_are_told_at_once(tmp_path: Path) -> None:
    listed = "code,county\n999999,\n320507,\n320507,\n888888,\n"
    with pytest.raises(ParameterError) as caught:
        jobs(plan(tmp_path, PLAN, listed), tmp_path / "out")
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("counties.csv", "没有.csv"), "“没有.csv”不存在"),
        (("half_year_summary", "half_yaer"), "half_year_summary、"),
        (("2024H1", "2024H3"), "2024H3"),
        (("formats", "format"), "不认识的参数“format”，是否应为“formats”"),
        (("[html, pdf]", "[word]"), "html"),
        (("source: data/{code}.xlsx", ""), "缺少参数“source”"),
    ],
)
def test_a_wrong_plan_is_refused(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        jobs(plan(tmp_path, PLAN.replace(*change)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_refused_plan_is_one_line_on_the_screen(tmp_path: Path) -> None:
    plan(tmp_path, PLAN, "code,county\n999999,\n")
    told = refused(xuncha("batch", "plan.yaml", cwd=tmp_path), 2)
    assert told.startswith("错误：plan.yaml：没有代码或名称为“999999”的县（区）")
    assert not (tmp_path / "outputs").exists()


def test_a_missing_plan_is_refused(tmp_path: Path) -> None:
    assert "没有.yaml" in refused(xuncha("batch", "没有.yaml", cwd=tmp_path), 2)


def test_a_plan_becomes_a_job_a_county(tmp_path: Path) -> None:
    text = PLAN.replace("counties.csv", "['320507', 松阳县]").replace(
        "{code}.xlsx", "{county}/{code}.xlsx"
    )
    made = jobs(plan(tmp_path, text), tmp_path / "out")
    assert [(j.code, j.parameters.source, j.formats) for j in made] == [
        ("320507", "data/相城区/320507.xlsx", ("html", "pdf")),
        ("331124", "data/松阳县/331124.xlsx", ("html", "pdf")),
    ]


def test_counties_saved_by_wps_are_read(tmp_path: Path) -> None:
    path = plan(tmp_path)
    (tmp_path / "counties.csv").write_bytes("code,county\r\n320507,相城区\r\n".encode("gb18030"))
    assert [job.code for job in jobs(path, tmp_path / "out")] == ["320507"]


# -- the summary ----------------------------------------------------------------------------


def test_messages_are_neither_formulas_nor_markup(tmp_path: Path) -> None:
    error = SourceError("=cmd|' /C calc'!A0<script>\n第二行")
    folder = tmp_path / "2024H1" / "half_year_summary"
    summarise([Outcome("320507", "相城区", error)], folder)
    (row,) = csv.DictReader(io.StringIO((folder / "summary.csv").read_text("utf-8-sig")))
    assert row["message"].startswith("'=cmd")
    assert "\n" not in row["message"]
    page = (folder / "index.html").read_text("utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;<br>第二行" in page
    assert {p.name for p in folder.iterdir()} == {"summary.csv", "index.html"}
