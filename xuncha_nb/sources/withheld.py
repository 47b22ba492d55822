"""What of a table does not go on: columns that no ledger declares, and what identifies a person.

A column that the ledger does not declare is emptied as soon as its table is read. A confidential
column that a count needs goes on as codes, the same for the same person. The contents of
confidential columns are told to a :class:`~xuncha_nb.personal.Watchlist`, which keeps hashes alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from xuncha_nb.confidential import Confidential
from xuncha_nb.ledgers import NUMBER_HEADER
from xuncha_nb.personal import Watchlist
from xuncha_nb.sources.cells import folded, is_blank, shown
from xuncha_nb.sources.tables import RawTable, header_key

#: What messages say of a cell that they do not quote.
UNTOLD: Final = "（保密，不列出）"


def without_confidential(table: RawTable, declared: Confidential, watch: Watchlist) -> RawTable:
    """Return a table with declared columns alone, confidential ones as codes.

    Parameters
    ----------
    table : RawTable
        As read. Headers stay, so that they can be told; rows keep their width.
    declared : Confidential
        Which headers are confidential although no ledger declares the column.
    watch : Watchlist
        Is told what the confidential columns hold.
    """
    actions: list[Callable[[Any, int], Any]] = []
    for header in table.header:
        key = header_key(header)
        column = table.column_of(key)
        if column is not None and column.confidential:
            actions.append(_coding(table.where, header, watch))
        elif column is not None or key == NUMBER_HEADER:
            actions.append(_as_it_is)
        elif declared.covers(key):
            actions.append(_watching(table.where, header, watch))
        else:
            actions.append(_dropped)
    if all(action is _as_it_is for action in actions) and not _longer(table):
        return table
    # Cells to the right of the last header are nobody's.
    rows = tuple(
        (number, tuple(act(cell, number) for act, cell in zip(actions, cells, strict=False)))
        for number, cells in table.rows
    )
    return replace(table, rows=rows)


def _longer(table: RawTable) -> bool:
    width = len(table.header)
    return any(len(cells) > width for _, cells in table.rows)


def _as_it_is(cell: Any, row: int) -> Any:
    return cell


def _dropped(cell: Any, row: int) -> None:
    return None


def _watching(where: str, header: str, watch: Watchlist) -> Callable[[Any, int], None]:
    def watched(cell: Any, row: int) -> None:
        if not is_blank(cell):
            watch.add(shown(cell), f"{where} 第{row}行“{header}”列")

    return watched


def _coding(where: str, header: str, watch: Watchlist) -> Callable[[Any, int], Any]:
    codes: dict[str, str] = {}
    told = _watching(where, header, watch)

    def coded(cell: Any, row: int) -> Any:
        if is_blank(cell):
            return None
        told(cell, row)
        # In the order of the rows: the same ledger gives the same codes.
        return codes.setdefault(folded(shown(cell)), f"#{len(codes) + 1}")

    return coded
