"""What a ledger is: its sheet, its columns, how its rows belong to a period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import pandera.pandas as pa

#: Header of the numbering column that every sheet begins with and no ledger declares; a row
#: with the example mark in it is not read.
NUMBER_HEADER: Final = "序号"
EXAMPLE: Final = "示例"
#: The sheet that explains the workbook and is no ledger.
GUIDE_SHEET: Final = "说明"

#: Cell types. ``text`` opaque text; ``count`` a whole number from zero; ``number`` from zero;
#: ``date`` a day; ``flag`` 是/否; ``choice`` one of the allowed values; ``period`` a written
#: period; ``printed`` a number as a bulletin prints it; ``figure`` an identifier or Chinese
#: name of the dictionary.
Type = Literal["text", "count", "number", "date", "flag", "choice", "period", "printed", "figure"]

#: pandas dtype in which each cell type is held after reading.
DTYPES: Final[dict[Type, str]] = {
    "text": "string[python]",
    "count": "Int64",
    "number": "Float64",
    "date": "datetime64[us]",
    "flag": "boolean",
    "choice": "string[python]",
    "period": "string[python]",
    "printed": "string[python]",
    "figure": "string[python]",
}

#: How rows belong to a period. ``overlap``: two date columns, the row's span overlaps the
#: window; ``event``: one date column inside the window; ``asof``: two date columns, valid at
#: the cut-off; ``snapshot``: one date column, the last row up to the cut-off; ``period``: a
#: period column equal to the period; ``via``: follows the ledger that a column refers to.
Belonging = Literal["overlap", "event", "asof", "snapshot", "period", "via"]


@dataclass(frozen=True)
class Column:
    """One column of a ledger.

    Attributes
    ----------
    name : str
        Name in code and in CSV or Parquet files.
    header : str
        Chinese header in the workbook.
    type : str
        One of :data:`Type`.
    note : str
        What to fill in, in Chinese; the template shows it on the header.
    example : str
        The example row's value.
    unit : str
        Measure word, shown behind the header.
    required : bool
        Whether every row must have it.
    unique : bool
        Whether no value may occur twice.
    allowed : tuple of str
        Allowed values of a ``choice``.
    refers : str
        ``ledger.column`` whose values these are.
    confidential : bool
        Whether it tells one person from another. Only counts need it: it is read as codes, and
        no message quotes it.
    within : tuple of int, optional
        Least and greatest value of a ``count`` that is no amount.
    """

    name: str
    header: str
    type: Type = "text"
    note: str = ""
    example: str = ""
    unit: str = ""
    required: bool = False
    unique: bool = False
    allowed: tuple[str, ...] = ()
    refers: str = ""
    confidential: bool = False
    within: tuple[int, int] | None = None

    @property
    def title(self) -> str:
        """The header with its unit, as the template writes it."""
        return f"{self.header}（{self.unit}）" if self.unit else self.header

    @property
    def expected(self) -> str:
        """What a cell should hold, for a message."""
        match self.type:
            case "count" if self.within:
                return f"{self.within[0]}至{self.within[1]}的整数"
            case "count":
                return "不小于0的整数"
            case "number":
                return "不小于0的数"
            case "date":
                return "日期，如 2024-03-15"
            case "flag":
                return "是 或 否"
            case "choice":
                return "、".join(self.allowed) + " 之一"
            case "period":
                return "期间，如 2024H1"
            case "printed":
                return "数值，如 105、9.3万、70.9%"
            case "figure":
                return "指标标识或指标名称"
            case _:
                return "文字"


@dataclass(frozen=True)
class Ledger:
    """One ledger (台账): a sheet, a CSV file or a Parquet file.

    Attributes
    ----------
    name : str
        Name in code and of files.
    sheet : str
        Chinese sheet name.
    columns : tuple of Column
    belongs : str
        One of :data:`Belonging`, by the columns in ``by``.
    by : tuple of str
        The date, period or referring columns that decide it.
    note : str
        What the ledger is for, on the 说明 sheet.
    orders : tuple of tuple of str
        Chains of date columns that may not run backwards.
    keys : tuple of str
        Columns that together may not repeat.
    """

    name: str
    sheet: str
    columns: tuple[Column, ...]
    belongs: Belonging
    by: tuple[str, ...]
    note: str
    orders: tuple[tuple[str, ...], ...] = field(default=())
    keys: tuple[str, ...] = field(default=())

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises
        ------
        KeyError
            If there is none: a mistake in code, not in data.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    def schema(self) -> pa.DataFrameSchema:
        """Return the pandera schema of a frame that was read: types, ranges, allowed, unique."""
        import pandera.pandas as pa

        columns = {}
        for column in self.columns:
            checks = []
            if column.type in ("count", "number"):
                checks.append(pa.Check.ge(0))
            if column.allowed:
                checks.append(pa.Check.isin(column.allowed))
            columns[column.name] = pa.Column(
                DTYPES[column.type],
                checks,
                nullable=not column.required,
                unique=column.unique,
                title=column.header,
                description=column.note,
            )
        return pa.DataFrameSchema(columns, name=self.name)
