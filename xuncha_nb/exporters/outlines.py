"""Charts with their letters drawn as shapes, for Word: they look the same on every machine.

Word sets the text of a vector picture in a font of its own choosing, and a machine without the
right one would show other widths or empty boxes. What a chart says stays readable for programs
through its alternative text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import quoteattr, unescape

from xuncha_nb import fonts
from xuncha_nb.exporters import svg

# In cleaned SVG, which writes < and > of a text or of an attribute as entities.
_TEXT: Final = re.compile(r"<text\b([^>]*)>([^<]*)</text>")
_ATTRIBUTE: Final = re.compile(r'([\w:-]+)="([^"]*)"')
_QUOTES: Final = {"&quot;": '"'}
_SHIFT: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}
# What belongs to the letters only; the rest of a style (fill, opacity) goes to their shapes.
_LETTERING: Final = ("font", "text-anchor", "letter-spacing", "writing-mode")


def outlined(source: str) -> str:
    """Return a chart with shapes in place of text.

    A text with parts of its own (``tspan``) stays text.

    Raises
    ------
    ExportError
        If ``source`` is not SVG.
    """
    return _TEXT.sub(_shapes, svg.clean(source))


def _shapes(found: re.Match[str]) -> str:
    given = {name: unescape(value, _QUOTES) for name, value in _ATTRIBUTE.findall(found[1])}
    style = _style(given)
    glyphs, width = _shaped(unescape(found[2]).strip())
    scale = _size(style) / _units()
    x = float(given.get("x", 0)) - _SHIFT.get(style.get("text-anchor", ""), 0.0) * width * scale
    y = float(given.get("y", 0))
    kept = {k: v for k, v in style.items() if not k.startswith(_LETTERING)}
    said = {"style": "; ".join(f"{k}: {v}" for k, v in kept.items())}
    said |= {"transform": given["transform"]} if "transform" in given else {}
    group = "".join(f" {name}={quoteattr(value)}" for name, value in said.items())
    size_of = f"scale({scale:.6f} {-scale:.6f})"
    paths = (
        f'<path transform="translate({x + offset * scale:.3f} {y:.3f}) {size_of}" d="{outline}" />'
        for glyph, offset in glyphs
        if (outline := _outline(glyph))
    )
    return f"<g{group}>{''.join(paths)}</g>"


def _style(given: Mapping[str, str]) -> dict[str, str]:
    """Return a text's properties, whether they stand in its style or as attributes."""
    said = {k: v for k, v in given.items() if k.startswith((*_LETTERING, "fill", "opacity"))}
    for part in given.get("style", "").split(";"):
        name, colon, value = part.partition(":")
        if colon:
            said[name.strip()] = value.strip()
    return said


def _size(style: dict[str, str]) -> float:
    found = re.search(r"([\d.]+)", style.get("font-size", "")) or re.search(
        r"([\d.]+)px", style.get("font", "")
    )
    return float(found[1]) if found else 12.0


@functools.cache
def _font() -> Any:
    import uharfbuzz

    _, sans = fonts.font_paths()
    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(sans))))


@functools.cache
def _units() -> int:
    return int(_font().face.upem)


@functools.lru_cache(maxsize=4096)
def _shaped(text: str) -> tuple[tuple[tuple[int, float], ...], float]:
    """Return each glyph with its place, and the whole width, in the font's units."""
    import uharfbuzz

    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(_font(), buffer)
    placed: list[tuple[int, float]] = []
    x = 0.0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        placed.append((info.codepoint, x + position.x_offset))
        x += position.x_advance
    return tuple(placed), x


@functools.lru_cache(maxsize=8192)
def _outline(glyph: int) -> str:
    from fontTools.pens.svgPathPen import SVGPathPen

    pen = SVGPathPen(None, ntos=lambda number: f"{number:.0f}")
    _font().draw_glyph_with_pen(glyph, pen)
    return str(pen.getCommands())


def preload() -> None:
    """Load the font that letters are drawn from."""
    _outline(_shaped("图")[0][0][0])
