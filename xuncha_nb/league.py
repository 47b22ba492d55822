"""The members of a region as pictures and tables: ranked, beside the whole, with their gaps."""

from __future__ import annotations

from collections.abc import Sequence

from xuncha_nb import charts, tables
from xuncha_nb.document import Chart, Table
from xuncha_nb.rollup import COUNTS, Rollup


def chart(rollup: Rollup | None, id: str, title: str, base_name: str) -> Chart | None:
    """Return the members by one figure, highest first, against the whole."""
    if rollup is None or id not in rollup.figures:
        return None
    rows = [(member.name, member.figures[id]) for member in rollup.ranked(id)]
    whole = rollup.region.whole_word
    return charts.ranking(rows, rollup.figures[id], whole, title, base_name)


def table(rollup: Rollup | None, ids: Sequence[str], title: str, ranked: str) -> Table | None:
    """Return the members by figures; those that have not reported stand at the end."""
    if rollup is None or (rollup.region.level == "city" and set(ids) <= set(COUNTS)):
        return None  # a county has reported or not: a sentence names those that have not
    first = rollup.ranked(ranked) if ranked else rollup.members
    rest = [member for member in rollup.members if member not in first]
    rows = [(member.name, member.figures) for member in (*first, *rest)]
    head = rollup.region.member_word
    return tables.members(rows, rollup.figures, ids, title, head, "合计", ranked=ranked)


def gaps(rollup: Rollup | None, title: str) -> Table | None:
    """Return which figures not every county has, and who lacks them."""
    if rollup is None:
        return None
    items = [(gap.figure, gap.names) for gap in rollup.gaps]
    return tables.gaps(items, title, "县（市、区）")
