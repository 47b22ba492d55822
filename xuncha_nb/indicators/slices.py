"""A book seen through a window: the rows of each ledger that belong to a period.

A slice is ``None`` when the ledger does not reach the period: it is empty, or its first row
is dated after the cut-off. Then figures from it are missing. A ledger that had begun by then
and has no row in the period gives no rows, and its counts are reported zeros
(零报告).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from xuncha_nb.ledgers import LEDGERS, OBJECT_TYPES
from xuncha_nb.ledgers.rows import Rows, among, array, day, found, known
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Window


@dataclass(frozen=True)
class Slices:
    """The ledgers of one county in one window.

    Parameters
    ----------
    ledgers : mapping of str to Rows
        All ledgers, as :class:`xuncha_nb.sources.Book` holds them.
    window : Window
    standards : Standards
    round_id : str, optional
        Restrict everything to one round, for a breakdown by round.
    """

    ledgers: Mapping[str, Rows]
    window: Window
    standards: Standards
    round_id: str = ""

    @cached_property
    def _cutoff(self) -> np.datetime64:
        return day(self.window.cutoff)

    @cached_property
    def _start(self) -> np.datetime64:
        return day(self.window.start)

    def _of_round(self, rows: Rows, column: str = "round") -> Rows:
        return rows.holding(**{column: self.round_id}) if self.round_id else rows

    def events(self, ledger: str) -> Rows | None:
        """Return the rows of an event ledger dated from the period's start to the cut-off."""
        rows = self.ledgers[ledger]
        dates = rows[LEDGERS[ledger].by[0]]
        begun = dates <= self._cutoff
        if not begun.any():
            return None
        inside = rows.where(begun & (dates >= self._start))
        return self._of_round(inside) if "round" in rows else inside

    def as_of(self, ledger: str) -> Rows | None:
        """Return the rows of a register that are valid on the cut-off date."""
        rows = self.ledgers[ledger]
        first, last = (rows[name] for name in LEDGERS[ledger].by)
        begun = ~known(first) | (first <= self._cutoff)
        if not begun.any():
            return None
        return rows.where(begun & (~known(last) | (last > self._cutoff)))

    def printed(self, ledger: str) -> dict[str, str] | None:
        """Return figure → printed number of a statistics ledger for the period."""
        rows = self.ledgers[ledger].holding(period=str(self.window.period))
        return dict(zip(rows["figure"], rows["value"], strict=True)) if len(rows) else None

    @cached_property
    def term_rounds(self) -> Rows | None:
        """Rounds of the term in force, started by the cut-off, in order of their start."""
        rounds = self.ledgers["rounds"]
        begun = rounds.where(rounds["start"] <= self._cutoff).sorted_by("start")
        return begun.holding(term=begun["term"][-1]) if len(begun) else None

    @cached_property
    def all_round_units(self) -> Rows | None:
        """Units of every round, whenever it was."""
        rows = self.ledgers["round_units"]
        return rows if len(rows) else None

    @cached_property
    def rounds(self) -> Rows | None:
        """Rounds whose dates overlap the window."""
        rows = self.ledgers["rounds"]
        begun = rows["start"] <= self._cutoff
        if not begun.any():
            return None
        inside = rows.where(begun & (rows["end"] >= self._start))
        return self._of_round(inside.sorted_by("start"), "id")

    def _with_units(self, taken: Rows, rounds: Rows) -> Rows:
        """Return the units that rounds took, with their names and types, and the rounds' dates."""
        taken = taken.where(among(taken["round"], rounds.filled("id")))
        units, codes, ids = self.ledgers["units"], taken["unit"], taken["round"]
        of_unit = {name: _first(units, "code", name) for name in ("name", "type")}
        of_round = {name: _first(rounds, "id", name) for name in ("kind", "start", "end")}
        columns = {name: found(codes, table) for name, table in of_unit.items()}
        columns |= {n: found(ids, t, n != "kind") for n, t in of_round.items()}
        return taken.assign(**columns)

    @cached_property
    def round_units(self) -> Rows | None:
        """Units of the window's rounds, with ``type`` of the unit and ``kind`` of the round."""
        if self.rounds is None or not len(self.ledgers["round_units"]):
            return None
        joined = self._with_units(self.ledgers["round_units"], self.rounds)
        # Rounds took place but not one of their units is listed: not known, rather than none.
        return None if len(self.rounds) and not len(joined) else joined

    @cached_property
    def units(self) -> Rows | None:
        """Units valid on the cut-off date, of the term in force where they name one."""
        valid = self.as_of("units")
        if valid is None or self.term_rounds is None:
            return valid
        terms = valid["term"]
        return valid.where(~known(terms) | (terms == self.term_rounds["term"][-1]))

    @cached_property
    def coverage(self) -> Rows | None:
        """Valid units with ``state``: 'covered', 'in_progress' or 'not_started'.

        Each unit counts once a term; look-backs do not cover (``figures.csv``,
        covered_total). A unit is covered when a round that took it ended by the cut-off.
        """
        if self.units is None or self.term_rounds is None or self.all_round_units is None:
            return None
        taken = self._with_units(self.all_round_units, self.term_rounds)
        taken = taken.where(taken["kind"] != "回头看")
        done = set(taken.where(taken["end"] <= self._cutoff)["unit"])
        running = set(taken.where(taken["end"] > self._cutoff)["unit"]) - done
        states = [
            "covered" if c in done else "in_progress" if c in running else "not_started"
            for c in self.units["code"]
        ]
        return self.units.assign(state=array(states))

    @cached_property
    def objects(self) -> Rows | None:
        """The rows of ``units`` that are inspection objects, villages and communities apart."""
        return None if self.units is None else self.units.holding(type=OBJECT_TYPES)

    @cached_property
    def object_coverage(self) -> Rows | None:
        """The rows of ``coverage`` that are inspection objects."""
        return None if self.coverage is None else self.coverage.holding(type=OBJECT_TYPES)

    @cached_property
    def object_types(self) -> tuple[str, ...]:
        """Types of unit that occur in the register, in the order of their declaration."""
        present = set() if self.objects is None else set(self.objects["type"])
        return tuple(t for t in OBJECT_TYPES if t in present)

    @cached_property
    def activities(self) -> Rows | None:
        """Work done in the window."""
        return self.events("activities")

    @cached_property
    def findings(self) -> Rows | None:
        """Findings of the window, with ``kind`` of their round."""
        rows = self.events("findings")
        if rows is None:
            return None
        return rows.assign(kind=found(rows["round"], _first(self.ledgers["rounds"], "id", "kind")))

    @cached_property
    def findings_fed_back(self) -> Rows | None:
        """Findings of the window that had been fed back by the cut-off."""
        if self.findings is None:
            return None
        return self.findings.where(self.findings["fed_back_on"] <= self._cutoff)

    @cached_property
    def rectification(self) -> Rows | None:
        """Rectification of the findings fed back, with ``state`` and ``overdue`` at the cut-off.

        ``state`` is 完成 only when verified by the cut-off; a row that is 完成 today but was
        verified later was still being rectified then, and counts as 基本完成(正在整改).
        """
        rows = self.ledgers["rectification"]
        if self.findings_fed_back is None or not len(rows):
            return None
        rows = rows.where(among(rows["finding"], self.findings_fed_back.filled("id")))
        if not len(rows) and len(self.findings_fed_back):
            return None
        status = rows["status"]
        late = (status == "完成") & (rows["verified_on"] > self._cutoff)
        state = np.where(late, "基本完成", status)
        overdue = known(state) & (state != "完成") & (rows["deadline"] < self._cutoff)
        return rows.assign(state=state, overdue=overdue)

    @cached_property
    def clues(self) -> Rows | None:
        """Clues found in the window, with ``transferred`` and ``closed`` at the cut-off.

        One cohort for all three, so that closed <= transferred <= found holds by meaning.
        """
        rows = self.events("clues")
        if rows is None:
            return None
        transferred = rows["transferred_on"] <= self._cutoff
        return rows.assign(
            transferred=transferred, closed=transferred & (rows["closed_on"] <= self._cutoff)
        )

    @cached_property
    def assessments(self) -> Rows | None:
        """Political-ecology assessments of the window."""
        return self.events("assessments")

    @cached_property
    def posts(self) -> dict[str, Any] | None:
        """The last snapshot of posts up to the cut-off, blank cells left out."""
        posts = self.ledgers["posts"]
        return posts.where(posts["date"] <= self._cutoff).sorted_by("date").last()

    @cached_property
    def talent_pool(self) -> Rows | None:
        """Members of the pools on the cut-off date."""
        return self.as_of("talent_pool")

    @cached_property
    def trainings(self) -> Rows | None:
        """Trainings held in the window."""
        return self.events("trainings")

    @cached_property
    def rule_documents(self) -> Rows | None:
        """Rule documents issued in the window."""
        return self.events("rule_documents")

    @cached_property
    def tenders(self) -> Rows | None:
        """Tender projects supervised in the window."""
        return self.events("tenders")

    @cached_property
    def supervision(self) -> Rows | None:
        """Supervision checks of the window."""
        return self.events("supervision")

    @cached_property
    def education(self) -> Rows | None:
        """Warning education of the window."""
        return self.events("education")

    @cached_property
    def petition_stats(self) -> dict[str, str] | None:
        """Petition statistics of the period as printed."""
        return self.printed("petition_stats")

    @cached_property
    def discipline_stats(self) -> dict[str, str] | None:
        """Discipline statistics of the period as printed."""
        return self.printed("discipline_stats")

    def _plan_row(self, period: str) -> dict[str, Any] | None:
        return self.ledgers["plan"].holding(period=period).last()

    @cached_property
    def plan(self) -> dict[str, Any] | None:
        """The plan for the period that follows."""
        return self._plan_row(str(self.window.period.following()))

    @cached_property
    def term_plan(self) -> dict[str, Any] | None:
        """The newest plan known for the period or the one after: the term's size, deadline."""
        return self.plan or self._plan_row(str(self.window.period))

    @property
    def decimals(self) -> int:
        """Decimals of a percentage, as the office has chosen."""
        return self.standards.thresholds.percent_decimals

    @cached_property
    def scheme(self) -> tuple[str, ...]:
        """Finding categories in force at the cut-off."""
        return self.standards.scheme(self.window.cutoff).names

    @cached_property
    def grades(self) -> tuple[str, ...]:
        """Assessment grades in force at the cut-off."""
        return self.standards.grades(self.window.cutoff).names


def _first(rows: Rows, key: str, column: str) -> dict[Any, Any]:
    """Return key → cell; the first row of a key that stands twice, which is a fault already."""
    keys, cells = rows[key].tolist(), rows[column].tolist()
    return {k: v for k, v in zip(reversed(keys), reversed(cells), strict=True) if k is not None}
