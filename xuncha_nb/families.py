"""Families of figures: which members they can have in a window."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from xuncha_nb.errors import ParameterError
from xuncha_nb.figures import Figure
from xuncha_nb.indicators import INDICATORS, Slices
from xuncha_nb.ledgers import OBJECT_TYPES
from xuncha_nb.periods import Window
from xuncha_nb.verdicts import Verdict


def members(slices: Slices) -> dict[str, tuple[str, ...]]:
    """Return the members each family can have: by the scheme, scale and types in force."""
    allowed: dict[str, tuple[str, ...]] = {"type": OBJECT_TYPES}
    with contextlib.suppress(ParameterError):  # no standard for the period: said elsewhere
        allowed |= {"category": slices.scheme, "grade": slices.grades}
    return {
        id: allowed[indicator.dimension]
        for id, indicator in INDICATORS.items()
        if indicator.dimension in allowed
    }


def unknown_members(
    figures: Mapping[str, Figure], known: Mapping[str, tuple[str, ...]], area: str, window: Window
) -> Iterator[Verdict]:
    """Find members that no standard in force knows: a slip in a reported figure's brackets."""
    for figure in figures.values():
        allowed = known.get(figure.indicator.id)
        if figure.member and allowed and figure.member not in allowed:
            yield Verdict(
                "error",
                "unknown_member",
                f"“{figure.indicator.label}”没有“{figure.member}”这一类，请改正方括号里的类别",
                area,
                str(window.period),
                (figure.id,),
                "、".join(allowed),
                figure.member,
            )
