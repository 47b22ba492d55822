"""The one style of all charts: colours, type, axes by millimetres, SVG with live text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final

from xuncha_nb import fonts
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

WIDTH_MM: Final = 150.0
INK, SOFT_INK = "#222222", "#555555"
NOW, BASE, SECOND, THIRD, REST = "#1f4e79", "#b9bec5", "#6f9bc8", "#d9a441", "#eceef1"
SIZE: Final = 9.0
#: From one line of a text to the next, in millimetres.
LINE_MM: Final = SIZE * 1.12 * 25.4 / 72
_MM: Final = 1 / 25.4
_PT_MM: Final = 25.4 / 72


@cache
def _fonts_registered() -> None:
    from matplotlib import font_manager

    for path in fonts.font_paths():
        font_manager.fontManager.addfont(str(path))


@contextmanager
def style() -> Iterator[None]:
    """Set matplotlib to the one style of all charts, for drawing and for saving."""
    import matplotlib as mpl

    _fonts_registered()
    with mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "xuncha_nb",
            "font.family": "Noto Sans CJK SC",
            "font.size": SIZE,
            "axes.unicode_minus": False,
            "text.color": INK,
            "text.parse_math": False,  # a name with $ in it is no formula
            "hatch.linewidth": 0.6,
        }
    ):
        yield


def canvas_of(height_mm: float, width_mm: float = WIDTH_MM) -> Canvas:
    """Return an empty canvas of a size in millimetres."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(width_mm * _MM, height_mm * _MM))
    FigureCanvasSVG(canvas)
    return canvas


def axes_at(canvas: Canvas, left: float, bottom: float, width: float, height: float) -> Axes:
    """Place axes by millimetres from the lower left corner; no frame, no ticks."""
    whole_w, whole_h = (side / _MM for side in canvas.get_size_inches())
    axes = canvas.add_axes((left / whole_w, bottom / whole_h, width / whole_w, height / whole_h))
    axes.set_axis_off()
    return axes


def _svg(canvas: Canvas) -> str:
    stream = io.StringIO()
    canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
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
    canvas: Canvas, title: str, said: Iterable[str], drawn: Iterable[str], note: str = ""
) -> Chart:
    """Finish a chart: its SVG, its size, and what it says to someone who cannot see it."""
    width, height = (float(side) / _MM for side in canvas.get_size_inches())
    with style():
        svg = _svg(canvas)
    return Chart(
        title=title,
        alt=f"{title}：{'；'.join(said)}。",
        svg=svg,
        width_mm=round(width, 2),
        height_mm=round(height, 2),
        figures=tuple(drawn),
        note=note,
    )


def marked(id: str) -> str | None:
    """Return the mark of a text that prints a figure's number, as ``gid`` takes it.

    A web page ties the number to what is known of the figure.
    """
    return f"figure:{id}" if id else None


def bar(
    axes: Axes,
    left: float,
    y: float,
    length: float,
    thick: float,
    colour: str,
    text: str,
    ink: str,
    id: str = "",
) -> None:
    """Draw a bar with its number beside it; a zero has only its number.

    ``id`` names the figure whose number it is, or a companion of it: ``findings_total_base``.
    """
    if length > 0:
        axes.barh(y, max(length, 0.4), thick, left=left, color=colour, linewidth=0)
    axes.text(
        left + length + 1.5,
        y - 0.1,
        text,
        ha="left",
        va="center",
        color=ink,
        fontsize=SIZE - 0.5,
        gid=marked(id),
    )


def row_name(axes: Axes, right: float, y: float, text: str, room: float, lines: int = 1) -> None:
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
        axes.text(right, y + shift, part, ha="right", va="center")


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
