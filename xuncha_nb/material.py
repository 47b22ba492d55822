"""What a report is made of: its figures, and what explains them. Nothing of it is shown yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xuncha_nb.adjustments.model import Adjustment
from xuncha_nb.breakdowns import Round
from xuncha_nb.course import Course
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.memory import Memory
from xuncha_nb.parameters import RunParameters, Standards
from xuncha_nb.rollup import Member, Rollup
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict


@dataclass(frozen=True)
class Material:
    """What one report is made of.

    Attributes
    ----------
    notebook : str
        Name of the notebook.
    parameters : RunParameters
    book : Book
    figures : Figures
        Every known figure of the whole period.
    rounds : tuple of Round
        The rounds of the period with their own figures.
    verdicts : tuple of Verdict
        Warnings and notes of the check.
    standards : Standards
    adjustments : tuple of Adjustment
        Those that the figures follow.
    adjusted_from : mapping of str to str
        Name and SHA-256 of the adjustments file.
    course : Course, optional
        Coverage over time.
    chosen : Round, optional
        The round that the document is about, when that is not the period's latest.
    has_data : bool
        Whether the book says anything about the period.
    rollup : Rollup, optional
        The counties of a region.
    memory : Memory
        What is already known of the book.
    """

    notebook: str
    parameters: RunParameters
    book: Book
    figures: Figures
    rounds: tuple[Round, ...]
    verdicts: tuple[Verdict, ...]
    standards: Standards
    adjustments: tuple[Adjustment, ...] = ()
    adjusted_from: Mapping[str, str] = field(default_factory=dict)
    course: Course | None = None
    chosen: Round | None = None
    has_data: bool = True
    rollup: Rollup | None = None
    memory: Memory = field(default_factory=Memory, compare=False)

    @property
    def is_public(self) -> bool:
        """Whether small counts are left out."""
        return self.parameters.edition == "公开"

    @property
    def round(self) -> Round | None:
        """The round that the document is about: the chosen one, or the period's latest."""
        return self.chosen or (self.rounds[-1] if self.rounds else None)

    @property
    def told_rounds(self) -> tuple[Round, ...]:
        """The period's rounds, and the one to come if the document is about it."""
        about = self.round
        return self.rounds if about is None or about in self.rounds else (*self.rounds, about)

    @property
    def members(self) -> tuple[Member, ...]:
        """The counties of a region."""
        return self.rollup.members if self.rollup is not None else ()

    @cached_property
    def own_figures(self) -> Mapping[str, Figure]:
        """The figures of the whole and of its rounds, by identifier."""
        rounds = (f for r in self.told_rounds for f in r.figures.values())
        return dict(self.figures) | {f.id: f for f in rounds}

    @cached_property
    def marked(self) -> frozenset[str]:
        """The figures that the internal edition marks as adjusted."""
        known = {} if self.is_public else self.own_figures
        return frozenset(id for id, f in known.items() if f.origin == "调整")

    @property
    def all_figures(self) -> list[Figure]:
        """Every figure that a piece may print: of the whole, rounds, course and members."""
        return [
            *self.figures.values(),
            *(f for r in self.told_rounds for f in r.figures.values()),
            *(self.course.figures if self.course else ()),
            *(f for m in self.members for f in m.figures.values()),
        ]
