"""What identifies a person or a machine, recognised in any text: the one place of the patterns.

:func:`found` says where; :func:`masked` puts a mark in its place. Reports are refused for what
is found (:mod:`xuncha_nb.guard`); messages, logs and notebooks that failed are masked.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from xuncha_nb.personal.marks import marks
from xuncha_nb.personal.names import Watchlist, begin_watch, watched
from xuncha_nb.personal.numbers import numbers

__all__ = ["Hit", "Watchlist", "begin_watch", "found", "masked", "watched"]


@dataclass(frozen=True)
class Hit:
    """Something that identifies a person or a machine.

    Attributes
    ----------
    kind : str
        What it is, in Chinese.
    start, end : int
        Where it stands in the text.
    origin : str
        Where a name stands in the ledgers; empty for what is known by its form.
    """

    kind: str
    start: int
    end: int
    origin: str = ""


def found(text: str, allowed: Collection[str] = (), watches: Iterable[Watchlist] = ()) -> list[Hit]:
    """Return what identifies a person or a machine in a text.

    Parameters
    ----------
    text : str
        Any length; lines are looked at by themselves.
    allowed : collection of str
        What an office has declared to be none: its public telephone, a word that is a name too.
    watches : iterable of Watchlist
        Names and numbers of confidential columns.

    Returns
    -------
    list of Hit
        Left to right.
    """
    hits = [Hit(kind, start, end) for start, end, kind in (*numbers(text), *marks(text))]
    for watch in watches:
        hits += [Hit(kind, start, end, where) for start, end, kind, where in watch.found(text)]
    if allowed and hits:
        hits = [hit for hit in hits if text[hit.start : hit.end] not in allowed]
    return sorted(hits, key=lambda hit: (hit.start, hit.end))


def masked(text: str) -> str:
    """Return a text for a message, a log or a console: what would identify, taken out."""
    hits = found(text, watches=watched())
    if not hits:
        return text
    parts, last = [], 0
    for hit in hits:
        if hit.start >= last:
            parts.append(f"{text[last : hit.start]}〔{hit.kind}，已隐去〕")
        last = max(last, hit.end)
    return "".join(itertools.chain(parts, [text[last:]]))
