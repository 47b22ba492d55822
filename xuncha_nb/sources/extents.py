"""How far a sheet's cells and texts reach, measured on its XML before a library reads it.

The library allocates a rectangle from the first to the last cell of a sheet and a copy of each
shared string per cell, and ends the whole process when that fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from xuncha_nb import bounds
from xuncha_nb.errors import SourceError

#: What a sheet's cells begin with.
CELLS: Final = b"<sheetData"
#: Spreadsheet programs take no longer text in a cell.
_LONGEST: Final = 32_767
_CHARACTER: Final = 4

#: A cell beyond column CZ or row 9999, or one that does not begin with its reference: in a sheet
#: without any, all cells lie in a rectangle that does no harm.
_FAR_CELL: Final = re.compile(rb'<c(?! r="[A-C]?[A-Z]\d{1,4}")')
#: A row's number or a cell's reference, as XML would allow it.
_REFERENCE: Final = re.compile(rb"\sr\s*=\s*[\"']\s*([A-Za-z]*\d+)")
_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s>/]")
_ROW: Final = re.compile(rb"<(?:\w+:)?row[\s>/]")
#: A cell takes at least so many bytes, a shared string's index included.
_CELL_BYTES: Final = 20
_NEVER_COMPUTED: Final = re.compile(
    rb'<c\s[^>]*?r="([A-Z]+\d+)"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_FILLED_CELL: Final = re.compile(rb'<c r="([A-Za-z]+\d+)"(?:[^>]*[^>/])?>')
_DIGITS: Final = b"0123456789"
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_INDEX: Final = re.compile(rb">\s*(\d{1,8})\s*<")


def lengths(strings: bytes, where: str) -> list[int]:
    """Return how long each shared string is, in bytes with its markup."""
    found = [len(item) for item in strings.split(b"</si>")]
    longest = max(found)
    # What stands before the first string is the part's head.
    if longest > _LONGEST * _CHARACTER + 1_000 or (longest > _LONGEST and _longest(strings)):
        raise SourceError(
            f"{where}：有一个单元格的文字过长，应不超过{_LONGEST}字（Excel 的上限），请缩短"
        )
    return found


def _longest(strings: bytes) -> bool:
    """Whether a string has more characters than a cell may have, its markup not counted."""
    plain = re.sub(rb"<[^>]*>", b"", strings.replace(b"</si>", b"\0"))
    return max(len(item.decode("utf-8", "replace")) for item in plain.split(b"\0")) > _LONGEST


def measured(sheet: bytes, strings: list[int], cells: int, spot: str) -> int:
    """Return how many cells far-flung sheets have, this one included; refuse what is too much."""
    begin, end = sheet.find(CELLS), sheet.rfind(b"</sheetData>")
    around = sheet[:begin] + sheet[end + len("</sheetData>") :]
    if 0 <= begin < end and b"sheetData" not in around:
        sheet = sheet[begin:end]  # what stands around the cells would only slow this down
    has = _pairs(sheet)
    if has(b":c") or _FAR_CELL.search(sheet) is not None:
        column, row = _corner(sheet)
        cells += row * column
        if cells > bounds.CELLS:
            raise SourceError(
                f"{spot}：有内容的范围到了 {_letters(column)}{row}，太大，整个工作簿应不超过"
                f"{bounds.CELLS // 10_000}万个单元格，请删去远处的零散内容和多余的空行"
            )
    if max(strings) * (len(sheet) // _CELL_BYTES) > bounds.TEXT:
        known = [int(index) for index in _INDEX.findall(sheet)]
        total = sum(strings[index] for index in known if index < len(strings))
        if total > bounds.TEXT:
            raise SourceError(
                f"{spot}：文字总量过大（{bounds.megabytes(total)}），"
                f"应不超过 {bounds.megabytes(bounds.TEXT)}，请缩短单元格里的文字"
            )
    if has(b"<f") and (empty := _NEVER_COMPUTED.findall(sheet)):
        spots = "、".join(item.decode() for item in empty[:5])
        raise SourceError(
            f"{spot} {spots}{' 等' if len(empty) > 5 else ''}：公式还没有算出值，"
            "请用 WPS 或 Excel 打开，保存后再试"
        )
    return cells


def _pairs(sheet: bytes) -> Callable[[bytes], bool]:
    """Return whether two bytes stand side by side somewhere, in a tenth of the time of ``in``."""
    import numpy as np

    codes = np.frombuffer(sheet, np.uint8)
    return lambda pair: bool(((codes[:-1] == pair[0]) & (codes[1:] == pair[1])).any())


def _corner(sheet: bytes) -> tuple[int, int]:
    """Return the last column and row of a sheet's cells, at least."""
    if _is_plain(sheet):
        # Cells that only have a format take no memory, and are common far below.
        return _last(_FILLED_CELL.findall(sheet))
    references = _REFERENCE.findall(sheet)
    column, row = _last(references)
    # What has no reference follows the one before it.
    cells = len(_CELL.findall(sheet)) - sum(not r.isdigit() for r in references)
    rows = len(_ROW.findall(sheet)) - sum(r.isdigit() for r in references)
    return column + max(0, cells), row + max(0, rows)


def _is_plain(sheet: bytes) -> bool:
    """Whether every cell begins with its reference, as programs write them."""
    plain = sheet.count(b'<c r="')
    return plain == len(_CELL.findall(sheet)) and b'/>"' not in sheet and b":c" not in sheet


def _last(references: Iterable[bytes]) -> tuple[int, int]:
    """Return the last column and row of references; a row's number alone counts for the row."""
    # In whole strings, not one by one: there may be millions.
    joined = b" ".join(references)
    columns = set(joined.translate(None, _DIGITS).split())
    rows = set(joined.translate(None, _LETTERS).split())
    row = max((int(text) if len(text) < 10 else 10**9 for text in rows), default=1)
    return max(map(_number, columns), default=1), row


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:7]:
        number = number * 26 + letter - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
