"""One job: a notebook executed by papermill, exported, and put in place whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from xuncha_nb import areas, execution, guard, outputs, regions, signature, sources, workspace
from xuncha_nb.adjustments import durable
from xuncha_nb.document import MIME
from xuncha_nb.errors import (
    ExportError,
    OutputError,
    StorageError,
    XunchaError,
)
from xuncha_nb.execution import Engine, Watch
from xuncha_nb.parameters import FORMATS, SAMPLE, Format, RunParameters, validated
from xuncha_nb.personal import Watchlist
from xuncha_nb.sources import database
from xuncha_nb.yamlfile import read_yaml

#: Behind the notebook's name, in the folder of its public edition.
PUBLIC: Final = "-public"


@dataclass(frozen=True)
class Job:
    """One report to make.

    Attributes
    ----------
    notebook : str
        Name or path of the notebook.
    parameters : RunParameters
    out : Path
        The ``outputs`` folder.
    base : Path
        Folder that ``source`` is relative to.
    formats : tuple of str
    own : mapping of str to str, int, float or bool
        The notebook's own parameters that are given.
    engine : {'xuncha', 'nbclient'}
        Both give the same bytes.
    fingerprint : str
        Of everything that decides the report's bytes, for the manifest; empty if unknown.
    """

    notebook: str
    parameters: RunParameters
    out: Path
    base: Path
    formats: tuple[Format, ...] = FORMATS
    own: Mapping[str, signature.Value] = field(default_factory=dict)
    engine: Engine = "xuncha"
    fingerprint: str = ""

    @property
    def code(self) -> str:
        """Folder name of the county: its code when it has one, else its name."""
        county = self.parameters.county
        place = areas.find(county) or regions.find(county)
        return place.code if place is not None else county

    @property
    def folder(self) -> Path:
        """Where the report will lie: ``out/<period>/<notebook>/<county>``.

        The public edition lies beside the internal one, in ``<notebook>-public``: neither
        replaces the other, and what may be handed out is in a folder of its own.
        """
        window = self.parameters.window()
        edition = "" if self.parameters.edition == "内部" else PUBLIC
        name = f"{Path(self.notebook).stem}{edition}"
        return self.out / str(window.period) / name / self.code


@dataclass(frozen=True)
class Result:
    """What a job made.

    Attributes
    ----------
    folder : Path
    files : tuple of str
    record : dict
        The notebook's record: figures, verdicts, parameters.
    seconds : float
    """

    folder: Path
    files: tuple[str, ...]
    record: dict[str, Any]
    seconds: float


def read_parameters(
    path: Path, notebook: str, base: Path | None = None
) -> tuple[RunParameters, dict[str, signature.Value]]:
    """Read a parameter file, as papermill's ``-f`` takes it.

    Returns
    -------
    tuple
        The parameters of every notebook, and the notebook's own.

    Raises
    ------
    ParameterError
        If a name is unknown or a value is of the wrong type.
    """
    where = workspace.display_path(path)
    own = signature.own_parameters(workspace.notebook(notebook, base))
    common, mine = signature.split(read_yaml(path), own, where)
    return validated(RunParameters, common, where), mine


def notebook_of(path: Path) -> str:
    """Return the notebook a parameter file is for: ``half_year_summary.huaian.yaml``."""
    stem = path.name.partition(".")[0]
    return stem if stem in workspace.notebooks() else "half_year_summary"


def check_job(job: Job) -> None:
    """Refuse what can be refused before anything starts.

    Raises
    ------
    ParameterError
        If there is no such notebook, or it has no parameters cell.
    SourceError
        If the source does not exist.
    """
    signature.own_parameters(workspace.notebook(job.notebook, job.base))
    sources.require(job.parameters.source, job.parameters.county, job.base)


def run(job: Job, watch: Watch | None = None) -> Result:
    """Execute, export and put in place.

    Parameters
    ----------
    job : Job
    watch : Watch, optional

    Returns
    -------
    Result

    Raises
    ------
    XunchaError
        With nothing left behind under the outputs folder, and the last good report intact.
    """
    started = time.monotonic()
    check_job(job)
    target = job.folder
    _check_writable(target)
    notebook = _executed(job, watch or Watch())
    record = _record(notebook)
    # Nothing is made under the outputs folder before there is a report to put there.
    # Named by lot: on a cluster, processes of two machines may have one number.
    stage = target.parent / f".{target.name}.{secrets.token_hex(8)}{outputs.PART}"
    try:
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
        outputs.write(
            stage,
            notebook,
            record,
            job.formats,
            workspace.notebook(job.notebook, job.base),
            workspace.root(job.base) / "parameters",
            started,
            job.fingerprint,
            _watches(job, record),
            request_of(job),
        )
        outputs.put_in_place(stage, target)
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        for folder in (target.parent, target.parent.parent):
            with contextlib.suppress(OSError):
                folder.rmdir()  # only when nothing is in it
    files = tuple(sorted(p.name for p in target.iterdir()))
    return Result(target, files, record, time.monotonic() - started)


def _check_writable(target: Path) -> None:
    """Refuse a folder that cannot be made before the work is done, not after."""
    nearest = next(folder for folder in target.resolve().parents if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise OutputError(
            f"{workspace.display_path(nearest)}：不能写入，请检查权限或用 --out 换一个文件夹"
        )


def _unwritable(path: Path, error: OSError) -> OutputError:
    where = workspace.display_path(path)
    if outputs.is_full(error):
        return StorageError(
            f"{where}：磁盘已满或不可写（{durable.why(error)}），请腾出空间后重新执行"
        )
    return OutputError(f"{where}：不能写入（{durable.why(error)}），请检查权限和磁盘空间")


def _executed(job: Job, watch: Watch) -> Any:
    given = job.parameters.model_dump() | dict(job.own)
    environment = {workspace.VARIABLE: str(workspace.root(job.base)), guard.LATER: "1"}
    cwd, source = job.base, job.parameters.source
    if database.is_address(source):
        # User and password stay out of the notebook.
        environment[database.VARIABLE] = database.absolute(source, job.base)
        given["source"] = database.public(source)
    elif source != SAMPLE and Path(source).is_absolute():
        # An absolute path would stay in the notebook: run where the file is instead.
        cwd, given["source"] = Path(source).parent, Path(source).name
    path = workspace.notebook(job.notebook, job.base)
    return execution.execute(path, given, cwd.resolve(), job.engine, watch, environment)


def request_of(job: Job) -> dict[str, Any]:
    """Return what a job asked for, without a password and without folders of the machine.

    ``base`` is the folder that the source is relative to, as seen from the workspace.
    """
    given = job.parameters.model_dump() | dict(job.own)
    source = job.parameters.source
    if database.is_address(source):
        given["source"] = database.public(source)
    elif Path(source).is_absolute():
        given["source"] = Path(source).name
    root, base = workspace.root(job.base).resolve(), job.base.resolve()
    inside = base.is_relative_to(root)
    return {
        "parameters": given,
        "own": sorted(job.own),
        "formats": list(job.formats),
        "base": base.relative_to(root).as_posix() if inside else "",
    }


def _watches(job: Job, record: Mapping[str, Any]) -> tuple[Watchlist, ...]:
    """Return what the confidential columns hold that the notebook's process did not read.

    Papermill's own engine runs the notebook in another process: the source is looked at again.
    """
    with contextlib.suppress(XunchaError):
        watch = sources.watch_of(
            record["source"]["sha256"], job.parameters.source, job.parameters.county, job.base
        )
        return (watch,) if watch is not None else ()
    return ()


def _record(notebook: Any) -> dict[str, Any]:
    for cell in reversed(notebook.cells):
        for output in cell.get("outputs", []):
            record = output.get("data", {}).get(MIME, {}).get("record")
            if record:
                return dict(record)
    raise ExportError("笔记本没有记录指标：最后应有一个 report.record() 单元格，请补上")
