"""Finished reports against their record: the untouched ones agree, one changed digit does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from commands import xuncha
from nbformat.v4 import new_code_cell, new_notebook, new_output
from pieces import HALF_YEAR_SUMMARY, figure, without_kernel

from xuncha_nb import views
from xuncha_nb.document import (
    MIME,
    Chart,
    Document,
    Heading,
    Paragraph,
    Piece,
    Run,
    Table,
    Title,
    composed_pieces,
)
from xuncha_nb.errors import ExportError, NoDataError, SourceError
from xuncha_nb.inspection import inspect
from xuncha_nb.proof import reports
from xuncha_nb.proof.printed import undated
from xuncha_nb.verdicts import Verdict

SAMPLES = [("331124", "2024H1"), ("320507", "2024H1"), ("500236", "2023H2"), ("320803", "2017H1")]


@cache
def document(county: str, period: str) -> Document:
    report = without_kernel(HALF_YEAR_SUMMARY, county=county, period=period)
    report.record()
    return report.document()


def notebook(*pieces: Piece, screen: bool = True) -> Any:
    """Return an executed notebook that shows these pieces."""
    cells = []
    for piece, blocks in zip(pieces, composed_pieces(pieces), strict=True):
        data = views.bundle(piece, blocks) if screen else {MIME: piece.to_json()}
        cells.append(new_code_cell(outputs=[new_output("display_data", data=data)]))
    return new_notebook(cells=cells)


def executed(county: str, period: str) -> Any:
    """Return the executed half-year report of a sample, a piece a block."""
    made = document(county, period)
    shown = [Piece(blocks=(block,)) for block in (made.title, *made.blocks)]
    return notebook(*shown, Piece(record=made.record))


def saved(folder: Path, content: Any) -> Path:
    """Write a report folder with its record beside it; return the notebook."""
    folder.mkdir(parents=True)
    path = folder / "report.ipynb"
    path.write_text(nbformat.writes(content), "utf-8")
    record = content.cells[-1].outputs[0].data[MIME]["record"]
    if record:
        text = json.dumps({"figures": record["figures"]}, ensure_ascii=False)
        (folder / "figures.json").write_text(text, "utf-8")
    return path


def grave(verdicts: tuple[Verdict, ...]) -> list[str]:
    return [v.line for v in verdicts if v.severity != "note"]


def of_a_few(*blocks: Any, figures: list[Any]) -> tuple[Verdict, ...]:
    """Return what a small report with these figures and blocks is told."""
    record = {"county": "1", "county_name": "某县", "period": "2024H1", "figures": figures}
    pieces = [Piece(blocks=(Title(title="题"), *blocks)), Piece(record=record)]
    path = Path("report.ipynb")
    path.write_text(nbformat.writes(notebook(*pieces)), "utf-8")
    return inspect(path)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.mark.parametrize("sample", SAMPLES, ids="-".join)
def test_an_untouched_report_agrees_with_its_record(
    sample: tuple[str, str], tmp_path: Path
) -> None:
    path = saved(tmp_path / "r", executed(*sample))
    assert grave(inspect(path)) == []
    assert grave(inspect(tmp_path / "r")) == []


# -- one digit ------------------------------------------------------------------------------


def other(text: str, place: int = -1) -> str:
    """Return the text with one digit changed."""
    at = [m.start() for m in re.finditer(r"\d", text)][place]
    return f"{text[:at]}{(int(text[at]) + 3) % 10}{text[at + 1 :]}"


def blocks_of(content: Any, kind: str) -> list[dict[str, Any]]:
    """Return the blocks of a kind as they lie in the notebook, to be changed there."""
    return [
        block
        for cell in content.cells
        for block in cell.outputs[0].data[MIME].get("blocks", ())
        if block["type"] == kind
    ]


def spots(content: Any, kind: str) -> list[dict[str, Any]]:
    """Return every run of the paragraphs, or cell of the tables, that prints a figure."""
    if kind == "paragraph":
        found = [run for block in blocks_of(content, kind) for run in block["runs"]]
    else:
        rows = [row for block in blocks_of(content, kind) for row in block["rows"]]
        found = [cell for row in rows for cell in row]
    return [spot for spot in found if spot.get("figure")]


def record_of(content: Any) -> dict[str, Any]:
    record: dict[str, Any] = content.cells[-1].outputs[0].data[MIME]["record"]
    return record


@pytest.mark.parametrize("kind", ["paragraph", "table"])
@pytest.mark.parametrize("sample", [SAMPLES[0], SAMPLES[3]], ids="-".join)
def test_a_changed_digit_is_found_wherever_it_stands(
    sample: tuple[str, str], kind: str, tmp_path: Path
) -> None:
    content = executed(*sample)
    path = saved(tmp_path / "r", content)
    for cell in content.cells:  # only the pieces: the screen has a test of its own
        for output in cell.outputs:
            for key in ("text/html", "text/plain", "image/svg+xml"):
                output.data.pop(key, None)
    changed = 0
    before = {spot["text"]: spot for spot in spots(content, kind)}
    for spot in before.values():
        text, spot["text"] = spot["text"], other(spot["text"])
        path.write_text(nbformat.writes(content), "utf-8")
        # A list behind the number may be too long or too short then.
        found = [v for v in inspect(path) if v.severity == "error" and v.rule != "list_count"]
        assert [v.rule for v in found] == ["number_differs"], spot
        assert (found[0].found, found[0].figures) == (spot["text"], (spot["figure"],))
        assert text.lstrip("+-") in found[0].expected
        assert ("表" if kind == "table" else "段") in found[0].where
        spot["text"] = text
        changed += 1
        if changed == 25:
            break
    assert changed > 5


def test_a_changed_digit_of_a_chart_is_found(tmp_path: Path) -> None:
    content = executed(*SAMPLES[0])
    path = saved(tmp_path / "r", content)
    charts = blocks_of(content, "chart")
    assert len(charts) >= 5
    for chart in charts:
        # Dates are no figure's: one in place of another is a date all the same.
        drawn = re.findall(r"<text[^>]*>[^<年月]*\d[^<年月]*</text>", chart["svg"])
        said = re.sub(r"；[^；]*\d[年月日][^；]*$", "", chart["alt"])
        while re.search(r"\d[年月日][^；\d]*$", said):
            said = said.rpartition("；")[0]
        for key, text in (("svg", drawn[0]), ("svg", drawn[-1]), ("alt", said)):
            whole, body = chart[key], text.removeprefix("<text")
            start = whole.index(body)
            inner = re.search(r"\d[^<\d]*(?:</text>)?$", body)
            assert inner
            at = start + inner.start()
            chart[key] = f"{whole[:at]}{(int(whole[at]) + 3) % 10}{whole[at + 1 :]}"
            path.write_text(nbformat.writes(content), "utf-8")
            rules = {(v.rule, v.where.partition("图")[1]) for v in inspect(path)}
            assert ("number_differs", "图") in rules, (key, text)
            chart[key] = whole


@pytest.mark.parametrize("key", ["text", "value", "base", "change", "growth"])
def test_a_changed_digit_of_the_record_is_found(key: str, tmp_path: Path) -> None:
    content = executed(*SAMPLES[0])
    path = saved(tmp_path / "r", content)
    beside = path.with_name("figures.json")
    for id in ("findings_total", "talks_person_times", "petitions_received"):
        (entry,) = [f for f in record_of(content)["figures"] if f["id"] == id]
        before, entry[key] = entry[key], other(entry[key])
        path.write_text(nbformat.writes(content), "utf-8")
        assert any(v.where == "figures.json" and id in v.figures for v in inspect(path))
        kept = beside.read_bytes()
        beside.unlink()
        assert any(v.severity == "error" and v.rule == "number_differs" for v in inspect(path))
        beside.write_bytes(kept)
        entry[key] = before


def test_what_the_screen_shows_is_compared_too(tmp_path: Path) -> None:
    content = executed(*SAMPLES[0])
    path = saved(tmp_path / "r", content)
    for kind in ("text/html", "text/plain"):
        data = next(
            c.outputs[0].data for c in content.cells if "326人次" in c.outputs[0].data.get(kind, "")
        )
        before, data[kind] = data[kind], data[kind].replace("326人次", "328人次", 1)
        path.write_text(nbformat.writes(content), "utf-8")
        (found,) = inspect(path)
        assert (found.severity, found.expected, found.found) == ("error", "326", "328")
        data[kind] = before


def test_a_figures_json_of_another_run_is_found(tmp_path: Path) -> None:
    path = saved(tmp_path / "r", executed(*SAMPLES[0]))
    beside = path.with_name("figures.json")
    data = json.loads(beside.read_text("utf-8"))
    del data["figures"][0]
    beside.write_text(json.dumps({**data, "cutoff": "2024-05-31"}), "utf-8")
    assert {v.where for v in inspect(tmp_path / "r")} == {"figures.json"}
    assert len(inspect(tmp_path / "r")) == 2
    beside.write_text("{", "utf-8")
    with pytest.raises(SourceError, match=r"figures\.json"):
        inspect(path)


# -- sentences ------------------------------------------------------------------------------

TALKS = figure("talks_person_times", "60", "80").to_json()
PARTS = [
    figure("petitions_letter", "1").to_json(),
    figure("petitions_received", "3").to_json(),
    figure("findings_total", "0").to_json(),
]


def sentence(*parts: str | tuple[str, str]) -> Paragraph:
    """Return a paragraph of texts and of (text, figure), with a full stop."""
    runs = [Run(text=p) if isinstance(p, str) else Run(text=p[0], figure=p[1]) for p in parts]
    return Paragraph(runs=(*runs, *((Run(text="。"),) if not runs[-1].text.endswith("。") else ())))


@pytest.mark.parametrize(
    "parts",
    [
        ("谈话", ("60人次", "talks_person_times"), "。"),
        (
            "谈话",
            ("60", "talks_person_times"),
            "人次，同比下降",
            ("25.0%", "talks_person_times_yoy"),
        ),
        ("少", ("20人次", "talks_person_times_change")),
        (
            "下降",
            ("25%", "talks_person_times_yoy"),
            "，上年",
            ("80人次", "talks_person_times_base"),
        ),
        ("占", ("33.3%", "petitions_letter_share"), "、", ("33%", "petitions_letter_share")),
        ("2024年3月1日—30日，至12月31日，2021—2026年",),
    ],
)
def test_what_wording_writes_is_right(parts: tuple[str | tuple[str, str], ...]) -> None:
    assert of_a_few(sentence(*parts), figures=[TALKS, *PARTS]) == ()


@pytest.mark.parametrize(
    ("parts", "rule", "expected"),
    [
        (("同比增长", ("25.0%", "talks_person_times_yoy")), "number_differs", "下降25.0%"),
        (("同比下降", ("25.1%", "talks_person_times_yoy")), "number_differs", "25.0%"),
        (("上年", ("81人次", "talks_person_times_base")), "number_differs", "80人次"),
        (("占", ("33.4%", "petitions_letter_share")), "number_differs", "33.3%"),
        ((("60人", "talks_person_times"),), "number_differs", "60人次"),
        ((("60人次", "talks"),), "number_unrecorded", ""),
        ((("1%", "petitions_letter_yoy"),), "number_differs", "没有这个数"),
    ],
)
def test_what_is_wrong_is_told(
    parts: tuple[str | tuple[str, str], ...], rule: str, expected: str
) -> None:
    (found,) = of_a_few(sentence(*parts), figures=[TALKS, *PARTS])
    assert (found.severity, found.rule, found.expected) == ("error", rule, expected)
    assert found.where.startswith("report.ipynb 第1段“")


@pytest.mark.parametrize("text", ["谈话60人次", "13月1日", "3月32日", "满30日", "增长5%", "第３个"])
def test_a_number_of_no_figure_is_a_warning(text: str) -> None:
    (found,) = of_a_few(sentence(text), figures=[TALKS])
    assert (found.severity, found.rule) == ("warning", "number_unrecorded")


def test_a_heading_and_a_table_are_read_too() -> None:
    made: list[Any] = [Heading(level=1, runs=(Run(text="5个"),)), sentence("好。")]
    assert [v.severity for v in of_a_few(*made, figures=[])] == ["warning"]
    table = Table.model_validate(
        {
            "title": "表",
            "columns": [{"header": "指标"}, {"header": "增减"}],
            "rows": [[{"text": "谈话"}, {"text": "20", "figure": "talks_person_times_change"}]],
        }
    )
    (found,) = of_a_few(table, figures=[TALKS])
    assert "表1第1行第2列" in found.where, "the sign is lost"


def test_a_chart_with_two_figures_swapped_for_one_number_is_found() -> None:
    two = [figure(id, n).to_json() for id, n in (("rect_done", "3"), ("rect_open", "5"))]
    drawn = "<svg><text>3个</text><text>{}个</text></svg>"
    chart = Chart(
        title="图",
        alt="完成3个，未完成5个",
        svg=drawn.format(3),
        width_mm=9,
        height_mm=9,
        figures=("rect_done", "rect_open"),
    )
    (found,) = of_a_few(chart, figures=two)
    assert (found.expected, found.found) == ("5", "3")
    assert of_a_few(chart.model_copy(update={"svg": drawn.format(5)}), figures=two) == ()


def test_a_share_of_no_declared_whole_is_noted() -> None:
    made = sentence("占", ("5.0%", "talks_person_times_share"))
    (found,) = of_a_few(made, figures=[TALKS])
    assert (found.severity, found.rule) == ("note", "share_whole_unknown")


def test_a_printed_share_is_the_recorded_one() -> None:
    forms = [figure("form1", "62万", share="69.2").to_json(), figure("forms_total", "90").to_json()]
    assert of_a_few(sentence("占", ("69.2%", "form1_share")), figures=forms) == ()
    (found,) = of_a_few(sentence("占", ("69.3%", "form1_share")), figures=forms)
    assert found.expected == "69.2%"


def test_a_bare_code_hides_no_number() -> None:
    assert undated("331124松阳县30个", {"331124", "30"}) == "松阳县30个"


# -- files ----------------------------------------------------------------------------------


def test_a_folder_of_reports_is_gone_through(tmp_path: Path) -> None:
    out = tmp_path / "outputs" / "2024H1" / "half_year_summary"
    for county, period in SAMPLES[:2]:
        saved(out / county, executed(county, period))
    (out / "summary.csv").write_text("code\n", "utf-8")
    saved(out / ".331124.1.part", executed(*SAMPLES[0]))
    content = executed(*SAMPLES[1])
    spots(content, "paragraph")[0]["text"] = "999个"
    (out / "320507" / "report.ipynb").write_text(nbformat.writes(content), "utf-8")
    assert len(reports(tmp_path / "outputs")) == 2
    found = [v for v in inspect(tmp_path / "outputs") if v.severity == "error"]
    assert found
    assert {v.where.partition(" ")[0] for v in found} == {
        "2024H1/half_year_summary/320507/report.ipynb"
    }
    assert grave(inspect(tmp_path / "outputs", "松阳县", "2024H1")) == []
    with pytest.raises(NoDataError, match="2023H1"):
        inspect(tmp_path / "outputs", "331124", "2023H1")


def test_a_folder_with_ledgers_is_data(tmp_path: Path) -> None:
    saved(tmp_path / "a" / "outputs", executed(*SAMPLES[0]))
    (tmp_path / "a" / "reported.csv").write_text("id\n", "utf-8")
    assert reports(tmp_path / "a") == ()
    assert reports(tmp_path / "a" / "outputs" / "figures.json") == ()
    assert reports(tmp_path / "here") == ()


def test_a_notebook_without_record_and_one_that_was_not_executed(tmp_path: Path) -> None:
    path = tmp_path / "一.ipynb"
    path.write_text(nbformat.writes(notebook(Piece(blocks=(Title(title="题"),)))), "utf-8")
    (found,) = inspect(path)
    assert (found.severity, found.rule) == ("error", "record_missing")
    with pytest.raises(ExportError, match="执行"):
        inspect(HALF_YEAR_SUMMARY)


def broken_piece(path: Path) -> None:
    content = notebook(Piece(blocks=(Title(title="题"),)))
    content.cells[0].outputs[0].data[MIME] = {"blocks": [{"type": "画"}]}
    path.write_text(nbformat.writes(content), "utf-8")


def broken_record(path: Path) -> None:
    content = notebook(Piece(blocks=(Title(title="题"),)), Piece(record={"figures": [{"id": "a"}]}))
    path.write_text(nbformat.writes(content), "utf-8")


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda path: None, "文件不存在"),
        (lambda path: path.write_text("{", "utf-8"), "不是 Jupyter 笔记本"),
        (lambda path: path.mkdir(), "不能读取"),
        (broken_piece, "已损坏"),
        (broken_record, "已损坏"),
    ],
)
def test_an_unreadable_notebook_is_one_line(
    write: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "报告.ipynb"
    write(path)
    with pytest.raises(SourceError, match=rf"^报告\.ipynb：.*{told}"):
        inspect(path)


def test_the_command_tells_and_exits_as_for_data(tmp_path: Path) -> None:
    content = executed(*SAMPLES[0])
    saved(tmp_path / "good", content)
    assert xuncha("check", "good", cwd=tmp_path).returncode == 0
    spots(content, "paragraph")[0]["text"] = "999个"
    saved(tmp_path / "bad", content)
    done = xuncha("check", "bad/report.ipynb", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert "number_differs" in {v["rule"] for v in json.loads(done.stdout)}
