"""The rounds of a window, each with its dates, state and its own figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from xuncha_nb.computation import Adjusted, compute
from xuncha_nb.document import chinese_number
from xuncha_nb.figures import Figure
from xuncha_nb.indicators import Slices
from xuncha_nb.ledgers import OBJECT_TYPES
from xuncha_nb.ledgers.rows import Rows, day
from xuncha_nb.memory import Memory
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Window
from xuncha_nb.sources import Book

_DATES: Final = (
    "training",
    "mobilization",
    "start",
    "entry",
    "end",
    "group_report",
    "secretary_meeting",
    "feedback_from",
    "feedback_to",
)


@dataclass(frozen=True)
class Team:
    """One team of a round: the units it takes, and when it is in contact with them.

    Attributes
    ----------
    name : str
    unit_names : tuple of str
        Villages and communities left out.
    contact : tuple of date, or None
        First and last contact date that the ledger gives.
    """

    name: str
    unit_names: tuple[str, ...]
    contact: tuple[date, date] | None = None


@dataclass(frozen=True)
class Round:
    """One round as a report tells of it.

    Attributes
    ----------
    id : str
        Identifier of the ledger.
    name : str
        十四届第六轮常规巡察.
    kind, theme, term : str
    number : int
    state : str
        已完成, 正在开展 or 尚未开始, at the cut-off.
    dates : dict of str to date
        Dates of the ledger that are filled in; those after the cut-off are plans and left
        out, except ``end``.
    figures : dict of str to Figure
        By plain identifier; each figure's own id ends in ``@`` and the round's.
    teams : tuple of Team
    unit_names : tuple of str
        Units the round took, villages and communities left out.
    """

    id: str
    name: str
    kind: str
    theme: str
    term: str
    number: int
    state: str
    dates: dict[str, date]
    figures: dict[str, Figure] = field(default_factory=dict)
    teams: tuple[Team, ...] = ()
    unit_names: tuple[str, ...] = ()


def rounds_of(
    book: Book,
    county: str,
    window: Window,
    standards: Standards,
    adjusted: Adjusted | None = None,
    memory: Memory | None = None,
) -> tuple[Round, ...]:
    """Return the rounds that overlap the window, in order of their start.

    Parameters
    ----------
    book, county, window, standards
        As for :func:`xuncha_nb.computation.compute`.
    adjusted : mapping of str to Quantity, optional
        Adjusted values; those whose identifier ends in ``@`` and a round's are the round's.
    memory : Memory, optional
    """
    memory = memory or Memory()
    key = (window, "rounds")
    if key not in memory.plain:
        memory.plain[key] = tuple(_without_figures(book, window, standards, memory))
    shells: tuple[Round, ...] = memory.plain[key]
    rounds = []
    for shell in shells:
        own = {
            id.partition("@")[0]: value
            for id, value in (adjusted or {}).items()
            if id.partition("@")[2] == shell.id
        }
        figures, _ = compute(book, county, window, standards, own, shell.id, memory)
        named = {f.id.partition("@")[0]: f for f in figures.values()}
        rounds.append(replace(shell, figures=named))
    return tuple(rounds)


def _without_figures(
    book: Book, window: Window, standards: Standards, memory: Memory
) -> Iterator[Round]:
    """Yield the rounds with their dates, units and teams, in order of their start."""
    slices = memory.slices.setdefault((window, ""), Slices(book.rows, window, standards))
    if slices.rounds is None:
        return
    for row in slices.rounds.records():
        state = "已完成" if row.end.date() <= window.cutoff else "正在开展"
        yield _round(row, state, window.cutoff, slices.round_units, {})


def coming_round(
    book: Book, county: str, window: Window, standards: Standards, id: str
) -> Round | None:
    """Return a round that had not begun by the cut-off: its task, and its dates as planned.

    Only the figures of the group ``rounds`` are known of it: teams, units, villages.
    """
    rounds = book["rounds"].holding(id=id)
    coming = rounds.where(rounds["start"] > day(window.cutoff))
    row = next(coming.records(), None)
    if row is None:
        return None
    # The first day of the round is the first on which the ledgers count it.
    then = Window(window.period, row.start.date())
    slices = Slices(book.rows, then, standards, id)
    figures, _ = compute(book, county, then, standards, round_id=id)
    known = {id: f for id, f in figures.items() if f.indicator.group == "rounds"}
    return _round(row, "尚未开始", row.end.date(), slices.round_units, known)


def _round(
    row: Any, state: str, told: date, units: Rows | None, figures: Mapping[str, Figure]
) -> Round:
    """Return a round from its ledger row; dates after ``told`` are left out, except the end."""
    known = {n: value.date() for n in _DATES if (value := getattr(row, n)) is not None}
    mine = None if units is None else units.holding(round=row.id)
    objects = [] if mine is None else mine.holding(type=OBJECT_TYPES).filled("name")
    return Round(
        id=str(row.id),
        name=round_name(str(row.term), int(row.number or 0), str(row.kind)),
        kind=str(row.kind),
        theme=row.theme or "",
        term=str(row.term),
        number=int(row.number or 0),
        state=state,
        dates={n: d for n, d in known.items() if d <= told or n == "end"},
        figures={f.id.partition("@")[0]: f for f in figures.values()},
        teams=() if mine is None else tuple(_teams(mine)),
        unit_names=tuple(dict.fromkeys(objects)),
    )


def _teams(taken: Rows) -> Iterator[Team]:
    """Yield the teams of a round in the order of the ledger."""
    for name in dict.fromkeys(taken.filled("team")):
        rows = taken.holding(team=name)
        objects = rows.holding(type=OBJECT_TYPES).filled("name")
        first, last = rows.filled("contact_from"), rows.filled("contact_to")
        contact = (min(first).date(), max(last).date()) if first and last else None
        yield Team(name, tuple(dict.fromkeys(objects)), contact)


def round_name(term: str, number: int, kind: str) -> str:
    """Return a round's name: 十四届第六轮常规巡察, 十四届第七轮巡察“回头看”."""
    if not number:  # a blank cell: a fault of the ledger, and no report is made
        return term
    what = "巡察“回头看”" if kind == "回头看" else f"{kind}巡察"
    return f"{term}第{chinese_number(number)}轮{what}"
