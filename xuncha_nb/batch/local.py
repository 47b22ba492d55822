"""The local executor: a process of its own for every county, as many as cores and memory take.

Where fork exists, one process loads everything and every county is forked from it
(``multiprocessing``'s fork server). Elsewhere (Windows) each county's process starts afresh:
the same result, slower.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import Any, Final

from xuncha_nb import forking, partial
from xuncha_nb.batch import outcomes
from xuncha_nb.batch.outcomes import Outcome
from xuncha_nb.batch.worker import Limits, kept, serve
from xuncha_nb.errors import CrashError, TimeLimitError
from xuncha_nb.runner import Job

#: A process that does not heed its own clock is killed this many seconds later.
_GRACE: Final = 5.0
_POLL: Final = 0.5
#: A cluster's worker makes as many counties as it has threads, and Python's own list of child
#: processes is made for one: to start one looks after all the others, and two that ask for the
#: same end take it for a crash.
_FAMILY: Final = threading.Lock()


@dataclass
class _Running:
    """A county's process."""

    job: Job
    attempt: int
    process: Any
    connection: Any
    cells: Any
    started: float = field(default_factory=time.monotonic)
    cell: int = 0
    outcome: Outcome | None = None
    overdue: bool = False

    def follow(self) -> None:
        """Take in which cell has begun."""
        with contextlib.suppress(EOFError, OSError):
            while self.cells.poll():
                self.cell = self.cells.recv()

    def close(self) -> None:
        """Listen no more."""
        self.connection.close()
        self.cells.close()

    def buried(self) -> int:
        """Wait for the end of the process; return its exit code."""
        wait([self.process.sentinel])
        with _FAMILY:
            self.process.join()
            code: int = self.process.exitcode
            self.process.close()
        return code


@contextlib.contextmanager
def _without_program() -> Iterator[None]:
    """Hide what this process was started with: Python would run it again for every county.

    A script that makes a batch without a guard would even begin another one. One thread at a time.
    """
    main = sys.modules["__main__"]
    kept: dict[str, Any] = {
        name: vars(main)[name] for name in ("__spec__", "__file__") if name in vars(main)
    }
    main.__spec__ = None
    vars(main).pop("__file__", None)
    try:
        yield
    finally:
        vars(main).update(kept)


class Executor:
    """Runs jobs side by side and yields what became of each, in the order they end.

    Parameters
    ----------
    workers : int
        How many at once.
    limits : Limits
    way : {'forkserver', 'spawn'}, optional
    """

    def __init__(self, workers: int, limits: Limits, way: forking.Way | None = None) -> None:
        self.workers = workers
        self.limits = limits
        self.way = way or forking.default_way()
        self._context: Any = multiprocessing.get_context(self.way)
        self._running: list[_Running] = []
        forking.set_environment()  # also for processes that are not forked

    def load(self) -> None:
        """Have what all counties share loaded, without waiting for it; where fork exists."""
        forking.begin(self.way)

    def running(self) -> tuple[str, ...]:
        """Return the codes of the counties being made."""
        return tuple(item.job.code for item in self._running)

    def run(
        self, jobs: Sequence[Job], idle: Callable[[], None] = lambda: None
    ) -> Iterator[Outcome]:
        """Run jobs.

        Parameters
        ----------
        jobs : sequence of Job
        idle : callable
            Called about twice a second, whatever happens.

        Yields
        ------
        Outcome
            One a job. Closing the generator kills what runs.
        """
        waiting = deque((job, 1) for job in jobs)
        try:
            while waiting or self._running:
                self._fill(waiting)
                idle()
                ended = self._ended()
                # No core waits until the last county's process is gone and its outcome noted.
                self._fill(waiting)
                for item in ended:
                    outcome = self._outcome(item)
                    if outcome.error is not None:
                        # A process that died could not clean what papermill had kept of it.
                        partial.mask(kept(item.job))
                    if outcome.error is None or not self._again(outcome):
                        yield outcome
                    else:
                        waiting.appendleft((item.job, item.attempt + 1))
        finally:
            self.stop()

    def _fill(self, waiting: deque[tuple[Job, int]]) -> None:
        while waiting and len(self._running) < self.workers:
            self._start(*waiting.popleft())

    def stop(self) -> None:
        """Kill what runs: every report is put in place whole, so nothing is torn."""
        for item in self._running:
            item.process.kill()
        for item in self._running:
            item.buried()
            item.close()
        self._running.clear()

    def _again(self, outcome: Outcome) -> bool:
        assert outcome.error is not None
        return outcome.error.transient and outcome.attempts < self.limits.attempts

    def _start(self, job: Job, attempt: int) -> None:
        """Start a county's process.

        A fork server that is killed just then breaks the call; the next one starts another.
        """
        for last in (False, False, True):
            receive, send = self._context.Pipe(duplex=False)
            # What nobody waits for goes by a way of its own: it would wake this process.
            cells, begun = self._context.Pipe(duplex=False)
            arguments = (job, self.limits, attempt, self.way == "forkserver", send, begun)
            process = self._context.Process(target=serve, args=arguments, name=job.code)
            try:
                self.load()
                with _FAMILY, _without_program():
                    process.start()
                break
            except (EOFError, OSError) as error:
                for end in (receive, send, cells, begun):
                    end.close()
                if last:
                    raise CrashError(
                        f"不能启动新的进程（{type(error).__name__}），已完成的县不受影响，"
                        "请关闭其他程序后再次执行同一命令"
                    ) from None
                time.sleep(_POLL)
        send.close()  # so that the end of the process is the end of the pipe
        begun.close()
        self._running.append(_Running(job, attempt, process, receive, cells))

    def _ended(self) -> list[_Running]:
        """Wait a little; return the processes that sent their outcome or died."""
        ready = set(wait([item.connection for item in self._running], _POLL))
        ended = []
        for item in self._running:
            item.follow()
            if item.connection in ready and self._heard(item):
                ended.append(item)
            elif time.monotonic() - item.started > self.limits.seconds + _GRACE:
                item.overdue = True
                item.process.kill()
        self._running = [item for item in self._running if item not in ended]
        return ended

    def _heard(self, item: _Running) -> bool:
        """Take in what a process sent; True when it has nothing more to say."""
        try:
            if not item.connection.poll():
                return False
            item.outcome = item.connection.recv()
        except (EOFError, OSError):
            item.follow()
        return True

    def _outcome(self, item: _Running) -> Outcome:
        item.close()
        code = item.buried()
        if item.outcome is not None:
            return replace(item.outcome, attempts=item.attempt)
        where = f"第{item.cell}个单元格" if item.cell else "开始之前"
        error: CrashError | TimeLimitError
        if item.overdue:
            error = TimeLimitError(
                f"{where}：超过时限 {self.limits.seconds:g} 秒且不响应，已强行结束，"
                "请检查是否有死循环，或用 --time-limit 放宽"
            )
        else:
            error = CrashError(
                f"{where}：执行中断（进程退出，代码 {code}，可能是内存不足），请关闭其他程序后重试"
            )
        error.cell = item.cell
        seconds = time.monotonic() - item.started
        return outcomes.failed(item.job, error, seconds=seconds, attempts=item.attempt)
