"""The samples in the wheel: what the generator makes, and the published brief's facts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from xuncha_nb import workspace
from xuncha_nb.errors import ParameterError
from xuncha_nb.parameters import Plan, validated
from xuncha_nb.sample import write_sample
from xuncha_nb.yamlfile import read_yaml

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
FILES = Path(__file__).parent / "data" / "published"
#: Packaged file → the published one it holds.
PUBLISHED = {
    "data/320803.csv": "huaian-2017.csv",
    "data/000000.csv": "national.csv",
    "data/440000.csv": "guangdong-2019.csv",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_packaged_sample_is_what_the_command_writes(tmp_path: Path) -> None:
    write_sample(tmp_path / "sample", 3, 1)
    made = contents(tmp_path / "sample")
    packaged = contents(SAMPLES)
    assert {name: packaged[name] for name in made} == made
    others = {name for name in packaged if name not in made}
    assert {name for name in others if not name.startswith("regions/")} == set(PUBLISHED)


def test_the_packaged_bulletins_are_the_published_ones() -> None:
    for name, published in PUBLISHED.items():
        kept = [row[:4] for row in rows_of(SAMPLES / name)]
        assert kept == [row[:4] for row in rows_of(FILES / published)]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_region_is_written_whole(tmp_path: Path) -> None:
    write_sample(tmp_path, 1, 1, "330900")
    assert sorted(p.stem for p in (tmp_path / "data").iterdir()) == [
        "330902",
        "330903",
        "330921",
        "330922",
    ]
    with pytest.raises(ParameterError, match="没有名为“某市”的市"):
        write_sample(tmp_path / "b", 1, 1, "某市")


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
