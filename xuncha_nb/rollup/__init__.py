"""A region's roll-up over its counties: sums, rates from sums, members, and who is missing.

It reads what the counties' reports recorded (``figures.json``); no ledger is opened. A county
without a report is missing, by name, and never counts as zero.
"""

from __future__ import annotations

from xuncha_nb.rollup.gathering import roll_up
from xuncha_nb.rollup.model import COUNTS, SOURCE_NAME, Gap, Member, Rollup

__all__ = ["COUNTS", "SOURCE_NAME", "Gap", "Member", "Rollup", "roll_up"]
