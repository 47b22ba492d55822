"""Opening a report: parameters checked, source read, figures computed, errors refused.

>>> from xuncha_nb import open_report  # doctest: +SKIP
>>> report = open_report("half_year_summary", county="331124", period="2024H1")  # doctest: +SKIP
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from xuncha_nb import sources
from xuncha_nb.case import Case
from xuncha_nb.composition import is_interactive, running_shell
from xuncha_nb.errors import ParameterError
from xuncha_nb.parameters import (
    RunParameters,
    Standards,
    load_standards,
    unknown_parameter,
    validated,
)
from xuncha_nb.report import Report
from xuncha_nb.sources import Book

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
        Path of an adjustments file; empty for the workspace's file of the county and period,
        if there is one; ``无`` for no adjustments.
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
    if is_interactive():
        # Somebody sits before it: faults are shown in the panel, where they can be mended.
        from xuncha_nb.bench import Bench

        return ready(Bench(Case(notebook, parameters, book, standards, round)).report)
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
    return validated(RunParameters, values, "报告参数")


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
    """Build a report from a book that was read, without a kernel, with the saved adjustments.

    Raises
    ------
    CheckError
        If the check finds errors; carries all findings.
    ParameterError
        If the round asked for is none of the period's, or the adjustments file is not one.
    """
    return Case(notebook, parameters, book, standards, round).finished()
