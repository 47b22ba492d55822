"""Heads of columns in print: broken between words, evenly, and before the unit.

Typst, Word and LibreOffice break Chinese anywhere: 派出巡察 / 组, 村 / （社区）全覆 / 盖完成率.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from xuncha_nb.exporters import layout

#: Words of figures' names of other than two characters, or in front of which a single one stands.
_WORDS: Final = (
    "第[0-9一二三四五六七八九十]+轮", "第[一二三四]种", "形态", "村（社区）", "全覆盖",
    "完成率", "党组织", "巡察组", "未完成", "现有", "发现", "[正副]科级", "无实质", "机动式",
    "招投标", "其他", "巡察", "对象", "问题", "线索",
    "轮次", "整改", "完成", "处理", "延伸", "类别",
)  # fmt: skip
_KNOWN: Final = "|".join(_WORDS)
_TOKEN: Final = re.compile(
    rf"(?:“[^”]*”|{_KNOWN}|（[^（）]*）|[ -~]+|[^（“](?!{_KNOWN})[^（“ -~]|.)[：，、；]*",
    re.DOTALL,
)
_UNIT: Final = re.compile(r"(.+)(（[^（）]+）)", re.DOTALL)
#: A head breaks rather than make its column wider than this many characters, or this many where it
#: takes a line less for it; but not into more lines than other words.
_NARROW, _WIDE = 4, 5
MOST_LINES: Final = 3
#: Narrower by less than any two lines differ.
_LESS: Final = 0.001
#: 同比（%） stays on a line.
_WHOLE: Final = 5.0


@functools.lru_cache(maxsize=1024)
def lines(head: str, room: float) -> tuple[str, ...]:
    """Return the lines of a head in so many full-width characters.

    A word that is wider than the room stays whole: whoever sets it has to break it.
    """
    name, unit = _parts(head)
    if layout.widest(head) <= room or not head:
        return (head,)
    return (*_broken(name, room), *((unit,) if unit else ()))


@functools.lru_cache(maxsize=1024)
def narrowest(head: str, spacious: bool) -> float:
    """Return the room that a head should have at least, in full-width characters.

    Parameters
    ----------
    head : str
    spacious : bool
        Whether it may have a little more if it takes a line less for it.
    """
    if layout.width(head) <= _WHOLE:
        return layout.width(head)
    name, unit = _parts(head)
    wide = layout.width(name)
    least = max(map(layout.width, _words(name)))
    even = max(least, min(wide, max(_NARROW, wide / MOST_LINES)))
    rooms = (room for room in range(_NARROW, _WIDE + 1) if spacious and room >= even)
    found = next((r for r in rooms if len(_broken(name, r)) <= -(-wide // r)), even)
    return max(found, layout.width(unit))


def _parts(head: str) -> tuple[str, str]:
    """Return name and unit of 发现问题（个）."""
    found = _UNIT.fullmatch(head)
    return (found[1], found[2]) if found else (head, "")


def _words(name: str) -> list[str]:
    """Return the words of a name; a single character belongs to the next, the last to its last."""
    words: list[str] = []
    alone = ""
    for token in _TOKEN.findall(name):
        if len(token) == 1:
            alone += token
        else:
            words.append(alone + token)
            alone = ""
    if alone:
        words.append((words.pop() if words else "") + alone)
    return words


def _broken(name: str, room: float) -> tuple[str, ...]:
    """Return as few lines as there can be, as even as they can be, the first ones longer."""
    made = _filled(name, room)
    # A word alone is as narrow as it gets: with such a line as the widest there is nothing to even.
    while len(widest := max(sorted(made, key=len), key=_width, default=[])) > 1:
        narrower = _filled(name, _width(widest) - _LESS)
        if len(narrower) > len(made):
            break
        made = narrower
    return tuple("".join(line) for line in made)


def _width(words: list[str]) -> float:
    return layout.widest("".join(words))


def _filled(name: str, room: float) -> list[list[str]]:
    """Return the words of each line, where a line takes as many as it has room for."""
    made: list[list[str]] = []
    for word in _words(name):
        if made and _width([*made[-1], word]) <= room:
            made[-1].append(word)
        else:
            made.append([word])
    return made
