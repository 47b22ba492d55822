"""Office and date at the end of the body: how they are broken and how far they stand in."""

from __future__ import annotations

from xuncha_nb.exporters import titles
from xuncha_nb.exporters.layout import CHARACTERS, Signature, width


def lines(item: Signature) -> tuple[str, ...]:
    """Return the office's name, in two lines or more when it is longer than a line has room for."""
    return titles.lines(item.office, float(CHARACTERS)) if item.office else ()


def indents(item: Signature, *, sealed: bool = False) -> tuple[float, float]:
    """Return how many characters office and date stand from the right.

    Without a seal (GB/T 9704 7.3.5.2) the office stands two characters in and the date starts
    two characters right of it; a date longer than the office stands two characters in itself
    and pushes the office left. With a seal (7.3.5.1) the date stands four characters in and
    the office is centred over it; an office too long for that moves both left.
    """
    office, date = max(map(width, lines(item)), default=0.0), width(item.date)
    if sealed:
        if not item.office or not item.date:
            return 4.0, 4.0
        over = 4.0 + (date - office) / 2
        moved = max(0.0, -over)
        return over + moved, 4.0 + moved
    if not item.office:
        return 2.0, 2.0
    if date > office:
        return 4.0 + date - office, 2.0
    return 2.0, office - date
