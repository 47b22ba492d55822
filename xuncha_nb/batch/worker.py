"""The life of one county's process: limits set, one report made, the outcome sent, gone."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any, Final

from xuncha_nb import forking, optional, runner
from xuncha_nb.adjustments import durable
from xuncha_nb.batch import outcomes
from xuncha_nb.batch.outcomes import Outcome
from xuncha_nb.errors import MemoryLimitError, TimeLimitError, XunchaError
from xuncha_nb.execution import Watch
from xuncha_nb.runner import Job

_MEGABYTE: Final = 2**20
#: ``PR_SET_PDEATHSIG`` of Linux.
_DIE_WITH_PARENT: Final = 1


@dataclass(frozen=True)
class Limits:
    """What one county may take.

    Attributes
    ----------
    seconds : float
        Time for one report.
    memory_mb : int
        Memory for one report, beyond what the libraries take.
    attempts : int
        How often a report is tried when its process dies or its database is away.
    """

    seconds: float = 300.0
    memory_mb: int = 2048
    attempts: int = 3


class TimeLimit(BaseException):
    """The time is over; no ``except Exception`` of a notebook holds it up."""


def serve(
    job: Job, limits: Limits, attempt: int, forked: bool, connection: Any, cells: Any
) -> None:
    """Make one report and send what became of it; the target of every county's process.

    The numbers of the cells that start are sent besides: if this process dies, its last one says
    where.
    """
    _prepare(limits, forked)
    tell: Connection = connection
    begun: Connection = cells
    watch = Watch(
        lambda number: begun.send(number),
        kept(job),
        careful=attempt > 1,
    )
    try:
        outcome = attempted(job, watch, limits, attempt)
        signal_off()
        tell.send(outcome)
        tell.close()
    except BrokenPipeError:
        os._exit(1)  # the batch was stopped: nobody is there to be told


def kept(job: Job) -> Path:
    """Return where the notebook of a failed county is kept: ``failed/<county>/``."""
    return job.folder.parent / "failed" / job.code / "report.ipynb"


def attempted(job: Job, watch: Watch, limits: Limits, attempt: int) -> Outcome:
    """Make one report; whatever goes wrong becomes its outcome."""
    problem: XunchaError
    try:
        result = runner.run(job, watch)
        return outcomes.done(job, result, attempts=attempt, memory_mb=_peak())
    except XunchaError as error:
        problem = error
    except TimeLimit:
        problem = TimeLimitError(
            f"导出超过时限 {limits.seconds:g} 秒，请检查图表和数据量，或用 --time-limit 放宽"
        )
    except MemoryError:
        problem = MemoryLimitError("导出时内存超过限额，请检查数据量，或用 --memory-limit 放宽")
    except BrokenPipeError:
        raise
    except Exception as error:
        # Not the user's mistake; the other counties still get their reports.
        problem = XunchaError(
            f"程序出错（{type(error).__name__}），请对该县单独执行 xuncha run，"
            "把出错信息报给维护人员"
        )
    return outcomes.failed(job, problem, attempts=attempt, memory_mb=_peak())


def _prepare(limits: Limits, forked: bool) -> None:
    """Set the limits of this process, and tie its life to its parent's."""
    # The batch decides what an interrupt means; its counties only hear from it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        _die_with_parent()
        if forked:
            there = sum(1 for _ in Path(f"/proc/{os.getppid()}/task").iterdir())
            assert there == 1, f"forked from a process with {there} threads"
    if sys.platform != "win32":
        _limit_memory(limits.memory_mb)
        signal.signal(signal.SIGALRM, _stop)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    forking.set_environment()
    optional.collect_seldom()


def _stop(number: int, frame: FrameType | None) -> None:
    raise TimeLimit("超过时限")


def signal_off() -> None:
    """Stop the clock: the report is done."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, 0)


def _die_with_parent() -> None:
    """Have the system kill this process when its parent goes: nothing runs on unseen."""
    call = durable.system_call("prctl")
    if call is not None:
        call(_DIE_WITH_PARENT, signal.SIGKILL)


def _limit_memory(megabytes: int) -> None:
    import resource

    try:
        status = Path("/proc/self/status").read_text()
        used = int(status.partition("VmData:")[2].split()[0]) * 1024
        limit = used + megabytes * _MEGABYTE
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    except (OSError, ValueError, IndexError):
        pass  # no such limit here: the parent still sees the process die


def _peak() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (_MEGABYTE if sys.platform == "darwin" else 1024)
