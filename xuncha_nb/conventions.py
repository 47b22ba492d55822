"""Conventions by which figures are counted: a base counted by another one is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xuncha_nb.figures import Figures
from xuncha_nb.ledgers.statistics import DECLARATIONS
from xuncha_nb.verdicts import Verdict


def changed(figures: Figures, before: Mapping[str, str]) -> Iterator[Verdict]:
    """Warn of figures whose base was counted by another convention."""
    for id, declaration in DECLARATIONS.items():
        now, then = figures.declared.get(id), before.get(id)
        ids = [f for f in declaration.figures if f in figures and figures[f].base is not None]
        if now and then and now != then and ids:
            labels = "、".join(f"“{figures[f].label}”" for f in ids)
            yield figures.verdict(
                "warning",
                "convention_changed",
                f"“{declaration.label}”与去年同期不同，{labels}不可比，请统一口径或不作同比",
                ids,
                declaration.values[then],
                declaration.values[now],
            )
