"""Opening a report: parameters checked, source read, figures computed, errors refused.

>>> from xuncha_nb import open_report  # doctest: +SKIP
>>> report = open_report("half_year_summary", county="331124", period="2024H1")  # doctest: +SKIP
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pandas as pd

from xuncha_nb import adjustments as adjusting
from xuncha_nb import areas, computation, sources
from xuncha_nb.breakdowns import coming_round, rounds_of
from xuncha_nb.checks import check, has_data
from xuncha_nb.composition import running_shell
from xuncha_nb.course import course_of
from xuncha_nb.errors import CheckError, ParameterError
from xuncha_nb.figures import Figures
from xuncha_nb.parameters import (
    RunParameters,
    Standards,
    load_standards,
    unknown_parameter,
    validated,
)
from xuncha_nb.periods import Window
from xuncha_nb.report import Report
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict, errors

_INJECTED: Final = "# Parameters"


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
            for node in body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        ]
        if not str(source).lstrip().startswith(_INJECTED):
            declared |= set(names)
            continue
        for name in names:
            if name not in declared:
                raise ParameterError(unknown_parameter(name, sorted(declared)))


def open_report(
    notebook: str,
    *,
    county: str | int,
    period: str | int,
    source: str = "sample",
    cutoff: str | date = "",
    edition: str = "内部",
    adjustments: str = "",
    round: str = "",
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
    round : str
        Identifier of the round that the document is about; empty for the period's latest. With
        no cut-off of its own the document then stands at the round's mobilisation.

    Returns
    -------
    Report

    Raises
    ------
    XunchaError
        For every mistake of the data's or the parameters'.
    """
    parameters = given(
        county=county,
        period=period,
        source=source,
        cutoff=cutoff,
        edition=edition,
        adjustments=adjustments,
    )
    standards = load_standards()
    # A chosen round may lie outside the period: then nothing is left out.
    window = None if round else parameters.window()
    book = sources.book(parameters.source, parameters.county, window)
    return ready(build(notebook, parameters, book, standards, round))


def given(**values: Any) -> RunParameters:
    """Check the parameters of a notebook, those that papermill injected among them.

    Raises
    ------
    ParameterError
        If one is wrong, or a name was injected that the notebook does not declare.
    """
    shell = running_shell()
    if shell is not None:
        _refuse_unknown_injected(shell)
    values["cutoff"] = str(values["cutoff"])
    parameters = validated(RunParameters, values, "报告参数")
    if parameters.edition == "公开":
        raise ParameterError(
            "公开版需要先对小数目作抑制处理，本版本尚未提供；请先用 edition: 内部 出内部版"
        )
    return parameters


def ready(report: Report) -> Report:
    """Let the notebook's ``%%narrative`` cells write into the report; return it."""
    shell = running_shell()
    if shell is not None:
        magic: Callable[[str, str], None] = lambda line, cell: report.narrative(cell)  # noqa: E731
        shell.register_magic_function(magic, "cell", "narrative")
    return report


def build(
    notebook: str,
    parameters: RunParameters,
    book: Book,
    standards: Standards,
    round: str = "",
) -> Report:
    """Build a report from a book that was read, without a kernel.

    A period that the book says nothing about gives a report that says so and has no figures:
    not one zero is made of missing data.

    Raises
    ------
    CheckError
        If the check finds errors; carries all findings.
    ParameterError
        If the round asked for is none of the period's.
    """
    window = parameters.window()
    if round:
        window = _at_mobilisation(book, round, window, bool(parameters.cutoff))
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
        empty = Figures(parameters.county, area.name if area else parameters.county, window)
        told = (_without_data(book, empty),)
        return Report(notebook, parameters, book, empty, (), told, standards, has_data=False)
    figures, verdicts = check(book, parameters.county, window, standards, adjusted)
    if errors(verdicts):
        raise CheckError(verdicts)
    rounds = rounds_of(book, parameters.county, window, standards)
    coming = coming_round(book, parameters.county, window, standards, round) if round else None
    return Report(
        notebook,
        parameters,
        book,
        figures,
        rounds,
        verdicts,
        standards,
        loaded,
        course_of(book, figures, standards),
        coming or next((r for r in rounds if r.id == round), None),
    )


def _at_mobilisation(book: Book, round: str, window: Window, told: bool) -> Window:
    """Return the window of a document about one round: up to its mobilisation, unless told.

    Raises
    ------
    ParameterError
        If the ledger has no such round, or it does not touch the period.
    """
    ledger = book["rounds"]
    first, last = pd.Timestamp(window.start), pd.Timestamp(window.period.end)
    inside = ledger[(ledger["start"] <= last) & (ledger["end"] >= first)]
    rows = inside[inside["id"] == round]
    if rows.empty:
        known = "、".join(inside["id"].dropna()) or "（无）"
        raise ParameterError(
            f"{book.name}：{window.period.name}没有轮次“{round}”，"
            f"应为该期间的轮次编号：{known}，请改正 round"
        )
    if told:
        return window
    days = (rows["mobilization"].iloc[0], rows["start"].iloc[0])
    day = next(day.date() for day in days if pd.notna(day))
    return Window(window.period, day) if day in window.period else window


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
