"""Jobs whose inputs or outputs lie at an address, made on this machine all the same."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, cast

from xuncha_nb.batch import outcomes, scratch, storage
from xuncha_nb.batch.outcomes import Outcome
from xuncha_nb.errors import XunchaError
from xuncha_nb.runner import Job


@contextlib.contextmanager
def brought_near(job: Job, base: Path | None = None) -> Iterator[Job]:
    """Give a job whose files are all on this machine, and take the folder away afterwards.

    Parameters
    ----------
    job : Job
    base : Path, optional
        The workspace on this machine, where it is another.

    Raises
    ------
    SourceError
        If the source cannot be fetched.
    """
    if not (storage.is_address(job.parameters.source) or storage.is_far(job.out)):
        yield replace(job, base=base or job.base)
        return
    with scratch.folder() as folder:
        yield _brought(job, folder, base)


def _brought(job: Job, folder: Path, base: Path | None = None) -> Job:
    parameters = job.parameters
    if storage.is_address(parameters.source):
        here = storage.fetch(parameters.source, parameters.county, folder / "data")
        parameters = parameters.model_copy(update={"source": str(here)})
    out = folder / "out" if storage.is_far(job.out) else job.out
    return replace(job, parameters=parameters, out=out, base=base or job.base)


def delivered(job: Job, near: Job, outcome: Outcome, partial: Path) -> Outcome:
    """Deliver what a job made nearby; return what became of it.

    Parameters
    ----------
    job, near : Job
        As asked for, and as it was made.
    outcome : Outcome
    partial : Path
        The partial notebook of a failed county, nearby.
    """
    if not storage.is_far(job.out):
        return outcome
    made = near.folder if outcome.error is None else partial.parent
    target = job.folder if outcome.error is None else job.folder.parent / "failed" / job.code
    if not made.is_dir():
        return outcome
    try:
        storage.deliver(made, target)
    except XunchaError as error:
        return outcomes.failed(job, error, attempts=outcome.attempts)
    return outcome


class Runner(Protocol):
    """What makes reports on this machine."""

    def run(self, jobs: Sequence[Job], idle: Callable[[], None]) -> Iterator[Outcome]:
        """Yield what became of each job."""
        ...

    def running(self) -> tuple[str, ...]:
        """Return the codes of the counties being made."""
        ...


class Nearby:
    """The local executor for jobs whose inputs or outputs lie at an address.

    Parameters
    ----------
    executor : Runner
    partial : callable
        Where the partial notebook of a job is kept.
    """

    def __init__(self, executor: Runner, partial: Callable[[Job], Path]) -> None:
        self._executor, self._partial = executor, partial

    def running(self) -> tuple[str, ...]:
        """Return the codes of the counties being made."""
        return self._executor.running()

    def run(self, jobs: Sequence[Job], idle: Callable[[], None]) -> Iterator[Outcome]:
        """Fetch, run and deliver; see :meth:`xuncha_nb.batch.local.Executor.run`."""
        with scratch.folder() as folder:

            def bring(job: Job) -> Job | Outcome:
                try:
                    return _brought(job, folder / job.code)
                except XunchaError as error:
                    return outcomes.failed(job, error)

            found = storage.each(bring, jobs)
            by_code = {job.code: job for job in jobs}
            near = {job.code: job for job in found if isinstance(job, Job)}
            yield from (outcome for outcome in found if isinstance(outcome, Outcome))
            stream = self._executor.run(list(near.values()), idle)
            with contextlib.closing(cast(Any, stream)):
                for outcome in stream:
                    job = near[outcome.code]
                    yield delivered(by_code[outcome.code], job, outcome, self._partial(job))
                    shutil.rmtree(folder / outcome.code, ignore_errors=True)
