"""The facade a notebook uses: open a report, then title, narrative, charts, tables, record.

>>> from xuncha_nb import open_report  # doctest: +SKIP
>>> report = open_report("half_year_summary", county="511132", period="2024H1")  # doctest: +SKIP
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from xuncha_nb import __version__, areas, charts, computation, sources, tables, views
from xuncha_nb import adjustments as adjusting
from xuncha_nb.breakdowns import Round, rounds_of
from xuncha_nb.checks import check, has_data
from xuncha_nb.document import Annex, Block, Chart, Document, Piece, Table, Title, compose
from xuncha_nb.errors import CheckFailed, NoDataError, ParameterError
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.indicators import INDICATORS, Slices
from xuncha_nb.narrative import Composer, Missing
from xuncha_nb.parameters import (
    RunParameters,
    Standards,
    load_standards,
    unknown_parameter,
    validated,
)
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import SEVERITY_NAMES, Verdict, errors
from xuncha_nb.wording import ordinal

_INJECTED: Final = "# Parameters"


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
        self, notebook: str, parameters: RunParameters, book: Book, figures: Figures,
        rounds: tuple[Round, ...], verdicts: tuple[Verdict, ...], standards: Standards,
        adjustments: tuple[adjusting.Adjustment, ...] = (),
    ) -> None:
        self.notebook = notebook
        self.parameters = parameters
        self.figures = figures
        self.rounds = rounds
        self.verdicts = verdicts
        self._book = book
        self._standards = standards
        self._adjustments = adjustments
        self._pieces: list[Piece] = []
        self._base_name = figures.window.period.base_name
        scheme = standards.scheme(figures.window.cutoff)
        self._composer = Composer(
            self._variables(), standards.thresholds, figures.window.period.year,
            {c.name: c.wording or c.name for c in scheme.categories},
        )

    def _variables(self) -> dict[str, Any]:
        """Names a narrative cell can use besides the dictionary's."""
        figures, period = self.figures, self.figures.window.period
        office = self._standards.office
        slices = Slices(self._book.frames, figures.window, self._standards)
        known: dict[str, Any] = {id: f for id, f in figures.items() if not f.member}
        for id, indicator in INDICATORS.items():
            if indicator.dimension:
                known[id] = figures.family(id) or Missing(id)
        rule = self._standards.regulation("条例", figures.window.cutoff)
        plan = slices.term_plan or {}
        documents = slices.rule_documents
        names = [] if documents is None else [f"《{n}》" for n in documents["name"].dropna()]
        return known | {
            "county": figures.county_name,
            "office": self._office(),
            "office_short": f"{areas.committee(figures.county_name)}巡察办",
            "committee": areas.committee(figures.county_name),
            "period": period.name,
            "period_short": period.short_name or "全年",
            "following": period.following().short_name or "下一年度",
            "following_name": period.following().name,
            "base_name": period.base_name,
            "base_period": period.same_period_last_year().name,
            "cutoff": figures.window.cutoff,
            "rounds": [_Scoped(r) for r in self.rounds],
            "finished": [_Scoped(r) for r in self.rounds if r.state == "已完成"],
            "running": [_Scoped(r) for r in self.rounds if r.state != "已完成"],
            "rule_names": names or Missing("rule_names"),
            "regulation": rule.name if rule else Missing("regulation"),
            "regulation_edition": rule.edition if rule else Missing("regulation_edition"),
            "deadline": plan["deadline"].date() if "deadline" in plan else Missing("deadline"),
            "term": self.rounds[-1].term if self.rounds else Missing("term"),
            "learning": _paragraphs(office.learning),
            "upper_inspection": _paragraphs(office.upper_inspection),
            "suggestions": list(office.suggestions),
            "plan_texts": list(office.plan),
            "has_base": any(f.base is not None for f in figures.values()),
            "forecast_late": self._forecast_late(plan),
        }

    def _office(self) -> str:
        committee = areas.committee(self.figures.county_name)
        return self._standards.office.office.replace("{committee}", committee)

    def _forecast_late(self, plan: Mapping[str, Any]) -> bool:
        """Whether even the forecast's central date lies after the plan's deadline."""
        forecast = self.figures.value("coverage_forecast_date")
        if forecast is None or "deadline" not in plan:
            return False
        return int(forecast.value) > int(plan["deadline"].toordinal())

    # -- pieces of the document -----------------------------------------------------------

    def title(self, template: str, addressee: str = "") -> None:
        """Show the title; the template may use the same names as a narrative cell."""
        office = self._standards.office
        self._add(
            Title(
                title=self._text(template),
                addressee=addressee or office.addressee,
                office=self._office(),
                date=self.figures.window.cutoff.isoformat(),
                subject=f"{self.figures.county_name} {self.figures.window.period.name}",
            )
        )

    def narrative(self, template: str) -> None:
        """Show a narrative cell (the ``%%narrative`` magic calls this)."""
        self._add(*self._composer.blocks(template))

    def bars(
        self, ids: Sequence[str], title: str, *, base: bool = True, own_scale: bool = False
    ) -> None:
        """Show bars of figures or of a family; ``own_scale`` for figures of different units."""
        self._show(
            charts.bars(
                self._known(ids), self._text(title), self._base_name,
                base=base, own_scale=own_scale,
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
        measures = [self.figures[id] for id in ids if id in self.figures]
        shown = [m for m in measures if any(m.id in figures for _, figures in rows)]
        self._show(charts.panels(rows, shown, self._text(title)))

    def coverage_chart(self, title: str) -> None:
        """Show coverage by type of unit, and the total with what is running and planned."""
        totals = self.figures.family("objects_by_type")
        covered = self.figures.family("covered_by_type")
        rows = [
            (member, [charts.Segment("已巡察", covered[member])])
            for member in totals if member in covered
        ]
        wholes = [totals[member] for member, _ in rows]
        if "objects_total" in self.figures and "covered_total" in self.figures:
            names = {
                "covered_total": "已巡察", "coverage_in_progress": "正在巡察",
                "planned_units": f"{self.figures.window.period.following().short_name}计划巡察",
            }
            rows.append(
                ("合计", [charts.Segment(name, self.figures[id])
                          for id, name in names.items() if id in self.figures])
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

    def annex(self, title: str, groups: Sequence[str]) -> None:
        """Show the annex: every known figure of the groups, with its source."""
        ids = [id for id, f in self.figures.items() if f.indicator.group in groups]
        heading = self._text(title)
        table = tables.every_figure(
            self.figures, ids, heading, self._base_name, self._standards.thresholds
        )
        if table is not None:
            self._add(Annex(title=heading), table)

    def checks(self) -> None:
        """Show the check report: warnings and notes; for the editor, not for the reader."""
        lines = [f"{SEVERITY_NAMES[v.severity]}：{v.line}" for v in self.verdicts]
        text = "\n".join(lines) if lines else "校验没有发现问题。"
        if _shell() is not None:
            from IPython.display import display

            display({"text/plain": text}, raw=True)  # type: ignore[no-untyped-call]

    def record(self) -> dict[str, Any]:
        """Show the record that ``figures.json`` and ``manifest.json`` are written from."""
        record = {
            "notebook": self.notebook,
            "county": self.parameters.county,
            "county_name": self.figures.county_name,
            "period": str(self.figures.window.period),
            "period_name": self.figures.window.period.name,
            "cutoff": self.figures.window.cutoff.isoformat(),
            "edition": self.parameters.edition,
            "figures": [f.to_json() for f in self.figures.values()]
            + [f.to_json() for r in self.rounds for f in r.figures.values()],
            "verdicts": [v.to_json() for v in self.verdicts],
            "adjustments": adjusting.audit(self._adjustments),
            "source": {"name": self._book.name, "sha256": self._book.fingerprint},
            "version": __version__,
        }
        self._display(Piece(record=record), ())
        return record

    def document(self) -> Document:
        """Return the document composed so far, numbered."""
        return compose(self._pieces)

    # -- how pieces are kept and shown ----------------------------------------------------

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
        piece = Piece(blocks=blocks)
        self._pieces.append(piece)
        if not blocks or _shell() is None:
            return
        shown: Sequence[Block] = blocks
        if any(isinstance(b, Title) for p in self._pieces for b in p.blocks):
            # The last blocks of the numbered document are this piece's, unless a heading
            # with nothing under it yet was pruned: then show them unnumbered.
            tail = compose(self._pieces).blocks[-len(blocks) :]
            if [type(b) for b in tail] == [type(b) for b in blocks]:
                shown = tail
        self._display(piece, shown)

    def _display(self, piece: Piece, shown: Sequence[Block]) -> None:
        if _shell() is None:
            return
        from IPython.display import display

        display(  # type: ignore[no-untyped-call]
            views.bundle(piece, shown), raw=True, display_id=f"xuncha-{len(self._pieces)}"
        )


class _Scoped:
    """A round in a template: its attributes, dates, and ``round.talks_person_times``."""

    def __init__(self, item: Round) -> None:
        self._item = item

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._item.figures:
            return self._item.figures[name]
        if name in INDICATORS:
            dimension = INDICATORS[name].dimension
            prefix = f"{name}["
            family = {f.member: f for id, f in self._item.figures.items() if id.startswith(prefix)}
            return family if dimension and family else Missing(name)
        if name in self._item.dates:
            return self._item.dates[name]
        if hasattr(self._item, name):
            return getattr(self._item, name) or Missing(name)
        return Missing(name)


def _paragraphs(texts: Sequence[str]) -> list[str]:
    for text in texts:
        if any(unicodedata.category(c) == "Nd" for c in text):
            raise ParameterError(
                f"parameters/office.yaml：“{text[:20]}…”含有数字，"
                "自定义文字不得带数字，请改写或改用叙述单元格里的指标"
            )
    return list(texts)


def _shell() -> Any:
    """Return the running IPython shell of a kernel, or None outside one."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()  # type: ignore[no-untyped-call]
    return shell if shell is not None and hasattr(shell, "kernel") else None


def _refuse_unknown_injected(shell: Any) -> None:
    """Refuse names that papermill injected and no notebook of ours declares.

    Papermill itself only logs a warning, and a mistyped name would run the default county.
    A notebook's own extra parameters are assigned in an earlier cell, its parameters cell.
    """
    declared = set(RunParameters.model_fields)
    for source in shell.user_ns.get("In", []):
        try:
            body = ast.parse(str(source)).body
        except SyntaxError:
            continue  # a cell with a magic assigns no parameter
        names = [
            target.id
            for node in body if isinstance(node, ast.Assign)
            for target in node.targets if isinstance(target, ast.Name)
        ]
        if not str(source).lstrip().startswith(_INJECTED):
            declared |= set(names)
            continue
        for name in names:
            if name not in declared:
                raise ParameterError(unknown_parameter(name, sorted(declared)))


def open_report(
    notebook: str, *, county: str | int, period: str | int, source: str = "sample",
    cutoff: str | date = "", edition: str = "内部", adjustments: str = "",
) -> Report:
    """Read, compute and check; then a report can be composed.

    Parameters
    ----------
    notebook : str
        Name of the notebook, for the record.
    county : str
        Six-digit code or name.
    period : str
        ``2024H1`` …
    source : str
        Workbook, CSV, Parquet or folder, relative to the current folder or the workspace;
        ``sample`` for the packaged sample.
    cutoff : str
        ``2024-06-20``; empty for the period's last day.
    edition : {'内部', '公开'}
    adjustments : str
        Path of an adjustments file; empty for none.

    Returns
    -------
    Report

    Raises
    ------
    XunchaError
        For every mistake of the data's or the parameters'.
    """
    shell = _shell()
    if shell is not None:
        _refuse_unknown_injected(shell)
    parameters = validated(
        RunParameters,
        {"county": county, "period": period, "source": source, "cutoff": str(cutoff),
         "edition": edition, "adjustments": adjustments},
        "报告参数",
    )
    if parameters.edition == "公开":
        raise ParameterError(
            "公开版需要先对小数目作抑制处理，本版本尚未提供；请先用 edition: 内部 出内部版"
        )
    standards = load_standards()
    book = sources.read(sources.locate(parameters.source, parameters.county))
    report = build(notebook, parameters, book, standards)
    if shell is not None:
        magic: Callable[[str, str], None] = lambda line, cell: report.narrative(cell)  # noqa: E731
        shell.register_magic_function(magic, "cell", "narrative")
    return report


def build(
    notebook: str, parameters: RunParameters, book: Book, standards: Standards
) -> Report:
    """Build a report from a book that was read, without a kernel.

    Raises
    ------
    CheckFailed
        If the check finds errors; carries all findings.
    NoDataError
        If the book says nothing about the period.
    """
    window = parameters.window()
    area = areas.find(parameters.county)
    names = [parameters.county] + ([area.name, area.code] if area else [])
    adjusted: dict[str, Any] = {}
    loaded: tuple[adjusting.Adjustment, ...] = ()
    if parameters.adjustments:
        loaded = adjusting.load(sources.locate(parameters.adjustments, parameters.county))
        plain, _ = computation.compute(book, parameters.county, window, standards)
        adjusting.check_fresh(loaded, plain)
        adjusted = adjusting.quantities(loaded)
    if not errors(book.verdicts) and not has_data(book, names, window):
        periods = "、".join(str(p) for p in computation.periods_in(book)[-6:]) or "（无）"
        raise NoDataError(
            f"{book.name}：没有 {names[-1] if not area else area.name} {window.period.name}"
            f"的数据；有数据的期间为 {periods}，请核对 period 或 county"
        )
    figures, verdicts = check(book, parameters.county, window, standards, adjusted)
    if errors(verdicts):
        raise CheckFailed(verdicts)
    rounds = rounds_of(book, parameters.county, window, standards)
    return Report(
        notebook, parameters, book, figures, rounds, verdicts, standards, loaded
    )
