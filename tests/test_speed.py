"""Exports of one report: CPU of a warm process with reports new to it, and of a cold one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from xuncha_nb import runner
from xuncha_nb.parameters import RunParameters

_MEASURE = """
import json, resource, sys, nbformat
from xuncha_nb.outputs import _exporter

def cpu():
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)

text, spent = open(sys.argv[1], encoding="utf-8").read(), []
for name in ["松阳", *"甲乙丙丁戊己庚辛壬"]:
    notebook = nbformat.reads(text.replace("松阳", name), 4)
    before = cpu() if spent else 0.0
    for kind in ("html", "pdf", "docx"):
        _exporter(kind).from_notebook_node(notebook)
    spent.append(cpu() - before)
print(json.dumps(spent))
"""


@pytest.mark.slow
@pytest.mark.kernel
def test_three_formats_take_a_quarter_of_a_second_warm_and_three_cold(tmp_path: Path) -> None:
    job = runner.Job(
        "half_year_summary",
        RunParameters(county="331124", period="2024H1"),
        tmp_path / "out",
        tmp_path,
        ("pdf",),
    )
    notebook = runner.run(job).folder / "report.ipynb"
    made = subprocess.run(
        [sys.executable, "-c", _MEASURE, notebook], capture_output=True, text=True, check=True
    )
    cold, *warm = json.loads(made.stdout)
    assert cold < 3, "with the interpreter's start and all imports"
    assert sorted(warm)[len(warm) // 2] < 0.25, warm
