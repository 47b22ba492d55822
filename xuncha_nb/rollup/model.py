"""What a roll-up consists of: members, gaps, and the counts of counties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from xuncha_nb.figures import Figure, Figures
from xuncha_nb.indicators import Indicator
from xuncha_nb.regions import Region
from xuncha_nb.verdicts import Verdict


def _count(id: str, label: str, definition: str) -> Indicator:
    return Indicator(id, label, "个", "rollup", "base", (), definition)


#: What a roll-up's data are called, in messages and in the manifest.
SOURCE_NAME: Final = "各县（市、区）报告"

#: How many counties a roll-up is of. They describe the roll-up, not an area, and are therefore
#: no part of the dictionary.
COUNTS: Final[dict[str, Indicator]] = {
    indicator.id: indicator
    for indicator in (
        _count("counties_expected", "应报送县（市、区）", "区域内的县级行政区"),
        _count("counties_reported", "已报送县（市、区）", "有本期报告且报告有数字的县级行政区"),
        _count("counties_failed", "报告失败县（市、区）", "批次汇总表中出报告失败、没有报告的"),
        _count("counties_missing", "未报送县（市、区）", "应报送减已报送、报告失败"),
    )
}


@dataclass(frozen=True)
class Member:
    """A row of the region's tables: a county, or a city or province with its sums.

    Attributes
    ----------
    code, name : str
    figures : dict of str to Figure
        By plain identifier; each figure's own id ends in ``@`` and the member's code. Empty
        for a member that has not reported.
    """

    code: str
    name: str
    figures: dict[str, Figure] = field(default_factory=dict)

    @property
    def reported(self) -> bool:
        """Whether at least one county of it has reported."""
        return not self.figures["counties_reported"].value.is_zero


@dataclass(frozen=True)
class Gap:
    """A figure that not every reported county has, and who lacks it."""

    figure: Figure
    names: tuple[str, ...]


@dataclass(frozen=True)
class Rollup:
    """What a region's counties come to.

    Attributes
    ----------
    region : Region
    figures : Figures
        The whole, with the counts of :data:`COUNTS`.
    members : tuple of Member
        In the order of their codes; those without a report are among them, without figures.
    missing, failed : tuple of str
        Names of counties without a report, and of those whose report failed.
    gaps : tuple of Gap
    verdicts : tuple of Verdict
    fingerprint : str
        SHA-256 over the counties' files.
    """

    region: Region
    figures: Figures
    members: tuple[Member, ...]
    missing: tuple[str, ...]
    failed: tuple[str, ...]
    gaps: tuple[Gap, ...]
    verdicts: tuple[Verdict, ...]
    fingerprint: str = ""

    def ranked(self, id: str) -> tuple[Member, ...]:
        """Return the members that have a figure, the highest first; ties by code."""
        known = [member for member in self.members if id in member.figures]
        return tuple(sorted(known, key=lambda m: (-m.figures[id].value.value, m.code)))
