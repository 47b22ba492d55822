"""The dictionary of figures: every identifier of ``figures.csv``, one function or line each.

Importing this package declares them all; :data:`INDICATORS` is the dictionary.
"""

from __future__ import annotations

import difflib

from xuncha_nb.indicators import (
    activity,
    assessment,
    clues,
    coverage,
    discipline,
    findings,
    institution,
    office_work,
    plan,
    rectification,
    rounds,
)
from xuncha_nb.indicators.registry import INDICATORS, Indicator, Tally, folded, percentage
from xuncha_nb.indicators.slices import Slices

__all__ = [
    "COMPANIONS",
    "GROUPS",
    "INDICATORS",
    "Indicator",
    "Slices",
    "Tally",
    "nearest",
    "percentage",
    "resolve",
]

#: Groups in the order of the dictionary; figures are listed in this order everywhere.
GROUPS = (
    "rounds",
    "activity",
    "findings",
    "clues",
    "assessment",
    "coverage",
    "rectification",
    "institution",
    "training",
    "rules",
    "tender",
    "supervision",
    "petitions",
    "discipline",
    "forms",
    "special",
    "daily",
    "education",
    "plan",
)

_MODULES = (
    rounds,
    activity,
    findings,
    clues,
    assessment,
    coverage,
    rectification,
    institution,
    office_work,
    discipline,
    plan,
)
_ordered = sorted(INDICATORS.values(), key=lambda indicator: GROUPS.index(indicator.group))
INDICATORS.clear()
INDICATORS.update({indicator.id: indicator for indicator in _ordered})

#: Suffixes of companion figures: growth, absolute change and share of a figure, as printed.
COMPANIONS = {"_yoy": "%", "_change": "", "_share": "%"}


def resolve(name: str) -> tuple[str, str] | None:
    """Return (identifier, member) of a figure written by identifier or Chinese name.

    A member of a family is written in brackets: ``objects_by_type[乡镇]``. A companion
    (``X_yoy``, ``X_change``, ``X_share``) resolves to itself. None if nothing fits.
    """
    stem, bracket, rest = name.partition("[")
    member = rest.removesuffix("]") if bracket else ""
    if stem in INDICATORS:
        return stem, member
    for suffix in COMPANIONS:
        if stem.endswith(suffix) and stem.removesuffix(suffix) in INDICATORS:
            return stem, member
    for indicator in INDICATORS.values():
        if folded(stem) == folded(indicator.label):
            return indicator.id, member
    return None


def nearest(name: str) -> tuple[str, ...]:
    """Return up to three known identifiers or labels nearest to a name, for a message."""
    known = [*INDICATORS, *(i.label for i in INDICATORS.values())]
    return tuple(difflib.get_close_matches(name, known, 3, 0.5))
