"""``make scale``: a whole country in one batch, measured while it grows.

Not a test: it prints what it measures. ``--counties`` all of them by default; ``--distinct`` of
them have ledgers of their own, the others the ledgers of one of those under their own code.
``--keep`` a folder to work in and to leave behind.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from bench import BIN, FORMATS, PERIOD
from costs import adopt_orphans, measured

from xuncha_nb import areas

NOTEBOOK = "half_year_summary"
FIRST = 100


def country(folder: Path, counties: int, distinct: int) -> list[str]:
    """Write ledgers for counties of the whole country; return their codes."""
    made = min(distinct, counties)
    command = [str(BIN / "xuncha"), "sample", str(folder), "--counties", str(made), "--seed", "7"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    own = sorted(path.stem for path in (folder / "data").iterdir())
    others = [area.code for area in areas.counties() if area.code not in set(own)]
    for number, code in enumerate(others[: counties - made]):
        source = folder / "data" / f"{own[number % made]}.xlsx"
        shutil.copyfile(source, source.with_name(f"{code}.xlsx"))
    return sorted(own + others[: counties - made])


def plan(folder: Path, codes: list[str], name: str) -> str:
    """Write a plan and return its name."""
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["code"], *([code] for code in codes)])
    lines = [
        f"notebook: {NOTEBOOK}", f"period: {PERIOD}", f"formats: [{', '.join(FORMATS)}]",
        "source: data/{code}.xlsx", f"counties: {name}.csv",
    ]  # fmt: skip
    (folder / f"{name}.yaml").write_text("\n".join(lines), "utf-8")
    return f"{name}.yaml"


class Held(threading.Thread):
    """What the two lasting processes of a batch hold, by how many counties are done."""

    def __init__(self, log: Path) -> None:
        super().__init__(daemon=True)
        self.log, self.over = log, threading.Event()
        self.points: list[tuple[int, float, float]] = []

    def run(self) -> None:
        """Look every second until told to stop."""
        while not self.over.wait(1.0):
            try:
                done = self.log.read_bytes().count(b'"done"')
                held = sorted(self._lasting(), reverse=True)
            except (OSError, psutil.Error):
                continue
            if len(held) >= 2:
                self.points.append((done, held[0], sum(held)))

    def _lasting(self) -> list[float]:
        """Return the unshared memory, in MB, of every process below that outlives a county."""
        now, found = time.time(), []
        for child in psutil.Process().children(recursive=True):
            if now - child.create_time() > 15:
                found.append(child.memory_full_info().uss / 2**20)
        return found

    def between(self, first: int, last: int) -> float:
        """Return what all lasting processes held, at the median, while those counties were made.

        Not at one moment: what the fork server shares with a county that is just being made
        counts for neither of them, and for the server alone once it is gone.
        """
        return statistics.median(held for done, _, held in self.points if first <= done <= last)


def events(folder: Path, since: int = 0) -> list[dict[str, Any]]:
    """Return what the batch logged of its counties."""
    (log,) = folder.rglob("*.jsonl")
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()[since:]]
    return [line for line in lines if line["event"] in ("done", "failed")]


def main() -> None:
    """Run the batches and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=len(areas.counties()))
    parser.add_argument("--distinct", type=int, default=285)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    adopt_orphans()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="xuncha-scale-"))
    codes = country(folder, options.counties, options.distinct)
    every = len(codes) // FIRST
    batch = [str(BIN / "xuncha"), "batch", "--workers", str(options.workers)]
    hundred = [*batch, plan(folder, codes[::every][:FIRST], "hundred"), "--out", "hundred"]
    small = measured(hundred, folder)
    per = small["cpu"] / FIRST
    print(f"{FIRST} counties: {small['seconds']:.0f} s, {per:.3f} s CPU a county", flush=True)

    whole = [*batch, plan(folder, codes, "whole"), "--out", "whole"]
    held = Held(folder / "whole" / PERIOD / NOTEBOOK / "batch.jsonl")
    held.start()
    full = measured(whole, folder)
    held.over.set()
    told = events(folder / "whole")
    assert len(told) == len(codes)
    assert all(line["event"] == "done" for line in told)
    own = full["cpu"] / len(codes)
    print(f"{len(codes)} counties: {full['seconds']:.0f} s, {own:.3f} s CPU a county, "
          f"{own / per:.2f} times that of {FIRST}; peak {full['memory']:.0f} MB")  # fmt: skip
    early, late = told[FIRST : 2 * FIRST], told[-FIRST:]
    for name, key, unit in (
        ("a county's process", "memory_mb", "MB"),
        ("a county", "seconds", "s"),
    ):
        first, last = (statistics.mean(line[key] for line in part) for part in (early, late))
        print(f"{name}, after {FIRST} and at the end: {first:.2f} and {last:.2f} {unit}, "
              f"{100 * (last / first - 1):+.1f} %")  # fmt: skip
    first = held.between(FIRST, 2 * FIRST)
    last = held.between(len(codes) - FIRST - 20, len(codes) - 20)
    print(f"lasting processes, after {FIRST} and at the end: {first:.0f} and {last:.0f} MB, "
          f"{100 * (last / first - 1):+.1f} %")  # fmt: skip

    again = measured(whole, folder)
    assert len(events(folder / "whole")) == len(codes), "an unchanged run made a report"
    wall, used = (100 * again[key] / full[key] for key in ("seconds", "cpu"))
    print(f"again, unchanged: {again['seconds']:.1f} s, {wall:.2f} % of the time, "
          f"{used:.2f} % of the CPU")  # fmt: skip
    shutil.copyfile(folder / "data" / f"{codes[-1]}.xlsx", folder / "data" / f"{codes[0]}.xlsx")
    measured(whole, folder)
    (changed,) = events(folder / "whole")[len(codes) :]
    assert changed["code"] == codes[0]
    print(f"one county changed: {changed['code']} alone was made again")
    if options.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
