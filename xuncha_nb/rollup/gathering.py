"""Reading the counties one by one into sums."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from xuncha_nb.areas import Area
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.ledgers.statistics import DECLARATIONS
from xuncha_nb.parameters import Standards
from xuncha_nb.periods import Period, Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.regions import Region
from xuncha_nb.rollup import files, remarks
from xuncha_nb.rollup.files import Found
from xuncha_nb.rollup.model import COUNTS, Gap, Member, Rollup
from xuncha_nb.rollup.sums import Sums


def roll_up(region: Region, folder: Path, window: Window, standards: Standards) -> Rollup:
    """Read the counties' reports and add them up.

    Parameters
    ----------
    region : Region
    folder : Path
        Where the reports lie; see :func:`xuncha_nb.rollup.files.search`.
    window : Window
        Its period counts; the cut-off is the counties' own, when they agree on one.
    standards : Standards

    Raises
    ------
    SourceError
        If the folder or a file cannot be read, or a county has two different files.
    NoDataError
        If no county of the region has a report of the period.
    """
    found = files.search(folder, window.period)
    decimals = standards.thresholds.percent_decimals
    gathered = _Gathered()
    members = []
    for group in region.groups:
        sums = gathered.add(group.counties, found, window.period)
        counts = _counts(group.counties, gathered.having, found.failed, group.code)
        figures = counts | {_plain(f.id): f for f in sums.figures(decimals, group.code).values()}
        members.append(Member(group.code, group.name, figures))
    if not gathered.having:
        raise files.no_period(folder, window.period, found.failed)
    mixed = {name: ways for name, ways in gathered.declared.items() if len(ways) > 1}
    total = _total(region, window, gathered, mixed, found.failed, decimals)
    silent = [area for area in region.counties if area not in gathered.having]
    failed = [area for area in silent if area.code in found.failed]
    missing = [area.name for area in silent if area.code not in found.failed]
    gaps = tuple(_gaps(total, gathered.whole.lacking(), gathered.having))
    verdicts = (
        *remarks.on_conventions(total, mixed),
        *remarks.on_counties(
            total, missing, failed, found.failed, gathered.empty, gathered.cutoffs, gaps
        ),
    )
    return Rollup(
        region,
        total,
        tuple(members),
        tuple(missing),
        tuple(area.name for area in failed),
        gaps,
        verdicts,
        gathered.digest.hexdigest(),
    )


@dataclass
class _Gathered:
    """What was read so far; of a county nothing is kept but which figures it has."""

    whole: Sums = field(default_factory=Sums)
    having: dict[Area, frozenset[str]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    cutoffs: dict[date, int] = field(default_factory=dict)
    #: Convention → way of counting → the counties that declare it.
    declared: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    _sets: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def add(self, counties: Sequence[Area], found: Found, period: Period) -> Sums:
        """Read a group of counties and return its sums."""
        sums = Sums()
        for area in counties:
            file = files.read(found.paths.get(area.code, ()), area, period)
            if file is None:
                continue
            if not file.entries:
                self.empty.append(area.name)
                continue
            sums.add(file)
            self.digest.update(area.code.encode() + file.digest)
            self.cutoffs[file.cutoff] = self.cutoffs.get(file.cutoff, 0) + 1
            for name, way in file.declared.items():
                self.declared.setdefault(name, {}).setdefault(way, []).append(area.name)
            # Few different sets of figures occur: each is kept once.
            ids = frozenset(entry.id for entry in file.entries)
            self.having[area] = self._sets.setdefault(ids, ids)
        self.whole.merge(sums)
        return sums


def _total(
    region: Region,
    window: Window,
    gathered: _Gathered,
    mixed: Collection[str],
    failures: Mapping[str, str],
    decimals: int,
) -> Figures:
    """Return the whole; at the counties' own cut-off, unless one was asked for."""
    figures = _counts(region.counties, gathered.having, failures) | gathered.whole.figures(decimals)
    for name in mixed:
        # Counted in two ways they are two different things, and have no sum.
        figures = {id: f for id, f in figures.items() if id not in DECLARATIONS[name].figures}
    day = max(gathered.cutoffs) if window.cutoff == window.period.end else window.cutoff
    declared = {
        name: next(iter(ways)) for name, ways in gathered.declared.items() if name not in mixed
    }
    at = Window(window.period, day)
    return Figures(region.code, region.name, at, figures, declared=declared)


def _plain(id: str) -> str:
    return id.partition("@")[0]


def _counts(
    counties: Sequence[Area],
    having: Collection[Area],
    failures: Mapping[str, str],
    scope: str = "",
) -> dict[str, Figure]:
    expected = len(counties)
    there = sum(area in having for area in counties)
    failed = sum(area.code in failures and area not in having for area in counties)
    numbers = (expected, there, failed, expected - there - failed)
    return {
        id: Figure(
            f"{id}@{scope}" if scope else id,
            indicator,
            Quantity.exact(number, indicator.unit),
            origin="汇总",
            scope=scope,
        )
        for (id, indicator), number in zip(COUNTS.items(), numbers, strict=True)
    }


def _gaps(
    figures: Figures, lacking: Mapping[str, int], having: Mapping[Area, frozenset[str]]
) -> Iterator[Gap]:
    """Yield the figures that some lack, in the order of the dictionary."""
    order = [id for id in figures if id in lacking]
    for id in order:
        names = tuple(area.name for area, ids in having.items() if id not in ids)
        yield Gap(figures[id], names)
