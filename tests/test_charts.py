"""Charts: same figures, same bytes; every number drawn is a figure's; bars start at zero."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from pieces import figure

from xuncha_nb import fonts
from xuncha_nb.charts import Segment, bars, columns, course, panels, ranking, stacked, timeline
from xuncha_nb.charts.letters import text_width
from xuncha_nb.charts.style import BASE, NOW, SECOND, THIRD, shortened
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure
from xuncha_nb.indicators.coverage import day_quantity

SVG = "{http://www.w3.org/2000/svg}"

DONE = figure("rect_done", "64", "48")
PARTIAL = figure("rect_partial", "49", "100")
OPEN = figure("rect_open", "2")
TALKS = figure("talks_person_times", "326", "368")


def now_and_then() -> Chart | None:
    return bars([DONE, PARTIAL, OPEN], "整改情况", "去年同期")


def different_units() -> Chart | None:
    return bars([DONE, TALKS], "主要指标", "去年同期", own_scale=True)


def coverage() -> Chart | None:
    rows = [
        ("乡镇", [Segment("已巡察", figure("covered_by_type[乡镇]", "10"))]),
        (
            "合计",
            [
                Segment("已巡察", figure("covered_total", "64")),
                Segment("正在巡察", figure("coverage_in_progress", "10")),
                Segment("计划巡察", figure("planned_units", "8")),
            ],
        ),
    ]
    wholes = [figure("objects_by_type[乡镇]", "12"), figure("objects_total", "105")]
    return stacked(rows, wholes, "覆盖情况")


def of_rounds() -> Chart | None:
    rows = [
        (
            "第七轮常规",
            {
                "talks_person_times": figure("talks_person_times@7", "232"),
                "site_visits": figure("site_visits@7", "59"),
            },
        ),
        ("第八轮常规", {"talks_person_times": figure("talks_person_times@8", "94")}),
    ]
    return panels(rows, [TALKS, figure("site_visits", "59")], "工作量")


CHARTS = (now_and_then, different_units, coverage, of_rounds)
Draw = Callable[[], Chart | None]


def made(draw: Draw) -> Chart:
    chart = draw()
    assert chart is not None
    return chart


def texts(chart: Chart) -> list[str]:
    return ["".join(e.itertext()).strip() for e in ET.fromstring(chart.svg).iter(f"{SVG}text")]


def widths(chart: Chart, colour: str = NOW) -> list[float]:
    """Return the widths of the bars of a colour, in the order drawn."""
    found = []
    for path in ET.fromstring(chart.svg).iter(f"{SVG}path"):
        if f"fill: {colour}" in path.get("style", ""):
            xs = [float(x) for x in re.findall(r"[ML] ([\d.]+) ", path.get("d", "") + " ")]
            found.append(max(xs) - min(xs))
    return found


def lefts(chart: Chart, colour: str = NOW) -> set[float]:
    found = set()
    for path in ET.fromstring(chart.svg).iter(f"{SVG}path"):
        if f"fill: {colour}" in path.get("style", ""):
            found.add(min(float(x) for x in re.findall(r"[ML] ([\d.]+) ", path.get("d", ""))))
    return found


@pytest.mark.parametrize("draw", CHARTS)
def test_the_same_figures_give_the_same_bytes(draw: Draw) -> None:
    assert made(draw).svg == made(draw).svg


@pytest.mark.parametrize("draw", CHARTS)
def test_text_is_live_and_in_the_open_font(draw: Draw) -> None:
    chart = made(draw)
    elements = list(ET.fromstring(chart.svg).iter(f"{SVG}text"))
    assert elements
    for element in elements:
        assert fonts.SANS in element.get("style", "")
    assert "<?xml" not in chart.svg
    assert not re.findall(r'(?:href|src)="(?!#)|url\((?!#)|@import', chart.svg), "loads nothing"


@pytest.mark.parametrize("draw", CHARTS)
def test_size_and_alternative_text(draw: Draw) -> None:
    chart = made(draw)
    assert chart.width_mm == 150
    assert 15 < chart.height_mm < 200
    assert chart.alt.startswith(f"{chart.title}：")
    assert chart.alt.endswith("。")
    assert chart.figures


def figures_of(chart: Chart) -> list[Figure]:
    known = [DONE, PARTIAL, OPEN, TALKS]
    return [f for f in known if f.id in chart.figures]


def test_every_number_drawn_is_a_figures_text() -> None:
    chart = made(now_and_then)
    drawn = [t for t in texts(chart) if re.search(r"\d", t)]
    assert drawn == ["64个", "去年同期 48个", "49个", "去年同期 100个", "2个"]
    assert chart.figures == ("rect_done", "rect_partial", "rect_open")
    for item in figures_of(chart):
        assert f"{item.value.text}{item.unit}" in chart.alt


@pytest.mark.parametrize("printed", ["9.3万", "2700余", ">168万"])
def test_a_rounded_number_is_drawn_as_printed(printed: str) -> None:
    chart = bars([figure("talks_person_times", printed)], "谈话", "去年同期")
    assert chart is not None
    assert f"{printed}人次" in texts(chart)


def test_stacked_bars_print_their_parts_and_wholes() -> None:
    chart = made(coverage)
    assert [t for t in texts(chart) if re.search(r"\d", t)] == [
        "10",
        "共12个",
        "64",
        "10",
        "8",
        "共105个",
    ]
    assert texts(chart)[:4] == ["已巡察", "正在巡察", "计划巡察", "其余"]
    assert "合计已巡察64个、正在巡察10个、计划巡察8个，共105个" in chart.alt


def test_a_round_without_a_figure_says_so_and_draws_no_zero() -> None:
    chart = made(of_rounds)
    assert [t for t in texts(chart) if t == "未统计"] == ["未统计"]
    assert sorted(t for t in texts(chart) if re.fullmatch(r"\d+", t)) == ["232", "59", "94"]
    assert chart.figures == ("talks_person_times@7", "talks_person_times@8", "site_visits@7")


def test_bars_start_at_one_line_and_are_as_long_as_their_numbers() -> None:
    chart = bars([figure("rect_done", "60"), figure("rect_partial", "30")], "整改", "去年同期")
    assert chart is not None
    first, second = widths(chart)
    assert first == pytest.approx(2 * second, rel=0.01)
    assert len({round(x, 2) for x in lefts(chart)}) == 1


def test_rows_of_different_units_have_scales_of_their_own_and_say_so() -> None:
    chart = made(different_units)
    assert chart.note == "各行比例尺不同，只比较同一行的两期"
    assert made(now_and_then).note == ""


def test_the_base_period_is_drawn_only_where_it_is_known() -> None:
    assert not any("去年同期" in t for t in texts(made(of_rounds)))
    alone = bars([OPEN], "整改", "去年同期")
    assert alone is not None
    assert texts(alone) == ["未完成", "2个"]
    without = bars([DONE], "整改", "去年同期", base=False)
    assert without is not None
    assert texts(without) == ["整改完成", "64个"]


def test_zero_is_drawn_as_a_number_without_a_bar() -> None:
    chart = bars([figure("rect_open", "0"), figure("rect_done", "5")], "整改", "去年同期")
    assert chart is not None
    assert "0个" in texts(chart)
    assert len(widths(chart)) == 1


def test_nothing_to_draw_is_no_chart() -> None:
    assert bars([], "空", "去年同期") is None
    assert bars([figure("rect_open", "0")], "空", "去年同期") is None
    assert stacked([], [], "空") is None
    assert panels([], [TALKS], "空") is None
    assert panels([("第一轮", {})], [], "空") is None


def test_text_of_the_data_is_escaped() -> None:
    item = figure('findings_by_category[<script>&"$x^2$]', "7")
    chart = bars([item], "分布", "去年同期")
    assert chart is not None
    assert "<script>" not in chart.svg
    assert any(t.startswith("<script>") for t in texts(chart)), "verbatim, not as mathematics"


def test_a_label_that_does_not_fit_is_cut_with_an_ellipsis() -> None:
    label = shortened("贯彻落实党的路线方针政策和党中央决策部署", 30)
    assert label.endswith("…")
    assert text_width(label) <= 30
    assert shortened("乡镇", 30) == "乡镇"


def test_a_timeline_stands_on_whole_months_and_says_its_dates() -> None:
    rows = [
        ("第七轮常规", date(2024, 2, 29), date(2024, 4, 22), "2月29日—4月22日"),
        ("第八轮常规", date(2024, 6, 3), date(2024, 8, 12), "6月3日—8月12日"),
    ]
    drawn = timeline(rows, date(2024, 1, 1), date(2024, 6, 30), "进度")
    assert drawn is not None
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn.svg)
    assert [t for t in texts if t.endswith("月")] == [f"{m}月" for m in range(1, 9)]
    assert {"2月29日—4月22日", "6月3日—8月12日"} <= set(texts)
    assert "尚未结束" in drawn.note, "the second round is still running"
    assert drawn == timeline(rows, date(2024, 1, 1), date(2024, 6, 30), "进度")
    assert timeline([], date(2024, 1, 1), date(2024, 6, 30), "进度") is None


def over_time(high: date | None = date(2026, 3, 1)) -> Chart | None:
    points = [
        (date(2023, 5, 31), figure("covered_total@十二届-1", "34")),
        (date(2024, 4, 30), figure("covered_total@十二届-2", "64")),
    ]
    low, value = date(2025, 2, 1), date(2025, 7, 1)
    forecast = replace(figure("coverage_forecast_date", "0"), value=day_quantity(low, value, high))
    covered, whole = figure("covered_total", "64"), figure("objects_total", "105")
    return course(
        points, date(2023, 3, 1), date(2024, 6, 30), covered, whole, "全覆盖进度",
        date(2026, 9, 30), forecast,
    )  # fmt: skip


def test_coverage_over_time_says_what_it_draws_and_no_more() -> None:
    chart = made(over_time)
    drawn = texts(chart)
    assert {"34", "64个", "共105个"} <= set(drawn)
    assert "计划进度（期限2026年9月30日）" in drawn
    assert "按平均进度推算（约2025年7月）" in drawn
    assert [t for t in drawn if re.fullmatch(r"\d{4}年", t)] == [
        "2023年",
        "2024年",
        "2025年",
        "2026年",
    ]
    assert chart.figures == ("covered_total@十二届-1", "covered_total@十二届-2", "covered_total",
                             "objects_total", "coverage_forecast_date")  # fmt: skip
    assert "2023年5月31日34个" in chart.alt
    assert "匀速" in chart.note
    assert "最快、最慢" in chart.note
    assert chart.svg == made(over_time).svg


def test_a_forecast_without_end_stays_inside_the_picture() -> None:
    chart = over_time(None)
    assert chart is not None
    xs = [float(x) for x in re.findall(r"[ML] ([\d.]+) ", chart.svg)]
    assert max(xs) <= chart.width_mm / 25.4 * 72 + 1
    points = [(date(2024, 4, 30), figure("covered_total@1", "64"))]
    whole = figure("objects_total", "105")
    day = date(2024, 3, 1), date(2024, 6, 30)
    plain = course(points, *day, figure("covered_total", "64"), whole, "进度")
    assert plain is not None
    assert plain.note == ""
    assert course([], *day, figure("covered_total", "64"), whole, "进度") is None


def test_panels_of_one_family_share_a_scale() -> None:
    names = ("决策部署落实", "群众身边问题")
    first, second = (figure(f"findings_by_category[{n}]", "0") for n in names)
    values = {f"findings_by_category[{names[0]}]": "40", f"findings_by_category[{names[1]}]": "20"}
    row = {id: figure(id, text) for id, text in values.items()}
    chart = panels([("第一轮", row)], [first, second], "分布")
    assert chart is not None
    long, short = widths(chart)
    assert long == pytest.approx(2 * short, rel=0.02)


def upright() -> Chart | None:
    return columns([DONE, OPEN], "整改", "去年同期")


def tied(chart: Chart) -> dict[str, str]:
    """Return text → figure of the numbers that say whose they are."""
    found = {}
    for group in ET.fromstring(chart.svg).iter(f"{SVG}g"):
        id = group.get("id", "")
        if id.startswith("figure:"):
            found["".join(group.itertext()).strip()] = id.removeprefix("figure:")
    return found


@pytest.mark.parametrize(
    ("draw", "numbers"),
    [
        (lambda: over_time(), {
            "34": "covered_total@十二届-1", "64个": "covered_total", "共105个": "objects_total",
            "按平均进度推算（约2025年7月）": "coverage_forecast_date",
        }),
        (lambda: of_members(), {
            "62.7%": "coverage_rate@331122", "58.0%": "coverage_rate@331121",
            "全市60.8%": "coverage_rate",
        }),
        (upright, {"64": "rect_done", "48": "rect_done_base", "2": "rect_open"}),
        (now_and_then, {
            "64个": "rect_done", "去年同期 48个": "rect_done_base", "49个": "rect_partial",
            "去年同期 100个": "rect_partial_base", "2个": "rect_open",
        }),
    ],
    ids=["course", "ranking", "columns", "bars"],
)  # fmt: skip
def test_numbers_are_tied_to_their_figures(draw: Draw, numbers: dict[str, str]) -> None:
    assert tied(made(draw)) == numbers


def strokes(chart: Chart, colour: str) -> list[str]:
    """Return the paths drawn as lines of a colour."""
    paths = ET.fromstring(chart.svg).iter(f"{SVG}path")
    return [p.get("d", "") for p in paths if f"stroke: {colour}" in p.get("style", "")]


@pytest.mark.parametrize("draw", [now_and_then, different_units, coverage, of_rounds, upright])
def test_counts_are_bars_and_never_a_curve(draw: Draw) -> None:
    """Few counts, and of periods that do not follow each other: a line would invent some."""
    chart = made(draw)
    assert not re.search(r"[CQ] ", "".join(re.findall(r' d="([^"]*)"', chart.svg))), "no curves"
    for colour in (NOW, BASE, SECOND):
        assert strokes(chart, colour) == [], "no line through numbers"


def test_coverage_is_steps_and_no_slope() -> None:
    """Between two rounds nothing is known: a step is level, then upright."""
    (line,) = [d for d in strokes(made(over_time), NOW) if len(re.findall("[ML]", d)) > 3]
    points = [(float(x), float(y)) for x, y in re.findall(r"[ML] ([\d.]+) ([\d.]+)", line)]
    for (x, y), (other_x, other_y) in itertools.pairwise(points):
        assert x == pytest.approx(other_x) or y == pytest.approx(other_y)


@pytest.mark.parametrize("draw", [now_and_then, different_units, upright])
def test_the_base_period_has_one_muted_colour(draw: Draw) -> None:
    chart = made(draw)
    bases = sum(id.endswith("_base") for id in tied(chart).values())
    assert bases > 0
    keys = 1 if draw is upright else 0
    assert len(widths(chart, BASE)) == bases + keys, "every base, and nothing else"
    reds, greens, blues = (int(BASE[n : n + 2], 16) for n in (1, 3, 5))
    assert max(reds, greens, blues) - min(reds, greens, blues) < 20, "grey, not a colour"


def test_the_base_period_of_a_ranking_has_the_same_colour() -> None:
    assert len(strokes(made(of_members), BASE)) == 1


def of_members() -> Chart | None:
    rows = [
        ("缙云县", figure("coverage_rate@331122", "62.7%", "40.0%")),
        ("青田县", figure("coverage_rate@331121", "58.0%")),
    ]
    return ranking(rows, figure("coverage_rate", "60.8%"), "全市", "完成率", "去年同期")


def test_a_ranking_shows_the_whole_as_a_line_and_who_is_below_it() -> None:
    chart = made(of_members)
    numbers = {t for t in texts(chart) if re.search(r"\d", t)}
    assert numbers == {"62.7%", "58.0%", "全市60.8%"}
    above, below = widths(chart), widths(chart, SECOND)
    assert len(above) == len(below) == 1
    assert above[0] / below[0] == pytest.approx(62.7 / 58.0, rel=0.01)
    assert "浅色为低于全市的" in chart.note
    assert "灰色竖线为去年同期" in chart.note
    assert chart.figures == ("coverage_rate@331122", "coverage_rate@331121", "coverage_rate")
    assert ranking([], figure("coverage_rate", "60.8%"), "全市", "完成率", "去年同期") is None


def test_stripes_are_lines_within_their_box_and_no_pattern() -> None:
    root = ET.fromstring(made(coverage).svg)
    assert not list(root.iter(f"{SVG}pattern"))
    paths = {p.get("d", ""): p.get("style", "") for p in root.iter(f"{SVG}path")}
    numbers = re.compile(r"-?[\d.]+")
    found = 0
    for box, style in paths.items():
        if "fill: #ffffff" not in style or f"stroke: {THIRD}" not in style:
            continue
        xs, ys = (list(map(float, numbers.findall(box)))[n::2] for n in (0, 1))
        stripes = [
            tuple(map(float, numbers.findall(line)))
            for lines, look in paths.items()
            if "fill: none" in look and f"stroke: {THIRD}" in look
            for line in lines.split("M")[1:]
        ]
        inside = [
            (x1, y1, x2, y2)
            for x1, y1, x2, y2 in stripes
            if min(xs) - 0.01 <= x1 < x2 <= max(xs) + 0.01
            and min(ys) - 0.01 <= y2 < y1 <= max(ys) + 0.01
        ]
        assert len(inside) >= 2
        assert all(x2 - x1 == pytest.approx(y1 - y2, abs=0.01) for x1, y1, x2, y2 in inside)
        found += len(inside)
    assert found == len(stripes), "each stripe is in one of the boxes"
