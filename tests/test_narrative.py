"""Narrative cells: figures and clauses in, blocks out, nothing typed and nothing executed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from document_sample import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from pieces import PLAIN, composed, figure, runs_of, said, text_of

from xuncha_nb.document import Heading, Paragraph
from xuncha_nb.errors import NarrativeError
from xuncha_nb.literals import check_no_typed_numbers
from xuncha_nb.names import Missing
from xuncha_nb.narrative import Composer

FINDINGS = figure("findings_total", "167", "178")
CLUES = figure("clues_found", "12")
TALKS = figure("talks_person_times", "108", "96")


# -- figures and filters --------------------------------------------------------------------


def test_a_figure_prints_its_number_and_unit_and_is_named() -> None:
    (block,) = composed("发现问题{{ findings_total }}。", FINDINGS)
    assert [(r.text, r.figure) for r in runs_of([block])] == [
        ("发现问题", None),
        ("167个", "findings_total"),
        ("。", None),
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ talks_person_times }}", "108人次"),
        ("{{ talks_person_times|number }}", "108"),
        ("{{ talks_person_times|yoy }}", "同比增长12.5%"),
        ("{{ talks_person_times|base }}", "96人次"),
        ("{{ clues_found|share(findings_total) }}", "7.2%"),
        ("{{ [findings_total, clues_found]|breakdown }}", "发现问题167个、发现问题线索12件"),
        ("{{ cutoff }}", "6月30日"),
        ("{{ cutoff|date }}", "6月30日"),
        ("{{ (start, cutoff)|dates }}", "6月3日—30日"),
        ("{{ names|listed }}", "甲、乙、丙"),
        ("{{ names|listed(2) }}", "甲、乙等"),
        ("{{ 3|ordinal }}轮", "第三轮"),
        ("{{ 12|chinese }}轮", "十二轮"),
        ("{{ county }}", "松阳县"),
        ('{{ literal("2018—2022年") }}规划', "2018—2022年规划"),
    ],
)
def test_what_a_clerk_can_print(template: str, expected: str) -> None:
    assert said(
        template,
        FINDINGS,
        CLUES,
        TALKS,
        cutoff=date(2024, 6, 30),
        start=date(2024, 6, 3),
        names=["甲", "乙", "丙"],
        county="松阳县",
    ) == [expected]


def test_a_family_breaks_down_into_its_members() -> None:
    family = {
        member: figure(f"findings_by_category[{member}]", number)
        for member, number in (("甲", "7"), ("乙", "0"), ("丙", "2"))
    }
    template = "其中{{ findings_by_category|breakdown }}。"
    assert said(template, findings_by_category=family) == ["其中甲7个、丙2个。"]


@pytest.mark.parametrize(
    ("condition", "number", "holds"),
    [
        ("is zero", "0", True),
        ("is zero", "3", False),
        ("is one", "1", True),
        ("is one", "2", False),
        ("is positive", "1", True),
        ("is positive", "0", False),
        ("is known", "0", True),
        ("is equal(findings_total)", "167", True),
        ("is equal(findings_total)", "166", False),
        ("is zero", None, False),
        ("is positive", None, False),
        ("is one", None, False),
        ("is known", None, False),
        ("is equal(findings_total)", None, False),
    ],
)
def test_conditions_and_that_missing_fulfils_none(
    condition: str, number: str | None, holds: bool
) -> None:
    known = [FINDINGS] if number is None else [FINDINGS, figure("rect_done", number)]
    template = f"{{% if rect_done {condition} %}}是{{% else %}}否{{% endif %}}"
    assert said(template, *known) == ["是" if holds else "否"]


def test_a_number_that_is_no_figure_cannot_be_printed() -> None:
    with pytest.raises(NarrativeError, match="不能直接打印"):
        said("{{ names|length }}轮", names=["甲"])


# -- what leaves itself out -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("发现问题{{ findings_total }}[[，移交{{ clues_transferred }}]]。", ["发现问题167个。"]),
        ("[[移交{{ clues_transferred }}，]]发现问题{{ findings_total }}。", ["发现问题167个。"]),
        ("发现{{ findings_total }}，[[移交{{ clues_transferred }}]]。", ["发现167个。"]),
        (
            "其中：[[移交{{ clues_transferred }}]]，发现{{ findings_total }}。",
            ["其中，发现167个。"],
        ),
        ("移交{{ clues_transferred }}；发现{{ findings_total }}。", ["发现167个。"]),
        ("发现{{ findings_total }}；移交{{ clues_transferred }}。", ["发现167个。"]),
        ("发现{{ findings_total }}。移交{{ clues_transferred }}。", ["发现167个。"]),
        ("甲；[[移交{{ clues_transferred }}]]。", ["甲。"]),
        ("移交{{ clues_transferred }}。", []),
        ("[[移交{{ clues_transferred }}]]。", []),
        ("移交{{ clues_transferred|yoy }}。", []),
        ("问题{{ findings_total|share(clues_transferred) }}。", []),
        ("线索{{ clues_found|yoy }}。", []),
        ("线索{{ [clues_transferred]|breakdown }}。", []),
        ("线索{{ deadline }}。", []),
        ("甲{{ findings_total }}[[（乙{{ clues_transferred }}[[，丙]]）]]。", ["甲167个。"]),
        ("甲[[，乙{{ clues_found }}[[，丙{{ clues_transferred }}]]]]。", ["甲，乙12件。"]),
        ("## 标题{{ clues_transferred }}\n\n正文。", ["正文。"]),
        ("- 甲{{ clues_transferred }}。\n- 乙。\n- 丙。", ["一是乙。二是丙。"]),
        ("- 甲{{ clues_transferred }}。\n- 乙。", ["乙。"]),
    ],
)
def test_what_a_missing_figure_takes_with_it(template: str, expected: list[str]) -> None:
    found = said(template, FINDINGS, CLUES, deadline=None)
    assert [text.replace("；二是", "。二是") for text in found] == expected


def test_zero_is_reported() -> None:
    assert said("发现线索{{ clues_found }}。", figure("clues_found", "0")) == ["发现线索0件。"]


@given(st.lists(st.sampled_from(["甲{k}，", "[[乙{m}，]]", "丙{m}；", "丁。", "[[戊{k}]]；"])))
def test_no_trace_of_a_missing_figure_is_left(parts: list[str]) -> None:
    template = "".join(parts) + "完。"
    template = template.replace("{k}", "{{ findings_total }}").replace("{m}", "{{ clues_found }}")
    (text,) = said(template, FINDINGS)
    assert "乙" not in text
    assert "丙" not in text
    assert not any(mark in text for mark in ("[[", "]]", "，，", "，。", "；；", "。。", "。，"))
    assert all(character.isprintable() for character in text)
    assert not text.startswith(("，", "；", "。"))


# -- blocks ---------------------------------------------------------------------------------


def test_headings_paragraphs_and_run_in_items() -> None:
    blocks = composed("## 甲\n### 乙\n\n文一\n接着。\n\n- 第一点\n- 第二点；\n\n#### 丙")
    assert [(type(b), getattr(b, "level", None)) for b in blocks] == [
        (Heading, 1),
        (Heading, 2),
        (Paragraph, None),
        (Paragraph, None),
        (Heading, 3),
    ]
    assert said("文一\n接着。\n\n- 第一点\n- 第二点；") == [
        "文一接着。",
        "一是第一点；二是第二点。",
    ]


def test_items_of_several_sentences_end_in_full_stops() -> None:
    assert said("- 甲。乙。\n- 丙") == ["一是甲。乙。二是丙。"]


def test_a_figure_at_the_end_of_an_item_keeps_its_run_to_itself() -> None:
    (block,) = composed("- 甲{{ findings_total }}\n- 乙{{ clues_found }}", FINDINGS, CLUES)
    assert [r.text for r in runs_of([block]) if r.figure] == ["167个", "12件"]
    assert said("- 甲{{ findings_total }}\n- 乙{{ clues_found }}", FINDINGS, CLUES) == [
        "一是甲167个；二是乙12件。"
    ]


@pytest.mark.parametrize(
    ("template", "bold"),
    [
        ("**重点**工作", "重点"),
        ("“**重点**”工作", "重点"),
        ("**“三个聚焦”**方面", "“三个聚焦”"),
        ("围绕**（重点）**开展", "（重点）"),
        ("**{{ findings_total }}**问题", "167个"),
        ("发现**{{ findings_total }}问题**。", "167个问题"),
    ],
)
def test_bold_stands_beside_chinese_quotes_and_values(template: str, bold: str) -> None:
    (block,) = composed(template, FINDINGS)
    runs = list(runs_of([block]))
    assert "".join(r.text for r in runs if r.bold) == bold
    assert "*" not in "".join(r.text for r in runs)


@pytest.mark.parametrize("template", ["`代码`", "> 引用", "*斜体*", "<b>粗</b>", "![图](a.png)"])
def test_other_markdown_is_refused_in_words(template: str) -> None:
    with pytest.raises(NarrativeError, match="叙述中不支持这种写法"):
        composed(template)


# -- names that mean nothing ----------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "{{ clues_fund }}",
        "{{ clues_fund|yoy }}",
        "{{ findings_total|share(clues_fund) }}",
        "{{ [findings_total, clues_fund]|breakdown }}",
        "{{ clues_fund|date }}",
        "{% if clues_fund is zero %}无{% endif %}",
        "{% if findings_total is equal(clues_fund) %}全{% endif %}",
        "{% for x in clues_fund %}{% endfor %}",
        "{% if findings_total is zero %}{{ clues_fund }}{% endif %}有",
        "[[{{ clues_fund }}]]",
    ],
)
def test_an_unknown_figure_is_refused_wherever_it_stands(template: str) -> None:
    with pytest.raises(NarrativeError, match=r"“clues_fund”不是指标.*clues_found"):
        composed(template, FINDINGS)


def test_an_unknown_variable_names_the_nearest_variable() -> None:
    with pytest.raises(NarrativeError, match=r"“cutof”.*cutoff"):
        composed("{{ cutof }}", cutoff=date(2024, 6, 30))


@pytest.mark.parametrize(
    "template", ["{{ findings_total", "{% if x %}", "{{ findings_total|yoi }}"]
)
def test_a_broken_template_is_one_chinese_line(template: str) -> None:
    with pytest.raises(NarrativeError, match=r"^叙述第1行写法有误") as caught:
        composed(template, FINDINGS)
    assert "\n" not in str(caught.value)


# -- numbers typed by hand ------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "发现问题167个。",
        "发现问题１６７个。",
        "发现问题{{ findings_total }}，其中5个。",
        "## 2024年工作",
        "1. 第一点",
        '{{ "167个" }}',
        "{{ 167 }}",
        '{{ 167 ~ "个" }}',
        '{{ "个" ~ 167 }}',
        '{{ "%d个" % 167 }}',
        '{{ "{}个".format(167) }}',
        "{% if findings_total is zero %}0个{% endif %}",
        '{% set n = "167" %}{{ n }}',
        "甲{{ findings_total if true else '8个' }}",
    ],
)
def test_a_typed_number_is_refused(template: str) -> None:
    with pytest.raises(NarrativeError, match=r"手写的数字|拼接文字"):
        composed(template, FINDINGS)


def test_the_refusal_names_line_and_place() -> None:
    with pytest.raises(NarrativeError, match=r"叙述第3行有手写的数字“….*共发现７个问题.*”"):
        check_no_typed_numbers("## 标题\n\n上半年共发现７个问题。")


def test_chinese_numerals_dates_figures_and_literals_are_no_typed_numbers() -> None:
    template = "第一轮，{{ cutoff }}，{{ findings_total }}，{{ literal('“3+1”') }}，三项。"
    assert said(template, FINDINGS, cutoff=date(2024, 6, 30)) == [
        "第一轮，6月30日，167个，“3+1”，三项。"
    ]


def test_a_figure_glued_to_text_would_lose_its_name() -> None:
    with pytest.raises(NarrativeError, match="直接连着写"):
        composed('{{ findings_total ~ "问题" }}', FINDINGS)


# -- the sandbox ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "{{ findings_total.__class__ }}",
        "{{ findings_total.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ findings_total.indicator.function.__globals__ }}",
        "{{ names.append('x') }}",
        "{{ literal.__self__ }}",
        "{{ self.__init__.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ findings_total.indicator.function() }}",
        "{{ lipsum() }}",
        "{{ cycler }}",
    ],
)
def test_an_escape_is_refused(template: str) -> None:
    with pytest.raises(NarrativeError):
        composed(template, FINDINGS, names=["甲"])


VALUES = (
    *HOSTILE,
    "[[甲]]",
    "甲。乙；丙",
    "# 标题",
    "- 项",
    "{% if x %}",
    "第5办法",
    "\\*星\\*",
    "a\n\nb",
)


@pytest.mark.parametrize("value", VALUES)
def test_text_of_the_data_comes_out_verbatim(value: str) -> None:
    (block,) = composed("单位名为{{ name }}，有{{ findings_total }}。", FINDINGS, name=value)
    assert [r.text for r in runs_of([block])] == ["单位名为", value, "，有", "167个", "。"]


@pytest.mark.parametrize("value", VALUES)
def test_text_of_the_data_comes_out_verbatim_from_a_list_too(value: str) -> None:
    (block,) = composed("- {{ names|listed }}\n- 乙", names=[value])
    runs: list[Any] = list(runs_of([block]))
    assert any(value.rstrip("。；") in r.text for r in runs)


def test_a_run_in_head_goes_with_the_sentences_behind_it() -> None:
    text = "**线索。**发现问题线索{{ clues_found }}。\n\n**问题。**发现问题{{ findings_total }}。"
    assert said(text, FINDINGS) == ["问题。发现问题167个。"]


def test_a_shared_paragraph_is_put_in_and_checked_like_the_rest() -> None:
    shared = {"clues": "发现问题线索{{ clues_found }}。", "typed": "发现问题5个。"}
    composer = Composer({"clues_found": CLUES}, PLAIN, 2024, sentences=shared)
    (block,) = composer.blocks('{% include "clues" %}')
    assert text_of(block) == "发现问题线索12件。"
    with pytest.raises(NarrativeError, match="手写的数字"):
        composer.blocks('{% include "typed" %}')
    with pytest.raises(NarrativeError, match=r"没有名为“clue”的公用段落.*是否应为“clues”"):
        composer.blocks('{% include "clue" %}')


def test_whatever_is_asked_of_something_missing_is_missing() -> None:
    for asked in ("this.name", "this.start", "this.name.anything"):
        assert said(f"本轮是{{{{ {asked} }}}}。", this=Missing("this")) == []
