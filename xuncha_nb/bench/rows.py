"""What the panel shows of each figure: plain data, made anew with every change."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from xuncha_nb.adjustments.desk import Desk
from xuncha_nb.breakdowns import Round
from xuncha_nb.dictionary import GROUP_NAMES
from xuncha_nb.figures import Figure
from xuncha_nb.indicators import INDICATORS, Indicator
from xuncha_nb.relations import Relation, relations_of
from xuncha_nb.verdicts import Verdict, errors


def rows(desk: Desk) -> list[dict[str, Any]]:
    """Return a row a figure, in the order of the dictionary.

    Returns
    -------
    list of dict
        ``id, label, unit, group, base`` (whether it can be edited), ``source, before, value``
        (as printed; empty if not known), ``text, reason`` (as typed), ``state``, ``fault``,
        ``saved``, ``stale``, ``relations`` (text and whether it holds), ``rounds`` (rows).
    """
    tried = desk.tried
    broken = _broken(tried.verdicts)
    by_round = {r.id: r.name for r in tried.rounds}
    known = {id: f for id, f in tried.known.items() if "@" not in id}
    return [
        _row(desk, id, indicator, known, broken)
        | {"rounds": list(_rounds(desk, id, tried.rounds, by_round))}
        for id, indicator in _subjects(known)
    ]


def _subjects(known: Mapping[str, Figure]) -> Iterator[tuple[str, Indicator]]:
    """Yield what can stand in a row: known figures, and missing ones that could be given."""
    members: dict[str, list[str]] = {}
    for id, figure in known.items():
        members.setdefault(figure.indicator.id, []).append(id)
    for id, indicator in INDICATORS.items():
        if indicator.unit == "日期":
            continue
        if id in members:
            yield from ((each, indicator) for each in members[id])
        elif indicator.kind == "base" and not indicator.dimension:
            yield id, indicator


def _row(
    desk: Desk,
    id: str,
    indicator: Indicator,
    known: Mapping[str, Figure],
    broken: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    figure, source = known.get(id), desk.tried.source.get(id)
    edit, saved = desk.edits.get(id), desk.snapshot.state.figures().get(id)
    stale = next((s for s in desk.tried.stale if s.adjustment.figure == id), None)
    said = [
        {"text": _text(r), "holds": (r.rule, id) not in broken, "why": broken.get((r.rule, id), "")}
        for r in relations_of(id)
    ]
    own = [why for (rule, figure_id), why in broken.items() if figure_id == id]
    if id in desk.faults:
        state = "fault"
    elif own:
        state = "broken"
    elif edit is not None:
        state = "edited"
    elif stale is not None:
        state = "stale"
    elif saved is not None:
        state = "saved"
    else:
        state = "follows" if figure and source and figure.value != source.value else ""
    label = figure.label if figure else indicator.label
    return {
        "id": id,
        "label": label,
        "unit": "" if indicator.unit == "日期" else indicator.unit,
        "group": GROUP_NAMES[indicator.group],
        "base": indicator.kind == "base",
        "source": source.value.text if source else "",
        "before": figure.base.text if figure and figure.base else "",
        "value": figure.value.text if figure else "",
        "text": edit.text if edit else saved.adjusted if saved and not stale else "",
        "reason": edit.reason if edit else saved.reason if saved else "",
        "dropped": edit is not None and not edit.text,
        "state": state,
        "fault": desk.faults.get(id, ""),
        "why": own,
        "definition": indicator.definition,
        "saved": saved.model_dump() if saved else None,
        "stale": {"original": stale.adjustment.original, "now": stale.now,
                  "adjusted": stale.adjustment.adjusted} if stale else None,
        "relations": said,
    }  # fmt: skip


def _rounds(
    desk: Desk, id: str, rounds: Iterable[Round], names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the part that each round has in a base figure."""
    for item in rounds:
        figure = item.figures.get(id)
        if figure is None or figure.indicator.kind != "base" or figure.value.unit == "日期":
            continue
        full = figure.id
        edit, saved = desk.edits.get(full), desk.snapshot.state.figures().get(full)
        source = desk.tried.source.get(full)
        yield {
            "id": full,
            "label": names[item.id],
            "unit": figure.unit,
            "source": source.value.text if source else "",
            "value": figure.value.text,
            "text": edit.text if edit else saved.adjusted if saved else "",
            "reason": edit.reason if edit else saved.reason if saved else "",
            "fault": desk.faults.get(full, ""),
            "state": "fault" if full in desk.faults else "edited" if edit else
                     "saved" if saved else "",
        }  # fmt: skip


def _broken(verdicts: Iterable[Verdict]) -> dict[tuple[str, str], str]:
    """Return (rule, figure) → what is wrong."""
    found: dict[tuple[str, str], str] = {}
    for verdict in errors(verdicts):
        if verdict.rule != "adjustment_stale":
            for id in verdict.figures:
                tail = (
                    f"（应为{verdict.expected}，实为{verdict.found}）" if verdict.expected else ""
                )
                found.setdefault((verdict.rule, id), f"{verdict.message}{tail}")
    return found


_SIGNS: Final[dict[type[ast.operator], str]] = {ast.Add: "+", ast.Sub: "−", ast.Div: "÷"}


@cache
def _text(relation: Relation) -> str:
    """Return a relation in the figures\' own names."""
    sign = "=" if relation.equal else "≤"
    return f"{_side(relation.left)} {sign} {_side(relation.right)}"


def _side(node: ast.expr) -> str:
    match node:
        case ast.Name(id=id):
            return INDICATORS[id].label
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=id)]):
            return f"{INDICATORS[id].label.partition('（')[0]}各类之和"
        case ast.Call(args=[ast.Name(id=id)]):
            return f"{INDICATORS[id].label.partition('（')[0]}（逐类）"
        case ast.BinOp(left=left, op=op, right=right):
            sign = _SIGNS[type(op)]
            return f"{_side(left)} {sign} {_side(right)}"
        case _:
            return ""
