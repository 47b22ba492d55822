"""``make bench``: five ways to make the same reports, in one run, on the same data.

Not a test: it prints what it measures. ``--counties`` for the quick ways, ``--few`` for those
that take seconds a county; rates and CPU are per county, so that they compare. A machine that
others use as well changes its pace within minutes: so the batch is stopped every few seconds
(SIGSTOP to all of its processes) while the commands make as many counties as there are workers,
and goes on; its own seconds and CPU are those in which it ran. The other ways follow one after
the other, and ``pace`` tells how fast the machine was: CPU seconds of the same loop on every
core at once, before and after.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import functools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
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
#: Seconds after which the batch is stopped for somebody else.
_TURN = 15.0


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
    """The most memory that a process and its children held together, shared pages counted once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.megabytes, self.over, self.follow = 0.0, threading.Event(), 0

    def run(self) -> None:
        while not self.over.wait(1.0):
            total = 0
            for child in self._processes():
                try:
                    total += child.memory_full_info().pss
                except psutil.Error:
                    continue
            self.megabytes = max(self.megabytes, total / 2**20)

    def _processes(self) -> list[psutil.Process]:
        try:
            followed = psutil.Process(self.follow)
            return [followed, *followed.children(recursive=True)]
        except psutil.Error:
            return []


def adopt_orphans() -> None:
    """Have every process that outlives its parent become this one's child.

    The process that counties are forked from ends after the batch: only so is what it and its
    children used counted.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)


def wait_for_orphans() -> None:
    """Wait for every child that ends; one that is stopped does not."""
    with contextlib.suppress(ChildProcessError):
        while True:
            done, _ = os.waitpid(-1, os.WNOHANG)
            if not done and not any(_runs(child) for child in psutil.Process().children()):
                return
            if not done:
                time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_STOPPED)
    return False


_LOOP = """
import time
before = time.process_time()
total = 0
for n in range(6_000_000):
    total += n
print(time.process_time() - before)
"""


def pace(workers: int) -> float:
    """Return the CPU seconds of a loop that runs on every core at once."""
    loop = [sys.executable, "-c", _LOOP]
    running = [subprocess.Popen(loop, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    return sum(float(process.communicate()[0]) for process in running) / workers


def paced(command: list[str], folder: Path, workers: int, **variables: str) -> dict[str, float]:
    """Run a command and return its seconds, CPU seconds, peak of memory and the pace."""
    started = cpu()
    before = pace(workers)
    result = measured(command, folder, **variables)
    after = pace(workers)
    # What this took in all, the loops of the pace included.
    return result | {"pace": (before + after) / 2, "all cpu": cpu() - started}


def together(parts: list[dict[str, float]]) -> dict[str, float]:
    """Return what parts of one way come to."""
    return {
        "seconds": sum(part["seconds"] for part in parts),
        "cpu": sum(part["cpu"] for part in parts),
        "memory": max(part["memory"] for part in parts),
        "pace": sum(part["pace"] for part in parts) / len(parts),
    }


def in_turns(
    batch: list[str], turns: list[Callable[[], dict[str, float]]], folder: Path, workers: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Run a batch, stopped again and again while another way has its turn; return both.

    A turn that the batch was too short for follows it.
    """
    waiting, taken = deque(turns), [turns[0]()]
    waiting.popleft()
    before, ran, began = cpu(), 0.0, pace(workers)
    peak = Peak()
    with (folder / "batch.log").open("w+") as log:
        process = subprocess.Popen(
            batch, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        peak.follow = process.pid
        peak.start()
        while process.poll() is None:
            since = time.perf_counter()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_TURN)
            if waiting and process.poll() is None:
                os.killpg(process.pid, signal.SIGSTOP)
                ran += time.perf_counter() - since
                taken.append(waiting.popleft()())
                os.killpg(process.pid, signal.SIGCONT)
            else:
                ran += time.perf_counter() - since
        peak.over.set()
        if process.returncode:
            log.seek(0)
            raise SystemExit(f"{batch[:4]} failed:\n{log.read()[-2000:]}")
    wait_for_orphans()
    used = cpu() - before - sum(part["all cpu"] for part in taken[1:])
    while waiting:
        taken.append(waiting.popleft()())
    both = (began + pace(workers)) / 2
    own = {"seconds": ran, "cpu": used, "memory": peak.megabytes, "pace": both}
    return own, together(taken)


def measured(command: list[str], folder: Path, **variables: str) -> dict[str, float]:
    peak = Peak()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    done = subprocess.Popen(command, cwd=folder, env=os.environ | variables, **pipes)
    peak.follow = done.pid
    peak.start()
    stdout, stderr = done.communicate()
    seconds = time.perf_counter() - started
    peak.over.set()
    wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[:4]} failed:\n{stdout[-2000:]}\n{stderr[-2000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    result = {"seconds": seconds, "cpu": used, "memory": peak.megabytes}
    if stdout.startswith("{"):
        result |= json.loads(stdout)
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
    run = functools.partial(paced, folder=folder, workers=options.workers)
    results: dict[str, tuple[int, dict[str, float]]] = {}

    script = SCRIPT.format(bin=BIN, notebook=NOTEBOOK, period=PERIOD)
    (folder / "out-commands").mkdir()

    def commands(codes: list[str]) -> dict[str, float]:
        (folder / "codes").write_text("\n".join(codes))
        return run(["xargs", "-a", "codes", "-P", workers, "-n", "1", "bash", "-c", script])

    each = options.workers
    turns = [functools.partial(commands, few[n : n + each]) for n in range(0, len(few), each)]
    batch = [xuncha, "batch", plan(folder, codes, "all.yaml"), "--workers", workers]
    own, theirs = in_turns([*batch, "--out", "out"], turns, folder, each)
    check(folder / "out", codes)
    check(folder / "out-commands", few)
    results["xuncha batch"] = len(codes), own
    results["again, unchanged"] = len(codes), run([*batch, "--out", "out"])
    results["papermill + nbconvert"] = len(few), theirs

    for way, label, chosen in (
        ("papermill", "papermill interface", few),
        ("ploomber", "ploomber-engine", few),
        ("plain", "plain functions (floor)", codes),
    ):
        # Installed, ploomber-engine would be loaded by every papermill command.
        beside = {"PYTHONPATH": str(ROOT / "build" / "ploomber")} if way == "ploomber" else {}
        command = [*me, way, str(folder), *chosen]
        results[label] = len(chosen), run(command, **beside)

    one = folder / "one.yaml"
    one.write_text("".join(f"{k}: '{v}'\n" for k, v in given(codes[0]).items()), "utf-8")
    shutil.rmtree(folder / "out-commands")
    (folder / "out-commands").mkdir()
    notebook = ["--notebook", NOTEBOOK.stem, "--out", "single"]
    cold = run([xuncha, "run", "one.yaml", *notebook])["seconds"]
    cold_commands = run(["bash", "-c", script, codes[0]])["seconds"]

    report(results, cold, cold_commands)
    shutil.rmtree(folder)


def report(
    results: dict[str, tuple[int, dict[str, float]]], cold: float, cold_commands: float
) -> None:
    count, ours = results["xuncha batch"]
    own = (ours["seconds"] / count, ours["cpu"] / count)
    heads = ("counties", "/min", "CPU s", "peak MB", "wall ×", "CPU ×", "pace s")
    print(f"{'':26}{heads[0]:>9}" + "".join(f"{head:>9}" for head in heads[1:]))
    for label, (number, got) in results.items():
        wall, used = got["seconds"] / number, got["cpu"] / number
        print(
            f"{label:26}{number:9}{60 / wall:9.1f}{used:9.2f}{got['memory']:9.0f}"
            f"{wall / own[0]:9.2f}{used / own[1]:9.2f}{got['pace']:9.2f}"
        )
    print(f"one report from cold: xuncha run {cold:.1f} s, papermill + nbconvert "
          f"{cold_commands:.1f} s, ratio {cold / cold_commands:.2f}")  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in WAYS:
        warm(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
    else:
        main()
