"""Faults that real documents have, each found in a text that has it and in none that has not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from books import STANDARDS
from pieces import NOTEBOOKS, without_kernel

from xuncha_nb import prose
from xuncha_nb.document import Block, Document, Paragraph, Run, Title
from xuncha_nb.periods import Period
from xuncha_nb.prose import Context
from xuncha_nb.verdicts import Verdict

COUNTY = Context("", "淮安区", Period.parse("2024H1"))


def document(*blocks: Block, title: str = "区委巡察办2024年上半年工作总结") -> Document:
    return Document(title=Title(title=title), blocks=blocks)


def paragraph(*runs: str | tuple[str, str]) -> Paragraph:
    made = (Run(text=r) if isinstance(r, str) else Run(text=r[0], figure=r[1]) for r in runs)
    return Paragraph(runs=tuple(made))


def found(text: str | Paragraph, context: Context = COUNTY) -> list[tuple[str, str]]:
    block = paragraph(text) if isinstance(text, str) else text
    return [(v.severity, v.rule) for v in prose.evaluate(document(block), context)]


FAULTS = [
    ("共发现问题XX个。", "error", "placeholder"),
    ("同比增长X%。", "error", "placeholder"),
    ("共受理X件次。", "error", "placeholder"),
    ("由***负责。", "error", "placeholder"),
    ("责任人____。", "error", "placeholder"),
    ("某某单位已整改。", "error", "placeholder"),
    ("各组已进驻，", "warning", "sentence_cut"),
    ("各组已进驻并", "warning", "sentence_cut"),
    ("于6月3开展谈话。", "warning", "date_without_day"),
    ("一年来，巡察工作稳步推进。", "warning", "other_span"),
    ("全市巡察工作稳步推进。", "warning", "other_area"),
    ("全县巡察工作稳步推进。", "warning", "other_area"),
    ("巡察工作稳步推进。责任编辑：办公室。", "warning", "web_noise"),
    ("首页 > 工作动态。", "warning", "web_noise"),
    ("详见www.example.org。", "warning", "web_noise"),
]

CLEAN = [
    "于6月3日—12日开展谈话，6月13—15日汇总。",
    "全区巡察工作稳步推进，居全省前列。",
    "购置X射线安检仪和ⅹⅹⅹ型号设备。",
    "现将有关情况报告如下：",
    "《中央巡视工作规划（2018—2022年）》提出要求。",
    "一是学习；二是整改。",
]


@pytest.mark.parametrize(("text", "severity", "rule"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_fault_is_found_and_said_in_one_line(text: str, severity: str, rule: str) -> None:
    (verdict,) = prose.evaluate(document(paragraph(text)), COUNTY)
    assert (verdict.severity, verdict.rule) == (severity, rule)
    assert "请" in verdict.message
    assert verdict.where.startswith("第1段")
    assert "\n" not in verdict.line


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_a_fault_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("period", "text", "faulty"),
    [
        ("2024", "一年来，工作稳步推进。", False),
        ("2024", "半年来，工作稳步推进。", True),
        ("2024Q1", "半年来，工作稳步推进。", True),
        ("2024Q1-3", "一年来，工作稳步推进。", False),
    ],
)
def test_words_of_time_are_held_against_the_period(period: str, text: str, faulty: bool) -> None:
    context = Context("", "淮安区", Period.parse(period))
    assert (found(text, context) == [("warning", "other_span")]) is faulty


@pytest.mark.parametrize(
    ("area", "text", "faulty"),
    [
        ("松阳县", "全区工作稳步推进。", True),
        ("临沧市", "全市工作稳步推进。", False),
        ("浙江省", "全市工作稳步推进。", False),
        ("全国", "全县工作稳步推进。", False),
    ],
)
def test_words_of_place_are_held_against_the_area(area: str, text: str, faulty: bool) -> None:
    assert bool(found(text, Context("", area, None))) is faulty


def test_a_number_keeps_the_measure_word_of_its_figure() -> None:
    assert found(paragraph("发现线索", ("12", "clues_found"), "个。")) == [
        ("error", "measure_word")
    ]
    assert found(paragraph("发现线索", ("12", "clues_found"), "件。")) == []
    assert found(paragraph("发现线索", ("12件", "clues_found"), "。")) == []
    assert found(paragraph("去年", ("9", "clues_found_base"), "个。")) == [
        ("error", "measure_word")
    ]
    persons = paragraph("编制", ("12", "posts_approved"), "人。")
    assert found(persons) == [("warning", "measure_word")]


def test_a_list_has_as_many_members_as_the_number_before_it_says() -> None:
    number = ("3项", "documents_issued")
    assert found(paragraph("制定", number, "，即《整改、评估办法》、《守则》和《规程》。")) == []
    wrong = paragraph("制定", number, "，即《办法》、《守则》。")
    (verdict,) = prose.evaluate(document(wrong), COUNTY)
    assert (verdict.rule, verdict.expected, verdict.found) == ("list_count", "3项", "2个")
    assert found(paragraph("制定", number, "，即《办法》等。")) == []


def test_two_plan_periods_that_disagree_are_found_in_the_whole_text() -> None:
    blocks = [
        paragraph("按照五年规划（2017—2021年）推进。"),
        paragraph("按照五年规划（2016—2021年）推进。"),
    ]
    rules = [v.rule for v in prose.evaluate(document(*blocks), COUNTY)]
    assert rules == ["two_plans"]


def test_one_unit_under_two_names_in_one_text_is_found() -> None:
    context = Context("", "淮安区", None, (("区行政审批局", "区政务服务办"),))
    both = [paragraph("巡察区行政审批局。"), paragraph("区政务服务办正在整改。")]
    (verdict,) = prose.evaluate(document(*both), context)
    assert verdict.rule == "two_names"
    assert not list(prose.evaluate(document(both[0]), context))
    longer = Context("", "淮安区", None, (("区财政局（国资办）", "区财政局"),))
    assert not list(prose.evaluate(document(paragraph("巡察区财政局（国资办）。")), longer))


def test_the_title_is_read_as_well() -> None:
    verdicts = list(prose.evaluate(document(title="XX区委巡察办总结"), COUNTY))
    assert [(v.rule, v.where) for v in verdicts] == [("placeholder", "题目")]


def of_the_samples() -> Iterator[Verdict]:
    for notebook in NOTEBOOKS:
        report = without_kernel(notebook)
        area, period = report.figures.county_name, report.figures.window.period
        yield from prose.evaluate(report.document(), Context("", area, period))


def test_the_packaged_documents_have_none_of_it() -> None:
    assert [v.line for v in of_the_samples()] == []
    assert STANDARDS.sentences
