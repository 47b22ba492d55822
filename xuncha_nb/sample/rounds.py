"""The rounds of a sample county's term, their teams, and which unit each team inspects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from xuncha_nb.sample.names import THEMES
from xuncha_nb.sample.units import Unit

#: The ledgers know nothing of later days.
LAST_DAY: Final = date(2024, 12, 31)
#: The day at which coverage should be between a half and three quarters.
HALF_YEAR: Final = date(2024, 6, 30)

#: Month, first and last day of the holidays that fall on the same days every year.
_HOLIDAYS: Final = ((1, 1, 1), (5, 1, 5), (10, 1, 7))
_ORDINALS: Final = "一二三四五六七八"
#: Earliest start of the rounds before the half-year's end, and their weight in units.
_EARLY: Final = (
    (date(2022, 3, 7), 1.0),
    (date(2022, 9, 5), 1.0),
    (date(2023, 2, 27), 1.0),
    (date(2023, 5, 22), 0.6),
    (date(2023, 9, 4), 1.0),
    (date(2024, 2, 26), 1.0),
)
_SPECIAL: Final = 3
_MIDYEAR: Final = date(2024, 5, 13)
_AUTUMN: Final = date(2024, 9, 2)
#: Townships that a round without a theme surely has, as long as any are left.
_TOWNS: Final = 1
#: A round has at most this many objects.
_MOST: Final = 40


@dataclass(frozen=True)
class Visit:
    """A team at a unit."""

    team: str
    unit: Unit
    contact_from: date
    contact_to: date


@dataclass(frozen=True)
class Round:
    """A round with its dates; those after the ledgers' last day are None."""

    id: str
    term: str
    number: int
    kind: str
    level: str
    theme: str | None
    training: date
    mobilization: date
    start: date
    end: date
    group_report: date | None
    secretary_meeting: date | None
    feedback_from: date | None
    feedback_to: date | None
    teams: tuple[str, ...]
    visits: tuple[Visit, ...] = field(default=())

    @property
    def row(self) -> dict[str, object]:
        """The round as a row of the ledger."""
        return {
            "id": self.id,
            "term": self.term,
            "number": self.number,
            "kind": self.kind,
            "level": self.level,
            "theme": self.theme,
            "training": self.training,
            "mobilization": self.mobilization,
            "start": self.start,
            "entry": self.start,
            "end": self.end,
            "group_report": self.group_report,
            "secretary_meeting": self.secretary_meeting,
            "feedback_from": self.feedback_from,
            "feedback_to": self.feedback_to,
        }


@dataclass(frozen=True)
class _Slot:
    """A round before its number is known: kind, theme, start, length, units, team names."""

    kind: str
    theme: str | None
    start: date
    days: int
    units: list[Unit]
    teams: tuple[str, ...]


def workday(day: date) -> date:
    """Return the day, or the next one that is neither on a weekend nor a holiday."""
    while day.weekday() > 4 or any(
        day.month == month and first <= day.day <= last for month, first, last in _HOLIDAYS
    ):
        day += timedelta(days=1)
    return day


def known(day: date) -> date | None:
    """Return the day if the ledgers can know of it, else None."""
    return day if day <= LAST_DAY else None


def make_rounds(units: Sequence[Unit], term: str, rng: Random) -> list[Round]:
    """Return the rounds of the term in the order of their starts."""
    objects = [unit for unit in units if unit.is_object]
    slots = _slots(objects, rng)
    slots.sort(key=lambda slot: (slot.start, slot.kind))
    return [_round(slot, number, term, units, rng) for number, slot in enumerate(slots, 1)]


class _Pool:
    """The objects that no round has inspected yet, in random order."""

    def __init__(self, objects: Sequence[Unit], rng: Random) -> None:
        self._units = rng.sample(objects, len(objects))

    def take(self, count: int, start: date, kind: str = "") -> list[Unit]:
        """Take units off: no unit is inspected twice in a term.

        Without a type asked for, a township comes first, so that most rounds extend to villages.
        """
        fit = [u for u in self._units if u.lasts(start) and (not kind or u.type == kind)]
        if not kind:
            towns = [unit for unit in fit if unit.type == "乡镇"]
            fit = towns[:_TOWNS] + [unit for unit in fit if unit not in towns[:_TOWNS]]
        taken = fit[: min(count, _MOST)]
        gone = {unit.code for unit in taken}
        self._units = [unit for unit in self._units if unit.code not in gone]
        return taken


def _slots(objects: Sequence[Unit], rng: Random) -> list[_Slot]:
    total = sum(1 for unit in objects if unit.valid_to is None)
    pool = _Pool(objects, rng)
    team_count = rng.randint(3, 5)
    done = round(total * rng.uniform(0.55, 0.71))
    weights = [weight * rng.uniform(0.85, 1.15) for _, weight in _EARLY]
    slots: list[_Slot] = []
    # Special rounds choose first: they need units of one type.
    theme, kind, _ = rng.choice(THEMES)
    start = workday(_EARLY[_SPECIAL][0] + timedelta(days=rng.randint(0, 14)))
    wanted = max(4, round(done * weights[_SPECIAL] / sum(weights)))
    special = pool.take(wanted, start, kind)
    slots.append(_Slot("专项", theme, start, rng.randint(44, 55), special, _teams(3)))
    regular = [index for index in range(len(_EARLY)) if index != _SPECIAL]
    left = done - len(special)
    share = left / sum(weights[index] for index in regular)
    for index in regular:
        start = workday(_EARLY[index][0] + timedelta(days=rng.randint(0, 7)))
        taken = pool.take(max(4, round(share * weights[index])), start)
        kind = rng.choice(("常规", "常规", "常规", "提级", "交叉")) if index == 4 else "常规"
        teams = _teams(min(team_count, len(taken)))
        slots.append(_Slot(kind, None, start, rng.randint(50, 60), taken, teams))
    slots.extend(_later(total, team_count, pool, rng))
    slots.append(_look_back(slots, team_count, rng))
    return slots


def _later(total: int, team_count: int, pool: _Pool, rng: Random) -> list[_Slot]:
    """Return the round over the half-year's end (in most counties) and the autumn round."""
    # Three counties in twenty start after the half-year's end.
    first = _MIDYEAR if rng.random() < 0.85 else date(2024, 7, 1)
    start = workday(first + timedelta(days=rng.randint(0, 20)))
    wanted = max(4, round(total * rng.uniform(0.07, 0.1)))
    kind = rng.choice(("常规", "常规", "常规", "专项", "提级", "交叉"))
    theme = None
    taken: list[Unit] = []
    if kind == "专项":
        theme, wanted_type, _ = rng.choice(THEMES)
        taken = pool.take(wanted, start, wanted_type)
        if len(taken) < 4:
            kind, theme = "常规", None
    if kind != "专项":
        taken += pool.take(wanted - len(taken), start)
    midyear = _Slot(
        kind, theme, start, rng.randint(60, 75), taken, _teams(min(team_count, len(taken)))
    )
    start = workday(_AUTUMN + timedelta(days=rng.randint(5, 14)))
    taken = pool.take(max(4, round(total * rng.uniform(0.06, 0.09))), start)
    teams = _teams(min(team_count, len(taken)))
    return [midyear, _Slot("常规", None, start, rng.randint(50, 62), taken, teams)]


def _look_back(slots: Sequence[_Slot], team_count: int, rng: Random) -> _Slot:
    """Return the look-back at units that earlier rounds inspected, by teams of its own."""
    start = date(2023, 9, 4) if rng.random() < 0.7 else date(2024, 6, 3)
    start = workday(start + timedelta(days=rng.randint(0, 7)))
    # A year between the inspection and the look-back leaves time for the rectification.
    seen = [
        unit for slot in slots if slot.start + timedelta(days=300) < start for unit in slot.units
    ]
    taken = rng.sample(seen, min(len(seen), rng.randint(4, 7)))
    # The teams of the round that runs at the same time keep their names.
    teams = _teams(team_count + 1)[team_count:]
    return _Slot("回头看", None, start, rng.randint(40, 45), taken, teams)


def _teams(count: int) -> tuple[str, ...]:
    return tuple(f"第{_ORDINALS[index]}巡察组" for index in range(count))


def _round(slot: _Slot, number: int, term: str, units: Sequence[Unit], rng: Random) -> Round:
    def after(day: date, low: int, high: int) -> date:
        return workday(day + timedelta(days=rng.randint(low, high)))

    end = workday(slot.start + timedelta(days=slot.days))
    mobilization = slot.start - timedelta(days=3 if slot.start.weekday() < 3 else 1)
    mobilization = min(workday(mobilization), slot.start)
    report = after(end, 5, 9)
    meeting = after(report, 3, 6)
    feedback_from = after(meeting, 3, 7)
    feedback_to = after(feedback_from, 2, 5)
    complete = feedback_to <= LAST_DAY
    return Round(
        id=f"{term}-{number}",
        term=term,
        number=number,
        kind=slot.kind,
        level="市" if slot.kind in ("提级", "交叉") else "县",
        theme=slot.theme,
        training=workday(slot.start - timedelta(days=rng.randint(8, 12))),
        mobilization=mobilization,
        start=slot.start,
        end=end,
        group_report=known(report),
        secretary_meeting=known(meeting),
        feedback_from=feedback_from if complete else None,
        feedback_to=feedback_to if complete else None,
        teams=slot.teams,
        visits=tuple(_visits(slot, end, units, rng)),
    )


def _visits(slot: _Slot, end: date, units: Sequence[Unit], rng: Random) -> list[Visit]:
    visits: list[Visit] = []
    span = (end - slot.start).days
    for index, unit in enumerate(slot.units):
        team = slot.teams[index % len(slot.teams)]
        # A team has its units one after the other, in up to three stretches of the round.
        turns = min(3, -(-len(slot.units) // len(slot.teams)))
        turn = index // len(slot.teams) % turns
        first = workday(slot.start + timedelta(days=span * turn // turns))
        last = min(end, slot.start + timedelta(days=span * (turn + 1) // turns))
        visits.append(Visit(team, unit, first, last))
        if unit.type != "乡镇" or slot.kind == "回头看":
            continue
        below = [u for u in units if u.parent == unit.code and u.lasts(slot.start)]
        count = max(2, round(len(below) * rng.uniform(0.4, 1.0)))
        for village in sorted(rng.sample(below, min(count, len(below))), key=lambda u: u.code):
            visits.append(Visit(team, village, first, last))
    return visits
