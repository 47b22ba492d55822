"""Rectification of the findings fed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xuncha_nb.indicators.registry import Result, base, count, derived, percentage, total
from xuncha_nb.quantities import Quantity

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows


@base("整改完成", "个", "rectification", "rectification", "截止日前已完成整改并验收的问题")
def rect_done(rectification: Rows) -> Result:
    return count(rectification, state="完成")


@base("基本完成（正在整改）", "个", "rectification", "rectification", "截止日尚在整改的问题")
def rect_partial(rectification: Rows) -> Result:
    return count(rectification, state="基本完成")


@base("未完成", "个", "rectification", "rectification", "截止日未完成整改的问题")
def rect_open(rectification: Rows) -> Result:
    return count(rectification, state="未完成")


@base("超期未完成", "个", "rectification", "rectification", "整改期限早于截止日而未完成的问题")
def rect_overdue(rectification: Rows) -> Result:
    return count(rectification, overdue=True)


@derived("整改完成率", "%", "rectification", "rectification", "整改完成÷反馈问题，基本完成不计入")
def rect_rate(rect_done: Quantity, findings_fed_back: Quantity, decimals: int) -> Quantity | None:
    return percentage(rect_done, findings_fed_back, decimals)


@base("制定整改措施", "条", "rectification", "rectification", "已反馈问题的整改措施之和")
def rect_measures(rectification: Rows) -> Result:
    return total(rectification, "measures")
