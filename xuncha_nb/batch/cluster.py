"""The same jobs on a Dask cluster: every county still in a process of its own, on its machine.

Inputs and outputs lie in a folder that all machines see under the same path, or at an address
(:mod:`xuncha_nb.batch.storage`). What a worker does is in :mod:`xuncha_nb.batch.station`. A worker
that is killed loses its counties to the others.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import queue
import secrets
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from xuncha_nb import outputs, provenance, workspace
from xuncha_nb.adjustments import durable
from xuncha_nb.batch import outcomes, scheduler, storage
from xuncha_nb.batch.outcomes import Outcome
from xuncha_nb.batch.worker import Limits
from xuncha_nb.errors import ClusterError, CrashError, OutputError, XunchaError
from xuncha_nb.runner import Job

#: A scheduler that does not answer for so long is taken for gone.
_GONE_SECONDS: Final = 15.0
#: A cluster that has had no worker for so long will not get one: a killed one is back in seconds.
_DESERTED_SECONDS: Final = 60.0
_POLL: Final = 0.5
_LOOK_SECONDS: Final = 5.0
#: Dask prints tracebacks of its own; what matters is said in one line here.
_LOGGERS: Final = ("distributed", "distributed.client", "distributed.core", "distributed.comm")


class Cluster:
    """Runs jobs on the workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        ``tcp://host:port`` of the scheduler; ``tls://host:port`` with the certificates of Dask's
        own configuration (``DASK_DISTRIBUTED__COMM__TLS__…``).
    limits : Limits
    tell : callable
        Prints a line about the cluster.

    Raises
    ------
    ClusterError
        If the scheduler cannot be reached, has no workers, or a worker has another package.
    """

    def __init__(
        self, address: str, limits: Limits, tell: Callable[[str], None] = lambda line: None
    ) -> None:
        try:
            import distributed
        except ImportError:
            raise ClusterError(
                "集群运行需要另装：pip install 'xuncha_nb[cluster]'，或去掉 --scheduler 在本机运行"
            ) from None
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._address, self._limits, self._tell = address, limits, tell
        self._running: dict[str, None] = {}
        self._topic = f"xuncha-{secrets.token_hex(6)}"
        self._facts = provenance.facts()
        self._heard = self._looked = time.monotonic()
        self._peopled = time.monotonic()
        scheduler.require(address)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # other versions are told below
                self._client: Any = distributed.Client(  # type: ignore[no-untyped-call]
                    address, timeout=scheduler.CONNECT_SECONDS, set_as_default=False, name="xuncha"
                )
        except (OSError, ValueError, ImportError, TypeError):
            raise scheduler.not_connected(address) from None
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Leave the cluster; what still runs there is cancelled."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)

    def _check(self) -> None:
        """Refuse a cluster without workers, or with one that would make other bytes."""
        from xuncha_nb.batch import station

        found = self._client.run(station.look, on_error="return")
        if not found:
            raise ClusterError(
                f"{self._address}：调度器没有工作节点，请在各机器上执行 dask worker {self._address}"
            )
        lines = [line for worker, answer in sorted(found.items()) if (line := self._misfit(
            worker, answer))]  # fmt: skip
        if lines:
            raise ClusterError(
                f"{len(lines)}个工作节点与本机版本不同，出的报告会不一样，没有开始："
                f"{'；'.join(lines)}。请在各机器上安装同样的版本和字体，重启 dask worker 后再执行"
            )

    def _misfit(self, worker: str, answer: object) -> str:
        from xuncha_nb.batch import station

        if not isinstance(answer, Mapping):
            # Not installed there, or too old to know the question.
            return f"{worker}（没有安装 xuncha_nb {self._facts['xuncha_nb']}）"
        told = station.differences(self._facts, answer)
        return f"{answer.get('host', '')} {worker}（{told}）".lstrip() if told else ""

    def running(self) -> tuple[str, ...]:
        """Return the codes of the counties that the workers have begun."""
        return tuple(self._running)

    def run(
        self, jobs: Sequence[Job], idle: Callable[[], None] = lambda: None
    ) -> Iterator[Outcome]:
        """Run jobs; see :meth:`xuncha_nb.batch.local.Executor.run`.

        Raises
        ------
        ClusterError
            If the scheduler or all workers are gone. What was done is done.
        """
        from xuncha_nb.batch import station

        ended: queue.Queue[Any] = queue.Queue()
        by_future: dict[Any, Job] = {}
        try:
            with self._reaching():
                order = self._prepare(jobs)

            def submit(job: Job) -> None:
                future = self._client.submit(
                    station.make,
                    station.resolved(job),
                    order,
                    key=f"{job.code}-{secrets.token_hex(6)}",
                    pure=False,
                    priority=-len(by_future),
                    retries=0,
                )
                by_future[future] = job
                future.add_done_callback(ended.put)

            with self._reaching():
                for job in jobs:
                    submit(job)
            self._heard = self._peopled = time.monotonic()
            while by_future:
                idle()
                try:
                    future = ended.get(timeout=_POLL)
                except queue.Empty:
                    self._look()
                    continue
                job = by_future.pop(future)
                with self._reaching():
                    made = self._outcome(job, future)
                if isinstance(made, Outcome):
                    self._running.pop(job.code, None)
                    yield made
                else:
                    with self._reaching():
                        self._dismiss(made)
                        submit(job)
        finally:
            if self._client.status == "running":
                with contextlib.suppress(Exception):
                    self._client.cancel(list(by_future), force=True)
                    self._client.unregister_worker_plugin(self._topic)
            self.close()

    def _prepare(self, jobs: Sequence[Job]) -> Any:
        """Tell the workers what all counties have in common; return it."""
        from xuncha_nb.batch import station

        parcel = ""
        if jobs and station.travels(jobs[0]):
            parcel = self._topic
            self._client.register_plugin(station.Parcel(station.packed(jobs)), name=parcel)
        if jobs:
            self._require_shared(jobs[0], bool(parcel))
        begun = self._running
        self._client.subscribe_topic(self._topic, lambda event: begun.update({event[1]: None}))
        return station.Order(self._topic, self._limits, self._facts, parcel)

    def _require_shared(self, job: Job, travels: bool) -> None:
        """Refuse workers that do not see the folders of the plan and of the reports."""
        from xuncha_nb.batch import station

        there = station.resolved(job)
        folders = [] if travels else [str(there.base)]
        mark = Path()
        if not storage.is_far(there.out):
            # A folder of the same name on another disk would not have this file.
            mark = there.folder.parent / f".{self._topic}{outputs.PART}"
            try:
                mark.touch()
            except OSError as error:
                where = workspace.display_path(mark.parent)
                raise OutputError(
                    f"{where}：不能写入（{durable.why(error)}），请检查权限和磁盘空间"
                ) from None
            folders.append(str(mark))
        found = self._client.run(station.sees, folders, on_error="return")
        if mark.name:
            mark.unlink(missing_ok=True)
        blind = sorted(worker for worker, answer in found.items() if answer is not True)
        if blind:
            raise ClusterError(
                f"工作节点看不到计划或输出所在的文件夹：{'、'.join(blind)}，"
                "各机器应以同样的路径挂载同一个共享文件夹，"
                "或把计划的 source 和 --out 都写成 s3://、sftp:// 等地址"
            )

    def _look(self) -> None:
        """Find out whether scheduler and workers are there, when nothing was heard for a while."""
        now = time.monotonic()
        if self._client.status != "running":
            if now - self._heard > _GONE_SECONDS:
                raise self._gone()
            return
        self._heard = now
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        with contextlib.suppress(OSError, TimeoutError):
            if self._client.nthreads():
                self._peopled = now
        if now - self._peopled > _DESERTED_SECONDS:
            raise ClusterError(
                f"{self._address}：所有工作节点都已退出，已完成的县不受影响；"
                "请重新执行 dask worker，再次执行同一命令即从中断处继续"
            )

    @contextlib.contextmanager
    def _reaching(self) -> Iterator[None]:
        """Tell of a scheduler that goes in the middle of a question."""
        try:
            yield
        except (OSError, TimeoutError, asyncio.CancelledError, concurrent.futures.CancelledError):
            raise self._gone() from None

    def _outcome(self, job: Job, future: Any) -> Any:
        """Return what became of a job: an outcome, or a misfit that refused it."""
        import distributed

        if future.status == "finished":
            return future.result()
        if future.status == "cancelled":
            raise self._gone()
        error = future.exception()
        if isinstance(error, distributed.KilledWorker):
            told = "执行该县的工作节点多次退出，可能是内存不足，请检查各机器的内存后重试"
        elif isinstance(error, XunchaError):
            return outcomes.failed(job, error)
        else:
            told = f"工作节点出错（{type(error).__name__}），请查看该节点的输出后重试"
        return outcomes.failed(job, CrashError(told))

    def _dismiss(self, misfit: Any) -> None:
        """Send a worker away that came later and would make other bytes."""
        if misfit.worker in self._client.nthreads():
            self._tell(
                f"后加入的工作节点 {misfit.worker} 与本机版本不同（{misfit.told}），已请它退出，"
                "它的县由其他节点做"
            )
            self._client.retire_workers([misfit.worker], close_workers=True)

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"{self._address}：与 Dask 调度器失去联系，已完成的县不受影响；"
            "请重启调度器和工作节点后再次执行同一命令，即从中断处继续"
        )
