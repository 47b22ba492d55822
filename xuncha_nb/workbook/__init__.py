"""``figures.xlsx``: every figure of a report, for whoever checks it, a sheet a purpose."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from xuncha_nb.workbook import figures, lists, relations
from xuncha_nb.workbook.cells import Cells

__all__ = ["figures_workbook"]


def figures_workbook(
    record: Mapping[str, Any], places: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """Return the workbook; the same record gives the same bytes.

    Parameters
    ----------
    record : mapping
        The record of a report: figures in the form of ``figures.json``, verdicts, adjustments.
    places : mapping of str to sequence of str, optional
        Where in the document each figure is printed.
    """
    import xlsxwriter

    stream = io.BytesIO()
    # Texts are written as texts: what begins with "=" in a ledger is no formula here.
    book = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    title = f"{record.get('county_name', '')} {record.get('period_name', '')}".strip()
    # A date of its own, so that two runs give the same bytes.
    book.set_properties({"title": f"{title} 指标", "created": datetime(2000, 1, 1)})
    cells = Cells(book, title)
    names = [
        ("说明", "关于本表"),
        (figures.SHEET, "全部指标：单位、本期、基期、增减、同比、占比、来源、口径、文中位置"),
    ]
    about = lists.add_about(cells)
    where = figures.write(cells, record, places or {})
    written = (
        (figures.write_rounds(cells, record), "按轮次", "各轮的指标，一列一轮"),
        (lists.write_history(cells, record), "历期", "主要指标各期的数，网页上小图的依据"),
        (
            relations.write(cells, record, where),
            "勾稽关系",
            "表内和表间关系，用公式从“全部指标”现算，改数即见结果",
        ),
        (lists.write_verdicts(cells, record), "校验结果", "出报告时的警告和提示"),
        (lists.write_adjustments(cells, record), "调整记录", "调整前后的数、理由、经手和时间"),
    )
    names += [(name, what) for made, name, what in written if made]
    lists.write_about(cells, about, record, names[1:])
    book.get_worksheet_by_name(figures.SHEET).activate()
    book.close()
    return stream.getvalue()
