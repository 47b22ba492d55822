"""The document follows the figures: only what changes, and what a batch would have made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from commands import refused, texts, xuncha
from pieces import (
    HALF_YEAR_SUMMARY,
    ROOT,
    live,
    parameters,
    prose,
    sample_case,
    without_kernel,
)
from pypdf import PdfReader

from xuncha_nb import areas
from xuncha_nb.adjustments import store
from xuncha_nb.adjustments.model import Adjustment, ChartChoice, State
from xuncha_nb.bench import Bench
from xuncha_nb.document import Annex, Chart, Table
from xuncha_nb.errors import ExportError, ParameterError
from xuncha_nb.exporters.html import XunchaHTMLExporter
from xuncha_nb.marks import MARK
from xuncha_nb.record import figures_json

ROUND = "talks_person_times@十三届-7"
BARS = "{{ period_short }}发现问题分布（个）"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace with the sample, and be in it."""
    for name in ("notebooks", "parameters"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.rmtree(tmp_path / "parameters" / "adjustments", ignore_errors=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XUNCHA_WORKSPACE", str(tmp_path))
    return tmp_path


def item(figure: str = ROUND, original: str = "232", adjusted: str = "240") -> Adjustment:
    return Adjustment(
        figure=figure, original=original, adjusted=adjusted, reason="截止日当晚补录",
        author="综合科", time="2024-07-01T09:30:00+08:00",
    )  # fmt: skip


def test_a_change_changes_what_names_the_figure_and_nothing_else(work: Path) -> None:
    bench = Bench(sample_case())
    report = live(bench)
    before = report.document()
    bench.act("change", {"figure": ROUND, "text": "240", "reason": ""})
    after = report.document()
    pairs = zip(before.blocks, after.blocks, strict=False)
    changed = [b for a, b in pairs if a != b and not isinstance(b, Annex)]
    assert 3 <= len(changed) <= 12
    for block in changed:
        assert "334" in block.model_dump_json() or "240" in block.model_dump_json()
    bench.act("give_up", {})
    assert report.document() == before


def test_what_is_on_the_screen_after_a_save_is_what_a_run_makes(work: Path) -> None:
    bench = Bench(sample_case())
    report = live(bench)
    bench.act("change", {"figure": ROUND, "text": "240", "reason": "截止日当晚补录"})
    look = {"chart": BARS, "kind": "columns", "order": "descending", "base": "hidden", "title": ""}
    bench.act("look", look)
    bench.act("save", {"author": "综合科"})
    again = without_kernel(HALF_YEAR_SUMMARY)
    assert again.recorded() == report.recorded()
    assert again.document().blocks == report.document().blocks
    done = xuncha("run", "parameters/half_year_summary.yaml", "--out", "out", cwd=work)
    assert done.returncode == 0, done.stderr
    folder = work / "out" / "2024H1" / "half_year_summary" / "331124"
    assert (folder / "figures.json").read_bytes() == figures_json(report.recorded())
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert [a["figure"] for a in manifest["adjustments"]] == [ROUND, "talks_person_times"]
    assert manifest["adjustments"][0]["reason"] == "截止日当晚补录"
    assert [c["kind"] for c in manifest["charts"]] == ["columns"]
    assert len(manifest["inputs"]["adjustments"]["sha256"]) == 64
    checked = xuncha("check", "out", cwd=work)
    assert checked.returncode == 0, checked.stdout


def test_the_panels_cell_runs_in_a_batch_and_is_in_no_export(work: Path) -> None:
    done = xuncha("run", "parameters/half_year_summary.yaml", "--out", "out", cwd=work)
    assert done.returncode == 0, done.stderr
    folder = work / "out" / "2024H1" / "half_year_summary" / "331124"
    executed = nbformat.read(folder / "report.ipynb", as_version=4)
    (cell,) = [c for c in executed.cells if "panel" in c.metadata.get("tags", [])]
    (output,) = cell.outputs
    assert output.data == {"text/plain": "本报告采用0处调整；在 JupyterLab 中打开笔记本可以修改。"}
    assert "widgets" not in executed.metadata
    assert "http" not in (folder / "report.ipynb").read_text("utf-8").replace(
        "http://www.w3.org/", ""
    ).replace("http://purl.org/", "").replace("http://creativecommons.org/", "")
    for output in (o for c in executed.cells for o in c.get("outputs", [])):
        html = str(output.get("data", {}).get("text/html", ""))
        assert "<script" not in html
        assert "src=" not in html
        assert "href=" not in html
    pdf = "".join(page.extract_text() for page in PdfReader(folder / "report.pdf").pages)
    word = "".join(text for _, text in texts(folder / "report.docx"))
    for export in ((folder / "report.html").read_text("utf-8"), pdf, word):
        assert "处调整" not in export
        assert "在 JupyterLab 中打开" not in export


def saved(work: Path, *items: Adjustment, charts: tuple[ChartChoice, ...] = ()) -> Path:
    asked = parameters("331124", "2024H1")
    path = store.standard_path(asked.county, asked.window())
    store.save(path, State(adjustments=items, charts=charts), store.read(path), "综合科")
    return path


def test_the_internal_edition_marks_and_tells_the_public_one_only_carries(work: Path) -> None:
    saved(work, item())
    inside, public = sample_case().finished(), sample_case(edition="公开").finished()
    for report in (inside, public):
        report.title("总结")
        report.narrative("谈话{{ talks_person_times }}。")
        report.table(["talks_person_times"], "指标")
        report.bars(["talks_person_times"], "谈话")
        report.record()
    mine, theirs = inside.document(), public.document()
    assert f"谈话334人次{MARK}。" in prose(mine)
    assert "谈话334人次。" in prose(theirs)
    table, annex = [b for b in mine.blocks if isinstance(b, Table)]
    assert table.rows[0][2].text == f"334{MARK}"
    assert f"标{MARK}的是调整后的数" in table.note
    assert [c.text for c in annex.rows[0]][1:] == [
        "个别谈话（十三届-7）", "人次", "232", "240", "截止日当晚补录", "综合科", "2024年7月1日",
    ]  # fmt: skip
    assert [b.title for b in mine.blocks if isinstance(b, Annex)] == ["调整情况"]
    (chart,) = [b for b in mine.blocks if isinstance(b, Chart)]
    assert "图中有调整后的数" in chart.note
    assert MARK not in theirs.model_dump_json()
    assert not [b for b in theirs.blocks if isinstance(b, Annex)]
    record = public.recorded()
    assert all(f["original"] is None and f["origin"] != "调整" for f in record["figures"])
    assert record["adjustments"][0]["original"] == "232", "the manifest has all of it"


def test_adjusting_can_be_switched_off_or_pointed_elsewhere(work: Path) -> None:
    path = saved(work, item())
    assert sample_case().finished().figures["talks_person_times"].value.text == "334"
    assert (
        sample_case(adjustments="无").finished().figures["talks_person_times"].value.text == "326"
    )
    other = work / "other.yaml"
    other.write_text(path.read_text("utf-8").replace("'240'", "'241'"), "utf-8")
    pointed = sample_case(adjustments="other.yaml").finished()
    assert pointed.figures["talks_person_times"].value.text == "335"


def test_a_stale_adjustment_stops_a_run_and_a_command_decides(work: Path) -> None:
    saved(work, item(original="230"))
    run = ("run", "parameters/half_year_summary.yaml", "--out", "out")
    told = refused(xuncha(*run, cwd=work), 1)
    for said in ("来源为 230", "现在为 232", "调整值为 240", "xuncha adjust"):
        assert said in told
    adjust = ("adjust", "parameters/half_year_summary.yaml")
    listed = xuncha(*adjust, cwd=work)
    assert f"待确认 {ROUND}" in listed.stdout
    assert "没有写填写人" in refused(xuncha(*adjust, "--confirm", ROUND, cwd=work), 2)
    done = xuncha(*adjust, "--confirm", ROUND, "--author", "综合科", cwd=work)
    assert done.returncode == 0, done.stderr
    assert "232 → 240" in done.stdout
    assert xuncha(*run, cwd=work).returncode == 0
    dropped = xuncha(*adjust, "--drop", ROUND, "--author", "综合科", cwd=work)
    assert "没有调整。" in dropped.stdout
    past = xuncha(*adjust, "--history", cwd=work).stdout
    assert [line[:3] for line in past.splitlines() if line.startswith("第")] == [
        "第1次",
        "第2次",
        "第3次",
    ]
    assert "没有保存过的调整" in refused(xuncha(*adjust, "--drop", "cases_filed", cwd=work), 2)


def test_a_command_sets_undoes_and_restores(work: Path) -> None:
    adjust = ("adjust", "parameters/half_year_summary.yaml")
    told = refused(xuncha(*adjust, "--set", f"{ROUND}=240", "--author", "综合科", cwd=work), 2)
    assert "没有写理由" in told
    assert not list(work.rglob("*draft*.json"))
    by = ("--author", "综合科")
    set_ = ("--set", f"{ROUND}=240", "--reason", "补录", *by)
    assert "232 → 240（补录；综合科" in xuncha(*adjust, *set_, cwd=work).stdout
    assert "没有调整。" in xuncha(*adjust, "--undo", *by, cwd=work).stdout
    assert "232 → 240" in xuncha(*adjust, "--restore", "1", *by, cwd=work).stdout


def test_a_chart_keeps_its_figures_whatever_it_looks_like(work: Path) -> None:
    plain = sample_case().finished()
    choice = ChartChoice(notebook="half_year_summary", chart="分布", kind="columns",
                         order="ascending", base="hidden", title="按类分布")  # fmt: skip
    saved(work, charts=(choice,))
    chosen = sample_case().finished()
    for report in (plain, chosen):
        report.title("总结")
        report.bars(["findings_by_category"], title="分布")
    (before,), (after,) = (
        [b for b in r.document().blocks if isinstance(b, Chart)] for r in (plain, chosen)
    )
    assert after.title == "按类分布"
    assert sorted(after.figures) == sorted(before.figures)
    values = [chosen.figures[id].value.value for id in after.figures]
    assert values == sorted(values)
    assert "去年同期" not in after.svg
    assert not [v for v in chosen.recorded()["verdicts"] if v["rule"] == "chart_unknown"]


def test_a_choice_for_a_chart_that_is_gone_is_noted(work: Path) -> None:
    saved(work, charts=(ChartChoice(notebook="half_year_summary", chart="没有", title="甲"),))
    report = sample_case().finished()
    report.title("总结")
    assert "chart_unknown" in [v["rule"] for v in report.recorded()["verdicts"]]


def test_what_is_not_saved_cannot_be_exported(work: Path) -> None:
    bench = Bench(sample_case())
    report = live(bench)
    bench.act("change", {"figure": ROUND, "text": "240", "reason": ""})
    notebook: Any = nbformat.v4.new_notebook()
    for shown in report._composition._items:
        data = {"application/vnd.xuncha.document+json": shown.piece.model_dump(mode="json")}
        output = nbformat.v4.new_output("display_data", data=data)
        notebook.cells.append(nbformat.v4.new_code_cell("", outputs=[output]))
    with pytest.raises(ExportError, match="有没有保存的调整"):
        XunchaHTMLExporter().from_notebook_node(notebook)
    bench.act("give_up", {})


def test_another_county_opens_in_place_only_when_all_is_saved(work: Path) -> None:
    bench = Bench(sample_case())
    report = live(bench)
    bench.act("change", {"figure": ROUND, "text": "240", "reason": ""})
    other = {"source": "sample:320507", "county": "相城区", "period": "2024H1"}
    with pytest.raises(ParameterError, match="请先保存或放弃"):
        bench.act("open", other)
    bench.act("give_up", {})
    bench.act("open", other)
    assert report.figures.county_name == "相城区"
    assert "相城区" in report.document().title.title
    area = areas.find("320507")
    assert area is not None
    assert bench.view()["form"]["county"] == area.name
    with pytest.raises(ParameterError, match="打开"):
        bench.act("open", {"source": "sample", "county": "../x", "period": "2024H1"})
