"""The local executor and resumption: killed in every way, the result is the same bytes."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import psutil
import pytest
from commands import Done, call, files, refused
from family import below, killed
from nbformat.v4 import new_code_cell
from pieces import HALF_YEAR_SUMMARY, ROOT

from xuncha_nb import forking, outputs, workspace
from xuncha_nb.adjustments import durable
from xuncha_nb.batch import Batch, Outcome, capacity, jobs, local, resumption
from xuncha_nb.batch.local import Executor
from xuncha_nb.batch.worker import Limits
from xuncha_nb.errors import OutputError, TimeLimitError
from xuncha_nb.runner import Job

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="kills processes as Linux does"),
]

CODES = ("320507", "331124", "500236")
PLACE = "2024H1/half_year_summary"
PLAN = """
notebook: half_year_summary
period: 2024H1
formats: [html]
source: data/{code}.xlsx
counties: ['320507', '331124', '500236']
"""


def workspace_with(folder: Path, cell: str = "", formats: str = "[html]") -> Path:
    """Make a workspace whose half-year summary has one more cell, and a plan for it."""
    shutil.copytree(ROOT / "parameters", folder / "parameters")
    notebook = nbformat.read(HALF_YEAR_SUMMARY, as_version=4)
    if cell:
        made = new_code_cell(cell)
        made.id = "added"
        notebook.cells.insert(3, made)
    (folder / "notebooks").mkdir()
    nbformat.write(notebook, folder / "notebooks" / "half_year_summary.ipynb")
    shutil.copytree(workspace.samples() / "data", folder / "data")
    (folder / "plan.yaml").write_text(PLAN.replace("[html]", formats), "utf-8")
    return folder


def reports(out: Path) -> dict[str, bytes]:
    """Return what must be the same whatever happened: all but manifests and the log."""
    return {
        name: content
        for name, content in files(out).items()
        if Path(name).name not in ("manifest.json", "batch.jsonl", ".lock")
    }


def log(out: Path) -> list[dict[str, Any]]:
    text = (out / PLACE / "batch.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def batch(here: Path, *options: str, out: str = "out", **environment: str) -> Done:
    from commands import call

    return call("xuncha", "batch", "plan.yaml", "--out", out, *options, cwd=here, **environment)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the plan with all three formats, without any trouble."""
    here = workspace_with(tmp_path_factory.mktemp("plain"), formats="[html, pdf, docx]")
    done = batch(here, "--workers", "2")
    assert done.returncode == 0, done.stderr
    return here


@pytest.mark.parametrize("way", ["one worker", "without fork", "papermill's engine"])
def test_the_bytes_depend_on_neither_workers_nor_start_nor_engine(
    undisturbed: Path, tmp_path: Path, way: str
) -> None:
    out = tmp_path / "out"
    if way == "papermill's engine":
        from xuncha_nb import runner

        for job in jobs(undisturbed / "plan.yaml", out):
            runner.run(replace(job, engine="nbclient"))
    else:
        options = ("--workers", "1") if way == "one worker" else ()
        start = {"XUNCHA_START": "spawn"} if way == "without fork" else {}
        done = batch(undisturbed, *options, out=str(out), **start)
        assert done.returncode == 0, done.stderr
    expected = reports(undisturbed / "out")
    made = reports(out)
    for name, content in made.items():
        assert content == expected[name], name
    assert len([n for n in made if n.endswith(".pdf")]) == 3


@pytest.mark.parametrize("start", ["forkserver", "spawn"])
def test_a_script_without_a_guard_makes_one_batch(tmp_path: Path, start: str) -> None:
    from commands import call

    here = workspace_with(tmp_path)
    plan = (here / "plan.yaml").read_text("utf-8")
    (here / "plan.yaml").write_text(re.sub(r"counties: .*", f"counties: ['{CODES[0]}']", plan))
    (here / "script.py").write_text(
        "import sys\nfrom xuncha_nb.cli import main\nprint('开始')\n"
        "sys.argv = ['xuncha', 'batch', 'plan.yaml', '--out', 'out']\nmain()\n",
        "utf-8",
    )
    done = call("python", "script.py", cwd=here, XUNCHA_START=start)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("开始") == 1
    assert "完成1个" in done.stdout


@pytest.mark.parametrize("way", ["forkserver", "spawn"])
def test_executors_side_by_side_in_threads_do_not_disturb_each_other(
    tmp_path: Path, way: forking.Way
) -> None:
    """As in a cluster's worker with many threads: every process's own end is told."""
    here = workspace_with(tmp_path)
    count = 12 if way == "forkserver" else 2
    without = [
        replace(job, parameters=job.parameters.model_copy(update={"source": "data/none.xlsx"}))
        for job in jobs(here / "plan.yaml", here / "out")
    ]
    main = vars(sys.modules["__main__"])
    before = {name: main.get(name) for name in ("__spec__", "__file__")}

    def run(number: int) -> list[str]:
        ended = []
        for turn in range(count):
            job = replace(without[turn % 3], out=here / f"out{number}")
            (outcome,) = Executor(1, Limits(attempts=1), way).run([job])
            assert outcome.error is not None
            ended.append(str(outcome.error))
        return ended

    with ThreadPoolExecutor(6) as threads:
        told = {line for lines in threads.map(run, range(6)) for line in lines}
    assert all("文件不存在" in line for line in told), told
    assert {name: main.get(name) for name in before} == before


def test_nothing_changed_nothing_done(undisturbed: Path) -> None:
    before = files(undisturbed / "out" / PLACE / CODES[0])
    for path in (undisturbed / "data").iterdir():
        os.utime(path)  # a time is no content
    done = batch(undisturbed)
    assert "完成3个（其中3个没有变化，未重做）" in done.stdout
    assert files(undisturbed / "out" / PLACE / CODES[0]) == before


def _other_data(here: Path) -> None:
    shutil.copy(here / "data" / "500236.xlsx", here / "data" / "320507.xlsx")


def _parameters(here: Path) -> None:
    path = here / "parameters" / "thresholds.yaml"
    path.write_text(path.read_text("utf-8") + "\n# 改\n", "utf-8")


def _notebook(here: Path) -> None:
    path = here / "notebooks" / "half_year_summary.ipynb"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")


def _output(here: Path) -> None:
    (here / "out" / PLACE / "331124" / "report.html").write_text("被人改短", "utf-8")


def _missing(here: Path) -> None:
    (here / "out" / PLACE / "331124" / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("change", "redone"),
    [
        (_other_data, {"320507"}),
        (_parameters, set(CODES)),
        (_notebook, set(CODES)),
        (_output, {"331124"}),
        (_missing, {"331124"}),
    ],
)
def test_what_changed_is_done_again_and_nothing_else(
    undisturbed: Path, tmp_path: Path, change: Callable[[Path], None], redone: set[str]
) -> None:
    here = tmp_path / "copy"
    shutil.copytree(undisturbed, here)
    change(here)
    made = Batch(jobs(here / "plan.yaml", here / "out"))
    with made.alone():
        assert {job.code for job in made.waiting} == redone
    forced = Batch(jobs(here / "plan.yaml", here / "out"), force=True)
    with forced.alone():
        assert {job.code for job in forced.waiting} == set(CODES)


def test_a_county_sees_nothing_of_another(tmp_path: Path) -> None:
    leak = "import xuncha_nb\nassert not hasattr(xuncha_nb, 'leak'), 'leaked'\nxuncha_nb.leak = 1"
    here = workspace_with(tmp_path, leak)
    done = batch(here, "--workers", "1")
    assert done.returncode == 0, done.stderr


def _child(parent: psutil.Process, depth: int) -> psutil.Process | None:
    """Return a county's process (depth 2) or the fork server (depth 1)."""
    found = below(parent, "forkserver")
    if depth == 2:
        found = [county for server in found for county in below(server)]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("when", "victim"),
    [
        (0.3, "county"),
        (0.7, "server"),
        (0.3, "parent"),
        pytest.param(0.7, "county", marks=pytest.mark.slow),
        pytest.param(0.3, "server", marks=pytest.mark.slow),
        pytest.param(0.7, "parent", marks=pytest.mark.slow),
    ],
)
def test_killed_at_any_moment_the_same_bytes_in_the_end(
    undisturbed: Path, tmp_path: Path, victim: str, when: float
) -> None:
    out = tmp_path / "out"
    command = [str(Path(sys.executable).with_name("xuncha")), "batch", "plan.yaml"]
    process = subprocess.Popen(
        [*command, "--out", str(out), "--workers", "2"], cwd=undisturbed,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    parent = psutil.Process(process.pid)
    for _ in range(600):
        if _child(parent, 2) is not None or process.poll() is not None:
            break
        time.sleep(0.05)
    time.sleep(when)
    depth = {"county": 2, "server": 1}.get(victim)
    target = parent if depth is None else _child(parent, depth)
    everyone = below(parent, deep=True)
    if target is not None:
        killed(target)
    process.communicate(timeout=120)
    if victim == "parent":
        assert process.returncode == -signal.SIGKILL
        _, alive = psutil.wait_procs(everyone, timeout=10)
        assert not alive, "nothing runs on unseen"
    else:
        assert process.returncode == 0
    done = batch(undisturbed, "--workers", "2", out=str(out))
    assert done.returncode == 0, done.stderr
    made, expected = reports(out), reports(undisturbed / "out")
    assert made == {name: content for name, content in expected.items() if name in made}
    assert set(made) == set(expected)
    assert not list(out.rglob(".*.part")) + list(out.rglob(".*.old"))


def test_what_a_killed_swap_left_is_put_right(tmp_path: Path) -> None:
    for name in (".331124.7.old", ".320507.7.old", "320507", ".500236.7.part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").write_text(name, "utf-8")
    (tmp_path / ".summary.csv.7.part").write_text("half", "utf-8")
    outputs.sweep(tmp_path)
    assert files(tmp_path) == {
        "320507/report.html": b"320507",
        "331124/report.html": b".331124.7.old",
    }


def test_limits_stop_one_county_and_keep_what_it_had(tmp_path: Path) -> None:
    cell = (
        f"if county == '{CODES[0]}':\n    while True:\n        try:\n            pass\n"
        "        except Exception:\n            pass\n"
        f"elif county == '{CODES[1]}':\n    eaten = [bytearray(10**7) for _ in range(10**5)]"
    )
    here = workspace_with(tmp_path, cell)
    last = here / "out" / PLACE / CODES[0]
    last.mkdir(parents=True)
    (last / "report.html").write_text("上次的报告", "utf-8")
    done = batch(here, "--time-limit", "20", "--memory-limit", "200")
    assert done.returncode == 1
    assert "第5个单元格：超过时限" in done.stderr
    assert "第5个单元格：内存超过限额" in done.stderr
    assert "共3个县（区）：完成1个，失败2个" in done.stdout
    assert files(last) == {"report.html": "上次的报告".encode()}, "the last good report stays"
    failed = here / "out" / PLACE / "failed"
    assert {p.name for p in failed.iterdir()} == set(CODES[:2])
    for code in CODES[:2]:
        kept = nbformat.read(failed / code / "report.ipynb", as_version=4)
        nbformat.validate(kept)
        assert [o.output_type for c in kept.cells for o in c.get("outputs", [])][-1] == "error"
        text = (failed / code / "report.ipynb").read_text("utf-8")
        assert str(tmp_path) not in text
        assert sys.prefix not in text
        assert "单元格：第5个" in (failed / code / "reason.txt").read_text("utf-8")
    events = {line["code"]: line for line in log(here / "out") if "code" in line}
    assert events[CODES[0]]["kind"] == "TimeLimitError"
    assert events[CODES[1]]["kind"] == "MemoryLimitError"
    assert events[CODES[1]]["cell"] == 5
    # Mended, the county's failure is history.
    workbook = nbformat.read(HALF_YEAR_SUMMARY, as_version=4)
    nbformat.write(workbook, here / "notebooks" / "half_year_summary.ipynb")
    assert batch(here).returncode == 0
    assert not failed.exists()


def test_a_crash_is_tried_again_and_its_notebook_kept(tmp_path: Path) -> None:
    cell = f"import os, signal\nif county == '{CODES[0]}': os.kill(os.getpid(), signal.SIGSEGV)"
    here = workspace_with(tmp_path, cell)
    done = batch(here)
    assert done.returncode == 1
    assert "第5个单元格：执行中断" in done.stderr
    (event,) = (e for e in log(here / "out") if e["event"] == "failed")
    assert event["attempts"] == Limits().attempts
    kept = here / "out" / PLACE / "failed" / CODES[0] / "report.ipynb"
    assert nbformat.read(kept, as_version=4).cells


def one(here: Path, code: str = CODES[0]) -> list[Job]:
    return [job for job in jobs(here / "plan.yaml", here / "out") if job.code == code]


def test_a_crash_that_does_not_come_back_is_no_failure(tmp_path: Path) -> None:
    cell = (
        "import os\nfrom pathlib import Path\n"
        "if not Path('../seen').exists():\n    Path('../seen').touch()\n    os._exit(3)"
    )
    here = workspace_with(tmp_path / "here", cell)
    made = Batch(one(here))
    with made.alone():
        made.run(Executor(1, Limits()), Nobody())
    outcome = made.outcomes[CODES[0]]
    assert (outcome.error, outcome.attempts) == (None, 2)
    assert not (here / "out" / PLACE / "failed").exists(), "what the first try kept is gone"


class Nobody:
    """Looks on and says nothing."""

    def running(self, codes: tuple[str, ...]) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


def test_a_notebook_deaf_to_its_clock_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0)\ntime.sleep(600)"
    here = workspace_with(tmp_path, cell)
    monkeypatch.setattr(local, "_GRACE", 0.5)
    (outcome,) = Executor(1, Limits(seconds=6)).run(one(here))
    assert isinstance(outcome.error, TimeLimitError)
    assert str(outcome.error).startswith("第5个单元格：超过时限 6 秒且不响应，已强行结束")
    assert (outcome.error.cell, outcome.attempts) == (5, 1)


#: On a disk of $2 bytes of its own, which goes with this shell however it ends: a batch, one
#: made anew by force, and one after room was made. After each, what it said and left is kept.
SMALL_DISK = """
small=$1/small; mkdir $small; mount -t tmpfs -o size=$2 tmpfs $small || exit 77
step() { name=$1; shift
  "$@" >$kept/$name.out 2>$kept/$name.err; echo $? >$kept/$name.code; cp -a $small $kept/$name; }
kept=$1; xuncha=$3
step first $xuncha batch plan.yaml --workers 1 --out $small
step forced $xuncha batch plan.yaml --workers 1 --force --out $small
mount -o remount,size=100m $small
step room $xuncha batch plan.yaml --workers 2 --out $small
"""


def test_a_full_disk_is_one_clear_line_and_loses_nothing(undisturbed: Path, tmp_path: Path) -> None:
    report = files(undisturbed / "out" / PLACE / CODES[0])
    size = sum(len(content) for content in report.values()) * 3 // 2  # one fits, two do not
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", SMALL_DISK, "sh"]
    xuncha = Path(sys.executable).with_name("xuncha")
    done = subprocess.run(
        [*command, tmp_path, str(size), xuncha], cwd=undisturbed, capture_output=True,
        env=os.environ | {"TERM": "dumb", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    if not (tmp_path / "first").exists():
        pytest.skip(f"这里不能挂载，跳过磁盘写满的测试（{done.stderr.decode()[:80].strip()}）")
    expected = reports(undisturbed / "out")
    first = f"{PLACE}/{CODES[0]}/"
    for name in ("first", "forced"):
        assert (tmp_path / f"{name}.code").read_text().strip() == "2"
        told = (tmp_path / f"{name}.err").read_text("utf-8")
        assert "Traceback" not in told
        (line,) = (text for text in told.splitlines() if text.startswith("错误："))
        assert "磁盘已满或不可写（没有剩余空间），请腾出空间后重新执行" in line
        left = reports(tmp_path / name)
        # Made anew by force with too little room, the last good report stays.
        kept = {n: c for n, c in left.items() if n.startswith(first)}
        assert kept == {n: c for n, c in expected.items() if n.startswith(first)}
        assert not (tmp_path / name / PLACE / CODES[1]).exists()
        assert not list((tmp_path / name).rglob(".*.part"))
    assert (tmp_path / "room.code").read_text().strip() == "0"
    assert reports(tmp_path / "room") == expected


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_folder_that_cannot_be_written_is_one_line(
    undisturbed: Path, tmp_path: Path, below: str
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    # The superuser may write anywhere: the tests' one lays that right down first.
    prefix = ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"]
    command = [Path(sys.executable).with_name("xuncha"), "batch", "plan.yaml"]
    done = subprocess.run(
        [*([] if os.getuid() else prefix), *command, "--out", closed / below],
        cwd=undisturbed, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    told = refused(done, 2)
    assert "不能写入（没有权限），请检查权限和磁盘空间，或用 --out 换一个文件夹" in told
    assert str(tmp_path) not in told
    assert not list(closed.iterdir())


def test_a_report_is_on_the_disk_before_it_has_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, target = tmp_path / "stage", tmp_path / "331124"
    stage.mkdir()
    durable.write_early(stage / "report.html", b"neu")
    told: list[str] = []
    true_flush = durable.flush_files

    def flush(folder: Path) -> None:
        assert not target.exists()
        true_flush(folder)
        told.append(folder.name)

    monkeypatch.setattr(durable, "flush_files", flush)
    outputs.put_in_place(stage, target)
    assert told == ["stage"]
    assert files(target) == {"report.html": b"neu"}
    # Where the system has no call for all files at once, each is flushed.
    flushed: list[int] = []
    monkeypatch.setattr(durable.sys, "platform", "darwin")
    monkeypatch.setattr(durable.os, "fsync", flushed.append)
    true_flush(target)
    assert len(flushed) == 2, "the file and its folder"


def test_what_is_swept_can_no_longer_be_put_in_place(tmp_path: Path) -> None:
    """On a cluster somebody may still write what a new batch sweeps away."""
    stage = tmp_path / ".331124.0a.part"
    stage.mkdir()
    outputs.sweep(tmp_path)
    with pytest.raises(FileNotFoundError):
        (stage / "report.html").write_text("spät", "utf-8")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_swept_is_a_line_before_and_nothing_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that has lost its right to write has said so already; the next one sweeps."""

    def refuse(folder: Path) -> None:
        raise PermissionError(errno.EACCES, "denied", str(folder))

    with resumption.alone(tmp_path):
        monkeypatch.setattr(outputs, "sweep", refuse)
    with pytest.raises(OutputError, match="没有权限"), resumption.alone(tmp_path):
        pytest.fail("the folder is not ours")


def test_two_batches_do_not_share_a_folder(undisturbed: Path) -> None:
    made = Batch(jobs(undisturbed / "plan.yaml", undisturbed / "out"))
    with made.alone():
        assert "另一个批次正在写这个文件夹" in refused(batch(undisturbed), 2)


def test_cron_hears_only_of_failures(undisturbed: Path) -> None:
    done = batch(undisturbed, TERM="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_workers_follow_cores_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "cores", lambda: 16)
    monkeypatch.setattr(capacity, "free_memory_mb", lambda: 100_000)
    assert capacity.workers() == 16
    assert capacity.workers(3) == 3
    monkeypatch.setattr(capacity, "free_memory_mb", lambda: 2_000)
    assert capacity.workers() == capacity.workers(16) == 4
    monkeypatch.setattr(capacity, "free_memory_mb", lambda: 0)
    assert capacity.workers() == 1


def test_the_executor_forks_from_a_process_with_one_thread(undisturbed: Path) -> None:
    """Every county asserts it of its parent; this makes sure that a second thread would show."""
    code = (
        "import threading, time, multiprocessing as mp\n"
        "from pathlib import Path\nfrom xuncha_nb.batch import worker\n"
        "threading.Thread(target=time.sleep, args=(20,), daemon=True).start()\n"
        "process = mp.get_context('fork').Process("
        "target=worker._prepare, args=(worker.Limits(), True))\n"
        "process.start(); process.join(); print(process.exitcode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=undisturbed
    )
    assert done.stdout.strip() == "1"
    assert "forked from a process with" in done.stderr
    assert Executor(1, Limits()).way == "forkserver"


def test_a_command_that_makes_nothing_leaves_no_process_that_was_to_be_forked_from(
    tmp_path: Path,
) -> None:
    (tmp_path / "plan.yaml").write_text("notebook: none\n", "utf-8")
    name, value = "XUNCHA_TEST_MARK", tmp_path.name
    done = call("xuncha", "batch", "plan.yaml", cwd=tmp_path, **{name: value})
    refused(done, 2)
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(name) == value and process.status() != psutil.STATUS_ZOMBIE:
                left.append(process.cmdline())
    assert not left


def test_the_end_of_a_process_that_never_began_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forking.forkserver, "_forkserver", SimpleNamespace(_forkserver_pid=None))
    forking.end()
    monkeypatch.delattr(forking.forkserver, "_forkserver")
    forking.end()
