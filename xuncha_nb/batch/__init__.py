"""Many jobs from one plan: a failure stays with its county; the summary tells everything."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from xuncha_nb.batch import fingerprints, resumption, storage
from xuncha_nb.batch.journal import Journal
from xuncha_nb.batch.outcomes import Outcome
from xuncha_nb.batch.plan import jobs
from xuncha_nb.batch.summary import summarise
from xuncha_nb.batch.worker import Limits, kept
from xuncha_nb.errors import StorageError, XunchaError
from xuncha_nb.runner import Job

__all__ = ["Batch", "Limits", "Outcome", "Runner", "Shown", "jobs", "summarise"]


class Runner(Protocol):
    """What makes reports: the local executor or a cluster."""

    def run(self, jobs: Sequence[Job], idle: Callable[[], None]) -> Iterator[Outcome]:
        """Yield what became of each job, in the order they end."""
        ...

    def running(self) -> tuple[str, ...]:
        """Return the codes of the counties being made."""
        ...


class Shown(Protocol):
    """Who is told while a batch runs."""

    def running(self, codes: tuple[str, ...]) -> None:
        """Take which counties are being made."""
        ...

    def ended(self, outcome: Outcome) -> None:
        """Take what became of a county."""
        ...


@dataclass
class Batch:
    """One run over the jobs of a plan.

    Attributes
    ----------
    jobs : list of Job
        As :func:`jobs` returned them; with fingerprints after :meth:`prepare`.
    force : bool
        Whether reports are made anew though nothing changed.
    outcomes : dict of str to Outcome
        By county code.
    """

    jobs: list[Job]
    force: bool = False
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder of the counties' folders."""
        return self.jobs[0].folder.parent

    @property
    def waiting(self) -> list[Job]:
        """Jobs of which nothing is known yet."""
        return [job for job in self.jobs if job.code not in self.outcomes]

    @property
    def failed(self) -> list[Outcome]:
        """What failed, in the order of the plan."""
        found = [self.outcomes.get(job.code) for job in self.jobs]
        return [o for o in found if o is not None and o.error is not None]

    @property
    def skipped(self) -> int:
        """How many reports were there already."""
        return sum(o.skipped for o in self.outcomes.values())

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for this batch and find out what is done already.

        Raises
        ------
        OutputError
            If another batch holds it, or it cannot be written.
        """
        with resumption.alone(self.folder):
            self.jobs = fingerprints.with_fingerprints(self.jobs)
            if not self.force:
                for outcome in storage.each(resumption.finished, self.jobs):
                    if outcome is not None:
                        self.outcomes[outcome.code] = outcome
                self._forget_failures()
            yield

    def _forget_failures(self) -> None:
        """Take away what failed batches kept of counties whose reports are there.

        One that was made anew by force and failed has its good report still.
        """
        with contextlib.suppress(OSError):
            for kept_folder in list((self.folder / "failed").iterdir()):
                if kept_folder.name in self.outcomes:
                    storage.remove(kept_folder)

    def run(self, runner: Runner, shown: Shown) -> None:
        """Make the reports that are waiting; whatever happens, the summary is written.

        Raises
        ------
        StorageError
            If the disk is full: no other report would fare better.
        XunchaError
            If the cluster is gone.
        KeyboardInterrupt
            If the user stops it. In every case what is done is done, and the same command goes
            on from there.
        """
        with Journal(self.folder) as journal:
            journal.note("begin", counties=len(self.jobs), waiting=len(self.waiting))
            ending = "stopped"
            try:
                self._run(runner, shown, journal)
                ending = "end"
            finally:
                journal.note(ending, failed=len(self.failed), waiting=len(self.waiting))
                with contextlib.suppress(OSError):
                    self._summarise()

    def _run(self, runner: Runner, shown: Shown, journal: Journal) -> None:
        by_code = {job.code: job for job in self.jobs}
        stream = runner.run(self.waiting, lambda: shown.running(runner.running()))
        with contextlib.closing(stream):  # type: ignore[type-var]
            for outcome in stream:
                self.outcomes[outcome.code] = outcome
                if outcome.error is None:
                    storage.remove(kept(by_code[outcome.code]).parent)
                else:
                    _keep_reason(by_code[outcome.code], outcome)
                journal.outcome(outcome)
                shown.ended(outcome)
                if isinstance(outcome.error, StorageError):
                    raise outcome.error

    def _summarise(self) -> None:
        storage.remove_empty(self.folder / "failed")
        summarise([self.outcomes.get(job.code) or _not_done(job) for job in self.jobs], self.folder)


def _not_done(job: Job) -> Outcome:
    from xuncha_nb.batch.outcomes import failed

    return failed(job, XunchaError("尚未生成，再次执行同一命令即可继续"))


def _keep_reason(job: Job, outcome: Outcome) -> None:
    """Write why a county failed beside its partial notebook."""
    path = kept(job).with_name("reason.txt")
    cell = f"单元格：第{outcome.error.cell}个\n" if outcome.error and outcome.error.cell else ""
    with contextlib.suppress(OSError):
        told = f"{outcome.code} {outcome.county}\n{cell}{outcome.error}\n"
        storage.write(path, told.encode())
