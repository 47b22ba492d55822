"""A sheet's picture is the one that matplotlib's own artists draw of the same marks."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import font_manager
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from xuncha_nb import fonts
from xuncha_nb.charts.letters import FAMILY, baseline, text_width
from xuncha_nb.charts.sheet import Sheet

WIDTH, HEIGHT = 150.0, 60.0
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def by_artists(*artists: Any) -> str:
    """Return the SVG of artists whose places are in millimetres."""
    figure = Figure(figsize=(WIDTH / 25.4, HEIGHT / 25.4))
    canvas: Any = FigureCanvasSVG(figure)
    place = Affine2D().scale(1 / 25.4) + figure.dpi_scale_trans
    for artist in artists:
        artist.set_transform(place)
        figure.add_artist(artist)
    stream = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "font.family": FAMILY}):
        canvas.print_svg(stream, metadata={"Date": None, "Creator": None})
    return stream.getvalue().partition("<svg")[2]


def drawn(svg: str) -> list[tuple[Any, ...]]:
    """Return what draws in a picture, in its order: artists stand in groups that say nothing."""
    root = ET.fromstring("<svg" + svg)
    parents = {child: parent for parent in root.iter() for child in parent}
    found: list[tuple[Any, ...]] = [("svg", dict(root.attrib), "", None)]
    for node in root.iter():
        if (tag := node.tag.rpartition("}")[2]) in ("path", "text"):
            said = {k: v for k, v in node.attrib.items() if not v.startswith("rotate(-0 ")}
            group = parents[node].get("id")
            mark = group if group and not re.fullmatch(r"[a-z0-9]+_\d+", group) else None
            found.append((tag, said, node.text, mark))
    return found


def assert_same(sheet: Sheet, *artists: Any) -> None:
    ours, theirs = repr(drawn(sheet.svg().partition("<svg")[2])), repr(drawn(by_artists(*artists)))
    assert NUMBER.sub("0", ours) == NUMBER.sub("0", theirs)
    numbers = [[float(n) for n in NUMBER.findall(svg)] for svg in (ours, theirs)]
    assert numbers[0] == pytest.approx(numbers[1], abs=2e-6)


def sheet() -> Sheet:
    return Sheet(HEIGHT, WIDTH)


def test_an_empty_sheet_is_a_figure_without_artists() -> None:
    assert_same(sheet())


@pytest.mark.parametrize("cap", ["projecting", "butt"])
def test_a_line_is_a_line(cap: Any) -> None:
    picture = sheet()
    picture.line([1, 20.3, 40], [2, 7.7, 5], color="#555555", lw=0.6, solid_capstyle=cap)
    assert_same(
        picture, Line2D([1, 20.3, 40], [2, 7.7, 5], color="#555555", lw=0.6, solid_capstyle=cap)
    )


def test_dashes_grow_with_the_width_of_their_line() -> None:
    picture = sheet()
    picture.line([3, 3], [2, 50], color="#d9a441", lw=1.1, dashes=(4.0, 2.0))
    assert_same(picture, Line2D([3, 3], [2, 50], color="#d9a441", lw=1.1, ls=(0, (4, 2))))


def test_a_line_of_many_points_is_simplified_alike() -> None:
    xs = [n / 10 for n in range(400)]
    ys = [10.0 if n < 200 else n / 20 for n in range(400)]
    picture = sheet()
    picture.line(xs, ys, color="#1f4e79", lw=1.8)
    assert_same(picture, Line2D(xs, ys, color="#1f4e79", lw=1.8))
    assert picture.svg().count("\nL") < 300


def test_a_box_and_an_area_are_patches() -> None:
    picture = sheet()
    picture.box(10, 20, 30.5, 3.8, color="#1f4e79")
    picture.box(10, 30, 30.5, 3.8, color="#ffffff", edge=("#b9bec5", 0.8))
    corners = [(10.0, 10.0), (50.0, 20.0), (50.0, 12.0)]
    picture.area(corners, "#6f9bc8", 0.25)
    edged = Rectangle((10, 30), 30.5, 3.8, facecolor="#ffffff", edgecolor="#b9bec5", linewidth=0.8)
    assert_same(
        picture,
        Rectangle((10, 20), 30.5, 3.8, color="#1f4e79", linewidth=0.0),
        edged,
        Polygon(corners, closed=True, color="#6f9bc8", alpha=0.25, lw=0),
    )


def test_stripes_lie_over_their_box_and_end_at_its_edges() -> None:
    picture = sheet()
    picture.striped(10, 10, 20, 5, "#6f9bc8")
    lines = re.findall(r"M ([\d.]+) ([\d.]+) *\nL ([\d.]+) ([\d.]+) *\n(?!L)", picture.svg())
    assert len(lines) > 10
    for x0, y0, x1, y1 in ([float(n) * 25.4 / 72 for n in line] for line in lines):
        assert 10 - 1e-3 <= x0 < x1 <= 30 + 1e-3
        assert HEIGHT - 15 - 1e-3 <= y1 < y0 <= HEIGHT - 10 + 1e-3
        assert x1 - x0 == pytest.approx(y0 - y1, abs=1e-3)


@pytest.mark.parametrize("ha", ["left", "center", "right"])
def test_a_text_is_a_text_with_its_side_left_to_the_picture(ha: Any) -> None:
    picture = sheet()
    picture.text(40, 30, "巡察 <1>&", ha=ha, fontsize=8.5, color="#555555", gid="figure:x")
    for path in fonts.font_paths():
        font_manager.fontManager.addfont(str(path))
    text = Text(40, 30, "巡察 <1>&", ha=ha, va="baseline", size=8.5, color="#555555")
    text.set_gid("figure:x")
    text.set_fontfamily(FAMILY)
    assert_same(picture, text)


def test_an_empty_text_is_no_mark() -> None:
    picture = sheet()
    picture.text(1, 1, "")
    assert_same(picture)


def test_lines_lie_over_boxes_and_texts_over_both_in_whatever_order_they_came() -> None:
    picture = sheet()
    picture.text(1, 1, "一")
    picture.line([1, 2], [1, 2], color="#000000", lw=1)
    picture.clear_text(1, 1, "二")
    picture.box(1, 1, 1, 1, color="#1f4e79")
    looks = [
        said["style"].partition(";")[0] if tag == "path" else text
        for tag, said, text, _ in drawn(picture.svg().partition("<svg")[2])[1:]
    ]
    assert looks == ["fill: #ffffff", "fill: #1f4e79", "fill: none", "一", "fill: #ffffff", "二"]


def test_a_text_is_placed_by_the_fonts_line() -> None:
    assert baseline("baseline") == 0.0
    assert baseline("bottom") < 0.0 < baseline("center") < baseline("top") <= 1.0
    assert baseline("top") + baseline("bottom") == pytest.approx(2 * baseline("center"))


def test_a_text_on_white_has_a_box_of_its_width() -> None:
    picture = sheet()
    picture.clear_text(40, 30, "1,234个", "right")
    x0, _, x1, _ = (
        float(n) * 25.4 / 72
        for n in re.findall(r"M ([\d.]+) ([\d.]+) *\nL ([\d.]+) ([\d.]+)", picture.svg())[1]
    )
    assert x1 - x0 == pytest.approx(text_width("1,234个") + 0.4, abs=1e-3)
    assert x1 == pytest.approx(40.2, abs=1e-3)


def test_what_a_user_has_set_for_matplotlib_shows_nowhere_and_stays() -> None:
    picture = sheet()
    picture.line([n / 10 for n in range(300)], [5.0] * 300, color="#1f4e79", lw=1)
    picture.text(40, 30, "巡察")
    plain = picture.svg()
    strange: Any = {
        "svg.fonttype": "path",
        "svg.id": "mine",
        "path.simplify": False,
        "font.size": 30,
    }
    with mpl.rc_context(strange):
        assert picture.svg() == plain
        assert {name: mpl.rcParams[name] for name in strange} == strange


def test_a_picture_has_what_draws_and_nothing_else() -> None:
    picture = sheet()
    picture.box(1, 1, 5, 5, color="#1f4e79")
    picture.text(1, 1, 'a transform="rotate(-0 1 1)"')
    picture.text(1, 1, "12", gid="figure:x")
    svg = picture.svg()
    root = ET.fromstring(svg)
    tags = [node.tag.rpartition("}")[2] for node in root.iter()]
    assert tags == ["svg", "defs", "style", "path", "path", "text", "g", "text"]
    assert 'a transform="rotate(-0 1 1)"</text>' in svg
    assert svg.count("rotate") == 1
