"""A book seen through a window: the rows of each ledger that belong to a period.

A slice is ``None`` when the ledger does not reach the period: it is empty, or its first row
is dated after the cut-off. Then figures from it are missing. A ledger that had begun by then
and has no row in the period gives an empty frame, and its counts are reported zeros
(零报告).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from xuncha_nb.ledgers import LEDGERS, OBJECT_TYPES
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Window


@dataclass(frozen=True)
class Slices:
    """The ledgers of one county in one window.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        All ledgers, as :class:`xuncha_nb.sources.Book` holds them.
    window : Window
    standards : Standards
    round_id : str, optional
        Restrict everything to one round, for a breakdown by round.
    """

    frames: Mapping[str, pd.DataFrame]
    window: Window
    standards: Standards
    round_id: str = ""

    @cached_property
    def _cutoff(self) -> Any:
        return pd.Timestamp(self.window.cutoff)

    @cached_property
    def _start(self) -> Any:
        return pd.Timestamp(self.window.start)

    def _of_round(self, frame: pd.DataFrame, column: str = "round") -> pd.DataFrame:
        return frame[frame[column] == self.round_id] if self.round_id else frame

    def events(self, ledger: str) -> pd.DataFrame | None:
        """Return the rows of an event ledger dated from the period's start to the cut-off."""
        frame = self.frames[ledger]
        dates = frame[LEDGERS[ledger].by[0]]
        if frame.empty or not (dates <= self._cutoff).any():
            return None
        inside: pd.DataFrame = frame[(dates >= self._start) & (dates <= self._cutoff)]
        return self._of_round(inside) if "round" in frame.columns else inside

    def as_of(self, ledger: str) -> pd.DataFrame | None:
        """Return the rows of a register that are valid on the cut-off date."""
        frame = self.frames[ledger]
        first, last = (frame[name] for name in LEDGERS[ledger].by)
        begun = first.isna() | (first <= self._cutoff)
        if not begun.any():
            return None
        valid: pd.DataFrame = frame[begun & (last.isna() | (last > self._cutoff))]
        return valid

    def printed(self, ledger: str) -> dict[str, str] | None:
        """Return figure → printed number of a statistics ledger for the period."""
        frame = self.frames[ledger]
        rows = frame[frame["period"] == str(self.window.period)]
        return None if rows.empty else dict(zip(rows["figure"], rows["value"], strict=True))

    @cached_property
    def term_rounds(self) -> pd.DataFrame | None:
        """Rounds of the term in force, started by the cut-off, in order of their start."""
        frame = self.frames["rounds"]
        begun = frame[frame["start"] <= self._cutoff].sort_values("start", kind="stable")
        if begun.empty:
            return None
        current: pd.DataFrame = begun[begun["term"] == begun["term"].iloc[-1]]
        return current

    @cached_property
    def all_round_units(self) -> pd.DataFrame | None:
        """Units of every round, whenever it was."""
        frame = self.frames["round_units"]
        return None if frame.empty else frame

    @cached_property
    def rounds(self) -> pd.DataFrame | None:
        """Rounds whose dates overlap the window."""
        frame = self.frames["rounds"]
        if frame.empty or not (frame["start"] <= self._cutoff).any():
            return None
        inside = frame[(frame["start"] <= self._cutoff) & (frame["end"] >= self._start)]
        return self._of_round(inside.sort_values("start", kind="stable"), "id")

    def _with_units(self, frame: pd.DataFrame, rounds: pd.DataFrame) -> pd.DataFrame:
        units = self.frames["units"][["code", "name", "type"]]
        joined = frame.merge(units, how="left", left_on="unit", right_on="code")
        kinds = rounds[["id", "kind", "start", "end"]]
        return joined.merge(kinds, how="inner", left_on="round", right_on="id")

    @cached_property
    def round_units(self) -> pd.DataFrame | None:
        """Units of the window's rounds, with ``type`` of the unit and ``kind`` of the round."""
        if self.rounds is None or self.frames["round_units"].empty:
            return None
        joined = self._with_units(self.frames["round_units"], self.rounds)
        # Rounds took place but not one of their units is listed: not known, rather than none.
        return None if len(self.rounds) and joined.empty else joined

    @cached_property
    def units(self) -> pd.DataFrame | None:
        """Units valid on the cut-off date, of the term in force where they name one."""
        valid = self.as_of("units")
        if valid is None:
            return None
        if self.term_rounds is not None:
            term = self.term_rounds["term"].iloc[-1]
            valid = valid[valid["term"].isna() | (valid["term"] == term)]
        return valid

    @cached_property
    def coverage(self) -> pd.DataFrame | None:
        """Valid units with ``state``: 'covered', 'in_progress' or 'not_started'.

        Each unit counts once a term; look-backs do not cover (``figures.csv``,
        covered_total). A unit is covered when a round that took it ended by the cut-off.
        """
        if self.units is None or self.term_rounds is None or self.frames["round_units"].empty:
            return None
        taken = self._with_units(self.frames["round_units"], self.term_rounds)
        taken = taken[taken["kind"] != "回头看"]
        done = set(taken.loc[taken["end"] <= self._cutoff, "unit"])
        running = set(taken.loc[taken["end"] > self._cutoff, "unit"]) - done
        codes = self.units["code"]
        state = codes.map(
            lambda c: "covered" if c in done else "in_progress" if c in running else "not_started"
        )
        return self.units.assign(state=state)

    @cached_property
    def objects(self) -> pd.DataFrame | None:
        """The rows of ``units`` that are inspection objects, villages and communities apart."""
        if self.units is None:
            return None
        return self.units[self.units["type"].isin(OBJECT_TYPES)]

    @cached_property
    def object_coverage(self) -> pd.DataFrame | None:
        """The rows of ``coverage`` that are inspection objects."""
        if self.coverage is None:
            return None
        return self.coverage[self.coverage["type"].isin(OBJECT_TYPES)]

    @cached_property
    def object_types(self) -> tuple[str, ...]:
        """Types of unit that occur in the register, in the order of their declaration."""
        present = set() if self.objects is None else set(self.objects["type"])
        return tuple(t for t in OBJECT_TYPES if t in present)

    @cached_property
    def activities(self) -> pd.DataFrame | None:
        """Work done in the window."""
        return self.events("activities")

    @cached_property
    def findings(self) -> pd.DataFrame | None:
        """Findings of the window, with ``kind`` of their round."""
        frame = self.events("findings")
        if frame is None:
            return None
        kinds = self.frames["rounds"][["id", "kind"]].rename(columns={"id": "round"})
        return frame.merge(kinds, how="left", on="round")

    @cached_property
    def findings_fed_back(self) -> pd.DataFrame | None:
        """Findings of the window that had been fed back by the cut-off."""
        if self.findings is None:
            return None
        fed_back: pd.DataFrame = self.findings[self.findings["fed_back_on"] <= self._cutoff]
        return fed_back

    @cached_property
    def rectification(self) -> pd.DataFrame | None:
        """Rectification of the findings fed back, with ``state`` and ``overdue`` at the cut-off.

        ``state`` is 完成 only when verified by the cut-off; a row that is 完成 today but was
        verified later was still being rectified then, and counts as 基本完成(正在整改).
        """
        frame = self.frames["rectification"]
        if self.findings_fed_back is None or frame.empty:
            return None
        rows = frame[frame["finding"].isin(self.findings_fed_back["id"])]
        if rows.empty and len(self.findings_fed_back):
            return None
        done = rows["status"] == "完成"
        late = done & (rows["verified_on"] > self._cutoff).fillna(False)
        state = rows["status"].where(~late, "基本完成")
        overdue = (state != "完成") & (rows["deadline"] < self._cutoff).fillna(False)
        return rows.assign(state=state, overdue=overdue)

    @cached_property
    def clues(self) -> pd.DataFrame | None:
        """Clues found in the window, with ``transferred`` and ``closed`` at the cut-off.

        One cohort for all three, so that closed <= transferred <= found holds by meaning.
        """
        frame = self.events("clues")
        if frame is None:
            return None
        transferred = (frame["transferred_on"] <= self._cutoff).fillna(False)
        closed = transferred & (frame["closed_on"] <= self._cutoff).fillna(False)
        return frame.assign(transferred=transferred, closed=closed)

    @cached_property
    def assessments(self) -> pd.DataFrame | None:
        """Political-ecology assessments of the window."""
        return self.events("assessments")

    @cached_property
    def posts(self) -> dict[str, Any] | None:
        """The last snapshot of posts up to the cut-off, blank cells left out."""
        frame = self.frames["posts"]
        known = frame[frame["date"] <= self._cutoff].sort_values("date", kind="stable")
        if known.empty:
            return None
        return {str(k): v for k, v in known.iloc[-1].items() if pd.notna(v)}

    @cached_property
    def talent_pool(self) -> pd.DataFrame | None:
        """Members of the pools on the cut-off date."""
        return self.as_of("talent_pool")

    @cached_property
    def trainings(self) -> pd.DataFrame | None:
        """Trainings held in the window."""
        return self.events("trainings")

    @cached_property
    def rule_documents(self) -> pd.DataFrame | None:
        """Rule documents issued in the window."""
        return self.events("rule_documents")

    @cached_property
    def tenders(self) -> pd.DataFrame | None:
        """Tender projects supervised in the window."""
        return self.events("tenders")

    @cached_property
    def supervision(self) -> pd.DataFrame | None:
        """Supervision checks of the window."""
        return self.events("supervision")

    @cached_property
    def education(self) -> pd.DataFrame | None:
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
        frame = self.frames["plan"]
        rows = frame[frame["period"] == period]
        if rows.empty:
            return None
        return {str(k): v for k, v in rows.iloc[-1].items() if pd.notna(v)}

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
