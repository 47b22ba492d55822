"""The one style of all charts: colours, and what bars, numbers and names of rows look like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from xuncha_nb.charts.letters import PT_MM, SIZE, text_width
from xuncha_nb.charts.sheet import Sheet
from xuncha_nb.document import Chart
from xuncha_nb.figures import Figure

SOFT_INK: Final = "#555555"
NOW, BASE, SECOND, THIRD, REST = "#1f4e79", "#b9bec5", "#6f9bc8", "#d9a441", "#eceef1"
#: From one line of a text to the next, in millimetres.
LINE_MM: Final = SIZE * 1.12 * PT_MM


def length(figure: Figure) -> float:
    """Return how long a figure's bar is, in the figure's unit."""
    return max(0.0, float(figure.value.value))


def said_of(figure: Figure, base_name: str) -> str:
    """Return a figure in words, for the alternative text."""
    text = f"{figure.label}{figure.value.text}{figure.unit}"
    return text if figure.base is None else f"{text}（{base_name}{figure.base.text}{figure.unit}）"


def chart(
    sheet: Sheet, title: str, said: Iterable[str], drawn: Iterable[str], note: str = ""
) -> Chart:
    """Finish a chart: its SVG, its size, and what it says to someone who cannot see it."""
    return Chart(
        title=title,
        alt=f"{title}：{'；'.join(said)}。",
        svg=sheet.svg(),
        width_mm=round(sheet.width_mm, 2),
        height_mm=round(sheet.height_mm, 2),
        figures=tuple(drawn),
        note=note,
    )


def marked(id: str) -> str | None:
    """Return the mark of a text that prints a figure's number, as ``gid`` takes it.

    A web page ties the number to what is known of the figure.
    """
    return f"figure:{id}" if id else None


def bar(
    sheet: Sheet,
    left: float,
    y: float,
    length: float,
    thick: float,
    colour: str,
    text: str,
    ink: str,
    id: str = "",
    clear: bool = False,
) -> None:
    """Draw a bar with its number beside it; a zero has only its number.

    ``id`` names the figure whose number it is, or a companion of it: ``findings_total_base``.
    ``clear`` is for a number that a line crosses.
    """
    if length > 0:
        sheet.box(left, y - thick / 2, max(length, 0.4), thick, color=colour)
    at, size = left + length + 1.5, SIZE - 0.5
    look: dict[str, Any] = {"color": ink, "gid": marked(id)}
    if clear:
        sheet.clear_text(at, y - 0.1, text, size=size, **look)
    else:
        sheet.text(at, y - 0.1, text, ha="left", va="center", fontsize=size, **look)


def row_name(sheet: Sheet, right: float, y: float, text: str, room: float, lines: int = 1) -> None:
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
        sheet.text(right, y + shift, part, ha="right", va="center")


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
