"""From ledgers to figures: base figures counted, reported ones filled in, derived ones follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from xuncha_nb import apportioning, areas, conventions, families
from xuncha_nb.apportioning import with_set_shares
from xuncha_nb.errors import ParameterError, QuantityError
from xuncha_nb.figures import Figure, Figures, member_id
from xuncha_nb.indicators import GROUPS, INDICATORS, Indicator, Slices, Tally
from xuncha_nb.memory import Memory, followed
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.reported import Reported, reported_figures
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict

#: Groups whose figures a single round has; posts or plans belong to no round.
_ROUND_GROUPS: Final = ("rounds", "activity", "findings", "clues", "assessment", "rectification")

#: An adjustment as the computation sees it: identifier → adjusted value.
Adjusted = Mapping[str, Quantity]


@dataclass
class _Known:
    value: Quantity
    rows: int = 0
    origin: str = "台账"
    gaps: int = 0
    original: Quantity | None = None


@dataclass
class _Computation:
    """The figures of one window, computed on demand, each once."""

    slices: Slices
    reported: Reported
    adjusted: Adjusted
    counted: dict[str, Any] = field(default_factory=dict)
    derived: dict[str, tuple[tuple[Any, ...], Quantity | None]] = field(default_factory=dict)
    memo: dict[str, _Known | dict[str, _Known] | None] = field(default_factory=dict)
    conflicts: list[tuple[str, Quantity, Quantity]] = field(default_factory=list)

    def all(self, groups: Collection[str] = GROUPS) -> dict[str, _Known]:
        """Return every known figure of the groups by identifier, members apart."""
        known: dict[str, _Known] = {}
        for id, indicator in INDICATORS.items():
            if indicator.group not in groups:
                continue
            result = self.known(id)
            if isinstance(result, dict):
                known.update({member_id(id, m): k for m, k in result.items()})
            elif result is not None:
                known[id] = result
        return known

    def known(self, id: str) -> _Known | dict[str, _Known] | None:
        if id not in self.memo:
            indicator = INDICATORS[id]
            self.memo[id] = (
                self._base(indicator) if indicator.kind == "base" else self._derived(indicator)
            )
        return self.memo[id]

    def _slice(self, name: str) -> Any:
        return getattr(self.slices, name)

    def _base(self, indicator: Indicator) -> _Known | dict[str, _Known] | None:
        if indicator.id not in self.counted:
            self.counted[indicator.id] = self._count(indicator)
        result = self.counted[indicator.id]
        if indicator.dimension:
            tallies: dict[str, Tally | None] = dict(result or {})
            for member in self.reported.members(indicator.id):
                tallies.setdefault(member, None)
            for id in self.adjusted:
                stem, bracket, rest = id.partition("[")
                if stem == indicator.id and bracket:
                    tallies.setdefault(rest.removesuffix("]"), None)
            family = {
                m: self._settled(member_id(indicator.id, m), indicator, t)
                for m, t in tallies.items()
            }
            return {m: k for m, k in family.items() if k is not None} or None
        return self._settled(indicator.id, indicator, result)

    def _count(self, indicator: Indicator) -> Any:
        """Return what the indicator's function counts in the ledgers."""
        arguments: dict[str, Any] = {}
        try:
            for name in indicator.needs:
                arguments[name] = self._slice(name)
                if arguments[name] is None:
                    return None
            return indicator.function(**arguments)
        except (QuantityError, ParameterError):
            # A cell that is no number, or findings of a day without a scheme: the checks
            # report both as faults where they stand.
            return None

    def _settled(self, id: str, indicator: Indicator, tally: Tally | None) -> _Known | None:
        """Choose between counted and reported, then apply the adjustment."""
        printed = self.reported.values.get(id)
        known: _Known | None = None
        if tally is not None:
            value = (
                tally.value
                if isinstance(tally.value, Quantity)
                else Quantity.exact(tally.value, indicator.unit)
            )
            known = _Known(value, tally.rows, "台账", tally.gaps)
            if printed is not None and not printed.interval.meets(value.interval):
                self.conflicts.append((id, value, printed))
        elif printed is not None:
            known = _Known(printed, 0, "填报")
        if id in self.adjusted:
            original = None if known is None else known.value
            rows = 0 if known is None else known.rows
            known = _Known(self.adjusted[id], rows, "调整", 0, original)
        return known

    def _argument(self, name: str) -> Any:
        """Return what a derived function asks for: a figure's value, a family, or a slice."""
        if name not in INDICATORS:
            return self._slice(name)
        result = self.known(name)
        if isinstance(result, dict):
            return {member: known.value for member, known in result.items()}
        return None if result is None else result.value

    def _derived(self, indicator: Indicator) -> _Known | None:
        arguments = {name: self._argument(name) for name in indicator.needs}
        given = [value is not None for value in arguments.values()]
        value: Quantity | None = None
        if all(given) or (indicator.partial and any(given)):
            value = followed(self.derived, indicator, arguments)
        printed = self.reported.values.get(indicator.id)
        if printed is None:
            return None if value is None else _Known(value, 0, "计算")
        # A total that was reported stands, whether or not its parts are known or known as
        # precisely; the relations hold it against the parts.
        return _Known(printed, 0, "填报")


def compute(
    book: Book,
    county: str,
    window: Window,
    standards: Standards,
    adjusted: Adjusted | None = None,
    round_id: str = "",
    memory: Memory | None = None,
) -> tuple[Figures, tuple[Verdict, ...]]:
    """Compute every figure that the book can give for a county and a window.

    Parameters
    ----------
    book : Book
        Validated ledgers; figures are computed whatever faults it has.
    county : str
        Code or name.
    window : Window
        Period with cut-off.
    standards : Standards
        Category scheme, grade scale and thresholds.
    adjusted : mapping of str to Quantity, optional
        Adjusted values of base figures, which replace the counted ones.
    round_id : str, optional
        Restrict to one round: identifiers then end in ``@round``, without base period.
    memory : Memory, optional
        Kept by a caller that computes the same book again with other adjustments.

    Returns
    -------
    Figures
        Known figures only: what is missing is not in there.
    tuple of Verdict
        Reported figures that cannot be read or contradict what was counted, and gaps.
    """
    area = areas.find(county)
    name = area.name if area is not None else county
    names = {county, name, area.code if area is not None else county}
    verdicts: list[Verdict] = []
    memory = memory or Memory()
    now = _window_figures(
        book, names, window, standards, adjusted or {}, round_id, verdicts, memory
    )
    if round_id:
        figures = {
            f"{id}@{round_id}": _figure(f"{id}@{round_id}", known, scope=round_id)
            for id, known in now.all(_ROUND_GROUPS).items()
        }
        return Figures(county, name, window, figures), ()
    before_window = window.same_window_last_year()
    key = (before_window, "base")
    if key not in memory.plain:  # the base period is never adjusted from here
        then = _window_figures(book, names, before_window, standards, {}, "", [], memory)
        memory.plain[key] = (then.all(), then.reported)
    before, then_reported = memory.plain[key]
    figures = {}
    current = now.all()
    for id, known in current.items():
        figures[id] = _with_base(_figure(id, known), before.get(id), now.reported)
        if not standards.thresholds.percent_trailing_zero:
            figures[id] = _without_trailing_zero(figures[id])
    for id, known in current.items():
        if known.gaps:
            label = figures[id].label
            verdicts.append(
                Verdict(
                    "warning",
                    "blank_cells",
                    f"“{label}”有{known.gaps}行没有填，合计只含已填的{known.rows}行，"
                    "请补填（确实没有填0）",
                    name,
                    str(window.period),
                    (id,),
                    f"{known.rows + known.gaps}行都有数",
                    f"{known.rows}行有数",
                )
            )
    for id, counted, printed in now.conflicts:
        verdicts.append(
            Verdict(
                "error",
                "two_values",
                f"“{figures[id].label}”有两个不同的数，请核对台账或改填报数",
                name,
                str(window.period),
                (id,),
                f"台账合计 {counted.printed}",
                f"填报数 {printed.printed}",
            )
        )
    members = families.members(now.slices)
    verdicts += families.unknown_members(figures, members, name, window)
    declared = now.reported.declared
    made = Figures(county, name, window, figures, members, declared)
    method = declared.get("share_method", standards.thresholds.share_method)
    made = with_set_shares(made, method, standards.thresholds.percent_decimals)
    made = memory.kept((window, ""), made)
    verdicts += apportioning.evaluate(made, method)
    verdicts += conventions.changed(made, then_reported.declared)
    return made, tuple(verdicts)


def values(
    book: Book,
    county: str,
    window: Window,
    standards: Standards,
    ids: Collection[str],
    memory: Memory | None = None,
) -> dict[str, Quantity]:
    """Compute some figures of a window alone, without base period; unknown ones are left out.

    Parameters
    ----------
    book, county, window, standards, memory
    ids : collection of str
        Identifiers of figures, not of families; the others as for :func:`compute`.
    """
    area = areas.find(county)
    names = {county} if area is None else {county, area.name, area.code}
    computed = _window_figures(book, names, window, standards, {}, "", [], memory)
    known = {id: computed.known(id) for id in ids}
    return {id: k.value for id, k in known.items() if isinstance(k, _Known)}


def _window_figures(
    book: Book,
    names: set[str],
    window: Window,
    standards: Standards,
    adjusted: Adjusted,
    round_id: str,
    verdicts: list[Verdict],
    memory: Memory | None = None,
) -> _Computation:
    kept = memory or Memory()
    key = (window, round_id)
    if key not in kept.slices:
        kept.slices[key] = Slices(book.rows, window, standards, round_id)
    reported = Reported({}, {})
    if not round_id:
        if window not in kept.reported:
            kept.reported[window] = reported_figures(book, names, window.period)
        reported = kept.reported[window]
    verdicts += reported.verdicts
    counted, derived = kept.counted.setdefault(key, {}), kept.derived.setdefault(key, {})
    return _Computation(kept.slices[key], reported, adjusted, counted, derived)


def _figure(id: str, known: _Known, scope: str = "") -> Figure:
    stem, _, member = id.partition("@")[0].partition("[")
    return Figure(
        id,
        INDICATORS[stem],
        known.value,
        known.rows,
        known.origin,
        member=member.removesuffix("]"),
        scope=scope,
        original=known.original,
    )


def _without_trailing_zero(figure: Figure) -> Figure:
    """Print a computed percentage as 70%, not 70.0%; what was printed keeps its own zero."""
    if figure.unit != "%" or figure.origin != "计算" or "." not in figure.value.text:
        return figure
    text = figure.value.text.rstrip("0").rstrip(".")
    return replace(figure, value=replace(figure.value, text=text))


def _with_base(figure: Figure, before: _Known | None, reported: Reported) -> Figure:
    stem, bracket, member = figure.id.partition("[")
    change, growth, share = (
        reported.companions.get(f"{stem}{suffix}{bracket}{member}")
        for suffix in ("_change", "_yoy", "_share")
    )
    base, origin = (None, "") if before is None else (before.value, before.origin)
    if base is None and change is not None:
        # Points off a rate leave a rate.
        base = figure.value - replace(change, unit=figure.value.unit)
        origin = "推算"
    return replace(
        figure,
        base=base,
        base_origin=origin,
        printed_change=change,
        printed_growth=growth,
        printed_share=share,
    )
