"""The web page as it is written: one file, nothing loaded, every number explained."""

from __future__ import annotations

import base64
import hashlib
import html as html_module
import io
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from document_sample import TITLE, notebook, paragraph
from fontTools.ttLib import TTFont
from markup import Page
from pieces import HALF_YEAR_SUMMARY, figure, without_kernel

from xuncha_nb import document
from xuncha_nb.document import Cell, Column, Document, Run, Table
from xuncha_nb.exporters import svg
from xuncha_nb.exporters.explained import Explained, direction_of
from xuncha_nb.exporters.headline import keys, remark
from xuncha_nb.exporters.html import XunchaHTMLExporter


@pytest.fixture(scope="module")
def html() -> str:
    made = XunchaHTMLExporter().from_notebook_node(notebook())[0]
    assert isinstance(made, str)
    return made


@cache
def half_year() -> Document:
    report = without_kernel(HALF_YEAR_SUMMARY)
    report.record()
    return report.document()


@cache
def report_page() -> str:
    return XunchaHTMLExporter().render(half_year())


def of(*figures: Any, record: dict[str, Any] | None = None) -> Explained:
    """Return the explanations of a document that shows these figures."""
    listed = [f.to_json() | {"source": "问题（3行）"} for f in figures]
    content = Document(
        title=TITLE,
        blocks=(paragraph(*(Run(text=f.value.text, figure=f.id) for f in figures)),),
        record={"period": "2024H1", "figures": listed} | (record or {}),
    )
    return Explained(content)


def lines(explained: Explained, id: str) -> dict[str, str]:
    note = explained.note(id)
    assert note is not None
    return dict(note.lines)


# ---------------------------------------------------------------- one file


def test_page_brings_the_characters_it_shows(html: str) -> None:
    faces = dict(re.findall(r'font-family: "xuncha-(\w+)"[^}]*base64,([^"]+)"', html))
    assert set(faces) == {"serif", "sans"}
    known = {
        name: set(TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap())
        for name, data in faces.items()
    }
    shown = {ord(c) for c in Page(html).text if c.isalnum()}
    assert shown <= known["sans"]
    titles = re.findall(r'<h(?:1|2 class="annex-title")>(.*?)</h', html, re.DOTALL)
    assert len(titles) == 3
    said = html_module.unescape(re.sub(r"<[^>]+>", "", "".join(titles)))
    assert {ord(c) for c in said if not c.isspace()} <= known["serif"]


@pytest.mark.parametrize("page", [lambda: None, report_page])
def test_page_loads_nothing_and_runs_only_its_own_script(page: Any, html: str) -> None:
    text = page() or html
    parsed = Page(text)
    assert not {"link", "iframe", "object", "embed", "base", "img", "form"} & set(parsed.tags)
    assert parsed.tags["script"] == 1
    assert not [name for _, name, _ in parsed.attributes if name.startswith("on")]
    assert not [value for _, name, value in parsed.attributes if name == "style"]
    assert all(link.startswith("#") for link in parsed.values("href"))
    assert parsed.values("src") == []
    assert not re.search(r"https?://|@import|url\((?!#|\"data:font/otf;base64,)", text)


def test_the_policy_names_the_hashes_of_the_pages_own_style_and_script(html: str) -> None:
    page = Page(html)
    policy = next(v for t, n, v in page.attributes if t == "meta" and "default-src" in v)
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(text) == 1
        digest = base64.b64encode(hashlib.sha256(text[0].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_a_half_year_report_is_under_a_megabyte() -> None:
    size = len(report_page().encode())
    assert 200_000 < size < 700_000


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    page = Page(report_page())
    ids = Counter(page.values("id"))
    assert max(ids.values()) == 1
    assert {link[1:] for link in page.values("href")} <= set(ids)
    assert set(page.values("data-note")) <= set(ids)
    assert set(re.findall(r"url\(#([^)]+)\)", report_page())) <= set(ids)
    assert not any(name.startswith("c") for name in ids), "nothing in a chart is referred to"


def test_page_is_chinese_and_structured(html: str) -> None:
    page = Page(html)
    assert html.startswith('<!DOCTYPE html>\n<html lang="zh-CN">')
    assert page.tags["h1"] == 1
    assert page.tags["caption"] == page.tags["table"] == 3
    assert {"col", "row"} == set(page.values("scope"))
    assert page.tags["svg"] == 2
    levels = [int(tag) for tag in re.findall(r"<h([1-6])", html)]
    assert all(b - a <= 1 for a, b in pairwise(levels))


# ---------------------------------------------------------------- explanations


def test_every_number_of_a_report_leads_to_its_explanation() -> None:
    page = report_page()
    assert 'data-figure="findings_total">167个</a>' in page
    content = half_year()
    assert content.record is not None
    known = {f["id"] for f in content.record["figures"]}
    shown = re.findall(
        r'<a class="figure" href="#(n\d+)" data-note="\1" data-figure="([^"]*)"', page
    )
    assert len(shown) > 300
    assert "<span data-figure" not in page, "a number that nothing is known of"
    for wanted in (
        "findings_total",
        "findings_total_yoy",
        "rect_rate_change",
        "talks_person_times_base",
    ):
        assert wanted in {id for _, id in shown}
    assert {Explained(content).stem(html_module.unescape(id)) for _, id in shown} <= known


def test_an_explanation_says_value_base_definition_and_source() -> None:
    said = lines(of(figure("findings_total", "167", "178")), "findings_total_yoy")
    assert said["本期"] == "167个"
    assert said["去年同期"] == "178个，减少11个，下降6.2%"
    assert said["来源"] == "问题（3行）"
    assert said["口径"].startswith("发现日期在期间内的问题")
    assert "调整" not in said
    assert of(figure("findings_total", "167")).note("findings_total").name == "发现问题（个）"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("now", "base", "expected"),
    [
        ("167", "178", ("down", "减少11个", "下降6.2%")),
        ("178", "167", ("up", "增加11个", "增长6.6%")),
        ("167", "167", ("flat", "持平", "")),
        ("3", "0", ("up", "增加3个", "")),
    ],
)
def test_movements(now: str, base: str, expected: tuple[str, str, str]) -> None:
    moved = of(figure("findings_total", now, base)).movement("findings_total")
    assert moved is not None
    assert (moved.direction, moved.change, moved.growth) == expected


def test_a_rate_moves_in_points_and_a_missing_base_not_at_all() -> None:
    moved = of(figure("rect_rate", "55.7", "31.8")).movement("rect_rate")
    assert moved is not None
    assert (moved.change, moved.growth) == ("提高23.9个百分点", "")
    assert of(figure("rect_rate", "55.7")).movement("rect_rate") is None


def test_printed_directions() -> None:
    assert [direction_of(t) for t in ("下降3.2%", "-11", "+4", "0.0", "持平", "")] == [
        "down", "down", "up", "flat", "flat", "flat",
    ]  # fmt: skip


def test_an_adjustment_is_told_with_reason_author_and_time_where_it_counts() -> None:
    adjusted = {
        "figure": "rect_done",
        "original": "60",
        "adjusted": "64",
        "reason": "补录<4>件",
        "author": "综合科",
        "time": "2024-07-01T09:30:00",
    }
    figures = (figure("rect_done", "64"), figure("rect_rate", "55.7"), figure("rect_open", "2"))
    record = {"adjustments": [adjusted], "follows": {"rect_rate": ["rect_done"]}}
    made = of(*figures, record=record)
    told = "由60调整为64，理由：补录<4>件（综合科，2024-07-01 09:30:00）"
    assert lines(made, "rect_done")["调整"] == told
    assert lines(made, "rect_rate")["调整"] == "由调整后的“整改完成”计算"
    assert "调整" not in lines(made, "rect_open")
    public = of(*figures, record=record | {"edition": "公开"})
    assert lines(public, "rect_done")["调整"] == "已调整"


@pytest.mark.parametrize("record", [None, {}, {"figures": None}, {"figures": [1, {"id": 2}]}])
def test_records_without_figures_are_tolerated(record: dict[str, Any] | None) -> None:
    content = document.Document(
        title=TITLE,
        blocks=(paragraph(Run(text="428", figure='findings"><b>')),),
        record=record,
    )
    page = XunchaHTMLExporter().render(content)
    assert '<span data-figure="findings&#34;&gt;&lt;b&gt;">428</span>' in page


def test_text_of_the_data_is_never_markup_wherever_it_goes() -> None:
    evil = '"><script>alert(1)</script>'
    data = figure("findings_total", "3", "2").to_json()
    data |= {"label": evil, "definition": evil, "ledgers": [evil], "member": evil}
    history = [{"period": "2023H1", "name": evil, "value": "1", "text": evil}] * 3
    record = {
        "period": "2024H1",
        "edition": evil,
        "figures": [data],
        "key_figures": [{"id": "findings_total", "history": history}],
        "adjustments": [{"figure": "findings_total", "reason": evil, "author": evil}],
        "source": {"name": evil, "sha256": evil},
        "shares": {"findings_total": {"whole": evil, "text": evil}},
    }
    table = Table(title=evil, columns=(Column(header=evil),), rows=((Cell(text=evil),),))
    content = Document(title=TITLE, blocks=(paragraph(evil), table), record=record)
    page = XunchaHTMLExporter().render(content)
    assert Page(page).tags["script"] == 1
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 10


# ---------------------------------------------------------------- key figures


def trend(*values: str | None, unit_id: str = "findings_total") -> Any:
    names = ["2022H1", "2022H2", "2023H1", "2023H2", "2024H1"][-len(values) :]
    history = [
        {"period": p, "name": p, "value": v, "text": v} for p, v in zip(names, values, strict=True)
    ]
    record = {"key_figures": [{"id": unit_id, "history": history}]}
    explained = of(figure(unit_id, str(values[-1]), "5"), record=record)
    return next(keys(record, explained))


def test_a_trend_is_drawn_from_three_known_periods_up() -> None:
    assert trend("20", "30").trend == ""
    assert trend(None, "30", None, "20").trend == ""
    drawn = trend("20", "30", "40")
    assert drawn.span == "2023H1—2024H1"
    assert 'aria-label="发现问题走势：2023H1' in drawn.trend
    assert 'class="line"' in drawn.trend


def test_nothing_is_drawn_through_a_gap() -> None:
    drawn = trend("20", "30", None, "40", "35").trend
    assert drawn.count('class="line"') == 2
    assert drawn.count("<circle") == 4
    assert "没有数据" in drawn


def test_small_counts_are_columns_and_rates_are_lines() -> None:
    small = trend("3", "0", "2", "5", "1").trend
    assert 'class="line"' not in small
    assert small.count("<path") == 1 + 4, "the ground and the columns; a zero has none"
    assert 'class="line"' in trend("3.0", "1.0", "2.0", unit_id="rect_rate").trend


def test_the_base_period_and_this_one_are_marked() -> None:
    drawn = trend("30", "20", "30", "40", "35").trend
    marks = re.findall(r'<circle class="(\w+)"', drawn)
    assert marks == ["past", "past", "base", "past", "now"]


def test_drawings_stand_on_zero() -> None:
    drawn = trend("10", "20", "40").trend
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawn)]
    ground = float(re.findall(r'class="ground" d="M0 ([\d.]+)', drawn)[0])
    up = [ground - y for y in heights]
    assert up[1] == pytest.approx(2 * up[0], abs=0.2)
    assert up[2] == pytest.approx(4 * up[0], abs=0.4)


def test_the_remark_says_what_the_drawings_show() -> None:
    drawn = trend("20", "30", "40")
    assert remark([drawn], "去年同期").startswith("小图为2023H1—2024H1各期的数，灰色为去年同期")
    assert remark([trend("20", "30")], "去年同期") == ""


# ---------------------------------------------------------------- charts in the page


def test_inline_charts_have_no_styles_and_name_their_figures() -> None:
    source = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g id="figure:a[乡镇]">'
        "<text style=\"font: bold 9px 'Noto Sans CJK SC'; text-anchor: middle; "
        'fill: #fff; behavior: auto">1</text></g></svg>'
    )
    made = svg.clean(source, "c1-", inline=True)
    assert 'data-figure="a[乡镇]"' in made
    assert "style=" not in made
    for said in ('font-size="9"', 'font-weight="bold"', 'text-anchor="middle"', 'fill="#fff"'):
        assert said in made
    assert "behavior" not in made
