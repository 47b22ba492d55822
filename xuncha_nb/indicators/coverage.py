"""Coverage of the term: objects, covered, rates, and the forecast from the pace so far."""

from __future__ import annotations

import math
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from xuncha_nb.indicators.pace import pace
from xuncha_nb.indicators.registry import (
    Result,
    base,
    count,
    derived,
    grouped,
    percentage,
)
from xuncha_nb.intervals import Interval
from xuncha_nb.quantities import Quantity
from xuncha_nb.quantities import total as added

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows


@derived("巡察对象总数", "个", "coverage", "units", "各类别巡察对象之和，村（社区）另计")
def objects_total(objects_by_type: dict[str, Quantity]) -> Quantity | None:
    return added(list(objects_by_type.values())) if objects_by_type else None


@base(
    "巡察对象（按类别）", "个", "coverage", "units", "截止日有效的巡察对象，按单位类别", by="type"
)
def objects_by_type(objects: Rows, object_types: tuple[str, ...]) -> Result:
    return dict(grouped(objects, "type", object_types)) or None


@derived(
    "已巡察对象",
    "个",
    "coverage",
    "units+round_units",
    "各类别已巡察对象之和，一届只计一次，不含“回头看”",
)
def covered_total(covered_by_type: dict[str, Quantity]) -> Quantity | None:
    return added(list(covered_by_type.values())) if covered_by_type else None


@base(
    "已巡察对象（按类别）",
    "个",
    "coverage",
    "units+round_units",
    "截止日前已结束的轮次巡察过的对象，按单位类别",
    by="type",
)
def covered_by_type(object_coverage: Rows, object_types: tuple[str, ...]) -> Result:
    covered = object_coverage.holding(state="covered")
    return dict(grouped(covered, "type", object_types)) or None


@base("正在巡察对象", "个", "coverage", "units+round_units", "截止日正在进行的轮次中的对象")
def coverage_in_progress(object_coverage: Rows) -> Result:
    return count(object_coverage, state="in_progress")


@derived(
    "尚未巡察对象", "个", "coverage", "units+round_units", "巡察对象总数减已巡察、正在巡察对象"
)
def coverage_not_started(
    objects_total: Quantity, covered_total: Quantity, coverage_in_progress: Quantity
) -> Quantity:
    return objects_total - covered_total - coverage_in_progress


@derived("全覆盖完成率", "%", "coverage", "units+round_units", "已巡察对象÷巡察对象总数")
def coverage_rate(
    covered_total: Quantity, objects_total: Quantity, decimals: int
) -> Quantity | None:
    return percentage(covered_total, objects_total, decimals)


def _villages(units: Rows, kind: str, state: str = "") -> Result:
    rows = units.holding(type=kind)
    if not len(rows):
        return None
    return count(rows, state=state) if state else count(rows)


@base("村党组织总数", "个", "coverage", "units", "截止日有效的村党组织")
def village_total(units: Rows) -> Result:
    return _villages(units, "村")


@base("已延伸巡察村党组织", "个", "coverage", "units+round_units", "本届已延伸巡察的村党组织")
def village_covered(coverage: Rows) -> Result:
    return _villages(coverage, "村", "covered")


@base("社区党组织总数", "个", "coverage", "units", "截止日有效的社区党组织")
def community_total(units: Rows) -> Result:
    return _villages(units, "社区")


@base("已延伸巡察社区党组织", "个", "coverage", "units+round_units", "本届已延伸巡察的社区党组织")
def community_covered(coverage: Rows) -> Result:
    return _villages(coverage, "社区", "covered")


@derived(
    "村（社区）全覆盖完成率",
    "%",
    "coverage",
    "units+round_units",
    "已延伸巡察村、社区÷村、社区总数",
)
def village_community_coverage_rate(
    village_covered: Quantity,
    community_covered: Quantity,
    village_total: Quantity,
    community_total: Quantity,
    decimals: int,
) -> Quantity | None:
    return percentage(
        village_covered + community_covered, village_total + community_total, decimals
    )


def day_quantity(low: date, value: date, high: date | None) -> Quantity:
    """Return a date as a quantity of unit 日期, printed to the month."""
    interval = Interval(
        Fraction(low.toordinal()), None if high is None else Fraction(high.toordinal())
    )
    return Quantity(Fraction(value.toordinal()), "日期", interval, f"{value.year}年{value.month}月")


@derived(
    "按现有进度完成全覆盖时间",
    "日期",
    "coverage",
    "units+round_units",
    "按本届已结束各轮的平均进度推算，区间取最近四轮的最快、最慢进度",
)
def coverage_forecast_date(
    objects_total: Quantity,
    covered_total: Quantity,
    term_rounds: Rows,
    all_round_units: Rows,
    objects: Rows,
    window: Any,
) -> Quantity | None:
    """Forecast when every object will have been inspected.

    Method: the mean pace of the term's finished rounds (units newly covered over days
    elapsed) carries the remaining units from the cut-off; the interval uses the fastest and
    the slowest pace of the last four rounds. With fewer than two finished rounds, or nothing
    remaining, there is no forecast. It extrapolates; it knows nothing of planned staff.
    """
    remaining = math.ceil(objects_total.value - covered_total.value)
    measured = pace(term_rounds, all_round_units, set(objects["code"]), window.cutoff)
    if measured is None or remaining <= 0:
        return None
    total_days = measured.cycle_days * len(measured.rates)
    mean = covered_total.value / total_days
    recent = measured.rates[-4:]

    def reach(rate: Fraction) -> date | None:
        days = math.ceil(remaining / rate) if rate else 10**6
        # Beyond a century a forecast is a way of saying never.
        return window.cutoff + timedelta(days=days) if days < 36_525 else None

    value, low, high = reach(mean), reach(max(*recent, mean)), reach(min(*recent, mean))
    if value is None or low is None:
        return None
    return day_quantity(low, value, high)


@derived(
    "按期完成所需巡察组",
    "个",
    "coverage",
    "units+round_units+plan",
    "（巡察对象总数－已巡察－正在巡察）÷（每组每轮单位数×全覆盖期限前还可开展的轮次），进一法取整",
)
def teams_needed(
    coverage_not_started: Quantity,
    term_rounds: Rows,
    all_round_units: Rows,
    objects: Rows,
    term_plan: dict[str, Any],
    window: Any,
) -> Quantity | None:
    """Teams needed a round so that the plan's deadline is met.

    Rounds left are the whole average cycles (end of one finished round to the end of the
    next) that fit between the cut-off and the deadline. None without a deadline, without a
    pace, or when not one more round fits.
    """
    measured = pace(term_rounds, all_round_units, set(objects["code"]), window.cutoff)
    if measured is None or "deadline" not in term_plan or coverage_not_started.value <= 0:
        return None
    days_left = (term_plan["deadline"].date() - window.cutoff).days
    rounds_left = math.floor(Fraction(days_left) / measured.cycle_days)
    if rounds_left < 1:
        return None
    return Quantity.exact(
        math.ceil(coverage_not_started.value / (measured.units_per_team * rounds_left)), "个"
    )
