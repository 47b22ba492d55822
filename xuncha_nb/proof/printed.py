"""What a report may print of a recorded figure: its number, base, change, growth and share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from xuncha_nb.errors import QuantityError
from xuncha_nb.figures import indicator_of, member_id
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.indicators.registry import percentage
from xuncha_nb.intervals import Interval, rounded_text
from xuncha_nb.quantities import Quantity, magnitude
from xuncha_nb.relations import declared

_COMPANIONS: Final = ("base", "change", "yoy", "share", "original")
_UP: Final = ("增长", "上升", "增加", "提高", "+")
_DOWN: Final = ("下降", "减少", "降低", "-")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?[余多]?[万亿]?[余多]?")
_MONTH: Final = r"(?:1[0-2]|[1-9])月"
_DAY: Final = r"(?:3[01]|[12]\d|[1-9])日"
_YEAR: Final = r"(?:19|20)\d{2}"
_DATE: Final = re.compile(
    rf"(?<!\d)(?:{_YEAR}年(?:{_MONTH}(?:{_DAY})?)?|{_YEAR}(?=[—－-]{_YEAR}年)|{_MONTH}(?:{_DAY})?"
    rf"|(?:(?<=^)|(?<=[—至])){_DAY})"
)


def numbers(text: str) -> list[str]:
    """Return the numbers of a text as printed, scale and 余 with them.

    Examples
    --------
    >>> numbers("去年同期 9.3万件，共5个")
    ['9.3万', '5']
    """
    return _NUMBER.findall(text)


def undated(text: str, names: Iterable[str]) -> str:
    """Return a text without its dates and without the names that carry digits of their own.

    Examples
    --------
    >>> undated("3月1日—12日谈话5人次", ())
    '—谈话5人次'
    """
    for name in sorted(names, key=len, reverse=True):
        # A name that is a bare number would hide every such digit.
        if re.search(r"\d", name) and (not name.isdecimal() or len(name) > 3):
            text = text.replace(name, "")
    return _DATE.sub("", text)


@dataclass(frozen=True)
class Recorded:
    """The figures of a record, by identifier, in the form of ``figures.json``."""

    figures: Mapping[str, dict[str, Any]]

    def find(self, id: str) -> tuple[dict[str, Any] | None, str]:
        """Return the figure of a run's identifier, and which companion of it is printed."""
        if id in self.figures:
            return self.figures[id], ""
        stem, _, companion = id.rpartition("_")
        if companion in _COMPANIONS and stem in self.figures:
            return self.figures[stem], companion
        return None, ""

    def texts(
        self, figure: Mapping[str, Any], companion: str, printed: str, before: str, signed: bool
    ) -> tuple[str, ...] | None:
        """Return what may stand there, likeliest first; None when nobody can tell.

        Parameters
        ----------
        figure : mapping
        companion : str
            '' for the number itself, else 'base', 'change', 'yoy', 'share' or 'original'.
        printed : str
            What stands there: movements are recomputed with as many decimals.
        before : str
            The text in front, with the word of direction.
        signed : bool
            Whether a number without sign is one that went up, as in a table.
        """
        unit = "" if figure["unit"] == "日期" else str(figure["unit"])
        if companion == "":
            text = str(figure["text"])
            return (f"{text}{unit}", text, *_months(figure))
        if companion == "base":
            base = figure["base"]
            return () if base is None else (f"{base}{unit}", str(base))
        if companion == "original":
            original = figure["original"]
            return () if original is None else (str(original),)
        if companion == "share":
            return self._shares(figure, printed)
        return _movements(figure, companion, printed, before, signed)

    def _shares(self, figure: Mapping[str, Any], printed: str) -> tuple[str, ...] | None:
        if figure.get("share") is not None:
            return (f"{figure['share']}%",)
        wholes = [id for id in _wholes(str(figure["id"])) if id in self.figures]
        if not wholes:
            return None
        accepted = []
        for id in wholes:
            part, whole = _value(figure), _value(self.figures[id])
            rate = percentage(part, whole, _decimals(printed))
            if rate is not None:
                accepted.append(f"{rate.text}%")
        return tuple(accepted)


def contradictions(known: Recorded) -> Iterator[tuple[str, str, str, str]]:
    """Yield (id, what, expected, found) of recorded figures that contradict themselves."""
    for id, figure in known.figures.items():
        if figure["unit"] == "日期":
            continue
        try:
            value = Fraction(figure["value"])
            said = Quantity.parse(figure["text"], figure["unit"])
            base = (
                None if figure["base"] is None else Quantity.parse(figure["base"], figure["unit"])
            )
        except (QuantityError, ValueError):
            yield id, "数值", "数", str(figure["text"])
            continue
        near = said.interval.meets(Interval.point(value))
        if said.unit == "%" and not near:
            # Cut, not rounded, before 100 and 0.
            near = abs(said.value - value) <= said.step and said.value in (
                said.step,
                100 - said.step,
            )
        if not near and figure.get("forced"):
            # By the office's method for sets: at most one unit away from the plain rounding.
            near = abs(said.value - value) < said.step * Fraction(3, 2)
        if not near and not (said.unit == "%" and rounded_text(value, said.decimals) == said.text):
            yield id, "数值", str(figure["text"]), str(figure["value"])
        counted = figure["origin"] in ("台账", "计算") and figure["base_origin"] in ("台账", "计算")
        if base is None or not counted:
            continue
        if said.unit == "%":
            change = said.value - base.value  # of rates as printed
        elif base.is_exact and said.is_exact:
            change = value - base.value
        else:
            continue
        if figure["change"] is not None and _fraction(figure["change"]) not in (None, change):
            decimals = max(said.decimals, base.decimals)
            yield id, "增减", rounded_text(change, decimals), str(figure["change"])
        if figure["growth"] is not None and base.value:
            growth = rounded_text(
                change / base.value * 100, len(figure["growth"].partition(".")[2])
            )
            if _fraction(figure["growth"]) not in (None, Fraction(growth)):
                yield id, "同比", growth, str(figure["growth"])


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except ValueError:
        return None


def _value(figure: Mapping[str, Any]) -> Quantity:
    return Quantity.exact(Fraction(figure["value"]), str(figure["unit"]))


def _decimals(text: str) -> int:
    match = re.search(r"\.(\d+)", text)
    return len(match[1]) if match else 0


def _months(figure: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how the bounds of a forecast date are said: see :func:`wording.interval`."""
    days = [int(n) for n in re.findall(r"\d+", figure["interval"])]
    if figure["unit"] != "日期" or not days:
        return ()
    dates = map(date.fromordinal, days)
    months = list(dict.fromkeys(f"{d.year}年{d.month}月" for d in dates))
    return (f"{months[0]}以后",) if len(days) == 1 else ("至".join(months),)


def _wholes(id: str) -> list[str]:
    """Return identifiers of what a figure is declared to be a part of, sets with shares first."""
    name, at, scope = id.partition("@")
    stem, _, member = name.partition("[")
    found = []
    for relation in sorted(declared(), key=lambda r: not r.shares):
        names = relation.names
        if stem not in names[:-1] or names.count(stem) != 1:
            continue
        whole = names[-1]
        if relation.through_members:
            whole = member_id(whole, member.removesuffix("]"))
        elif INDICATORS[whole].dimension or indicator_of(id).unit != INDICATORS[whole].unit:
            continue
        found.append(f"{whole}{at}{scope}")
    return found


def _movements(
    figure: Mapping[str, Any], companion: str, printed: str, before: str, signed: bool
) -> tuple[str, ...]:
    """Return a change or growth as it may be printed after the word that stands before it."""
    recorded = figure["change" if companion == "change" else "growth"]
    if recorded is None:
        return ()
    text, unit = str(recorded), "%"
    if companion == "change":
        unit = "个百分点" if figure["change_unit"] == "百分点" else str(figure["change_unit"])
    sizes = [magnitude(text)]
    if "." in sizes[0]:
        sizes.append(sizes[0].rstrip("0").rstrip("."))  # as the office has chosen
    exact = _fraction(text)
    decimals = _decimals(printed)
    if companion == "yoy" and exact is not None and decimals != _decimals(text) and figure["base"]:
        base = Quantity.parse(figure["base"], str(figure["unit"])).value
        if base:
            change = (Fraction(figure["value"]) / base - 1) * 100
            sizes.append(rounded_text(abs(change), decimals))
    down = text.startswith(_DOWN)
    wrong = _UP if down else _DOWN
    said = next((m for m in (*_UP, *_DOWN) if printed.startswith(m)), "")
    told = said or next((m for m in (*_UP, *_DOWN) if before.endswith(m)), "")
    nil = exact == 0
    if not nil and (told in wrong or (signed and not told and down)):
        # The number may be right, its direction is not.
        return tuple(f"{'下降' if down else '增长'}{size}{unit}" for size in sizes)
    return tuple(f"{said}{size}{tail}" for size in sizes for tail in (unit, ""))
