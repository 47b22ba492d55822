"""The one style of all charts: colours, type, axes by millimetres, SVG with live text."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from xuncha_nb import fonts
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure

if TYPE_CHECKING:
    from matplotlib.artist import Artist

WIDTH_MM: Final = 150.0
INK, SOFT_INK = "#222222", "#555555"
NOW, BASE, SECOND, THIRD, REST = "#1f4e79", "#b9bec5", "#6f9bc8", "#d9a441", "#eceef1"
SIZE: Final = 9.0
#: From one line of a text to the next, in millimetres.
LINE_MM: Final = SIZE * 1.12 * 25.4 / 72
#: From one stripe to the next, in millimetres.
_STRIPE_MM: Final = 1.6
#: How much white there is around a text that lines pass behind, in millimetres.
_CLEAR_MM: Final = 0.2
#: Where matplotlib draws texts: over every line and bar, in the order in which they are written.
_ABOVE: Final = 3
_MM: Final = 1 / 25.4  # in inches
_PT_MM: Final = 25.4 / 72


@cache
def _fonts_registered() -> None:
    from matplotlib import font_manager

    for path in fonts.font_paths():
        font_manager.fontManager.addfont(str(path))


_STYLE: Final[Mapping[str, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "xuncha_nb",
    "font.family": "Noto Sans CJK SC",
    "font.size": SIZE,
    "axes.unicode_minus": False,
    "text.color": INK,
    "text.parse_math": False,  # a name with $ in it is no formula
}


@contextmanager
def style() -> Iterator[None]:
    """Set matplotlib to the one style of all charts, for drawing and for saving."""
    import matplotlib as mpl

    _fonts_registered()
    # Not matplotlib's rc_context, which copies all three hundred settings for these seven.
    settings: Any = mpl.rcParams
    before = {name: settings[name] for name in _STYLE}
    settings.update(_STYLE)
    try:
        yield
    finally:
        settings.update(before)


class Sheet:
    """An empty picture, drawn on in millimetres from its lower left corner.

    matplotlib's artists stand on its figure without axes: nothing here has ticks or scales of
    its own, and axes would cost half of a chart's time.

    Parameters
    ----------
    height_mm, width_mm : float
    """

    def __init__(self, height_mm: float, width_mm: float = WIDTH_MM) -> None:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure as Canvas
        from matplotlib.transforms import Affine2D

        self.width_mm, self.height_mm = width_mm, height_mm
        self._canvas = Canvas(figsize=(width_mm * _MM, height_mm * _MM))
        # Not savefig, which looks among all backends for the one that writes a file's format.
        self._svg: Any = FigureCanvasSVG(self._canvas)
        self._place = Affine2D().scale(_MM) + self._canvas.dpi_scale_trans

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        """Write a text; by default it begins at ``x`` and stands on ``y``."""
        from xuncha_nb.charts.letters import Letters

        self._add(Letters(x, y, text, **look))

    def clear_text(
        self, x: float, y: float, text: str, ha: str = "left", size: float = SIZE, **look: Any
    ) -> None:
        """Write a text with its middle on ``y``, on white: lines pass behind it, not through it."""
        width, height = text_width(text, size), size * _PT_MM
        left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[ha] * width
        self.box(
            left - _CLEAR_MM,
            y - height / 2 - _CLEAR_MM,
            width + 2 * _CLEAR_MM,
            height + 2 * _CLEAR_MM,
            facecolor="#ffffff",
            zorder=_ABOVE,
        )
        self.text(x, y, text, ha=ha, va="center", fontsize=size, **look)

    def line(self, xs: Sequence[float], ys: Sequence[float], **look: Any) -> None:
        """Draw a line through points."""
        from matplotlib.lines import Line2D

        self._add(Line2D(xs, ys, **look))

    def box(self, left: float, low: float, width: float, height: float, **look: Any) -> None:
        """Draw a filled rectangle from its lower left corner."""
        from matplotlib.patches import Rectangle

        self._add(Rectangle((left, low), width, height, **{"linewidth": 0.0} | look))

    def striped(self, left: float, low: float, width: float, height: float, colour: str) -> None:
        """Draw a rectangle with stripes from its lower left to its upper right.

        They are lines that end at its edges: as a pattern, which matplotlib's hatches are in
        SVG, several programs leave them out.
        """
        self.box(left, low, width, height, facecolor="#ffffff", edgecolor=colour, linewidth=0.8)
        xs: list[float] = []
        ys: list[float] = []
        shift = _STRIPE_MM / 2 - height
        while shift < width:
            xs += [left + max(0.0, shift), left + min(width, height + shift), math.nan]
            ys += [low + max(0.0, -shift), low + min(height, width - shift), math.nan]
            shift += _STRIPE_MM
        # Over the rectangle and under every line and number.
        self.line(xs, ys, color=colour, lw=0.6, solid_capstyle="butt", zorder=1.5)

    def area(self, corners: Sequence[tuple[float, float]], **look: Any) -> None:
        """Fill the polygon of some corners."""
        from matplotlib.patches import Polygon

        self._add(Polygon(corners, closed=True, **look))

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._place)
        self._canvas.add_artist(artist)

    def svg(self) -> str:
        """Return the picture as an ``<svg>`` element."""
        stream = io.StringIO()
        self._svg.print_svg(stream, metadata={"Date": None, "Creator": None})
        text = stream.getvalue()
        return text[text.index("<svg") :]


@cache
def _advance(character: str) -> float:
    """Return the width of a character in the charts' font, in em."""
    from matplotlib.font_manager import get_font
    from matplotlib.ft2font import LoadFlags

    font = get_font(str(fonts.font_paths()[1]))
    font.set_size(1000.0, 72)
    glyph = font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / 1000


def text_width(text: str, size: float = SIZE) -> float:
    """Return the width of a text in millimetres, by the font's own measure."""
    return sum(map(_advance, text)) * size * _PT_MM


def length(figure: Figure) -> float:
    """Return how long a figure's bar is, in the figure's unit."""
    return max(0.0, float(figure.value.value))


def said_of(figure: Figure, base_name: str) -> str:
    """Return a figure in words, for the alternative text."""
    text = f"{figure.label}{figure.value.text}{figure.unit}"
    return text if figure.base is None else f"{text}（{base_name}{figure.base.text}{figure.unit}）"


def chart(
    sheet: Sheet, title: str, said: Iterable[str], drawn: Iterable[str], note: str = ""
) -> Chart:
    """Finish a chart: its SVG, its size, and what it says to someone who cannot see it."""
    with style():
        svg = sheet.svg()
    return Chart(
        title=title,
        alt=f"{title}：{'；'.join(said)}。",
        svg=svg,
        width_mm=round(sheet.width_mm, 2),
        height_mm=round(sheet.height_mm, 2),
        figures=tuple(drawn),
        note=note,
    )


def marked(id: str) -> str | None:
    """Return the mark of a text that prints a figure's number, as ``gid`` takes it.

    A web page ties the number to what is known of the figure.
    """
    return f"figure:{id}" if id else None


def bar(
    sheet: Sheet,
    left: float,
    y: float,
    length: float,
    thick: float,
    colour: str,
    text: str,
    ink: str,
    id: str = "",
    clear: bool = False,
) -> None:
    """Draw a bar with its number beside it; a zero has only its number.

    ``id`` names the figure whose number it is, or a companion of it: ``findings_total_base``.
    ``clear`` is for a number that a line crosses.
    """
    if length > 0:
        sheet.box(left, y - thick / 2, max(length, 0.4), thick, color=colour)
    at, size = left + length + 1.5, SIZE - 0.5
    look: dict[str, Any] = {"color": ink, "gid": marked(id)}
    if clear:
        sheet.clear_text(at, y - 0.1, text, size=size, **look)
    else:
        sheet.text(at, y - 0.1, text, ha="left", va="center", fontsize=size, **look)


def row_name(sheet: Sheet, right: float, y: float, text: str, room: float, lines: int = 1) -> None:
    """Write the name of a row, right-aligned: broken into as many lines as the row has room for.

    What is still too long ends in an ellipsis; the alternative text has it in full.
    """
    parts: list[str] = []
    rest = text
    while rest and len(parts) < lines - 1 and text_width(rest) > room:
        head = _that_fits(rest, room)
        parts.append(head)
        rest = rest[len(head) :]
    parts.append(shortened(rest, room))
    for place, part in enumerate(parts):
        # Each line is a text of its own, so that a page whose font is wider still aligns it.
        shift = LINE_MM * ((len(parts) - 1) / 2 - place)
        sheet.text(right, y + shift, part, ha="right", va="center")


def _that_fits(text: str, room: float) -> str:
    """Return the beginning of a text that fits, at least one character."""
    end = len(text)
    while end > 1 and text_width(text[:end]) > room:
        end -= 1
    return text[:end]


def shortened(text: str, room: float) -> str:
    """Cut a label that does not fit, with an ellipsis; the table has it in full."""
    if text_width(text) <= room:
        return text
    while text and text_width(text + "…") > room:
        text = text[:-1]
    return text + "…"
