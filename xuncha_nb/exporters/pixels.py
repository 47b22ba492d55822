"""Charts as pixels, for programs that cannot draw vectors.

ThorVG draws them straight into the array that is then packed. Typst draws them in one picture,
copies that into another, and packs slowly: it takes twice as long, and is asked only for what
ThorVG leaves out.
"""

from __future__ import annotations

import ctypes
import functools
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from xuncha_nb.exporters import typesetting
from xuncha_nb.exporters.typesetting import Picture

if TYPE_CHECKING:
    from thorvg_python.base import Result
    from thorvg_python.canvas.sw import SwCanvas
    from thorvg_python.engine import Engine

# Elements of clean SVG that ThorVG 1.0 leaves out, or is not trusted with.
_LEFT_OUT: Final = re.compile(r"<(?:image|marker|mask|pattern|text)\b")
# With the following it may go on for ever; no chart of ours has any, and typst gives up on them.
_FINE_DASHES: Final = re.compile(r"dasharray\W+[^;\"]*?(?<![\d.])0?\.0")
_VAST: Final = ("0000000", "0e", "nan", "inf")
#: Its time grows with the square of a path's length; charts of ours have a fifth of this.
_LONGEST: Final = 400_000
#: Every digit as 0, to look for numbers out of all proportion.
_DIGITS: Final = str.maketrans("123456789", "000000000")
#: Colours and identifiers, in which letters and digits are no numbers.
_NAMED: Final = (re.compile(r"#[\w-]+"), re.compile(r" id=\"[^\"]*\""))
_MM_PER_INCH: Final = 25.4
_WHITE: Final = 0xFF
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: Eight bits for each of red, green, blue and alpha, row after row.
_HEAD: Final = struct.Struct(">IIBBBBB")
_BITS, _RGBA = 8, 6
#: Rows are written as they are: as differences to the row above they take longer, and more room.
_AS_THEY_ARE: Final = 0
_LEVEL: Final = 2


def pngs(pictures: Sequence[Picture], ppi: int) -> list[bytes]:
    """Return pictures as PNG on white; as :func:`typesetting.rasterise`, which draws the rest."""
    made = [_drawn(picture, ppi) for picture in pictures]
    lacking = [picture for picture, png in zip(pictures, made, strict=True) if png is None]
    rest = iter(typesetting.rasterise(lacking, ppi))
    return [next(rest) if png is None else png for png in made]


def _drawn(picture: Picture, ppi: int) -> bytes | None:
    """Return a picture as ThorVG draws it; nothing if it would not be whole."""
    from thorvg_python.base import Result
    from thorvg_python.canvas.sw import SwCanvas

    if _LEFT_OUT.search(picture.svg) or _may_not_end(picture.svg):
        return None
    width, height = (
        max(1, round(mm / _MM_PER_INCH * ppi)) for mm in (picture.width, picture.height)
    )
    canvas = SwCanvas(_engine())
    try:
        if any(result != Result.SUCCESS for result in _steps(canvas, picture, width, height)):
            return None
        assert canvas.buffer_arr is not None
        return packed(memoryview(canvas.buffer_arr), width, height)
    finally:
        canvas.destroy()


def _may_not_end(drawing: str) -> bool:
    """Whether ThorVG might draw for ever: a vast number, a vast path, dashes by the million."""
    if len(drawing) > _LONGEST:
        return True
    figures = drawing
    for named in _NAMED:
        figures = named.sub("", figures)
    figures = figures.lower().translate(_DIGITS)
    return any(vast in figures for vast in _VAST) or bool(_FINE_DASHES.search(drawing))


def _steps(canvas: SwCanvas, picture: Picture, width: int, height: int) -> Iterator[Result]:
    """Draw on white step by step, giving what came of each."""
    from thorvg_python.paint.picture import Picture as Drawing

    canvas.set_target(width, height)  # what came of it shows when something is drawn there
    assert canvas.buffer_arr is not None
    ctypes.memset(canvas.buffer_arr, _WHITE, ctypes.sizeof(canvas.buffer_arr))
    drawing = Drawing(_engine())
    yield canvas.add(drawing)  # which frees it, whatever comes after
    yield drawing.load_data(picture.svg.encode(), "svg", None, copy=True)
    yield drawing.set_size(width, height)
    yield canvas.draw(clear=False)
    yield canvas.sync()


def packed(pixels: memoryview, width: int, height: int) -> bytes:
    """Return pixels as a PNG file.

    Pillow would do it as well, and tries five ways of writing each row, which takes as long as
    drawing does.

    Parameters
    ----------
    pixels : memoryview
        Four bytes a pixel: red, green, blue, alpha.
    width, height : int
        In pixels.
    """
    import numpy as np

    lines = np.frombuffer(pixels, np.uint8).reshape(height, width * 4)
    rows = np.empty((height, 1 + width * 4), np.uint8)
    rows[:, 0] = _AS_THEY_ARE
    rows[:, 1:] = lines
    parts = (
        (b"IHDR", _HEAD.pack(width, height, _BITS, _RGBA, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.data, _LEVEL)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


@functools.cache
def _engine() -> Engine:
    from thorvg_python.engine import Engine

    return Engine(threads=0)


def preload() -> None:
    """Load what draws, starting no thread."""
    _engine()
