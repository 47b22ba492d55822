"""Where the texts of a drawn chart stand, measured from the SVG with the font's own widths."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from fontTools.ttLib import TTFont

from xuncha_nb import fonts
from xuncha_nb.document import Chart

SVG = "{http://www.w3.org/2000/svg}"
#: A full-width character fills this much of its em above and below the line it stands on.
_ABOVE, _BELOW = 0.84, 0.08
#: Less than this much of a point is no overlap that anybody sees.
_TOLERANCE = 0.4


@dataclass(frozen=True)
class Box:
    """A text and the rectangle that it fills, in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > _TOLERANCE and down > _TOLERANCE


@cache
def _font() -> tuple[Any, Any]:
    font = TTFont(fonts.font_paths()[1])
    return font.getBestCmap(), font["hmtx"]


def _width(text: str) -> float:
    cmap, advances = _font()
    return sum(advances[cmap[ord(c)]][0] for c in text) / 1000


def boxes(chart: Chart) -> list[Box]:
    """Return the boxes of all texts of a chart."""
    found = []
    for node in ET.fromstring(chart.svg).iter(f"{SVG}text"):
        style = node.get("style", "")
        size = float(re.search(r"font(?:-size)?: (?:\w+ )?([\d.]+)px", style)[1])  # type: ignore[index]
        text = "".join(node.itertext())
        # Every text stands by itself: a chart has no text of several lines.
        x, y = float(node.attrib["x"]), float(node.attrib["y"])
        width = _width(text) * size
        shift = {"end": width, "middle": width / 2}
        anchor = re.search(r"text-anchor: (\w+)", style)
        left = x - shift.get(anchor[1] if anchor else "", 0.0)
        found.append(Box(text, left, y - _ABOVE * size, left + width, y + _BELOW * size))
    return found


def faults(chart: Chart) -> list[str]:
    """Return which texts stand on one another or leave the picture."""
    width, height = chart.width_mm * 72 / 25.4, chart.height_mm * 72 / 25.4
    drawn = boxes(chart)
    found = [
        f"“{b.text}” leaves the picture"
        for b in drawn
        if b.left < -_TOLERANCE
        or b.top < -_TOLERANCE
        or b.right > width + _TOLERANCE
        or b.bottom > height + _TOLERANCE
    ]
    found += [f"“{a.text}” on “{b.text}”" for a, b in combinations(drawn, 2) if a.overlaps(b)]
    return found
