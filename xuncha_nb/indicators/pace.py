"""How fast the term's rounds have covered units: the steps so far, and the pace they set."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from xuncha_nb.ledgers.rows import among, day

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows


@dataclass(frozen=True)
class Step:
    """What one finished round, or several that ended together, newly covered.

    Attributes
    ----------
    rounds : tuple of str
        Identifiers of the rounds.
    end : date
        The day they ended.
    units : int
        Units covered for the first time in the term.
    teams : int
        Teams that took them.
    """

    rounds: tuple[str, ...]
    end: date
    units: int
    teams: int


@dataclass(frozen=True)
class Pace:
    """How fast the term's finished rounds covered units.

    Attributes
    ----------
    rates : tuple of Fraction
        Units newly covered a day, per finished round: its units over the days since the
        previous finished round ended (since its own start, for the first).
    units_per_team : Fraction
        Units a team takes in a round, on average.
    cycle_days : Fraction
        Days from one finished round's end to the next, on average.
    """

    rates: tuple[Fraction, ...]
    units_per_team: Fraction
    cycle_days: Fraction


def steps(term_rounds: Rows, round_units: Rows, codes: set[str], cutoff: date) -> tuple[Step, ...]:
    """Return what each finished round of the term newly covered, in order of their ends.

    Rounds that end together are one step. Look-backs and rounds that covered nothing new are
    no step: ``covered_total`` counts every unit once a term and leaves look-backs out.

    Parameters
    ----------
    term_rounds : Rows
        ``id``, ``kind``, ``end``.
    round_units : Rows
        ``round``, ``unit``, ``team``.
    codes : set of str
        Inspection objects valid on the cut-off date.
    cutoff : date
    """
    seen: set[str] = set()
    made: list[Step] = []
    for row in _finished(term_rounds, cutoff).records():
        rows = round_units.holding(round=row.id)
        rows = rows.where(among(rows["unit"], codes))
        new = set(rows["unit"]) - seen
        seen |= new
        if not new:
            continue
        step = Step((str(row.id),), row.end.date(), len(new), max(1, len(set(rows.filled("team")))))
        if made and made[-1].end == step.end:
            last = made.pop()
            step = Step(
                last.rounds + step.rounds,
                step.end,
                last.units + step.units,
                last.teams + step.teams,
            )
        made.append(step)
    return tuple(made)


def begun(term_rounds: Rows, cutoff: date) -> date | None:
    """Return the day on which the first of the term's finished rounds began."""
    finished = _finished(term_rounds, cutoff)
    starts = finished.filled("start")
    return min(starts).date() if starts else None


def pace(term_rounds: Rows, round_units: Rows, codes: set[str], cutoff: date) -> Pace | None:
    """Measure the pace of the finished rounds; None for fewer than two steps.

    The days of a round that is no step fall to the next round that is one.
    """
    made = steps(term_rounds, round_units, codes, cutoff)
    begin = begun(term_rounds, cutoff)
    if begin is None or len(made) < 2:
        return None
    ends = [begin, *(step.end for step in made)]
    days = [max(1, (b - a).days) for a, b in itertools.pairwise(ends)]
    rates = tuple(Fraction(step.units, d) for step, d in zip(made, days, strict=True))
    covered, teams = sum(step.units for step in made), sum(step.teams for step in made)
    return Pace(rates, Fraction(covered, teams), Fraction(sum(days), len(days)))


def _finished(term_rounds: Rows, cutoff: date) -> Rows:
    over = (term_rounds["end"] <= day(cutoff)) & (term_rounds["kind"] != "回头看")
    return term_rounds.where(over).sorted_by("end")
