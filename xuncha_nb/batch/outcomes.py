"""What became of one county of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xuncha_nb import areas, outputs
from xuncha_nb.errors import XunchaError
from xuncha_nb.runner import Job, Result


@dataclass(frozen=True)
class Outcome:
    """What became of one county of a plan.

    Attributes
    ----------
    code, county : str
    error : XunchaError or None
        Why there is no new report.
    seconds : float
        What the report took, from start to end.
    warnings : int
        Warnings of the check.
    figures : mapping of str to str
        Printed key figures, for the index.
    files : tuple of str
        Files of the report.
    skipped : bool
        Whether the report was there already, made from the same inputs.
    attempts : int
        How often it was tried.
    memory_mb : int
        Most memory that its process held, in megabytes; 0 where that is not known.
    """

    code: str
    county: str
    error: XunchaError | None = None
    seconds: float = 0.0
    warnings: int = 0
    figures: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    skipped: bool = False
    attempts: int = 1
    memory_mb: int = 0


def county_of(job: Job) -> str:
    """Return the name of a job's county."""
    area = areas.find(job.parameters.county)
    return area.name if area is not None else job.parameters.county


def failed(job: Job, error: XunchaError, **more: Any) -> Outcome:
    """Return the outcome of a job that failed."""
    return Outcome(job.code, county_of(job), error, **more)


def done(job: Job, result: Result, **more: Any) -> Outcome:
    """Return the outcome of a job that succeeded."""
    return Outcome(
        job.code,
        county_of(job),
        None,
        result.seconds,
        sum(v["severity"] == "warning" for v in result.record["verdicts"]),
        outputs.headline(result.record["figures"]),
        result.files,
        **more,
    )
