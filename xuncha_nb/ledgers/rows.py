"""Rows of a ledger as plain arrays: what figures are counted from.

A county's ledgers have some hundred rows, and a report asks some thousand questions of them.
On a data frame each question costs more than its answer; here a column is one array that all
choices of rows share. Whoever wants a frame gets one by :meth:`Rows.frame`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from xuncha_nb.ledgers.columns import DTYPES, Ledger

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    #: A column: datetime64[us] for dates, else objects; a blank cell is NaT or None.
    Cells = NDArray[Any]
    Mask = NDArray[np.bool_]

_DAY = "datetime64[us]"
_DAY_LONG = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()
_NOT_A_TIME = np.iinfo(np.int64).min


class Rows:
    """Some rows of a ledger, in order.

    Parameters
    ----------
    columns : mapping of str to array
        By name, of equal length: datetime64[us] for dates, object for everything else.
    index : array of int
        Row number of each row in its file.
    chosen : array of int, optional
        Positions of the rows that are meant; all of them without it.
    """

    __slots__ = ("_chosen", "_columns", "_cut", "_index")

    def __init__(
        self, columns: Mapping[str, Cells], index: NDArray[Any], chosen: NDArray[Any] | None = None
    ) -> None:
        self._columns, self._index, self._chosen = columns, index, chosen
        self._cut: dict[str, Cells] = {}

    @classmethod
    def of_cells(
        cls, ledger: Ledger, columns: Mapping[str, Sequence[Any]], index: Sequence[int]
    ) -> Rows:
        """Return rows from lists of cells; blank ones are None, dates date or datetime."""
        made = {c.name: array(columns[c.name], c.type == "date") for c in ledger.columns}
        return cls(made, np.array(index, dtype=np.int64))

    @classmethod
    def empty(cls, ledger: Ledger) -> Rows:
        """Return no rows of a ledger."""
        return cls.of_cells(ledger, {c.name: () for c in ledger.columns}, ())

    def frame(self, ledger: Ledger) -> pd.DataFrame:
        """Return the rows as a data frame of the ledger's types, indexed by row number."""
        import pandas as pd

        index = pd.Index(self.numbers)
        return pd.DataFrame(
            {
                c.name: pd.Series(self[c.name], index=index, dtype=DTYPES[c.type])
                for c in ledger.columns
            },
            index=index,
        )

    def __len__(self) -> int:
        return len(self._index) if self._chosen is None else len(self._chosen)

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> Cells:
        """Return a column of the chosen rows."""
        if self._chosen is None:
            return self._columns[name]
        cells = self._cut.get(name)
        if cells is None:
            cells = self._cut[name] = self._columns[name][self._chosen]
        return cells

    @property
    def numbers(self) -> NDArray[Any]:
        """Row numbers in the file."""
        return self._index if self._chosen is None else self._index[self._chosen]

    def where(self, mask: Mask) -> Rows:
        """Return the rows for which a mask of their own length holds."""
        (kept,) = mask.nonzero()
        return self._at(kept)

    def _at(self, positions: NDArray[Any]) -> Rows:
        chosen = positions if self._chosen is None else self._chosen[positions]
        return Rows(self._columns, self._index, chosen)

    def holding(self, **values: Any) -> Rows:
        """Return the rows whose columns equal the given values (a tuple: one of them)."""
        mask: Mask | None = None
        for name, value in values.items():
            cells = self[name]
            same = among(cells, value) if isinstance(value, tuple) else cells == value
            mask = same if mask is None else mask & same
        return self if mask is None else self.where(mask)

    def sorted_by(self, name: str) -> Rows:
        """Return the rows in the order of a date column, equal ones as they stand."""
        return self._at(np.argsort(self[name], kind="stable"))

    def assign(self, **columns: Cells) -> Rows:
        """Return the rows with further columns, or others in their place."""
        own = {name: self[name] for name in self._columns}
        return Rows(own | columns, self.numbers)

    def filled(self, name: str) -> list[Any]:
        """Return the cells of a column that are not blank."""
        cells = self[name]
        filled: list[Any] = cells[known(cells)].tolist()
        return filled

    def last(self) -> dict[str, Any] | None:
        """Return the last row without its blank cells; None when there is no row."""
        if not len(self):
            return None
        (record,) = self._at(np.array([len(self) - 1])).records()
        return {k: v for k, v in vars(record).items() if v is not None and k != "Index"}

    def records(self) -> Iterator[SimpleNamespace]:
        """Yield the rows one by one: columns as attributes, dates as datetime, blanks None.

        ``Index`` is the row number, as in pandas' ``itertuples``.
        """
        names = list(self._columns)
        columns = [self[name].tolist() for name in names]
        for number, *cells in zip(self.numbers.tolist(), *columns, strict=True):
            yield SimpleNamespace(Index=number, **dict(zip(names, cells, strict=True)))


def array(cells: Sequence[Any], dated: bool = False) -> Cells:
    """Return cells as a column."""
    if dated:
        # A column has few dates that differ, and NumPy takes microseconds for each.
        number = {cell: _since_1970(cell) for cell in dict.fromkeys(cells)}
        return np.fromiter(map(number.__getitem__, cells), np.int64, len(cells)).view(_DAY)
    # From an iterator NumPy does not look into the cells for lists of lists.
    return np.fromiter(cells, object, len(cells))


def _since_1970(value: date | datetime | None) -> int:
    """Return a date or time as NumPy holds it: microseconds; None is not a time."""
    if value is None:
        return _NOT_A_TIME
    days = value.toordinal() - _EPOCH
    if not isinstance(value, datetime):
        return days * _DAY_LONG
    seconds = (days * 24 + value.hour) * 3600 + value.minute * 60 + value.second
    return seconds * 1_000_000 + value.microsecond


def known(cells: Cells) -> Mask:
    """Return which cells are not blank."""
    if cells.dtype.kind == "M":
        return ~np.isnat(cells)
    filled: Mask = cells != None  # noqa: E711  - elementwise
    return filled


def among(cells: Cells, values: Collection[Any]) -> Mask:
    """Return which cells are one of the values; a blank cell is none."""
    known_values = values if isinstance(values, set | frozenset) else set(values)
    return np.fromiter((c in known_values for c in cells), bool, len(cells))


def found(cells: Cells, table: Mapping[Any, Any], dated: bool = False) -> Cells:
    """Return what a table has for each cell; blank where it has nothing."""
    return array([table.get(cell) for cell in cells], dated)


def day(value: date | datetime) -> np.datetime64:
    """Return a day as columns of dates compare with it."""
    return np.datetime64(value, "us")
