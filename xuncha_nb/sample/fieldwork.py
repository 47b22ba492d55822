"""What the rounds of a sample county brought: work done, findings, clues, rectification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from xuncha_nb.sample.names import POSTS, THEMES
from xuncha_nb.sample.rounds import LAST_DAY, Round, Visit, known, workday

if TYPE_CHECKING:
    from xuncha_nb.parameters import Standards

Row = dict[str, object]

#: Findings an object, by kind of round; anything else is like 常规.
_FINDINGS: Final = {"专项": (4, 8), "回头看": (1, 4)}
_ROUTINE: Final = (4, 15)
_DAYS_TO_RECTIFY: Final = 90
#: Weights of 完成, 基本完成, 未完成 by the days since the feedback.
_PROGRESS: Final = (
    (180, (95, 3, 2)),
    (_DAYS_TO_RECTIFY, (84, 12, 4)),
    (0, (30, 50, 20)),
)
_STATUSES: Final = ("完成", "基本完成", "未完成")
_DISPOSITIONS: Final = ("第一种形态", "第二种形态", "第三种形态", "第四种形态", "了结")


def half_years(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Yield the parts of a span that lie in one half-year each."""
    while start <= end:
        turn = date(start.year, 6, 30) if start.month < 7 else date(start.year, 12, 31)
        yield start, min(turn, end)
        start = turn + timedelta(days=1)


def team_rows(rounds: Sequence[Round], rng: Random) -> list[Row]:
    """Return the rows of ``teams``."""
    rows = []
    for each in rounds:
        for team in each.teams:
            heads = rng.randint(5, 9)
            seconded = rng.randint(1, heads - 3)
            rows.append({"round": each.id, "team": team, "head_count": heads, "seconded": seconded})
    return rows


def visit_rows(rounds: Sequence[Round]) -> list[Row]:
    """Return the rows of ``round_units``."""
    return [
        {
            "round": each.id,
            "team": visit.team,
            "unit": visit.unit.code,
            "contact_from": visit.contact_from,
            "contact_to": visit.contact_to,
        }
        for each in rounds
        for visit in each.visits
    ]


def activity_rows(rounds: Sequence[Round], rng: Random) -> list[Row]:
    """Return the rows of ``activities``: one a round, team and half-year."""
    rows = []
    for each in rounds:
        length = (each.end - each.start).days + 1
        for team in each.teams:
            units = sum(1 for v in each.visits if v.team == team and v.unit.is_object)
            for first, last in half_years(each.start, each.end):
                part = ((last - first).days + 1) / length
                rows.append(
                    {"round": each.id, "team": team, "date": last, **_activity(units * part, rng)}
                )
    return rows


def _activity(work: float, rng: Random) -> Row:
    """Return the counts of a team for so many units' worth of work."""

    def around(each: float) -> int:
        return round(work * each * rng.uniform(0.7, 1.3))

    talks, issued = around(22), around(40)
    return {
        "petitions_letter": around(1.6),
        "petitions_call": around(1.3),
        "petitions_visit": around(0.9),
        "petitions_net": around(0.4),
        "talks_person_times": talks,
        "talk_persons": round(talks * rng.uniform(0.88, 1.0)),
        "briefings_heard": around(1.5),
        "symposia_held": around(1.2),
        "files_reviewed": around(320),
        "vouchers_reviewed": around(85),
        "questionnaires_issued": issued,
        "questionnaires_returned": round(issued * rng.uniform(0.93, 1.0)),
        "site_visits": around(5),
    }


def finding_rows(rounds: Sequence[Round], standards: Standards, rng: Random) -> list[Row]:
    """Return the rows of ``findings``."""
    rows: list[Row] = []
    for each in rounds:
        for visit in each.visits:
            for found_on in _found_days(each, visit, rng):
                names = standards.scheme(found_on).names
                fed_back = _feedback_day(each, rng)
                rows.append(
                    {
                        "id": f"W{len(rows) + 1:04d}",
                        "round": each.id,
                        "unit": visit.unit.code,
                        "found_on": found_on,
                        "category": rng.choices(names, _weights(len(names)))[0],
                        "type": _type(each, rng),
                        "common": "共性" if rng.random() < 0.35 else "个性",
                        "immediate": rng.random() < 0.08,
                        "fed_back_on": fed_back,
                        "deadline": fed_back and fed_back + timedelta(days=_DAYS_TO_RECTIFY),
                        "closed_on": None,
                    }
                )
    return rows


def _weights(count: int) -> list[float]:
    return [1 / (index + 1.5) for index in range(count)]


def _found_days(each: Round, visit: Visit, rng: Random) -> list[date]:
    if visit.unit.is_object:
        count = rng.randint(*_FINDINGS.get(each.kind, _ROUTINE))
    else:
        count = rng.choice((0, 0, 0, 1, 2))
    span = (visit.contact_to - visit.contact_from).days
    # Findings are written down in the second half of the stay.
    days = (visit.contact_from + timedelta(days=rng.randint(span // 2, span)) for _ in range(count))
    return sorted(min(workday(day), visit.contact_to) for day in days)


def _feedback_day(each: Round, rng: Random) -> date | None:
    # A few findings are not fed back: settled on the spot or handed on.
    if each.feedback_from is None or each.feedback_to is None or rng.random() < 0.02:
        return None
    span = (each.feedback_to - each.feedback_from).days
    day = workday(each.feedback_from + timedelta(days=rng.randint(0, span)))
    return min(day, each.feedback_to)


def _type(each: Round, rng: Random) -> str | None:
    types = next((types for theme, _, types in THEMES if theme == each.theme), ())
    return rng.choice(types) if types else None


def rectification_rows(findings: Sequence[Row], rng: Random) -> list[Row]:
    """Return the rows of ``rectification``, and close the findings that are done."""
    rows = []
    for finding in findings:
        fed_back, deadline = finding["fed_back_on"], finding["deadline"]
        if not isinstance(fed_back, date) or not isinstance(deadline, date):
            continue
        status, verified = _progress(fed_back, deadline, finding["immediate"] is True, rng)
        if verified is not None:
            finding["closed_on"] = min(
                workday(verified + timedelta(days=rng.randint(0, 5))), LAST_DAY
            )
        rows.append(
            {
                "finding": finding["id"],
                "measures": rng.randint(1, 5),
                "post": rng.choice(POSTS),
                "deadline": deadline,
                "status": status,
                "verified_on": verified,
            }
        )
    return rows


def _progress(
    fed_back: date, deadline: date, immediate: bool, rng: Random
) -> tuple[str, date | None]:
    """Return status and day of verification as they stand on the ledgers' last day."""
    first = fed_back + timedelta(days=10)
    last = min(fed_back + timedelta(days=25) if immediate else deadline, LAST_DAY)
    age = (LAST_DAY - fed_back).days
    weights = next(weights for days, weights in _PROGRESS if age >= days)
    status = "完成" if immediate else rng.choices(_STATUSES, weights)[0]
    if status == "完成" and first > last:
        status = "基本完成"
    if status != "完成":
        return status, None
    day = first + timedelta(days=rng.randint(0, (last - first).days))
    return status, min(workday(day), last)


def clue_rows(rounds: Sequence[Round], rng: Random) -> list[Row]:
    """Return the rows of ``clues``."""
    rows: list[Row] = []
    for each in rounds:
        for visit in each.visits:
            if not visit.unit.is_object or rng.random() > 0.25:
                continue
            for _ in range(rng.choice((1, 1, 2))):
                rows.append(_clue(f"X{len(rows) + 1:03d}", each, visit, rng))
    return rows


def _clue(number: str, each: Round, visit: Visit, rng: Random) -> Row:
    span = (visit.contact_to - visit.contact_from).days
    found_on = visit.contact_from + timedelta(days=rng.randint(span // 3, span))
    transferred = closed = None
    if each.secretary_meeting is not None and rng.random() < 0.95:
        transferred = known(workday(each.secretary_meeting + timedelta(days=rng.randint(2, 20))))
    if transferred is not None and rng.random() < 0.97:
        closed = known(workday(transferred + timedelta(days=rng.randint(30, 165))))
    disposition = None
    if transferred is not None:
        disposition = rng.choices(_DISPOSITIONS, (52, 26, 6, 4, 12))[0] if closed else "未处置"
    cadres = rng.choice((0, 1, 1, 1, 2))
    others = rng.choice((0, 0, 0, 1, 2)) if cadres else 1
    to = rng.choices(("纪委监委", "组织部门", "公安机关", "其他"), (85, 7, 3, 5))[0]
    return {
        "id": number,
        "round": each.id,
        "unit": visit.unit.code,
        "found_on": min(workday(found_on), visit.contact_to),
        "party_cadres": cadres,
        "others": others,
        "transferred_to": to if transferred else None,
        "transferred_on": transferred,
        "disposition": disposition,
        "closed_on": closed,
    }


def assessment_rows(rounds: Sequence[Round], standards: Standards, rng: Random) -> list[Row]:
    """Return the rows of ``assessments``: some of the objects of the ordinary rounds."""
    rows: list[Row] = []
    for each in rounds:
        if each.kind in _FINDINGS or rng.random() < 0.2:
            continue
        # Within the half-year of the round's end, so that it is assessed where it is counted.
        turn = next(iter(half_years(each.end, date(2100, 1, 1))))[1]
        for visit in each.visits:
            if not visit.unit.is_object or rng.random() < 0.15:
                continue
            day = min(workday(each.end + timedelta(days=rng.randint(1, 4))), turn, LAST_DAY)
            grades = standards.grades(day).names
            score = min(98.0, max(52.0, round(rng.gauss(83, 7), 1)))
            # 90 and more is the best grade; each grade below takes eight points.
            rank = min(len(grades) - 1, max(0, int((97.9 - score) // 8)))
            rows.append(
                {
                    "unit": visit.unit.code,
                    "round": each.id,
                    "date": day,
                    "score": score,
                    "grade": grades[rank],
                }
            )
    return rows
