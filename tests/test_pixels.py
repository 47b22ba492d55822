"""Charts as pixels: the same picture as typst's, whole, and left to typst where it would not be."""

from __future__ import annotations

import io

import pytest
from document_sample import chart
from PIL import Image, ImageChops

from xuncha_nb.errors import ExportError
from xuncha_nb.exporters import outlines, pixels, typesetting
from xuncha_nb.exporters.typesetting import Picture

#: Every element that ThorVG is asked for, on no ground of its own.
SHAPES = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 viewBox="0 0 300 160"><title>t</title><desc>d</desc><defs>
 <linearGradient id="l"><stop offset="0" stop-color="#1f4e79"/><stop offset="1"
 stop-color="#fff"/></linearGradient>
 <radialGradient id="r"><stop offset="0" stop-color="#d9a441"/><stop offset="1"
 stop-color="#222"/></radialGradient>
 <clipPath id="c"><rect x="200" y="10" width="30" height="30"/></clipPath>
 <path id="p" d="M0 0L20 0L10 20z"/></defs>
 <rect x="10" y="10" width="80" height="40" fill="url(#l)"/>
 <circle cx="140" cy="30" r="20" fill="url(#r)"/>
 <ellipse cx="215" cy="30" rx="40" ry="12" fill="#6f9bc8" clip-path="url(#c)"/>
 <line x1="10" y1="70" x2="290" y2="70" stroke="#555" stroke-width="2" stroke-dasharray="6 3"/>
 <polyline points="10,90 60,150 110,90" style="fill: none; stroke: #1f4e79; stroke-width: 3"/>
 <polygon points="130,90 180,90 155,150" style="fill: #b9bec5; opacity: 0.4"/>
 <g transform="translate(200 100) rotate(15) scale(2)"><use xlink:href="#p" fill="#222"/></g>
</svg>"""


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def drawing(body: str) -> Picture:
    return Picture(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{body}</svg>', 40, 40
    )


@pytest.mark.parametrize("source", [outlines.outlined(chart("图").svg), SHAPES])
def test_the_picture_is_that_of_typst(source: str) -> None:
    picture = Picture(source, 150, 80)
    (ours,) = pixels.pngs([picture], 144)
    (typsts,) = typesetting.rasterise([picture], 144)
    assert ours != typsts, "drawn by ThorVG"
    one, other = (opened(png).convert("RGB") for png in (ours, typsts))
    assert one.size == other.size == (850, 454)
    # Edges lie a fraction of a pixel elsewhere; a letter left out would come to 120.
    apart = ImageChops.difference(one.reduce(8), other.reduce(8)).getextrema()
    assert max(most for _, most in apart) < 40


def test_what_has_no_ground_stands_on_white() -> None:
    made = opened(pixels.pngs([drawing('<rect width="3" height="9" fill="#1f4e79"/>')], 100)[0])
    assert made.mode == "RGBA"
    assert made.getpixel((2, 2)) == (0x1F, 0x4E, 0x79, 255)
    assert made.getpixel((made.width - 2, 2)) == (255, 255, 255, 255)


def test_each_has_as_many_pixels_as_asked_and_the_same_bytes_again() -> None:
    source = outlines.outlined(chart("图").svg)
    pictures = [Picture(source, width, width * 80 / 150) for width in (50.0, 80.0)]
    made = pixels.pngs(pictures, 100)
    assert [opened(png).width for png in made] == [197, 315]
    assert pixels.pngs(pictures[::-1], 100) == made[::-1]
    assert pixels.pngs([], 100) == []


LEFT_OUT = {
    "pattern": '<defs><pattern id="p" patternUnits="userSpaceOnUse" width="2" height="2">'
    '<path d="M0 0L2 2" stroke="#000"/></pattern></defs>'
    '<rect width="9" height="9" fill="url(#p)"/>',
    "text": f'<text x="0" y="6" style="font: 4px \'{typesetting.chartfont.FAMILY}\'">图</text>',
    "mask": '<defs><mask id="m"><rect width="4" height="9" fill="#fff"/></mask></defs>'
    '<rect width="9" height="9" mask="url(#m)"/>',
}

# Drawing these, ThorVG would not come back.
ENDLESS = {
    "vast": '<path d="M0 0L9 100000000" style="stroke: #000; stroke-dasharray: 3 1"/>',
    "exponent": '<path d="M0 0L9 1e9" style="stroke: #000; stroke-dasharray: 3 1"/>',
    "vast path": f'<path d="{"M0 0L9 9" * 60_000}" style="stroke: #000"/>',
    "fine dashes": '<path d="M0 0L9 9" style="stroke: #000; stroke-dasharray: 0.00001 0.00001"/>',
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_what_thorvg_would_draw_for_ever_is_left_to_typst(body: str) -> None:
    given = drawing(body)
    assert pixels.pngs([given], 100) == typesetting.rasterise([given], 100)


def test_no_chart_of_ours_is_left_to_typst() -> None:
    """Nor one with colours and numbers that only look like exponents."""
    source = outlines.outlined(chart("图").svg)
    assert not pixels._may_not_end(source)
    assert not pixels._may_not_end('<path d="M 1.000001 999999.5" style="fill: #1e4e79"/>')


@pytest.mark.parametrize("body", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_thorvg_leaves_out_is_drawn_by_typst_in_its_place(body: str) -> None:
    plain = drawing('<circle cx="4" cy="4" r="3"/>')
    given = [plain, drawing(body), plain]
    made = pixels.pngs(given, 100)
    assert made[1] == typesetting.rasterise([given[1]], 100)[0]
    assert opened(made[1]).convert("L").getextrema()[0] < 200, "something is drawn"
    assert made[0] == made[2] == pixels.pngs([plain], 100)[0]


@pytest.mark.parametrize("source", ["", "<svg", "no picture"])
def test_what_neither_can_draw_is_an_error_in_one_line(source: str) -> None:
    with pytest.raises(ExportError) as caught:
        pixels.pngs([Picture(source, 40, 40)], 100)
    assert "\n" not in str(caught.value)
    assert "图" in str(caught.value)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 5), (7, 3)])
def test_packed_pixels_are_read_as_they_were(width: int, height: int) -> None:
    given = bytes((n * 37) % 256 for n in range(4 * width * height))
    assert opened(pixels.packed(memoryview(given), width, height)).tobytes() == given
