"""Which counties are done already, and that one batch at a time writes a folder."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from xuncha_nb import outputs, workspace
from xuncha_nb.adjustments import durable
from xuncha_nb.batch import storage
from xuncha_nb.batch.outcomes import Outcome, county_of
from xuncha_nb.errors import OutputError
from xuncha_nb.runner import Job

_LOCK: Final = ".lock"


def finished(job: Job) -> Outcome | None:
    """Return the outcome of a job whose report is there, made from the same inputs; else None.

    The manifest is the last word of a report: a folder without one, with another fingerprint,
    or whose files are missing or of another size, is made anew.
    """
    if not job.fingerprint:
        return None
    folder = storage.own(job.folder)
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        if manifest["inputs"]["fingerprint"] != job.fingerprint:
            return None
        if not {f"report.{name}" for name in job.formats} <= manifest["sizes"].keys():
            return None
        for name, size in manifest["sizes"].items():
            if (folder / name).stat().st_size != size:
                return None
        return Outcome(
            job.code,
            county_of(job),
            None,
            0.0,
            sum(v["severity"] == "warning" for v in manifest["verdicts"]),
            manifest["headline"],
            tuple(sorted([*manifest["sizes"], "manifest.json"])),
            skipped=True,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a notebook's folder for one batch, and take away what killed batches left in it.

    Raises
    ------
    OutputError
        If another batch holds it, or it cannot be written.
    """
    where = workspace.display_path(folder)
    if storage.is_far(folder):
        # No address knows a lock: two batches there do the same work twice, to the same bytes.
        with storage.prepared(folder):
            yield
        return
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            held = stack.enter_context(durable.held(folder / _LOCK))
            if held:
                outputs.sweep(folder)
        except OSError as error:
            raise OutputError(
                f"{where}：不能写入（{durable.why(error)}），"
                "请检查权限和磁盘空间，或用 --out 换一个文件夹"
            ) from None
        if not held:
            raise OutputError(
                f"{where}：另一个批次正在写这个文件夹，请等它结束，或用 --out 换一个文件夹"
            )
        try:
            yield
        finally:
            # What cannot be taken away now the next run takes away.
            with contextlib.suppress(OSError):
                outputs.sweep(folder)
