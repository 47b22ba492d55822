"""What a Dask worker does for a batch: one county in a process of its own, from a warm one.

The worker's task hands the county to a local executor of one place, whose fork server stays with
the worker. So a notebook that crashes takes no worker along, limits hold, and nothing leaks.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import socket
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from distributed import WorkerPlugin, get_worker

from xuncha_nb import provenance, workspace
from xuncha_nb.batch import nearby, scratch, storage
from xuncha_nb.batch.local import Executor
from xuncha_nb.batch.outcomes import Outcome
from xuncha_nb.batch.worker import Limits, kept
from xuncha_nb.errors import ClusterError, CrashError
from xuncha_nb.runner import Job
from xuncha_nb.sources import database

_MISSING: Final = "未安装"


@dataclass(frozen=True)
class Misfit:
    """Told instead of an outcome: this worker would make other bytes.

    Attributes
    ----------
    worker : str
        Address of the worker.
    told : str
        What differs, for a message.
    """

    worker: str
    told: str


@dataclass(frozen=True)
class Order:
    """What every county of a batch has in common.

    Attributes
    ----------
    topic : str
        Under which the worker tells what it begins.
    limits : Limits
    facts : mapping of str to str
        :func:`provenance.facts` of the machine that asks.
    parcel : str
        Name of the plugin with the workspace; empty when the workers see its folder.
    """

    topic: str
    limits: Limits
    facts: Mapping[str, str]
    parcel: str = ""


def differences(own: Mapping[str, str], other: Mapping[str, str]) -> str:
    """Return what of a worker differs, with both versions; empty if nothing does.

    Parameters
    ----------
    own, other : mapping of str to str
        Facts of the machine that asks, and of the worker.
    """
    named = [name for name in own if other.get(name, _MISSING) != own[name]]
    return "、".join(
        f"{name} 应为 {own[name]}，实为 {other.get(name, _MISSING)}" for name in named[:4]
    ) + (f"等{len(named)}项" if len(named) > 4 else "")


def make(job: Job, order: Order) -> Outcome | Misfit:
    """Make one report; the task of a Dask worker."""
    worker: Any = get_worker()
    told = differences(order.facts, provenance.facts())
    if told:
        return Misfit(worker.address, told)
    key = worker.get_current_task()

    def idle() -> None:
        """Stop when nobody waits for this county any more: its batch was stopped or killed."""
        state = worker.state.tasks.get(key)
        if state is None or state.state == "cancelled":
            raise ClusterError("批次已停止")

    with contextlib.suppress(OSError):
        worker.log_event(order.topic, job.code)
    _settle_in()
    base = worker.plugins[order.parcel].folder if order.parcel else None
    with nearby.brought_near(job, base) as near:
        stream = Executor(1, order.limits).run([near], idle)
        with contextlib.closing(stream):  # type: ignore[type-var]
            for outcome in stream:
                return nearby.delivered(job, near, outcome, kept(near))
    raise CrashError("没有结果")


def dask_setup(worker: Any) -> None:
    """Load before the first batch asks: ``dask worker --preload xuncha_nb.batch.station``."""
    _settle_in()
    Executor(1, Limits()).load()


def _settle_in() -> None:
    """Make this process, which Dask has made for its own tasks, one that counties are made from.

    Dask's workers are daemons of their nannies, and Python refuses daemons children, so that none
    is left behind: ours are tied to their parent's life by the system. And Dask has its workers
    give memory back at once: a county would inherit that and take two fifths more page faults,
    while its memory is given back with its process.
    """
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    os.environ.pop("MALLOC_TRIM_THRESHOLD_", None)


def look() -> dict[str, str]:
    """Return what has to be equal everywhere, and the name of this machine."""
    return {**provenance.facts(), "host": socket.gethostname()}


def sees(paths: Sequence[str]) -> bool:
    """Whether this machine has all of these files and folders."""
    return all(Path(path).exists() for path in paths)


class Parcel(WorkerPlugin):
    """A Dask worker plugin that brings the workspace along: notebook and parameters, no ledgers.

    Parameters
    ----------
    content : bytes
        As :func:`packed` returned it.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._scratch: contextlib.ExitStack | None = None
        self.folder = Path()

    def setup(self, worker: Any) -> None:
        """Unpack on a worker, also on one that joins later."""
        self._scratch = contextlib.ExitStack()
        self.folder = self._scratch.enter_context(scratch.folder())
        with zipfile.ZipFile(io.BytesIO(self._content)) as archive:
            archive.extractall(self.folder)

    def teardown(self, worker: Any) -> None:
        """Take the folder away."""
        if self._scratch is not None:
            self._scratch.close()


def packed(jobs: Sequence[Job]) -> bytes:
    """Return notebook, parameters and adjustments of a plan as a zip file."""
    base = jobs[0].base
    root = workspace.root(base)
    files = {f"notebooks/{Path(jobs[0].notebook).stem}.ipynb": workspace.notebook(
        jobs[0].notebook, base)}  # fmt: skip
    for path in sorted((root / "parameters").rglob("*.yaml")):
        files[path.relative_to(root).as_posix()] = path
    for job in jobs:
        named = job.parameters.adjustments
        if named and not Path(named).is_absolute() and (base / named).is_file():
            files[Path(named).as_posix()] = base / named
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            archive.write(path, name)
    return stream.getvalue()


def travels(job: Job) -> bool:
    """Whether a job needs no folder that all machines see, so that its workspace must travel."""
    source = job.parameters.source
    in_database = database.is_address(source) and not source.startswith("sqlite")
    return in_database or storage.is_address(source)


def resolved(job: Job) -> Job:
    """Return a job whose folders mean the same on every machine."""
    out = job.out if storage.is_far(job.out) else Path(os.path.abspath(job.out))  # noqa: PTH100
    return replace(job, out=out, base=job.base.resolve())
