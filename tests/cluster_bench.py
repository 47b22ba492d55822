"""How much of the local executor's speed a cluster of two workers on this machine keeps.

``make bench-cluster``; ``BENCH="--counties 30"`` for a quick look. The same plan is run by the
local executor with two workers and by a Dask scheduler with two workers of one thread on loopback,
in turns. The first run on the cluster includes what its workers load. Scheduler and workers are
started before the clock.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
from bench import BIN, check, plan
from test_cluster import Machines, cluster


def tree_cpu(processes: list[psutil.Process]) -> float:
    """Return the CPU seconds of processes, of their children and of the children they had."""
    total = 0.0
    for process in processes:
        for each in [process, *process.children(recursive=True)]:
            try:
                times = each.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system + times.children_user + times.children_system
    return total


def timed(command: list[str], folder: Path, machines: Machines) -> tuple[float, float]:
    """Run a batch; return its wall time, and the CPU seconds that the cluster took."""
    roots = [psutil.Process(p.pid) for p in machines.processes.values()]
    before, started = tree_cpu(roots), time.perf_counter()
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | machines.environment,
    )  # fmt: skip
    return time.perf_counter() - started, tree_cpu(roots) - before


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
    """Run the plan both ways, ``rounds`` times."""
    batch = [str(BIN / "xuncha"), "batch", plan(folder, codes, "all.yaml"), "--force"]
    idle = Machines("", {}, folder, {})
    best: dict[str, float] = {}
    for number in range(1, rounds + 1):
        for way, options, there in (
            ("local", ["--workers", "2"], idle),
            ("cluster", ["--scheduler", machines.address], machines),
        ):
            seconds, used = timed([*batch, "--out", way, *options], folder, there)
            check(folder / way, codes)
            best[way] = min(best.get(way, seconds), seconds)
            cpu = f", {used / len(codes):.2f} s of CPU a county" if used else ""
            print(f"round {number} {way}: {60 * len(codes) / seconds:.1f} counties/min{cpu}")
    print(f"{len(codes)} counties: cluster/local {best['local'] / best['cluster']:.2f}")


if __name__ == "__main__":
    main()
