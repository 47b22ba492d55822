"""The ledger workbook: a 说明 sheet and one sheet a ledger, blank or filled with rows.

Everything on a sheet comes from the declarations in :mod:`xuncha_nb.ledgers`. The same
content always gives the same bytes, so a sample can be compared file by file.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from xuncha_nb.errors import OutputError
from xuncha_nb.ledgers import EXAMPLE, GUIDE_SHEET, LEDGERS, NUMBER_HEADER
from xuncha_nb.template.formats import Formats
from xuncha_nb.template.guide import write_guide
from xuncha_nb.template.sheets import LAST_ROW, write_ledger

__all__ = ["EXAMPLE", "GUIDE_SHEET", "LAST_ROW", "NUMBER_HEADER", "write_workbook"]


#: xlsxwriter would write the time of day.
_CREATED: Final = datetime(2024, 1, 1)


def write_workbook(
    path: Path,
    rows: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    *,
    example: bool = True,
    area: str = "",
) -> None:
    """Write the ledger workbook, whole or not at all.

    Parameters
    ----------
    path : Path
        The workbook; an existing one is replaced.
    rows : mapping of str to sequence of mapping, optional
        Ledger name to its rows, each column name to value: ``date`` as dates, ``flag`` as
        bool, ``count`` and ``number`` as numbers, everything else as text; None stays blank.
    example : bool
        Whether each sheet starts with an example row, which the reader skips.
    area : str
        Name of the county, for the title of the 说明 sheet.

    Raises
    ------
    OutputError
        If the folder is missing or the file cannot be written.
    """
    if not path.parent.is_dir():
        raise OutputError(f"不能写入 {path.name}：文件夹“{path.parent.name}”不存在，请先建立文件夹")
    content = _workbook(rows or {}, example=example, area=area)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OutputError(
            f"不能写入 {path.name}：{error.strerror}；如文件正在 Excel 或 WPS 中打开，请先关闭"
        ) from None


def _workbook(
    rows: Mapping[str, Sequence[Mapping[str, object]]], *, example: bool, area: str
) -> bytes:
    # Imported here, so that the command line starts without them.
    import xlsxwriter

    from xuncha_nb.parameters import load_standards

    unknown = [name for name in rows if name not in LEDGERS]
    if unknown:
        raise KeyError(f"no such ledger: {unknown}")
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": "巡察工作台账", "subject": area, "created": _CREATED})
    formats = Formats(book)
    standards = load_standards()
    guide = book.add_worksheet(GUIDE_SHEET)
    for ledger in LEDGERS.values():
        sheet = book.add_worksheet(ledger.sheet)
        write_ledger(sheet, ledger, rows.get(ledger.name, ()), formats, standards, example)
    write_guide(guide, formats, standards, area, LAST_ROW)
    book.close()
    return buffer.getvalue()
