"""Broken files end in a report or in one clear line, and leave their neighbours alone.

A few cases of every kind run with every test, beside what earlier ones found; ``make fuzz``
runs thousands.
"""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bombs
import books
import fuzz
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pieces import HALF_YEAR_SUMMARY, without_kernel
from test_executor import reports

from xuncha_nb import execution, sources, workspace
from xuncha_nb.errors import CheckError, ParameterError, SourceError, XunchaError
from xuncha_nb.execution import Watch
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.sources.cells import CellError, parse
from xuncha_nb.verdicts import Verdict

CELLS = st.one_of(
    st.text(max_size=30),
    st.text("0123456789-/.年月日HQ①❶²½٣ ", max_size=12),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.binary(max_size=8),
    st.sampled_from(["1" * 5000, "9" * 400, "1e999", "\ufeff", "\ud800", "长" * 3000]),
)


@given(value=CELLS)
@settings(max_examples=60)
def test_any_cell_is_read_or_refused(value: Any) -> None:
    for ledger in LEDGERS.values():
        for column in ledger.columns:
            try:
                parse(value, column)
            except CellError as fault:
                told = Verdict(
                    "error", "cell_type", "单元格内容不符", expected="数", found=fault.found
                )
                assert len(told.line) < 300
                assert told.line.isprintable()


#: What is quick enough to be tried a few times with every test.
QUICK = ("csv", "workbook-cells", "workbook-xml", "workbook-parts", "workbook-bytes", "parquet",
         "reported", "plan", "adjustments")  # fmt: skip


@pytest.mark.parametrize("kind", QUICK)
def test_a_few_broken_files_of_every_kind(kind: str) -> None:
    for number in range(2):
        assert not fuzz.case(kind, 0, number).startswith("FAILED")


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(fuzz.KINDS))
def test_broken_files_end_in_a_report_or_in_one_clear_line(kind: str) -> None:
    command = [sys.executable, fuzz.__file__, "--kinds", kind, "--seed", "5", "--count", "60"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_fuzzer_notices_what_it_looks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(error: BaseException) -> str:
        def make(folder: Path, rng: object) -> None:
            raise error

        monkeypatch.setitem(fuzz.KINDS, "made", (make, 1))
        return fuzz.case("made", 1, 1)

    assert fails(SourceError("台账.xlsx：打不开，请核对")) == "line"
    assert fails(SourceError("")).startswith("FAILED")
    assert fails(SourceError("not in Chinese")).startswith("FAILED")
    assert fails(SourceError("长" * 5000)).startswith("FAILED")
    with pytest.raises(AssertionError, match="a path of the machine"):
        fuzz.told(f"{tempfile.gettempdir()}/x：打不开")
    assert fails(ValueError("0")).startswith("FAILED ValueError")
    assert fails(BaseException("panic")).startswith("FAILED BaseException")


# -- what earlier cases were taken for --------------------------------------------------------


def report(folder: Path, rows: books.Rows) -> None:
    source = books.folder(folder / books.CODE, rows)
    without_kernel(HALF_YEAR_SUMMARY, county=books.CODE, period="2024H1", source=str(source))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("number", 0, "应为：1至99的整数；实为：0"),
        ("number", 100, "应为：1至99的整数；实为：100"),
        ("number", None, "必填的单元格是空的"),
        ("number", 10**15 - 1, "应为：1至99的整数"),
        ("start", "1" * 5000, "应为：日期"),
        ("start", "❶", "应为：日期"),
        ("id", "长" * 101, "应不超过100字"),
    ],
)
def test_a_cell_that_once_broke_a_computation_is_a_fault_of_its_own(
    column: str, value: object, said: str, tmp_path: Path
) -> None:
    rows = books.county()
    rows["rounds"][1][column] = value
    with pytest.raises(CheckError, match=said) as caught:
        report(tmp_path, rows)
    assert all(len(line) < 300 for line in str(caught.value).split("\n"))


def test_a_header_is_quoted_on_one_short_line(tmp_path: Path) -> None:
    (tmp_path / "制度.csv").write_text(f"日期,文件名\x04称{'1' * 5000}\n2024-01-01,x\n", "utf-8")
    with pytest.raises(SourceError) as caught:
        sources.read(tmp_path / "制度.csv")
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


def _without_cells(notebook: dict[str, Any]) -> None:
    notebook["cells"] = None


def _cell_without_type(notebook: dict[str, Any]) -> None:
    del notebook["cells"][3]["cell_type"]


def _source_of_mappings(notebook: dict[str, Any]) -> None:
    notebook["cells"][3]["source"] = [{"x": 1}]


def _metadata_list(notebook: dict[str, Any]) -> None:
    notebook["cells"][3]["metadata"] = [1]


def _other_language(notebook: dict[str, Any]) -> None:
    notebook["metadata"] = {
        "kernelspec": {"name": "x", "display_name": "x", "language": "x"},
        "language_info": {"name": "x"},
    }


def _old_format(notebook: dict[str, Any]) -> None:
    notebook["nbformat"] = 2


@pytest.mark.parametrize(
    "spoil",
    [_without_cells, _cell_without_type, _source_of_mappings, _metadata_list, _other_language,
     _old_format],
)  # fmt: skip
def test_a_broken_notebook_is_one_line(
    spoil: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    made = copy.deepcopy(json.loads(HALF_YEAR_SUMMARY.read_text("utf-8")))
    spoil(made)
    path = tmp_path / "half_year_summary.ipynb"
    path.write_text(json.dumps(made), "utf-8")
    with pytest.raises(XunchaError) as caught:
        execution.execute(path, {"county": "331124"}, tmp_path, "xuncha", Watch(), {})
    assert isinstance(caught.value, ParameterError)
    assert "\n" not in str(caught.value)


def test_a_mistake_of_ours_in_a_good_notebook_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TypeError("ours")

    monkeypatch.setattr(execution, "_by_papermill", broken)
    nbformat.write(nbformat.read(HALF_YEAR_SUMMARY, 4), tmp_path / "n.ipynb")
    with pytest.raises(TypeError, match="ours"):
        execution.execute(tmp_path / "n.ipynb", {}, tmp_path, "xuncha", Watch(), {})


# -- neighbours -------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_broken_counties_of_five_leave_the_others_byte_for_byte(tmp_path: Path) -> None:
    from commands import call, xuncha

    assert xuncha("sample", "s", "--counties", "5", "--seed", "3", cwd=tmp_path).returncode == 0
    folder = tmp_path / "s"
    plan = (folder / "plan.yaml").read_text("utf-8")
    kept = [line for line in plan.splitlines() if not line.startswith("formats:")]
    (folder / "plan.yaml").write_text("\n".join([*kept, "formats: [html]"]), "utf-8")
    assert call("xuncha", "batch", "plan.yaml", "--out", "clean", cwd=folder).returncode == 0
    workbooks = sorted((folder / "data").glob("*.xlsx"))
    # One that would end the whole process in the spreadsheet library, and one torn in the middle.
    shutil.copy(bombs.farthest(tmp_path), workbooks[1])
    workbooks[3].write_bytes(workbooks[3].read_bytes()[:50_000])
    done = call("xuncha", "batch", "plan.yaml", "--out", "broken", cwd=folder)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "失败2个" in done.stdout
    ill = {workbooks[1].stem, workbooks[3].stem}
    clean = {n: c for n, c in reports(folder / "clean").items() if n.count("/") == 3}
    made = {n: c for n, c in reports(folder / "broken").items() if n.count("/") == 3}
    well = {n: c for n, c in clean.items() if n.split("/")[2] not in ill}
    assert {n: c for n, c in made.items() if "/failed/" not in n} == well
    assert len({n.split("/")[2] for n in well}) == 3


@pytest.mark.parametrize(
    "name", ["9" * 400, "长" * 200, "a\0b", "x/" * 3000], ids=["long", "wide", "nul", "deep"]
)
def test_a_name_that_no_file_can_have_is_one_line(name: str, tmp_path: Path) -> None:
    for error, look in (
        (SourceError, lambda: sources.locate(name, "331124", tmp_path)),
        (ParameterError, lambda: workspace.notebook(name, tmp_path)),
        (ParameterError, lambda: workspace.notebook(f"{name}.ipynb", tmp_path)),
    ):
        with pytest.raises(error) as caught:
            look()
        assert len(str(caught.value)) < 400
        assert "\n" not in str(caught.value)
