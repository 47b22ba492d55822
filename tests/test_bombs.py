"""Files made to exhaust a reader: refused in one line or read, in bounded time and memory."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import bombs
import books
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xuncha_nb import signature, sources
from xuncha_nb.errors import ParameterError, SourceError, XunchaError
from xuncha_nb.inspection import inspect
from xuncha_nb.parameters import Plan, validated
from xuncha_nb.verdicts import errors
from xuncha_nb.yamlfile import read_yaml

#: Measured on the two cores of the README's machine: 2.6 s and 270 MB for the worst of them.
SECONDS, MEGABYTES = 20, 400
#: What a fresh process takes to read one source; prints megabytes beyond the libraries, then
#: the error or the number of rounds.
READ = """
import resource, sys
from pathlib import Path
from xuncha_nb import sources
from xuncha_nb.errors import XunchaError
import pandas, python_calamine, pyarrow.parquet, defusedxml.ElementTree
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
try:
    told = len(sources.read(Path(sys.argv[1]))["rounds"])
except XunchaError as error:
    told = error
print(peak() - before)
print(told)
"""


def one_line(error: XunchaError) -> str:
    """Return a message, which must be one line that says what to do, and not a long one."""
    told = str(error)
    assert "\n" not in told
    assert len(told) < 200
    assert "请" in told
    return told


#: What writes more than a megabyte runs in a process of its own, where it is measured.
HEAVY = {
    "lying directory",
    "a gigabyte",
    "250,000 styled rows",
    "50 million strings",
    "one string in a million cells",
}
LIGHT = sorted(set(bombs.REFUSED) - HEAVY)


@pytest.mark.parametrize("bomb", LIGHT)
def test_a_workbook_made_to_do_harm_is_one_line(bomb: str, tmp_path: Path) -> None:
    make, said = bombs.REFUSED[bomb]
    path = make(tmp_path)
    with pytest.raises(SourceError) as caught:
        sources.read(path)
    assert said in one_line(caught.value)
    assert str(caught.value).startswith(path.name)


def measured(path: Path) -> str:
    """Read a source in a process of its own; return what it told, if it kept within bounds."""
    done = subprocess.run(
        [sys.executable, "-c", READ, path.name], cwd=path.parent, capture_output=True,
        encoding="utf-8", timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    used, told = done.stdout.splitlines()
    assert int(used) < MEGABYTES
    return told


def test_a_gigabyte_in_a_megabyte_takes_no_memory(tmp_path: Path) -> None:
    told = measured(bombs.lying(tmp_path))
    assert "可能损坏" in told


@pytest.mark.slow
@pytest.mark.parametrize("bomb", sorted(bombs.REFUSED))
def test_every_bomb_is_refused_in_bounded_time_and_memory(bomb: str, tmp_path: Path) -> None:
    make, said = bombs.REFUSED[bomb]
    assert said in measured(make(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(bombs.READ))
def test_a_large_but_honest_workbook_is_read(kind: str, tmp_path: Path) -> None:
    assert measured(bombs.READ[kind](tmp_path)) == "3"


def test_what_the_bombs_are_made_of_can_be_read(tmp_path: Path) -> None:
    book = sources.read(bombs.packed(bombs.parts(tmp_path), tmp_path / "plain.xlsx"))
    assert len(book["rounds"]) == 3
    assert book.verdicts == ()


def test_links_to_other_workbooks_are_never_followed_and_told(tmp_path: Path) -> None:
    parts = bombs.parts(tmp_path)
    parts |= {f"xl/externalLinks/externalLink{n}.xml": b"<externalLink/>" for n in (1, 2)}
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = b'<x Target="http://10.0.0.1/x.xlsx"/>'
    book = sources.read(bombs.packed(parts, tmp_path / "linked.xlsx"))
    assert len(book["rounds"]) == 3
    told = books.only(book.verdicts, "external_links").line
    assert "引用了另外2个文件" in told
    assert "10.0.0.1" not in told
    assert not errors(book.verdicts)


def test_a_workbook_with_macros_under_its_own_ending_is_read_for_its_values(tmp_path: Path) -> None:
    parts = bombs.parts(tmp_path) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}
    assert len(sources.read(bombs.packed(parts, tmp_path / "with.xlsm"))["rounds"]) == 3


def test_a_ledger_whose_part_is_missing_is_not_passed_over(tmp_path: Path) -> None:
    parts = bombs.parts(tmp_path)
    del parts[bombs.ROUNDS]
    with pytest.raises(SourceError, match="可能损坏"):
        sources.read(bombs.packed(parts, tmp_path / "torn.xlsx"))


def test_a_computed_formula_counts_by_its_value(tmp_path: Path) -> None:
    parts = bombs.parts(tmp_path)
    before = sources.read(bombs.packed(parts, tmp_path / "plain.xlsx"))
    parts[bombs.ROUNDS] = parts[bombs.ROUNDS].replace(b"<v>", b"<f>1+1</f><v>", 40)
    after = sources.read(bombs.packed(parts, tmp_path / "computed.xlsx"))
    assert list(after["rounds"].records()) == list(before["rounds"].records())


def test_the_library_is_given_what_was_measured_and_nothing_else(tmp_path: Path) -> None:
    from xuncha_nb.sources import packages

    parts = bombs.parts(tmp_path) | {"xl/vbaProject.bin": b"x", "xl/media/image1.png": b"x"}
    path = bombs.packed(parts, tmp_path / "with.xlsm")
    package = packages.opened(path, path.name, lambda name: name == "轮次")
    with zipfile.ZipFile(package.content) as archive:
        assert not {"xl/vbaProject.bin", "xl/media/image1.png"} & set(archive.namelist())
        given = archive.read(bombs.ROUNDS)
    assert given.replace(packages._NO_MERGED, b"", 1) == parts[bombs.ROUNDS]
    assert given.index(packages._NO_MERGED) < given.index(b"<sheetData")


@pytest.mark.parametrize(
    "before",
    [b"", b"<!-- <sheetData -->", b"<?x <sheetData ?>", b"<x><![CDATA[<sheetData>]]></x>",
     b"<x a='<sheetData>'/>", b'<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'],
)  # fmt: skip
@pytest.mark.parametrize(
    "merged", [b"", b'<mergeCells count="1"><mergeCell ref="A3:B4"/></mergeCells>']
)
def test_cells_are_read_as_they_are_whatever_stands_around_them(
    before: bytes, merged: bytes, tmp_path: Path
) -> None:
    parts = bombs.parts(tmp_path)
    plain = sources.read(bombs.packed(parts, tmp_path / "plain.xlsx"))
    sheet = parts[bombs.ROUNDS].replace(b"<sheetData>", before + b"<sheetData>")
    parts[bombs.ROUNDS] = sheet.replace(b"</sheetData>", b"</sheetData>" + merged)
    other = sources.read(bombs.packed(parts, tmp_path / "other.xlsx"))
    assert list(other["rounds"].records()) == list(plain["rounds"].records())


# -- CSV ------------------------------------------------------------------------------------


def test_a_line_without_end_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "轮次.csv"
    with path.open("wb") as stream:
        stream.truncate(2**30)  # a gigabyte of NUL that takes no place on the disk
    with pytest.raises(SourceError, match="文件过大（1,024 MB），应不超过 32 MB"):
        sources.read(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n" + b"," * 3_000_001, "约有300万个单元格"),
        (b"a,b\n" + b"\n" * 3_000_001, "约有300万个单元格"),
        (b"a,b\n" + b"x" * 200_000, "文字过长"),
        (b"a\0,b\n", "不是文本文件"),
        ("编号,名称\n".encode("utf-16"), "UTF-16"),
        ("编号,名称\n".encode("utf-16-be"), "编码无法识别"),
        (b"\x81\x00\xff\xff,b\n", "编码无法识别"),
        (b'a,"b\n', "引号不成对"),
    ],
    ids=["commas", "lines", "long", "nul", "utf-16", "utf-16-be", "bytes", "quote"],
)
def test_a_csv_that_is_none_is_one_line(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "轮次.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        sources.read(path)
    assert said in one_line(caught.value)


def test_a_list_of_counties_without_end_is_one_line(tmp_path: Path) -> None:
    from xuncha_nb import batch

    plan = "notebook: half_year_summary\nperiod: 2024H1\nsource: sample\ncounties: c.csv\n"
    (tmp_path / "plan.yaml").write_text(plan, "utf-8")
    with (tmp_path / "c.csv").open("wb") as stream:
        stream.truncate(2**30)
    with pytest.raises(ParameterError, match="文件过大"):
        batch.jobs(tmp_path / "plan.yaml", tmp_path / "out")


# -- Parquet --------------------------------------------------------------------------------


def parquet(path: Path, table: pa.Table, **more: object) -> Path:
    pq.write_table(table, path, **more)
    return path


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (lambda: pa.table({"a": pa.DictionaryArray.from_arrays([0] * 4_000_000, ["x"])}), "太大"),
        (
            lambda: pa.table({"a": pa.DictionaryArray.from_arrays([0] * 9_000, ["x" * 9_000])}),
            "太大",
        ),
        (lambda: pa.table({"a": [[1]], "b": [1]}), "应为文字、数或日期"),
        (lambda: pa.table({"a": [b"\xff"]}), "应为文字、数或日期"),
        (lambda: pa.Table.from_arrays([[1], [2]], ["a", "a"]), "出现两次"),
        (lambda: pa.table({f"c{n}": [1] for n in range(1_001)}), "1001列"),
    ],
    ids=["rows", "text", "nested", "binary", "twice", "columns"],
)
def test_a_parquet_file_that_is_no_ledger_is_one_line(
    table: Callable[[], pa.Table], said: str, tmp_path: Path
) -> None:
    path = parquet(tmp_path / "轮次.parquet", table())
    assert path.stat().st_size < 2**20
    with pytest.raises(SourceError) as caught:
        sources.read(path)
    assert said in one_line(caught.value)


# -- YAML, JSON -----------------------------------------------------------------------------


def laughs() -> str:
    lines = ["a0: &a0 [哈, 哈]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (laughs(), "第2行：不能用 * 引用"),
        ("a: " + "[" * 10_000, "嵌套超过20层"),
        ("- " * 10_000, "嵌套超过20层"),
        ("? " * 10_000, "嵌套超过20层"),
        ("a: [" + "1," * 60_000 + "1]", "超过50000项"),
        ("a: " + "x" * 600_000, "文件过大"),
        ("a: 1\nb: 2\na: 3", "第3行：“a”写了两次"),
        ("[1, 2]: 3", "名称应为文字"),
        ("a: !!python/object/apply:os.system [echo]", None),
        ("\x00a: 1", "不是正确的 YAML"),
    ],
    ids=["laughs", "flow", "block", "keys", "long", "large", "twice", "key", "object", "nul"],
)
def test_yaml_that_is_no_parameter_file_is_one_line(
    text: str, said: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text, "utf-8")
    if said is None:
        assert read_yaml(path) == {"a": ["echo"]}, "read as text, built as nothing"
        return
    with pytest.raises(ParameterError) as caught:
        read_yaml(path)
    assert said in one_line(caught.value)


def test_a_wrong_value_is_not_printed_at_length() -> None:
    given = {"notebook": ["x" * 10_000], "period": "2024H1", "source": "s", "counties": "c"}
    with pytest.raises(ParameterError) as caught:
        validated(Plan, given, "plan.yaml")
    assert len(one_line(caught.value)) < 150


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"cells": [[]]}',
        b"\xff",
        b"",
    ],
    ids=["open", "deep", "list", "bytes", "empty"],
)
def test_a_notebook_that_is_none_is_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    with pytest.raises(ParameterError) as caught:
        signature.own_parameters(path)
    assert "不是 Jupyter 笔记本" in one_line(caught.value)
    with pytest.raises(XunchaError) as refused:
        inspect(path)
    one_line(refused.value)


def test_a_notebook_without_end_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    with path.open("wb") as stream:
        stream.truncate(2**30)
    with pytest.raises(ParameterError, match="文件过大"):
        signature.own_parameters(path)


def test_ordinary_files_are_far_below_the_limits(tmp_path: Path) -> None:
    """The same table as CSV: what the limits count is what is there."""
    stream = io.StringIO()
    csv.writer(stream).writerows(books.grid("rounds", books.county()["rounds"]))
    path = tmp_path / "轮次.csv"
    path.write_text(stream.getvalue(), "utf-8")
    assert len(sources.read(path)["rounds"]) == 3
    notebook = {"cells": [{"metadata": {"tags": ["parameters"]}, "source": "round = ''"}]}
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook), "utf-8")
    assert signature.own_parameters(tmp_path / "n.ipynb") == {"round": ""}
