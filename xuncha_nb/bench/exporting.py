"""Exporting what is saved, as ``xuncha run`` does it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import yaml

from xuncha_nb import areas, sources, workspace
from xuncha_nb.case import Case
from xuncha_nb.composition import INTERACTIVE
from xuncha_nb.errors import OutputError
from xuncha_nb.parameters import SAMPLE
from xuncha_nb.record import figures_json
from xuncha_nb.report import Report

#: Variables of an interactive kernel that a batch must not inherit.
_OURS: Final = (INTERACTIVE, "VOILA_BASE_URL", "VOILA_REQUEST_URL", "VOILA_KERNEL_ID")


def export(case: Case) -> Path:
    """Run the case as ``xuncha run`` does, in a process of its own; return the report's folder.

    Raises
    ------
    OutputError
        With what the command told.
    """
    root = workspace.root()
    values = case.parameters.model_dump()
    if case.parameters.source != SAMPLE:
        found = sources.locate(case.parameters.source, case.parameters.county)
        values["source"] = os.path.relpath(found, root)
    if case.round:
        values["round"] = case.round
    environment = {k: v for k, v in os.environ.items() if k not in _OURS}
    with tempfile.TemporaryDirectory(prefix="xuncha-") as folder:
        file = Path(folder) / f"{case.notebook}.yaml"
        file.write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")
        done = subprocess.run(  # noqa: S603 - our own command, no shell
            [sys.executable, "-m", "xuncha_nb.cli", "run", str(file),
             "--notebook", case.notebook, "--out", str(root / "outputs")],
            cwd=root,
            env=environment | {"PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )  # fmt: skip
    if done.returncode:
        lines = [line.removeprefix("错误：") for line in done.stderr.splitlines() if line.strip()]
        raise OutputError("\n".join(lines[-8:]) or "导出没有完成，请重试")
    area = areas.find(case.parameters.county)
    county = case.parameters.county if area is None else area.code
    return root / "outputs" / str(case.window.period) / case.notebook / county


def same_figures(folder: Path, report: Report) -> bool:
    """Whether the exported ``figures.json`` is, byte for byte, that of what is on the screen."""
    try:
        exported = (folder / "figures.json").read_bytes()
    except OSError:
        return False
    return exported == figures_json(report.recorded())
