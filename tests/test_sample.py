"""The sample: deterministic, complete, and without a contradiction in it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from xuncha_nb.areas import Area, counties, find
from xuncha_nb.computation import compute
from xuncha_nb.errors import OutputError, ParameterError
from xuncha_nb.ledgers import LEDGERS, OBJECT_TYPES, VILLAGE_TYPES
from xuncha_nb.parameters import Plan, load_standards, validated
from xuncha_nb.periods import Period, Window
from xuncha_nb.relations import evaluate
from xuncha_nb.sample import choose, county_rows, write_sample
from xuncha_nb.sources import read
from xuncha_nb.yamlfile import read_yaml

Rows = dict[str, list[dict[str, Any]]]

LAST_DAY = date(2024, 12, 31)
HALF_YEAR = date(2024, 6, 30)
#: A village-rich county, a district, a banner, a forest district, names that repeat or are rare.
CODES = ("320803", "110105", "411503", "150221", "429021", "520203", "530925", "540102")
SEEDS = (1, 7)


@pytest.fixture(scope="module", params=[(code, seed) for code in CODES for seed in SEEDS], ids=str)
def rows(request: pytest.FixtureRequest) -> Rows:
    code, seed = request.param
    return county_rows(area_of(code), seed)


def area_of(code: str) -> Area:
    area = find(code)
    assert area is not None, code
    return area


def objects(rows: Rows) -> dict[str, dict[str, Any]]:
    return {u["code"]: u for u in rows["units"] if u["type"] in OBJECT_TYPES}


def valid(rows: Rows, day: date, types: tuple[str, ...] = OBJECT_TYPES) -> set[str]:
    return {
        u["code"]
        for u in rows["units"]
        if u["type"] in types
        and (u["valid_from"] is None or u["valid_from"] <= day)
        and (u["valid_to"] is None or u["valid_to"] >= day)
    }


def reached(rows: Rows, day: date, *, ended: bool) -> list[str]:
    rounds = {
        r["id"]
        for r in rows["rounds"]
        if r["kind"] != "回头看" and (r["end"] <= day if ended else r["start"] <= day < r["end"])
    }
    known = objects(rows)
    return [v["unit"] for v in rows["round_units"] if v["round"] in rounds and v["unit"] in known]


def statistics(rows: Rows) -> Iterator[dict[str, float]]:
    for period in ("2023H1", "2023", "2024H1", "2024"):
        yield {
            row["figure"]: float(row["value"])
            for name in ("petition_stats", "discipline_stats")
            for row in rows[name]
            if row["period"] == period and row["figure"] != "sanction_convention"
        }


def test_every_ledger_has_rows_with_its_columns_and_types(rows: Rows) -> None:
    kinds: dict[str, Any] = {"count": int, "number": (int, float), "date": date, "flag": bool}
    assert list(rows) == list(LEDGERS)
    for name, ledger in LEDGERS.items():
        assert rows[name], name
        for row in rows[name]:
            assert set(row) <= {c.name for c in ledger.columns}
            for column in ledger.columns:
                value = row.get(column.name)
                if value is None:
                    assert not column.required, (name, column.name, row)
                    continue
                assert isinstance(value, kinds.get(column.type, str)), (name, column.name, value)
                if column.type in ("count", "number"):
                    assert value >= 0
                if column.allowed:
                    assert value in column.allowed


def test_keys_are_unique_and_references_resolve(rows: Rows) -> None:
    for name, ledger in LEDGERS.items():
        keys = [ledger.keys] if ledger.keys else []
        keys += [(c.name,) for c in ledger.columns if c.unique]
        for key in keys:
            seen = Counter(tuple(row[k] for k in key) for row in rows[name])
            assert max(seen.values()) == 1, (name, key, seen.most_common(1))
        for column in ledger.columns:
            if column.refers:
                target, field = column.refers.split(".")
                known = {row[field] for row in rows[target]}
                used = {row[column.name] for row in rows[name]} - {None}
                assert used <= known, (name, column.name)


def test_dates_run_in_the_order_of_work(rows: Rows) -> None:
    for name, ledger in LEDGERS.items():
        for row in rows[name]:
            for chain in ledger.orders:
                days = [row[c] for c in chain if row[c] is not None]
                assert days == sorted(days), (name, row)
    rounds = {r["id"]: r for r in rows["rounds"]}
    visits = {(v["round"], v["unit"]): v for v in rows["round_units"]}
    for visit in visits.values():
        each = rounds[visit["round"]]
        assert each["entry"] <= visit["contact_from"] < visit["contact_to"] <= each["end"]
    for name in ("findings", "clues"):
        for row in rows[name]:
            visit = visits[row["round"], row["unit"]]
            assert visit["contact_from"] <= row["found_on"] <= visit["contact_to"], row
    for finding in rows["findings"]:
        each = rounds[finding["round"]]
        if finding["fed_back_on"]:
            assert each["feedback_from"] <= finding["fed_back_on"] <= each["feedback_to"]
    for row in rows["activities"]:
        each = rounds[row["round"]]
        assert each["start"] <= row["date"] <= each["end"]


def test_nothing_happens_after_the_last_day(rows: Rows) -> None:
    future = {"deadline", "valid_to"}
    for name, ledger in LEDGERS.items():
        for row in rows[name]:
            for column in ledger.columns:
                if column.type == "date" and column.name not in future and row[column.name]:
                    assert row[column.name] <= LAST_DAY, (name, column.name, row)


def test_no_object_is_inspected_twice_but_by_a_look_back(rows: Rows) -> None:
    rounds = {r["id"]: r for r in rows["rounds"]}
    first: dict[str, date] = {}
    for visit in rows["round_units"]:
        if rounds[visit["round"]]["kind"] != "回头看":
            assert visit["unit"] not in first, visit
            first[visit["unit"]] = visit["contact_to"]
    back = [v for v in rows["round_units"] if rounds[v["round"]]["kind"] == "回头看"]
    assert back
    for visit in back:
        assert first[visit["unit"]] < visit["contact_from"]


def test_villages_are_extended_from_their_township_in_the_same_round(rows: Rows) -> None:
    units = {u["code"]: u for u in rows["units"]}
    visits = {(v["round"], v["unit"]): v for v in rows["round_units"]}
    villages = [v for v in rows["round_units"] if units[v["unit"]]["type"] in VILLAGE_TYPES]
    assert villages
    for visit in villages:
        parent = units[visit["unit"]]["parent"]
        assert units[parent]["type"] == "乡镇"
        assert visits[visit["round"], parent]["team"] == visit["team"]


def test_inspected_units_exist_at_the_time(rows: Rows) -> None:
    units = {u["code"]: u for u in rows["units"]}
    for visit in rows["round_units"]:
        unit = units[visit["unit"]]
        assert unit["valid_to"] is None
        assert unit["valid_from"] is None or unit["valid_from"] <= visit["contact_from"]


def test_coverage_and_plan_are_possible(rows: Rows) -> None:
    total = len(valid(rows, HALF_YEAR))
    assert valid(rows, HALF_YEAR) == valid(rows, LAST_DAY)
    covered = len(reached(rows, HALF_YEAR, ended=True))
    running = len(reached(rows, HALF_YEAR, ended=False))
    final = len(reached(rows, LAST_DAY, ended=True)) + len(reached(rows, LAST_DAY, ended=False))
    assert 0.48 <= covered / total <= 0.76
    plan = {row["period"]: row for row in rows["plan"]}
    assert list(plan) == ["2024H1", "2024H2", "2025", "2025H1"]
    assert covered + running + plan["2024H1"]["planned_units"] <= total
    assert final + plan["2024H2"]["planned_units"] <= total
    assert final + plan["2025"]["planned_units"] <= total
    assert 0 < plan["2025H1"]["planned_units"] <= plan["2025"]["planned_units"]
    assert all(row["plan_period_units"] == total for row in plan.values())
    visited = {v["unit"] for v in rows["round_units"]}
    for kind, figure in (("村", "planned_villages"), ("社区", "planned_communities")):
        free = len(valid(rows, LAST_DAY, (kind,)) - visited)
        assert all(row[figure] <= free for row in plan.values())


def test_findings_follow_the_standards_and_the_feedback(rows: Rows) -> None:
    standards = load_standards()
    rounds = {r["id"]: r for r in rows["rounds"]}
    for row in rows["findings"]:
        assert row["category"] in standards.scheme(row["found_on"]).names
        assert (row["type"] is not None) <= (rounds[row["round"]]["kind"] == "专项")
    for row in rows["assessments"]:
        assert row["grade"] in standards.grades(row["date"]).names
    rectified = {row["finding"]: row for row in rows["rectification"]}
    fed_back = {row["id"]: row for row in rows["findings"] if row["fed_back_on"]}
    assert list(rectified) == list(fed_back)
    for number, row in rectified.items():
        assert row["deadline"] == fed_back[number]["deadline"]
        assert (row["status"] == "完成") == (row["verified_on"] is not None)
        assert (row["status"] == "完成") == (fed_back[number]["closed_on"] is not None)
    statuses = Counter(row["status"] for row in rectified.values())
    assert statuses["完成"] > statuses["基本完成"] + statuses["未完成"] > 0


def test_assessed_objects_do_not_exceed_inspected_ones_in_any_half_year(rows: Rows) -> None:
    for year in (2022, 2023, 2024):
        for first, last in (
            (date(year, 1, 1), date(year, 6, 30)),
            (date(year, 7, 1), date(year, 12, 31)),
        ):
            now = {r["id"] for r in rows["rounds"] if r["start"] <= last and r["end"] >= first}
            inspected = {v["unit"] for v in rows["round_units"] if v["round"] in now}
            assessed = {a["unit"] for a in rows["assessments"] if first <= a["date"] <= last}
            assert assessed <= inspected


def test_teams_of_visits_and_activities_are_listed_and_stand(rows: Rows) -> None:
    listed = {(t["round"], t["team"]) for t in rows["teams"]}
    assert {(v["round"], v["team"]) for v in rows["round_units"]} == listed
    assert {(v["round"], v["team"]) for v in rows["activities"]} == listed
    assert len({t["team"] for t in rows["teams"]}) <= rows["posts"][-1]["standing_teams"]
    for row in rows["activities"]:
        assert row["talk_persons"] <= row["talks_person_times"]
        assert row["questionnaires_returned"] <= row["questionnaires_issued"]


def test_a_round_over_a_half_years_end_has_its_work_in_two_parts(rows: Rows) -> None:
    for each in rows["rounds"]:
        parts = {
            (row["date"].year, row["date"].month > 6)
            for row in rows["activities"]
            if row["round"] == each["id"]
        }
        spans = {(day.year, day.month > 6) for day in (each["start"], each["end"])}
        assert parts == spans


def test_office_ledgers_are_consistent(rows: Rows) -> None:
    for row in rows["posts"]:
        ranks = ("chief", "deputy", "commissioner_chief", "commissioner_deputy")
        assert sum(row[rank] for rank in ranks) <= row["filled"] <= row["approved"]
    for row in rows["trainings"]:
        assert row["trainees"] <= row["person_times"]
    for row in rows["supervision"]:
        assert row["rectified"] <= row["problems"]
    for row in rows["education"]:
        assert row["cases_published_issues"] <= row["cases_published"]
    names = {u["name"] for u in rows["units"]}
    assert {row["unit_name"] for row in rows["tenders"]} <= names
    assert len(names) == len(rows["units"])


def test_statistics_satisfy_every_relation(rows: Rows) -> None:
    tables = list(statistics(rows))
    declared = [r for r in rows["discipline_stats"] if r["figure"] == "sanction_convention"]
    assert [r["value"] for r in declared] == ["含双重处分"] * len(tables)
    for s in tables:
        assert s["petitions_total"] == s["petitions_own"] + s["petitions_from_above"]
        channels = ("letter", "net", "call", "visit", "other")
        assert s["petitions_total"] == sum(s[f"petitions_total_{c}"] for c in channels)
        assert s["petitions_total"] == s["accusations"] + sum(
            s[f"petitions_{c}"] for c in ("out_of_scope", "no_substance", "suggestions", "appeals")
        )
        ranks = ("ministerial", "bureau", "county", "township", "general", "other")
        assert s["persons_disciplined"] == sum(s[f"disciplined_{r}"] for r in ranks)
        assert s["persons_disciplined"] == (
            s["party_sanction"] + s["admin_sanction"] - s["dual_sanction"]
        )
        assert s["dual_sanction"] <= min(s["party_sanction"], s["admin_sanction"])
        assert s["forms_total"] == s["form1"] + s["form2"] + s["form3"] + s["form4"]
        assert s["form1"] > s["form2"] > s["form3"] >= s["form4"]
    for half, year in ((tables[0], tables[1]), (tables[2], tables[3])):
        assert half.keys() == year.keys()
        assert all(half[name] <= year[name] for name in half)


def test_sizes_are_realistic(rows: Rows) -> None:
    total = len(objects(rows))
    assert 80 <= total <= 350
    assert 100 <= len(rows["units"]) - total <= 400
    assert 120 <= len(rows["talent_pool"]) <= 250
    known = objects(rows)
    for each in rows["rounds"]:
        taken = sum(v["round"] == each["id"] and v["unit"] in known for v in rows["round_units"])
        assert 4 <= taken <= 40
        assert 40 <= (each["end"] - each["start"]).days <= 90


def test_most_counties_have_a_round_in_progress_at_the_half_years_end() -> None:
    running = [bool(reached(county_rows(a, 1), HALF_YEAR, ended=False)) for a in choose(20, 1)]
    assert sum(running) > 12


def test_a_repeated_name_is_reported_by_its_code() -> None:
    assert {r["area"] for r in county_rows(area_of("110105"), 1)["reported"]} == {"110105"}
    assert {r["area"] for r in county_rows(area_of("320803"), 1)["reported"]} == {"淮安区"}


def test_the_same_seed_gives_the_same_bytes_however_many_counties(tmp_path: Path) -> None:
    write_sample(tmp_path / "a", 2, 5)
    write_sample(tmp_path / "b", 4, 5)
    write_sample(tmp_path / "c", 2, 6)
    listed = {
        name: {p.name: p.read_bytes() for p in (tmp_path / name / "data").iterdir()}
        for name in "abc"
    }
    assert len(listed["a"]) == 2
    assert len(listed["b"]) == 4
    assert listed["a"].items() <= listed["b"].items()
    assert set(listed["a"].values()).isdisjoint(listed["c"].values())
    assert all(len(content) < 300_000 for content in listed["b"].values())


def test_the_folder_is_what_a_batch_expects(tmp_path: Path) -> None:
    write_sample(tmp_path / "s", 3, 1)
    text = (tmp_path / "s" / "counties.csv").read_bytes().decode("utf-8")
    listed = list(csv.DictReader(io.StringIO(text)))
    assert [r["code"] for r in listed] == sorted(r["code"] for r in listed)
    assert all(area_of(r["code"]).name == r["county"] for r in listed)
    files = sorted(p.name for p in (tmp_path / "s" / "data").iterdir())
    assert files == [f"{r['code']}.xlsx" for r in listed]
    where = tmp_path / "s" / "plan.yaml"
    assert validated(Plan, read_yaml(where), where.name) == Plan(
        notebook="half_year_summary",
        period="2024H1",
        source="data/{code}.xlsx",
        counties="counties.csv",
    )


def test_counties_are_spread_and_all_can_be_taken() -> None:
    assert len({a.province for a in choose(31, 3)}) == 31
    assert choose(len(counties()), 3) == list(counties())
    assert set(choose(5, 3)) < set(choose(9, 3))
    assert choose(5, 3) != choose(5, 4)


@pytest.mark.parametrize("count", [0, -1, 2846])
def test_an_impossible_number_of_counties_is_refused(count: int, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="县区数应在1至2845之间"):
        write_sample(tmp_path / "s", count, 1)
    assert not (tmp_path / "s").exists()


def test_real_data_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    mine = tmp_path / "data" / "320803.xlsx"
    mine.write_bytes(b"mine")
    with pytest.raises(OutputError, match="已有 data"):
        write_sample(tmp_path, 1, 1)
    assert list(tmp_path.iterdir()) == [tmp_path / "data"]
    assert mine.read_bytes() == b"mine"


def test_a_sample_is_replaced_by_a_sample(tmp_path: Path) -> None:
    write_sample(tmp_path, 1, 1)
    before = (tmp_path / "counties.csv").read_bytes()
    write_sample(tmp_path, 1, 1)
    assert (tmp_path / "counties.csv").read_bytes() == before


def test_the_reader_finds_no_fault(tmp_path: Path) -> None:
    write_sample(tmp_path, 2, 11)
    for path in sorted((tmp_path / "data").iterdir()):
        book = read(path)
        assert book.verdicts == ()
        made = county_rows(area_of(path.stem), 11)
        assert {name: len(rows) for name, rows in book.rows.items()} == {
            name: len(rows) for name, rows in made.items()
        }


def test_no_figure_of_a_sample_is_in_error(tmp_path: Path) -> None:
    standards = load_standards()
    write_sample(tmp_path, 2, 3)
    for path in sorted((tmp_path / "data").iterdir()):
        book = read(path)
        for period in ("2023H1", "2023", "2024H1", "2024"):
            window = Window.of(Period.parse(period))
            figures, faults = compute(book, path.stem, window, standards)
            verdicts = (*faults, *evaluate(figures))
            assert len(figures) > 100
            assert [v.line for v in verdicts if v.severity == "error"] == []
