"""The files of one report, and how its folder appears: whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import platform
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from xuncha_nb import __version__, confidential, guard, provenance
from xuncha_nb.adjustments import durable
from xuncha_nb.document import MIME
from xuncha_nb.parameters import FORMATS, Format
from xuncha_nb.personal import Watchlist
from xuncha_nb.provenance import file_hash
from xuncha_nb.record import HEAD, as_json, figures_json

#: Endings of what is begun and of what is about to be replaced, hidden beside the reports.
PART: Final = ".part"
OLD: Final = ".old"
#: The report's own record, and the key of its seal.
MANIFEST: Final = "manifest.json"
SEAL: Final = "seal"
#: Figures that the index of a batch shows of every county.
KEY_FIGURES: Final = ("rounds_total", "units_inspected", "findings_total", "coverage_rate")
#: ``AT_FDCWD`` and ``RENAME_EXCHANGE`` of Linux.
_HERE: Final = -100
_EXCHANGE: Final = 2


@cache
def _exporter(name: Format) -> Any:
    """Return the exporter of a format; one instance a process, since the first use is slow."""
    if name == "html":
        from xuncha_nb.exporters.html import XunchaHTMLExporter

        return XunchaHTMLExporter()
    if name == "pdf":
        from xuncha_nb.exporters.pdf import XunchaPDFExporter

        return XunchaPDFExporter()
    from xuncha_nb.exporters.docx import XunchaDocxExporter

    return XunchaDocxExporter()


def preload(notebook: Any) -> None:
    """Make and use once what can be without starting a thread: for a process about to fork.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Any executed report notebook.
    """
    from xuncha_nb.document import from_notebook
    from xuncha_nb.places import places
    from xuncha_nb.workbook import figures_workbook

    for name in FORMATS:
        _exporter(name)
    # PDF and Word draw pages, and the library that does starts threads.
    _exporter("html").from_notebook_node(notebook)
    notebook_bytes(notebook)
    content = from_notebook(notebook)
    assert content.record is not None
    figures_workbook(content.record, places(content))


def _without_originals(notebook: Any) -> None:
    """Take the adjustments out of a public notebook's record: the manifest alone has them."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            piece = output.get("data", {}).get(MIME) or {}
            if piece.get("record"):
                piece["record"] |= {"adjustments": []}


def write(
    stage: Path,
    notebook: Any,
    record: dict[str, Any],
    formats: Sequence[Format],
    notebook_path: Path,
    parameters: Path,
    started: float,
    fingerprint: str = "",
    watches: Sequence[Watchlist] = (),
    request: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write every file of a report into a folder that nobody sees yet.

    Parameters
    ----------
    stage : Path
        The folder, empty.
    notebook : nbformat.NotebookNode
        The executed notebook, without times and paths.
    record : dict
        Its record: figures, verdicts, parameters.
    formats : sequence of str
        Formats to export.
    notebook_path, parameters : Path
        The notebook as it was before, and the parameters folder: their hashes go to the
        manifest.
    started : float
        ``time.monotonic()`` at the start, for the manifest.
    fingerprint : str
        Of everything that decides these files, for the manifest; empty if unknown.
    watches : sequence of Watchlist
        What the source's confidential columns hold, as hashes.
    request : mapping
        What was asked for, by which the inputs are found again.

    Raises
    ------
    ConfidentialError
        If a file would have what must not leave; no file has been written of it then.
    """
    from xuncha_nb import paper
    from xuncha_nb.exporters import glyphs
    from xuncha_nb.exporters.base import collected
    from xuncha_nb.places import places
    from xuncha_nb.workbook import figures_workbook

    if record["edition"] == "公开":
        _without_originals(notebook)
    document = collected(notebook)
    allowed = confidential.load(parameters.parent).allowed
    # The same document goes into every format: one look at it serves them all.
    texts = itertools.chain(guard.of_document(document), guard.of_notebook(notebook))
    guard.refuse(texts, allowed, watches)
    hashes: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def write_early(name: str, content: bytes) -> None:
        durable.write_early(stage / name, content)
        hashes[name], sizes[name] = hashlib.sha256(content).hexdigest(), len(content)

    write_early("report.ipynb", notebook_bytes(notebook))
    for name in formats:
        exporter = _exporter(name)
        exporter.workspace = str(parameters.parent)
        body = exporter.render(document)
        content = body.encode() if isinstance(body, str) else body
        write_early(f"report.{name}", content)
    write_early("figures.json", figures_json(record))
    told = document.record or record
    write_early("figures.xlsx", figures_workbook(told, places(document)))
    options = paper.load(parameters.parent)
    manifest = {key: record[key] for key in HEAD} | {
        "inputs": {
            "fingerprint": fingerprint,
            "source": record["source"],
            "adjustments": record.get("adjustments_file", {}),
            "request": dict(request),
            "notebook": file_hash(notebook_path),
            "parameters": {p.name: file_hash(p) for p in sorted(parameters.glob("*.yaml"))},
            "program": provenance.program(),
            "fonts": provenance.font_hashes(parameters.parent),
        },
        # Of what was meant to be written: a file that the disk has otherwise will not agree.
        "outputs": dict(sorted(hashes.items())),
        "sizes": dict(sorted(sizes.items())),
        "headline": headline(record["figures"]),
        "fonts": options.fonts_used(),
        "characters_from_other_fonts": glyphs.filled_in(document, options),
        "adjustments": record["adjustments"],
        "charts": record.get("charts", []),
        "verdicts": record["verdicts"],
        "versions": {
            "xuncha_nb": __version__,
            "python": platform.python_version(),
            "platform": platform.system(),
        },
        "finished": datetime.now().astimezone().isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 2),
    }
    guard.refuse(guard.of_json("manifest.json", manifest), allowed, watches)
    _write_json(stage / MANIFEST, manifest | {SEAL: sealed(manifest)})


def notebook_bytes(notebook: Any) -> bytes:
    """Return a notebook's file, as nbformat writes it.

    nbformat copies the whole notebook and indents in Python; these are its own steps on a copy
    of what they change, and ``tests/test_runner.py`` holds them to its bytes.
    """
    from nbformat.v4.rwbase import split_lines, strip_transient

    made = _shallow(notebook)
    made["metadata"] = _shallow(notebook["metadata"])
    made["cells"] = [_cell_copied(cell) for cell in notebook["cells"]]
    content = strip_transient(split_lines(made))
    return as_json(content, in_order=True)


def _cell_copied(cell: Any) -> Any:
    """Return a cell whose lines can be split without touching the notebook's."""
    made = _shallow(cell)
    made["metadata"] = _shallow(cell["metadata"])
    if "attachments" in cell:
        kept = cell["attachments"].items()
        made["attachments"] = {name: _shallow(files) for name, files in kept}
    if "outputs" in cell:
        made["outputs"] = [_shallow(output) for output in cell["outputs"]]
        for output in made["outputs"]:
            if "data" in output:
                dict.__setitem__(output, "data", _shallow(output["data"]))
    return made


def _shallow(node: Any) -> Any:
    """Return a copy that shares its parts: ``copy.copy`` sets each of a node's anew."""
    made = type(node)()
    dict.update(made, node)
    return made


def _write_json(path: Path, data: Any) -> None:
    durable.write_early(path, as_json(data))


def sealed(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a manifest says, its own seal left out.

    It finds a manifest that was changed by accident or by somebody who does not know of it; who
    renews it as well is not found.
    """
    content = {key: value for key, value in manifest.items() if key != SEAL}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def headline(figures: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the printed key figures of a record, for the index of a batch."""
    by_id = {f["id"]: f for f in figures}
    return {id: f"{by_id[id]['text']}{by_id[id]['unit']}" for id in KEY_FIGURES if id in by_id}


def replace(path: Path, content: bytes) -> None:
    """Write a file aside and rename it over the old one, so that nobody sees half of it."""
    durable.replace_file(path, content)


#: What a disk says that takes nothing more.
_FULL: Final = (errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC))


def is_full(error: BaseException) -> bool:
    """Whether an error means that nothing more can be written there at all."""
    return isinstance(error, OSError) and error.errno in _FULL


def put_in_place(stage: Path, target: Path) -> None:
    """Swap the finished folder in; the old one goes only when the new one is there.

    What is in it is flushed before. The new name is not waited for: a power cut in the seconds
    until the system writes it leaves the old report, whole, and the next batch makes it anew.

    Where the system can exchange two folders in one step (Linux), there is no moment without a
    report. Elsewhere the old one is renamed away first; :func:`sweep` brings it back if the
    process dies between the two steps.

    Raises
    ------
    OSError
        If the folder cannot be renamed; the old report is then where it was.
    """
    durable.flush_files(stage)
    if not target.exists():
        stage.rename(target)
        return
    if _exchanged(stage, target):
        shutil.rmtree(stage, ignore_errors=True)
        return
    old = target.parent / f".{target.name}.{os.getpid()}{OLD}"
    shutil.rmtree(old, ignore_errors=True)
    target.rename(old)
    try:
        stage.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchanged(first: Path, second: Path) -> bool:
    """Exchange two folders in one step; False where the system or file system cannot."""
    call = durable.system_call("renameat2")
    if call is None:
        return False
    return call(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0


def sweep(folder: Path) -> None:
    """Take away what killed processes left in a notebook's folder; call it when none runs.

    An old report whose place is empty goes back there; everything else begun is dropped.
    """
    for leftover in folder.glob(".*"):
        name, _, _ = leftover.name[1:].partition(".")
        if leftover.name.endswith(OLD) and not (folder / name).exists():
            leftover.rename(folder / name)
        elif leftover.name.endswith((PART, OLD)):
            if leftover.is_dir():
                # Renamed first: whoever still writes into it, on another machine of a cluster,
                # then fails, and cannot put half a report in place.
                doomed = leftover.with_name(f".{secrets.token_hex(8)}{PART}")
                leftover.rename(doomed)
                shutil.rmtree(doomed, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)
