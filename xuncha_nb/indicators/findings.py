"""Findings, by category and kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xuncha_nb.indicators.registry import Result, base, count, derived, distinct, grouped
from xuncha_nb.quantities import Quantity
from xuncha_nb.quantities import total as added

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows


@derived("发现问题", "个", "findings", "findings", "发现日期在期间内的问题，等于各聚焦方面之和")
def findings_total(findings_by_category: dict[str, Quantity]) -> Quantity:
    return added(list(findings_by_category.values()))


@base(
    "发现问题（按聚焦方面）", "个", "findings", "findings", "按当期问题分类标准点数", by="category"
)
def findings_by_category(findings: Rows, scheme: tuple[str, ...]) -> Result:
    return dict(grouped(findings, "category", scheme))


@base("共性问题", "个", "findings", "findings", "登记为共性的问题")
def findings_common(findings: Rows) -> Result:
    return None if _unfilled(findings, "common") else count(findings, common="共性")


@base("个性问题", "个", "findings", "findings", "登记为个性的问题")
def findings_individual(findings: Rows) -> Result:
    return None if _unfilled(findings, "common") else count(findings, common="个性")


@base("专项巡察发现问题", "个", "findings", "findings", "专项巡察轮次发现的问题")
def findings_special(findings: Rows) -> Result:
    return count(findings, kind="专项")


@base("问题类别数", "类", "findings", "findings", "专项巡察发现的问题涉及的不同问题类别")
def finding_types(findings: Rows) -> Result:
    return distinct(findings, "type", kind="专项")


@base("立行立改问题", "个", "findings", "findings", "登记为立行立改的问题，是发现问题的一部分")
def immediate_rectifications(findings: Rows) -> Result:
    return None if _unfilled(findings, "immediate") else count(findings, immediate=True)


@base("反馈问题", "个", "rectification", "findings", "期间内发现、截止日前已反馈的问题")
def findings_fed_back(findings_fed_back: Rows) -> Result:
    return count(findings_fed_back)


@base("“回头看”发现问题", "个", "rectification", "findings", "“回头看”轮次发现的问题")
def lookback_findings(findings: Rows) -> Result:
    return count(findings, kind="回头看")


def _unfilled(findings: Rows, column: str) -> bool:
    """Whether there are findings, and none of them says anything in the column."""
    return len(findings) > 0 and not findings.filled(column)
