"""Whether a hidden whole number can be told from what is published around it.

The published numbers leave a set of linear constraints over the hidden ones. A hidden number is
safe when at least two of its values satisfy all of them. The search is exact: bounds are
tightened constraint by constraint, and the smallest domain is split until a solution is found or
none is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

#: Splits after which a search is given up. Giving up counts as "can be told": never as safe.
_PATIENCE: Final = 20_000

Domains = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Constraint:
    """``sum(coefficient * hidden number)`` equals ``bound``, or is at most ``bound``.

    Attributes
    ----------
    terms : tuple of (str, int)
        Hidden number and its coefficient, never zero.
    bound : int
    equal : bool
    """

    terms: tuple[tuple[str, int], ...]
    bound: int
    equal: bool = True


def tellable(
    constraints: Sequence[Constraint],
    domains: Mapping[str, tuple[int, int]],
    truth: Mapping[str, int],
) -> tuple[str, ...]:
    """Return the hidden numbers that the constraints leave no second value.

    Parameters
    ----------
    constraints : sequence of Constraint
        What is published; the truth satisfies all of it.
    domains : mapping of str to (int, int)
        What a reader knows of each hidden number at the outset: smallest and largest value.
    truth : mapping of str to int
        The hidden numbers.

    Examples
    --------
    >>> both = Constraint((("a", 1), ("b", 1)), 2)
    >>> tellable([both], {"a": (1, 4), "b": (1, 4)}, {"a": 1, "b": 1})
    ('a', 'b')
    >>> tellable([both], {"a": (0, 4), "b": (0, 4)}, {"a": 1, "b": 1})
    ()
    """
    return tuple(name for name in domains if not _has_another(name, constraints, domains, truth))


def _has_another(
    name: str,
    constraints: Sequence[Constraint],
    domains: Mapping[str, tuple[int, int]],
    truth: Mapping[str, int],
) -> bool:
    mine = _connected(name, constraints)
    low, high = domains[name]
    for below, above in ((low, truth[name] - 1), (truth[name] + 1, high)):
        if below > above:
            continue
        names = {n for c in mine for n, _ in c.terms} | {name}
        start = {n: domains[n] for n in names} | {name: (below, above)}
        if _Search(mine).satisfiable(start):
            return True
    return False


def _connected(name: str, constraints: Iterable[Constraint]) -> list[Constraint]:
    """Return the constraints that a number is tied to, directly or through others."""
    left = list(constraints)
    reached: set[str] = {name}
    found: list[Constraint] = []
    while True:
        near = [c for c in left if any(n in reached for n, _ in c.terms)]
        if not near:
            return found
        found += near
        left = [c for c in left if c not in near]
        reached |= {n for c in near for n, _ in c.terms}


class _Search:
    """A search for one solution."""

    def __init__(self, constraints: Sequence[Constraint]) -> None:
        self._constraints = constraints
        self._left = _PATIENCE

    def satisfiable(self, domains: Domains) -> bool:
        self._left -= 1
        if self._left < 0:
            return False
        tight = self._tightened(domains)
        if tight is None:
            return False
        open_ = [(high - low, name) for name, (low, high) in tight.items() if low < high]
        if not open_:
            return True
        _, name = min(open_)
        low, high = tight[name]
        middle = (low + high) // 2
        return any(
            self.satisfiable(tight | {name: half}) for half in ((low, middle), (middle + 1, high))
        )

    def _tightened(self, domains: Domains) -> Domains | None:
        """Narrow the domains until nothing changes; None when one is empty."""
        tight = dict(domains)
        changed = True
        while changed:
            changed = False
            for constraint in self._constraints:
                for name, bounds in self._narrowed(constraint, tight):
                    if bounds[0] > bounds[1]:
                        return None
                    if bounds != tight[name]:
                        tight[name] = bounds
                        changed = True
        return tight

    @staticmethod
    def _narrowed(constraint: Constraint, tight: Domains) -> Iterable[tuple[str, tuple[int, int]]]:
        lows = {n: min(k * b for b in tight[n]) for n, k in constraint.terms}
        highs = {n: max(k * b for b in tight[n]) for n, k in constraint.terms}
        least, most = sum(lows.values()), sum(highs.values())
        for name, k in constraint.terms:
            low, high = tight[name]
            # What the others leave: k * x <= bound - (the least of the others).
            room = constraint.bound - (least - lows[name])
            if k > 0:
                high = min(high, room // k)
            else:
                low = max(low, -((room) // -k))
            if constraint.equal:
                need = constraint.bound - (most - highs[name])
                if k > 0:
                    low = max(low, -(-need // k))
                else:
                    high = min(high, (-need) // -k)
            yield name, (low, high)
