"""What decides the bytes of a report, as one hash: by content, never by time.

Data, parameters, adjustments, notebook, everything under ``parameters/``, the package with its
own source, the libraries that draw and set, the fonts, the formats.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xuncha_nb import areas, provenance, sources, workspace
from xuncha_nb.adjustments import store
from xuncha_nb.batch import nearby, storage
from xuncha_nb.errors import XunchaError
from xuncha_nb.runner import Job
from xuncha_nb.sources import database


def with_fingerprints(jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs with their fingerprints; an unreadable source has none.

    What all jobs of a plan share is hashed once.
    """
    by_notebook = {(job.notebook, job.base): job for job in jobs}
    shared = {key: _shared(job) for key, job in by_notebook.items()}
    stored = _stored(jobs) | _fetched(jobs)

    def with_its_own(job: Job) -> Job:
        return replace(job, fingerprint=_of(job, shared[job.notebook, job.base], stored))

    return storage.each(with_its_own, jobs)


def _stored(jobs: Sequence[Job]) -> dict[str, dict[str, str]]:
    """Return address → county → hash of its rows, for the jobs whose ledgers lie in a database.

    All counties in one pass: asked one by one, a country would take minutes.
    """
    counties: dict[str, list[str]] = {}
    for job in jobs:
        if database.is_address(job.parameters.source):
            counties.setdefault(_address(job), []).append(job.code)
    return {address: database.fingerprints(address, codes) for address, codes in counties.items()}


def _fetched(jobs: Sequence[Job]) -> dict[str, dict[str, str]]:
    """Return address → county → hash of the file or folder there, for sources at addresses."""

    def hashed(job: Job) -> str:
        with nearby.brought_near(job) as near:
            return sources.fingerprint(near.parameters.source, job.parameters.county)

    far = [job for job in jobs if storage.is_address(job.parameters.source)]
    found: dict[str, dict[str, str]] = {}
    for job, hash_ in zip(far, storage.each(storage.or_none(hashed), far), strict=True):
        found.setdefault(job.parameters.source, {})[job.code] = hash_ or ""
    return found


def _address(job: Job) -> str:
    return database.absolute(job.parameters.source, job.base)


def _of(job: Job, shared: str, stored: Mapping[str, Mapping[str, str]]) -> str:
    digest = hashlib.sha256(shared.encode())
    # The engine is left out: both give the same bytes.
    parameters = job.parameters.model_dump() | dict(job.own)
    named = job.parameters.adjustments
    files = [job.parameters.source, "" if named == store.NONE else named]
    if database.is_address(job.parameters.source):
        digest.update(stored[_address(job)][job.code].encode())
        parameters["source"] = database.public(job.parameters.source)
        files = files[1:]
    elif storage.is_address(job.parameters.source):
        found = stored[job.parameters.source][job.code]
        if not found:
            return ""
        digest.update(found.encode())
        parameters["source"] = storage.public(job.parameters.source)
        files = files[1:]
    digest.update(json.dumps([parameters, job.formats], sort_keys=True).encode())
    try:
        county = areas.find(job.parameters.county)
        for source in files:
            if source:
                digest.update(sources.fingerprint(source, job.parameters.county, job.base).encode())
    except (XunchaError, OSError):
        return ""  # the run itself says what is wrong with it
    digest.update((county.name if county is not None else "").encode())
    if not named:
        # Without a name it is the workspace's own file: which of the county's files depends on
        # the cut-off, and there are few.
        folder = store.standard_path(job.code, job.parameters.window(), job.base).parent
        provenance.add(digest, sorted(folder.glob("*.yaml")))
    return digest.hexdigest()


def _shared(job: Job) -> str:
    digest = hashlib.sha256(provenance.program().encode())
    digest.update(workspace.notebook(job.notebook, job.base).read_bytes())
    for folder in (workspace.root(job.base), workspace.packaged()):
        provenance.add(digest, sorted((folder / "parameters").glob("*.yaml")))
    provenance.add(digest, provenance.font_files(workspace.root(job.base)))
    return digest.hexdigest()
