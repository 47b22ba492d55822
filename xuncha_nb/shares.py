"""Shares of a set by the method that the office or the data declare.

``plain`` rounds every share by itself; their sum may miss 100 by a unit or two of the last
digit. ``largest_remainder`` cuts every share and gives the units left over to the largest
remainders (method of Hamilton; of equal remainders the earlier part comes first).
``last_absorbs`` rounds every share but the last and lets the last one fill up to 100. A share
that a method moved away from its plain rounding is *forced*, and is said to be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from xuncha_nb.intervals import rounded_text
from xuncha_nb.quantities import Quantity

#: Method → Chinese name, as a data declaration and a message say it.
METHODS: Final = {
    "plain": "四舍五入",
    "largest_remainder": "最大余额法",
    "last_absorbs": "末项补足",
}


def apportioned(parts: Sequence[Quantity], decimals: int, method: str) -> tuple[str, ...]:
    """Return the printed shares of the parts of one whole, without the percent sign.

    Parameters
    ----------
    parts : sequence of Quantity
        All parts, of one unit; their sum is the whole.
    decimals : int
        Decimals of a share.
    method : str
        A key of :data:`METHODS`.

    Returns
    -------
    tuple of str
        Empty when the whole is zero.

    Examples
    --------
    >>> thirds = [Quantity.exact(1, "件")] * 3
    >>> apportioned(thirds, 1, "plain"), apportioned(thirds, 1, "largest_remainder")
    (('33.3', '33.3', '33.3'), ('33.4', '33.3', '33.3'))
    >>> apportioned(thirds, 1, "last_absorbs")
    ('33.3', '33.3', '33.4')
    """
    whole = sum((part.value for part in parts), Fraction(0))
    if whole == 0:
        return ()
    unit = Fraction(1, 10**decimals)
    exact = [part.value / whole * 100 for part in parts]
    plain = [Fraction(rounded_text(share, decimals)) for share in exact]
    if method == "largest_remainder":
        shares = [Fraction(math.floor(share / unit)) * unit for share in exact]
        left = int((100 - sum(shares)) / unit)
        # Sorting is stable: of equal remainders the earlier part comes first.
        order = sorted(range(len(exact)), key=lambda place: shares[place] - exact[place])
        for place in order[:left]:
            shares[place] += unit
    elif method == "last_absorbs":
        # The last part that is there at all: a part that is zero has no share to fill up.
        last = max(place for place, share in enumerate(exact) if share)
        shares = [*plain]
        others = (share for place, share in enumerate(plain) if place != last)
        shares[last] = 100 - sum(others, Fraction(0))
    else:
        shares = plain
    return tuple(rounded_text(share, decimals) for share in shares)
