"""The samples in the wheel: what the generator makes, and the published brief's facts."""

from __future__ import annotations

import csv
from pathlib import Path

from xuncha_nb import workspace
from xuncha_nb.parameters import Plan, read_yaml, validated
from xuncha_nb.sample import write_sample

#: Of the brief of 淮安区委巡察办, first half of 2017.
FACTS = {
    "teams_count": "4",
    "leader_pool": "20",
    "staff_pool": "150",
    "plan_period_units": "96",
    "questionnaires_issued": "105",
    "talks_person_times": "96",
    "petitions_received": "3",
    "symposia_held": "2",
}
SAMPLES = workspace.samples()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_packaged_sample_is_what_the_command_writes(tmp_path: Path) -> None:
    write_sample(tmp_path / "sample", 3, 1)
    packaged = contents(SAMPLES)
    del packaged["data/320803.csv"]
    assert packaged == contents(tmp_path / "sample")


def test_the_published_brief_holds_its_facts_and_no_more() -> None:
    with (SAMPLES / "data" / "320803.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["figure"]: row["value"] for row in rows} == FACTS
    assert len(rows) == len(FACTS)
    assert {(row["area"], row["period"]) for row in rows} == {("淮安区", "2017H1")}


def test_the_packaged_plan_fits_the_packaged_counties() -> None:
    plan = validated(Plan, read_yaml(SAMPLES / "plan.yaml"), "plan.yaml")
    assert isinstance(plan.counties, str)
    with (SAMPLES / plan.counties).open(encoding="utf-8-sig", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert len(codes) == 3
    for code in codes:
        assert (SAMPLES / plan.source.replace("{code}", code)).is_file()
