"""What stays while figures are adjusted, so that a change is there at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xuncha_nb.figures import Figures
from xuncha_nb.indicators import Indicator, Slices
from xuncha_nb.periods import Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.reported import Reported
from xuncha_nb.verdicts import Verdict


@dataclass
class Memory:
    """What a book says before any adjustment, kept while figures are adjusted.

    An adjustment changes no ledger: slices, reported figures and what was counted stand, and
    only what follows from the adjusted figures is computed again.
    """

    slices: dict[tuple[Window, str], Slices] = field(default_factory=dict)
    reported: dict[Window, Reported] = field(default_factory=dict)
    counted: dict[tuple[Window, str], dict[str, Any]] = field(default_factory=dict)
    #: By window and round: what derived functions were given last, and returned.
    derived: dict[tuple[Window, str], dict[str, tuple[tuple[Any, ...], Quantity | None]]] = field(
        default_factory=dict
    )
    #: By window: the figures as computed last. One that has not changed stays the same object,
    #: and knows its change and growth already.
    figures: dict[tuple[Window, str], Figures] = field(default_factory=dict)
    #: What the checks found in rows, by window.
    rows: dict[Window, tuple[Verdict, ...]] = field(default_factory=dict)
    #: Whatever else a caller computes of the unadjusted book, by window and name.
    plain: dict[tuple[Window, str], Any] = field(default_factory=dict)

    def kept(self, key: tuple[Window, str], made: Figures) -> Figures:
        """Return figures with those that have not changed taken from the last time."""
        before = self.figures.get(key)
        if before is not None:
            made.items_by_id.update({id: old for id, old in before.items() if made.get(id) == old})
        self.figures[key] = made
        return made


def followed(
    known: dict[str, tuple[tuple[Any, ...], Quantity | None]],
    indicator: Indicator,
    arguments: dict[str, Any],
) -> Quantity | None:
    """Return what a derived indicator's function returns, without asking it the same twice."""
    now = tuple(arguments.values())
    before = known.get(indicator.id)
    if before is not None and all(map(_same, before[0], now)):
        return before[1]
    value: Quantity | None = indicator.function(**arguments)
    known[indicator.id] = (now, value)
    return value


def _same(one: Any, other: Any) -> bool:
    """Whether two arguments say the same; slices are the same only when they are one object."""
    values = (Quantity, dict)
    return one is other or (isinstance(one, values) and type(one) is type(other) and one == other)
