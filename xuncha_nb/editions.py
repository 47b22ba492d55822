"""The public edition of a county's or a region's figures: see :mod:`xuncha_nb.suppression`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xuncha_nb.breakdowns import Round
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.rollup import Member, Rollup
from xuncha_nb.suppression import Hidden, hidden, published


@dataclass(frozen=True)
class Public:
    """What the public edition is made of.

    Attributes
    ----------
    figures : Figures
    rounds : tuple of Round
    rollup : Rollup or None
    left_out : int
        Figures that are left out, with their bases counted apart.
    """

    figures: Figures
    rounds: tuple[Round, ...]
    rollup: Rollup | None
    left_out: int


def public(
    figures: Figures, rounds: Sequence[Round], threshold: int, rollup: Rollup | None = None
) -> Public:
    """Take out of everything that can be printed what the public edition may not print.

    Parameters
    ----------
    figures : Figures
    rounds : sequence of Round
        With the figures of each.
    threshold : int
        Counts of persons and clues from one up to below it are hidden.
    rollup : Rollup, optional
        With the figures of each member.
    """
    scoped = [f for r in rounds for f in r.figures.values()]
    scoped += [f for m in (rollup.members if rollup else ()) for f in m.figures.values()]
    every = {f.id: f for f in (*figures.values(), *scoped)}
    gone = hidden(every, threshold)
    kept = published(every, gone)
    mine = replace(figures, items_by_id=_of(figures.items_by_id, kept))
    shown = tuple(replace(r, figures=_of(r.figures, kept)) for r in rounds)
    whole = None if rollup is None else _rollup(rollup, mine, kept)
    return Public(mine, shown, whole, _count(gone))


def _of(figures: dict[str, Figure], kept: dict[str, Figure]) -> dict[str, Figure]:
    return {name: kept[f.id] for name, f in figures.items() if f.id in kept}


def _rollup(rollup: Rollup, figures: Figures, kept: dict[str, Figure]) -> Rollup:
    members = tuple(_member(member, kept) for member in rollup.members)
    gaps = tuple(gap for gap in rollup.gaps if gap.figure.id in kept)
    return replace(rollup, figures=figures, members=members, gaps=gaps)


def _member(member: Member, kept: dict[str, Figure]) -> Member:
    return replace(member, figures=_of(member.figures, kept))


def _count(gone: Hidden) -> int:
    return len(gone.now) + len(gone.base - gone.now)
