"""How much of the local executor's speed a cluster on this machine keeps.

``make bench-cluster``; ``BENCH="--counties 30"`` for a quick look. The same plan is run by the
local executor with two workers and by Dask clusters on loopback (:data:`CLUSTERS`), all at once
and yet one at a time: each has a turn of some seconds and stands still (``SIGSTOP``) while the
others have theirs, so that a machine whose pace drifts is the same for all. Schedulers and workers
are started before the clock, and those that are told to load have loaded.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from bench import BIN, check, plan
from family import below
from test_cluster import PRELOAD, Machines, cluster

#: The README's settings: Dask looks at itself once a second instead of ten to a hundred times.
SLOWLY = {
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__WORKER__MEMORY__MONITOR_INTERVAL": "1s",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}
#: Way → workers and threads of its cluster, settings and options of the workers.
CLUSTERS: dict[str, tuple[int, int, dict[str, str], tuple[str, ...]]] = {
    "two workers": (2, 1, SLOWLY, PRELOAD),
    "one worker of two threads": (1, 2, SLOWLY, PRELOAD),
    "two workers, nothing set": (2, 1, {}, ()),
}
#: In which a worker has loaded, on any machine that is fit for a batch.
LOADING = 20.0
#: Long beside what stopping and going on takes, short beside the machine's drift.
TURN = 4.0

#: Counts the CPU of all it starts in a process of its own, below which no cluster is.
MEASURE = """
import costs, subprocess, sys
costs.adopt_orphans()
before = costs.cpu()
done = subprocess.run(sys.argv[1:], stdout=sys.stderr)
costs.wait_for_orphans()
print(costs.cpu() - before)
sys.exit(done.returncode)
"""


class Way:
    """A batch that runs in turns, with the cluster that makes it.

    Parameters
    ----------
    command : list of str
    folder : Path
    machines : Machines, optional
    """

    def __init__(self, command: list[str], folder: Path, machines: Machines | None) -> None:
        self.machines, self.seconds = machines, 0.0
        self._before = self._cluster_cpu()
        self.process = subprocess.Popen(
            [sys.executable, "-c", MEASURE, *command], cwd=folder, text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self.halt()

    def halt(self) -> None:
        """Stop everything, also what is just being started."""
        stopped: set[int] = set()
        while new := [each for each in self._all() if each.pid not in stopped]:
            self._send(new, signal.SIGSTOP)
            stopped |= {each.pid for each in new}

    def turn(self) -> bool:
        """Go on for a while; return whether it is done."""
        began = time.perf_counter()
        self._send(self._all(), signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(TURN)
        self.seconds += time.perf_counter() - began
        self.halt()
        return self.process.poll() is not None

    def cpu(self) -> float:
        """Return the CPU seconds of the command and of its cluster."""
        said, told = self.process.communicate()
        if self.process.returncode:
            raise SystemExit(told[-2000:])
        return float(said) + self._cluster_cpu() - self._before

    def memory(self) -> float:
        """Return the megabytes of the cluster at rest, shared pages counted once."""
        return sum(_told(each, lambda p: p.memory_full_info().pss) for each in self._tree()) / 2**20

    def _cluster_cpu(self) -> float:
        return sum(_told(each, lambda p: sum(p.cpu_times()[:4])) for each in self._tree())

    def _tree(self) -> list[psutil.Process]:
        return self.machines.tree() if self.machines else []

    def _all(self) -> list[psutil.Process]:
        own = []
        with contextlib.suppress(psutil.NoSuchProcess):
            own = [psutil.Process(self.process.pid)]
        return [*self._tree(), *own, *(child for one in own for child in below(one, deep=True))]

    @staticmethod
    def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
        for each in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(number)


def _told(process: psutil.Process, ask: Callable[[psutil.Process], float]) -> float:
    with contextlib.suppress(psutil.Error):
        return ask(process)
    return 0.0


def main() -> None:
    """Run all ways in turns and print rates and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xuncha-bench-") as name:
        folder = Path(name)
        sample = [str(BIN / "xuncha"), "sample", name, "--counties", str(options.counties)]
        subprocess.run([*sample, "--seed", "7"], check=True, stdout=subprocess.DEVNULL)
        codes = sorted(p.stem for p in (folder / "data").iterdir())
        with contextlib.ExitStack() as stack:
            clusters: dict[str, Machines] = {}
            for way, (workers, threads, settings, told) in CLUSTERS.items():
                place = folder / f"cluster-{len(clusters)}"
                place.mkdir()
                clusters[way] = cluster(place, workers, settings, *told, threads=threads)
                stack.callback(clusters[way].stop)
            time.sleep(LOADING)
            compare(folder, codes, clusters)


def compare(folder: Path, codes: list[str], clusters: dict[str, Machines]) -> None:
    """Run the plan all ways and print what each took."""
    batch = [str(BIN / "xuncha"), "batch", plan(folder, codes, "all.yaml"), "--quiet", "--out"]
    ways = {"local, two workers": Way([*batch, "out-0", "--workers", "2"], folder, None)}
    for number, (name, machines) in enumerate(clusters.items(), 1):
        command = [*batch, f"out-{number}", "--scheduler", machines.address]
        ways[name] = Way(command, folder, machines)
    running = list(ways.values())
    while running:
        running = [way for way in running if not way.turn()]
    cpu = {name: way.cpu() for name, way in ways.items()}
    for number in range(len(ways)):
        check(folder / f"out-{number}", codes)
    count, (local, *_) = len(codes), ways
    for name, way in ways.items():
        held = f"; {way.memory():.0f} MB at rest" if way.machines else ""
        print(
            f"{name:34}{60 * count / way.seconds:7.1f} counties/min ({way.seconds:.1f} s)"
            f"{cpu[name] / count:7.3f} s of CPU a county; "
            f"of the local executor's speed {ways[local].seconds / way.seconds:.2f} by the clock, "
            f"{cpu[local] / cpu[name]:.2f} by CPU{held}",
            flush=True,
        )


if __name__ == "__main__":
    main()
