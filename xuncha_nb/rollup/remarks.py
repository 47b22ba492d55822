"""What is to be said of a roll-up: who is missing, failed, or counted in another way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from xuncha_nb.areas import Area
from xuncha_nb.figures import Figures
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.ledgers.statistics import DECLARATIONS
from xuncha_nb.periods import full_date
from xuncha_nb.rollup.model import Gap
from xuncha_nb.verdicts import Severity, Verdict

_NAMED: Final = 20
_REASON: Final = 60


def on_conventions(
    figures: Figures, mixed: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterator[Verdict]:
    """Say which conventions the counties do not share, and what is therefore not added."""
    for name, ways in mixed.items():
        declaration = DECLARATIONS[name]
        parts = "；".join(
            f"“{declaration.values.get(way, way)}”的有{_named(names)}"
            for way, names in ways.items()
        )
        labels = "、".join(f"“{INDICATORS[id].label}”" for id in declaration.figures)
        tail = f"，{labels}不能合计，没有列入汇总" if labels else ""
        yield figures.verdict(
            "warning",
            "conventions_differ",
            f"各县（市、区）的“{declaration.label}”不一致：{parts}{tail}；请统一口径后重新汇总",
            declaration.figures,
        )


def on_counties(
    figures: Figures,
    missing: Sequence[str],
    failed: Sequence[Area],
    reasons: Mapping[str, str],
    empty: Sequence[str],
    cutoffs: Mapping[date, int],
    gaps: Sequence[Gap],
) -> Iterator[Verdict]:
    """Yield who is missing, failed, or stands at another day; and which figures have gaps."""

    def verdict(severity: Severity, rule: str, message: str, ids: Sequence[str] = ()) -> Verdict:
        return figures.verdict(severity, rule, message, ids)

    if missing:
        tail = f"；其中{_named(empty)}有报告但没有数字" if empty else ""
        yield verdict(
            "warning",
            "county_missing",
            f"{_named(missing)}没有报送，未计入合计（不作零计）{tail}，请催报",
            ["counties_missing"],
        )
    if failed:
        reason = " ".join(reasons[failed[0].code].split()) or "原因不详"
        first = reason if len(reason) <= _REASON else f"{reason[:_REASON]}…"
        yield verdict(
            "warning",
            "county_failed",
            f"{_named([a.name for a in failed])}出报告失败，未计入合计（不作零计），"
            f"如{failed[0].name}（{first}），请改正后重新出报告",
            ["counties_failed"],
        )
    if len(cutoffs) > 1:
        each = sorted(cutoffs.items())
        days = "、".join(f"{full_date(day)}{number}个" for day, number in each)
        message = f"各县（市、区）的截止日期不一致：{days}，请统一截止日期后重新出报告"
        yield verdict("warning", "cutoffs_differ", message)
    if gaps:
        yield verdict(
            "note",
            "figures_lacking",
            f"{len(gaps)}个指标只有部分县（市、区）报送，合计只含已报送的，名单见附件",
            [gap.figure.id for gap in gaps],
        )


def _named(names: Sequence[str]) -> str:
    shown = "、".join(names[:_NAMED])
    return f"{shown}等{len(names)}个县（市、区）" if len(names) > _NAMED else shown
