"""Makes the packaged sample of a city: what seven of its nine counties would have recorded.

``make sample`` runs it. One county (龙泉市) failed in its batch and one (景宁畲族自治县) has not
reported, so that the roll-up has both to name. Figures of single rounds, which a roll-up does
not read, are left out to keep the package small.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pieces import HALF_YEAR_SUMMARY, without_kernel

from xuncha_nb import regions, workspace
from xuncha_nb.areas import Area
from xuncha_nb.errors import CheckError
from xuncha_nb.record import figures_of
from xuncha_nb.sample import county_rows
from xuncha_nb.template import write_workbook

REGION, PERIOD, SEED = "331100", "2024H1", 1
FAILED, MISSING = "331181", "331127"


def counties() -> tuple[Area, ...]:
    region = regions.find(REGION)
    assert region is not None
    return tuple(area for area in region.counties if area.code != MISSING)


def recorded(area: Area, folder: Path) -> dict[str, Any]:
    """Return the content of a county's ``figures.json``.

    Raises
    ------
    CheckError
        For the county that is made to fail.
    """
    rows = county_rows(area, SEED)
    if area.code == FAILED:
        rows["findings"][0]["unit"] = "X999"
    path = folder / f"{area.code}.xlsx"
    write_workbook(path, rows, example=False, area=area.name)
    report = without_kernel(HALF_YEAR_SUMMARY, county=area.code, period=PERIOD, source=str(path))
    record = report.document().record
    assert record is not None
    content = figures_of(record)
    return content | {"figures": [f for f in content["figures"] if not f["scope"]]}


def files() -> Iterator[tuple[str, str]]:
    """Yield name and content of every file of the sample."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for area in counties():
            state, message = "完成", ""
            try:
                content = recorded(area, Path(folder))
            except CheckError as error:
                state, message = "失败", str(error).replace("\n", " ")
            else:
                text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
                yield f"{area.code}.json", text + "\n"
            rows.append((area.code, area.name, state, "0.0", "0", message))
    stage = Path(tempfile.mkdtemp()) / "summary.csv"
    with stage.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("code", "county", "state", "seconds", "warnings", "message"))
        writer.writerows(rows)
    yield "summary.csv", stage.read_text("utf-8")


def main() -> None:
    folder = workspace.samples() / "regions" / REGION
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files():
        (folder / name).write_text(content, "utf-8", newline="\n")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
