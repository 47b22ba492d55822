"""The plan for the period that follows, and the size of the term."""

from __future__ import annotations

from typing import Any, Final

from xuncha_nb.indicators.registry import Result, Tally, base

_NEXT: Final = "下一期间的计划"


def _planned(plan: dict[str, Any], column: str) -> Result:
    return Tally(int(plan[column]), 1) if column in plan else None


@base("计划开展常规巡察", "轮", "plan", "plan", _NEXT)
def planned_rounds_routine(plan: dict[str, Any]) -> Result:
    return _planned(plan, "planned_rounds_routine")


@base("计划开展专项巡察", "轮", "plan", "plan", _NEXT)
def planned_rounds_special(plan: dict[str, Any]) -> Result:
    return _planned(plan, "planned_rounds_special")


@base("计划巡察单位", "个", "plan", "plan", _NEXT)
def planned_units(plan: dict[str, Any]) -> Result:
    return _planned(plan, "planned_units")


@base("计划延伸巡察村", "个", "plan", "plan", _NEXT)
def planned_villages(plan: dict[str, Any]) -> Result:
    return _planned(plan, "planned_villages")


@base("计划延伸巡察社区", "个", "plan", "plan", _NEXT)
def planned_communities(plan: dict[str, Any]) -> Result:
    return _planned(plan, "planned_communities")


@base("规划期应巡察单位", "个", "plan", "plan", "本届全覆盖计划应巡察的单位")
def plan_period_units(term_plan: dict[str, Any]) -> Result:
    return _planned(term_plan, "plan_period_units")
