"""``make bench``: five ways to make the same reports, in one run, on the same data.

Not a test: it prints what it measures. ``--counties`` for the quick ways, ``--few`` for those
that take seconds a county; rates and CPU are per county, so that they compare.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
NOTEBOOK = ROOT / "notebooks" / "half_year_summary.ipynb"
FORMATS = ("html", "pdf", "docx")
PERIOD = "2024H1"
#: ``PR_SET_CHILD_SUBREAPER`` of Linux.
_SUBREAPER = 36


# -- the ways that run in a warm process of their own: python bench.py WAY DIR CODES… ---------


def exporters() -> dict[str, Any]:
    from xuncha_nb.exporters.docx import XunchaDocxExporter
    from xuncha_nb.exporters.html import XunchaHTMLExporter
    from xuncha_nb.exporters.pdf import XunchaPDFExporter

    return {
        "html": XunchaHTMLExporter(),
        "pdf": XunchaPDFExporter(),
        "docx": XunchaDocxExporter(),
    }


def write(kept: dict[str, Any], notebook: Any, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind, exporter in kept.items():
        body, _ = exporter.from_notebook_node(notebook)
        content = body.encode() if isinstance(body, str) else body
        (folder / f"report.{kind}").write_bytes(content)


def given(code: str) -> dict[str, str]:
    return {"county": code, "period": PERIOD, "source": f"data/{code}.xlsx"}


def by_papermill(codes: list[str], out: Path) -> None:
    import papermill

    kept = exporters()
    for code in codes:
        (out / code).mkdir(parents=True)
        notebook = papermill.execute_notebook(
            str(NOTEBOOK), str(out / code / "report.ipynb"), given(code), progress_bar=False
        )
        write(kept, notebook, out / code)


def by_ploomber(codes: list[str], out: Path) -> None:
    from ploomber_engine import execute_notebook

    kept = exporters()
    for code in codes:
        (out / code).mkdir(parents=True)
        notebook = execute_notebook(
            str(NOTEBOOK), str(out / code / "report.ipynb"), parameters=given(code),
            progress_bar=False,
        )  # fmt: skip
        write(kept, notebook, out / code)


def by_plain_functions(codes: list[str], out: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    from pieces import without_kernel

    kept = exporters()
    for code in codes:
        document = without_kernel(NOTEBOOK, **given(code)).document()
        (out / code).mkdir(parents=True)
        for kind, exporter in kept.items():
            body = exporter.render(document)
            content = body.encode() if isinstance(body, str) else body
            (out / code / f"report.{kind}").write_bytes(content)


WAYS = {"papermill": by_papermill, "ploomber": by_ploomber, "plain": by_plain_functions}


def warm(way: str, folder: Path, codes: list[str]) -> None:
    """Make one report to warm up, then the others, and print what those took."""
    os.chdir(folder)
    out = Path(tempfile.mkdtemp(prefix=f"out-{way}-", dir=folder))
    WAYS[way](codes[:1], out / "warm")
    before, started = cpu(), time.perf_counter()
    WAYS[way](codes, out)
    print(json.dumps({"seconds": time.perf_counter() - started, "cpu": cpu() - before}))
    check(out, codes)


def cpu() -> float:
    use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in use)


def check(out: Path, codes: list[str]) -> None:
    """Make sure that every report is there, in every format."""
    for code in codes:
        found = {p.suffix[1:] for p in out.rglob("*") if code in p.as_posix()}
        assert set(FORMATS) <= found, (out, code, found)


# -- measuring a command ----------------------------------------------------------------------


class Peak(threading.Thread):
    """The most memory that this process's children held together, shared pages counted once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.megabytes, self.over = 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(1.0):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total += child.memory_full_info().pss
                except psutil.Error:
                    continue
            self.megabytes = max(self.megabytes, total / 2**20)


def adopt_orphans() -> None:
    """Have every process that outlives its parent become this one's child.

    The process that counties are forked from ends after the batch: only so is what it and its
    children used counted.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)


def wait_for_orphans() -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def measured(command: list[str], folder: Path, **variables: str) -> dict[str, float]:
    peak = Peak()
    peak.start()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True
    )
    seconds = time.perf_counter() - started
    peak.over.set()
    wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[:4]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    result = {"seconds": seconds, "cpu": used, "memory": peak.megabytes}
    if done.stdout.startswith("{"):
        result |= json.loads(done.stdout)
    return result


def plan(folder: Path, codes: list[str], name: str) -> str:
    lines = [
        f"notebook: {NOTEBOOK.stem}", f"period: {PERIOD}", "formats: [html, pdf, docx]",
        "source: data/{code}.xlsx", f"counties: {codes!r}",
    ]  # fmt: skip
    (folder / name).write_text("\n".join(lines), "utf-8")
    return name


SCRIPT = """set -e
execute() {{
  {bin}/papermill {notebook} out-commands/$0.ipynb -p county $0 -p period {period} \
    -p source data/$0.xlsx --no-progress-bar
}}
# Two kernels that start at once may draw the same port: then one dies, and is started again.
execute $0 || execute $0
for kind in html pdf docx; do
  {bin}/jupyter nbconvert --to xuncha-$kind out-commands/$0.ipynb --output $0
done
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=200)
    parser.add_argument("--few", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    adopt_orphans()
    folder = Path(tempfile.mkdtemp(prefix="xuncha-bench-"))
    xuncha = str(BIN / "xuncha")
    sample = [xuncha, "sample", str(folder), "--counties", str(options.counties), "--seed", "7"]
    subprocess.run(sample, check=True, stdout=subprocess.DEVNULL)
    codes = sorted(p.stem for p in (folder / "data").iterdir())
    few = codes[: options.few]
    me, workers = [sys.executable, str(Path(__file__).resolve())], str(options.workers)
    results: dict[str, tuple[int, dict[str, float]]] = {}

    batch = [xuncha, "batch", plan(folder, codes, "all.yaml"), "--workers", workers]
    results["xuncha batch"] = len(codes), measured([*batch, "--out", "out"], folder)
    check(folder / "out", codes)
    results["again, unchanged"] = len(codes), measured([*batch, "--out", "out"], folder)

    script = SCRIPT.format(bin=BIN, notebook=NOTEBOOK, period=PERIOD)
    (folder / "out-commands").mkdir()
    (folder / "codes").write_text("\n".join(few))
    xargs = ["xargs", "-a", "codes", "-P", workers, "-n", "1", "bash", "-c", script]
    results["papermill + nbconvert"] = len(few), measured(xargs, folder)
    check(folder / "out-commands", few)

    for way, label, chosen in (
        ("papermill", "papermill interface", few),
        ("ploomber", "ploomber-engine", few),
        ("plain", "plain functions (floor)", codes),
    ):
        # Installed, ploomber-engine would be loaded by every papermill command.
        beside = {"PYTHONPATH": str(ROOT / "build" / "ploomber")} if way == "ploomber" else {}
        command = [*me, way, str(folder), *chosen]
        results[label] = len(chosen), measured(command, folder, **beside)

    one = folder / "one.yaml"
    one.write_text("".join(f"{k}: '{v}'\n" for k, v in given(codes[0]).items()), "utf-8")
    shutil.rmtree(folder / "out-commands")
    (folder / "out-commands").mkdir()
    notebook = ["--notebook", NOTEBOOK.stem, "--out", "single"]
    cold = measured([xuncha, "run", "one.yaml", *notebook], folder)["seconds"]
    cold_commands = measured(["bash", "-c", script, codes[0]], folder)["seconds"]

    report(results, cold, cold_commands)
    shutil.rmtree(folder)


def report(
    results: dict[str, tuple[int, dict[str, float]]], cold: float, cold_commands: float
) -> None:
    count, ours = results["xuncha batch"]
    own = (ours["seconds"] / count, ours["cpu"] / count)
    print(f"{'':26}{'counties':>9}{'/min':>8}{'CPU s':>8}{'peak MB':>9}{'wall ×':>8}{'CPU ×':>8}")
    for label, (number, got) in results.items():
        wall, used = got["seconds"] / number, got["cpu"] / number
        print(
            f"{label:26}{number:9}{60 / wall:8.1f}{used:8.2f}{got['memory']:9.0f}"
            f"{wall / own[0]:8.2f}{used / own[1]:8.2f}"
        )
    print(f"one report from cold: xuncha run {cold:.1f} s, papermill + nbconvert "
          f"{cold_commands:.1f} s, ratio {cold / cold_commands:.2f}")  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in WAYS:
        warm(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
    else:
        main()
