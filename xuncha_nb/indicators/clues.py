"""Clues: found, transferred, closed, and the number of persons; never a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xuncha_nb.indicators.registry import Result, base, count, derived, total
from xuncha_nb.quantities import Quantity

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows


@base("发现问题线索", "件", "clues", "clues", "发现日期在期间内的线索")
def clues_found(clues: Rows) -> Result:
    return count(clues)


@derived("涉及人数", "人", "clues", "clues", "党员干部与其他人员之和")
def clue_persons(clue_party_cadres: Quantity, clue_others: Quantity) -> Quantity:
    return clue_party_cadres + clue_others


@base("涉及党员干部", "人", "clues", "clues", "线索涉及的党员干部人数之和")
def clue_party_cadres(clues: Rows) -> Result:
    return total(clues, "party_cadres")


@base("涉及其他人员", "人", "clues", "clues", "线索涉及的其他人员人数之和")
def clue_others(clues: Rows) -> Result:
    return total(clues, "others")


@base("移交问题线索", "件", "clues", "clues", "期间内发现、截止日前已移交的线索")
def clues_transferred(clues: Rows) -> Result:
    return count(clues, transferred=True)


@base("办结问题线索", "件", "clues", "clues", "期间内发现、截止日前已移交并办结的线索")
def clues_closed(clues: Rows) -> Result:
    return count(clues, closed=True)
