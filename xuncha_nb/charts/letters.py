"""Letters in a chart, measured by the font's own tables and without drawing them."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Literal

from xuncha_nb import fonts

FAMILY: Final = "Noto Sans CJK SC"
#: Of most texts, in points.
SIZE: Final = 9.0
#: From points to millimetres.
PT_MM: Final = 25.4 / 72
#: What of a line of text lies at the height where it is written.
Rise = Literal["baseline", "bottom", "center", "top"]


def text_width(text: str, size: float = SIZE) -> float:
    """Return the width of a text in millimetres, by the font's own measure."""
    return sum(map(_advance, text)) * size * PT_MM


@cache
def baseline(rise: Rise) -> float:
    """Return how far the baseline lies below where a line is written, in em."""
    table, head = _font().get_sfnt_table("OS/2"), _font().get_sfnt_table("head")
    ascent, descent = (
        abs(table[name]) / head["unitsPerEm"] for name in ("sTypoAscender", "sTypoDescender")
    )
    below = {
        "baseline": 0.0,
        "bottom": -descent,
        "center": (ascent - descent) / 2,
        "top": ascent,
    }
    return float(below[rise])


@cache
def _advance(character: str) -> float:
    """Return the width of a character, in em."""
    from matplotlib.ft2font import LoadFlags

    font = _font()
    font.set_size(1000.0, 72)
    glyph = font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / 1000


def _font() -> Any:
    from matplotlib.font_manager import get_font

    return get_font(str(fonts.font_paths()[1]))
