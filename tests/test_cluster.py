"""The cluster: real scheduler and worker processes on loopback, over TLS, killed in every way."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from commands import Done, call, files, refused, texts
from family import below, killed
from nbformat.v4 import new_code_cell
from pieces import HALF_YEAR_SUMMARY, ROOT

import xuncha_nb
from xuncha_nb import workspace
from xuncha_nb.batch import Limits, jobs, storage
from xuncha_nb.batch.cluster import Cluster
from xuncha_nb.errors import ClusterError, ParameterError, SourceError

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="kills processes as Linux does"),
]

CODES = ("320507", "331124", "500236")
PLACE = "2024H1/half_year_summary"
SECRET = "Pa55-geheim"
PLAN = """
notebook: half_year_summary
period: 2024H1
formats: [html, pdf, docx]
source: SOURCE
counties: ['320507', '331124', '500236']
"""
BIN = Path(sys.executable).parent
#: Has a worker load before the first batch asks.
PRELOAD = ("--preload", "xuncha_nb.batch.station")
#: What is of one run in a manifest, and the seal, which is over these too; all else must be equal.
HOST_FACTS = ("finished", "seconds", "seal")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Machines:
    """A scheduler and its workers."""

    address: str
    environment: dict[str, str]
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]]

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [BIN / "dask", *arguments, "--no-dashboard"],
                stdout=log, stderr=log, cwd=self.folder,
                env=os.environ | self.environment | environment,
            )  # fmt: skip

    def wait_for(self, name: str, text: str) -> None:
        for _ in range(600):
            if text in (self.folder / f"{name}.log").read_text("utf-8", "replace"):
                return
            assert self.processes[name].poll() is None, (self.folder / f"{name}.log").read_text()
            time.sleep(0.1)
        raise AssertionError(f"{name} does not start")

    def worker(
        self, name: str, *options: str, count: int = 1, threads: int = 1, **environment: str
    ) -> None:
        self.start(
            name, "worker", self.address, "--nworkers", str(count), "--nthreads", str(threads),
            "--local-directory", str(self.folder), *options, **environment,
        )  # fmt: skip

    def tree(self) -> list[psutil.Process]:
        """Return scheduler and workers, and all that they started."""
        found = []
        for process in self.processes.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                parent = psutil.Process(process.pid)
                found += [*below(parent, deep=True), parent]
        return found

    def stop(self) -> None:
        for each in self.tree():
            killed(each)
        for process in self.processes.values():
            process.wait(timeout=30)

    def workers(self, name: str) -> list[psutil.Process]:
        """Return the processes that do the work, below their nannies."""
        return below(psutil.Process(self.processes[name].pid), "spawn_main")


def counties(worker: psutil.Process) -> list[psutil.Process]:
    """Return the processes of the counties that a worker is making."""
    return [county for server in below(worker, "forkserver") for county in below(server)]


def cluster(
    folder: Path,
    workers: int,
    environment: Mapping[str, str],
    *options: str,
    threads: int = 1,
) -> Machines:
    kind = "tls" if any("__TLS__" in name for name in environment) else "tcp"
    port = free_port()
    made = Machines(f"{kind}://127.0.0.1:{port}", dict(environment), folder, {})
    made.start("scheduler", "scheduler", "--host", f"{kind}://127.0.0.1", "--port", str(port))
    made.wait_for("scheduler", "Scheduler at")
    if workers:
        made.worker("worker", *options, count=workers, threads=threads)
        for _ in range(600):
            if (folder / "worker.log").read_text().count("Registered to") >= workers:
                break
            time.sleep(0.1)
    return made


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Draw a certificate that scheduler, workers and client share; none without openssl."""
    if shutil.which("openssl") is None:
        return {}
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=xuncha", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    start = "DASK_DISTRIBUTED__COMM__TLS__"
    found = {f"{start}CA_FILE": str(folder / "cert.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        found |= {
            f"{start}{role}__CERT": str(folder / "cert.pem"),
            f"{start}{role}__KEY": str(folder / "key.pem"),
        }
    return found | {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"}


@pytest.fixture(scope="module")
def machines(
    tmp_path_factory: pytest.TempPathFactory, certificates: dict[str, str]
) -> Iterator[Machines]:
    """Start a scheduler and two workers, encrypted."""
    made = cluster(tmp_path_factory.mktemp("machines"), 2, certificates)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a workspace, and run its plan on this machine alone."""
    folder = tmp_path_factory.mktemp("workspace")
    for name in workspace.FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(workspace.samples() / "data", folder / "data")
    (folder / "plan.yaml").write_text(PLAN.replace("SOURCE", "data/{code}.xlsx"), "utf-8")
    done = call("xuncha", "batch", "plan.yaml", "--out", "local", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def comparable(out: Path, *, ignore: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Return every file of a batch, manifests without what is of the run or the machine."""
    found = {}
    for name, content in files(out).items():
        if Path(name).name in (".lock", "batch.jsonl"):
            continue
        if name.endswith("manifest.json"):
            manifest = json.loads(content)
            for key in HOST_FACTS:
                del manifest[key]
            for key in ignore:
                del manifest["inputs"][key]
            content = json.dumps(manifest, sort_keys=True).encode()
        found[name] = content
    return found


def begin(
    machines: Machines, here: Path, out: str, *options: str, plan: str = "plan.yaml"
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [BIN / "xuncha", "batch", plan, "--out", out, "--scheduler", machines.address,
         *options],
        cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        env=os.environ | machines.environment | {"TERM": "dumb", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def until(true: Callable[[], Any], process: subprocess.Popen[str]) -> Any:
    """Wait for something to happen while a process runs."""
    for _ in range(1200):
        if found := true():
            return found
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("does not happen")


# -- a shared folder -------------------------------------------------------------------------


def test_a_killed_worker_costs_its_county_a_retry_and_no_byte(
    machines: Machines, here: Path
) -> None:
    process = begin(machines, here, "killed")
    victim = until(lambda: [w for w in machines.workers("worker") if counties(w)], process)[0]
    lost = counties(victim)
    time.sleep(0.5)
    victim.kill()
    said, told = process.communicate(timeout=300)
    assert process.returncode == 0, told
    assert "完成3个，失败0个" in said
    assert comparable(here / "killed") == comparable(here / "local")
    _, alive = psutil.wait_procs(lost, timeout=5)
    assert not alive, "the county of a killed worker runs on"
    assert not list((here / "killed").rglob(".*.part"))


def test_one_worker_of_many_threads_makes_the_same_bytes(here: Path, tmp_path: Path) -> None:
    """As the README starts it, its fork server killed while it makes several counties."""
    made = cluster(tmp_path, 1, {}, *PRELOAD, threads=3)
    try:
        (worker,) = made.workers("worker")
        assert below(worker, "forkserver"), "it loads before anything is asked of it"
        process = begin(made, here, "threads")
        until(lambda: len(counties(worker)) == 3, process)
        (server,) = below(worker, "forkserver")
        server.kill()
        said, told = process.communicate(timeout=300)
        assert process.returncode == 0, told
        assert "完成3个，失败0个" in said
        assert len(below(worker, "forkserver")) == 1, "one fork server for all threads"
        assert comparable(here / "threads") == comparable(here / "local")
    finally:
        made.stop()


def test_ctrl_c_leaves_nothing_running_on_the_workers(machines: Machines, here: Path) -> None:
    process = begin(machines, here, "stopped")
    until(lambda: [c for w in machines.workers("worker") for c in counties(w)], process)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "再次执行同一命令即从这里继续" in told
    assert "Traceback" not in told
    for _ in range(100):
        if not any(counties(w) for w in machines.workers("worker")):
            break
        time.sleep(0.1)
    else:
        raise AssertionError("a county runs on without its batch")


def with_cell(here: Path, name: str, cell: str) -> None:
    """Add a notebook with one more cell to the workspace, and a plan for it."""
    notebook = nbformat.read(HALF_YEAR_SUMMARY, as_version=4)
    notebook.cells.insert(2, new_code_cell(cell, id="added"))
    nbformat.write(notebook, here / "notebooks" / f"{name}.ipynb")
    text = PLAN.replace("SOURCE", "data/{code}.xlsx").replace("half_year_summary", name)
    (here / f"{name}.yaml").write_text(text, "utf-8")


def test_every_county_is_alone_on_its_worker(machines: Machines, here: Path) -> None:
    cell = (
        "import os, signal, xuncha_nb\n"
        "assert not hasattr(xuncha_nb, 'leak'), 'leaked'\n"
        "xuncha_nb.leak = 1\n"
        f"if county == '{CODES[0]}': os.kill(os.getpid(), signal.SIGKILL)\n"
        f"if county == '{CODES[1]}': raise RuntimeError('stopp')"
    )
    with_cell(here, "alone", cell)
    text = (here / "alone.yaml").read_text("utf-8")
    (here / "alone.yaml").write_text(text.replace(", '500236'", ""), "utf-8")
    workers = machines.workers("worker")
    process = begin(machines, here, "alone", plan="alone.yaml")
    _, told = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "320507 相城区 失败：第4个单元格：执行中断" in told
    assert "331124 松阳县 失败：笔记本 alone.ipynb 第4个单元格执行失败：RuntimeError: stopp" in told
    assert machines.workers("worker") == workers, "no worker died"
    for code in CODES[:2]:
        partial = here / "alone" / "2024H1" / "alone" / "failed" / code / "report.ipynb"
        assert str(here) not in partial.read_text("utf-8")
        assert sys.prefix not in partial.read_text("utf-8")
    kept = set(files(here / "alone" / "2024H1" / "alone" / "failed"))
    assert kept == {f"{c}/{name}" for c in CODES[:2] for name in ("reason.txt", "report.ipynb")}
    log = (here / "alone" / "2024H1" / "alone" / "batch.jsonl").read_text("utf-8").splitlines()
    attempts = {e["code"]: e["attempts"] for e in map(json.loads, log) if e["event"] == "failed"}
    assert attempts == {CODES[0]: Limits().attempts, CODES[1]: 1}


def test_workers_that_do_not_see_the_folder_are_named(machines: Machines, here: Path) -> None:
    import dask.config
    import distributed  # loads the defaults that the certificates are set beside

    assert distributed
    made = jobs(here / "plan.yaml", here / "unseen")
    made = [replace(job, base=Path("/nirgends")) for job in made]
    made[0].folder.parent.mkdir(parents=True)
    told = dask.config.collect_env(machines.environment)
    settings = dask.config.merge(dask.config.global_config, told)
    with dask.config.set(settings), pytest.raises(ClusterError, match=r"看不到.*t(cp|ls)://"):
        list(Cluster(machines.address, Limits()).run(made))
    assert not list((here / "unseen").rglob("*.part"))


# -- addresses -------------------------------------------------------------------------------


@pytest.fixture
def ftp(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Start an FTP server; yield its address, with a password, and the folder behind it."""
    folder, port = tmp_path / "ftp", free_port()
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", str(port),
         "-w", "-d", folder, "-u", "clerk", "-P", SECRET],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.05)
    yield f"ftp://clerk:{SECRET}@127.0.0.1:{port}", folder
    process.kill()
    process.wait()


def absolute_plan(here: Path) -> Path:
    """Run the plan with absolute paths, which is what an address comes nearest to."""
    out = here / "absolute"
    if not out.exists():
        source = f"{here}/data/{{code}}.xlsx"
        (here / "absolute.yaml").write_text(PLAN.replace("SOURCE", source), "utf-8")
        done = call("xuncha", "batch", "absolute.yaml", "--out", "absolute", cwd=here)
        assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("where", ["cluster", pytest.param("this machine", marks=pytest.mark.slow)])
def test_addresses_give_the_same_bytes_and_tell_no_password(
    machines: Machines, here: Path, ftp: tuple[str, Path], where: str, tmp_path: Path
) -> None:
    address, folder = ftp
    shutil.copytree(here / "data", folder / "data")
    # The plan lies where no worker sees it: notebook and parameters travel.
    mine = tmp_path / "mine"
    for name in workspace.FOLDERS:
        shutil.copytree(here / name, mine / name)
    (mine / "plan.yaml").write_text(
        PLAN.replace("SOURCE", f"{address}/data/{{code}}.xlsx"), "utf-8"
    )
    options = ("--scheduler", machines.address) if where == "cluster" else ()

    def run() -> Done:
        return call(
            "xuncha", "batch", "plan.yaml", "--out", f"{address}/out", *options,
            cwd=mine, **machines.environment,
        )  # fmt: skip

    done = run()
    assert done.returncode == 0, done.stderr
    ignore = ("fingerprint",)  # the address is a parameter
    expected = comparable(absolute_plan(here), ignore=ignore)
    assert comparable(folder / "out", ignore=ignore) == expected
    again = run()
    assert "其中3个没有变化" in again.stdout, again.stderr
    (folder / "out" / PLACE / "331124" / "report.html").write_bytes(b"torn")
    (folder / "data" / "500236.xlsx").unlink()
    third = run()
    assert third.returncode == 1
    assert re.search(r"500236 奉节县 失败：ftp://.*文件不存在", third.stderr)
    kept = comparable(folder / "out", ignore=ignore)
    assert {n: c for n, c in kept.items() if n.startswith(f"{PLACE}/3")} == {
        n: c for n, c in expected.items() if n.startswith(f"{PLACE}/3")
    }
    assert f"{PLACE}/500236/report.pdf" in kept, "the last good report stays"
    assert not [name for name in kept if name.endswith((".part", ".old"))]
    log = [json.loads(x) for x in (folder / "out" / PLACE / "batch.jsonl").read_text().splitlines()]
    assert [x["event"] for x in log if x["event"] in ("begin", "end")] == ["begin", "end"] * 3
    told = [x for d in (done, again, third) for x in (d.stdout, d.stderr)]
    told += [
        text for path in (folder / "out").rglob("*") if path.is_file() for _, text in texts(path)
    ]
    assert not any(SECRET in text or "clerk" in text for text in told)


def test_an_address_that_does_not_answer_is_one_line(here: Path) -> None:
    address = f"ftp://clerk:{SECRET}@127.0.0.1:{free_port()}"
    told = refused(call("xuncha", "batch", "plan.yaml", "--out", f"{address}/out", cwd=here), 2)
    assert "连接不上" in told
    assert SECRET not in told
    with pytest.raises(SourceError, match="连接不上"):
        storage.fetch(f"{address}/data/331124.xlsx", "331124", here / "fetched")


def test_an_unknown_kind_of_address_is_refused() -> None:
    with pytest.raises(ParameterError, match="不认识 foo://"):
        storage.place("foo://host/out")
    assert storage.place("file:///srv/out") == Path("/srv/out")
    assert storage.place("outputs") == Path("outputs")
    assert not storage.is_address("C:/data/331124.xlsx")
    assert not storage.is_address("postgresql://host/db")


def test_a_failed_delivery_leaves_the_last_report(tmp_path: Path) -> None:
    """In fsspec's memory, where every step can be made to fail."""
    target: Any = storage.place(f"memory://{tmp_path.name}/out/331124")
    made = tmp_path / "made"
    made.mkdir()
    (made / "report.html").write_text("neu", "utf-8")
    (made / "manifest.json").write_text("{}", "utf-8")
    target.fs.pipe_file(f"{target.path}/report.html", b"alt")
    true_put, sent = target.fs.put_file, []

    def failing(source: str, to: str) -> None:
        sent.append(Path(source).name)
        if source.endswith("manifest.json"):
            raise OSError("away")
        true_put(source, to)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target.fs, "put_file", failing)
        with pytest.raises(storage.UnreachableError):
            storage.deliver(made, target)
    assert sent == ["report.html", "manifest.json"], "the manifest is the last word"
    assert target.fs.cat_file(f"{target.path}/report.html") == b"alt"
    assert target.fs.ls(str(target.parent.path), detail=False) == [str(target.path)]
    storage.deliver(made, target)
    assert target.fs.cat_file(f"{target.path}/report.html") == b"neu"
    assert not target.fs.exists(f"{target.parent.path}/.331124")


# -- clusters that are not right ---------------------------------------------------------------


def other_version(folder: Path) -> str:
    """Make a package of another version; return the path that a worker finds it in first."""
    source = Path(xuncha_nb.__file__).parent
    made = folder / "other" / "xuncha_nb"
    made.mkdir(parents=True)
    for path in source.iterdir():
        if path.name != "__init__.py":
            (made / path.name).symlink_to(path)
    text = (source / "__init__.py").read_text("utf-8")
    changed = text.replace(f'"{xuncha_nb.__version__}"', '"0.0.1"')
    assert changed != text
    (made / "__init__.py").write_text(changed, "utf-8")
    return str(made.parent)


def test_a_scheduler_that_is_gone_and_workers_that_do_not_fit(here: Path, tmp_path: Path) -> None:
    """One cluster's whole life, in the order in which things go wrong."""
    made = cluster(tmp_path, 0, {})
    try:
        told = refused(begin_and_wait(made, here, "gone"), 2)
        assert f"调度器没有工作节点，请在各机器上执行 dask worker {made.address}" in told

        made.worker("old", PYTHONPATH=other_version(tmp_path))
        made.wait_for("old", "Registered to")
        told = refused(begin_and_wait(made, here, "gone"), 2)
        assert len(told.splitlines()) == 1
        assert "1个工作节点与本机版本不同" in told
        assert re.search(r"tcp://127\.0\.0\.1:\d+（xuncha_nb 应为 \S+，实为 0\.0\.1", told)
        old = psutil.Process(made.processes["old"].pid)
        for each in [*below(old, deep=True), old]:
            killed(each)

        made.worker("worker")
        made.wait_for("worker", "Registered to")
        process = begin(made, here, "gone", "--quiet")
        until(lambda: (here / "gone" / PLACE / CODES[0] / "manifest.json").exists(), process)
        made.processes["scheduler"].kill()
        _, told = process.communicate(timeout=60)
        assert process.returncode == 2
        (line,) = told.splitlines()
        assert "与 Dask 调度器失去联系，已完成的县不受影响" in line
    finally:
        made.stop()
    told = refused(begin_and_wait(made, here, "gone"), 2)
    assert "连接不上 Dask 调度器" in told
    done = call("xuncha", "batch", "plan.yaml", "--out", "gone", cwd=here)
    assert re.search(r"完成3个（其中[12]个没有变化，未重做）", done.stdout), done.stdout
    assert comparable(here / "gone") == comparable(here / "local")


@pytest.mark.slow
def test_a_late_worker_of_another_version_is_sent_away(here: Path, tmp_path: Path) -> None:
    with_cell(here, "late", "import time\ntime.sleep(6)")
    made = cluster(tmp_path, 1, {})
    try:
        process = begin(made, here, "late", plan="late.yaml")
        until(lambda: [c for w in made.workers("worker") for c in counties(w)], process)
        made.worker("old", PYTHONPATH=other_version(tmp_path))
        said, told = process.communicate(timeout=300)
        assert process.returncode == 0, told
        assert "完成3个，失败0个" in said
        (line,) = (text for text in told.splitlines() if "后加入" in text)
        assert "xuncha_nb 应为" in line
        assert "实为 0.0.1" in line
        made.processes["old"].wait(timeout=30)
    finally:
        made.stop()


def begin_and_wait(machines: Machines, here: Path, out: str) -> Done:
    process = begin(machines, here, out)
    said, told = process.communicate(timeout=120)
    return Done(process.args, process.returncode, said, told)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:8786", "应为 tcp://主机:端口"),
        ("tcp://127.0.0.1:99999", "应为 tcp://主机:端口"),
        ("tls://127.0.0.1:8786", "没有设置 TLS 证书"),
    ],
)
def test_a_wrong_address_of_a_scheduler_is_refused(address: str, told: str) -> None:
    with pytest.raises(ClusterError, match=told):
        Cluster(address, Limits())
