"""How much of the local executor's speed a cluster of two workers on this machine keeps.

``make bench-cluster``; ``BENCH="--counties 30 --rounds 1"`` for a quick look. The same plan is run
in turns by the local executor with two workers, by a Dask cluster on loopback with two workers of
one thread, and by one as the README starts it: one worker of two threads, and Dask's clocks slowed
down (:data:`SLOWLY`). Schedulers and workers are started before
the clock and stand still (``SIGSTOP``) while another way has its turn. A worker loads what its
counties share with its first one, as every local run does: the first round includes that.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from bench import BIN, check, plan
from test_cluster import Machines, cluster

#: The README's settings: Dask looks at itself once a second instead of ten to a hundred times.
SLOWLY = {
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__WORKER__MEMORY__MONITOR_INTERVAL": "1s",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}
#: Way → workers and threads of its cluster, and settings.
CLUSTERS: dict[str, tuple[int, int, dict[str, str]]] = {
    "two workers": (2, 1, {}),
    "two threads": (1, 2, SLOWLY),
}

#: Measures in a process of its own, to which no scheduler and no worker is a child.
MEASURE = """
import costs, json, subprocess, sys, time
costs.adopt_orphans()
before, began = costs.cpu(), time.perf_counter()
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
seconds = time.perf_counter() - began
costs.wait_for_orphans()
if done.returncode:
    raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
print(json.dumps({"seconds": seconds, "cpu": costs.cpu() - before}))
"""


def cpu(machines: Machines) -> float:
    """Return the CPU seconds of scheduler and workers, of their children, and of those they had."""
    total = 0.0
    for each in machines.tree():
        with contextlib.suppress(psutil.Error):
            times = each.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def memory(machines: Machines) -> float:
    """Return the megabytes of scheduler and workers together, shared pages counted once."""
    total = 0.0
    for each in machines.tree():
        with contextlib.suppress(psutil.Error):
            total += each.memory_full_info().pss / 2**20
    return total


def send(machines: Machines, number: signal.Signals) -> None:
    for each in machines.tree():
        with contextlib.suppress(psutil.NoSuchProcess):
            each.send_signal(number)


@contextlib.contextmanager
def turn(machines: Machines) -> Iterator[None]:
    """Let a cluster run that stands still otherwise."""
    send(machines, signal.SIGCONT)
    try:
        yield
    finally:
        send(machines, signal.SIGSTOP)


def measured(command: Sequence[str], folder: Path) -> dict[str, float]:
    """Return what a command took: seconds, and CPU seconds of it and of all below it."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *command], cwd=folder, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{command[:4]} failed")
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


def main() -> None:
    """Run all ways in turns and print rates and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xuncha-bench-") as name:
        folder = Path(name)
        sample = [str(BIN / "xuncha"), "sample", name, "--counties", str(options.counties)]
        subprocess.run([*sample, "--seed", "7"], check=True, stdout=subprocess.DEVNULL)
        codes = sorted(p.stem for p in (folder / "data").iterdir())
        with contextlib.ExitStack() as stack:
            clusters = {}
            for way, (workers, threads, settings) in CLUSTERS.items():
                place = folder / way.replace(" ", "-")
                place.mkdir()
                clusters[way] = cluster(place, workers, settings, threads)
                stack.callback(clusters[way].stop)
            for machines in clusters.values():
                send(machines, signal.SIGSTOP)
            compare(folder, codes, clusters, options.rounds)


def compare(folder: Path, codes: list[str], clusters: dict[str, Machines], rounds: int) -> None:
    """Run the plan all ways, ``rounds`` times, and print what each took."""
    batch = [str(BIN / "xuncha"), "batch", plan(folder, codes, "all.yaml"), "--force", "--quiet"]
    count = len(codes)
    taken: dict[str, list[dict[str, float]]] = {way: [] for way in ("local", *clusters)}
    for number in range(1, rounds + 1):
        # Every other round the other way round: the machine's pace drifts.
        for way in list(taken)[:: 1 if number % 2 else -1]:
            out = way.replace(" ", "-") + "-out"
            if way == "local":
                got = measured([*batch, "--out", out, "--workers", "2"], folder)
            else:
                machines = clusters[way]
                with turn(machines):
                    before = cpu(machines)
                    got = measured([*batch, "--out", out, "--scheduler", machines.address], folder)
                    got["cpu"] += cpu(machines) - before
            check(folder / out, codes)
            taken[way].append(got)
            print(
                f"round {number} {way:12}{60 * count / got['seconds']:7.1f} counties/min"
                f"{got['cpu'] / count:7.3f} s of CPU a county",
                flush=True,
            )
    for way, machines in clusters.items():
        ratios = {
            key: [
                one[key] / other[key] for one, other in zip(taken["local"], taken[way], strict=True)
            ]
            for key in ("seconds", "cpu")
        }
        print(
            f"{way}/local, {count} counties, median of {rounds}: "
            f"{statistics.median(ratios['seconds']):.2f} by the clock "
            f"({min(ratios['seconds']):.2f} to {max(ratios['seconds']):.2f}), "
            f"{statistics.median(ratios['cpu']):.2f} by CPU "
            f"({min(ratios['cpu']):.2f} to {max(ratios['cpu']):.2f}); "
            f"{memory(machines):.0f} MB at rest"
        )


if __name__ == "__main__":
    main()
