"""What a terminal shows while a batch runs, looked at as a terminal draws it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import psutil
import pyte
import pytest
from family import below
from rich.console import Console
from terminal import Terminal
from test_executor import PLACE, workspace_with

from xuncha_nb.batch import Outcome, progress
from xuncha_nb.errors import SourceError

NAMES = {"320507": "相城区", "331124": "松阳县", "500236": "奉节县", "110111": "房山区"}


def drawn(stream: io.StringIO, columns: int) -> list[str]:
    """Return what a terminal shows after everything that was written to it."""
    screen = pyte.Screen(columns, 24)
    pyte.Stream(screen).feed(stream.getvalue().replace("\n", "\r\n"))
    return [line.rstrip() for line in screen.display if line.strip()]


@pytest.mark.parametrize("columns", [80, 120])
def test_the_bar_tells_pace_time_left_failures_and_who_is_being_made(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=columns, legacy_windows=False)
    said: list[str] = []
    with progress.Show(NAMES, "bar", said.append, said.append, console) as show:
        show.running(("320507", "331124"))
        (line,) = drawn(stream, columns)
        assert line.endswith("0/4 准备中 失败0 正在出 相城区、松阳县")
        now[0] += 30
        show.ended(Outcome("320507", "相城区"))
        show.running(("331124", "500236"))
        (line,) = drawn(stream, columns)
        assert line.endswith("1/4 每分钟2个 剩余约1分30秒 失败0 正在出 松阳县、奉节县")
        reason = "data/331124.xlsx：不能作为 Excel 工作簿打开（ZipError），" + "请另存" * 20
        show.ended(Outcome("331124", "松阳县", SourceError(reason)))
        *told, line = drawn(stream, columns)
        assert "".join(told) == f"[2/4] 331124 松阳县 失败：{reason}", "whole, above the bar"
        assert "2/4" in line
        assert "失败1" in line
        show.running(tuple(NAMES))
        assert drawn(stream, columns)[-1].endswith("等4个")
        now[0] += 45
        show.ended(Outcome("500236", "奉节县"))
        show.ended(Outcome("110111", "房山区"))
    assert drawn(stream, columns)[-1].endswith("4/4 用时1分15秒 失败1")
    assert all(len(line) <= columns for line in drawn(stream, columns))
    assert not said, "the bar has it all"


@pytest.mark.parametrize(
    ("variables", "terminal", "quiet", "how"),
    [
        ({"TERM": "xterm"}, True, False, "bar"),
        ({"TERM": "xterm"}, False, False, "lines"),
        ({}, False, False, "quiet"),
        ({"TERM": "xterm"}, True, True, "quiet"),
    ],
)
def test_how_to_show_follows_where(
    variables: dict[str, str],
    terminal: bool,
    quiet: bool,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    assert progress.manner(quiet) == how


@pytest.mark.kernel
@pytest.mark.skipif(sys.platform != "linux", reason="a pseudo-terminal as Linux has it")
def test_ctrl_c_twice_stops_cleanly_and_says_how_to_go_on(tmp_path: Path) -> None:
    here = workspace_with(tmp_path, "import time\ntime.sleep(60)")
    xuncha = Path(sys.executable).with_name("xuncha")
    window = Terminal([xuncha, "batch", "plan.yaml", "--out", "out", "--workers", "2"], here)
    window.until(lambda: "正在出 " in window.text)
    window.read(0.5)
    everyone = below(psutil.Process(window.process.pid), deep=True)
    assert everyone
    window.press_ctrl_c()
    window.read(0.02)
    window.press_ctrl_c()
    assert window.wait() == 130
    assert "已停止：完成0个，还有3个；再次执行同一命令即从这里继续。" in window.text
    assert "Traceback" not in window.text
    assert "KeyboardInterrupt" not in window.text
    _, alive = psutil.wait_procs(everyone, timeout=5)
    assert not alive, "nothing runs on unseen"
    folder = here / "out" / PLACE
    assert {p.name for p in folder.iterdir()} == {
        ".lock",
        "batch.jsonl",
        "index.html",
        "summary.csv",
    }
