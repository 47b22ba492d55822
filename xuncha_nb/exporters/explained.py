"""What a page says about a number: value, base period, definition, source, adjustment.

Everything is read from the record, so that the page explains the same figure that the sentence,
the table and the chart print. A record with less than that explains less, and never fails.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

from xuncha_nb.document import Chart, Document, Heading, Paragraph, Table
from xuncha_nb.errors import PeriodError, XunchaError
from xuncha_nb.exporters import layout
from xuncha_nb.periods import Period
from xuncha_nb.quantities import Quantity, magnitude

Direction = Literal["up", "down", "flat"]

_COMPANIONS: Final = ("_base", "_change", "_yoy", "_share")
#: Words of a movement: of a count, of a percentage.
_WORDS: Final[Mapping[Direction, tuple[str, str]]] = {
    "up": ("增加", "增长"),
    "down": ("减少", "下降"),
    "flat": ("持平", "持平"),
}


@dataclass(frozen=True)
class Movement:
    """How a figure moved against its base period.

    Attributes
    ----------
    direction : {'up', 'down', 'flat'}
    change : str
        增加11个, 提高5.4个百分点, 持平.
    growth : str
        增长6.2%; empty for rates, from a base of zero, and when it rounds to nothing.
    """

    direction: Direction
    change: str
    growth: str = ""


@dataclass(frozen=True)
class Note:
    """The explanation of one figure.

    Attributes
    ----------
    anchor : str
        Fragment identifier of the entry.
    name : str
        Label with unit.
    lines : tuple of (str, str)
        What is said, each under a short term: 本期, 去年同期, 口径, 来源, 调整.
    """

    anchor: str
    name: str
    lines: tuple[tuple[str, str], ...]


class Explained:
    """The figures of a record, and the notes on those that a document shows.

    Attributes
    ----------
    figures : dict of str to mapping
        By identifier, in the form of ``figures.json``.
    notes : dict of str to Note
        By identifier, in the order in which the document first shows them.
    base_name : str
        去年同期 or 上年.
    """

    def __init__(self, content: Document) -> None:
        self._record: Mapping[str, Any] = content.record or {}
        listed = self._record.get("figures")
        self.figures: dict[str, Mapping[str, Any]] = {
            f["id"]: f
            for f in (listed if isinstance(listed, list) else [])
            if isinstance(f, Mapping) and isinstance(f.get("id"), str)
        }
        self.base_name = _base_name(self._record.get("period"))
        self._adjusted = {
            a["figure"]: a
            for a in self._record.get("adjustments") or []
            if isinstance(a, Mapping) and "figure" in a
        }
        shown = dict.fromkeys(f for id in dict.fromkeys(_shown(content)) if (f := self.stem(id)))
        self.notes = {id: self._note(id, f"n{n}") for n, id in enumerate(shown, 1)}

    def stem(self, id: str | None) -> str:
        """Return the figure that an identifier names or is a companion of; empty for none."""
        if not id or id in self.figures:
            return id or ""
        stems = (id.removesuffix(c) for c in _COMPANIONS if id.endswith(c))
        return next((stem for stem in stems if stem in self.figures), "")

    def note(self, id: str | None) -> Note | None:
        """Return the note on a number of the document, or None when nothing is known of it."""
        return self.notes.get(self.stem(id))

    def movement(self, id: str) -> Movement | None:
        """Return how a figure moved, or None when its base is not known."""
        figure = self.figures[id]
        if figure.get("base") is None or figure.get("change") is None:
            return None
        change = str(figure["change"])
        direction = direction_of(change)
        if direction == "flat":
            return Movement("flat", _WORDS["flat"][0])
        size = layout.clean(magnitude(change))
        unit = str(figure.get("change_unit") or "")
        if unit == "百分点":
            word = "提高" if direction == "up" else "下降"
            return Movement(direction, f"{word}{size}个百分点")
        growth = str(figure.get("growth") or "")
        percent = ""
        if growth and direction_of(growth) == direction:
            percent = f"{_WORDS[direction][1]}{layout.clean(magnitude(growth))}%"
        return Movement(direction, f"{_WORDS[direction][0]}{size}{unit}", percent)

    def _note(self, id: str, anchor: str) -> Note:
        figure = self.figures[id]
        unit = _unit(figure)
        label = str(figure.get("label") or id)
        scope = str(figure.get("scope") or "")
        name = f"{label}（{unit}）" if unit else label
        lines = [(t, layout.clean(text)) for t, text in self._said(id, figure, unit) if text]
        return Note(anchor, layout.clean(f"{name}　{scope}" if scope else name), tuple(lines))

    def _said(self, id: str, figure: Mapping[str, Any], unit: str) -> Iterator[tuple[str, str]]:
        if figure.get("text"):
            yield "本期", f"{figure['text']}{unit}"
        movement = self.movement(id)
        if figure.get("base") is not None:
            parts = [f"{figure['base']}{unit}"]
            if movement is not None:
                parts += [text for text in (movement.change, movement.growth) if text]
            yield self.base_name, "，".join(parts)
        share = (self._record.get("shares") or {}).get(id)
        if share:
            whole = self.figures.get(share["whole"], {})
            yield "占比", f"占“{whole.get('label', share['whole'])}”的{share['text']}%"
        yield "口径", str(figure.get("definition") or "")
        yield "来源", str(figure.get("source") or "")
        yield "调整", self._adjustment(id, figure)

    def _adjustment(self, id: str, figure: Mapping[str, Any]) -> str:
        made = self._adjusted.get(id)
        if made is not None:
            if self._record.get("edition") == "公开":
                return "已调整"  # the original is not for the public
            before = made.get("original") or "无数据"
            when = str(made.get("time") or "").replace("T", " ")
            by = "，".join(x for x in (str(made.get("author") or ""), when) if x)
            said = f"由{before}调整为{made.get('adjusted')}，理由：{made.get('reason')}"
            return f"{said}（{by}）" if by else said
        adjusted = (self._record.get("follows") or {}).get(id) or ()
        return f"由调整后的{'、'.join(map(self._label, adjusted))}计算" if adjusted else ""

    def _label(self, id: str) -> str:
        return f"“{self.figures.get(id, {}).get('label', id)}”"


@functools.lru_cache(maxsize=4096)
def direction_of(text: str) -> Direction:
    """Return which way a printed change goes: 下降3.2%, -11, +4, 0.0."""
    try:
        value = Quantity.parse(text.removesuffix("%"), "").value
    except XunchaError:
        return "flat"
    return "flat" if value == Fraction(0) else "up" if value > 0 else "down"


def _unit(figure: Mapping[str, Any]) -> str:
    unit = str(figure.get("unit") or "")
    return "" if unit == "日期" else unit


def _base_name(period: object) -> str:
    try:
        return Period.parse(str(period)).base_name
    except PeriodError:
        return "基期"


def _shown(content: Document) -> Iterable[str | None]:
    """Yield the identifiers of the numbers that a document shows, as they come."""
    for key in (content.record or {}).get("key_figures") or []:
        yield key["id"]
    for block in content.blocks:
        match block:
            case Heading() | Paragraph():
                yield from (run.figure for run in block.runs)
            case Table():
                yield from (cell.figure for row in block.rows for cell in row)
            case Chart():
                yield from block.figures
