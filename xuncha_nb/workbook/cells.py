"""Writing the cells of the workbook: numbers as numbers, texts as texts, sheets set up alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, Literal

from xuncha_nb.errors import QuantityError
from xuncha_nb.quantities import Quantity
from xuncha_nb.workbook.plain_sheet import Content, Formula, plain_sheet, style_of

Kind = Literal["text", "centre", "number", "signed", "count"]

_FONT: Final = "宋体"
_HEAD: Final = "#E4E9EF"
#: Excel counts days from the end of 1899.
_DAY_ZERO: Final = date(1899, 12, 30).toordinal()
#: A text in a column of numbers is none.
_AS_TEXT: Final[dict[Kind, Kind]] = {"number": "text", "signed": "text", "count": "text"}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its head, its width in characters, and what stands in it."""

    head: str
    width: float
    kind: Kind = "text"


@dataclass(frozen=True)
class Number:
    """A number with the decimals that it is shown with."""

    value: Fraction
    decimals: int

    @classmethod
    def read(cls, text: object, unit: object) -> Number | None:
        """Return a printed number, or None when the text is none: a date, or missing.

        9.3万 becomes 93000; how it is printed stands in a column of its own.
        """
        if text is None or text == "":
            return None
        try:
            read = Quantity.parse(str(text), str(unit or ""))
        except QuantityError:
            return None
        return cls(read.value, 0 if read.scale else read.decimals)


@dataclass(frozen=True)
class Month:
    """A date, shown to the month.

    Attributes
    ----------
    ordinal : int
        The day, as :meth:`datetime.date.toordinal` counts it.
    """

    ordinal: int


#: What is said of a cell: None and the empty text leave it blank, with its frame; a formula comes
#: with how many decimals it is shown with.
Item = Number | Month | int | str | tuple[Formula, int] | None


class Cells:
    """The styles of one workbook, and its sheets.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    title : str
        County and period, for the head of printed pages.
    """

    def __init__(self, book: Any, title: str) -> None:
        self.book = book
        self._title = title
        self._styles: dict[tuple[Kind, int], int] = {}

    @cached_property
    def head(self) -> int:
        """The style of column heads."""
        return self._made(bold=True, bg_color=_HEAD, align="center", valign="vcenter")

    @cached_property
    def heading(self) -> int:
        """The style of a sheet's own heading."""
        return style_of(self.book.add_format({"font_name": _FONT, "font_size": 15, "bold": True}))

    @cached_property
    def month(self) -> int:
        """The style of a month."""
        return self._made(num_format='yyyy"年"m"月"', align="right")

    def _made(self, **more: Any) -> int:
        plain = {"font_name": _FONT, "font_size": 10.5, "border": 1, "border_color": "#BFBFBF"}
        return style_of(self.book.add_format(plain | {"text_wrap": True, "valign": "top"} | more))

    def style(self, kind: Kind, decimals: int = 0) -> int:
        """Return the style of a kind of cell; numbers show as many decimals as are printed."""
        key = (kind, decimals)
        if key not in self._styles:
            digits = "0" + (f".{'0' * decimals}" if decimals else "")
            self._styles[key] = {
                "text": lambda: self._made(num_format=49),
                "centre": lambda: self._made(num_format=49, align="center"),
                "count": lambda: self._made(num_format="0"),
                "number": lambda: self._made(num_format=f"#,##{digits}"),
                "signed": lambda: self._made(num_format=f"+#,##{digits};-#,##{digits};{digits}"),
            }[kind]()
        return self._styles[key]

    def sheet(self, name: str, columns: Sequence[Column], fixed: int, rows: int) -> Sheet:
        """Add a sheet with heads, frozen panes, filter, widths, and set up for print.

        Parameters
        ----------
        name : str
        columns : sequence of Column
        fixed : int
            Columns that stay in sight.
        rows : int
            Rows of data that will be written.
        """
        made = self.bare_sheet(name, columns)
        sheet = made.worksheet
        sheet.put(0, [column.head for column in columns], [self.head] * len(columns))
        sheet.set_row(0, 30)
        sheet.freeze_panes(1, fixed)
        sheet.autofilter(0, 0, max(1, rows), len(columns) - 1)
        sheet.repeat_rows(0)
        return made

    def bare_sheet(self, name: str, columns: Sequence[Column]) -> Sheet:
        """Add a sheet of columns without heads; it prints on A4, landscape, as wide as the page."""
        sheet = self.book.add_worksheet(name, plain_sheet())
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        said = f"{self._title} {name}".replace("&", "&&")
        sheet.set_header(f"&C{said}")
        sheet.set_footer("&C第 &P 页 共 &N 页")
        return Sheet(self, sheet, columns)


class Sheet:
    """A sheet and its columns.

    Parameters
    ----------
    cells : Cells
    worksheet : xlsxwriter.worksheet.Worksheet
        One with rows put down whole (:func:`xuncha_nb.workbook.plain_sheet.plain_sheet`).
    columns : sequence of Column
    """

    def __init__(self, cells: Cells, worksheet: Any, columns: Sequence[Column]) -> None:
        self.worksheet = worksheet
        self._cells = cells
        self._kinds = [column.kind for column in columns]

    def row(self, row: int, items: Sequence[Item]) -> None:
        """Write a row, counted from 0 with the heads: an item for each column."""
        contents: list[Content] = []
        styles: list[int] = []
        style = self._cells.style
        for kind, item in zip(self._kinds, items, strict=True):
            if item is None or item == "":
                contents.append(None)
                styles.append(style(kind))
            elif isinstance(item, str):
                contents.append(item)
                styles.append(style(_AS_TEXT.get(kind, kind)))
            elif isinstance(item, Number):
                contents.append(float(item.value))
                styles.append(style(kind, item.decimals))
            elif isinstance(item, Month):
                contents.append(item.ordinal - _DAY_ZERO)
                styles.append(self._cells.month)
            elif isinstance(item, int):
                contents.append(item)
                styles.append(style("count"))
            else:
                contents.append(item[0])
                styles.append(style(kind, item[1]))
        self.worksheet.put(row, contents, styles)
