"""The facade a notebook uses: open a report, then title, narrative, charts, tables, record.

>>> from xuncha_nb import open_report  # doctest: +SKIP
>>> report = open_report("half_year_summary", county="511132", period="2024H1")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from xuncha_nb import adjustments as adjusting
from xuncha_nb import charts, league, prose, record, tables, views
from xuncha_nb.breakdowns import Round
from xuncha_nb.composition import Composition
from xuncha_nb.course import Course
from xuncha_nb.document import Annex, Block, Chart, Document, Piece, Table, Title
from xuncha_nb.errors import CheckError, NoDataError, ParameterError
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.narrative import Composer
from xuncha_nb.parameters import RunParameters, Standards
from xuncha_nb.periods import full_date
from xuncha_nb.rollup import COUNTS, Member, Rollup
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import SEVERITY_NAMES, Verdict, errors, in_order
from xuncha_nb.vocabulary import office_name, variables
from xuncha_nb.wording import ordinal, span

#: The title of a document whose own title needs what is missing.
_UNTITLED: Final = "{{ office_short }}关于{{ period }}数据情况的说明"


class Report:
    """One report: its figures, and the pieces of its document in the order of the cells.

    Attributes
    ----------
    figures : Figures
        Every known figure.
    rounds : tuple of Round
        The rounds of the period with their own figures.
    verdicts : tuple of Verdict
        Warnings and notes of the check.
    """

    def __init__(
        self,
        notebook: str,
        parameters: RunParameters,
        book: Book,
        figures: Figures,
        rounds: tuple[Round, ...],
        verdicts: tuple[Verdict, ...],
        standards: Standards,
        adjustments: tuple[adjusting.Adjustment, ...] = (),
        course: Course | None = None,
        chosen: Round | None = None,
        *,
        has_data: bool = True,
        rollup: Rollup | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self.notebook = notebook
        self.parameters = parameters
        self.figures = figures
        self.rounds = rounds
        self.verdicts = verdicts
        self._book = book
        self._standards = standards
        self._adjustments = adjustments
        self._course = course
        self._chosen = chosen or (rounds[-1] if rounds else None)
        self._has_data = has_data
        self._rollup = rollup
        self._key: tuple[str, ...] = ()
        self._composition = Composition()
        self._base_name = figures.window.period.base_name
        scheme = standards.scheme(figures.window.cutoff)
        self._composer = Composer(
            variables(figures, rounds, book, standards, self._chosen) | dict(more or {}),
            standards.thresholds,
            figures.window.period.year,
            {c.name: c.wording or c.name for c in scheme.categories}
            | {g: f"“{g}”等次" for g in standards.grades(figures.window.cutoff).names},
            standards.sentences,
        )

    # -- pieces of the document -----------------------------------------------------------

    def title(self, template: str, addressee: str = "", office: str = "") -> None:
        """Show the title; the templates may use the same names as a narrative cell.

        ``office`` signs the document; the inspection office of ``office.yaml`` if empty.
        """
        if not self._has_data:
            template = template if self._text(template) else _UNTITLED
        if not self._text(template):
            raise NoDataError(
                f"{self.figures.window.period.name}没有这种文件所说的事项（标题用到的内容缺失），"
                "请核对期间，或改出别的文件"
            )
        signed = self._text(office) if office else office_name(self.figures, self._standards)
        self._add(
            Title(
                title=self._text(template),
                addressee=addressee or self._standards.office.addressee,
                office=signed,
                date=self.figures.window.cutoff.isoformat(),
                subject=f"{self.figures.county_name} {self.figures.window.period.name}",
            )
        )
        if not self._has_data:
            self._add(*self._composer.blocks(self._standards.sentences["no_data"]))

    def narrative(self, template: str) -> None:
        """Show a narrative cell (the ``%%narrative`` magic calls this)."""
        if self._has_data:
            self._add(*self._composer.blocks(template))

    def bars(
        self, ids: Sequence[str], title: str, *, base: bool = True, own_scale: bool = False
    ) -> None:
        """Show bars of figures or of a family; ``own_scale`` for figures of different units."""
        self._show(
            charts.bars(
                self._known(ids),
                self._text(title),
                self._base_name,
                base=base,
                own_scale=own_scale,
            )
        )

    def movement(self, ids: Sequence[str], title: str) -> None:
        """Show this period against the base period, for figures whose base is known."""
        known = [f for f in self._known(ids) if f.base is not None]
        self._show(charts.bars(known, self._text(title), self._base_name, own_scale=True))

    def round_panels(self, ids: Sequence[str], title: str) -> None:
        """Show figures by round: a small panel a figure, a bar a round."""
        most = self._standards.thresholds.chart_rounds
        rows = [(f"{ordinal(r.number)}轮{r.kind}", dict(r.figures)) for r in self.rounds][-most:]
        measures = self._known(ids)
        shown = [m for m in measures if any(m.id in figures for _, figures in rows)]
        self._show(charts.panels(rows, shown, self._text(title)))

    def timeline(self, title: str) -> None:
        """Show when each round of the period ran, or will run."""
        window = self.figures.window
        rows = []
        for item in self._told_rounds():
            start, end = item.dates["start"], item.dates["end"]
            printed = span(start, end, window.period.year)
            name = f"{ordinal(item.number)}轮{item.kind}"
            rows.append((name, start, end, printed.text if printed else ""))
        self._show(charts.timeline(rows, window.start, window.cutoff, self._text(title)))

    def course_chart(self, title: str) -> None:
        """Show coverage over time: the steps so far, the plan's line, the forecast."""
        if self._course is None or "objects_total" not in self.figures:
            return
        self._show(
            charts.course(
                self._course.points,
                self._course.start,
                self.figures.window.cutoff,
                self.figures["covered_total"],
                self.figures["objects_total"],
                self._text(title),
                self._course.deadline,
                self.figures.get("coverage_forecast_date"),
            )
        )

    def coverage_chart(self, title: str) -> None:
        """Show coverage by type of unit, and the total with what is running and planned."""
        totals = self.figures.family("objects_by_type")
        covered = self.figures.family("covered_by_type")
        rows = [
            (member, [charts.Segment("已巡察", covered[member])])
            for member in totals
            if member in covered
        ]
        wholes = [totals[member] for member, _ in rows]
        if "objects_total" in self.figures and "covered_total" in self.figures:
            names = {
                "covered_total": "已巡察",
                "coverage_in_progress": "正在巡察",
                "planned_units": f"{self.figures.window.period.following().short_name}计划巡察",
            }
            rows.append(
                (
                    "合计",
                    [
                        charts.Segment(name, self.figures[id])
                        for id, name in names.items()
                        if id in self.figures
                    ],
                )
            )
            wholes.append(self.figures["objects_total"])
        self._show(charts.stacked(rows, wholes, self._text(title)))

    def table(self, ids: Sequence[str], title: str) -> None:
        """Show a table of figures with their base period and movement."""
        self._show(
            tables.comparison(
                self._known(ids), self._text(title), self._base_name, self._standards.thresholds
            )
        )

    def rounds_table(self, title: str) -> None:
        """Show the rounds of the period."""
        year = self.figures.window.period.year
        self._show(tables.rounds(self.rounds, self._text(title), year))

    def teams_table(self, title: str) -> None:
        """Show the teams of the period's latest round with their units and contact dates."""
        if self._chosen is not None:
            year = self.figures.window.period.year
            self._show(tables.teams(self._chosen, self._text(title), year))

    def coverage_table(self, title: str) -> None:
        """Show inspection objects and covered ones by type."""
        self._show(
            tables.by_type(
                self.figures.family("objects_by_type"),
                [("已巡察", self.figures.family("covered_by_type"))],
                self._text(title),
                [self.figures.get("objects_total"), self.figures.get("covered_total")],
            )
        )

    def members_chart(self, id: str, title: str) -> None:
        """Show the members of a region by one figure, highest first, against the whole."""
        self._show(league.chart(self._rollup, id, self._text(title), self._base_name))

    def members_table(self, ids: Sequence[str], title: str, *, ranked: str = "") -> None:
        """Show the members of a region by figures; ``ranked`` puts them in the order of one."""
        columns = [f.id for id in ids for f in self._column(id)]
        self._show(league.table(self._rollup, columns, self._text(title), ranked))

    def gaps_table(self, title: str) -> None:
        """Show which figures not every county has, and who lacks them."""
        self._show(league.gaps(self._rollup, self._text(title)))

    def annex(self, title: str, groups: Sequence[str]) -> None:
        """Show the annex: every known figure of the groups, with its source."""
        ids = [id for id, f in self.figures.items() if f.indicator.group in groups]
        window = self.figures.window
        table = tables.every_figure(
            self.figures,
            ids,
            f"{window.period.name}指标（截至{full_date(window.cutoff)}）",
            self._base_name,
            self._standards.thresholds,
        )
        if table is not None:
            self._add(Annex(title=self._text(title)), table)

    def key_figures(self, ids: Sequence[str]) -> None:
        """Choose the figures that head the web page: of those that are known, the first six."""
        self._key = tuple(f.id for f in self._known(ids))[:6]

    def checks(self) -> None:
        """Show the check report: warnings and notes; for the editor, not for the reader."""
        lines = [f"{SEVERITY_NAMES[v.severity]}：{v.line}" for v in self.verdicts]
        self._composition.say("\n".join(lines) or "校验没有发现问题。")

    def record(self) -> dict[str, Any]:
        """Show the record that ``figures.json`` and ``manifest.json`` are written from.

        Raises
        ------
        CheckError
            If the finished text has faults that no document may go out with.
        """
        found: tuple[Verdict, ...] = ()
        if self._composition.titled:  # a notebook in the making may record before it has one
            found = tuple(prose.evaluate(self.document(), prose.context(self.figures, self._book)))
        if errors(found):
            raise CheckError(in_order((*self.verdicts, *found)))
        shown = [
            *self.figures.values(),
            *(f for r in self._told_rounds() for f in r.figures.values()),
            *(self._course.figures if self._course else ()),
            *(f for m in self._members() for f in m.figures.values()),
        ]
        made = record.complete(
            self.notebook,
            self.parameters,
            self.figures,
            [f.to_json() | {"source": tables.source(f)} for f in shown],
            in_order((*self.verdicts, *found)),
            self._adjustments,
            self._book,
            self._standards,
            self._key,
        )
        self._composition.add(Piece(record=made))
        return made

    def document(self) -> Document:
        """Return the document composed so far, numbered."""
        return self._composition.document()

    # -- how pieces are kept and shown ----------------------------------------------------

    def _told_rounds(self) -> tuple[Round, ...]:
        """Return the period's rounds, and the one to come if the document is about it."""
        coming = self._chosen is not None and self._chosen not in self.rounds
        return (*self.rounds, *((self._chosen,) if coming and self._chosen else ()))

    def _members(self) -> tuple[Member, ...]:
        return self._rollup.members if self._rollup is not None else ()

    def _column(self, id: str) -> list[Figure]:
        return [self.figures[id]] if id in COUNTS and id in self.figures else self._known([id])

    def _known(self, ids: Sequence[str]) -> list[Figure]:
        found: list[Figure] = []
        for id in ids:
            if id not in INDICATORS:
                raise ParameterError(f"图表用到的“{id}”不是指标，请核对（见 xuncha indicators）")
            if INDICATORS[id].dimension:
                found += self.figures.family(id).values()
            elif id in self.figures:
                found.append(self.figures[id])
        return found

    def _text(self, template: str) -> str:
        return "".join(views.plain(block) for block in self._composer.blocks(template))

    def _show(self, block: Chart | Table | None) -> None:
        if block is not None:
            self._add(block)

    def _add(self, *blocks: Block) -> None:
        self._composition.add(Piece(blocks=blocks))
