"""The public edition: small counts of persons and clues are left out, and cannot be had back.

Source: ``domain.md``, Confidentiality. A count of persons or clues above zero and below the
office's threshold is hidden. What is published besides (totals, other parts, rounds, members of
a region, subsets) must leave at least two values for every hidden count, even for a reader who
knows which counts are small: where it does not, another part is hidden with it. Of a small total
every part is hidden, zeros among them.

A hidden figure is taken out of the figures altogether, so that no sentence, table, chart, share,
change or file can print it; a rate with a hidden operand goes as well. Of a figure whose base is
hidden, base, change, growth and the base's share of it go. The base period is a problem of its
own, solved by the same rules from the same numbers: what was hidden in last year's document is
hidden as this year's base.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from xuncha_nb.figures import Figure, member_id
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.relations import Relation, declared
from xuncha_nb.riddles import Constraint, tellable

#: Groups of the dictionary that count persons under suspicion or sanction, or clues.
_GROUPS: Final = frozenset(("clues", "discipline", "forms", "special"))
_UNITS: Final = frozenset(("人", "人次", "件"))
#: Above any count: a reader's first idea of a number that is hidden for another's sake.
_MOST: Final = 10**7

Values = Mapping[str, int]


def is_sensitive(figure: Figure) -> bool:
    """Whether a figure counts persons or clues."""
    return figure.indicator.group in _GROUPS and figure.indicator.unit in _UNITS


@dataclass(frozen=True)
class Hidden:
    """What the public edition leaves out.

    Attributes
    ----------
    now : frozenset of str
        Identifiers of figures that are left out.
    base : frozenset of str
        Identifiers whose base period, change and growth are left out.
    """

    now: frozenset[str]
    base: frozenset[str]


def hidden(figures: Mapping[str, Figure], threshold: int) -> Hidden:
    """Decide what to leave out.

    Parameters
    ----------
    figures : mapping of str to Figure
        Everything that the document could print, those of rounds and members included.
    threshold : int
        Counts from one up to below it are small.

    Returns
    -------
    Hidden
        The same for the same numbers, whatever the order of the figures.
    """
    order = dict(sorted(figures.items()))
    now = {id: int(f.value.value) for id, f in order.items() if _whole(f.value.value, f)}
    base = {id: int(f.base.value) for id, f in order.items() if f.base and _whole(f.base.value, f)}
    gone = _closed(now, order, threshold)
    past = _closed(base, order, threshold)
    return Hidden(frozenset(gone) | _rates(order, gone), frozenset(past) | _rates(order, past))


def published(figures: Mapping[str, Figure], gone: Hidden) -> dict[str, Figure]:
    """Return the figures that may be printed, without the bases that may not."""
    return {
        id: _without_base(f) if id in gone.base else f
        for id, f in figures.items()
        if id not in gone.now
    }


def _without_base(figure: Figure) -> Figure:
    return replace(figure, base=None, base_origin="", printed_change=None, printed_growth=None)


def _whole(value: object, figure: Figure) -> bool:
    return figure.indicator.unit not in ("%", "日期") and getattr(value, "denominator", 0) == 1


def _rates(figures: Mapping[str, Figure], gone: Iterable[str]) -> frozenset[str]:
    """Return the rates and shares that are computed from something hidden."""
    hidden_names = set(gone)
    found = set()
    for id, figure in figures.items():
        if figure.indicator.unit != "%":
            continue
        scope = id.partition("@")[2]
        needs = (f"{need}@{scope}" if scope else need for need in figure.indicator.needs)
        if hidden_names.intersection(needs):
            found.add(id)
    return frozenset(found)


def _closed(values: Values, figures: Mapping[str, Figure], threshold: int) -> set[str]:
    """Hide what is small, then more, until nothing hidden can be told."""
    small = {id for id, n in values.items() if is_sensitive(figures[id]) and 0 < n < threshold}
    sums = list(_sums(values))
    # Of a small total every part goes, the zeros as well: else each hidden part would be known
    # to be one at least, and four ones would be told by their number.
    veiled = {id for s in sums if s.total in small for id in s.parts}
    domains = {id: (0 if id in veiled else 1, threshold - 1) for id in small | veiled}
    gone = small | veiled
    while gone:
        told = _told(sums, values, gone, domains)
        if not told:
            break
        more = _next(sums, values, gone, told)
        if more is None:
            # Nothing published ties them down: the relation itself does. Hiding the rest of
            # every sum they are in is all that can be done.
            more = {id for s in sums if any(n in told for n in s.names) for id in s.names} - gone
            if not more:
                break
        gone |= more
    return gone


@dataclass(frozen=True)
class _Sum:
    """A published relation between whole numbers: terms with signs, equal to or at most zero."""

    terms: tuple[tuple[str, int], ...]
    equal: bool
    #: The convention by which it holds; nobody reckons with two conventions at once.
    when: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.terms)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(name for name, k in self.terms if k > 0)

    @property
    def total(self) -> str:
        """The whole of a plain sum; empty for a relation of another form."""
        wholes = [name for name, k in self.terms if k < 0]
        return wholes[0] if self.equal and len(wholes) == 1 else ""

    def constraint(self, values: Values, gone: set[str]) -> Constraint | None:
        unknown = tuple((n, k) for n, k in self.terms if n in gone)
        if not unknown:
            return None
        known = sum(k * values[n] for n, k in self.terms if n not in gone)
        return Constraint(unknown, -known, self.equal)


def _told(
    sums: Sequence[_Sum], values: Values, gone: set[str], domains: Mapping[str, tuple[int, int]]
) -> set[str]:
    known = {id: domains.get(id, (0, _MOST)) for id in sorted(gone)}
    found: set[str] = set()
    for way in dict.fromkeys(((), *(s.when for s in sums))):
        held = [s for s in sums if s.when in ((), way)]
        constraints = [c for s in held if (c := s.constraint(values, gone)) is not None]
        found.update(tellable(constraints, known, values))
    return found


def _next(sums: Sequence[_Sum], values: Values, gone: set[str], told: set[str]) -> set[str] | None:
    """Return one more figure to hide: the smallest published part beside one that is told.

    A part goes before a total, and a number before a zero, which hides less.
    """
    candidates = []
    for s in sums:
        if not told.intersection(s.names):
            continue
        for name, k in s.terms:
            if name not in gone:
                candidates.append((k < 0, not s.equal, values[name] == 0, values[name], name))
    return {min(candidates)[-1]} if candidates else None


def _sums(values: Values) -> Iterator[_Sum]:
    """Yield every relation between the values that a reader can reckon with."""
    scopes = {"", *(id.partition("@")[2] for id in values)}
    for relation in declared():
        for scope in sorted(scopes):
            for member in _members(relation, values, scope):
                made = _of_relation(relation, values, scope, member)
                if made is not None:
                    yield made
    yield from _over_scopes(values)


def _members(relation: Relation, values: Values, scope: str) -> list[str]:
    if not relation.through_members:
        return [""]
    families = set(relation.names)
    found: dict[str, None] = {}
    for id in values:
        stem, _, of = id.partition("@")
        family, bracket, rest = stem.partition("[")
        if bracket and of == scope and family in families:
            found[rest.removesuffix("]")] = None
    return sorted(found)


def _of_relation(relation: Relation, values: Values, scope: str, member: str) -> _Sum | None:
    """Return a relation over known values, if it holds of them exactly and has no division."""
    left = _terms(relation.left, values, scope, member, 1)
    right = _terms(relation.right, values, scope, member, -1)
    if left is None or right is None or not left or not right:
        return None
    terms = (*left, *right)
    total = sum(k * values[name] for name, k in terms)
    # A relation that does not hold (a part is missing) tells a reader nothing.
    if total > 0 or (relation.equal and total != 0):
        return None
    return _Sum(terms, relation.equal, relation.when)


def _terms(
    node: ast.expr, values: Values, scope: str, member: str, sign: int
) -> list[tuple[str, int]] | None:
    tail = f"@{scope}" if scope else ""
    match node:
        case ast.Name(id=id):
            return [(f"{id}{tail}", sign)] if f"{id}{tail}" in values else []
        case ast.Call(func=ast.Name(id="each"), args=[ast.Name(id=id)]):
            name = f"{member_id(id, member)}{tail}"
            return [(name, sign)] if name in values else []
        case ast.Call(args=[ast.Name(id=id)]):
            names = [n for n in values if n.startswith(f"{id}[") and n.endswith(f"]{tail}")]
            return [(name, sign) for name in sorted(names)]
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            one = _terms(left, values, scope, member, sign)
            two = _terms(right, values, scope, member, sign if isinstance(op, ast.Add) else -sign)
            return None if one is None or two is None else one + two
        case _:
            return None


def _over_scopes(values: Values) -> Iterator[_Sum]:
    """Yield total = sum over rounds or members, where it is so."""
    by_figure: dict[str, list[str]] = {}
    for id in values:
        stem, at, _ = id.partition("@")
        if at and stem in values and stem.partition("[")[0] in INDICATORS:
            by_figure.setdefault(stem, []).append(id)
    for stem, scoped in sorted(by_figure.items()):
        if sum(values[id] for id in scoped) == values[stem]:
            yield _Sum((*((id, 1) for id in sorted(scoped)), (stem, -1)), True)
