"""User errors: one Chinese line, the right exit code, and whole after a trip between processes."""

from __future__ import annotations

import pickle

import pytest

from xuncha_nb import errors
from xuncha_nb.errors import CheckError, ExecutionError, NotebookUserError, XunchaError
from xuncha_nb.verdicts import Verdict, in_order
from xuncha_nb.verdicts import errors as errors_among

WRONG = Verdict(
    "error", "cell_type", "单元格内容不符，请改正", expected="日期", where="轮次.csv 第2行"
)
ODD = Verdict("warning", "growth_large", "增减幅度较大", "松阳县", "2024H1", ("cases_filed",))
SAID = Verdict("note", "rounded", "3个指标是约数")

#: One instance of every class, and the exit code that the command line returns for it.
ONE_OF_EACH = (
    (errors.XunchaError("出错了"), 2),
    (errors.ParameterError("参数不对"), 2),
    (errors.PeriodError("期间不对"), 2),
    (errors.QuantityError("数值不对"), 1),
    (errors.SourceError("文件打不开"), 2),
    (errors.CheckError((WRONG, ODD)), 1),
    (errors.NoDataError("没有数据"), 1),
    (errors.NarrativeError("没有这个指标"), 1),
    (errors.FontError("没有字体"), 2),
    (errors.ExportError("不能导出"), 2),
    (errors.OutputError("不能写入"), 2),
    (errors.ConfidentialError("不得外传"), 1),
    (errors.StorageError("磁盘已满"), 2),
    (errors.DatabaseError("数据库连不上"), 2),
    (errors.ClusterError("调度器连不上"), 2),
    (errors.TimeLimitError("超过时限"), 1),
    (errors.MemoryLimitError("超过内存限额"), 1),
    (errors.CrashError("进程中断"), 1),
    (errors.ExecutionError("half_year_summary", 3, "ZeroDivisionError"), 1),
    (errors.NotebookUserError("期间不对", 2), 2),
)


def test_the_list_above_has_every_error_class() -> None:
    def below(cls: type) -> set[type]:
        return {cls} | {each for child in cls.__subclasses__() for each in below(child)}

    assert {type(error) for error, _ in ONE_OF_EACH} == {
        cls for cls in below(XunchaError) if cls.__module__ == errors.__name__
    }


@pytest.mark.parametrize(("error", "code"), ONE_OF_EACH, ids=lambda x: type(x).__name__)
def test_an_error_survives_pickling_with_its_message_and_exit_code(
    error: XunchaError, code: int
) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error) != ""
    assert back.exit_code == error.exit_code == code
    assert vars(back) == vars(error)


@pytest.mark.parametrize(("error", "code"), ONE_OF_EACH, ids=lambda x: type(x).__name__)
def test_jupyter_shows_the_message_and_no_traceback(error: XunchaError, code: int) -> None:
    assert error._render_traceback_() == [f"{type(error).__name__}: {error}"]


def test_a_check_error_lists_the_errors_numbered_and_leaves_warnings_out() -> None:
    second = Verdict("error", "two_values", "两个数不同", "松阳县", "2024H1", found="7件")
    assert str(CheckError((WRONG, ODD, second))).splitlines() == [
        "数据有2处错误，未生成报告：",
        "  1. 轮次.csv 第2行：单元格内容不符，请改正（应为：日期；实为：空）",
        "  2. 松阳县 2024H1：两个数不同",
    ]


def test_an_execution_error_names_notebook_and_cell() -> None:
    error = ExecutionError("half_year_summary", 3, "KeyError: 'x'")
    assert str(error) == "笔记本 half_year_summary 第3个单元格执行失败：KeyError: 'x'"


def test_an_error_brought_back_from_a_kernel_keeps_its_exit_code() -> None:
    assert NotebookUserError("没有数据").exit_code == 1
    assert NotebookUserError("文件打不开", 2).exit_code == 2


def test_findings_are_sorted_by_severity_and_otherwise_stay_as_they_came() -> None:
    later = Verdict("error", "share", "比重不符")
    assert in_order([SAID, WRONG, ODD, later]) == (WRONG, later, ODD, SAID)
    assert errors_among([SAID, WRONG, ODD, later]) == (WRONG, later)


def test_a_finding_in_json_has_the_documented_keys_and_says_the_place() -> None:
    assert WRONG.to_json() == {
        "severity": "error",
        "rule": "cell_type",
        "area": "",
        "period": "",
        "figures": [],
        "expected": "日期",
        "found": "",
        "message": "轮次.csv 第2行：单元格内容不符，请改正",
    }
    assert ODD.to_json()["figures"] == ["cases_filed"]
    assert ODD.to_json()["area"] == "松阳县"


def test_a_message_shows_nothing_that_a_terminal_would_act_on() -> None:
    told = str(errors.ParameterError("县（区）\x1b[31m320\x15\u202e07\ud800\u3000不存在\n第二行"))
    assert told == "县（区）[31m32007 不存在\n第二行"
