"""``figures.xlsx``: every figure of a report with its unit, base, change, definition, source."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from xuncha_nb.ledgers import LEDGERS

_COLUMNS: Final[tuple[tuple[str, str, int], ...]] = (
    ("id", "标识", 28),
    ("label", "指标", 26),
    ("text", "本期", 12),
    ("unit", "单位", 8),
    ("base", "基期", 12),
    ("change", "增减", 12),
    ("growth", "同比（%）", 10),
    ("origin", "取得方式", 10),
    ("ledgers", "来源台账", 18),
    ("rows", "台账行数", 10),
    ("scope", "轮次", 14),
    ("definition", "口径", 48),
)


def figures_workbook(figures: Sequence[Mapping[str, Any]], title: str) -> bytes:
    """Return the workbook; the same figures give the same bytes.

    Parameters
    ----------
    figures : sequence of mapping
        Figures in the form of ``figures.json``.
    title : str
        Title of the file's properties.
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
    book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
    sheet = book.add_worksheet("指标")
    bold = book.add_format({"bold": True, "bg_color": "#dfe6ee", "border": 1})
    plain = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    for column, (_, header, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, header, bold)
    for row, figure in enumerate(figures, 1):
        for column, (key, _, _) in enumerate(_COLUMNS):
            value = figure[key]
            if key == "ledgers":
                value = "、".join(LEDGERS[n].sheet for n in value if n in LEDGERS)
            if value is None or value == "":
                sheet.write_blank(row, column, None, plain)
            elif key == "rows":
                sheet.write_number(row, column, value, plain)
            elif key in ("text", "base", "change", "growth") and _is_number(value):
                sheet.write_number(row, column, float(value), plain)
            else:
                sheet.write_string(row, column, str(value), plain)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, len(figures)), len(_COLUMNS) - 1)
    book.close()
    return stream.getvalue()


def _is_number(text: str) -> bool:
    """Whether a printed number is a plain one that loses nothing as a spreadsheet number."""
    whole, _, fraction = text.lstrip("+-").partition(".")
    return (
        whole.isascii()
        and whole.isdigit()
        and (not fraction or fraction.isdigit())
        and not (fraction.endswith("0"))
    )
