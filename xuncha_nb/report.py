"""The facade a notebook uses: open a report, then title, narrative, charts, tables, record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from xuncha_nb import charts, league, marks, pictures, prose, record, tables, views
from xuncha_nb.adjustments.model import ChartChoice
from xuncha_nb.breakdowns import Round
from xuncha_nb.document import Annex, Piece, Table, Title
from xuncha_nb.errors import CheckError, NoDataError
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.live import Looks, Words, drawn, live
from xuncha_nb.material import Material
from xuncha_nb.narrative import Composer
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import full_date
from xuncha_nb.rollup import COUNTS
from xuncha_nb.showing import Showing
from xuncha_nb.verdicts import Verdict, in_order
from xuncha_nb.vocabulary import office_name, variables

#: The title of a document whose own title needs what is missing.
_UNTITLED: Final = "{{ office_short }}关于{{ period }}数据情况的说明"


class Report(Showing):
    """One report: the pieces of its document in the order of the cells, and the record.

    Parameters
    ----------
    material : Material
        What it is made of.
    looks : tuple of ChartChoice
        How the user wants charts drawn, of all notebooks.
    unsaved : int
        Number of changes that are not saved.
    more : mapping of str to object, optional
        Names for the templates, besides those of the vocabulary.
    """

    _STAYS = (*Showing._STAYS, "_key")

    def __init__(
        self,
        material: Material,
        *,
        looks: tuple[ChartChoice, ...] = (),
        unsaved: int = 0,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.material = material
        self.looks = Looks(item for item in looks if item.notebook == material.notebook)
        self._unsaved = unsaved
        self._key: tuple[str, ...] = ()
        figures, standards = material.figures, material.standards
        self._base_name = figures.window.period.base_name
        scheme = standards.scheme(figures.window.cutoff)
        names = variables(figures, material.rounds, material.book, standards, material.round)
        self._composer = Composer(
            names | dict(more or {}),
            standards.thresholds,
            figures.window.period.year,
            {c.name: c.wording or c.name for c in scheme.categories}
            | {g: f"“{g}”等次" for g in standards.grades(figures.window.cutoff).names},
            standards.sentences,
        )

    @property
    def figures(self) -> Figures:
        """Every known figure."""
        return self.material.figures

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The rounds of the period with their own figures."""
        return self.material.rounds

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Warnings and notes of the check."""
        return self.material.verdicts

    # -- pieces of the document -----------------------------------------------------------

    @live
    def title(self, template: str, addressee: str = "", office: str = "") -> None:
        """Show the title; the templates may use the same names as a narrative cell.

        ``office`` signs the document; the inspection office of ``office.yaml`` if empty.
        """
        if not self.material.has_data:
            template = template if self.words(template) else _UNTITLED
        if not self.words(template):
            raise NoDataError(
                f"{self.figures.window.period.name}没有这种文件所说的事项（标题用到的内容缺失），"
                "请核对期间，或改出别的文件"
            )
        signed = self.words(office) if office else office_name(self.figures, self._standards)
        self._add(
            Title(
                title=self.words(template),
                addressee=addressee or self._standards.office.addressee,
                office=signed,
                date=self.figures.window.cutoff.isoformat(),
                subject=f"{self.figures.county_name} {self.figures.window.period.name}",
            )
        )
        if not self.material.has_data:
            self._add(*self._composer.blocks(self._standards.sentences["no_data"]))

    @live
    def narrative(self, template: str) -> None:
        """Show a narrative cell (the ``%%narrative`` magic calls this)."""
        if self.material.has_data:
            self._add(*self._composer.blocks(template))

    @drawn("bars", "columns", "table")
    def bars(
        self,
        ids: Sequence[str],
        title: str,
        *,
        base: bool = True,
        own_scale: bool = False,
        kind: str = "bars",
        order: str = "given",
    ) -> None:
        """Show bars of figures or of a family; ``own_scale`` for figures of different units.

        ``kind`` is 'bars', 'columns' or 'table'; ``order`` 'given', 'descending' or 'ascending'.
        """
        figures = pictures.ordered(self._known(ids), order)
        if kind == "table":
            self._show(self._comparison(figures, title, base))
            return
        draw = charts.columns if kind == "columns" else charts.bars
        name = self._base_name
        self._show(draw(figures, self.words(title), name, base=base, own_scale=own_scale))

    @drawn("bars", "table")
    def movement(
        self, ids: Sequence[str], title: str, *, kind: str = "bars", order: str = "given"
    ) -> None:
        """Show this period against the base period, for figures whose base is known."""
        known = pictures.ordered([f for f in self._known(ids) if f.base is not None], order)
        if kind == "table":
            self._show(self._comparison(known, title))
        else:
            self._show(charts.bars(known, self.words(title), self._base_name, own_scale=True))

    @drawn()
    def round_panels(self, ids: Sequence[str], title: str) -> None:
        """Show figures by round: a small panel a figure, a bar a round."""
        most = self._standards.thresholds.chart_rounds
        self._show(pictures.by_round(self.rounds, self._known(ids), most, self.words(title)))

    @drawn()
    def timeline(self, title: str) -> None:
        """Show when each round of the period ran, or will run."""
        window = self.figures.window
        self._show(pictures.timeline(self.material.told_rounds, window, self.words(title)))

    @drawn()
    def course_chart(self, title: str) -> None:
        """Show coverage over time: the steps so far, the plan's line, the forecast."""
        self._show(pictures.course(self.material.course, self.figures, self.words(title)))

    @drawn()
    def coverage_chart(self, title: str) -> None:
        """Show coverage by type of unit, and the total with what is running and planned."""
        self._show(pictures.coverage(self.figures, self.words(title)))

    @live
    def table(self, ids: Sequence[str], title: str) -> None:
        """Show a table of figures with their base period and movement."""
        self._show(self._comparison(self._known(ids), title))

    @live
    def rounds_table(self, title: str) -> None:
        """Show the rounds of the period."""
        year = self.figures.window.period.year
        self._show(tables.rounds(self.rounds, self.words(title), year))

    @live
    def teams_table(self, title: str) -> None:
        """Show the teams of the period's latest round with their units and contact dates."""
        if self.material.round is not None:
            year = self.figures.window.period.year
            self._show(tables.teams(self.material.round, self.words(title), year))

    @live
    def coverage_table(self, title: str) -> None:
        """Show inspection objects and covered ones by type."""
        self._show(
            tables.by_type(
                self.figures.family("objects_by_type"),
                [("已巡察", self.figures.family("covered_by_type"))],
                self.words(title),
                [self.figures.get("objects_total"), self.figures.get("covered_total")],
            )
        )

    @drawn()
    def members_chart(self, id: str, title: str) -> None:
        """Show the members of a region by one figure, highest first, against the whole."""
        self._show(league.chart(self.material.rollup, id, self.words(title), self._base_name))

    @live
    def members_table(self, ids: Sequence[str], title: str, *, ranked: str = "") -> None:
        """Show the members of a region by figures; ``ranked`` puts them in the order of one."""
        columns = [f.id for id in ids for f in self._column(id)]
        self._show(league.table(self.material.rollup, columns, self.words(title), ranked))

    @live
    def gaps_table(self, title: str) -> None:
        """Show which figures not every county has, and who lacks them."""
        self._show(league.gaps(self.material.rollup, self.words(title)))

    @live
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
            note = self._standards.sentences["suppressed"] if self.material.is_public else ""
            self._add(Annex(title=self.words(title)), *self._composer.blocks(note), table)

    @live
    def key_figures(self, ids: Sequence[str]) -> None:
        """Choose the figures that head the web page: of those that are known, the first six."""
        self._key = tuple(f.id for f in self._known(ids))[:6]

    def checks(self) -> None:
        """Show the check report: warnings and notes; for the editor, not for the reader."""
        said = "公开版不列校验结果，请看内部版。" if self.material.is_public else ""
        self._composition.tell(lambda: said or views.told(self.verdicts))

    def record(self) -> dict[str, Any]:
        """Show the record that ``figures.json`` and ``manifest.json`` are written from.

        Raises
        ------
        CheckError
            If the finished text has faults that no document may go out with.
        """
        self.show_live(self._adjustments_annex, mark=False)
        made = self.recorded()
        if self.bench is None and any(v["severity"] == "error" for v in made["verdicts"]):
            raise CheckError(in_order((*self.verdicts, *self._found())))
        self._composition.add(self._record_piece(made), self._record_piece)
        return made

    def _found(self) -> tuple[Verdict, ...]:
        """Return the faults of the finished text."""
        if not self._composition.titled:  # a notebook in the making may record before it has one
            return ()
        return tuple(
            prose.evaluate(self.document(), prose.context(self.figures, self.material.book))
        )

    def _adjustments_annex(self) -> None:
        """Show the internal edition's annex of adjustments, when there are any."""
        table = marks.annex(self.material.adjustments, self.material.own_figures, "数字调整一览表")
        if table is not None and not self.material.is_public:
            self._add(Annex(title="调整情况"), table)

    def _record_piece(self, made: dict[str, Any] | None = None) -> Piece:
        """Return the record; while something is not saved there is none to export from."""
        return Piece(record={"unsaved": True} if self._unsaved else made or self.recorded())

    def recorded(self) -> dict[str, Any]:
        """Return the record without showing it."""
        verdicts = (*self.verdicts, *self._found(), *self.looks.unused(self.figures))
        charts = self.looks.chosen.values()
        return record.complete(self.material, in_order(verdicts), self._key, charts)

    def panel(self) -> None:
        """Show the panel for adjusting figures; in a batch, one line about it."""
        if self.bench is not None:
            from xuncha_nb.panel import show

            show(self.bench)
        elif self.material.rollup is not None:
            self._composition.say("汇总数由各县的数相加，请在该县的报告里调整后重新汇总。")
        else:
            count = len(self.material.adjustments)
            self._composition.say(f"本报告采用{count}处调整；在 JupyterLab 中打开笔记本可以修改。")

    # -- what the pieces are made of ------------------------------------------------------

    @property
    def _standards(self) -> Standards:
        return self.material.standards

    def _column(self, id: str) -> list[Figure]:
        return [self.figures[id]] if id in COUNTS and id in self.figures else self._known([id])

    def _marked(self) -> frozenset[str]:
        return self.material.marked

    def _comparison(self, figures: Sequence[Figure], title: str, base: bool = True) -> Table | None:
        name = self._base_name if base else ""
        return tables.comparison(figures, self.words(title), name, self._standards.thresholds)

    def _known(self, ids: Sequence[str]) -> list[Figure]:
        return pictures.known(self.figures, ids)

    def words(self, template: str) -> str:
        """Return what a template of the notebook comes to, as text."""
        if isinstance(template, Words):
            return str(template)
        return "".join(views.plain(block) for block in self._composer.blocks(template))
