"""The process that counties are forked from, begun before anything else is loaded.

It loads for longer than a batch takes to look through its plan, and on the other core: so the
command line begins it first, and this module imports nothing of the package.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing import forkserver
from typing import Any, Final, Literal

#: How a county's process begins.
Way = Literal["forkserver", "spawn"]
#: One thread for each numeric library, and for typst (Rayon): the counties are what runs side by
#: side. And none for Arrow's allocator, which would start one when it is loaded. One heap for all
#: threads: typst sets pages in one of its own, whose own heap would be new memory for every county.
ENVIRONMENT: Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_PRELOAD: Final = ["xuncha_nb.batch.server"]


def default_way() -> Way:
    """Return the way of this system; ``XUNCHA_START=spawn`` forces the one without fork."""
    if os.environ.get("XUNCHA_START") == "spawn" or sys.platform == "win32":
        return "spawn"
    return "forkserver"


def set_environment() -> None:
    """Set what the libraries read when they are loaded; what the user has set stays."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def begin(way: Way | None = None) -> None:
    """Have what all counties share loaded, without waiting for it; where fork exists."""
    if (way or default_way()) == "forkserver":
        set_environment()
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOAD)
        # The terminal sends Ctrl-C to every process: the batch alone decides what it means.
        with _uninterrupted():
            forkserver.ensure_running()


def end() -> None:
    """Take away the process that counties were forked from, or were to be.

    It goes by itself as well, but not before it has loaded everything, and whoever reads what a
    command says waits for it until then.
    """
    server: Any = getattr(forkserver, "_forkserver", None)
    if process := getattr(server, "_forkserver_pid", None):
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach: what is ignored stays so in a new program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
