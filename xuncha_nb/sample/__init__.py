"""Realistic synthetic ledgers: any number of counties, the same for the same seed.

A county's data depend on the seed and its code alone, never on how many others are made.
No person's name occurs; names of units, villages and rules are invented.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random
from typing import Final

from xuncha_nb import regions
from xuncha_nb.areas import Area, counties, repeated
from xuncha_nb.errors import OutputError, ParameterError
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.sample import fieldwork, office
from xuncha_nb.sample.rounds import make_rounds
from xuncha_nb.sample.statistics import statistics_rows
from xuncha_nb.sample.units import make_units
from xuncha_nb.template import write_workbook

__all__ = ["choose", "county_rows", "write_sample"]

_TERMS: Final = ("十二届", "十三届", "十四届", "十五届")
_MARK: Final = "# 由 xuncha sample 生成的模拟数据，与任何单位无关"
_PLAN: Final = f"""{_MARK}
notebook: half_year_summary
period: 2024H1
formats: [html, pdf, docx]
source: data/{{code}}.xlsx
counties: counties.csv
"""


def write_sample(directory: Path, counties: int, seed: int, region: str = "") -> None:
    """Write a sample that ``xuncha batch DIR/plan.yaml`` runs as it stands.

    Parameters
    ----------
    directory : Path
        Gets ``data/<code>.xlsx``, ``counties.csv`` and ``plan.yaml``; made if missing.
    counties : int
        How many counties, spread over the provinces.
    seed : int
        The same seed gives the same bytes.
    region : str
        Code or name of a city or province: all its counties, instead of a number of them.

    Raises
    ------
    ParameterError
        If there are not so many counties, or no such region.
    OutputError
        If the folder holds data that are not a sample, or cannot be written.
    """
    chosen = _of_region(region) if region else choose(counties, seed)
    plan = directory / "plan.yaml"
    _refuse_real_data(directory, plan)
    try:
        (directory / "data").mkdir(parents=True, exist_ok=True)
        # First the mark: an interrupted sample is still known as one.
        plan.write_text(_PLAN, "utf-8", newline="\n")
        listing = io.StringIO()
        writer = csv.writer(listing, lineterminator="\n")
        writer.writerow(("code", "county"))
        writer.writerows((area.code, area.name) for area in chosen)
        (directory / "counties.csv").write_text(listing.getvalue(), "utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"不能写入文件夹“{directory.name}”：{error.strerror}，请换一个文件夹"
        ) from None
    for area in chosen:
        write_workbook(
            directory / "data" / f"{area.code}.xlsx",
            county_rows(area, seed),
            example=False,
            area=area.name,
        )


def _of_region(name: str) -> list[Area]:
    found = regions.find(name)
    if found is None:
        raise ParameterError(
            f"没有名为“{name}”的市、省（自治区、直辖市），应如 丽水市 或 331100，请改正"
        )
    return list(found.counties)


def _refuse_real_data(directory: Path, plan: Path) -> None:
    if plan.is_file() and plan.read_text("utf-8", errors="replace").startswith(_MARK):
        return
    for name in ("plan.yaml", "counties.csv", "data"):
        if (directory / name).exists():
            raise OutputError(
                f"文件夹“{directory.name}”里已有 {name}，不是模拟数据，"
                "为免覆盖没有写入，请换一个文件夹"
            )


def choose(count: int, seed: int) -> list[Area]:
    """Return that many counties in the order of their codes, spread over the provinces.

    A larger number with the same seed contains the smaller one's counties.

    Raises
    ------
    ParameterError
        If the number is below one or above the number of counties.
    """
    everywhere = counties()
    if not 1 <= count <= len(everywhere):
        raise ParameterError(f"县区数应在1至{len(everywhere)}之间，实为{count}，请改正")
    rng = Random(f"counties-{seed}")  # noqa: S311 - must be the same every time
    provinces: dict[str, list[Area]] = {}
    for area in everywhere:
        provinces.setdefault(area.province, []).append(area)
    queues = list(provinces.values())
    for queue in queues:
        rng.shuffle(queue)
    rng.shuffle(queues)
    # One of every province in turn, until there are enough.
    longest = max(len(queue) for queue in queues)
    order = [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
    return sorted(order[:count], key=lambda area: area.code)


def county_rows(area: Area, seed: int) -> dict[str, list[dict[str, object]]]:
    """Return the rows of every ledger of a county.

    Parameters
    ----------
    area : Area
    seed : int

    Returns
    -------
    dict of str to list of dict
        Ledger name to rows, in the order of :data:`~xuncha_nb.ledgers.LEDGERS`; values are
        text, whole numbers, floats, bools, dates or None.
    """
    # Imported here: pydantic is slow to start, and the command line need not wait for it.
    from xuncha_nb.parameters import load_standards

    def stream(part: str) -> Random:
        # A stream of its own for each part: a change to one leaves the others as they are.
        return Random(f"{seed}-{area.code}-{part}")  # noqa: S311 - repeatable

    standards = load_standards()
    term = stream("term").choice(_TERMS)
    units = make_units(area, term, stream("units"))
    rounds = make_rounds(units, term, stream("rounds"))
    findings = fieldwork.finding_rows(rounds, standards, stream("findings"))
    rows: dict[str, list[dict[str, object]]] = {
        "units": [unit.row for unit in units],
        "rounds": [each.row for each in rounds],
        "teams": fieldwork.team_rows(rounds, stream("teams")),
        "round_units": fieldwork.visit_rows(rounds),
        "activities": fieldwork.activity_rows(rounds, stream("activities")),
        "findings": findings,
        "rectification": fieldwork.rectification_rows(findings, stream("rectification")),
        "clues": fieldwork.clue_rows(rounds, stream("clues")),
        "assessments": fieldwork.assessment_rows(rounds, standards, stream("assessments")),
        "posts": office.post_rows(rounds, stream("posts")),
        "talent_pool": office.talent_rows(stream("talent_pool")),
        "trainings": office.training_rows(rounds, stream("trainings")),
        "rule_documents": office.rule_rows(stream("rule_documents")),
        "tenders": office.tender_rows(units, stream("tenders")),
        "supervision": office.supervision_rows(stream("supervision")),
        "education": office.education_rows(stream("education")),
        "plan": office.plan_rows(units, rounds, term, stream("plan")),
        **statistics_rows(area.code if repeated(area.name) else area.name, stream("statistics")),
    }
    return {name: rows[name] for name in LEDGERS}
