"""What commands cost: seconds, CPU, memory; one after the other or in turns with a batch.

For the programs that compare (``bench.py``, ``cluster_bench.py``, ``scale.py``). Processes that
outlive their parents are adopted and counted as well.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

#: ``PR_SET_CHILD_SUBREAPER`` of Linux.
_SUBREAPER = 36
#: Seconds after which the batch is stopped for somebody else.
_TURN = 5.0


def cpu() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime + children_cpu()


def children_cpu() -> float:
    """Return the CPU seconds of the children that have ended, without what looks at them."""
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    return use.ru_utime + use.ru_stime


class Peak(threading.Thread):
    """The most memory that a process and its children held together, shared pages counted once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.megabytes, self.over, self.follow = 0.0, threading.Event(), 0
        # Not while what it follows is stopped: it would cost the others that run then.
        self.looks = threading.Event()
        self.looks.set()

    def run(self) -> None:
        while not self.over.wait(1.0):
            if not self.looks.is_set():
                continue
            total = 0
            for child in self._processes():
                try:
                    total += child.memory_full_info().pss
                except psutil.Error:
                    continue
            self.megabytes = max(self.megabytes, total / 2**20)

    def _processes(self) -> list[psutil.Process]:
        try:
            followed = psutil.Process(self.follow)
            return [followed, *followed.children(recursive=True)]
        except psutil.Error:
            return []


def adopt_orphans() -> None:
    """Have every process that outlives its parent become this one's child.

    The process that counties are forked from ends after the batch: only so is what it and its
    children used counted.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)


def wait_for_orphans() -> None:
    """Wait for every child that ends; one that is stopped does not."""
    with contextlib.suppress(ChildProcessError):
        while True:
            done, _ = os.waitpid(-1, os.WNOHANG)
            if not done and not any(_runs(child) for child in psutil.Process().children()):
                return
            if not done:
                time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_STOPPED)
    return False


_LOOP = """
import time
before = time.process_time()
total = 0
for n in range(6_000_000):
    total += n
print(time.process_time() - before)
"""


def pace(workers: int) -> float:
    """Return the CPU seconds of a loop that runs on every core at once."""
    loop = [sys.executable, "-c", _LOOP]
    running = [subprocess.Popen(loop, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    return sum(float(process.communicate()[0]) for process in running) / workers


def paced(command: list[str], folder: Path, workers: int, **variables: str) -> dict[str, float]:
    """Run a command and return its seconds, CPU seconds, peak of memory and the pace."""
    started = children_cpu()
    before = pace(workers)
    result = measured(command, folder, **variables)
    after = pace(workers)
    # What this took in all, the loops of the pace included.
    return result | {"pace": (before + after) / 2, "all cpu": children_cpu() - started}


def together(parts: list[dict[str, float]]) -> dict[str, float]:
    """Return what parts of one way come to."""
    return {
        "seconds": sum(part["seconds"] for part in parts),
        "cpu": sum(part["cpu"] for part in parts),
        "memory": max(part["memory"] for part in parts),
        "pace": sum(part["pace"] for part in parts) / len(parts),
    }


def in_turns(
    batch: list[str], turns: list[Callable[[], dict[str, float]]], folder: Path, workers: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Run a batch, stopped again and again while another way has its turn; return both.

    A turn that the batch was too short for follows it.
    """
    waiting, taken = deque(turns), [turns[0]()]
    waiting.popleft()
    before, ran, began = children_cpu(), 0.0, pace(workers)
    peak = Peak()
    with (folder / "batch.log").open("w+") as log:
        process = subprocess.Popen(
            batch, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        peak.follow = process.pid
        peak.start()
        while process.poll() is None:
            since = time.perf_counter()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_TURN)
            if waiting and process.poll() is None:
                os.killpg(process.pid, signal.SIGSTOP)
                ran += time.perf_counter() - since
                peak.looks.clear()
                taken.append(waiting.popleft()())
                peak.looks.set()
                os.killpg(process.pid, signal.SIGCONT)
            else:
                ran += time.perf_counter() - since
        peak.over.set()
        if process.returncode:
            log.seek(0)
            raise SystemExit(f"{batch[:4]} failed:\n{log.read()[-2000:]}")
    wait_for_orphans()
    used = children_cpu() - before - sum(part["all cpu"] for part in taken[1:])
    while waiting:
        taken.append(waiting.popleft()())
    both = (began + pace(workers)) / 2
    own = {"seconds": ran, "cpu": used, "memory": peak.megabytes, "pace": both}
    return own, together(taken)


def measured(command: list[str], folder: Path, **variables: str) -> dict[str, float]:
    peak = Peak()
    before = children_cpu()
    started = time.perf_counter()
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    done = subprocess.Popen(command, cwd=folder, env=os.environ | variables, **pipes)
    peak.follow = done.pid
    peak.start()
    stdout, stderr = done.communicate()
    seconds = time.perf_counter() - started
    peak.over.set()
    wait_for_orphans()
    used = children_cpu() - before
    if done.returncode:
        raise SystemExit(f"{command[:4]} failed:\n{stdout[-2000:]}\n{stderr[-2000:]}")
    result = {"seconds": seconds, "cpu": used, "memory": peak.megabytes}
    if stdout.startswith("{"):
        result |= json.loads(stdout)
    return result
