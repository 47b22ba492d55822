"""Rounds: how many, of which kind, in which state, with which teams and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xuncha_nb.indicators.registry import Result, Tally, base, count, derived, distinct
from xuncha_nb.ledgers import OBJECT_TYPES
from xuncha_nb.ledgers.rows import day
from xuncha_nb.quantities import Quantity

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows


@derived("开展巡察轮次", "轮", "rounds", "rounds", "起止日期与期间重叠、截止日前已开始的轮次")
def rounds_total(rounds_completed: Quantity, rounds_in_progress: Quantity) -> Quantity:
    return rounds_completed + rounds_in_progress


@base("常规巡察", "轮", "rounds", "rounds", "巡察方式为常规的轮次")
def rounds_routine(rounds: Rows) -> Result:
    return count(rounds, kind="常规")


@base("专项巡察", "轮", "rounds", "rounds", "巡察方式为专项的轮次")
def rounds_special(rounds: Rows) -> Result:
    return count(rounds, kind="专项")


@base("巡察“回头看”", "轮", "rounds", "rounds", "巡察方式为回头看的轮次")
def rounds_lookback(rounds: Rows) -> Result:
    return count(rounds, kind="回头看")


@base("机动式巡察", "轮", "rounds", "rounds", "巡察方式为机动的轮次")
def rounds_mobile(rounds: Rows) -> Result:
    return count(rounds, kind="机动")


@base("提级巡察", "轮", "rounds", "rounds", "巡察方式为提级的轮次")
def rounds_elevated(rounds: Rows) -> Result:
    return count(rounds, kind="提级")


@base("交叉巡察", "轮", "rounds", "rounds", "巡察方式为交叉的轮次")
def rounds_cross(rounds: Rows) -> Result:
    return count(rounds, kind="交叉")


@base("已完成轮次", "轮", "rounds", "rounds", "截止日及之前已结束的轮次")
def rounds_completed(rounds: Rows, window: Any) -> Result:
    done = int((rounds["end"] <= day(window.cutoff)).sum())
    return Tally(done, done)


@base("正在开展轮次", "轮", "rounds", "rounds", "截止日已开始、尚未结束的轮次")
def rounds_in_progress(rounds: Rows, window: Any) -> Result:
    running = int((rounds["end"] > day(window.cutoff)).sum())
    return Tally(running, running)


@base("派出巡察组", "个", "rounds", "round_units", "各轮派出的不同巡察组，同一组多轮只计一次")
def teams_count(round_units: Rows) -> Result:
    return distinct(round_units, "team")


@base(
    "被巡察党组织",
    "个",
    "rounds",
    "round_units",
    "各轮巡察的单位，不含村（社区），同一单位只计一次",
)
def units_inspected(round_units: Rows) -> Result:
    return distinct(round_units, "unit", type=OBJECT_TYPES)


@derived("延伸巡察村（社区）党组织", "个", "rounds", "round_units", "延伸巡察的村与社区党组织之和")
def villages_extended(rural_extended: Quantity, community_extended: Quantity) -> Quantity:
    return rural_extended + community_extended


@base("延伸巡察村党组织", "个", "rounds", "round_units", "各轮延伸巡察的村，同一村只计一次")
def rural_extended(round_units: Rows) -> Result:
    return distinct(round_units, "unit", type="村")


@base("延伸巡察社区党组织", "个", "rounds", "round_units", "各轮延伸巡察的社区，同一社区只计一次")
def community_extended(round_units: Rows) -> Result:
    return distinct(round_units, "unit", type="社区")
