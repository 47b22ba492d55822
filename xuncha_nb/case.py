"""One document about one county and period: from a book and adjustments to a report.

The batch makes one report of it; the panel makes another with every change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from xuncha_nb import areas, sources, workspace
from xuncha_nb.adjustments import store, trial
from xuncha_nb.adjustments.model import Adjustment, State
from xuncha_nb.breakdowns import Round, coming_round
from xuncha_nb.checks import has_data
from xuncha_nb.course import COVERED, Course, course_of
from xuncha_nb.editions import public
from xuncha_nb.errors import CheckError, ParameterError
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.ledgers.rows import day
from xuncha_nb.material import Material
from xuncha_nb.memory import Memory
from xuncha_nb.parameters import RunParameters, Standards
from xuncha_nb.periods import Window
from xuncha_nb.report import Report
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict, errors, in_order


@dataclass(frozen=True)
class Case:
    """What a report is made of, adjustments aside.

    Attributes
    ----------
    notebook : str
    parameters : RunParameters
    book : Book
    standards : Standards
    round : str
        Identifier of the round that the document is about; empty for the period's latest.
    memory : Memory
        What the book says before any adjustment.
    """

    notebook: str
    parameters: RunParameters
    book: Book
    standards: Standards
    round: str = ""
    memory: Memory = field(default_factory=Memory, compare=False)

    @property
    def window(self) -> Window:
        """Period and cut-off; a document about a round stands at its mobilisation.

        Raises
        ------
        ParameterError
            If the round asked for is none of the period's.
        """
        window = self.parameters.window()
        if not self.round:
            return window
        return _at_mobilisation(self.book, self.round, window, bool(self.parameters.cutoff))

    @property
    def has_data(self) -> bool:
        """Whether the book says anything about the period."""
        area = areas.find(self.parameters.county)
        names = [self.parameters.county] + ([area.name, area.code] if area else [])
        return bool(errors(self.book.verdicts)) or has_data(self.book, names, self.window)

    @property
    def path(self) -> Path | None:
        """The adjustments file; None when adjusting is switched off.

        The parameter ``adjustments`` names a file; empty, it is the workspace's file of the
        county and period; ``无`` switches adjusting off.

        Raises
        ------
        SourceError
            If a file is named that does not exist.
        """
        if self.parameters.adjustments == store.NONE:
            return None
        if self.parameters.adjustments:
            return sources.locate(self.parameters.adjustments, self.parameters.county)
        return store.standard_path(self.parameters.county, self.window)

    def saved(self) -> store.Snapshot:
        """Return what the adjustments file says."""
        path = self.path
        return store.Snapshot(State()) if path is None else store.read(path)

    def outcome(self, adjustments: tuple[Adjustment, ...]) -> trial.Outcome:
        """Compute, adjust and check.

        A period that the book says nothing about has no figures: not one zero is made of
        missing data.
        """
        if self.has_data:
            return trial.outcome(
                self.book,
                self.parameters.county,
                self.window,
                self.standards,
                adjustments,
                self.memory,
            )
        area = areas.find(self.parameters.county)
        county = self.parameters.county
        empty = Figures(county, area.name if area else county, self.window)
        return trial.Outcome(empty, (), (_without_data(self.book, empty),), (), (), {})

    def report(
        self, tried: trial.Outcome, saved: store.Snapshot, state: State, unsaved: int = 0
    ) -> Report:
        """Return the report of an outcome; nothing of it is shown yet.

        Parameters
        ----------
        tried : Outcome
            The figures.
        saved : Snapshot
            The adjustments file, for what is to be said of it.
        state : State
            What it says, or is about to say: the charts' looks are taken from it.
        unsaved : int
            Number of changes that are not saved.
        """
        figures, rounds = tried.figures, tried.rounds
        verdicts = in_order([*tried.verdicts, *_said_of_file(saved, figures)])
        if self.parameters.edition == "公开":
            made = public(*_published(figures, rounds), self.standards.thresholds.small_count)
            figures, rounds = made.figures, made.rounds
            # What a check says names the numbers that are left out.
            verdicts = errors(verdicts)
        coming = None
        if self.round and self.has_data:
            county = self.parameters.county
            coming = coming_round(self.book, county, self.window, self.standards, self.round)
        path, adjusted_from = self.path, {}
        if path is not None and saved.digest:
            adjusted_from = {"name": workspace.display_path(path), "sha256": saved.digest}
        material = Material(
            self.notebook,
            self.parameters,
            self.book,
            figures,
            rounds,
            tuple(verdicts),
            self.standards,
            tried.applied,
            adjusted_from,
            self._course(figures),
            coming or next((r for r in rounds if r.id == self.round), None),
            self.has_data,
            memory=self.memory,
        )
        return Report(material, looks=state.charts, unsaved=unsaved)

    def _course(self, figures: Figures) -> Course | None:
        """Return the course of coverage, which is counted in the ledgers and never adjusted."""
        key = (figures.window, f"course {COVERED in figures}")
        if key not in self.memory.plain:
            course = course_of(self.book, figures, self.standards) if self.has_data else None
            self.memory.plain[key] = course
        made: Course | None = self.memory.plain[key]
        return made

    def finished(self) -> Report:
        """Return the report with the saved adjustments.

        Raises
        ------
        CheckError
            If the check finds errors; carries all findings.
        ParameterError
            If the adjustments file is not one.
        """
        saved = self.saved()
        if saved.fault:
            raise ParameterError(saved.fault)
        tried = self.outcome(saved.state.adjustments)
        if errors(tried.verdicts):
            raise CheckError(tried.verdicts)
        return self.report(tried, saved, saved.state)


def _at_mobilisation(book: Book, round: str, window: Window, told: bool) -> Window:
    """Return the window of a document about one round: up to its mobilisation, unless told.

    Raises
    ------
    ParameterError
        If the ledger has no such round, or it does not touch the period.
    """
    ledger = book["rounds"]
    first, last = day(window.start), day(window.period.end)
    inside = ledger.where((ledger["start"] <= last) & (ledger["end"] >= first))
    row = next(inside.holding(id=round).records(), None)
    if row is None:
        known = "、".join(inside.filled("id")) or "（无）"
        raise ParameterError(
            f"{book.name}：{window.period.name}没有轮次“{round}”，"
            f"应为该期间的轮次编号：{known}，请改正 round"
        )
    if told:
        return window
    mobilised = (row.mobilization or row.start).date()
    return Window(window.period, mobilised) if mobilised in window.period else window


def _without_data(book: Book, figures: Figures) -> Verdict:
    """Say that the book says nothing about the period, and about which it does."""
    periods = "、".join(str(p) for p in sources.periods_in(book)[-6:]) or "（无）"
    name = figures.window.period.name
    return figures.verdict(
        "warning",
        "no_data",
        f"{book.name}：没有{figures.county_name}{name}的数据，报告只说明这一情况、不列数字；"
        f"有数据的期间为 {periods}，请核对 period 或 county，或补填台账",
        (),
    )


def _said_of_file(saved: store.Snapshot, figures: Figures) -> Iterator[Verdict]:
    """Warn of an adjustments file that was changed past the panel, or whose history was."""
    if saved.history.entries and saved.by_hand:
        yield figures.verdict(
            "warning",
            "adjustments_by_hand",
            "调整文件在面板之外改过，这次修改没有留下历史，请核对后在面板里重新保存",
            (),
        )
    if saved.history.broken:
        yield figures.verdict(
            "warning",
            "adjustments_history",
            f"调整历史第{saved.history.broken}行被改动或缺失，历史不能作为依据，请查明",
            (),
        )


def _published(figures: Figures, rounds: tuple[Round, ...]) -> tuple[Figures, tuple[Round, ...]]:
    """Return the figures as the public edition carries them: adjusted, without the original."""

    def plain(figure: Figure) -> Figure:
        if figure.origin != "调整":
            return figure
        return replace(figure, original=None, origin="台账" if figure.rows else "填报")

    return (
        replace(figures, items_by_id={id: plain(f) for id, f in figures.items()}),
        tuple(replace(r, figures={id: plain(f) for id, f in r.figures.items()}) for r in rounds),
    )
