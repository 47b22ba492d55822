"""Writing the cells of the workbook: numbers as numbers, texts as texts, sheets set up alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, Final, Literal

from xuncha_nb.errors import QuantityError
from xuncha_nb.quantities import Quantity

Kind = Literal["text", "centre", "number", "signed", "count"]

_FONT: Final = "宋体"
_HEAD: Final = "#E4E9EF"
#: Excel counts days from the end of 1899.
_DAY_ZERO: Final = date(1899, 12, 30).toordinal()


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


@cache
def _plain_worksheet() -> type[Any]:
    """Return the class of sheets for what is written here: plain cells, old formulas.

    XlsxWriter goes through each formula for forty functions that came after Excel 2007, and
    through each attribute of a cell for characters that are escaped; none of ours has one. The
    file is the same byte for byte.
    """
    from xlsxwriter.worksheet import Worksheet

    class PlainWorksheet(Worksheet):  # type: ignore[misc]
        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
            return formula.removeprefix("=")

        def _write_cell(self, row: int, col: int, cell: Any) -> None:
            kind = type(cell).__name__
            if cell.format is None or kind not in ("String", "Number", "Blank"):
                super()._write_cell(row, col, cell)
                return
            head = f'<c r="{_letters(col)}{row + 1}" s="{cell.format._get_xf_index()}"'
            if kind == "String":
                self.fh.write(f'{head} t="s"><v>{cell.string}</v></c>')
            elif kind == "Number":
                self.fh.write(f"{head}><v>{cell.number:.16G}</v></c>")
            else:
                self.fh.write(f"{head}/>")

    return PlainWorksheet


@cache
def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


class Cells:
    """The formats of one workbook and the writing of its cells.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    title : str
        County and period, for the head of printed pages.
    """

    def __init__(self, book: Any, title: str) -> None:
        self.book = book
        self._title = title
        self._formats: dict[tuple[Kind, int], Any] = {}

    @cached_property
    def head(self) -> Any:
        """The format of column heads."""
        return self._made(bold=True, bg_color=_HEAD, align="center", valign="vcenter")

    @cached_property
    def heading(self) -> Any:
        """The format of a sheet's own heading."""
        return self.book.add_format({"font_name": _FONT, "font_size": 15, "bold": True})

    @cached_property
    def day(self) -> Any:
        """The format of a month."""
        return self._made(num_format='yyyy"年"m"月"', align="right")

    def _made(self, **more: Any) -> Any:
        plain = {"font_name": _FONT, "font_size": 10.5, "border": 1, "border_color": "#BFBFBF"}
        return self.book.add_format(plain | {"text_wrap": True, "valign": "top"} | more)

    def format(self, kind: Kind, decimals: int = 0) -> Any:
        """Return the format of a kind of cell; numbers show as many decimals as are printed."""
        key = (kind, decimals)
        if key not in self._formats:
            digits = "0" + (f".{'0' * decimals}" if decimals else "")
            self._formats[key] = {
                "text": lambda: self._made(num_format=49),
                "centre": lambda: self._made(num_format=49, align="center"),
                "count": lambda: self._made(num_format="0"),
                "number": lambda: self._made(num_format=f"#,##{digits}"),
                "signed": lambda: self._made(num_format=f"+#,##{digits};-#,##{digits};{digits}"),
            }[kind]()
        return self._formats[key]

    def sheet(self, name: str, columns: Sequence[Column], fixed: int, rows: int) -> Any:
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
        sheet = self.book.add_worksheet(name, _plain_worksheet())
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.head, self.head)
        sheet.set_row(0, 30)
        sheet.freeze_panes(1, fixed)
        sheet.autofilter(0, 0, max(1, rows), len(columns) - 1)
        self.set_up_print(sheet, name)
        sheet.repeat_rows(0)
        return sheet

    def set_up_print(self, sheet: Any, name: str) -> None:
        """Print on A4, landscape, as wide as the page, with county, sheet and page number."""
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        said = f"{self._title} {name}".replace("&", "&&")
        sheet.set_header(f"&C{said}")
        sheet.set_footer("&C第 &P 页 共 &N 页")

    def write(self, sheet: Any, row: int, column: int, kind: Kind, value: object) -> None:
        """Write one cell; None and the empty text leave a blank one with a frame."""
        if value is None or value == "":
            sheet.write_blank(row, column, None, self.format(kind))
        elif isinstance(value, Number):
            sheet.write_number(row, column, float(value.value), self.format(kind, value.decimals))
        elif isinstance(value, int):
            sheet.write_number(row, column, value, self.format("count"))
        else:
            sheet.write_string(row, column, str(value), self.format("text" if kind in
                               ("number", "signed", "count") else kind))  # fmt: skip

    def write_month(self, sheet: Any, row: int, column: int, ordinal: int) -> None:
        """Write a date, shown to the month."""
        sheet.write_number(row, column, ordinal - _DAY_ZERO, self.day)
