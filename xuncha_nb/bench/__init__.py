"""The workbench behind the panel: a live report, the desk for its figures, opening, exporting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from xuncha_nb import areas, sources, workspace
from xuncha_nb.adjustments import history, store
from xuncha_nb.adjustments.conflicts import Difference
from xuncha_nb.adjustments.desk import Desk
from xuncha_nb.adjustments.drafts import Left
from xuncha_nb.adjustments.model import ChartChoice
from xuncha_nb.bench import choices, exporting
from xuncha_nb.bench.rows import rows
from xuncha_nb.bench.terminal import adjusted
from xuncha_nb.case import Case
from xuncha_nb.errors import OutputError, ParameterError, XunchaError
from xuncha_nb.parameters import SAMPLE, RunParameters, load_standards, validated
from xuncha_nb.report import Report
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import SEVERITY_NAMES

#: What the panel hands over after an export, by format.
_FILES: Final = {"html": "网页", "pdf": "PDF", "docx": "Word"}


class Bench:
    """One live report with its desk.

    Parameters
    ----------
    case : Case
        The document that the notebook\'s parameters ask for.
    """

    def __init__(self, case: Case) -> None:
        self._books: dict[str, Book] = {case.parameters.source: case.book}
        self._conflict: store.ConflictError | None = None
        self._differences: tuple[Difference, ...] = ()
        self._export: dict[str, Any] = {}
        self._notified: Callable[[dict[str, Any]], None] = lambda answer: None
        self._choose(case)
        self.report: Report = self._composed()
        self.report.bench = self

    def _choose(self, case: Case) -> None:
        self._case = case
        self.desk = Desk(
            case.path or store.standard_path(case.parameters.county, case.window),
            case.outcome,
            case.notebook,
            case.book.fingerprint,
        )

    def _composed(self) -> Report:
        desk = self.desk
        state = desk.state("本次", reasoned=False)
        return self._case.report(desk.tried, desk.snapshot, state, desk.unsaved)

    def _refreshed(self) -> dict[str, Any]:
        """Bring the document up to date; return its changed pieces for the page to show."""
        return {"pieces": self.report.follow(self._composed())}

    def when_finished(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """Set who is to be told of a finished export."""
        self._notified = tell

    # -- what the panel shows -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        """Return everything that the panel shows; see ``panel.js``."""
        return {
            "form": self._form(),
            "rows": rows(self.desk),
            "status": self._status(),
            "charts": self._charts(),
            "history": self._history(),
        }

    def _form(self) -> dict[str, Any]:
        parameters = self._case.parameters
        area = areas.find(parameters.county)
        return {
            "source": parameters.source,
            "sources": choices.data(parameters.source),
            "county": parameters.county if area is None else area.name,
            "counties": choices.counties(self._case.book, parameters),
            "period": parameters.period,
            "periods": choices.periods(self._case.book, parameters.period),
            "office": self.report.figures.county_name,
            "period_name": self.report.figures.window.period.name,
        }

    def _status(self) -> dict[str, Any]:
        desk = self.desk
        entries = desk.snapshot.history.entries
        verdicts = self.report.verdicts
        return {
            "unsaved": desk.unsaved,
            "obstacles": desk.obstacles() if desk.unsaved or desk.snapshot.fault else [],
            "fault": desk.snapshot.fault,
            "off": self._case.path is None,
            "draft": desk.draft.fault,
            "author": entries[-1].author if entries else "",
            "left": [
                {"time": left.content.time, "count": left.content.count} for left in desk.left
            ],
            "conflict": [vars(d) for d in self._differences],
            "told": [
                {"severity": v.severity, "name": SEVERITY_NAMES[v.severity], "line": v.line}
                for v in verdicts
                if v.severity != "note"
            ],
            "export": self._export,
        }

    def _charts(self) -> list[dict[str, Any]]:
        saved = self.desk.snapshot.state.looks()
        listed = []
        for control in self.report.looks.controls.values():
            key = (self._case.notebook, control.chart)
            choice = self.desk.looks.get(control.chart) or saved.get(key)
            choice = choice or ChartChoice(notebook=key[0], chart=key[1])
            listed.append(
                {
                    "chart": control.chart,
                    "name": self.report.words(control.chart),
                    "kinds": list(control.kinds),
                    "orders": control.orders,
                    "bases": control.bases,
                    "kind": choice.kind,
                    "order": choice.order,
                    "base": choice.base,
                    "title": choice.title,
                    "edited": control.chart in self.desk.looks,
                }
            )
        return listed

    def _history(self) -> list[dict[str, Any]]:
        past = self.desk.snapshot.history
        told = []
        for entry in reversed(past.entries):
            changed = history.changes(past.state_before(entry), entry.state)
            told.append(
                {
                    "number": entry.number,
                    "time": entry.time[:16].replace("T", " "),
                    "author": entry.author,
                    "action": entry.action,
                    "note": entry.note,
                    "changes": [choices.told(self.desk, change) for change in changed],
                }
            )
        return told

    # -- what its buttons do --------------------------------------------------------------

    def act(self, do: str, given: dict[str, Any]) -> dict[str, Any]:
        """Do what a button asks for.

        Raises
        ------
        XunchaError
            Told in one clear line; nothing has changed then.
        """
        actions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "change": self._change,
            "look": self._look,
            "give_up": lambda g: self._after(lambda: self.desk.give_up(str(g.get("figure", "")))),
            "confirm": lambda g: self._after(lambda: self.desk.confirm(str(g["figure"]))),
            "drop": lambda g: self._after(lambda: self.desk.drop(str(g["figure"]))),
            "take_up": lambda g: self._after(lambda: self.desk.take_up(self._left(g))),
            "forget": lambda g: self._after(lambda: self.desk.forget(self._left(g))),
            "save": lambda g: self._saving(lambda: self.desk.save(str(g["author"]))),
            "restore": lambda g: self._saving(
                lambda: self.desk.restore(int(g["number"]), str(g["author"]))
            ),
            "undo": lambda g: self._saving(lambda: self.desk.undo(str(g["author"]))),
            "seen": self._seen,
            "source": self._source,
            "open": self._open,
            "export": self._start_export,
            "fetch": self._fetch,
            "hello": lambda g: {},
        }
        if do not in actions:
            raise ParameterError(f"面板不认识“{do}”，请刷新页面")
        if self._case.path is None and do in ("change", "look", "save", "restore", "undo"):
            raise ParameterError("本次打开不采用调整（adjustments 为“无”），不能修改")
        return actions[do](given)

    def _after(self, work: Callable[[], None]) -> dict[str, Any]:
        work()
        return self._refreshed()

    def _left(self, given: dict[str, Any]) -> Left:
        """Return the draft that a button is about; another session may have taken it."""
        index = int(given["index"])
        if not 0 <= index < len(self.desk.left):
            raise ParameterError("这份草稿已经处理过了，请刷新页面")
        return self.desk.left[index]

    def _change(self, given: dict[str, Any]) -> dict[str, Any]:
        self.desk.change(str(given["figure"]), str(given["text"]), str(given["reason"]))
        return self._refreshed()

    def _look(self, given: dict[str, Any]) -> dict[str, Any]:
        choice = validated(ChartChoice, {**given, "notebook": self._case.notebook}, "图")
        fault = self.desk.look(choice)
        if fault:
            raise ParameterError(fault)
        return self._refreshed()

    def _saving(self, save: Callable[[], None]) -> dict[str, Any]:
        try:
            save()
        except store.ConflictError as conflict:
            self._differences = self.desk.reload(conflict.theirs)
            self._refreshed()
            raise
        self._differences = ()
        return self._refreshed() | {"done": "已保存，今后出报告都采用这些数"}

    def _seen(self, given: dict[str, Any]) -> dict[str, Any]:
        self._differences = ()
        return {}

    def _book(self, source: str, county: str) -> Book:
        key = f"{source}:{county}" if source == SAMPLE else source
        if key not in self._books:
            self._books[key] = sources.book(source, county)
        return self._books[key]

    def _source(self, given: dict[str, Any]) -> dict[str, Any]:
        """Answer which counties and periods a source has, before it is opened."""
        source = str(given["source"])
        if source.startswith(f"{SAMPLE}:"):
            source, county = SAMPLE, source.partition(":")[2]
        else:
            county = Path(source).stem
        book = self._book(source, county)
        parameters = self._case.parameters.model_copy(update={"source": source, "county": county})
        periods = choices.periods(book, "")
        return {
            "counties": choices.counties(book, parameters),
            "periods": periods,
        }

    def _open(self, given: dict[str, Any]) -> dict[str, Any]:
        """Open another county, period or source in place."""
        if self.desk.unsaved:
            raise ParameterError("还有没有保存的修改，请先保存或放弃，再打开别的县或期间")
        source = str(given["source"]).partition(":")[0]
        parameters = validated(
            RunParameters,
            self._case.parameters.model_dump()
            | {"source": source, "county": str(given["county"]), "period": str(given["period"])},
            "打开",
        )
        book = self._book(source, parameters.county)
        standards = load_standards()
        before, desk = self._case, self.desk
        case = Case(before.notebook, parameters, book, standards)
        if parameters.period == before.parameters.period:
            case = replace(case, round=before.round)
        try:
            self._choose(case)
            told = self._refreshed()
        except XunchaError:
            self._case, self.desk = before, desk
            raise
        self._export, self._differences = {}, ()
        name = f"{self.report.figures.county_name}{self.report.figures.window.period.name}"
        return told | {"done": f"已打开{name}"}

    # -- exporting ------------------------------------------------------------------------

    def _start_export(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.desk.unsaved:
            raise ParameterError("还有没有保存的修改，请先保存再导出")
        if self._export.get("running"):
            raise ParameterError("正在导出，请稍候")
        self._export = {"running": True}
        threading.Thread(target=self._run_export, daemon=True).start()
        return {}

    def _run_export(self) -> None:
        try:
            folder = exporting.export(self._case)
            same = exporting.same_figures(folder, self.report)
            self._export = {
                "folder": folder.relative_to(workspace.root()).as_posix(),
                "files": {k: v for k, v in _FILES.items() if (folder / f"report.{k}").is_file()},
                "same": same,
                "path": str(folder),
            }
        except XunchaError as error:
            self._export = {"fault": str(error)}
        self._notified({"do": "exported"})

    def _fetch(self, given: dict[str, Any]) -> dict[str, Any]:
        """Hand an exported file to the page, which saves or opens it without a server."""
        kind = str(given["kind"])
        if kind not in self._export.get("files", {}):
            raise OutputError("还没有导出，请先按“导出”")
        path = Path(self._export["path"]) / f"report.{kind}"
        parameters = self._case.parameters
        try:
            content = path.read_bytes()
        except OSError:
            raise OutputError(f"{path.name}：文件已不在，请重新导出") from None
        name = f"{self.report.figures.county_name}{parameters.period}.{kind}"
        return {"kind": kind, "name": name, "files": [content]}


__all__ = ["Bench", "adjusted"]
