"""Documents that ask more of a layout than a real report does: long names, many and wide tables."""

from __future__ import annotations

from document_sample import RARE, chart, heading, long_table, paragraph

from xuncha_nb.document import Annex, Block, Cell, Column, Run, Table, Title

#: The longest name of a county in the country has 15 characters.
COUNTY = "双江拉祜族佤族布朗族傣族自治县"

TITLE = Title(
    title=(
        f"中共{COUNTY}委员会巡察工作领导小组办公室关于2024年度巡察整改落实情况"
        "和2025年巡察工作计划及下一步工作安排建议的报告"
    ),
    addressee=f"中共{COUNTY}委员会巡察工作领导小组，各巡察组，各有关单位",
    office=f"中共{COUNTY}委员会巡察工作领导小组办公室",
    date="2024-12-31",
    subject="年度总结",
)

_PROSE = (
    f"{COUNTY}全年受理来信来访12,345件次，其中涉及“三重一大”事项678件次——占5.5%；"
    "延伸巡察村（社区）党组织1,024个，发现问题9.3万个，整改完成率98.76%，同比提高1.23个百分点。"
)


def table(rows: int, columns: int, *, wide: bool = False, title: str = "各轮巡察情况") -> Table:
    """Build a table of any size, with names that are longer than their column."""
    return Table(
        title=title,
        columns=(
            Column(header="巡察对象", width=3),
            *(
                Column(header=f"第{n}轮发现问题数（个）", align="right", width=1)
                for n in range(1, columns)
            ),
        ),
        rows=tuple(
            (
                Cell(text=f"{COUNTY}第{row}小学党支部"),
                *(Cell(text=f"{row * 7919 * n % 99991:,}") for n in range(1, columns)),
            )
            for row in range(1, rows + 1)
        ),
        note=f"数据截至2024年12月31日，含{'、'.join(RARE)}等地名用字。",
        wide=wide,
    )


def everything() -> list[Block]:
    """Return one document with all of it."""
    body: list[Block] = [TITLE]
    for first in range(1, 4):
        body.append(heading(1, f"第{first}方面工作情况及其经验做法" * first))
        body.append(paragraph(_PROSE * first))
        for second in range(1, 3):
            body.append(heading(2, "围绕中心、服务大局，推动巡察监督“向下延伸”"))
            body.append(paragraph(Run(text="十三届第八轮常规巡察", bold=True), _PROSE))
            body.append(heading(3, "发现问题"))
            body.append(heading(4, "共性问题"))
            body.append(paragraph(_PROSE * second))
            if second == 2:
                body.append(chart(f"第{first}方面问题分布", note="按发现问题的主要方面归类。"))
    body.append(heading(1, "多轮对比"))
    body.append(paragraph("各轮巡察情况见下表。"))
    body += [table(8, 4), table(30, 5), paragraph(_PROSE)]
    body += [Annex(title="各轮巡察发现问题数"), table(40, 13, wide=True)]
    body += [Annex(title=f"{COUNTY}巡察对象名录及巡察全覆盖进展情况分年度对比统计一览表")]
    body += [paragraph("名录如下。"), long_table(60)]
    return body


def only_charts() -> list[Block]:
    """Return a document of charts alone, without headings or text."""
    return [TITLE, *(chart(f"第{n}轮问题分布", "bar" if n % 2 else "line") for n in range(1, 8))]


def no_charts() -> list[Block]:
    """Return a document of text alone, longer than a page."""
    return [TITLE, *(paragraph(_PROSE * n) for n in range(1, 6))]
