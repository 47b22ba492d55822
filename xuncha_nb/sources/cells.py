"""One cell, read as what it means: full-width digits, spaces, typed dates, 是/否 variants."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from xuncha_nb.errors import PeriodError
from xuncha_nb.ledgers import Column
from xuncha_nb.periods import Period

_YES: Final = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√", "✓", "v", "已"})
_NO: Final = frozenset({"否", "无", "n", "no", "false", "f", "0", "×", "x", "✗", "未", "没有"})
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MIDNIGHT: Final = re.compile(r"[ T]0?0:00(:00(\.0+)?)?$")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
#: Excel counts days from here (its 1900 leap-year error included, for dates after it).
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(20_000, 90_000)
#: Above it a float no longer holds every whole number; nothing that is counted reaches it.
_LARGEST_COUNT: Final = 10**15


#: Control, format, surrogate, private and unassigned characters: nothing a reader could see.
_DROPPED: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
#: No name, theme or note of an office is longer.
_LONGEST: Final = 2000
#: Nor is a code that rows refer to each other by, or a figure's name; messages quote them whole.
_LONGEST_CODE: Final = 100


class CellError(Exception):
    """A cell that does not hold what its column declares; says what was found."""

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(found)


def is_blank(value: Any) -> bool:
    """Whether a raw cell is empty: nothing, white space, or a not-a-number."""
    if isinstance(value, str):
        bare = value.strip()
        # Asked of every cell: one that begins with anything but a byte order mark is filled.
        return not bare or (bare[0] == "\ufeff" and not bare.replace("\ufeff", "").strip())
    return value is None or (isinstance(value, float) and math.isnan(value))


def parse(value: Any, column: Column) -> Any:
    """Read a raw cell as its column's type; blank cells give ``None``.

    Raises
    ------
    CellError
        If the cell cannot be read as that type.
    """
    if column.type == "text" and _is_plain(value) and 0 < len(value) <= _LONGEST_CODE:
        # Most of a ledger's cells.
        return folded(value) if column.refers or column.unique else value
    if is_blank(value):
        return None
    match column.type:
        case "count":
            number = _count(value, column.unit)
            if column.within and not column.within[0] <= number <= column.within[1]:
                raise CellError(shown(value))
            return number
        case "number":
            return _number(value, column.unit)
        case "date":
            return _date(value)
        case "flag":
            return _flag(value)
        case "choice":
            return _choice(value, column.allowed)
        case "period":
            return _period(value)
        case "printed":
            return _short(value, _LONGEST_CODE)
        case "figure":
            return folded(_short(value, _LONGEST_CODE))
        case "text":
            if column.refers or column.unique:
                return folded(_short(value, _LONGEST_CODE))
            return _short(value, _LONGEST)


def _is_plain(value: Any) -> bool:
    """Whether a cell is a text in which nothing is to be dropped or joined."""
    return isinstance(value, str) and value.isprintable() and " " not in value


def _short(value: Any, most: int) -> str:
    """Return a cell as text, if it is not longer than its column may be."""
    text = shown(value)
    if len(text) > most:
        raise CellError(f"{text[:20]}…（{len(text)}字，过长，应不超过{most}字）")
    return text


@lru_cache(maxsize=4096)  # codes and choices recur in thousands of rows
def folded(text: str) -> str:
    """Fold full-width letters and digits and drop white space: the form codes compare in."""
    bare = "".join(unicodedata.normalize("NFKC", text).split())
    # Dropping a space may bring a letter and a loose accent together.
    return unicodedata.normalize("NFKC", bare)


def shown(value: Any) -> str:
    """Return a cell as text on one line: 3.0 as 3, dates in ISO form, no control characters."""
    if _is_plain(value):
        return str(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else str(value)
    text = " ".join(str(value).replace("\ufeff", "").split())
    return "".join(c for c in text if unicodedata.category(c) not in _DROPPED)


def _clean_number(value: Any, unit: str) -> str:
    text = unicodedata.normalize("NFKC", shown(value)).replace(",", "").replace(" ", "")
    text = text.replace("−", "-")
    return text.removesuffix(unit) if unit else text


def _number(value: Any, unit: str) -> float:
    text = _clean_number(value, unit)
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        raise CellError(shown(value))
    return float(text)


def _count(value: Any, unit: str) -> int:
    number = _number(value, unit)
    if not number.is_integer() or abs(number) >= _LARGEST_COUNT:
        raise CellError(shown(value))
    return int(number)


def _date(value: Any) -> datetime:
    if isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    text = unicodedata.normalize("NFKC", shown(value)).strip()
    is_serial = not isinstance(value, bool) and text.isdecimal() and len(text) == 5
    if is_serial and int(text) in _EXCEL_DAYS:
        day = _EXCEL_EPOCH + timedelta(days=int(text))
        return datetime(day.year, day.month, day.day)
    text = _MIDNIGHT.sub("", text)
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if match is None:
        raise CellError(shown(value))
    try:
        year, month, day_of = (int(part) for part in match.groups()[:3])
        day_read = datetime(year, month, day_of)
    except ValueError:
        raise CellError(shown(value)) from None
    if not 1900 <= day_read.year <= 2199:
        raise CellError(shown(value))
    return day_read


def _flag(value: Any) -> bool:
    text = folded(shown(value)).lower()
    if text in _YES or (text.startswith("是") and not text.startswith("是否")):
        return True
    if text in _NO or text.startswith("否"):
        return False
    raise CellError(shown(value))


def _choice(value: Any, allowed: tuple[str, ...]) -> str:
    text = folded(shown(value)).strip("“”\"'「」")
    for candidate in (text, text.removesuffix("巡察").strip("“”\"'"), text.removesuffix("库")):
        if candidate in allowed:
            return candidate
    raise CellError(shown(value))


def _period(value: Any) -> str:
    try:
        return str(Period.parse(shown(value)))
    except PeriodError:
        raise CellError(shown(value)) from None
