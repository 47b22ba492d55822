"""Measures what the README states of checks and roll-ups: CPU seconds and memory, no verdict.

``make measure`` runs it. The material is made on the spot, outside the repository: a county's
workbook with ten thousand findings, and the figures of every county of the country.
"""

from __future__ import annotations

import itertools
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pieces import HALF_YEAR_SUMMARY, without_kernel

from xuncha_nb import areas, regions, sources
from xuncha_nb.computation import compute
from xuncha_nb.inspection import inspect
from xuncha_nb.parameters import load_standards
from xuncha_nb.periods import Period, Window
from xuncha_nb.record import figures_of
from xuncha_nb.rollup import roll_up
from xuncha_nb.sample import county_rows
from xuncha_nb.template import write_workbook

FINDINGS = 10_000
PERIOD = Window.of(Period.parse("2024H1"))
T = TypeVar("T")


def measured(what: str, work: Callable[[], T]) -> T:
    """Do some work and print the CPU time it took and the peak memory of the process."""
    begin, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, took = time.process_time() - begin, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{what}: {cpu:.2f} s CPU, {took:.2f} s, peak {peak:.0f} MB\n")
    return result


def country(folder: Path) -> None:
    """Write the figures of 2,845 counties: one county's, as a run writes them, under each code."""
    record = without_kernel(HALF_YEAR_SUMMARY).document().record
    assert record is not None
    text = json.dumps(figures_of(record), ensure_ascii=False, indent=1)
    for area in areas.counties():
        path = folder / "2024H1" / "half_year_summary" / area.code / "figures.json"
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")


def large_workbook(path: Path) -> None:
    """Write a county's workbook with ten thousand findings and their rectification."""
    area = areas.find(path.stem)
    assert area is not None
    rows = county_rows(area, 1)
    rectified = {row["finding"]: row for row in rows["rectification"]}
    findings, rectification = [], []
    source = itertools.cycle(rows["findings"])
    for number in range(FINDINGS):
        row = next(source)
        findings.append(row | {"id": f"N{number:06d}"})
        if row["id"] in rectified:
            rectification.append(rectified[row["id"]] | {"finding": f"N{number:06d}"})
    changed = rows | {"findings": findings, "rectification": rectification}
    write_workbook(path, changed, example=False, area=area.name)


def main() -> None:
    standards = load_standards()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        country(folder / "outputs")
        region = regions.find("全国")
        assert region is not None
        measured(
            f"roll-up of {len(region.counties)} counties' figures.json",
            lambda: roll_up(region, folder / "outputs", PERIOD, standards),
        )
        path = folder / "331124.xlsx"
        large_workbook(path)
        inspect(path, "331124", "2024H1")  # imports
        measured(f"check of a workbook with {FINDINGS} findings", lambda: inspect(path))
        book = sources.read(path)
        measured("figures of it", lambda: compute(book, "331124", PERIOD, standards))


if __name__ == "__main__":
    main()
