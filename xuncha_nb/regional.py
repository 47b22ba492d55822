"""Opening a roll-up: a city's, a province's or the country's report over its counties' reports.

>>> from xuncha_nb import open_rollup  # doctest: +SKIP
>>> report = open_rollup("city_rollup", county="丽水市", period="2024H1")  # doctest: +SKIP
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from xuncha_nb import movements, regions, relations, sources
from xuncha_nb.editions import public
from xuncha_nb.errors import CheckError, ParameterError
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.material import Material
from xuncha_nb.names import Missing
from xuncha_nb.opening import given, ready
from xuncha_nb.parameters import RunParameters, Standards, load_standards
from xuncha_nb.report import Report
from xuncha_nb.rollup import COUNTS, SOURCE_NAME, Member, Rollup, roll_up
from xuncha_nb.verdicts import errors, in_order
from xuncha_nb.vocabulary import office_name

#: What a member's figures may be shown of: the dictionary's figures for the city's document,
#: and what they are made of. A country's record would otherwise hold thousands of others.
_GROUPS: Final = ("rounds", "findings", "clues", "coverage", "rectification", "forms")
_OTHERS: Final = (
    "petitions_total",
    "clues_handled",
    "cases_filed",
    "persons_disciplined",
    "teams_count",
    "units_inspected",
)
#: A region names at most this many of its best and of its last.
_NAMED: Final = 3


def open_rollup(
    notebook: str,
    *,
    county: str | int,
    period: str | int,
    source: str = "sample",
    cutoff: str | date = "",
    edition: str = "内部",
    adjustments: str = "",
) -> Report:
    """Read the counties' reports, add them up and check the sums; then compose a report.

    Parameters
    ----------
    notebook : str
        Name of the notebook, for the record.
    county : str
        Six-digit code or name of a city, a province or the country (``全国``).
    period : str
        ``2024H1`` …
    source : str
        Folder of the counties' reports (``outputs``), relative to the current folder or the
        workspace; ``sample`` for the packaged sample.
    cutoff : str
        Empty for the counties' own.
    edition : {'内部', '公开'}
    adjustments : str
        Must be empty: a county's figure is adjusted in the county.

    Returns
    -------
    Report

    Raises
    ------
    XunchaError
        For every mistake of the files' or the parameters'.
    """
    parameters = given(
        county=county,
        period=period,
        source=source,
        cutoff=cutoff,
        edition=edition,
        adjustments=adjustments,
    )
    return ready(build(notebook, parameters, load_standards()))


def build(notebook: str, parameters: RunParameters, standards: Standards) -> Report:
    """Build a roll-up's report, without a kernel.

    Raises
    ------
    ParameterError
        If there is no such region, or adjustments are given.
    CheckError
        If the sums contradict each other.
    """
    region = regions.find(parameters.county)
    if region is None:
        raise ParameterError(
            f"汇总的 county 应为市、省（自治区、直辖市）或“全国”，实为“{parameters.county}”，"
            "如 丽水市 或 331100，请改正"
        )
    if parameters.adjustments:
        raise ParameterError("汇总数由各县的数相加，不能直接调整，请在该县的报告里调整后重新汇总")
    folder = sources.locate(parameters.source, parameters.county)
    rollup = _shown(roll_up(region, folder, parameters.window(), standards))
    figures = rollup.figures
    verdicts = in_order(
        (
            *rollup.verdicts,
            *relations.evaluate(figures),
            *movements.evaluate(figures, standards.thresholds),
        )
    )
    if errors(verdicts):
        raise CheckError(verdicts)
    if parameters.edition == "公开":
        made = public(figures, (), standards.thresholds.small_count, rollup)
        assert made.rollup is not None
        figures, rollup, verdicts = made.figures, made.rollup, ()
    book = sources.blank(SOURCE_NAME, rollup.fingerprint)
    own = parameters.model_copy(update={"county": region.code})
    more = _vocabulary(rollup, standards)
    material = Material(notebook, own, book, figures, (), verdicts, standards, rollup=rollup)
    return Report(material, more=more)


def _shown(rollup: Rollup) -> Rollup:
    """Keep of each member's figures what a document may show."""
    members = tuple(
        replace(m, figures={id: f for id, f in m.figures.items() if _may_show(id)})
        for m in rollup.members
    )
    return replace(rollup, members=members)


def _may_show(id: str) -> bool:
    stem = id.partition("[")[0]
    return stem in COUNTS or stem in _OTHERS or INDICATORS[stem].group in _GROUPS


def _vocabulary(rollup: Rollup, standards: Standards) -> dict[str, Any]:
    """Return what a roll-up's narrative can name besides figures and periods."""
    region, figures = rollup.region, rollup.figures
    ranked = rollup.ranked("coverage_rate")
    rates = [m.figures["coverage_rate"].value.value for m in ranked]
    # Where all stand alike nobody leads.
    few = min(_NAMED, len(ranked) // 2) if len(set(rates)) > 1 else 0
    whole = figures.value("coverage_rate")
    below = [
        member.name
        for member in ranked
        if whole and member.figures["coverage_rate"].value.value < whole.value
    ]
    return {
        "whole": region.whole_word,
        "member_word": region.member_word,
        "region_office": "" if region.level == "country" else office_name(figures, standards),
        "missing": list(rollup.missing),
        "failed": list(rollup.failed),
        "leaders": [_Named(m) for m in ranked[:few]],
        "laggards": [_Named(m) for m in ranked[len(ranked) - few :]],
        "below": below or Missing("below"),
        "by_county": region.level == "city",
        "has_gaps": bool(rollup.gaps),
        **{id: figures[id] for id in COUNTS},
    }


class _Named:
    """A member in a template: ``member.name``, ``member.coverage_rate``."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "name":
            return self._member.name
        if name in self._member.figures:
            return self._member.figures[name]
        if name in INDICATORS:
            return Missing(name)
        raise AttributeError(name)  # the template's error names it
