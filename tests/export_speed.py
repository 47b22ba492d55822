"""Measures the three exports of half-year reports: CPU of a cold process and of a warm one.

The process is set up as those in which a batch makes its counties, and each report is another
county's: typst remembers the layout of whatever it has seen before, so that the same report with
another name in it takes a fifth less. The empty loop in between tells how fast the machine is at
that moment: the same exports of the same tree have taken twice as long on another day.
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from xuncha_nb import forking, runner
from xuncha_nb.batch import plan
from xuncha_nb.sample import write_sample

COUNTIES, SEED = 16, 1
_MEASURE = """
import json, resource, sys
from xuncha_nb.outputs import _exporter
from xuncha_nb import optional
optional.load_nbformat()  # as our commands do
import nbformat

def cpu():
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)

optional.collect_seldom()
exports, loops = [], []
for name in sys.argv[1:]:
    notebook = nbformat.read(name, 4)
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
        write_sample(place, COUNTIES, SEED)
        notebooks = [
            runner.run(dataclasses.replace(job, formats=("html",))).folder / "report.ipynb"
            for job in plan.jobs(place / "plan.yaml", place / "out")
        ]
        done = subprocess.run(
            [sys.executable, "-c", _MEASURE, *notebooks], capture_output=True, text=True,
            check=True, env=os.environ | forking.ENVIRONMENT,
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
