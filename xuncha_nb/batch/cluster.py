"""The same jobs on a Dask cluster: every county still in a process of its own, on its machine.

Inputs and outputs lie on a folder that all machines see under the same path. A worker's task
forks the county from the worker's own fork server, so a notebook that crashes does not take the
worker along; a worker that is killed loses its counties to the others.
"""

from __future__ import annotations

import multiprocessing
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from xuncha_nb import __version__, provenance
from xuncha_nb.batch import outcomes
from xuncha_nb.batch.local import Executor
from xuncha_nb.batch.outcomes import Outcome
from xuncha_nb.batch.worker import Limits
from xuncha_nb.errors import ClusterError, CrashError
from xuncha_nb.runner import Job

_CONNECT_SECONDS: Final = 10
#: A scheduler that does not answer for so long is taken for gone.
_GONE_SECONDS: Final = 15.0
_POLL: Final = 0.5


class Cluster:
    """Runs jobs on the workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        ``tcp://host:port`` of the scheduler.
    limits : Limits

    Raises
    ------
    ClusterError
        If the scheduler cannot be reached, has no workers, or a worker has another package.
    """

    def __init__(self, address: str, limits: Limits) -> None:
        try:
            import distributed
        except ImportError:
            raise ClusterError(
                "集群运行需要另装：pip install 'xuncha_nb[cluster]'，或去掉 --scheduler 在本机运行"
            ) from None
        self._address, self._limits = address, limits
        self._waiting: dict[str, Any] = {}
        try:
            self._client: Any = distributed.Client(  # type: ignore[no-untyped-call]
                address, timeout=_CONNECT_SECONDS, set_as_default=False, name="xuncha"
            )
        except (OSError, ValueError, ImportError):
            raise ClusterError(
                f"{address}：连接不上 Dask 调度器，请核对地址（如 tcp://10.0.0.1:8786），"
                "确认已执行 dask scheduler"
            ) from None
        self._check()

    def close(self) -> None:
        """Leave the cluster; what still runs there is cancelled."""
        self._client.close(timeout=2)

    def _check(self) -> None:
        """Refuse a cluster without workers, or with one that would make other bytes."""
        found = self._client.run(_program, on_error="return")
        if not found:
            self.close()
            raise ClusterError(
                f"{self._address}：调度器没有工作节点，请在各机器上执行 dask worker {self._address}"
            )
        own = _program()
        other = {
            worker: answer[1] if isinstance(answer, tuple) else "未安装"
            for worker, answer in found.items()
            if answer != own
        }
        if other:
            self.close()
            lines = "；".join(f"{worker}（{version}）" for worker, version in sorted(other.items()))
            raise ClusterError(
                f"工作节点的 xuncha_nb、所用库或字体与本机（{__version__}）不同：{lines}，"
                "请在各机器上安装同样的版本后重启 dask worker"
            )

    def running(self) -> tuple[str, ...]:
        """Return nothing: the scheduler's own page shows what runs where."""
        return ()

    def run(
        self, jobs: Sequence[Job], idle: Callable[[], None] = lambda: None
    ) -> Iterator[Outcome]:
        """Run jobs; see :meth:`xuncha_nb.batch.local.Executor.run`.

        Raises
        ------
        ClusterError
            If the scheduler is gone. What was done is done.
        """
        ended: queue.Queue[Any] = queue.Queue()
        by_future: dict[Any, Job] = {}
        for job in jobs:
            there = replace(job, out=job.out.resolve(), base=job.base.resolve())
            future = self._client.submit(
                _on_worker, there, self._limits, _program(), pure=False, retries=0
            )
            by_future[future] = job
            future.add_done_callback(ended.put)
        heard = time.monotonic()
        try:
            while by_future:
                idle()
                try:
                    future = ended.get(timeout=_POLL)
                except queue.Empty:
                    if self._client.status == "running":
                        heard = time.monotonic()
                    elif time.monotonic() - heard > _GONE_SECONDS:
                        raise self._gone() from None
                    continue
                yield self._outcome(by_future.pop(future), future)
        finally:
            if by_future and self._client.status == "running":
                self._client.cancel(list(by_future))
            self.close()

    def _outcome(self, job: Job, future: Any) -> Outcome:
        if future.status == "finished":
            made = future.result()
            assert isinstance(made, Outcome)
            return made
        if future.status == "cancelled":
            raise self._gone()
        error = future.exception()
        if isinstance(error, ClusterError):
            return outcomes.failed(job, error)
        told = CrashError(
            f"执行该县的工作节点多次退出（{type(error).__name__}），请检查该机器的内存后重试"
        )
        return outcomes.failed(job, told)

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"{self._address}：与 Dask 调度器失去联系，已完成的县不受影响；"
            "请重启调度器后再次执行同一命令，即从中断处继续"
        )


def _program() -> tuple[str, str]:
    """Return what must be equal everywhere, and the version to name."""
    return provenance.program(), __version__


def _on_worker(job: Job, limits: Limits, program: tuple[str, str]) -> Outcome:
    """Make one report in a process of its own, on a worker."""
    if _program() != program:
        # A worker that came later than the check.
        raise ClusterError(
            f"工作节点的 xuncha_nb（{__version__}）、所用库或字体与发起批次的机器（{program[1]}）"
            "不同，请安装同样的版本后重启 dask worker"
        )
    # Dask's workers are daemons of their nannies, and Python refuses daemons children, so that
    # none is left behind. Ours are tied to their parent's life by the system.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    (outcome,) = Executor(1, limits).run([job])
    return outcome
