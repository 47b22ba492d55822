"""Adjustments whose source has changed since: never applied silently.

An adjustment corrects a number that the source gave. When the source gives another number
today, nobody knows whether the correction still holds: it is left out and reported with the
old number of the source, the new one and the adjusted one, until somebody confirms or drops
it. When only other parts of the source have changed, it is applied, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from xuncha_nb.adjustments.model import Adjustment
from xuncha_nb.figures import Figure, Figures, indicator_of
from xuncha_nb.verdicts import Verdict

#: How a message says that the source has no number.
NO_DATA: Final = "没有数据"


@dataclass(frozen=True)
class Stale:
    """An adjustment that no longer meets its source; ``now`` is empty for no data."""

    adjustment: Adjustment
    now: str

    def verdict(self, figures: Figures) -> Verdict:
        """Return the error that a report stops with."""
        item = self.adjustment
        return figures.verdict(
            "error",
            "adjustment_stale",
            f"“{label_of(item.figure, figures)}”的来源数在调整后变了：调整时来源为 "
            f"{item.original or NO_DATA}，现在为 {self.now or NO_DATA}，调整值为 {item.adjusted}；"
            "请在面板或用 xuncha adjust 确认保留或删去这条调整",
            (item.figure,),
        )


def sift(
    adjustments: Iterable[Adjustment], known: Mapping[str, Figure]
) -> tuple[tuple[Adjustment, ...], tuple[Stale, ...]]:
    """Part adjustments into those that meet their source and those that do not.

    Parameters
    ----------
    adjustments : iterable of Adjustment
    known : mapping of str to Figure
        Every figure as the source gives it, unadjusted; those of rounds by their full name.
    """
    fresh, stale = [], []
    for item in adjustments:
        figure = known.get(item.figure)
        now = "" if figure is None else figure.value.text
        if now == item.original:
            fresh.append(item)
        else:
            stale.append(Stale(item, now))
    return tuple(fresh), tuple(stale)


def moved_sources(
    fresh: Iterable[Adjustment], figures: Figures, fingerprint: str
) -> Iterable[Verdict]:
    """Note adjustments that still meet a source of which other parts have changed."""
    moved = [item for item in fresh if item.fingerprint not in ("", fingerprint)]
    if moved:
        labels = "、".join(f"“{label_of(item.figure, figures)}”" for item in moved)
        yield figures.verdict(
            "note",
            "adjustment_source_changed",
            f"来源文件在调整后变过，{labels}的来源数没有变，调整继续采用",
            [item.figure for item in moved],
        )


def label_of(figure: str, figures: Mapping[str, Figure]) -> str:
    """Return the Chinese name of a figure, known or not, with its member and round."""
    id, _, scope = figure.partition("@")
    member = id.partition("[")[2].removesuffix("]")
    label = indicator_of(id).label
    if member:
        label = f"{label.partition('（')[0]}：{member}"
    return f"{label}（{scope}）" if scope else label
