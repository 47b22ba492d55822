"""No text of a chart is cut off or stands on another, however long the names and the numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from chart_boxes import Box, boxes, faults
from pieces import figure

from xuncha_nb.charts import (
    Segment,
    bars,
    columns,
    course,
    panels,
    ranking,
    stacked,
    timeline,
)
from xuncha_nb.charts.letters import text_width
from xuncha_nb.charts.sheet import INK
from xuncha_nb.charts.style import BASE, NOW, REST, SECOND, SOFT_INK
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure

LONG = "贯彻落实党的路线方针政策和党中央决策部署以及上级党委工作要求情况"
NUMBERS = ("0", "1", "3", "167", "24163", "9.3万", ">168万", "2700余", "1234567890")
KINDS = (
    "petitions_received", "talks_person_times", "questionnaires_issued", "symposia_held",
    "briefings_heard", "files_reviewed", "vouchers_reviewed", "site_visits",
)  # fmt: skip


def category(name: str, text: str, base: str | None = None) -> Figure:
    return figure(f"findings_by_category[{name}]", text, base)


def bars_of(*pairs: tuple[str, str | None], name: str = LONG, **more: Any) -> Chart | None:
    drawn = [category(f"{name}{n}", now, base) for n, (now, base) in enumerate(pairs)]
    return bars(drawn, "分布", "去年同期", **more)


def rounds(count: int, text: str) -> Chart | None:
    rows = [
        (f"第{n}轮专项巡察“回头看”", {id: figure(f"{id}@{n}", text) for id in KINDS[: 8 - n % 3]})
        for n in range(count)
    ]
    return panels(rows, [figure(id, text) for id in KINDS], "工作量")


def covered(parts: tuple[str, ...], whole: str, rows: int = 4, name: str = LONG) -> Chart | None:
    names = ("已巡察", "正在巡察", "下半年计划巡察")
    ids = ("covered_total", "coverage_in_progress", "planned_units")
    segments = [
        Segment(n, figure(id, text)) for n, id, text in zip(names, ids, parts, strict=False)
    ]
    total = figure("objects_total", whole)
    return stacked([(f"{name}{n}", segments) for n in range(rows)], [total] * rows, "覆盖")


def ran(count: int, days: int, gap: int, name: str = "十四届第十一轮巡察“回头看”") -> Chart | None:
    rows = []
    for n in range(count):
        start = date(2023, 11, 20) + timedelta(days=gap * n)
        end = start + timedelta(days=days)
        rows.append(
            (
                name,
                start,
                end,
                f"{start.year}年{start.month}月{start.day}日—{end.month}月{end.day}日",
            )
        )
    return timeline(rows, date(2024, 1, 1), date(2024, 6, 30), "进度")


def covering(count: int, whole: str, days: int = 90, limit: int = 1500) -> Chart | None:
    start = date(2021, 9, 1)
    most = int(whole)
    points = [
        (start + timedelta(days=days * (n + 1)), figure("covered_total", str(most * (n + 1) // 40)))
        for n in range(count)
    ]
    cutoff = points[-1][0] + timedelta(days=20)
    total = figure("objects_total", whole)
    return course(
        points, start, cutoff, points[-1][1], total, "进度", start + timedelta(days=limit)
    )


def ranked(count: int, text: str, name: str = LONG, base: str | None = None) -> Chart | None:
    rows = [
        (f"{name}{n}", figure(f"coverage_rate@{n}", text, base if n % 2 else None))
        for n in range(count)
    ]
    return ranking(rows, figure("coverage_rate", text), "全市", "完成率", "去年同期")


def upright(count: int, text: str, base: str | None = None) -> Chart | None:
    drawn = [figure(id, text, base) for id in KINDS[:count]]
    return columns(drawn, "工作量", "去年同期", own_scale=True)


CASES: dict[str, Callable[[], Chart | None]] = {
    "bars": lambda: bars_of(*((n, None) for n in NUMBERS)),
    "bars with bases": lambda: bars_of(*zip(NUMBERS, reversed(NUMBERS), strict=True)),
    "bars on their own scales": lambda: bars_of(
        *zip(NUMBERS, reversed(NUMBERS), strict=True), own_scale=True
    ),
    "bars with short names": lambda: bars_of(("1", "2"), ("2", "1"), name="乡"),
    "bars of equal length": lambda: bars_of(*((n, n) for n in NUMBERS)),
    "bars with Latin names": lambda: bars_of(("10", "9"), name="WWWWWWWWWWWWWWWWWWWWWWWW"),
    "one round": lambda: rounds(1, "3"),
    "eight rounds": lambda: rounds(8, "1234567"),
    "rounds with open numbers": lambda: rounds(3, ">168万"),
    "stacked": lambda: covered(("64", "10", "8"), "105"),
    "stacked with slivers": lambda: covered(("1", "1", "1"), "105"),
    "stacked with zeros": lambda: covered(("0", "0", "0"), "105"),
    "stacked with nothing left": lambda: covered(("100000", "3", "2"), "100005"),
    "stacked with large numbers": lambda: covered(("1234567", "234567", "1"), "123456789"),
    "stacked with short names": lambda: covered(("64", "10", "8"), "105", name="乡"),
    "course": lambda: covering(8, "105"),
    "course of many rounds": lambda: covering(30, "105", 20),
    "course with large numbers": lambda: covering(12, "123456"),
    "course of one round": lambda: covering(1, "40", 10, 2000),
    "ranking": lambda: ranked(9, "62.7%"),
    "ranking of nothing": lambda: ranked(3, "0.0%"),
    "ranking with bases": lambda: ranked(9, "100.0%", base="40.0%"),
    "ranking of a country": lambda: ranked(31, "62.7%", "内蒙古自治区"),
    "ranking with short names": lambda: ranked(2, "100.0%", "市"),
    "columns": lambda: upright(8, "167"),
    "columns with bases": lambda: upright(6, "24163", "9.3万"),
    "columns with zeros": lambda: upright(3, "0", "1"),
    "timeline": lambda: ran(3, 60, 70),
    "timeline of a day": lambda: ran(8, 0, 1),
    "timeline of years": lambda: ran(4, 700, 200),
    "timeline with long names": lambda: ran(3, 60, 40, LONG),
}


@pytest.mark.parametrize("case", CASES)
def test_no_text_is_cut_off_or_covered(case: str) -> None:
    chart = CASES[case]()
    assert chart is not None
    assert faults(chart) == []
    assert len(boxes(chart)) > 1


def test_the_measure_finds_what_overlaps_and_what_leaves() -> None:
    chart = CASES["bars with short names"]()
    assert chart is not None
    narrow = replace_size(chart, width_mm=20)
    assert any("leaves the picture" in fault for fault in faults(narrow))
    moved = chart.model_copy(update={"svg": chart.svg.replace("</svg>", twin(chart) + "</svg>")})
    assert any(" on " in fault for fault in faults(moved))


def replace_size(chart: Chart, **size: float) -> Chart:
    return chart.model_copy(update=size)


def twin(chart: Chart) -> str:
    """Return the chart's first text once more, a point to the right."""
    first = boxes(chart)[0]
    return (
        f'<text x="{first.left + 1}" y="{first.bottom}" style="font: 9px sans">{first.text}</text>'
    )


def test_boxes_are_measured_with_the_fonts_widths() -> None:
    chart = CASES["bars with short names"]()
    assert chart is not None
    box = next(b for b in boxes(chart) if b.text.startswith("去年同期"))
    assert (box.right - box.left) * 25.4 / 72 == pytest.approx(text_width(box.text, 8.5), abs=0.01)
    assert not Box("", 0, 0, 1, 1).overlaps(replace(Box("", 0, 0, 1, 1), left=1, right=2))


def luminance(colour: str) -> float:
    """Return how light a colour is on a grey print, from 0 to 1 (ITU-R BT.709)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    weights = zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    return float(sum(weight * c for weight, c in weights))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        (NOW, BASE, 3.0), (NOW, SECOND, 2.5), (SECOND, REST, 2.0), (NOW, "#ffffff", 4.5),
        (INK, "#ffffff", 7.0), (SOFT_INK, "#ffffff", 4.5), (BASE, "#ffffff", 1.8),
    ],
)  # fmt: skip
def test_neighbours_differ_on_a_grey_print(one: str, other: str, least: float) -> None:
    assert contrast(one, other) >= least


def test_no_chart_is_a_pie() -> None:
    for draw in CASES.values():
        chart = draw()
        assert chart is not None
        assert not curves(chart.svg)


def curves(svg: str) -> list[str]:
    """Return the paths that are no straight lines."""
    paths = re.findall(r'<path d="([^"]*)"', svg)
    return [path for path in paths if re.search("[ACQS] ", path)]


def test_a_pie_would_be_noticed() -> None:
    from matplotlib.figure import Figure as Canvas

    canvas, drawn = Canvas(), io.StringIO()
    canvas.subplots().pie([1, 2, 3])
    canvas.savefig(drawn, format="svg")
    assert len(curves(drawn.getvalue())) > 2
