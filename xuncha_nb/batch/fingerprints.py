"""What decides the bytes of a report, as one hash: by content, never by time.

Data, parameters, adjustments, notebook, everything under ``parameters/``, the package with its
own source, the libraries that draw and set, the fonts, the formats.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from xuncha_nb import __version__, areas, fonts, paper, sources, workspace
from xuncha_nb.adjustments import store
from xuncha_nb.batch import storage
from xuncha_nb.errors import XunchaError
from xuncha_nb.runner import Job
from xuncha_nb.sources import database

_PACKAGE: Final = Path(__file__).resolve().parents[1]
#: Libraries whose edition can show in a report.
_LIBRARIES: Final = (
    "fonttools",
    "ipykernel",
    "ipython",
    "jinja2",
    "matplotlib",
    "mistune",
    "nbclient",
    "nbformat",
    "numpy",
    "pandas",
    "papermill",
    "pydantic",
    "pypandoc_binary",
    "python-calamine",
    "typst",
    "uharfbuzz",
    "xlsxwriter",
)


def with_fingerprints(jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs with their fingerprints; an unreadable source has none.

    What all jobs of a plan share is hashed once.
    """
    shared: dict[tuple[str, Path], str] = {}
    stored = _stored(jobs) | _fetched(jobs)
    made = []
    for job in jobs:
        key = (job.notebook, job.base)
        if key not in shared:
            shared[key] = _shared(job)
        made.append(replace(job, fingerprint=_of(job, shared[key], stored)))
    return made


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
        with storage.nearby(job) as near:
            return sources.fingerprint(near.parameters.source, job.parameters.county)

    far = [job for job in jobs if storage.is_address(job.parameters.source)]
    found: dict[str, dict[str, str]] = {}
    for job, hash_ in zip(far, storage.each(storage.or_none(hashed), far, far=True), strict=True):
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
        _add(digest, sorted(folder.glob("*.yaml")))
    return digest.hexdigest()


def _shared(job: Job) -> str:
    digest = hashlib.sha256(program().encode())
    digest.update(workspace.notebook(job.notebook, job.base).read_bytes())
    for folder in (workspace.root(job.base), workspace.packaged()):
        _add(digest, sorted((folder / "parameters").glob("*.yaml")))
    _add(digest, _font_files(workspace.root(job.base)))
    return digest.hexdigest()


@functools.cache
def program() -> str:
    """Return the hash of the package, of what it stands on, and of the fonts."""
    digest = hashlib.sha256(__version__.encode())
    suffixes = {".py", ".yaml", ".typ", ".j2", ".css", ".js", ".xml"}
    own = (p for p in _PACKAGE.rglob("*") if p.suffix in suffixes and "packaged" not in p.parts)
    _add(digest, sorted(own))
    for name in _LIBRARIES:
        try:
            digest.update(f"{name}=={importlib.metadata.version(name)}".encode())
        except importlib.metadata.PackageNotFoundError:
            digest.update(f"{name} absent".encode())
    _add(digest, _font_files(workspace.packaged()))
    return digest.hexdigest()


def facts() -> dict[str, str]:
    """Return by name what has to be equal on every machine that makes reports of one batch.

    Versions of the package, of Python and of the libraries, and short hashes of the package's own
    files and of the fonts: if nothing differs, :func:`program` is equal.
    """
    versions = {"xuncha_nb": __version__, "python": ".".join(platform.python_version_tuple()[:2])}
    for name in _LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    fonts_used = hashlib.sha256()
    _add(fonts_used, _font_files(workspace.packaged()))
    return versions | {"字体": fonts_used.hexdigest()[:8], "程序文件": program()[:8]}


def _font_files(folder: Path) -> list[Path]:
    """Return the files of the fonts that a workspace's documents are set in."""
    families = {told["used"] for told in paper.load(folder).fonts_used().values()}
    return sorted(Path(fonts.files()[family][0]) for family in families)


def _add(digest: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in paths:
        digest.update(path.name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
