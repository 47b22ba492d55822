"""How much of the local executor's speed a cluster of two workers on this machine keeps.

``make bench-cluster``; ``BENCH="--counties 30"`` for a quick look. The same plan is run by the
local executor with two workers and by a Dask scheduler with two workers of one thread on loopback,
in turns. The first run on the cluster includes what its workers load. Scheduler and workers are
started before the clock.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
from bench import BIN, check, plan
from test_cluster import Machines, cluster


def cluster_cpu(machines: Machines) -> float:
    """Return the CPU seconds of scheduler and workers, of their children, and of those they had."""
    total = 0.0
    for root in machines.processes.values():
        parent = psutil.Process(root.pid)
        for each in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = each.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


#: Measures in a process of its own, to which the scheduler and the workers are no children.
MEASURE = (
    "import costs, json, pathlib, sys; costs.adopt_orphans(); "
    "print(json.dumps(costs.measured(sys.argv[2:], pathlib.Path(sys.argv[1]))))"
)


def measured(command: list[str], folder: Path) -> dict[str, float]:
    """Return what a command took: seconds, and CPU seconds of it and of all below it."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, folder, *command],
        cwd=Path(__file__).parent, check=True, capture_output=True, text=True,
    )  # fmt: skip
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


def main() -> None:
    """Run both ways in turns and print rates and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xuncha-bench-") as name:
        folder = Path(name)
        sample = [str(BIN / "xuncha"), "sample", name, "--counties", str(options.counties)]
        subprocess.run([*sample, "--seed", "7"], check=True, stdout=subprocess.DEVNULL)
        codes = sorted(p.stem for p in (folder / "data").iterdir())
        machines = cluster(folder, 2, {})
        try:
            compare(folder, codes, machines, options.rounds)
        finally:
            machines.stop()


def compare(folder: Path, codes: list[str], machines: Machines, rounds: int) -> None:
    """Run the plan both ways, ``rounds`` times, and print what each took."""
    batch = [str(BIN / "xuncha"), "batch", plan(folder, codes, "all.yaml"), "--force", "--quiet"]
    count = len(codes)
    best: dict[str, dict[str, float]] = {}
    for number in range(1, rounds + 1):
        for way, options in (
            ("local", ["--workers", "2"]),
            ("cluster", ["--scheduler", machines.address]),
        ):
            before = cluster_cpu(machines)
            got = measured([*batch, "--out", way, *options], folder)
            got["cpu"] += cluster_cpu(machines) - before
            check(folder / way, codes)
            known = best.setdefault(way, dict(got))
            best[way] = {key: min(known[key], got[key]) for key in ("seconds", "cpu")}
            print(
                f"round {number} {way:8}{60 * count / got['seconds']:7.1f} counties/min"
                f"{got['cpu'] / count:7.2f} s of CPU a county",
                flush=True,
            )
    ratios = {key: best["local"][key] / best["cluster"][key] for key in ("seconds", "cpu")}
    print(
        f"{count} counties, best of {rounds}: cluster/local {ratios['seconds']:.2f} by the clock, "
        f"{ratios['cpu']:.2f} by CPU"
    )


if __name__ == "__main__":
    main()
