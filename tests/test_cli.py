"""The command line: what each command writes, says and returns."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import books
import pytest
from commands import call, files, refused, xuncha

from xuncha_nb import __version__, workspace
from xuncha_nb.indicators import INDICATORS

SAMPLES = workspace.samples() / "data"
HUAIAN = SAMPLES / "320803.csv"
FIELDS = ["severity", "rule", "area", "period", "figures", "expected", "found", "message"]


# -- starting -------------------------------------------------------------------------------


def test_help_is_there_at_once_and_in_chinese(tmp_path: Path) -> None:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        done = xuncha("--help", cwd=tmp_path)
        seconds.append(time.perf_counter() - start)
        assert done.returncode == 0
    assert min(seconds) < 0.5
    for command in ("init", "template", "sample", "check", "run", "batch", "indicators"):
        assert f"  {command} " in done.stdout
    assert "从台账到半年总结" in done.stdout


def test_it_knows_its_version(tmp_path: Path) -> None:
    assert xuncha("--version", cwd=tmp_path).stdout.strip() == __version__


@pytest.mark.parametrize(
    "arguments", [("nosuch",), ("run",), ("check",), ("run", "a.yaml", "--form", "x"), ("sample",)]
)
def test_wrong_usage_is_told_without_a_traceback(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    told = refused(xuncha(*arguments, cwd=tmp_path), 2)
    assert "用法有误" in told
    assert "--help" in told


# -- check ----------------------------------------------------------------------------------


def verdicts(source: Path, *options: str, cwd: Path) -> tuple[int, list[dict[str, Any]]]:
    done = xuncha("check", source, "--json", *options, cwd=cwd)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_a_clean_source_is_zero_and_its_json_has_the_documented_form(tmp_path: Path) -> None:
    code, found = verdicts(HUAIAN, cwd=tmp_path)
    assert code == 0
    assert found, "notes at least: nothing to compare with"
    for verdict in found:
        assert list(verdict) == FIELDS
        assert verdict["severity"] in ("warning", "note")
        assert isinstance(verdict["figures"], list)
        assert all(isinstance(verdict[key], str) for key in FIELDS if key != "figures")


def test_a_source_with_errors_is_one_and_lists_them_first(tmp_path: Path) -> None:
    rows = books.county()
    rows["findings"][1]["unit"] = "X999"
    rows["findings"][2]["round"] = "十二届-9"
    folder = books.folder(tmp_path / books.CODE, rows)
    code, found = verdicts(folder, cwd=tmp_path)
    assert code == 1
    severities = [v["severity"] for v in found]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert severities.count("error") >= 2
    text = json.dumps(found, ensure_ascii=False)
    assert "X999" in text
    assert "十二届-9" in text
    assert str(tmp_path) not in text


def test_the_list_for_people_says_the_same(tmp_path: Path) -> None:
    rows = books.county()
    rows["findings"][1]["unit"] = "X999"
    folder = books.folder(tmp_path / books.CODE, rows)
    done = xuncha("check", folder.name, cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("错误：")
    assert "X999" in lines[0]
    assert lines[-1].startswith("校验完毕：错误1处，警告")


def test_what_cannot_be_read_is_two(tmp_path: Path) -> None:
    assert "没有.xlsx：文件不存在" in refused(xuncha("check", "没有.xlsx", cwd=tmp_path), 2)
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    assert "坏.xlsx" in refused(xuncha("check", "坏.xlsx", cwd=tmp_path), 2)
    (tmp_path / "文档.docx").write_bytes(b"")
    assert "不支持" in refused(xuncha("check", "文档.docx", "--json", cwd=tmp_path), 2)


def test_a_period_or_county_without_data_is_one(tmp_path: Path) -> None:
    told = refused(xuncha("check", HUAIAN, "--period", "2030H1", cwd=tmp_path), 1)
    assert "2017H1" in told
    assert "松阳县" in refused(xuncha("check", HUAIAN, "--county", "松阳县", cwd=tmp_path), 1)
    assert "2017H9" in refused(xuncha("check", HUAIAN, "--period", "2017H9", cwd=tmp_path), 2)


def test_only_the_period_and_county_asked_for_are_checked(tmp_path: Path) -> None:
    code, found = verdicts(
        SAMPLES / "331124.xlsx", "--period", "2024H1", "--county", "松阳县", cwd=tmp_path
    )
    assert code == 0
    assert {v["period"] for v in found} <= {"2024H1", ""}


# -- init, template, sample, indicators -----------------------------------------------------


@pytest.mark.kernel
def test_a_new_workspace_makes_a_report_as_it_stands(tmp_path: Path) -> None:
    done = xuncha("init", "工作", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    work = tmp_path / "工作"
    folders = {"notebooks", "parameters", "data", "outputs"}
    assert {p.name for p in work.iterdir()} == folders | {"使用说明.md"}
    assert (work / "data" / "台账模板.xlsx").is_file()
    notebook = work / "notebooks" / "half_year_summary.ipynb"
    changed = notebook.read_text("utf-8").replace("现将有关情况报告如下", "现报告如下")
    notebook.write_text(changed, "utf-8")

    done = xuncha("run", "parameters/half_year_summary.huaian.yaml", "--formats", "html", cwd=work)
    assert done.returncode == 0, done.stderr
    made = work / "outputs" / "2017H1" / "half_year_summary" / "320803"
    assert {p.name for p in made.iterdir()} == {
        "report.ipynb",
        "report.html",
        "figures.json",
        "figures.xlsx",
        "manifest.json",
    }
    page = (made / "report.html").read_text("utf-8")
    assert "现报告如下" in page, "the workspace's own notebook"
    assert "现将有关情况报告如下" not in page


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "本县.xlsx").write_bytes(b"data")
    assert "不是空的" in refused(xuncha("init", "work", cwd=tmp_path), 2)
    assert files(tmp_path) == {"work/本县.xlsx": b"data"}
    assert "同名文件" in refused(xuncha("init", "work/本县.xlsx", cwd=tmp_path), 2)


def test_a_template_overwrites_nothing(tmp_path: Path) -> None:
    assert xuncha("template", "台账.xlsx", cwd=tmp_path).returncode == 0
    before = files(tmp_path)
    assert "已存在" in refused(xuncha("template", "台账.xlsx", cwd=tmp_path), 2)
    assert files(tmp_path) == before
    assert ".xlsx" in refused(xuncha("template", "台账.xls", cwd=tmp_path), 2)
    assert "不存在" in refused(xuncha("template", "没有/台账.xlsx", cwd=tmp_path), 2)


def test_a_blank_template_has_no_data_and_no_errors(tmp_path: Path) -> None:
    xuncha("template", "331124.xlsx", cwd=tmp_path)
    assert "没有任何期间的数据" in refused(xuncha("check", "331124.xlsx", cwd=tmp_path), 1)


def test_a_sample_lies_where_its_plan_looks(tmp_path: Path) -> None:
    done = xuncha("sample", "样例", "--counties", "2", "--seed", "3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = set(files(tmp_path / "样例"))
    assert {"plan.yaml", "counties.csv"} < made
    assert len(made) == 4
    assert "xuncha batch 样例/plan.yaml" in done.stdout
    refused(xuncha("sample", "样例", "--counties", "0", cwd=tmp_path), 2)


def test_indicators_as_json_and_as_lines(tmp_path: Path) -> None:
    rows = json.loads(xuncha("indicators", "--json", cwd=tmp_path).stdout)
    assert [row["id"] for row in rows] == list(INDICATORS)
    for row in rows:
        assert list(row) == ["id", "label", "unit", "group", "kind", "ledger", "definition"]
        assert all(isinstance(value, str) for value in row.values())
        assert row["kind"] in ("base", "derived")
        assert row["label"]
        assert row["definition"]
    lines = xuncha("indicators", cwd=tmp_path).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(INDICATORS)


# -- run ------------------------------------------------------------------------------------


def test_formats_are_checked_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("county: '331124'\nperiod: 2024H1\n", "utf-8")
    for wrong in ("doc", "html,doc", ""):
        told = refused(xuncha("run", "p.yaml", "--formats", wrong, cwd=tmp_path), 2)
        assert "--formats 应为 html、pdf、docx" in told
    assert set(files(tmp_path)) == {"p.yaml"}


def test_an_output_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("county: '331124'\nperiod: 2024H1\n", "utf-8")
    (tmp_path / "out").write_bytes(b"a file")
    told = refused(xuncha("run", "p.yaml", "--out", "out", cwd=tmp_path), 2)
    assert "不能写入" in told
    assert str(tmp_path) not in told


def test_it_runs_as_a_module_too(tmp_path: Path) -> None:
    done = call("python", "-m", "xuncha_nb.cli", "--version", cwd=tmp_path)
    assert done.stdout.strip() == __version__
