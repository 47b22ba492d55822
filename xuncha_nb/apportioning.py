"""Sets of parts whose shares are printed by a declared method, so that they make exactly 100.

With the method ``plain`` nothing is done here: every share is the quotient, rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from xuncha_nb.figures import Figure, Figures, SetShare
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.intervals import rounded_text
from xuncha_nb.quantities import Quantity
from xuncha_nb.relations import declared
from xuncha_nb.shares import METHODS, apportioned
from xuncha_nb.verdicts import Verdict


def with_set_shares(figures: Figures, method: str, decimals: int) -> Figures:
    """Return the figures with the shares of every complete set printed by the method.

    A set is complete when its parts are known exactly and make its whole. A share that is a
    figure of its own (``form1_share``) gets the method's text; its value stays the quotient.

    Parameters
    ----------
    figures : Figures
    method : str
        A key of :data:`xuncha_nb.shares.METHODS`.
    decimals : int
        Decimals of a share.
    """
    if method == "plain":
        return figures
    changed = dict(figures.items_by_id)
    for parts, whole in _sets(figures):
        texts = apportioned([part.value for part in parts], decimals, method)
        for part, text in zip(parts, texts, strict=bool(texts)):
            plain = rounded_text(part.value.value / whole.value.value * 100, decimals)
            share = Quantity.parse(f"{text}%", "%")
            forced = plain != text
            changed[part.id] = replace(part, set_share=SetShare(whole.id, share, forced))
            own = figures.get(f"{part.id}_share")
            if own is not None and own.origin == "计算":
                said = replace(own.value, text=text)
                changed[own.id] = replace(own, value=said, forced=forced)
    return replace(figures, items_by_id=changed)


def evaluate(figures: Figures, method: str) -> Iterator[Verdict]:
    """Name the shares that the method moved away from their plain rounding."""
    forced = [f for f in figures.values() if f.set_share is not None and f.set_share.forced]
    if forced:
        said = "、".join(
            f"“{f.label}”{f.set_share.share.printed}" for f in forced if f.set_share is not None
        )
        yield figures.verdict(
            "note",
            "share_apportioned",
            f"比重按“{METHODS[method]}”取整，使各项合计为100%，{said}与四舍五入的结果不同",
            [f.id for f in forced],
        )


def _sets(figures: Figures) -> Iterator[tuple[list[Figure], Figure]]:
    for relation in declared():
        if not relation.shares:
            continue
        parts = [figures[id] for id in relation.parts(figures)]
        wholes = [figures[id] for id in relation.whole(figures)]
        if len(parts) < 2 or not wholes or wholes[0].value.value == 0:
            continue
        exact = all(f.value.is_exact for f in (*parts, wholes[0]))
        # A share that a source printed stands; the movements are checked elsewhere.
        printed = any(f.printed_share or f"{f.id}_share" in _reported(figures) for f in parts)
        made = sum((f.value.value for f in parts), Fraction(0))
        if exact and not printed and made == wholes[0].value.value:
            yield parts, wholes[0]


def _reported(figures: Figures) -> set[str]:
    return {id for id in INDICATORS if id in figures and figures[id].origin == "填报"}
