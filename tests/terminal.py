"""A terminal for tests: a command behind a pseudo-terminal, and what its screen shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte


class Terminal:
    """A command as a user runs it in a window; every screen it showed is kept.

    Parameters
    ----------
    command : list of str or Path
    cwd : Path
    columns, lines : int
        Size of the window.
    """

    def __init__(
        self, command: list[str | Path], cwd: Path, columns: int = 100, lines: int = 24
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.seen: list[str] = []
        self._handle, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

        def take_terminal() -> None:
            os.setsid()  # a process group of its own, as a shell gives a job
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command, cwd=cwd, stdin=there, stdout=there, stderr=there, preexec_fn=take_terminal,
            env=os.environ | {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        os.close(there)

    def read(self, seconds: float) -> None:
        """Take in what the command writes for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not select.select([self._handle], [], [], 0.05)[0]:
                continue
            try:
                self._stream.feed(os.read(self._handle, 65536))
            except OSError:
                return  # the other side is closed
            if not self.seen or self.seen[-1] != self.text:
                self.seen.append(self.text)

    @property
    def text(self) -> str:
        """What the screen shows."""
        # A wide character takes two columns, of which pyte leaves the second one empty.
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def until(self, true: Callable[[], object], seconds: float = 120) -> None:
        """Read until something holds."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.text
            assert self.process.poll() is None, self.text
            self.read(0.1)

    def press_ctrl_c(self) -> None:
        """Press Ctrl-C: the terminal sends the signal to the whole group in the foreground."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self, seconds: float = 120) -> int:
        """Read until the command ends; return its exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, self.text
            self.read(0.1)
        self.read(0.3)
        os.close(self._handle)
        return self.process.returncode
