"""The sheet that a chart is drawn on: marks in millimetres, written by matplotlib's SVG renderer.

The marks go to the renderer directly and not through artists on a figure, whose making and looking
after took two thirds of a chart's time. ``tests/test_sheet.py`` draws the same with artists and
holds both to one picture.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal

from xuncha_nb.charts.letters import FAMILY, PT_MM, SIZE, Rise, baseline, text_width

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase

WIDTH_MM: Final = 150.0
INK: Final = "#222222"
_WHITE: Final = "#ffffff"
#: From one stripe to the next, in millimetres.
_STRIPE_MM: Final = 1.6
#: How much white there is around a text that lines pass behind, in millimetres.
_CLEAR_MM: Final = 0.2
#: From millimetres to points, in which the renderer counts.
_PT: Final = 72 * (1 / 25.4)
#: What lies over what, as for matplotlib's artists; stripes lie between a box and a line.
_BOXES, _STRIPES, _LINES, _TEXTS = 1.0, 1.5, 2.0, 3.0

#: What the renderer would say of every picture.
_NO_METADATA: Final = dict.fromkeys(("Format", "Type", "Creator", "Date"))

Side = Literal["left", "center", "right"]
#: Strokes and gaps of a dashed line, as multiples of its width.
Dashes = tuple[float, float]
#: Takes matplotlib's renderer, which has no types.
_Mark = Callable[[Any], None]


class Sheet:
    """An empty picture, drawn on in millimetres from its lower left corner.

    Parameters
    ----------
    height_mm, width_mm : float
    """

    def __init__(self, height_mm: float, width_mm: float = WIDTH_MM) -> None:
        self.width_mm, self.height_mm = width_mm, height_mm
        self._marks: list[tuple[float, _Mark]] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        ha: Side = "left",
        va: Rise = "baseline",
        fontsize: float = SIZE,
        color: str = INK,
        gid: str | None = None,
    ) -> None:
        """Write a line of text; by default it begins at ``x`` and stands on ``y``.

        It is as high as its font says, which no character of it exceeds: matplotlib would draw it
        to learn its box. The width is left to whoever shows the picture.
        """
        if text:
            low = y * _PT - baseline(va) * fontsize
            mark = partial(_letters, x * _PT, low, text, ha, fontsize, color, gid)
            self._marks.append((_TEXTS, mark))

    def clear_text(
        self,
        x: float,
        y: float,
        text: str,
        ha: Side = "left",
        size: float = SIZE,
        color: str = INK,
        gid: str | None = None,
    ) -> None:
        """Write a text with its middle on ``y``, on white: lines pass behind it, not through it."""
        width, height = text_width(text, size), size * PT_MM
        left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[ha] * width
        self.box(
            left - _CLEAR_MM,
            y - height / 2 - _CLEAR_MM,
            width + 2 * _CLEAR_MM,
            height + 2 * _CLEAR_MM,
            color=_WHITE,
            zorder=_TEXTS,
        )
        self.text(x, y, text, ha=ha, va="center", fontsize=size, color=color, gid=gid)

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        color: str,
        lw: float,
        dashes: Dashes | None = None,
        solid_capstyle: Literal["projecting", "butt"] = "projecting",
        zorder: float = _LINES,
    ) -> None:
        """Draw a line through points; ``nan`` ends one and the next point begins another."""
        points = [(x * _PT, y * _PT) for x, y in zip(xs, ys, strict=True)]
        look = _Look(None, color, lw, "round", solid_capstyle)
        if dashes is not None:
            look = _Look(None, color, lw, "round", "butt", dashes)
        self._marks.append((zorder, partial(_drawn, points, False, look)))

    def box(
        self,
        left: float,
        low: float,
        width: float,
        height: float,
        *,
        color: str,
        edge: tuple[str, float] | None = None,
        zorder: float = _BOXES,
    ) -> None:
        """Draw a filled rectangle from its lower left corner; ``edge`` is a colour and a width."""
        right, high = left + width, low + height
        corners = [(left, low), (right, low), (right, high), (left, high)]
        self._filled(corners, _Look(color, *(edge or (None, 0.0))), zorder)

    def striped(self, left: float, low: float, width: float, height: float, colour: str) -> None:
        """Draw a rectangle with stripes from its lower left to its upper right.

        They are lines that end at its edges: as a pattern, which matplotlib's hatches are in
        SVG, several programs leave them out.
        """
        self.box(left, low, width, height, color=_WHITE, edge=(colour, 0.8))
        xs: list[float] = []
        ys: list[float] = []
        shift = _STRIPE_MM / 2 - height
        while shift < width:
            xs += [left + max(0.0, shift), left + min(width, height + shift), math.nan]
            ys += [low + max(0.0, -shift), low + min(height, width - shift), math.nan]
            shift += _STRIPE_MM
        self.line(xs, ys, color=colour, lw=0.6, solid_capstyle="butt", zorder=_STRIPES)

    def area(self, corners: Sequence[tuple[float, float]], color: str, alpha: float) -> None:
        """Fill the polygon of some corners, so that what lies behind shines through."""
        self._filled(corners, _Look(color, alpha=alpha), _BOXES)

    def _filled(self, corners: Sequence[tuple[float, float]], look: _Look, zorder: float) -> None:
        points = [(x * _PT, y * _PT) for x, y in (*corners, corners[0])]
        self._marks.append((zorder, partial(_drawn, points, True, look)))

    def svg(self) -> str:
        """Return the picture as an ``<svg>`` element.

        It has what draws and nothing else: three formats read it, and again and again.
        """
        from matplotlib.backends.backend_svg import RendererSVG

        width, height = self.width_mm * _PT, self.height_mm * _PT
        stream = io.StringIO()
        paper = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height), (0.0, 0.0)]
        with _as_usual():
            made: Any = RendererSVG
            renderer = made(width, height, stream, metadata=_NO_METADATA)
            _drawn(paper, True, _Look(_WHITE), renderer)
            # In the order in which they were drawn where none lies over the other.
            for _, draw in sorted(self._marks, key=lambda mark: mark[0]):
                draw(renderer)
            renderer.finalize()
        text = stream.getvalue()
        return text[text.index("<svg") :]


@dataclass(frozen=True, slots=True)
class _Look:
    """How a shape or a line looks.

    Attributes
    ----------
    fill, stroke : str or None
        Colours.
    width : float
        Of the stroke, in points.
    """

    fill: str | None
    stroke: str | None = None
    width: float = 0.0
    join: Literal["miter", "round"] = "miter"
    cap: Literal["butt", "projecting"] = "butt"
    dashes: Dashes | None = None
    alpha: float | None = None


@cache
def _pen(look: _Look) -> tuple[GraphicsContextBase, Any]:
    """Return what the renderer takes a look as: its pen, and the colour inside."""
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.colors import to_rgba

    pen = GraphicsContextBase()
    pen.set_linewidth(look.width)
    pen.set_joinstyle(look.join)
    pen.set_capstyle(look.cap)
    pen.set_alpha(look.alpha)  # type: ignore[arg-type]
    if look.stroke is not None:
        pen.set_foreground(look.stroke)
    if look.dashes is not None:
        pen.set_dashes(0.0, [part * look.width for part in look.dashes])
    return pen, None if look.fill is None else to_rgba(look.fill, look.alpha)


def _drawn(points: Sequence[tuple[float, float]], closed: bool, look: _Look, renderer: Any) -> None:
    """Draw a line or a shape."""
    from matplotlib.path import Path
    from matplotlib.transforms import IdentityTransform

    pen, inside = _pen(look)
    renderer.draw_path(pen, Path(points, closed=closed), IdentityTransform(), inside)


def _letters(
    x: float,
    y: float,
    text: str,
    side: Side,
    size: float,
    color: str,
    gid: str | None,
    renderer: Any,
) -> None:
    """Write a line of text with its baseline on ``y``, by the renderer's writer.

    The renderer itself would ask for a font, to name it again in every text, and turn each by
    nothing: a third of a chart's time.
    """
    if gid is not None:
        renderer.open_group("text", gid)
    said = {
        "style": _lettering(size, side, color),
        "x": _short(x),
        "y": _short(renderer.height - y),
    }
    renderer.writer.element("text", text, attrib=said)
    if gid is not None:
        renderer.close_group("text")


@cache
def _lettering(size: float, side: Side, color: str) -> str:
    anchor = {"left": "start", "center": "middle", "right": "end"}[side]
    font = f"font-size: {_short(size)}px; font-family: '{FAMILY}'"
    return f"{font}; text-anchor: {anchor}; fill: {color}"


def _short(number: float) -> str:
    return f"{number:f}".rstrip("0").rstrip(".")


#: What a user has set for matplotlib does not show in a report.
_SETTINGS: Final[Mapping[str, Any]] = {
    "svg.id": None,
    "path.simplify": True,
}


@contextmanager
def _as_usual() -> Iterator[None]:
    """Set matplotlib's renderer for a while.

    Not by ``rc_context``, which copies all three hundred settings for these.
    """
    import matplotlib as mpl

    settings: Any = mpl.rcParams
    before = {name: settings[name] for name, value in _SETTINGS.items() if settings[name] != value}
    settings.update({name: _SETTINGS[name] for name in before})
    try:
        yield
    finally:
        settings.update(before)
