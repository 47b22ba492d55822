"""The ledgers of an inspection office, each declared once.

:data:`LEDGERS` maps a ledger's name to its :class:`~xuncha_nb.ledgers.columns.Ledger`. The
template, the reader, the validation and the sample all read these declarations; nothing else
knows a sheet or a header.
"""

from __future__ import annotations

from typing import Final

from xuncha_nb.ledgers.columns import (
    DTYPES,
    EXAMPLE,
    GUIDE_SHEET,
    NUMBER_HEADER,
    Column,
    Ledger,
)
from xuncha_nb.ledgers.offices import OFFICE_LEDGERS
from xuncha_nb.ledgers.rounds import OBJECT_TYPES, ROUND_LEDGERS, VILLAGE_TYPES
from xuncha_nb.ledgers.statistics import STATISTICS_LEDGERS

#: All ledgers, in the order of the workbook's sheets.
LEDGERS: Final[dict[str, Ledger]] = {
    ledger.name: ledger for ledger in (*ROUND_LEDGERS, *OFFICE_LEDGERS, *STATISTICS_LEDGERS)
}

__all__ = [
    "DTYPES",
    "EXAMPLE",
    "GUIDE_SHEET",
    "LEDGERS",
    "NUMBER_HEADER",
    "OBJECT_TYPES",
    "VILLAGE_TYPES",
    "Column",
    "Ledger",
]
