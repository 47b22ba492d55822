"""Cross-figure relations (勾稽关系), declared in ``relations.yaml``, evaluated on intervals.

A relation fails only if no values inside the printed intervals satisfy it; a figure that is
missing stands for any number from zero up. Shares, growth and absolute change, where a source
printed them, are recomputed with the same intervals.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any, Final

import yaml

from xuncha_nb.figures import Figure, Figures, indicator_of, member_id
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.parameters import Thresholds
from xuncha_nb.quantities import NOT_NEGATIVE, Interval, Quantity, rounded_text
from xuncha_nb.verdicts import Severity, Verdict, in_order

_HUNDRED: Final = Interval.point(100)


@dataclass(frozen=True)
class Relation:
    """One declared relation.

    Attributes
    ----------
    rule : str
        Name of the rule.
    left, right : ast.expr
        The two sides, parsed; never evaluated as code.
    equal : bool
        ``=``; otherwise ``<=``.
    severity : str
    shares : bool
        Whether the left side's parts are a set with shares of the right side.
    """

    rule: str
    left: ast.expr
    right: ast.expr
    equal: bool
    severity: Severity = "error"
    shares: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Identifiers that occur, left to right; families by their own name."""
        return tuple(chain(_names(self.left), _names(self.right)))

    @property
    def through_members(self) -> bool:
        """Whether the relation is to hold for every member of its families."""
        return any(_is_each(node) for node in ast.walk(self.left))


@cache
def declared() -> tuple[Relation, ...]:
    """Return the declared relations.

    Raises
    ------
    ValueError
        If a line of ``relations.yaml`` is not a relation: a mistake in the package.
    """
    text = (resources.files("xuncha_nb") / "relations.yaml").read_text("utf-8")
    return tuple(_relation(line) for line in yaml.safe_load(text)["relations"])


def _relation(line: dict[str, Any]) -> Relation:
    unknown = set(line) - {"rule", "check", "severity", "shares"}
    if unknown:
        raise ValueError(f"{line['rule']}: unknown keys {unknown}")
    check: str = line["check"]
    equal = "<=" not in check
    left, right = check.split("=" if equal else "<=")
    relation = Relation(
        line["rule"], ast.parse(left.strip(), mode="eval").body,
        ast.parse(right.strip(), mode="eval").body, equal,
        line.get("severity", "error"), line.get("shares", False),
    )
    for name in relation.names:
        if name not in INDICATORS:
            raise ValueError(f"{relation.rule}: unknown figure {name}")
    return relation


def _names(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name(id=id):
            yield id
        case ast.Call(func=ast.Name(id="sum" | "each"), args=[ast.Name(id=id)]):
            yield id
        case ast.BinOp(left=left, right=right):
            yield from _names(left)
            yield from _names(right)
        case _:
            raise ValueError(f"not a relation: {ast.dump(node)}")


def _is_each(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (
        node.func.id == "each"
    )


def _ids(node: ast.expr, figures: Figures, member: str) -> list[str]:
    """Return the identifiers of the known figures on a side."""
    ids: list[str] = []
    match node:
        case ast.Name(id=id):
            ids = [id]
        case ast.Call(args=[ast.Name(id=id)]) if _is_each(node):
            ids = [member_id(id, member)]
        case ast.Call(args=[ast.Name(id=id)]):
            ids = [f.id for f in figures.family(id).values()]
        case ast.BinOp(left=left, right=right):
            ids = _ids(left, figures, member) + _ids(right, figures, member)
    return [id for id in ids if id in figures]


def _interval(node: ast.expr, figures: Figures, member: str) -> Interval:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _interval(left, figures, member), _interval(right, figures, member)
            if isinstance(op, ast.Div):
                return a.over(b).scaled(100)
            return a - b if isinstance(op, ast.Sub) else a + b
        case ast.Call() if not _is_each(node):
            known = [figures[id].value.interval for id in _ids(node, figures, member)]
            if not known:
                return NOT_NEGATIVE
            added = known[0]
            for interval in known[1:]:
                added = added + interval
            return added
        case _:
            ids = _ids(node, figures, member)
            return figures[ids[0]].value.interval if ids else NOT_NEGATIVE


def evaluate(figures: Figures, thresholds: Thresholds) -> tuple[Verdict, ...]:
    """Check every relation that the known figures can contradict.

    Returns
    -------
    tuple of Verdict
        Errors first; empty when nothing contradicts anything and nothing is remarkable.
    """
    found: list[Verdict] = []
    for relation in declared():
        members = [""]
        if relation.through_members:
            members = list(dict.fromkeys(
                m for name in relation.names for m in figures.family(name)
            ))
        for member in members:
            found += _contradiction(relation, figures, member)
    found += _shares(figures)
    found += _movements(figures)
    found += _large_growth(figures, thresholds)
    found += _notes(figures)
    return in_order(found)


def _verdict(
    figures: Figures, severity: Severity, rule: str, message: str, ids: Iterable[str],
    expected: str = "", found: str = "",
) -> Verdict:
    return Verdict(
        severity, rule, message, figures.county_name, str(figures.window.period),
        tuple(ids), expected, found,
    )


def _contradiction(relation: Relation, figures: Figures, member: str) -> Iterator[Verdict]:
    left_ids = _ids(relation.left, figures, member)
    right_ids = _ids(relation.right, figures, member)
    if not left_ids or not right_ids:
        return
    left = _interval(relation.left, figures, member)
    right = _interval(relation.right, figures, member)
    if left.meets(right) if relation.equal else left.may_reach(right):
        return
    parts, whole = _said(left_ids, figures), _said(right_ids, figures)
    if any(isinstance(n, ast.Div) for n in ast.walk(relation.right)):
        message = f"{parts}与按{whole}重算的结果不符，请核对分子、分母和百分比"
        expected, found = f"{_rounded(right)}%", figures[left_ids[0]].value.printed
    elif relation.equal:
        message = f"{parts}{'之和' if len(left_ids) > 1 else ''}与{whole}不相等，请核对是否漏填或重复"
        expected, found = left.text, right.text
    else:
        message = f"{parts}{'之和' if len(left_ids) > 1 else ''}大于{whole}，请核对"
        expected, found = f"不大于{right.text}", left.text
    yield _verdict(
        figures, relation.severity, relation.rule, message, left_ids + right_ids, expected, found
    )


def _said(ids: list[str], figures: Figures) -> str:
    return "、".join(f"“{figures[id].label}”{figures[id].value.printed}" for id in ids)


def _rounded(interval: Interval) -> str:
    bounds = [rounded_text(b, 2) for b in (interval.low, interval.high) if b is not None]
    return "～".join(dict.fromkeys(bounds))


def printed_share(id: str, figures: Figures) -> tuple[str, Quantity] | None:
    """Return (identifier, value) of the share that a source printed for a figure, if it did."""
    share = figures.get(f"{id}_share")
    if share is not None and share.origin == "填报":
        return share.id, share.value
    companion = figures[id].printed_share if id in figures else None
    return None if companion is None else (f"{id}_share", companion)


def _shares(figures: Figures) -> Iterator[Verdict]:
    """Recompute printed shares; a share forced so that a set makes 100 is only a warning."""
    for relation in declared():
        if not relation.shares:
            continue
        totals = _ids(relation.right, figures, "")
        parts = _ids(relation.left, figures, "")
        printed = {id: share for id in parts if (share := printed_share(id, figures))}
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
            reason = "，是为凑足100%所作的调整" if forced else ""
            yield _verdict(
                figures, "warning" if forced else "error",
                "share_forced" if forced else "share",
                f"“{figures[id].label}”占“{figures[totals[0]].label}”的比重"
                f"与重算结果不符{reason}，请核对",
                (id, share_id, totals[0]), f"{_rounded(true)}%", share.printed,
            )


def _movements(figures: Figures) -> Iterator[Verdict]:
    """Hold printed growth and change against each other and against the base."""
    for figure in figures.values():
        now, base = figure.value, figure.base
        change, growth = figure.printed_change, figure.printed_growth
        ids = (figure.id, f"{figure.id}_yoy", f"{figure.id}_change")
        if base is not None and change is not None and figure.base_origin != "推算":
            true = now.interval - base.interval
            if not true.meets(change.interval):
                yield _verdict(
                    figures, "error", "change",
                    f"“{figure.label}”{now.printed}的增减数与基数{base.printed}不符，请核对基数",
                    (figure.id, ids[2]), true.text, change.printed,
                )
        if base is None or growth is None or base.value == 0:
            continue
        true = (now.interval.over(base.interval) - Interval.point(1)).scaled(100)
        if not true.meets(growth.interval):
            source = (
                f"按增减{change.printed}推算的基数" if figure.base_origin == "推算" and change
                else "基数"
            )
            yield _verdict(
                figures, "error", "growth",
                f"“{figure.label}”{now.printed}、{source}{base.printed}，"
                "增幅与重算结果不符，请核对基数和增幅",
                ids if change else ids[:2], f"{_rounded(true)}%", growth.printed,
            )


def _large_growth(figures: Figures, thresholds: Thresholds) -> Iterator[Verdict]:
    for figure in figures.values():
        growth = figure.growth()
        # Coverage counts from the start of the term: it is meant to grow.
        if growth is None or figure.base is None or figure.indicator.group == "coverage":
            continue
        large = abs(growth.value) > Fraction(str(thresholds.growth_warning))
        if large and figure.base.value >= thresholds.growth_warning_base:
            yield _verdict(
                figures, "warning", "growth_large",
                f"“{figure.label}”由{figure.base.printed}变为{figure.value.printed}，"
                "增减幅度较大，请核对口径是否一致",
                (figure.id,), f"增减不超过{thresholds.growth_warning:g}%",
                f"{growth.text.lstrip('+')}%",
            )


def _notes(figures: Figures) -> Iterator[Verdict]:
    comparable = [f for f in figures.values() if f.value.unit != "日期"]
    missing = [f.id for f in comparable if f.base is None]
    if missing:
        base = figures.window.period.same_period_last_year()
        yield _verdict(
            figures, "note", "base_missing",
            f"{len(missing)}个指标没有{base.name}的数，报告中不作同比", missing,
        )
    rounded = [f.id for f in comparable if not f.value.is_exact and f.origin == "填报"]
    if rounded:
        yield _verdict(
            figures, "note", "rounded", f"{len(rounded)}个指标是约数，按区间校验", rounded
        )


def relations_of(id: str) -> tuple[Relation, ...]:
    """Return the relations that a figure takes part in."""
    name = indicator_of(id).id
    return tuple(r for r in declared() if name in r.names)


__all__ = ["Figure", "Relation", "declared", "evaluate", "printed_share", "relations_of"]
