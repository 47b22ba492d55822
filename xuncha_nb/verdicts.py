"""What a check says: one error, warning or note, with the place, the expected and the found.

The JSON form is the contract of ``xuncha check --json``: a list of
``{severity, rule, area, period, figures, expected, found, message}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from xuncha_nb.personal import masked

Severity = Literal["error", "warning", "note"]

#: Chinese name of each severity, in the order in which lists are sorted.
SEVERITY_NAMES: dict[Severity, str] = {"error": "错误", "warning": "警告", "note": "提示"}


#: What a line quotes of a text that somebody else wrote, and of a place's name.
_QUOTED: Final = 200
_PLACE: Final = 60


def _told(text: object, most: int = _QUOTED) -> str:
    """Return a text as a message may quote it: on one line, not at length, nothing unseen."""
    text = str(text)  # a record that somebody has tampered with may hold anything
    if len(text) <= most and text.isprintable():
        return text
    shown = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return shown if len(shown) <= most else f"{shown[:most]}…"


@dataclass(frozen=True)
class Verdict:
    """One finding of a check.

    Attributes
    ----------
    severity : {'error', 'warning', 'note'}
        An error stops the report; a warning is printed; a note explains.
    rule : str
        Name of the rule, stable across versions.
    message : str
        One Chinese line: what is wrong and what to do about it.
    area, period : str
        County (code or name) and period; empty when the finding is about the file itself.
    figures : tuple of str
        Identifiers of the figures concerned.
    expected, found : str
        What the rule demands and what the data say.
    where : str
        File, sheet, row and column, in Chinese; empty when the finding is about figures.
    """

    severity: Severity
    rule: str
    message: str
    area: str = ""
    period: str = ""
    figures: tuple[str, ...] = field(default=())
    expected: str = ""
    found: str = ""
    where: str = ""

    @property
    def line(self) -> str:
        """The finding as one line for a person: place, message, expected, found."""
        place = self.where or " ".join(_told(x, _PLACE) for x in (self.area, self.period) if x)
        head = f"{place}：" if place else ""
        tail = ""
        if self.expected:
            tail = f"（应为：{_told(self.expected)}；实为：{_told(self.found) or '空'}）"
        return masked(f"{head}{self.message}{tail}")

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON form; the place is part of the message.

        What would identify a person is taken out of it, as out of :attr:`line`.
        """
        place = f"{self.where}：" if self.where else ""
        return {
            "severity": self.severity,
            "rule": self.rule,
            "area": self.area,
            "period": self.period,
            "figures": list(self.figures),
            "expected": masked(self.expected),
            "found": masked(self.found),
            "message": masked(f"{place}{self.message}"),
        }


def in_order(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return the findings with errors first, then warnings, then notes; otherwise as they came."""
    rank = list(SEVERITY_NAMES)
    return tuple(sorted(verdicts, key=lambda v: rank.index(v.severity)))


def errors(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return the errors among the findings."""
    return tuple(v for v in verdicts if v.severity == "error")
