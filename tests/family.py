"""Processes below one that runs. Any of them may end while it is being looked at."""

from __future__ import annotations

import contextlib
import signal

import psutil


def below(parent: psutil.Process, named: str = "", *, deep: bool = False) -> list[psutil.Process]:
    """Return the processes that one started and that live, with a word in their command line.

    With ``deep``, those that they started too. A process that ends meanwhile is left out; of one
    that has ended itself, nothing is found.
    """
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in parent.children(recursive=deep):
            with contextlib.suppress(psutil.NoSuchProcess):
                if named in " ".join(child.cmdline()):
                    found.append(child)
    return found


def killed(process: psutil.Process) -> None:
    """Kill a process, if it lives."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)
