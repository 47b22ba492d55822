"""How many counties at once: what cores and free memory take."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import psutil

#: What a county's process holds for itself, and what is left to everything else, in megabytes.
#: Measured with the half-year summary; see the README.
_WORKER_MB: Final = 300
_RESERVE_MB: Final = 800
_MEGABYTE: Final = 2**20
_GROUP: Final = Path("/sys/fs/cgroup")


def workers(cap: int | None = None) -> int:
    """Return how many counties to make at once, at least one.

    Parameters
    ----------
    cap : int, optional
        The most that the user wants.
    """
    fitting = max(1, (free_memory_mb() - _RESERVE_MB) // _WORKER_MB)
    chosen = min(cores(), fitting)
    return max(1, chosen if cap is None else min(cap, fitting))


def cores() -> int:
    """Return how many cores this process may use: affinity and container limits counted."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota, _, period = _group_file("cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit():
        count = min(count or 1, max(1, int(quota) // int(period)))
    return count or 1


def free_memory_mb() -> int:
    """Return the memory that is free here, container limits counted."""
    free = psutil.virtual_memory().available
    limit, used = _group_file("memory.max"), _group_file("memory.current")
    if limit.isdigit() and used.isdigit():
        # Cached files count as used there, but give way.
        cached = next(
            (int(line.split()[1]) for line in _group_file("memory.stat").splitlines()
             if line.startswith("inactive_file ")), 0,
        )  # fmt: skip
        free = min(free, int(limit) - int(used) + cached)
    return max(0, int(free)) // _MEGABYTE


def _group_file(name: str) -> str:
    try:
        return (_GROUP / name).read_text().strip()
    except OSError:
        return ""
