"""One unit under two names: registered twice, by a former name, or by a variant of its name.

Source: ``domain.md``, Relations (warning: the same unit under two names) and the faults that
real documents have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final

from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.rows import known
from xuncha_nb.sources import Book
from xuncha_nb.sources.validation import place
from xuncha_nb.verdicts import Verdict

#: What a name may carry without naming another unit: the party organisation for the body it
#: leads, the office for the street it administers, the government for its town.
_ENDINGS: Final = re.compile(
    r"(机关)?(党委|党组|党工委|党总支|党支部|党组织|委员会|人民政府|办事处|有限责任公司|有限公司)$"
)
#: In front, alone: the word for the county itself. 县委办 and 市场监管局 are no such names.
_LEVEL: Final = re.compile(r"^[县区市旗](?![委场政])(?=.{2,})")
_SEPARATORS: Final = re.compile(r"[、，,；;／/]")


def evaluate(book: Book) -> Iterator[Verdict]:
    """Yield a warning for every unit that stands under two names at the same time."""
    units = book["units"]
    current = units.where(~known(units["valid_to"]) & known(units["name"]))
    once: dict[tuple[Any, ...], Any] = {}
    for row in current.records():
        if (row.name, row.parent, row.type) in once:
            message = f"单位“{row.name}”登记了两次，请合并或注明区别"
            yield _verdict(book, row.Index, "name", message, "一个单位一行", row.name)
        else:
            once[row.name, row.parent, row.type] = row
    yield from _variants(book, once.values())
    names = set(current["name"])
    for row in units.where(known(units["former_names"])).records():
        for name in filter(None, (part.strip() for part in _SEPARATORS.split(row.former_names))):
            if name in names:
                message = f"“{name}”既是现有单位，又是“{row.name or ''}”的曾用名，请核对"
                yield _verdict(book, row.Index, "former_names", message, "一个单位一个名称", name)


def key(name: str) -> str:
    """Return what is left of a name without the parts that do not tell units apart.

    Examples
    --------
    >>> key("县财政局党组") == key("财政局")
    True
    >>> key("西屏街道办事处") == key("西屏街道")
    True
    >>> key("东门村") == key("西门村")
    False
    """
    text = "".join(unicodedata.normalize("NFKC", name).split())
    text = re.sub(r"[()·.“”\"-]", "", text)
    # Endings come in layers: 县财政局机关党委, 镇人民政府党委.
    while len(shorter := _ENDINGS.sub("", text)) > 1 and shorter != text:
        text = shorter
    return _LEVEL.sub("", text)


def _variants(book: Book, current: Iterable[Any]) -> Iterator[Verdict]:
    """Units of one type and one parent whose names are variants of each other."""
    places: dict[tuple[Any, ...], list[Any]] = {}
    for row in current:
        if row.type is not None:
            # Blank parents are alike: objects have none.
            places.setdefault((row.type, row.parent), []).append(row)
    for rows in places.values():
        owners: dict[str, str] = {}
        keyed = [(row, key(row.name)) for row in rows]
        for row, own in keyed:
            owners.setdefault(own, row.name)
        for row, own in keyed:
            name = row.name
            # 松阳县财政局 is 财政局 with the county in front.
            found = [m for m in re.finditer("[县区市旗]", own[:8]) if m.start()]
            shorter = (own[at:] for m in found for at in (m.start(), m.end()))
            bare = next((s for s in shorter if len(s) > 2 and s in owners), own)
            if owners[bare] != name:
                first = owners[bare]
                message = f"“{name}”与“{first}”像是同一单位的两种写法，请统一名称或合并成一行"
                yield _verdict(book, row.Index, "name", message, first, name)


def _verdict(book: Book, row: int, column: str, message: str, expected: str, found: str) -> Verdict:
    header = LEDGERS["units"].column(column).header
    where = place(book.where.get("units", book.name), row, header)
    return Verdict("warning", "unit_twice", message, expected=expected, found=found, where=where)
