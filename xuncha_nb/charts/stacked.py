"""Stacked bars: parts of wholes on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xuncha_nb.charts.style import (
    INK,
    NOW,
    REST,
    SECOND,
    SIZE,
    SOFT_INK,
    THIRD,
    WIDTH_MM,
    axes_at,
    canvas_of,
    chart,
    length,
    style,
    text_width,
)
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar: its name, the figure, and how it is drawn."""

    name: str
    figure: Figure


_FILLS: Final[tuple[dict[str, Any], ...]] = (
    {"color": NOW},
    {"color": SECOND},
    {"facecolor": "#ffffff", "edgecolor": THIRD, "hatch": "////", "linewidth": 0.8},
    {"color": REST},
)


def stacked(
    rows: Sequence[tuple[str, Sequence[Segment]]],
    wholes: Sequence[Figure],
    title: str,
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
    longest = max(length(whole) for whole in wholes) or 1.0
    with style():
        canvas = canvas_of(height)
        axes = axes_at(canvas, 0, 0, WIDTH_MM, height)
        axes.set_xlim(0, WIDTH_MM)
        axes.set_ylim(0, height)
        x = left
        for name, fill in zip([*names, "其余"], [*_FILLS[: len(names)], _FILLS[3]], strict=True):
            axes.barh(height - 4, 4, 3, left=x, **fill)
            axes.text(x + 5, height - 4.1, name, va="center", fontsize=SIZE - 0.5)
            x += text_width(name) + 11
        for position, ((name, segments), whole) in enumerate(zip(rows, wholes, strict=True)):
            y = height - key - row * (position + 0.5)
            axes.text(left - 2, y, name, ha="right", va="center")
            axes.barh(y, room * length(whole) / longest, thick, left=left, **_FILLS[3])
            start = left
            outside: list[str] = []  # numbers that their segment has no room for
            for segment in segments:
                width = room * length(segment.figure) / longest
                fill = _FILLS[names.index(segment.name)]
                if width > 0:
                    axes.barh(y, width, thick, left=start, **fill)
                text = segment.figure.value.text
                if width > text_width(text) + 1:
                    dark = fill.get("color") == NOW
                    axes.text(
                        start + width / 2,
                        y - 0.1,
                        text,
                        ha="center",
                        va="center",
                        color="#ffffff" if dark else INK,
                        fontsize=SIZE - 0.5,
                        bbox=None
                        if "hatch" not in fill
                        else {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.8},
                    )
                elif width > 0:
                    outside.append(f"{segment.name}{text}，")
                start += width
            axes.text(
                left + room * length(whole) / longest + 1.5,
                y - 0.1,
                "".join(outside) + ends[position],
                va="center",
                color=SOFT_INK,
                fontsize=SIZE - 0.5,
            )
        axes.plot([left, left], [1, height - key], color=SOFT_INK, lw=0.6)
    said = (
        f"{name}"
        + "、".join(f"{s.name}{s.figure.value.text}{s.figure.unit}" for s in segments)
        + f"，{end}"
        for (name, segments), end in zip(rows, ends, strict=True)
    )
    drawn = [s.figure.id for _, segments in rows for s in segments] + [w.id for w in wholes]
    return chart(canvas, title, said, dict.fromkeys(drawn))
