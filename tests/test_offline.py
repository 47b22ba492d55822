"""The whole job without a network, and servers that listen to this machine alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from browser import launched, needs_browser
from browser import opened as opened_file
from browsing import opened, served
from commands import xuncha
from family import below
from offline import Guard, namespace

XUNCHA = str(Path(sys.executable).with_name("xuncha"))
TITLE = "半年总结和下半年计划"
PLACE = "2024H1/half_year_summary"
#: Of JupyterLab: what would ask for news, for a newer version, for extensions.
ASKING = ("/lab/api/news", "/lab/api/update", "/lab/api/extensions", "/api/terminals")


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    return Guard(tmp_path_factory.mktemp("guard"))


def cut_off(guard: Guard, cwd: Path, *arguments: str) -> str:
    """Run a command where there is no network; return what it said."""
    done = subprocess.run(
        [*namespace(), XUNCHA, *arguments], cwd=cwd, capture_output=True, encoding="utf-8",
        timeout=180, env=os.environ | {"TERM": "dumb"} | guard.environment,
    )  # fmt: skip
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, guard: Guard) -> Path:
    """Do the whole job: from an empty folder to a batch, its index and a roll-up."""
    here = tmp_path_factory.mktemp("job")
    cut_off(guard, here, "init", "w")
    work = here / "w"
    cut_off(guard, work, "template", "空白.xlsx")
    cut_off(guard, work, "sample", "s", "--counties", "2")
    plan = work / "s" / "plan.yaml"
    text = plan.read_text("utf-8")
    period = next(line.split()[1] for line in text.splitlines() if line.startswith("period:"))
    cut_off(guard, work, "check", "s/data", "--period", period)
    cut_off(guard, work, "batch", "s/plan.yaml", "--out", "outputs")
    cut_off(guard, work, "run", "parameters/half_year_summary.yaml")
    asked = f"county: 全国\nperiod: {period}\nsource: outputs\n"
    (work / "city_rollup.yaml").write_text(asked, "utf-8")
    cut_off(guard, work, "run", "city_rollup.yaml", "--formats", "html")
    set_ = ("--set", "talks_person_times@十三届-7=240", "--reason", "补录", "--author", "综合科")
    cut_off(guard, work, "adjust", "parameters/half_year_summary.yaml", *set_)
    return work


def test_the_whole_job_needs_no_network(job: Path, guard: Guard) -> None:
    made = {p.name for p in job.rglob("outputs/**/report.*")}
    assert made == {"report.html", "report.pdf", "report.docx", "report.ipynb"}
    assert list(job.rglob("index.html"))
    assert list(job.rglob("city_rollup/*/report.html"))
    assert (job / "parameters" / "adjustments" / "331124" / "2024H1.yaml").is_file()
    assert guard.noted() == []


def test_the_guard_would_have_noticed(tmp_path: Path) -> None:
    guard = Guard(tmp_path)
    code = "import urllib.request; urllib.request.urlopen('http://10.1.2.3/x', timeout=1)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=os.environ | guard.environment, capture_output=True)
    assert b"nothing here may reach for a network" in done.stderr
    assert guard.noted()
    if namespace():
        code = "import socket; socket.create_connection(('10.1.2.3', 80), 1)"
        done = subprocess.run([*namespace(), sys.executable, "-c", code], capture_output=True)
        assert b"unreachable" in done.stderr


@needs_browser
@pytest.mark.browser
def test_the_pages_of_the_job_ask_for_nothing(job: Path) -> None:
    pages = [next(job.rglob("report.html")), next(job.rglob("index.html"))]
    with launched() as browser:
        for page in pages:
            with opened_file(browser, page) as shown:  # refuses any request but the page itself
                shown.wait_for_timeout(300)


# -- servers --------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["lab", "app"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, guard: Guard
) -> Iterator[tuple[str, str]]:
    """Start a server under the guard; give its command and its address with the token."""
    here = tmp_path_factory.mktemp(request.param)
    assert xuncha("init", "w", cwd=here).returncode == 0
    with pytest.MonkeyPatch.context() as patch:
        for name, value in guard.environment.items():
            patch.setenv(name, value)
        with served(request.param, here / "w") as address:
            yield request.param, address


def connections() -> Iterator[Any]:
    """Yield the connections of every process below this one but the browser's."""
    for process in below(psutil.Process(), deep=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "chrom" not in process.name() and "node" not in process.name():
                yield from process.net_connections("inet")


def test_a_server_listens_to_this_machine_alone(server: tuple[str, str]) -> None:
    listening = {c.laddr.ip for c in connections() if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def answer(url: str) -> int:
    """Return the status of a request, after no redirect."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        with urllib.request.build_opener(Stay).open(url, timeout=20) as got:
            return int(got.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_without_its_token_a_server_gives_nothing(server: tuple[str, str]) -> None:
    command, address = server
    base, token = address.partition("?token=")[::2]
    root = "/".join(base.split("/")[:3])
    assert len(token) >= 48
    paths = {
        "lab": (
            "/lab",
            "/api/contents",
            "/api/kernels",
            "/files/notebooks/half_year_summary.ipynb",
        ),
        "app": ("/voila/tree", "/voila/render/half_year_summary.ipynb", "/voila/files/x"),
    }[command]
    for path in paths:
        for suffix in ("", "?token=", f"?token={'0' * 48}"):
            assert answer(f"{root}{path}{suffix}") in (302, 401, 403, 404, 405), path + suffix
    assert answer(f"{root}{paths[0]}?token={token}") == 200


@needs_browser
@pytest.mark.browser
@pytest.mark.slow  # that the pages ask nobody else, tests/test_browser.py holds with every run
def test_a_document_on_a_server_asks_nobody_else(server: tuple[str, str], guard: Guard) -> None:
    outside: list[str] = []
    asked: list[str] = []
    with launched() as browser:
        page = opened(browser, server[1], TITLE, outside, asked.append)
        page.wait_for_timeout(3000)
        away = [c for c in connections() if c.raddr and not c.raddr.ip.startswith("127.")]
        page.close()
    assert outside == []
    assert not [url for url in asked if any(path in url for path in ASKING)]
    assert len(asked) > 10
    assert away == []
    assert guard.noted() == []
