"""Text in a chart, placed without measuring it."""

from __future__ import annotations

from functools import cache
from typing import Any

from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text


class Letters(Text):
    """One line of text.

    matplotlib draws every text once more to learn its box. Here the line is as high as its
    font says, which no character of it exceeds, and SVG aligns the rest itself: the same picture
    in half of the time.
    """

    def draw(self, renderer: Any) -> None:
        """Draw the line; a patch behind it would have to be measured (``Sheet.clear_text``)."""
        assert self.get_bbox_patch() is None
        text = self.get_text()
        if not text or not self.get_visible():
            return
        x, y = self.get_transform().transform(self.get_unitless_position())
        font = self.get_fontproperties()
        drop = _baseline(self.get_verticalalignment(), font) * renderer.points_to_pixels(
            self.get_fontsize()
        )
        _, height = renderer.get_canvas_width_height()
        renderer.open_group("text", self.get_gid())
        pen = renderer.new_gc()
        pen.set_foreground(to_rgba(self.get_color()), isRGBA=True)
        pen.set_alpha(self.get_alpha())
        renderer.draw_text(pen, x, height - (y - drop), text, font, 0.0, mtext=self)
        pen.restore()
        renderer.close_group("text")
        self.stale = False


def _baseline(vertical: str, font: FontProperties) -> float:
    """Return how far the baseline lies below the point that a text is placed at, in em."""
    ascent, descent = _line(tuple(font.get_family()), font.get_weight())
    return {
        "baseline": 0.0,
        "bottom": -descent,
        "center": (ascent - descent) / 2,
        "top": ascent,
    }[vertical]


@cache  # matplotlib looks for the font of a size anew at every text
def _line(family: tuple[str, ...], weight: str | int) -> tuple[float, float]:
    """Return how far a font's line reaches above and below the baseline, in em."""
    font = get_font(findfont(FontProperties(family=list(family), weight=weight)))
    table, head = font.get_sfnt_table("OS/2"), font.get_sfnt_table("head")
    assert table is not None
    assert head is not None
    whole = head["unitsPerEm"]
    return table["sTypoAscender"] / whole, -table["sTypoDescender"] / whole
