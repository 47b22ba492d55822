"""Ledgers of figures that arrive as figures: statistics by period, and reported figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xuncha_nb.ledgers.columns import Column, Ledger
from xuncha_nb.shares import METHODS

_PERIOD = Column("period", "期间", "period", "如 2024H1、2024Q1-3、2024", "2024H1", required=True)
_FIGURE = Column("figure", "指标", "figure", "指标标识或指标名称", "cases_filed", required=True)


def _statistics(name: str, sheet: str, note: str, example: str) -> Ledger:
    figure = Column("figure", "指标", "figure", "指标标识或指标名称", example, required=True)
    value = Column("value", "数值", "printed", "照实填写，可写 9.3万", "12", required=True)
    return Ledger(
        name,
        sheet,
        (_PERIOD, figure, value),
        "period",
        ("period",),
        note,
        keys=("period", "figure"),
    )


PETITION_STATS = _statistics(
    "petition_stats", "信访统计", "纪检监察机关信访举报，一个期间一个指标一行。", "petitions_own"
)
DISCIPLINE_STATS = _statistics(
    "discipline_stats", "监督执纪", "监督检查、审查调查数据，一个期间一个指标一行。", "cases_filed"
)

REPORTED = Ledger(
    "reported",
    "填报数",
    (
        Column("area", "地区", note="县（区）名称或代码；本县可留空", example="淮安区"),
        _PERIOD,
        _FIGURE,
        Column(
            "value",
            "数值",
            "printed",
            "照原文填写：105、9.3万、2700余、>168万、70.9%",
            "105",
            required=True,
        ),
        Column("source", "出处", note="哪份文件", example="上年半年总结"),
    ),
    "period",
    ("period",),
    "没有台账的期间（如上年同期）或只有总数的，照印出的样子填在这里。",
    keys=("area", "period", "figure"),
)


@dataclass(frozen=True)
class Declaration:
    """A row that says, in place of a number, by which convention the others were counted.

    Attributes
    ----------
    label : str
        Chinese name, in place of a figure's.
    values : mapping of str to str
        Convention → Chinese name; a row may say either.
    figures : tuple of str
        Figures that mean something else under another convention.
    ledgers : tuple of str
        Where the row may stand.
    """

    label: str
    values: Mapping[str, str]
    figures: tuple[str, ...]
    ledgers: tuple[str, ...]

    def read(self, text: str) -> str | None:
        """Return the convention that a cell names, or None."""
        bare = "".join(text.split()).lower()
        return next((v for v, name in self.values.items() if bare in (v, name)), None)


#: What the data declare, by identifier (``domain.md``, Relations).
DECLARATIONS: Final[dict[str, Declaration]] = {
    "sanction_convention": Declaration(
        "处分统计口径",
        {"inclusive": "含双重处分", "exclusive": "不含双重处分"},
        ("party_sanction", "admin_sanction", "dual_sanction"),
        ("discipline_stats", "reported"),
    ),
    "share_method": Declaration(
        "比重取整方法", METHODS, (), ("petition_stats", "discipline_stats", "reported")
    ),
}

STATISTICS_LEDGERS: Final = (PETITION_STATS, DISCIPLINE_STATS, REPORTED)
