"""Charts of figures: one style, SVG with live text, every number a figure's.

Bars start at zero, numbers stand beside their bars instead of on an axis, the base period is
always the same muted grey, and nothing depends on colour alone. Same figures, same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from xuncha_nb import fonts
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

WIDTH_MM: Final = 150.0
_INK, _SOFT_INK = "#222222", "#555555"
_NOW, _BASE, _SECOND, _THIRD, _REST = "#1f4e79", "#b9bec5", "#6f9bc8", "#d9a441", "#eceef1"
_SIZE: Final = 9.0
_MM: Final = 1 / 25.4
_PT_MM: Final = 25.4 / 72


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar: its name, the figure, and how it is drawn."""

    name: str
    figure: Figure


@cache
def _fonts_registered() -> None:
    from matplotlib import font_manager

    for path in fonts.font_paths():
        font_manager.fontManager.addfont(str(path))


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib as mpl

    _fonts_registered()
    with mpl.rc_context(
        {
            "svg.fonttype": "none", "svg.hashsalt": "xuncha_nb", "font.family": "Noto Sans CJK SC",
            "font.size": _SIZE, "axes.unicode_minus": False, "text.color": _INK,
            "hatch.linewidth": 0.6, "path.simplify": False,
        }
    ):
        yield


def _canvas(height_mm: float, width_mm: float = WIDTH_MM) -> Canvas:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(width_mm * _MM, height_mm * _MM))
    FigureCanvasSVG(canvas)
    return canvas


def _axes(canvas: Canvas, left: float, bottom: float, width: float, height: float) -> Axes:
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


def text_width(text: str, size: float = _SIZE) -> float:
    """Estimated width of a text in millimetres: a Chinese character is as wide as high."""
    return sum(1.0 if ord(c) > 0x2E7F else 0.56 for c in text) * size * _PT_MM


def _length(figure: Figure) -> float:
    return max(0.0, float(figure.value.value))


def _said(figure: Figure, base_name: str) -> str:
    text = f"{figure.label}{figure.value.text}{figure.unit}"
    return text if figure.base is None else f"{text}（{base_name}{figure.base.text}{figure.unit}）"


def _chart(
    canvas: Canvas, title: str, said: Iterable[str], drawn: Iterable[str], note: str = ""
) -> Chart:
    width, height = (float(side) / _MM for side in canvas.get_size_inches())
    return Chart(
        title=title, alt=f"{title}：{'；'.join(said)}。", svg=_svg(canvas),
        width_mm=round(width, 2), height_mm=round(height, 2), figures=tuple(drawn), note=note,
    )


def bars(
    figures: Sequence[Figure], title: str, base_name: str,
    *, base: bool = True, own_scale: bool = False,
) -> Chart | None:
    """Horizontal bars, one row a figure, with the base period's bar below in muted grey.

    Parameters
    ----------
    figures : sequence of Figure
        Known figures; with one scale for all they share a unit.
    title : str
    base_name : str
        去年同期 or 上年.
    base : bool
        Whether the base period is drawn where it is known.
    own_scale : bool
        Scale each row by itself, for figures of different units.

    Returns
    -------
    Chart or None
        None when there is nothing to draw.
    """
    if not figures or (not own_scale and all(_length(f) == 0 for f in figures)):
        return None
    with_base = base and any(f.base is not None for f in figures)
    row, thick = (11.0, 3.6) if with_base else (7.0, 4.0)
    labels = [f.short_label for f in figures]
    left = min(58.0, max(text_width(label) for label in labels) + 4)
    most_text = max(text_width(f"{base_name} {f.value.text}{f.unit}") for f in figures)
    room = WIDTH_MM - left - most_text - 6
    height = row * len(figures) + 3
    overall = max(
        [_length(f) for f in figures]
        + [float(f.base.value) for f in figures if with_base and f.base is not None]
    )
    with _style():
        canvas = _canvas(height)
        axes = _axes(canvas, 0, 0, WIDTH_MM, height)
        axes.set_xlim(0, WIDTH_MM)
        axes.set_ylim(0, height)
        for position, figure in enumerate(figures):
            middle = height - 1.5 - row * (position + 0.5)
            before = figure.base if with_base else None
            scale = max(_length(figure), float(before.value) if before else 0) or 1.0
            scale = (scale if own_scale else overall) or 1.0
            y = middle + (thick / 2 + 0.2 if before is not None else 0)
            axes.text(left - 2, middle, _shortened(labels[position], left - 3),
                      ha="right", va="center")
            _bar(axes, left, y, room * _length(figure) / scale, thick, _NOW,
                 f"{figure.value.text}{figure.unit}", _INK, bold=False)
            if before is not None:
                _bar(axes, left, y - thick - 0.4, room * max(0.0, float(before.value)) / scale,
                     thick, _BASE, f"{base_name} {before.text}{figure.unit}", _SOFT_INK, bold=False)
        axes.plot([left, left], [1, height - 1], color=_SOFT_INK, lw=0.6, solid_capstyle="butt")
    note = "各行比例尺不同，只比较同一行的两期" if own_scale and len(figures) > 1 else ""
    return _chart(
        canvas, title, (_said(f, base_name) for f in figures), (f.id for f in figures), note
    )


def _bar(
    axes: Axes, left: float, y: float, length: float, thick: float, colour: str, text: str,
    ink: str, *, bold: bool,
) -> None:
    if length > 0:
        axes.barh(y, max(length, 0.4), thick, left=left, color=colour, linewidth=0)
    axes.text(left + length + 1.5, y - 0.1, text, ha="left", va="center", color=ink,
              fontweight="bold" if bold else "normal", fontsize=_SIZE - 0.5)


def _shortened(text: str, room: float) -> str:
    """Cut a label that does not fit, with an ellipsis; the table has it in full."""
    if text_width(text) <= room:
        return text
    while text and text_width(text + "…") > room:
        text = text[:-1]
    return text + "…"


_FILLS: Final[tuple[dict[str, Any], ...]] = (
    {"color": _NOW},
    {"color": _SECOND},
    {"facecolor": "#ffffff", "edgecolor": _THIRD, "hatch": "////", "linewidth": 0.8},
    {"color": _REST},
)


def stacked(
    rows: Sequence[tuple[str, Sequence[Segment]]], wholes: Sequence[Figure], title: str,
) -> Chart | None:
    """Stacked horizontal bars on one scale: a row a name, its segments, and its whole behind.

    Parameters
    ----------
    rows : sequence of (name, segments)
        Up to three segments a row, drawn in the order given; their names make the key.
    wholes : sequence of Figure
        The whole of each row, drawn behind in the lightest tone and printed at the end.
    title : str
    """
    if not rows:
        return None
    names = list(dict.fromkeys(s.name for _, segments in rows for s in segments))
    left = min(46.0, max(text_width(name) for name, _ in rows) + 4)
    ends = [f"共{whole.value.text}{whole.unit}" for whole in wholes]
    room = WIDTH_MM - left - max(text_width(end) for end in ends) - 6
    row, thick, key = 8.5, 5.4, 8.0
    height = row * len(rows) + key + 2
    longest = max(_length(whole) for whole in wholes) or 1.0
    with _style():
        canvas = _canvas(height)
        axes = _axes(canvas, 0, 0, WIDTH_MM, height)
        axes.set_xlim(0, WIDTH_MM)
        axes.set_ylim(0, height)
        x = left
        for name, fill in zip([*names, "其余"], [*_FILLS[: len(names)], _FILLS[3]], strict=True):
            axes.barh(height - 4, 4, 3, left=x, **fill)
            axes.text(x + 5, height - 4.1, name, va="center", fontsize=_SIZE - 0.5)
            x += text_width(name) + 11
        for position, ((name, segments), whole) in enumerate(zip(rows, wholes, strict=True)):
            y = height - key - row * (position + 0.5)
            axes.text(left - 2, y, name, ha="right", va="center")
            axes.barh(y, room * _length(whole) / longest, thick, left=left, **_FILLS[3])
            start = left
            for segment in segments:
                width = room * _length(segment.figure) / longest
                fill = _FILLS[names.index(segment.name)]
                if width > 0:
                    axes.barh(y, width, thick, left=start, **fill)
                text = segment.figure.value.text
                if width > text_width(text) + 1:
                    dark = fill.get("color") == _NOW
                    axes.text(start + width / 2, y - 0.1, text, ha="center", va="center",
                              color="#ffffff" if dark else _INK, fontsize=_SIZE - 0.5,
                              bbox=None if "hatch" not in fill
                              else {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.8})
                start += width
            axes.text(left + room * _length(whole) / longest + 1.5, y - 0.1, ends[position],
                      va="center", color=_SOFT_INK, fontsize=_SIZE - 0.5)
        axes.plot([left, left], [1, height - key], color=_SOFT_INK, lw=0.6)
    said = (
        f"{name}" + "、".join(f"{s.name}{s.figure.value.text}{s.figure.unit}" for s in segments)
        + f"，{end}"
        for (name, segments), end in zip(rows, ends, strict=True)
    )
    drawn = [s.figure.id for _, segments in rows for s in segments] + [w.id for w in wholes]
    return _chart(canvas, title, said, dict.fromkeys(drawn))


def panels(
    rows: Sequence[tuple[str, dict[str, Figure]]], measures: Sequence[Figure], title: str,
) -> Chart | None:
    """Small multiples: a panel a measure with its own scale, a bar a row in each.

    Parameters
    ----------
    rows : sequence of (name, figures by indicator identifier)
        For instance the rounds of a half-year with their own figures.
    measures : sequence of Figure
        One figure a panel, of which label and unit head the panel.
    title : str
    """
    if not rows or not measures:
        return None
    left = min(44.0, max(text_width(name) for name, _ in rows) + 4)
    across = min(4, len(measures))
    gap, head, row = 3.0, 7.0, 7.0
    panel = (WIDTH_MM - left - gap * (across - 1)) / across
    bands = -(-len(measures) // across)
    band = head + row * len(rows) + 3
    height = band * bands
    drawn, said = [], []
    with _style():
        canvas = _canvas(height)
        axes = _axes(canvas, 0, 0, WIDTH_MM, height)
        axes.set_xlim(0, WIDTH_MM)
        axes.set_ylim(0, height)
        for position, measure in enumerate(measures):
            id = measure.indicator.id
            top = height - band * (position // across)
            x = left + (panel + gap) * (position % across)
            heading = f"{measure.indicator.label}（{measure.unit}）"
            size = min(_SIZE, _SIZE * panel / max(text_width(heading), 1))
            axes.text(x, top - 4, heading, va="center", color=_INK, fontsize=size)
            known = [figures[id] for _, figures in rows if id in figures]
            most = max((_length(f) for f in known), default=0) or 1.0
            widest = max((text_width(f.value.text) for f in known), default=0)
            room = panel - widest - 3
            for line, (name, figures) in enumerate(rows):
                y = top - head - row * (line + 0.5)
                if position % across == 0:
                    axes.text(left - 2, y, name, ha="right", va="center", fontsize=_SIZE - 0.5)
                figure = figures.get(id)
                if figure is None:
                    axes.text(x + 1.5, y, "未统计", va="center", color=_SOFT_INK,
                              fontsize=_SIZE - 1)
                    continue
                _bar(axes, x, y, room * _length(figure) / most, 3.8, _NOW, figure.value.text,
                     _INK, bold=False)
                drawn.append(figure.id)
                said.append(f"{name}{measure.indicator.label}{figure.value.text}{figure.unit}")
            axes.plot([x, x], [top - head - row * len(rows), top - head], color=_SOFT_INK, lw=0.6)
    return _chart(canvas, title, said, drawn)
