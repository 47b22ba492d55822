"""Which derived figures follow an adjustment."""

from __future__ import annotations

from collections.abc import Iterable

from xuncha_nb.adjustments.model import Adjustment
from xuncha_nb.figures import Figures, indicator_of
from xuncha_nb.indicators import INDICATORS


def follows(adjustments: Iterable[Adjustment], figures: Figures) -> dict[str, list[str]]:
    """Return derived figure → adjusted figures that it is computed from, directly or not.

    Of the whole period: an adjusted figure of one round is not among them.
    """
    changed: dict[str, list[str]] = {}
    for item in adjustments:
        if "@" not in item.figure:
            changed.setdefault(indicator_of(item.figure).id, []).append(item.figure)
    found = {}
    for id, figure in figures.items():
        if figure.indicator.kind == "derived" and figure.origin == "计算":
            needed = _needed(figure.indicator.id)
            if mine := [a for name, ids in changed.items() if name in needed for a in ids]:
                found[id] = mine
    return found


def _needed(id: str) -> set[str]:
    seen: set[str] = set()
    todo = [id]
    while todo:
        name = todo.pop()
        more = set(INDICATORS[name].needs) - seen if name in INDICATORS else set()
        seen |= more
        todo += more
    return seen
