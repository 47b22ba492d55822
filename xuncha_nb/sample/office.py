"""The sample county's office: posts, talent pool, training, rules, supervision, plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from xuncha_nb.sample.names import (
    RULES,
    SPECIALITIES,
    SUPERVISION_TOPICS,
    TENDER_PROJECTS,
    TRAINING_TOPICS,
)
from xuncha_nb.sample.rounds import HALF_YEAR, LAST_DAY, Round, workday
from xuncha_nb.sample.units import Unit

Row = dict[str, object]

YEARS: Final = (2022, 2023, 2024)
_DEADLINE: Final = date(2026, 9, 30)


def _day(year: int, rng: Random, first: int = 10, last: int = 355) -> date:
    """Return a working day of the year, between two of its days."""
    return workday(date(year, 1, 1) + timedelta(days=rng.randint(first, last)))


def post_rows(rounds: Sequence[Round], rng: Random) -> list[Row]:
    """Return the rows of ``posts``: a snapshot at the end of every half-year."""
    # Enough standing teams for all teams that are out at the same time.
    teams = len({team for each in rounds for team in each.teams})
    chief, deputy = 1, rng.randint(1, 2)
    approved = rng.randint(9, 16)
    filled = approved - rng.randint(2, 4)
    rows = []
    for day in (
        date(2021, 12, 31),
        *(date(year, month, 30 if month == 6 else 31) for year in YEARS for month in (6, 12)),
    ):
        filled = min(approved, max(6, filled + rng.choice((-1, 0, 0, 1))))
        ranked = filled - chief - deputy
        chiefs = min(ranked, rng.randint(1, 3))
        rows.append(
            {
                "date": day,
                "approved": approved,
                "filled": filled,
                "chief": chief,
                "deputy": deputy,
                "commissioner_chief": chiefs,
                "commissioner_deputy": min(ranked - chiefs, rng.randint(0, 2)),
                "added": rng.randint(0, 3),
                "seconded": rng.randint(2, 6),
                "standing_teams": teams,
            }
        )
    return rows


def talent_rows(rng: Random) -> list[Row]:
    """Return the rows of ``talent_pool``: numbers only, one pool a person."""
    total = rng.randint(120, 250)
    leaders = rng.randint(12, 24)
    specialists = round((total - leaders) * rng.uniform(0.25, 0.4))
    rows: list[Row] = []
    for index in range(total):
        pool = "工作人员"
        if index < leaders:
            pool = "组长"
        elif index < leaders + specialists:
            pool = "专业人员"
        joined = _day(rng.choice((2021, *YEARS)), rng) if rng.random() < 0.7 else None
        left = None
        if rng.random() < 0.05:
            left = _day(2024, rng)
            joined = joined if joined is None or joined < date(2024, 1, 1) else date(2023, 3, 1)
        rows.append(
            {
                "id": f"R{index + 1:03d}",
                "pool": pool,
                "full_time": pool == "组长" and rng.random() < 0.3,
                "speciality": rng.choice(SPECIALITIES) if pool != "组长" else None,
                "joined_on": joined,
                "left_on": left,
            }
        )
    return rows


def training_rows(rounds: Sequence[Round], rng: Random) -> list[Row]:
    """Return the rows of ``trainings``: one before every round, and some between."""
    sessions = [(each.training, f"第{each.number}轮巡前培训") for each in rounds]
    for year in YEARS:
        for topic in rng.sample(TRAINING_TOPICS, rng.randint(2, 4)):
            sessions.append((_day(year, rng), topic))
    rows: list[Row] = []
    years: list[int] = []
    for day, topic in sorted(sessions):
        persons = rng.randint(30, 90)
        # Whoever came before in the year is not new; at the first session everybody is.
        new = persons if day.year not in years else round(persons * rng.uniform(0.1, 0.4))
        years.append(day.year)
        rows.append({"date": day, "topic": topic, "person_times": persons, "trainees": new})
    return rows


def rule_rows(rng: Random) -> list[Row]:
    """Return the rows of ``rule_documents``."""
    chosen = rng.sample(RULES, rng.randint(9, 16))
    dated = sorted((_day(YEARS[index % 3], rng), *rule) for index, rule in enumerate(chosen))
    return [{"date": day, "name": name, "kind": kind} for day, name, kind in dated]


def tender_rows(units: Sequence[Unit], rng: Random) -> list[Row]:
    """Return the rows of ``tenders``, by units of the roster."""
    tenderers = [u.name for u in units if u.is_object and u.valid_to is None and not u.valid_from]
    rows: list[Row] = []
    for year in YEARS:
        for day in sorted(_day(year, rng) for _ in range(rng.randint(8, 24))):
            rows.append(
                {
                    "date": day,
                    "unit_name": rng.choice(tenderers),
                    "project": f"{rng.choice(TENDER_PROJECTS)}（{year}年第{len(rows) + 1}号）",
                    "filed": rng.random() < 0.93,
                }
            )
    return rows


def supervision_rows(rng: Random) -> list[Row]:
    """Return the rows of ``supervision``: about one a month."""
    rows: list[Row] = []
    usual = rng.randint(2, 4)
    for year in YEARS:
        for month in range(1, 13):
            if rng.random() < 0.1:
                continue
            teams = usual + rng.choice((-1, 0, 0, 1))
            problems = teams * rng.randint(1, 4)
            rows.append(
                {
                    "date": workday(date(year, month, rng.randint(3, 26))),
                    "topic": rng.choice(SUPERVISION_TOPICS),
                    "teams": teams,
                    "vehicles": teams * rng.randint(1, 2),
                    "person_times": teams * rng.randint(4, 7),
                    "places": teams * rng.randint(6, 12),
                    "problems": problems,
                    "rectified": round(problems * rng.uniform(0.8, 1.0)),
                }
            )
    return rows


def education_rows(rng: Random) -> list[Row]:
    """Return the rows of ``education``: one a month."""
    rows: list[Row] = []
    for year in YEARS:
        for month in range(1, 13):
            groups, issues = rng.randint(1, 12), rng.choice((0, 1, 1, 2))
            rows.append(
                {
                    "date": workday(date(year, month, 25)),
                    "topic": f"{month}月警示教育",
                    "base_groups": groups,
                    "base_visits": groups * rng.randint(20, 55),
                    "sms_sent": rng.randint(3, 20) * 100,
                    "cases_published_issues": issues,
                    "cases_published": issues * rng.randint(1, 3),
                    "research_topics": 1 if month in (5, 10) and rng.random() < 0.6 else 0,
                }
            )
    return rows


def plan_rows(units: Sequence[Unit], rounds: Sequence[Round], term: str, rng: Random) -> list[Row]:
    """Return the rows of ``plan``.

    What is planned never exceeds what no round has reached, whichever day a period's plan
    is held against: its own end or the end of the period before.
    """
    total = sum(1 for unit in units if unit.is_object and unit.valid_to is None)

    def reached(day: date) -> int:
        return sum(
            1
            for each in rounds
            if each.start <= day and each.kind != "回头看"
            for visit in each.visits
            if visit.unit.is_object
        )

    free_before, free_after = total - reached(HALF_YEAR), total - reached(LAST_DAY)
    wanted = {
        "2024H1": min(free_before, reached(HALF_YEAR) - reached(date(2023, 12, 31))),
        "2024H2": min(free_after, reached(LAST_DAY) - reached(HALF_YEAR)),
        "2025": min(free_after, round(free_after * rng.uniform(0.6, 0.8))),
        "2025H1": min(free_after, round(free_after * rng.uniform(0.3, 0.45))),
    }
    visited = {visit.unit.code for each in rounds for visit in each.visits}
    left = Counter(u.type for u in units if u.code not in visited and u.valid_to is None)
    rows: list[Row] = []
    for period, planned in wanted.items():
        whole_year = "H" not in period
        share = rng.uniform(0.5, 0.7) if whole_year else rng.uniform(0.25, 0.4)
        rows.append(
            {
                "period": period,
                "term": term,
                "planned_rounds_routine": 2 if whole_year else 1,
                "planned_rounds_special": 1,
                "planned_units": planned,
                "planned_villages": round(left["村"] * share),
                "planned_communities": round(left["社区"] * share),
                "plan_period_units": total,
                "deadline": _DEADLINE,
            }
        )
    return rows
