"""A sheet of XlsxWriter whose rows are put down whole: plain cells, and formulas of before 2007.

XlsxWriter keeps every cell as an object, goes through all of them again for the rows' spans and
once more to write them, and goes through each formula for forty functions that came after Excel
2007. A report's figures are four thousand cells that need none of that: here a row is kept as the
text that will stand in the file. Everything else of the file is XlsxWriter's, and the file is the
same byte for byte.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

#: How many UTF-16 units a cell takes; a text of half as many characters may have more.
_UNITS: Final = 32_767
_RICH: Final = ("<r>", "</r>")


class Formula(NamedTuple):
    """A formula, and what it comes to now: shown until a program works it out itself."""

    formula: str
    value: float | str


#: What a cell holds; None is a blank one with its frame.
Content = float | str | Formula | None


def style_of(form: Any) -> int:
    """Return the number of a format of the workbook, by which cells refer to it."""
    return int(form._get_xf_index())


@cache
def plain_sheet() -> type[Any]:
    """Return the class, for ``Workbook.add_worksheet``; XlsxWriter is loaded only here."""
    from xlsxwriter.worksheet import Worksheet

    class PlainSheet(Worksheet):  # type: ignore[misc]
        """A sheet without comments, each of whose rows is put down once."""

        def __init__(self) -> None:
            super().__init__()
            self._lines: dict[int, str] = {}

        def put(self, row: int, contents: Sequence[Content], styles: Sequence[int]) -> None:
            """Put down the cells of a row, counted from 0, each with its style's number."""
            index_of, number = self.str_table._get_shared_string_index, row + 1
            line = []
            for column, (content, style) in enumerate(zip(contents, styles, strict=True)):
                head = f'<c r="{_letters(column)}{number}" s="{style}"'
                if content is None:
                    line.append(f"{head}/>")
                elif isinstance(content, str):
                    line.append(f'{head} t="s"><v>{index_of(_whole(content))}</v></c>')
                elif isinstance(content, Formula):
                    line.append(f"{head}{_worked_out(content)}</c>")
                else:
                    line.append(f"{head}><v>{content:.16G}</v></c>")
            self._lines[row] = "".join(line)
            self._check_dimensions(row, 0)
            self._check_dimensions(row, len(line) - 1)

        def _write_rows(self) -> None:
            spans = f"{self.dim_colmin + 1}:{self.dim_colmax + 1}"
            for row, line in sorted(self._lines.items()):
                self._write_row(row, spans, self.row_info.get(row))
                self.fh.write(f"{line}</row>")

    return PlainSheet


def _whole(text: str) -> str:
    """Return a text as a cell takes it."""
    if len(text) > _UNITS // 2:
        text = text.encode("utf-16-le", "surrogatepass")[: 2 * _UNITS].decode("utf-16-le", "ignore")
    if text[:3] == _RICH[0] and text.endswith(_RICH[1]):
        return f"{text} "  # XlsxWriter would take it for markup of its own, and write it as it is
    return text


def _worked_out(content: Formula) -> str:
    formula, value = html.escape(content.formula, quote=False), content.value
    if isinstance(value, str):
        return f' t="str"><f>{formula}</f><v>{html.escape(value, quote=False)}</v>'
    return f"><f>{formula}</f><v>{value}</v>"


@cache
def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
