"""A whole report without a kernel: the packaged samples, the published brief, a small county."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import books
import pytest
from pieces import (
    HALF_YEAR_SUMMARY,
    MOBILIZATION_BRIEF,
    NOTEBOOKS,
    parameters,
    prose,
    runs_of,
    stray_numbers,
    without_kernel,
)

from xuncha_nb import open_report
from xuncha_nb.document import Annex, Chart, Document, Heading, Paragraph, Table
from xuncha_nb.errors import (
    CheckError,
    NarrativeError,
    ParameterError,
    SourceError,
)
from xuncha_nb.opening import build
from xuncha_nb.parameters import load_standards
from xuncha_nb.report import Report
from xuncha_nb.sources import read

SAMPLES = [("331124", "2024H1"), ("320507", "2024H1"), ("500236", "2023H2"), ("320803", "2017H1")]
_REPORTS: dict[tuple[str, str], Report] = {}


def half_year(county: str, period: str) -> Report:
    """Return the half-year report of a packaged sample, composed once for all tests."""
    if (county, period) not in _REPORTS:
        _REPORTS[county, period] = without_kernel(HALF_YEAR_SUMMARY, county=county, period=period)
    return _REPORTS[county, period]


@pytest.fixture(params=SAMPLES, ids=lambda sample: "-".join(sample))
def report(request: pytest.FixtureRequest) -> Report:
    return half_year(*request.param)


@pytest.fixture
def document(report: Report) -> Document:
    return report.document()


@pytest.fixture
def huaian() -> Document:
    return half_year("320803", "2017H1").document()


@pytest.fixture
def songyang() -> Document:
    return half_year("331124", "2024H1").document()


def of_type(document: Document, kind: type[Any]) -> list[Any]:
    return [block for block in document.blocks if isinstance(block, kind)]


# -- what holds for every report ------------------------------------------------------------


def test_every_number_is_a_figures_or_a_dates(document: Document) -> None:
    assert stray_numbers(document) == []


def test_a_sentence_prints_what_the_figure_says(report: Report) -> None:
    rounds = {f.id: f for r in report.rounds for f in r.figures.values()}
    known = {**report.figures, **rounds}
    seen = 0
    for run in runs_of(report.document().blocks):
        if run.figure is None:
            continue
        seen += 1
        id, _, companion = re.fullmatch(r"(.+?)(_(base|change|yoy|share))?", run.figure).groups()  # type: ignore[union-attr]
        figure = known[run.figure if run.figure in known else id]
        if run.figure in known and figure.unit:
            assert run.text in (figure.value.text, f"{figure.value.text}{figure.unit}")
        elif companion == "base":
            assert figure.base is not None
            assert run.text == f"{figure.base.text}{figure.unit}"
        else:
            assert re.search(r"\d", run.text)
    assert seen > 5


def test_table_cells_print_what_the_figure_says(report: Report) -> None:
    rounds = {f.id: f for r in report.rounds for f in r.figures.values()}
    known = {**report.figures, **rounds}
    for table in of_type(report.document(), Table):
        for cell in (cell for row in table.rows for cell in row):
            if cell.figure in known:
                assert cell.text == known[cell.figure].value.text
            elif cell.figure is None and not table.wide:
                undated = re.sub(r"\d{1,2}月\d{1,2}日|\d{4}年|—\d{1,2}日", "", cell.text)
                assert not re.search(r"\d", undated), cell.text


def test_charts_draw_known_figures(report: Report) -> None:
    recorded = {f["id"] for f in report.record()["figures"]}
    for chart in of_type(report.document(), Chart):
        assert chart.figures
        assert set(chart.figures) <= recorded


def test_nothing_is_left_over_or_broken(document: Document) -> None:
    text = prose(document)
    for leftover in ("X", "***", "None", "nan", "{{", "}}", "[[", "]]", "**", "Missing", "Figure("):
        assert leftover not in text
    for broken in (
        "，，",
        "，。",
        "；；",
        "。。",
        "：。",
        "、，",
        "（）",
        "其中。",
        "其中，",
        "共，",
    ):
        assert broken not in text
    assert not re.search(r"[\ue000-\uf8ff]", text)
    assert not re.search(r"[a-z]", text)


def test_a_dash_stands_in_prose_only_between_dates(document: Document) -> None:
    assert "—" not in re.sub(r"日—(?=\d)", "日", prose(document))


def test_no_heading_is_empty_and_every_sentence_ends(document: Document) -> None:
    blocks = document.blocks
    for heading, follower in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(heading, Heading):
            assert follower is not None
            assert not isinstance(follower, Annex)
            assert not isinstance(follower, Heading) or follower.level > heading.level
    for paragraph in of_type(document, Paragraph):
        assert "".join(run.text for run in paragraph.runs).endswith("。")


def test_one_unit_for_one_thing(document: Document) -> None:
    text = prose(document)
    assert not re.search(r"问题线索\d+个", text)
    assert not re.search(r"发现问题\d+件", text)


def test_the_annex_holds_every_figure_of_the_sentences(report: Report) -> None:
    document = report.document()
    annex = of_type(document, Table)[-1]
    assert annex.wide
    listed = {cell.figure for row in annex.rows for cell in row}
    named = {run.figure for run in runs_of(document.blocks) if run.figure in report.figures}
    assert named <= listed


def test_the_same_cells_give_the_same_document(huaian: Document) -> None:
    again = without_kernel(HALF_YEAR_SUMMARY, county="320803", period="2017H1")
    assert again.document() == huaian


# -- the published brief --------------------------------------------------------------------


def test_the_published_brief_says_exactly_its_facts(huaian: Document) -> None:
    numbers = [(run.figure, run.text) for run in runs_of(huaian.blocks) if run.figure]
    assert numbers == [
        ("leader_pool", "20人"),
        ("staff_pool", "150人"),
        ("teams_count", "4个"),
        ("petitions_received", "3件次"),
        ("talks_person_times", "96人次"),
        ("questionnaires_issued", "105份"),
        ("symposia_held", "2次"),
        ("plan_period_units", "96个"),
    ]


def test_the_published_brief_keeps_its_two_ninety_sixes_apart(huaian: Document) -> None:
    text = prose(huaian)
    assert "个别谈话96人次" in text
    assert "应巡察单位共96个" in text


def test_the_published_brief_leaves_out_what_it_does_not_know(huaian: Document) -> None:
    text = prose(huaian)
    for unknown in (
        "专业",
        "同比",
        "去年同期",
        "编制",
        "培训，",
        "线索",
        "招投标",
        "整改完成",
        "%",
    ):
        assert unknown not in text
    assert of_type(huaian, Chart) == []
    assert [t.title for t in of_type(huaian, Table)] == [
        "上半年主要指标",
        "2017年上半年指标（截至2017年6月30日）",
    ]
    assert "条例" in text, "the regulation in force in 2017"


def test_the_published_brief_is_titled_and_signed(huaian: Document) -> None:
    assert huaian.title.title == "淮安区委巡察办2017年上半年工作总结和下半年工作计划"
    assert huaian.title.office == "淮安区委巡察工作领导小组办公室"
    assert huaian.title.date == "2017-06-30"


# -- a sample with ledgers ------------------------------------------------------------------


def test_a_full_report_has_its_charts_tables_and_sections(songyang: Document) -> None:
    assert len(of_type(songyang, Chart)) >= 5
    assert len(of_type(songyang, Table)) >= 4
    heads = ["".join(r.text for r in h.runs) for h in of_type(songyang, Heading) if h.level == 1]
    assert heads == ["工作总结", "困难和问题", "下半年工作计划", "意见建议"]


def test_captions_carry_no_typed_number(songyang: Document) -> None:
    for block in of_type(songyang, Chart) + of_type(songyang, Table):
        assert block.title
        assert not re.search(r"\d", re.sub(r"\d{4}年|\d{1,2}月|\d{1,2}日", "", block.title))


def test_the_record_holds_what_the_files_are_written_from() -> None:
    record = half_year("331124", "2024H1").record()
    assert record["county_name"] == "松阳县"
    assert record["cutoff"] == "2024-06-30"
    ids = [f["id"] for f in record["figures"]]
    assert len(ids) == len(set(ids))
    assert any("@" in id for id in ids), "the rounds' own figures too"
    assert Path(record["source"]["name"]).name == "331124.xlsx"
    assert not Path(record["source"]["name"]).is_absolute()
    assert re.fullmatch(r"[0-9a-f]{64}", record["source"]["sha256"])


# -- a small county -------------------------------------------------------------------------


def small(tmp_path: Path, rows: books.Rows, period: str = "2024H1", **more: str) -> Report:
    folder = books.folder(tmp_path / books.CODE, rows)
    given = parameters(books.CODE, period, **more)
    return build("half_year_summary", given, read(folder), load_standards())


def narrated(report: Report, template: str) -> str:
    report.title("题")
    report.narrative(template)
    return prose(report.document())


def test_a_small_county_from_csv_files(tmp_path: Path) -> None:
    report = small(tmp_path, books.county())
    text = narrated(report, "谈话{{ talks_person_times }}[[，{{ talks_person_times|yoy }}]]。")
    assert text == "谈话60人次，同比增长50.0%。"


def test_a_round_knows_its_own_figures_and_dates(tmp_path: Path) -> None:
    report = small(tmp_path, books.county())
    template = (
        "{% for r in rounds %}{{ r.name }}{{ r.start }}谈话{{ r.talks_person_times }}。{% endfor %}"
    )
    assert narrated(report, template) == (
        "十二届第二轮常规巡察3月1日谈话50人次。十二届第三轮专项巡察6月3日谈话10人次。"
    )


@pytest.mark.parametrize("use", ["{{ r.nmae }}", "{% if r.vilages is positive %}{% endif %}"])
def test_a_mistyped_name_of_a_round_is_refused(tmp_path: Path, use: str) -> None:
    report = small(tmp_path, books.county())
    with pytest.raises(NarrativeError, match="不是指标"):
        report.narrative(f"{{% for r in rounds %}}{use}{{% endfor %}}")


def test_what_a_round_lacks_leaves_its_clause_out(tmp_path: Path) -> None:
    report = small(tmp_path, books.county())
    template = (
        "{% for r in rounds %}{{ r.number|ordinal }}[[，{{ r.feedback_from }}反馈]]。{% endfor %}"
    )
    assert narrated(report, template) == "第二，5月27日反馈。第三。"


def test_a_cutoff_leaves_later_events_out(tmp_path: Path) -> None:
    whole = small(tmp_path / "a", books.county())
    cut = small(tmp_path / "b", books.county(), cutoff="2024-05-31")
    assert whole.figures["rounds_total"].value.value == 2
    assert cut.figures["rounds_total"].value.value == 1
    assert "5月31日" in narrated(cut, "截至{{ cutoff }}。")


def test_an_unknown_figure_of_a_chart_is_refused(tmp_path: Path) -> None:
    report = small(tmp_path, books.county())
    for show in (report.bars, report.table, report.movement):
        with pytest.raises(ParameterError, match="“finding_total”不是指标"):
            show(["finding_total"], "题")
    with pytest.raises(ParameterError, match="“finding_total”不是指标"):
        report.round_panels(["finding_total"], "题")


def test_errors_stop_the_report_with_the_whole_list(tmp_path: Path) -> None:
    rows = books.county()
    rows["findings"][1]["unit"] = "X999"
    rows["activities"][1]["talks_person_times"] = -3
    with pytest.raises(CheckError) as caught:
        small(tmp_path, rows)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"数据有{len(lines) - 1}处错误，未生成报告："
    assert "X999" in str(caught.value)
    assert "-3" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_period_without_data_gives_a_report_that_says_so_and_has_no_figures(
    tmp_path: Path,
) -> None:
    report = small(tmp_path, books.county(), "2030H1")
    assert report.record()["figures"] == []
    (verdict,) = report.verdicts
    assert (verdict.severity, verdict.rule) == ("warning", "no_data")
    assert "有数据的期间为 2023H1、2024H1" in verdict.message
    assert "\n" not in verdict.line


OF_A_COUNTY = [path for path in NOTEBOOKS if path.stem != "city_rollup"]


@pytest.mark.parametrize("notebook", OF_A_COUNTY, ids=lambda path: path.stem)
def test_every_document_says_plainly_that_there_are_no_data(notebook: Path) -> None:
    report = without_kernel(notebook, period="2030H1")
    document = report.document()
    assert [type(block) for block in document.blocks] == [Paragraph]
    text = prose(document)
    assert "松阳县2030年上半年" in text
    assert "也不表示有关数目为零" in text
    assert "2030年上半年" in document.title.title
    assert stray_numbers(document) == []


# -- a document about one round ---------------------------------------------------------------


def mobilisation(**given: str) -> Report:
    return without_kernel(MOBILIZATION_BRIEF, **given)


def test_a_brief_may_be_about_any_round_of_the_period() -> None:
    latest, earlier = mobilisation(), mobilisation(round="十三届-7")
    assert "第八轮" in latest.document().title.title
    assert "第七轮" in earlier.document().title.title
    assert latest.document().title.date == "2024-06-30"
    assert earlier.document().title.date == "2024-02-28", "the day of its mobilisation"
    told = mobilisation(round="十三届-7", cutoff="2024-03-15")
    assert told.document().title.date == "2024-03-15"


def test_a_round_still_to_come_is_told_as_a_task_without_results() -> None:
    report = mobilisation(round="十三届-8", cutoff="2024-05-20")
    text = prose(report.document())
    assert "第八轮常规巡察将于" in text
    figures = {f["id"] for f in report.record()["figures"] if f["scope"] == "十三届-8"}
    assert "units_inspected@十三届-8" in figures
    assert not {id for id in figures if id.startswith(("findings", "talks", "clues"))}
    teams = next(b for b in report.document().blocks if isinstance(b, Table))
    assert teams.rows


def test_an_unknown_round_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match=r"没有轮次“十三届-99”，.*十三届-7、十三届-8"):
        mobilisation(round="十三届-99")


def test_a_county_without_sample_and_a_missing_file_are_named() -> None:
    with pytest.raises(SourceError, match="331124"):
        open_report("half_year_summary", county="110105", period="2024H1")
    with pytest.raises(SourceError, match=r"没有\.xlsx：文件不存在"):
        open_report("half_year_summary", county="331124", period="2024H1", source="没有.xlsx")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"period": "2024H3"}, "2024H3"),
        ({"county": "0310"}, "开头的0是否丢了"),
        ({"county": "朝阳区"}, "110105"),
        ({"cutoff": "2024-07-05"}, "不在期间"),
        ({"edition": "绝密"}, "内部、公开"),
    ],
)
def test_wrong_parameters_are_refused_in_words(given: dict[str, str], told: str) -> None:
    wanted: dict[str, Any] = {"county": "331124", "period": "2024H1"} | given
    with pytest.raises(ParameterError, match=told):
        open_report("half_year_summary", **wanted)


def test_the_county_may_be_a_number_or_a_name() -> None:
    by_number = open_report("half_year_summary", county=331124, period="2024H1")
    by_name = open_report("half_year_summary", county="松阳县", period="2024H1")
    assert by_number.figures.county_name == by_name.figures.county_name == "松阳县"
    assert by_number.figures.items_by_id == by_name.figures.items_by_id
