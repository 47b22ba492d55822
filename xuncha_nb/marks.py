"""Adjusted figures in the internal edition: ※ behind the number, and the annex that tells why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from xuncha_nb.adjustments.model import Adjustment
from xuncha_nb.adjustments.staleness import label_of
from xuncha_nb.document import Block, Cell, Chart, Column, Heading, Paragraph, Run, Table
from xuncha_nb.figures import Figure
from xuncha_nb.periods import full_date
from xuncha_nb.tables import NONE

MARK: Final = "※"
_TABLE_NOTE: Final = f"标{MARK}的是调整后的数，见附件“调整情况”"


def marked(blocks: Iterable[Block], adjusted: Collection[str]) -> Iterator[Block]:
    """Yield blocks with a mark behind every number of an adjusted figure.

    Parameters
    ----------
    blocks : iterable of Block
    adjusted : collection of str
        Identifiers; only the figure's own number is marked, not its base, change or share.
    """
    for block in blocks:
        match block:
            case Paragraph() | Heading() if any(run.figure in adjusted for run in block.runs):
                yield block.model_copy(update={"runs": tuple(_runs(block.runs, adjusted))})
            case Table() if any(cell.figure in adjusted for row in block.rows for cell in row):
                yield _table(block, adjusted)
            case Chart() if any(id in adjusted for id in block.figures):
                yield block.model_copy(update={"note": _noted(block.note, _CHART_NOTE)})
            case _:
                yield block


_CHART_NOTE: Final = "图中有调整后的数，见附件“调整情况”"


def _runs(runs: Iterable[Run], adjusted: Collection[str]) -> Iterator[Run]:
    for run in runs:
        yield run
        if run.figure in adjusted:
            yield Run(text=MARK, bold=run.bold)


def _table(table: Table, adjusted: Collection[str]) -> Table:
    rows = tuple(
        tuple(
            cell.model_copy(update={"text": f"{cell.text}{MARK}"})
            if cell.figure in adjusted
            else cell
            for cell in row
        )
        for row in table.rows
    )
    return table.model_copy(update={"rows": rows, "note": _noted(table.note, _TABLE_NOTE)})


def _noted(note: str, more: str) -> str:
    return f"{note}；{more}" if note else more


def annex(applied: Sequence[Adjustment], known: Mapping[str, Figure], title: str) -> Table | None:
    """Return the annex table of adjustments: what the source said, what stands, why, who, when.

    Parameters
    ----------
    applied : sequence of Adjustment
    known : mapping of str to Figure
        The adjusted figures, rounds' figures by their full name.
    title : str
    """
    items = [item for item in applied if item.figure in known]
    if not items:
        return None
    columns = (
        Column(header="序号", align="center", width=0.9),
        Column(header="指标", width=3.6),
        Column(header="单位", align="center", width=1),
        Column(header="来源数", align="right", width=1.4),
        Column(header="调整后", align="right", width=1.4),
        Column(header="理由", width=6),
        Column(header="填写人", width=2),
        Column(header="日期", width=2.4),
    )
    rows = []
    for position, item in enumerate(items, 1):
        figure = known[item.figure]
        original = Cell(text="没有数据")
        if figure.original is not None:
            original = Cell(text=figure.original.text, figure=f"{figure.id}_original")
        rows.append(
            (
                Cell(text=str(position)),
                Cell(text=label_of(item.figure, known)),
                Cell(text=figure.unit or NONE),
                original,
                Cell(text=figure.value.text, figure=figure.id),
                Cell(text=item.reason),
                Cell(text=item.author),
                Cell(text=_day(item.time)),
            )
        )
    return Table(title=title, columns=columns, rows=tuple(rows), wide=True)


def _day(time: str) -> str:
    """Return the day of a time as the file has it; one written by hand may be any text."""
    try:
        return full_date(datetime.fromisoformat(time).date())
    except ValueError:
        return time
