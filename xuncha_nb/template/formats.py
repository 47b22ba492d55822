"""Cell formats and print set-up that the sheets of one workbook share."""

from __future__ import annotations

from typing import Any, Final

from xuncha_nb.ledgers import Column

FONT: Final = "宋体"
_REQUIRED_FILL: Final = "#FCE4D6"
_OPTIONAL_FILL: Final = "#DDEBF7"
_GREY: Final = "#7F7F7F"


class Formats:
    """The cell formats of one workbook.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    """

    def __init__(self, book: Any) -> None:
        def add(**properties: object) -> Any:
            return book.add_format({"font_name": FONT, "font_size": 11, **properties})

        head: dict[str, object] = {
            "bold": True,
            "border": 1,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
        }
        self.required = add(**head, bg_color=_REQUIRED_FILL)
        self.optional = add(**head, bg_color=_OPTIONAL_FILL)
        # 49 is Excel's own text format: the code 0310 keeps its zero.
        families: dict[str, dict[str, object]] = {
            "text": {"num_format": 49},
            "date": {"num_format": "yyyy-mm-dd", "align": "center"},
            "count": {"num_format": "0"},
            "number": {"num_format": "0.##"},
        }
        self.cells = {kind: add(**family) for kind, family in families.items()}
        self.examples = {
            kind: add(**family, italic=True, font_color=_GREY) for kind, family in families.items()
        }
        self.title = add(bold=True, font_size=18, valign="vcenter")
        self.heading = add(bold=True, font_size=13, valign="vcenter")
        self.body = add(text_wrap=True, valign="vcenter")
        self.box = add(text_wrap=True, valign="vcenter", border=1)
        self.link = add(border=1, valign="vcenter", font_color="#0563C1", underline=1)

    def cell(self, column: Column, *, example: bool = False) -> Any:
        """Return the format of a column's cells."""
        family = self.examples if example else self.cells
        return family.get(column.type, family["text"])


def set_up_print(sheet: Any, title: str) -> None:
    """Print on A4, landscape, as wide as the page, the header row on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    sheet.set_header(f"&C{title}")
    sheet.set_footer("&C第 &P 页 共 &N 页")
