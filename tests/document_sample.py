"""A realistic report as an executed notebook: everything a layout can get wrong is in it."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from xuncha_nb import fonts
from xuncha_nb.document import (
    MIME,
    Annex,
    Block,
    Cell,
    Chart,
    Column,
    Heading,
    Paragraph,
    Piece,
    Run,
    Table,
    Title,
)

RARE = "埇沚浉瀍猇硚鄠"
HOSTILE = (
    '#read("passwd")',
    "$x^2$",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "**not bold**",
    "\\openxml{\\input{x}}",
    "`code` _em_ ~~ [a](javascript:b) @ref <lbl>",
    '<img src=x onerror="alert(2)">&amp;',
)

TITLE = Title(
    title="中共怀远县委巡察工作领导小组办公室2024年上半年工作总结和下半年工作计划",
    addressee="县委巡察工作领导小组",
    office="中共怀远县委巡察工作领导小组办公室",
    date="2024-07-05",
    subject="半年总结和下半年计划",
)


def paragraph(*parts: str | Run) -> Paragraph:
    """Build a paragraph from texts and runs."""
    return Paragraph(runs=tuple(Run(text=p) if isinstance(p, str) else p for p in parts))


def heading(level: int, text: str) -> Heading:
    """Build a heading."""
    return Heading(level=level, runs=(Run(text=text),))


@functools.cache
def drawn(kind: str = "bar") -> str:
    """Draw a chart as the charts module does: SVG with live text."""
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    for path in fonts.font_paths():
        font_manager.fontManager.addfont(str(path))
    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "xuncha",
        "font.family": fonts.SANS,
        "axes.unicode_minus": False,
    }
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(150 / 25.4, 80 / 25.4), layout="constrained")
        axes = figure.add_subplot()
        names = ["党的领导", "党的建设", "全面从严", "整改落实", "执行政策", "群众身边"]
        if kind == "bar":
            bars = axes.bar(names, [86, 62, 118, 31, 77, 54], color="#9d2933")
            axes.bar_label(bars)
        else:
            axes.plot(["第一轮", "第二轮", "第三轮", "第四轮"], [12, 31, 28, 46], marker="o")
        axes.set_ylabel("问题数（个）")
        axes.spines[["top", "right"]].set_visible(False)
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def chart(title: str, kind: str = "bar", note: str = "") -> Chart:
    """Build a chart."""
    return Chart(
        title=title,
        alt=f"{title}：柱形图，全面从严治党方面118个，为最多。",
        svg=drawn(kind),
        width_mm=150,
        height_mm=80,
        figures=("findings_total",),
        note=note,
    )


def long_table(rows: int = 48) -> Table:
    """Build a table that spans pages."""
    units = ["县教育体育局", "县卫生健康委员会", "包集镇党委", "龙亢镇党委", "县自然资源和规划局"]
    return Table(
        title="第三轮巡察发现问题和整改情况",
        columns=(
            Column(header="序号", align="center", width=1),
            Column(header="被巡察党组织", width=4),
            Column(header="发现问题（个）", align="right", width=2),
            Column(header="已整改（个）", align="right", width=2),
            Column(header="整改率（%）", align="right", width=2),
        ),
        rows=(
            *(
                (
                    Cell(text=str(i)),
                    Cell(text=units[i % len(units)]),
                    Cell(text=f"{10 + i * 7 % 23}", figure="findings_total"),
                    Cell(text=f"{8 + i * 5 % 11}"),
                    Cell(text=f"{70 + i * 13 % 30}.{i % 10}"),
                )
                for i in range(1, rows)
            ),
            (
                Cell(text=""),
                Cell(text="合计", bold=True),
                Cell(text="1,056", bold=True),
                Cell(text="612", bold=True),
                Cell(text="58.0", bold=True),
            ),
        ),
        note="整改率为已整改问题数占发现问题数的比重，截至2024年6月30日。",
    )


def wide_table() -> Table:
    """Build a table that needs a landscape page."""
    kinds = ["党的领导", "党的建设", "从严治党", "整改落实", "执行政策", "群众身边", "其他问题"]
    return Table(
        title="各巡察组发现问题分类明细",
        columns=(
            Column(header="巡察组", width=2.4),
            *(Column(header=f"{k}（个）", align="right", width=1.5) for k in kinds),
            Column(header="合计（个）", align="right", width=1.5),
            Column(header="备注", width=3),
        ),
        rows=tuple(
            (
                Cell(text=f"县委第{n}巡察组"),
                *(Cell(text=str(7 * i % 13)) for i in range(7)),
                Cell(text="42", bold=True),
                Cell(text="含延伸巡察村（社区）党组织"),
            )
            for n in "一二三四五六"
        ),
        wide=True,
    )


_SENTENCES = (
    "上半年，县委巡察办坚持以习近平新时代中国特色社会主义思想为指导，认真贯彻中央和省委、市委关于巡视巡察"
    "工作的部署要求，聚焦“两个维护”根本任务，稳步推进巡察监督全覆盖。",
    "共派出6个巡察组，对18个县直单位、5个乡镇党委开展常规巡察，延伸巡察村（社区）党组织43个，发现问题428个，"
    "移交问题线索12件，立行立改问题57个，推动建章立制36项。",
    "受理来信来访126件次，开展个别谈话1,842人次，查阅资料9,300余份，走访群众2,150户，召开座谈会38场。",
)


def blocks() -> list[Block]:
    """Return the blocks of the sample, title first."""
    lead = Run(text="共发现问题428个", figure="findings_total", bold=True)
    body: list[Block] = [
        TITLE,
        paragraph(_SENTENCES[0] + "现将有关情况报告如下。"),
        heading(1, "上半年工作总结"),
        heading(2, "强化政治监督，扎实开展第三轮巡察"),
        paragraph("一是突出重点。", lead, "，同比增长12.6%，占全部问题的", Run(text="38.4%"), "。"),
        paragraph(*_SENTENCES),
        heading(3, "巡察工作量"),
        paragraph(_SENTENCES[2] + _SENTENCES[1]),
        heading(4, "信访受理情况"),
        paragraph(_SENTENCES[2]),
        chart("第三轮巡察发现问题分类", note="按发现问题的主要方面归类。"),
        paragraph(f"涉及地名用字：{'、'.join(RARE)}等，均应正常显示。" + _SENTENCES[1]),
        heading(2, "压实整改责任，做实后半篇文章"),
        paragraph(*_SENTENCES),
        paragraph("各被巡察党组织整改情况见下表。"),
        long_table(),
        paragraph(*_SENTENCES),
        heading(1, "存在的困难和问题"),
        paragraph(*_SENTENCES, *_SENTENCES),
        wide_table(),
        heading(1, "以下文字须原样显示"),
        *(paragraph(f"原样文字：{text}。") for text in HOSTILE),
        heading(1, "没有内容的标题应当略去"),
        heading(1, "下半年工作计划"),
        paragraph(*_SENTENCES[::-1]),
        chart("历轮巡察移交线索", "line"),
        paragraph(*_SENTENCES),
        Annex(title="2024年上半年巡察工作主要指标与去年同期对比情况统计表"),
        paragraph("主要指标与去年同期对比情况如下。"),
        long_table(12).model_copy(update={"title": "主要指标对比"}),
        Annex(title="巡察组任务安排"),
        heading(1, "任务安排"),
        paragraph(_SENTENCES[1]),
    ]
    return body


RECORD = {
    "figures": [
        {
            "id": "findings_total",
            "label": "发现问题总数",
            "unit": "个",
            "definition": "本期各轮巡察发现问题的个数<合计>",
            "source": "问题台账",
        }
    ]
}


def notebook(content: Sequence[Block] | None = None, record: bool = True) -> NotebookNode:
    """Return an executed notebook, one cell a block, with code and a panel to be left out."""
    cells = [new_markdown_cell("# 不导出的说明")]
    for block in blocks() if content is None else content:
        data = {MIME: Piece(blocks=(block,)).to_json(), "text/plain": "…"}
        cell = new_code_cell("SECRET_CODE = 1", execution_count=1)
        cell.outputs = [new_output("display_data", data=data)]
        cells.append(cell)
    panel = new_code_cell("panel()", metadata={"tags": ["panel"]})
    hidden = Piece(blocks=(paragraph("面板不导出"),)).to_json()
    panel.outputs = [new_output("display_data", data={MIME: hidden})]
    cells.append(panel)
    if record:
        data = {MIME: Piece(record=RECORD).to_json()}
        cell = new_code_cell("record()", execution_count=1)
        cell.outputs = [new_output("display_data", data=data)]
        cells.append(cell)
    made = new_notebook(cells=cells)
    for place, cell in enumerate(made.cells):
        cell["id"] = f"cell-{place}"  # random otherwise
    nbformat.validate(made)
    return made
