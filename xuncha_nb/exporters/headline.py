"""Key figures at the head of a page: the number, how it moved, and a small trend drawing.

The drawings stand on zero. Small counts are columns, because a curve through a handful of
cases says more than they do; nothing is drawn through a period without a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any, Final

from markupsafe import Markup

from xuncha_nb.errors import PeriodError
from xuncha_nb.exporters import layout
from xuncha_nb.exporters.explained import Explained, Movement
from xuncha_nb.periods import Period

#: A trend needs more than two periods.
_LEAST: Final = 3
#: Counts that never reach it are drawn as columns.
_SMALL: Final = 20
_WIDTH, _HEIGHT, _EDGE = 120.0, 30.0, 4.0


@dataclass(frozen=True)
class Key:
    """One key figure.

    Attributes
    ----------
    id, name, text, unit : str
    movement : Movement or None
    trend : str
        The drawing; empty when fewer than three periods are known.
    span : str
        The periods that the drawing covers.
    """

    id: str
    name: str
    text: str
    unit: str
    movement: Movement | None
    trend: str = ""
    span: str = ""


def keys(record: Mapping[str, Any] | None, explained: Explained) -> Iterator[Key]:
    """Yield the key figures that a record names."""
    for chosen in (record or {}).get("key_figures") or []:
        figure = explained.figures.get(chosen["id"])
        if figure is None:
            continue
        unit = "" if figure["unit"] == "日期" else str(figure["unit"])
        points = [(str(p["period"]), str(p["name"]), p["value"], p["text"])
                  for p in chosen.get("history") or []]  # fmt: skip
        known = [p for p in points if p[2] is not None]
        drawn = len(known) >= _LEAST and unit != ""
        yield Key(
            chosen["id"],
            layout.clean(str(figure["label"])),
            layout.clean(str(figure["text"])),
            unit,
            explained.movement(chosen["id"]),
            _drawing(str(figure["label"]), points, unit) if drawn else "",
            f"{points[0][1]}—{points[-1][1]}" if drawn else "",
        )


def remark(chosen: Sequence[Key], base_name: str) -> str:
    """Return the line under the key figures that says what the small drawings show."""
    spans = list(dict.fromkeys(key.span for key in chosen if key.span))
    if not spans:
        return ""
    reach = spans[0] if len(spans) == 1 else "最近几期"
    grey = f"灰色为{base_name}，" if any(key.movement for key in chosen if key.span) else ""
    return f"小图为{reach}各期的数，{grey}深色为本期；从零画起，没有数据的期间不画。"


_Point = tuple[str, str, Any, Any]


def _drawing(label: str, points: Sequence[_Point], unit: str) -> Markup:
    values = [None if p[2] is None else max(Fraction(0), Fraction(p[2])) for p in points]
    most = max([v for v in values if v is not None] + [Fraction(1)])
    step = (_WIDTH - 2 * _EDGE) / max(1, len(points) - 1)
    places = [
        None
        if value is None
        else (
            _EDGE + step * n,
            _HEIGHT - _EDGE - float(value / most) * (_HEIGHT - 2 * _EDGE),
        )
        for n, value in enumerate(values)
    ]
    base = _base_place(points)
    small = unit != "%" and most < _SMALL
    shapes = _columns(places, base, step) if small else _line(places, base)
    said = "，".join(
        f"{name}{'没有数据' if text is None else f'{text}{unit}'}" for _, name, _, text in points
    )
    head = Markup('<svg class="trend" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">')
    opened = head.format(_WIDTH, _HEIGHT, layout.clean(f"{label}走势：{said}"))
    return opened + Markup("").join(shapes) + Markup("</svg>")


def _base_place(points: Sequence[_Point]) -> int:
    """Return which point is the base period; -1 when none is."""
    try:
        base = str(Period.parse(points[-1][0]).same_period_last_year())
    except PeriodError:
        return -1
    return next((n for n, point in enumerate(points) if point[0] == base), -1)


def _mark(place: int, last: int, base: int) -> str:
    return "now" if place == last else "base" if place == base else "past"


_Place = tuple[float, float] | None


def _columns(places: Sequence[_Place], base: int, step: float) -> Iterator[Markup]:
    wide = min(12.0, step * 0.6)
    foot = _HEIGHT - _EDGE
    yield Markup('<path class="ground" d="M0 {0}H{1}"/>').format(f"{foot:g}", f"{_WIDTH:g}")
    for n, place in enumerate(places):
        if place is not None and place[1] < foot:
            x = min(max(place[0] - wide / 2, 0.0), _WIDTH - wide)
            yield Markup('<path class="{}" d="M{:.1f} {:g}V{:.1f}h{:.1f}V{:g}z"/>').format(
                _mark(n, len(places) - 1, base), x, foot, place[1], wide, foot
            )


def _line(places: Sequence[_Place], base: int) -> Iterator[Markup]:
    yield Markup('<path class="ground" d="M0 {0}H{1}"/>').format(
        f"{_HEIGHT - _EDGE:g}", f"{_WIDTH:g}"
    )
    for known, run in groupby(places, key=lambda p: p is not None):
        if known:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (p for p in run if p is not None))
            yield Markup('<path class="line" d="M{}"/>').format(path)
    for n, place in enumerate(places):
        if place is not None:
            mark = _mark(n, len(places) - 1, base)
            radius = 3 if mark == "now" else 2.2
            yield Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:g}"/>').format(
                mark, *place, radius
            )
