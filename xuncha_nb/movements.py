"""Shares, growth and change as a source printed them, recomputed on intervals; and notes.

A share off by one unit of its last digit, in a set whose printed shares make exactly 100, was
forced: a warning. Any other share, growth or change that does not recompute is an error
(``domain.md``, Relations).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from xuncha_nb.figures import Figures
from xuncha_nb.indicators.registry import percentage
from xuncha_nb.intervals import Interval
from xuncha_nb.parameters import Thresholds
from xuncha_nb.quantities import Quantity
from xuncha_nb.relations import declared
from xuncha_nb.shares import apportioned
from xuncha_nb.verdicts import Verdict


def evaluate(figures: Figures, thresholds: Thresholds) -> Iterator[Verdict]:
    """Check printed shares, growth and changes, and remark on what is unusual or missing."""
    yield from _shares(figures)
    yield from _movements(figures)
    yield from _large_growth(figures, thresholds)
    yield from _notes(figures)


def printed_share(id: str, figures: Figures) -> tuple[str, Quantity] | None:
    """Return (identifier, value) of the share that a source printed for a figure, if it did."""
    share = figures.get(f"{id}_share")
    if share is not None and share.origin == "填报":
        return share.id, share.value
    companion = figures[id].printed_share if id in figures else None
    return None if companion is None else (f"{id}_share", companion)


def shares(figures: Figures) -> dict[str, tuple[str, Quantity]]:
    """Return figure → (its whole, its share in %), for every set that declares shares.

    A share that the source printed stands, then one by the office's method for sets; others
    are computed to one decimal. A figure that belongs to several sets has the share of the first.
    """
    found: dict[str, tuple[str, Quantity]] = {}
    for relation in declared():
        totals = relation.whole(figures) if relation.shares else []
        for id in relation.parts(figures) if totals else []:
            said = printed_share(id, figures)
            part, whole = figures[id].value, figures[totals[0]].value
            by_set = figures[id].set_share
            if said:
                share: Quantity | None = said[1]
            elif by_set is not None and by_set.whole == totals[0]:
                share = by_set.share
            else:
                share = percentage(part, whole, 1)
            if share is not None:
                found.setdefault(id, (totals[0], share))
    return found


def _shares(figures: Figures) -> Iterator[Verdict]:
    """Recompute printed shares; a share forced so that a set makes 100 is only a warning."""
    for relation in declared():
        if not relation.shares:
            continue
        totals = relation.whole(figures)
        parts = relation.parts(figures)
        printed = {id: said for id in parts if (said := printed_share(id, figures))}
        if not printed or not totals:
            continue
        whole = figures[totals[0]].value
        made = sum((share.value for _, share in printed.values()), Fraction(0))
        complete = made == 100 and len(printed) == len(parts)
        for id, (share_id, share) in printed.items():
            true = figures[id].value.interval.over(whole.interval).scaled(100)
            if true.meets(share.interval):
                continue
            reach = share.step * Fraction(3, 2)
            near = true.meets(Interval(share.value - reach, share.value + reach))
            forced = near and complete
            by_method = forced and _by_method(figures, list(printed), id)
            reason = "，是为凑足100%所作的调整" if forced else ""
            reason += "，与声明的取整方法一致" if by_method else ""
            yield figures.verdict(
                "note" if by_method else "warning" if forced else "error",
                "share_forced" if forced else "share",
                f"“{figures[id].label}”占“{figures[totals[0]].label}”的比重"
                f"与重算结果不符{reason}，请核对",
                (id, share_id, totals[0]),
                f"{true.rounded()}%",
                share.printed,
            )


def _by_method(figures: Figures, parts: list[str], id: str) -> bool:
    """Whether a printed share is what the method gives that the data declare."""
    method = figures.declared.get("share_method", "plain")
    values = [figures[part].value for part in parts]
    share = printed_share(id, figures)
    if share is None or not all(value.is_exact for value in values):
        return False
    texts = apportioned(values, share[1].decimals, method)
    return bool(texts) and texts[parts.index(id)] == share[1].text


def _movements(figures: Figures) -> Iterator[Verdict]:
    """Hold printed growth and change against each other and against the base."""
    for figure in figures.values():
        now, base = figure.value, figure.base
        change, growth = figure.printed_change, figure.printed_growth
        ids = (figure.id, f"{figure.id}_yoy", f"{figure.id}_change")
        if growth is not None and figure.unit == "%":
            yield figures.verdict(
                "warning",
                "share_growth",
                f"“{figure.label}”是比率，它的变化应以百分点计，请改填“{ids[2]}”",
                ids[:2],
                "百分点",
                growth.printed,
            )
            continue
        if base is not None and change is not None and figure.base_origin != "推算":
            true = now.interval - base.interval
            if not true.meets(change.interval):
                yield figures.verdict(
                    "error",
                    "change",
                    f"“{figure.label}”{now.printed}的增减数与基数{base.printed}不符，请核对基数",
                    (figure.id, ids[2]),
                    true.text,
                    change.printed,
                )
        below_zero = base is not None and base.interval.high is not None and base.interval.high < 0
        if below_zero and change is not None and figure.base_origin == "推算":
            yield figures.verdict(
                "error",
                "change",
                f"“{figure.label}”{now.printed}减去增减数得到负的基数，请核对增减数",
                (figure.id, ids[2]),
                f"不大于{now.text}",
                change.printed,
            )
            continue
        if base is None or growth is None or base.value == 0:
            continue
        true = (now.interval.over(base.interval) - Interval.point(1)).scaled(100)
        if not true.meets(growth.interval):
            source = (
                f"按增减{change.printed}推算的基数"
                if figure.base_origin == "推算" and change
                else "基数"
            )
            yield figures.verdict(
                "error",
                "growth",
                f"“{figure.label}”{now.printed}、{source}{base.printed}，"
                "增幅与重算结果不符，请核对基数和增幅",
                ids if change else ids[:2],
                f"{true.rounded()}%",
                growth.printed,
            )


def _large_growth(figures: Figures, thresholds: Thresholds) -> Iterator[Verdict]:
    for figure in figures.values():
        growth = figure.growth()
        # Coverage counts from the start of the term: it is meant to grow.
        if growth is None or figure.base is None or figure.indicator.group == "coverage":
            continue
        large = abs(growth.value) > Fraction(str(thresholds.growth_warning))
        if large and figure.base.value >= thresholds.growth_warning_base:
            yield figures.verdict(
                "warning",
                "growth_large",
                f"“{figure.label}”由{figure.base.printed}变为{figure.value.printed}，"
                "增减幅度较大，请核对口径是否一致",
                (figure.id,),
                f"增减不超过{thresholds.growth_warning:g}%",
                f"{growth.text.lstrip('+')}%",
            )


def _notes(figures: Figures) -> Iterator[Verdict]:
    comparable = [f for f in figures.values() if f.value.unit != "日期"]
    missing = [f.id for f in comparable if f.base is None]
    if missing:
        base = figures.window.period.same_period_last_year()
        yield figures.verdict(
            "note",
            "base_missing",
            f"{len(missing)}个指标没有{base.name}的数，报告中不作同比",
            missing,
        )
    rounded = [f.id for f in comparable if not f.value.is_exact and f.origin == "填报"]
    if rounded:
        yield figures.verdict("note", "rounded", f"{len(rounded)}个指标是约数，按区间校验", rounded)
