"""Measures the three exports of a half-year report: CPU of a cold process and of a warm one.

The process is set up as those in which a batch makes its counties.

``make measure`` runs it. The empty loop beside it tells how fast the machine is at that moment:
the same exports of the same tree have taken 0.23 s on one machine and 0.43 s to 0.65 s on another.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from xuncha_nb import runner
from xuncha_nb.batch import warm
from xuncha_nb.parameters import RunParameters

_MEASURE = """
import json, resource, sys
from xuncha_nb.outputs import _exporter
from xuncha_nb import optional
optional.load_nbformat()  # as our commands do
import nbformat

def cpu():
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)

text, exports, loops = open(sys.argv[1], encoding="utf-8").read(), [], []
# Each report is new to the process: nothing of the one before can be kept.
for name in ["松阳", *"甲乙丙丁戊己庚辛壬癸子丑寅卯辰"]:
    notebook = nbformat.reads(text.replace("松阳", name), 4)
    before = cpu() if exports else 0.0
    for kind in ("html", "pdf", "docx"):
        _exporter(kind).from_notebook_node(notebook)
    exports.append(cpu() - before)
    before = cpu()
    for _ in range(10_000_000):
        pass
    loops.append(cpu() - before)
print(json.dumps([exports, loops]))
"""


def main() -> None:
    """Print the CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        parameters = RunParameters(county="331124", period="2024H1")
        job = runner.Job("half_year_summary", parameters, place / "out", place, ("pdf",))
        notebook = runner.run(job).folder / "report.ipynb"
        done = subprocess.run(
            [sys.executable, "-c", _MEASURE, notebook], capture_output=True, text=True, check=True,
            env=os.environ | warm.ENVIRONMENT,
        )  # fmt: skip
    (cold, *exports), loops = json.loads(done.stdout)
    sys.stdout.write(
        f"exports, cold process with start and imports: {cold:.2f} s CPU\n"
        f"exports, warm process: median {statistics.median(exports):.3f} s CPU, "
        f"least {min(exports):.3f}, most {max(exports):.3f}\n"
        f"an empty loop of ten million turns in between: median {statistics.median(loops):.2f} s, "
        f"least {min(loops):.2f}, most {max(loops):.2f}\n"
    )


if __name__ == "__main__":
    main()
