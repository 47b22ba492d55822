"""One report: what lies in its folder, what must not, and what a failure leaves behind."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import sys
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import books
import nbformat
import pypdf
import pytest
from commands import Done, call, files, refused, texts, xuncha
from pieces import HALF_YEAR_SUMMARY, ROOT, parameters, without_kernel

from xuncha_nb import fonts, runner
from xuncha_nb.document import from_notebook
from xuncha_nb.errors import ParameterError, SourceError, XunchaError
from xuncha_nb.outputs import put_in_place
from xuncha_nb.record import as_json
from xuncha_nb.report import Report

FILES = {
    "report.ipynb",
    "report.html",
    "report.pdf",
    "report.docx",
    "figures.json",
    "figures.xlsx",
    "manifest.json",
}
SAMPLE = ROOT / "parameters" / "half_year_summary.yaml"
HUAIAN = ROOT / "parameters" / "half_year_summary.huaian.yaml"
SMALL = "county: '331124'\nperiod: 2024H1\nsource: ledgers\n"


@cache
def plain() -> Report:
    """Return the sample's report, composed without a kernel."""
    return without_kernel(HALF_YEAR_SUMMARY)


def folder(out: Path, county: str = "331124", period: str = "2024H1") -> Path:
    return out / period / "half_year_summary" / county


# -- the road, once -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the two parameter files of the repository as a user does; return the outputs."""
    here = tmp_path_factory.mktemp("run")
    done = xuncha("run", SAMPLE, HUAIAN, "--out", "out", cwd=here)
    assert done.returncode == 0, done.stderr
    assert "out/2024H1/half_year_summary/331124" in done.stdout
    assert "out/2017H1/half_year_summary/320803" in done.stdout
    return here / "out"


@pytest.mark.kernel
def test_a_folder_a_report_with_everything_in_it(out: Path) -> None:
    assert set(files(out)) == {
        f"{report.relative_to(out).as_posix()}/{name}"
        for report in (folder(out), folder(out, "320803", "2017H1"))
        for name in FILES
    }


@pytest.mark.kernel
def test_the_kernel_composes_what_plain_python_composes(out: Path) -> None:
    executed = nbformat.read(folder(out) / "report.ipynb", as_version=4)
    by_kernel = from_notebook(executed)
    assert by_kernel.blocks == plain().document().blocks
    assert by_kernel.title == plain().document().title


@pytest.mark.kernel
def test_the_notebooks_file_is_what_nbformat_writes(out: Path) -> None:
    written = (folder(out) / "report.ipynb").read_text("utf-8")
    assert written == nbformat.writes(nbformat.reads(written, as_version=4)) + "\n"


@pytest.mark.parametrize(
    "content",
    [
        {
            "b": [1, 2.5, -0.0, 1e15, 1e-4, 10**20],
            "a": {},
            "c": [],
            "巡察": '\x00\x1f\u2028"\\/é\b',
        },
        [{"t": (1, 2), "n": None, "yes": True}],
        {1: "a", 2: {None: 0}},
    ],
)
@pytest.mark.parametrize("in_order", [True, False])
def test_json_is_written_as_python_writes_it(content: Any, in_order: bool) -> None:
    theirs = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=in_order) + "\n"
    assert as_json(content, in_order=in_order).decode() == theirs


def test_what_json_cannot_hold_is_refused_or_null() -> None:
    with pytest.raises(UnicodeEncodeError):
        as_json({"a": "\ud800"})
    with pytest.raises(TypeError):
        as_json({"a": object()})
    assert as_json([float("nan"), float("inf")]) == b"[\n null,\n null\n]\n"


@pytest.mark.kernel
def test_the_executed_notebook_is_valid_and_parametrised(out: Path) -> None:
    executed = nbformat.read(folder(out, "320803", "2017H1") / "report.ipynb", as_version=4)
    nbformat.validate(executed)
    injected = [c for c in executed.cells if "injected-parameters" in c.metadata.get("tags", [])]
    (assignments,) = [ast.parse(cell.source).body for cell in injected]
    given = {ast.unparse(a.targets[0]): ast.literal_eval(a.value) for a in assignments}  # type: ignore[attr-defined]
    assert given == parameters("淮安区", "2017H1").model_dump()
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            assert output.output_type == "display_data", output


@pytest.mark.kernel
def test_no_path_of_the_machine_and_no_time_of_the_run_is_in_any_file(out: Path) -> None:
    here, machine = str(out.parent), (str(ROOT), str(Path.home()) + "/", sys.prefix)
    today = datetime.now().date()
    days = {str(today), str(today - timedelta(days=1))}
    for path in out.rglob("report.*"):
        for name, text in texts(path):
            for secret in (here, *machine):
                assert secret not in text, (name, secret)
            for day in days | {day.replace("-", "") for day in days}:
                assert day not in text, (name, day)
    for path in [*out.rglob("figures.json"), *out.rglob("figures.xlsx"), *out.rglob("manif*")]:
        for name, text in texts(path):
            for secret in (here, *machine):
                assert secret not in text, (name, secret)
            assert path.name == "manifest.json" or not days & set(re.findall(r"[\d-]{10}", text))


@pytest.mark.kernel
def test_figures_json_is_the_record(out: Path) -> None:
    data = json.loads((folder(out) / "figures.json").read_text("utf-8"))
    assert (data["county"], data["period"], data["cutoff"]) == ("331124", "2024H1", "2024-06-30")
    figures = {f["id"]: f for f in data["figures"]}
    for id, figure in plain().figures.items():
        assert figures[id] == figure.to_json() | {"source": figures[id]["source"]}
        assert figures[id]["source"]


@pytest.mark.kernel
def test_the_manifest_fingerprints_inputs_and_outputs(out: Path) -> None:
    made = folder(out)
    manifest = json.loads((made / "manifest.json").read_text("utf-8"))
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((made / name).read_bytes()).hexdigest() == digest
    assert set(manifest["outputs"]) == FILES - {"manifest.json"}
    notebook = hashlib.sha256(HALF_YEAR_SUMMARY.read_bytes()).hexdigest()
    assert manifest["inputs"]["notebook"] == notebook
    assert datetime.fromisoformat(manifest["finished"]).tzinfo is not None
    assert manifest["seconds"] > 0
    assert manifest["fonts"]["fangsong"]["wanted"] == "仿宋_GB2312"
    assert manifest["fonts"]["fangsong"]["used"] in fonts.available("fangsong")
    assert {v["severity"] for v in manifest["verdicts"]} <= {"warning", "note"}


@pytest.mark.kernel
def test_all_three_formats_say_the_facts_of_the_brief(out: Path) -> None:
    made = folder(out, "320803", "2017H1")
    html = re.sub(r"<[^>]+>", "", (made / "report.html").read_text("utf-8"))
    pdf = "".join(p.extract_text() for p in pypdf.PdfReader(made / "report.pdf").pages)
    word = re.sub(
        r"<[^>]+>", "", dict(texts(made / "report.docx"))["report.docx/word/document.xml"]
    )
    for text in (html, re.sub(r"\s", "", pdf), word):
        for fact in ("105份", "96人次", "3件次", "2次", "20人", "150人", "4个"):
            assert fact in text


@pytest.mark.kernel
def test_the_same_input_gives_the_same_files(out: Path) -> None:
    done = xuncha("run", HUAIAN, "--out", "again", cwd=out.parent)
    assert done.returncode == 0, done.stderr
    first = files(folder(out, "320803", "2017H1"))
    again = files(folder(out.parent / "again", "320803", "2017H1"))
    assert {n for n in FILES if first[n] != again[n]} == {"manifest.json"}


@pytest.mark.kernel
@pytest.mark.parametrize("kind", ["html", "pdf", "docx"])
def test_plain_nbconvert_exports_the_executed_notebook(
    out: Path, tmp_path: Path, kind: str
) -> None:
    shutil.copy(folder(out, "320803", "2017H1") / "report.ipynb", tmp_path / "report.ipynb")
    done = call("jupyter", "nbconvert", "--to", f"xuncha-{kind}", "report.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = (folder(out, "320803", "2017H1") / f"report.{kind}").read_bytes()
    assert (tmp_path / f"report.{kind}").read_bytes() == made


# -- a failure ------------------------------------------------------------------------------


@pytest.mark.kernel
def test_a_failing_run_leaves_the_last_good_report_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    rows = books.county()
    books.folder(tmp_path / "ledgers", rows)
    run = ("run", "small.yaml", "--formats", "html")
    good = xuncha(*run, cwd=tmp_path)
    assert good.returncode == 0, good.stderr
    before = files(tmp_path / "outputs")
    assert {Path(name).name for name in before} == FILES - {"report.pdf", "report.docx"}

    rows["findings"][1]["unit"] = "X999"
    books.folder(tmp_path / "ledgers", rows)
    told = refused(xuncha(*run, cwd=tmp_path), 1)
    assert "X999" in told
    assert "数据有1处错误，未生成报告" in told
    assert str(tmp_path) not in told
    assert files(tmp_path / "outputs") == before
    assert [p.name for p in folder(tmp_path / "outputs").parent.iterdir()] == ["331124"]


def staged(path: Path, content: str) -> Path:
    path.mkdir()
    (path / "report.html").write_text(content, "utf-8")
    return path


def test_a_new_report_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    target = staged(tmp_path / "331124", "旧")
    (target / "report.pdf").write_bytes(b"of the old one")
    put_in_place(staged(tmp_path / ".331124.part", "新"), target)
    assert files(tmp_path) == {"331124/report.html": "新".encode()}
    assert [p.name for p in tmp_path.iterdir()] == ["331124"]


def test_what_cannot_be_put_in_place_leaves_the_old_report(tmp_path: Path) -> None:
    target = staged(tmp_path / "331124", "旧")
    with pytest.raises(OSError, match="No such file"):
        put_in_place(tmp_path / "nothing.part", target)
    assert files(tmp_path) == {"331124/report.html": "旧".encode()}


# -- before anything starts -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("conty: '331124'\nperiod: 2024H1\n", "不认识的参数“conty”，是否应为“county”？"),
        ("county: [331124]\nperiod: 2024H1\n", "参数“county”的值"),
        ("county: '331124'\n", "缺少参数“period”"),
        ("county: '331124'\nperiod: 2024H3\n", "期间“2024H3”无法识别"),
        ("county: '0310'\nperiod: 2024H1\n", "开头的0是否丢了"),
        ("county: '331124'\nperiod: 2024H1\ncutoff: 明天\n", "截止日期“明天”无法识别"),
        ("county: '331124'\nperiod: 2024H1\nedition: 绝密\n", "内部、公开"),
        ("county: '331124'\nperiod: 2024H1\nsource: 没有.xlsx\n", "没有.xlsx：文件不存在"),
        ("county: ../../etc\nperiod: 2024H1\n", "六位代码或县（区）名称"),
        ("- 331124\n", "名称: 值"),
        ("county: '331124\n", "不是正确的 YAML"),
    ],
)
def test_wrong_parameters_are_refused_in_words(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, "utf-8")

    def check() -> None:
        read, own = runner.read_parameters(path, "half_year_summary")
        runner.check_job(runner.Job("half_year_summary", read, tmp_path / "out", tmp_path, own=own))

    with pytest.raises(XunchaError) as caught:
        check()
    assert told in str(caught.value)
    assert caught.value.exit_code == 2
    assert str(tmp_path) not in str(caught.value)


def test_one_wrong_parameter_file_stops_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("conty: '331124'\nperiod: 2024H1\n", "utf-8")
    told = refused(xuncha("run", SAMPLE, "wrong.yaml", cwd=tmp_path), 2)
    assert "wrong.yaml：不认识的参数“conty”，是否应为“county”？" in told
    assert not (tmp_path / "outputs").exists(), "not even for the good one"


def test_a_code_with_a_leading_zero_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "zero.yaml"
    file.write_text("county: 031012\nperiod: 2024H1\n", "utf-8")
    assert runner.read_parameters(file, "half_year_summary")[0].county == "031012"


def job(tmp_path: Path, notebook: str = "half_year_summary", **more: str) -> runner.Job:
    return runner.Job(notebook, parameters("331124", "2024H1", **more), tmp_path / "out", tmp_path)


def test_a_job_knows_its_folder_by_code_whatever_the_county_is_called(tmp_path: Path) -> None:
    by_name = runner.Job(
        "half_year_summary", parameters("松阳县", "2024h1"), tmp_path / "out", tmp_path
    )
    assert by_name.folder == job(tmp_path).folder == folder(tmp_path / "out")


def test_an_unknown_notebook_is_named_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="half_year_summary"):
        runner.check_job(job(tmp_path, "half_year"))


def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path) -> None:
    for content in ("不是笔记本", "{}", "[1]"):
        path = tmp_path / "broken.ipynb"
        path.write_text(content, "utf-8")
        with pytest.raises(ParameterError, match=r"broken\.ipynb：不是 Jupyter 笔记本"):
            runner.check_job(job(tmp_path, str(path)))


def test_a_notebook_needs_exactly_one_parameters_cell(tmp_path: Path) -> None:
    notebook = nbformat.read(HALF_YEAR_SUMMARY, as_version=4)
    del notebook.cells[1].metadata["tags"]
    path = tmp_path / "untagged.ipynb"
    nbformat.write(notebook, path)
    with pytest.raises(ParameterError, match="实有0个"):
        runner.check_job(job(tmp_path, str(path)))


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="文件不存在"):
        runner.check_job(job(tmp_path, source="data/331124.xlsx"))


def test_the_parameter_file_names_its_notebook() -> None:
    assert runner.notebook_of(Path("half_year_summary.huaian.yaml")) == "half_year_summary"
    assert runner.notebook_of(Path("本县.yaml")) == "half_year_summary"


# -- plain papermill ------------------------------------------------------------------------


def papermill(here: Path, *arguments: str | Path) -> Done:
    return call("papermill", HALF_YEAR_SUMMARY, "made.ipynb", *arguments, cwd=here)


def county_of(path: Path) -> str:
    document = from_notebook(nbformat.read(path, as_version=4))
    assert document.record is not None
    return f"{document.record['county_name']} {document.record['period']}"


@pytest.mark.kernel
def test_plain_papermill_takes_a_code_that_it_turns_into_a_number(tmp_path: Path) -> None:
    done = papermill(tmp_path, "-p", "county", "320507")
    assert done.returncode == 0, done.stderr
    assert county_of(tmp_path / "made.ipynb") == "相城区 2024H1"


@pytest.mark.kernel
def test_plain_papermill_takes_our_parameter_file(tmp_path: Path) -> None:
    done = papermill(tmp_path, "-f", HUAIAN)
    assert done.returncode == 0, done.stderr
    assert county_of(tmp_path / "made.ipynb") == "淮安区 2017H1"


@pytest.mark.kernel
def test_plain_papermill_with_a_mistyped_name_runs_no_other_county(tmp_path: Path) -> None:
    done = papermill(tmp_path, "-p", "conty", "320507")
    assert done.returncode != 0
    assert "不认识的参数“conty”，是否应为“county”？" in done.stderr
