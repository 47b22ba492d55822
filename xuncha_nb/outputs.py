"""The files of one report, and how its folder appears: whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from xuncha_nb import __version__
from xuncha_nb.parameters import Format


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


#: What heads ``figures.json`` and the manifest: of what, for when, by which version.
_HEAD: Final = (
    "notebook",
    "county",
    "county_name",
    "period",
    "period_name",
    "cutoff",
    "edition",
    "declared",
    "version",
)


def figures_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of ``figures.json``: the head of the record, figures and trends."""
    return {key: record[key] for key in (*_HEAD, "figures", "key_figures")}


def write(
    stage: Path,
    notebook: Any,
    record: dict[str, Any],
    formats: Sequence[Format],
    notebook_path: Path,
    parameters: Path,
    started: float,
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
    """
    import nbformat

    from xuncha_nb import paper
    from xuncha_nb.document import from_notebook
    from xuncha_nb.exporters import glyphs
    from xuncha_nb.places import places
    from xuncha_nb.workbook import figures_workbook

    (stage / "report.ipynb").write_text(nbformat.writes(notebook) + "\n", "utf-8")
    for name in formats:
        exporter = _exporter(name)
        exporter.workspace = str(parameters.parent)
        body, _ = exporter.from_notebook_node(notebook)
        content = body.encode() if isinstance(body, str) else body
        (stage / f"report.{name}").write_bytes(content)
    _write_json(stage / "figures.json", figures_of(record))
    document = from_notebook(notebook)
    (stage / "figures.xlsx").write_bytes(figures_workbook(record, places(document)))
    options = paper.load(parameters.parent)
    manifest = {key: record[key] for key in _HEAD} | {
        "inputs": {
            "source": record["source"],
            "adjustments": record.get("adjustments_file", {}),
            "notebook": _sha256(notebook_path),
            "parameters": {path.name: _sha256(path) for path in sorted(parameters.glob("*.yaml"))},
        },
        "outputs": {path.name: _sha256(path) for path in sorted(stage.iterdir())},
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
    _write_json(stage / "manifest.json", manifest)


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def put_in_place(stage: Path, target: Path) -> None:
    """Swap the finished folder in; the old one goes only when the new one is there.

    Raises
    ------
    OSError
        If the folder cannot be renamed; the old report is then where it was.
    """
    if not target.exists():
        stage.rename(target)
        return
    old = target.parent / f".{target.name}.{os.getpid()}.old"
    shutil.rmtree(old, ignore_errors=True)
    target.rename(old)
    try:
        stage.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
